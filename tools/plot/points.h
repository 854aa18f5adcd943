/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points of a sweep or of a store: curves over a parameter, and fronts. */
#ifndef TOOLS_PLOT_POINTS_H
#define TOOLS_PLOT_POINTS_H

#include "explore/explore.h"
#include "figure/figure.h"

/* Rows are lent by the document, or owned by `stored`. */
typedef struct drawn_points {
  explore_row *row;
  size_t count;
  int64_t skipped; /* combinations of a sweep's options that its commands refused */
  explore_rows stored;
  testudo_i_arena arena;
} drawn_points;

TESTUDO_CHECKED testudo_status points_read(drawn_points *points, const testudo_i_json_document *document,
                                           testudo_error *error);
/* Is it the CSV file of a sweep, or export of a store? Its document for points_read is that of "points",
   explore_row_fields (fields_read_csv). */
bool points_begins_csv(const char *bytes, size_t length);
TESTUDO_CHECKED testudo_status points_read_store(drawn_points *points, const char *path, testudo_error *error);
void points_clear(drawn_points *points);

/* What is drawn: names of numbers or of options; lists with commas. */
typedef struct points_request {
  const char *x, *y, *by; /* NULL: by what there is */
  bool front;             /* points instead of curves, and of each line's those that no other beats in both */
  const char *name;       /* of the file */
} points_request;
/* What the user should know of it. */
typedef struct points_notes {
  const char *scattered; /* options that points of one line at one x differ in, so that it is no line; NULL: none */
  size_t unseen;         /* points whose number is infinite or not known */
} points_notes;
TESTUDO_CHECKED testudo_status points_figure(const drawn_points *points, const points_request *request, figure *f,
                                             points_notes *notes, testudo_error *error);

#endif
