/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long iterations take that wait for all workers, or for all but one: measured, and predicted. */
#ifndef TESTUDO_FIT_STRUCTURE_PREDICT_H
#define TESTUDO_FIT_STRUCTURE_PREDICT_H

#include <testudo/fit.h>

#include "fit/structure/cells.h"

/* What a worker's chunks are drawn from, in seconds at rate 1. */
typedef struct testudo_i_draws {
  testudo_structure structure;
  const testudo_law *law, *chunk_law;   /* X or Z, and E of structure mixed; or .. */
  const double *pool;                   /* .. values that are all as likely, for X */
  int64_t pooled;
  const double *chunk_pool;             /* the same for E; NULL: by chunk_law */
  int64_t chunk_pooled;
  const double *rates;                  /* of each worker; NULL: all 1 */
  testudo_slow_state slow;              /* the stationary share of slow workers */
  double startup;                       /* seconds before the first chunk, not divided by the rate; or .. */
  const testudo_law *startup_law;       /* .. its law, or .. */
  const double *startup_pool;           /* .. values that are all as likely */
  int64_t startup_pooled;
} testudo_i_draws;

/* Of the iterations in which all workers have rows and none is censored; NAN where there are fewer than two. Intervals
   of 95 % by Student's t, widened where neighbouring iterations hang together. slowest: the slowest worker's seconds in
   each of them, room for all iterations. O(rows). */
testudo_fit_times testudo_i_times_measured(const testudo_i_cells *cells, double *slowest);

/* Of iterations in which every worker does as many chunks as in the trace (a draw from its iterations), simulated until
   some 5 10^6 chunks have been drawn: `error`s are standard errors. The same for the same seed. Means that do not exist
   (tails no lighter than 1/x) are HUGE_VAL. */
TESTUDO_CHECKED testudo_status testudo_i_times_predicted(const testudo_i_cells *cells, const testudo_i_draws *draws,
                                                         uint64_t seed, testudo_fit_times *times,
                                                         testudo_error *error);

#endif
