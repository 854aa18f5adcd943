/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The laws of X_1 + .. + X_k by numerical convolution. */
#ifndef TESTUDO_DELAY_SUMS_H
#define TESTUDO_DELAY_SUMS_H

#include "delay/model.h"

typedef struct testudo_sums testudo_sums;

/* k = 1..terms: about a hundredth of a second per term. With only_last k = terms alone (and 1): by doubling, some
   twelve convolutions at most, of which each takes twice as long. The law is lent. TESTUDO_ERROR_LIMIT for a law that
   does not start once (model.h), and for more than 64 terms. */
TESTUDO_CHECKED testudo_status testudo_i_sums_make(testudo_i_arena *arena, const testudo_law *law, int32_t terms,
                                                   bool only_last, testudo_sums **sums, testudo_error *error);

/* P(X_1 + .. + X_k <= t) and its complement, 1 <= k <= terms; NAN where k was not wanted. */
void testudo_i_sums_sides(const testudo_sums *sums, int32_t k, double t, double *below, double *above);

/* The same at y = t - k start, of a k that was wanted: from y itself, so that what is small near the start keeps its
   digits. */
void testudo_i_sums_started_sides(const testudo_sums *sums, int32_t k, double y, double *below, double *above);

/* The largest relative error of either side, down to 1e-13, met between the interpolation's nodes, summed over k. */
double testudo_i_sums_error(const testudo_sums *sums);

#endif
