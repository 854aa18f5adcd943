/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A law that is dear to evaluate, kept as log(P(. > y) / P(. <= y)) over log y on Chebyshev pieces: the absolute error
   of that is the relative error of either side. */
#ifndef TESTUDO_DELAY_ODDS_H
#define TESTUDO_DELAY_ODDS_H

#include <stdbool.h>

typedef struct testudo_i_odds testudo_i_odds;

/* Of a law on (0, infinity), smooth there, by its sides, which have their digits from y = least on (0: everywhere).
   NULL: out of memory. Thousands of evaluations. */
testudo_i_odds *testudo_i_odds_create(double (*side)(const void *of, double y, bool above), const void *of,
                                      double least);
void testudo_i_odds_free(testudo_i_odds *odds); /* NULL is fine */

/* `odds` is a testudo_i_odds; y > 0. Where a side is below 1e-18, and before `least`, it is continued by its last
   power. */
double testudo_i_odds_side(const void *odds, double y, bool above);

/* The largest relative error of either side, down to 1e-13, met between the interpolation's nodes. */
double testudo_i_odds_error(const testudo_i_odds *odds);

#endif
