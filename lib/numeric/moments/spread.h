/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a law on [0, infinity) lies: its middle, and how wide it falls there. */
#ifndef TESTUDO_NUMERIC_SPREAD_H
#define TESTUDO_NUMERIC_SPREAD_H

#include "numeric/integrate.h"

/* A law with its first failure kept, and a count. */
typedef struct testudo_i_asker {
  testudo_i_law_function law;
  void *context;
  testudo_error *error;
  testudo_status status;   /* of the first call that failed; nothing is called after it */
  size_t evaluations;
  const double *points;    /* ascending: where the law is not smooth */
  size_t count;
} testudo_i_asker;

/* The two sides, or {0, 0} once something has failed. */
testudo_i_sides testudo_i_ask(testudo_i_asker *asker, double x);

/* How far from a kink its two sides are asked: beyond the rounding of what is said to be its place. */
#define TESTUDO_I_BESIDE 4.5e-16

/* Index, up to `last`, of the first point with at most so much beyond. */
size_t testudo_i_point_leaving(testudo_i_asker *asker, double most, size_t last);

typedef struct testudo_i_spread {
  double mass;             /* F + S at 0 */
  double middle;           /* a median, or a place between the lower and the upper quartile */
  double below, above;     /* F just before it and S just after */
  double width;            /* S falls to between a half and a fiftieth of `above` within this of the middle, or so; at
                              least some rounding of the middle; 1 where `above` is 0 */
} testudo_i_spread;

/* Answers false where more than half of the mass is beyond 1e300. By bracketing and bisection: some ten evaluations,
   and one for each halving of the scale where a law is narrow. */
bool testudo_i_spread_find(testudo_i_asker *asker, testudo_i_spread *spread);

/* The deviation from the square and the drift about one place, and their errors. */
void testudo_i_deviation(double square, double square_error, double drift, double drift_error,
                         testudo_i_integrals *moments);

#endif
