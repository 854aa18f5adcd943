/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of very many times in memory that does not grow with them: how many lie in each of 2^14 equal parts of every
   interval [2^e, 2^(e+1)), and the least and the most of these. So every order statistic is known to within 2^-14 of
   itself, and exactly where a part holds times that are all alike (docs/theory/trials.md#more-than-107-trials). Counts
   do not depend on the order in which times come. */
#ifndef TESTUDO_SAMPLE_KEPT_SKETCH_H
#define TESTUDO_SAMPLE_KEPT_SKETCH_H

#include <testudo/sample.h>

#define TESTUDO_I_SKETCH_BITS 14

/* What an order statistic, or a time of the sketch, is off by at most, over itself. */
#define TESTUDO_I_SKETCH_ERROR 0x1p-14

/* Times by[0..by_count-1] (copied), at which counts and means stay exact. */
TESTUDO_CHECKED testudo_status testudo_i_sketch_create(const double *by, int64_t by_count, testudo_sketch **sketch,
                                                       testudo_error *error);
void testudo_i_sketch_free(testudo_sketch *sketch); /* NULL: nothing */

/* More times >= 0; HUGE_VAL where there is none. Some nanoseconds each, and some more for each of `by`. */
TESTUDO_CHECKED testudo_status testudo_i_sketch_add(testudo_sketch *sketch, const double *time, int64_t count,
                                                    testudo_error *error);

/* Finite ones among them. */
int64_t testudo_i_sketch_count(const testudo_sketch *sketch);

/* The order statistic of rank 1..count, between low and high. */
testudo_interval testudo_i_sketch_rank(const testudo_sketch *sketch, int64_t rank);

/* How many are <= t: exactly at a time of `by`, and where testudo_i_sketch_exact_time answers t. */
int64_t testudo_i_sketch_until(const testudo_sketch *sketch, double t);
double testudo_i_sketch_exact_time(const testudo_sketch *sketch, double t);

/* The mean of min(T, t) over all times, infinite ones too, and the sum of the squares of the distances from it. Exact
   but for rounding at a time of `by`, otherwise of times that are off by the sketch's error. */
void testudo_i_sketch_capped(const testudo_sketch *sketch, double t, double *mean, double *squares);

/* Sum over the `most` largest times of log(T / from). */
double testudo_i_sketch_log_sum(const testudo_sketch *sketch, int64_t most, double from);

#endif
