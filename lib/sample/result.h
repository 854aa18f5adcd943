/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTUDO_SAMPLE_RESULT_H
#define TESTUDO_SAMPLE_RESULT_H

#include <testudo/sample.h>

#include "sample/kept/times.h"
#include "sample/moments.h"

/* Takes over the times of all trials: the finite ones, sorted, or their sketch, and how many are not. */
TESTUDO_CHECKED testudo_status testudo_i_result_take(testudo_simulation *found, testudo_i_times *times,
                                                     testudo_error *error);

/* Mean and spread of those times. */
void testudo_i_result_moments(testudo_simulation *found, const testudo_i_moments *moments);

/* The least rank k >= 1 with k / count >= q. */
double testudo_i_result_rank(double q, double count);

#endif
