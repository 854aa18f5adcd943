/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of one trial as weighted points, and tails of means of many trials under it. The tests of mean and deviation
   ask how far off such a mean may be by chance; the normal law answers that near the middle only, so the whole shape of
   the law is used (docs/theory/trials.md#tests-of-mean-and-deviation). */
#ifndef TESTUDO_VALIDATE_OUTCOME_H
#define TESTUDO_VALIDATE_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <testudo/exact.h>

#include "base/arena.h"

/* A random number of mean 0 and deviation 1, or, with stddev 0, a constant. */
typedef struct testudo_i_outcome {
  size_t count;
  double *value, *weight; /* weights sum to 1 */
  double mean, stddev;    /* what the values were before they were scaled */
  double beyond;          /* the probability of what the points leave out, on each side */
} testudo_i_outcome;

/* Of a bounded law: the one with the larger P(T <= t), or the other. The same of an exact law. */
typedef enum testudo_i_side { TESTUDO_I_EARLY, TESTUDO_I_LATE } testudo_i_side;

/* T given T finite, for sums of n of them. mean and stddev: about what they are, finite. The interval of times is
   halved where it matters most, a few hundred times; times so early or late that one of n is seen there with
   probability `unseen` at most are left out on either side. *found = false where there is no such late time (a
   bounded law without end). Arrays in the arena. Cost: a few hundred evaluations of the law. */
TESTUDO_CHECKED testudo_status testudo_i_outcome_make(testudo_latency *latency, testudo_i_side side, double mean,
                                                      double stddev, int64_t n, double unseen, testudo_i_arena *arena,
                                                      testudo_i_outcome *outcome, bool *found, testudo_error *error);

/* Of its squares less 1: what a variance over the true one is a mean of. */
TESTUDO_CHECKED testudo_status testudo_i_outcome_square(const testudo_i_outcome *outcome, testudo_i_arena *arena,
                                                      testudo_i_outcome *square, testudo_error *error);

/* P(mean of n values >= off) for off > 0, <= off for off < 0: Lugannani and Rice's saddle point formula (Saddle point
   approximation for the distribution of the sum of independent random variables, Advances in Applied Probability 12,
   1980, eq. 3.9), whose relative error is of order 1/n however far off, never more than Chernoff's bound; that bound
   of fewer than 20 values, and where the formula is no good because the tail is too heavy for a sum of n values (the
   tilted law's skewness over sqrt n exceeds 0.5). What is beyond the
   points is added. Of a constant 0 unless off is 0. */
double testudo_i_outcome_tail(const testudo_i_outcome *outcome, int64_t n, double off);

/* The least |off| with that tail at most p, 0 < p < 1/2, on the side of `sign`, to 1e-3; HUGE_VAL where that is more
   than twice what the normal law asks for: such a tail is too heavy to be tested. */
double testudo_i_outcome_critical(const testudo_i_outcome *outcome, int64_t n, double p, int sign);

#endif
