/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A law that is dear to evaluate, kept as log(P(. > y) / P(. <= y)) over log y on Chebyshev pieces: the absolute error
   of that is the relative error of either side. */
#ifndef TESTUDO_DELAY_ODDS_H
#define TESTUDO_DELAY_ODDS_H

#include <stdbool.h>

#include "base/arena.h"

typedef struct testudo_i_odds testudo_i_odds;

typedef struct testudo_i_odds_request {
  double (*side)(const void *of, double y, bool above); /* of a law on (0, infinity), smooth there, */
  const void *of;
  double least;                /* .. which has its digits from here on; 0: everywhere, */
  double tolerance, exact;     /* .. relative, where neither side is below e^-exact, and fewer digits beyond */
  double tail;                 /* P(. > y) falls like y^-tail, or that times log y; HUGE_VAL: faster, 0: not known */
} testudo_i_odds_request;

/* The table errs by about the tolerance. Hundreds or thousands of evaluations. */
TESTUDO_CHECKED testudo_status testudo_i_odds_make(testudo_i_arena *arena, const testudo_i_odds_request *request,
                                                   testudo_i_odds **odds, testudo_error *error);

/* `odds` is a testudo_i_odds; y > 0. Where what is done is below 1e-18 or what is late below 1e-100, and before
   `least`, it is continued by its last power, or by that of its tail. */
double testudo_i_odds_side(const void *odds, double y, bool above);

/* The largest relative error of either side, down to 1e-13, met between the interpolation's nodes. */
double testudo_i_odds_error(const testudo_i_odds *odds);

#endif
