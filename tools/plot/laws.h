/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the completion time, of one result or of many, in one figure. */
#ifndef TOOLS_PLOT_LAWS_H
#define TOOLS_PLOT_LAWS_H

#include "compare/compare.h"
#include "figure/figure.h"
#include "json/read.h"
#include "plot/curves.h"

/* The words of --show; curve and front are of points (points.h), loss and bits of results of sgd (losses.h). */
typedef enum law_picture { SHOW_LAW, SHOW_SURVIVAL, SHOW_ERROR, SHOW_CURVE, SHOW_FRONT, SHOW_LOSS,
                           SHOW_BITS } law_picture;
#define SHOW_WORDS "law survival error curve front loss bits"

/* Names are lent by documents, comparisons or the arena. */
typedef struct drawn_law {
  const char *file, *name, *delay; /* of the picture's reader to tell them apart by */
  const char *label;               /* the user's; NULL: by what they differ in */
  const char *command;             /* that made the result; NULL: not known */
  const char *how, *error_how;     /* "exact", "bounds", "simulated", .. */
  bool reference, discrete, exact; /* exact: not of trials */
  bool with_last;                  /* the same thing as the law before: its simulation, where that is only bounded */
  cdf_result cdf, tail;
  cli_list error_time, error;
  double mean;
} drawn_law;

typedef struct drawn_laws {
  drawn_law *law;
  size_t count, room;
  testudo_i_arena arena;
} drawn_laws;

/* Of a result of analyze, simulate or validate: one law, or both. */
TESTUDO_CHECKED testudo_status laws_add_result(drawn_laws *laws, const testudo_i_json_document *document,
                                               testudo_error *error);
/* Of the rows of a comparison. */
TESTUDO_CHECKED testudo_status laws_add_comparison(drawn_laws *laws, const cli_comparison *comparison,
                                                   bool references, const char *name, testudo_error *error);
TESTUDO_CHECKED testudo_status laws_add_comparison_file(drawn_laws *laws, const testudo_i_json_document *document,
                                                        bool references, testudo_error *error);
void laws_clear(drawn_laws *laws);

/* The figure of them; the axes' bounds and scales may be set already, by the user. */
TESTUDO_CHECKED testudo_status laws_figure(const drawn_laws *laws, law_picture show, figure *f, testudo_error *error);

/* The picture of `compare --plot`. */
TESTUDO_CHECKED testudo_status draw_comparison(cli_plot *plot, const cli_comparison *comparison, bool references,
                                               testudo_error *error);

#endif
