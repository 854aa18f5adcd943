/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times as estimators go through them: rows, or groups of rows that hardly differ, with how many they stand for. */
#ifndef TESTUDO_FIT_LAWS_ROWS_H
#define TESTUDO_FIT_LAWS_ROWS_H


#include "base/arena.h"
#include "fit/laws/laws.h"

/* Some times with weights: those of all rows, the same from a shift on, or as far as they belong to a part of a
   mixture. The first `exact` ended then, those from there to `all` lasted at least that long. */
typedef struct testudo_i_fit_points {
  int64_t exact, all;
  const double *time, *log, *weight; /* log: of the time over a unit, whose logarithm is .. */
  double unit;
  double *work;                      /* `all` numbers to work with */
} testudo_i_fit_points;

/* Rows and what one thread needs to fit a law to them. */
typedef struct testudo_i_fit_rows {
  int64_t exact, all, room;
  double *time, *log, *weight; /* both parts ascending; log: of time over the least */
  double ended, total;         /* rows that are exact, and all */
  double least, mean;          /* of the exact ones */
  double log_spread;           /* standard deviation of their logarithms */
  double grain;                /* the smallest step between different times */
  double *work, *shifted, *shifted_log, *part_weight[2], *part_log[2]; /* `room` numbers each */
  testudo_i_arena arena;
} testudo_i_fit_rows;

/* Room for so many. */
TESTUDO_CHECKED testudo_status testudo_i_fit_rows_make(testudo_i_fit_rows *rows, int64_t room, testudo_error *error);
void testudo_i_fit_rows_clear(testudo_i_fit_rows *rows);

/* Takes the samples in, equal ones as one; where there are more than that room, also those that hardly differ. */
void testudo_i_fit_rows_fill(testudo_i_fit_rows *rows, const testudo_i_fit_samples *samples);

/* Groups that are kept of any number of rows. */
#define TESTUDO_I_FIT_GROUPS 20000

testudo_i_fit_points testudo_i_fit_rows_points(const testudo_i_fit_rows *rows);

#endif
