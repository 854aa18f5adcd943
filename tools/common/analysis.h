/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The analysis of a cluster, gathered once, then written as JSON or text. */
#ifndef TOOLS_COMMON_ANALYSIS_H
#define TOOLS_COMMON_ANALYSIS_H

#include <stdio.h>

#include <testudo/sample.h>

#include "common/cluster.h"
#include "json/write.h"

enum { ANALYSIS_CURVE = 201 }; /* points of the distribution curve */

typedef struct cli_analysis {
  const cli_cluster *cluster;
  bool exact;
  bool has_error;                /* the expected error is known; else it is simulated only, or not built */
  const char *method;            /* lent by the latency */
  testudo_summary summary;
  double *quantile_lower, *quantile_upper; /* one per cluster->quantiles */
  double *time, *lower, *upper;  /* the curve of P(T <= t) */
  int64_t error_count;
  double *error_time, *mse;
  testudo_i_arena arena;         /* of the lists */
} cli_analysis;

/* The options of testudo_latency_create that the command line sets. */
testudo_analysis_options analysis_options(const cli_cluster *cluster, const cli_arguments *arguments,
                                          const testudo_monitor *monitor);
extern const cli_option analysis_own_options[]; /* --max-states */

TESTUDO_CHECKED testudo_status analysis_make(cli_analysis *analysis, const cli_cluster *cluster,
                                             testudo_latency *latency, testudo_error *error);

/* Members "latency" and "error" of the object that is open, both or one; and the same as text. */
void analysis_put(testudo_i_json_writer *writer, const cli_analysis *analysis);
void analysis_put_latency(testudo_i_json_writer *writer, const cli_analysis *analysis);
void analysis_print(FILE *stream, const cli_analysis *analysis);
void analysis_print_latency(FILE *stream, const cli_analysis *analysis);

/* The expected time by both roads, in a line without an end: "bounds [a, b], simulated x +- its standard error". */
void summary_print_mean(FILE *stream, const testudo_summary *summary, const testudo_simulation *simulation);

#endif
