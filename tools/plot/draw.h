/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pictures, one per kind of input. Each writes a gnuplot script. */
#ifndef TOOLS_PLOT_DRAW_H
#define TOOLS_PLOT_DRAW_H

#include <testudo/design.h>

#include "compare/compare.h"
#include "delay/model.h"
#include "json/read.h"
#include "figure/gnuplot.h"

/* Results of analyze, simulate and validate: the law of the completion time above, the error against time below. */
TESTUDO_CHECKED testudo_status draw_result(cli_plot *plot, const testudo_i_json_document *document,
                                           testudo_error *error);

/* `fit`, a result of fit or that member of a delay file: the empirical law and the fitted ones, and their tails. */
TESTUDO_CHECKED testudo_status draw_fit(cli_plot *plot, const testudo_i_json_document *document,
                                        const testudo_i_json_value *fit, testudo_error *error);

/* A result of stragglers: mean and worst error by the number of stragglers. */
TESTUDO_CHECKED testudo_status draw_stragglers(cli_plot *plot, const testudo_i_json_document *document,
                                               testudo_error *error);

/* A result of sgd: the loss of its methods against time and against the bits sent. */
TESTUDO_CHECKED testudo_status draw_sgd(cli_plot *plot, const testudo_i_json_document *document, testudo_error *error);

/* A trace: times in the order they were measured, and their empirical law. */
TESTUDO_CHECKED testudo_status draw_trace(cli_plot *plot, const testudo_i_trace *trace, const char *name,
                                          testudo_error *error);

/* The order table of a design: workers across, places down, chunk by colour; `mark`: all places of this chunk stand
   out, -1: none. */
void draw_order(cli_plot *plot, const testudo_design *design, int32_t mark);

/* One iteration of a design: a bar per worker and chunk against time, up to the completion. The cluster holds the
   design, the delay model and the seed. */
TESTUDO_CHECKED testudo_status draw_timeline(cli_plot *plot, const cli_cluster *cluster, testudo_error *error);

#endif
