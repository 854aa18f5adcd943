/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The times of trials as they come, in the order of the trials: all of them, or beyond TESTUDO_SKETCHED_BEYOND a
   sketch. */
#ifndef TESTUDO_SAMPLE_KEPT_TIMES_H
#define TESTUDO_SAMPLE_KEPT_TIMES_H

#include "sample/kept/sketch.h"

typedef struct testudo_i_times {
  const testudo_simulation_options *options; /* lent */
  double *time;           /* the first `held` of them; behind these there is room for those that are drawn */
  size_t room;
  int64_t trials, held;   /* all, unless there is a sketch: then those that are still to be decoded */
  testudo_sketch *sketch; /* of all; NULL: `time` has them */
} testudo_i_times;

void testudo_i_times_clear(testudo_i_times *times); /* fine on a zeroed one */

/* Room for that of the `trials` that will be held at once. */
TESTUDO_CHECKED testudo_status testudo_i_times_expect(testudo_i_times *times, int64_t trials, testudo_error *error);

/* Room for `count` times behind those that are held. */
TESTUDO_CHECKED testudo_status testudo_i_times_room(testudo_i_times *times, int64_t count, testudo_error *error);

/* The next ones, which may lie in that room. */
TESTUDO_CHECKED testudo_status testudo_i_times_take(testudo_i_times *times, const double *from, int64_t count,
                                                    testudo_error *error);

#endif
