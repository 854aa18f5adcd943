/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The laws of Z (E_1 + .. + E_k), structure mixed: sums over even steps, of log Z where Z and E begin at 0 (product.h),
   or else of the log odds of where Z is between its start and the latest that it may be; and an adaptive quadrature
   where these are not enough. */
#ifndef TESTUDO_DELAY_MIXED_H
#define TESTUDO_DELAY_MIXED_H

#include "delay/model.h"

typedef struct testudo_i_mixed testudo_i_mixed;

/* k = 1..terms, or `terms` alone. The laws are lent. TESTUDO_ERROR_LIMIT where the sums of E are not known
   (delay/sums.h), as with atoms that are not one value. */
TESTUDO_CHECKED testudo_status testudo_i_mixed_make(testudo_i_arena *arena, const testudo_law *outer,
                                                    const testudo_law *chunk, int32_t terms, bool only_last,
                                                    testudo_i_mixed **mixed, testudo_error *error);

/* P(Z (E_1 + .. + E_k) > x) or P(.. <= x), 1 <= k <= terms. */
double testudo_i_mixed_side(const testudo_i_mixed *mixed, int32_t k, double x, bool above);

double testudo_i_mixed_start(const testudo_i_mixed *mixed, int32_t k); /* nothing is done earlier */
double testudo_i_mixed_error(const testudo_i_mixed *mixed); /* relative, of both sides, as testudo_i_sums_error */

#endif
