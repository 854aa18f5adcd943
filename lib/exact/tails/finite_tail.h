/* SPDX-License-Identifier: GPL-3.0-or-later */
/* P(T > t | T finite) when T may be infinite: P(T > t) - P(T infinite) loses its digits where a heavy tail still has
   most of the mean before it.

   Workers are independent but for the failures, so P(t < T < infinity) is a polynomial without constant term in the
   workers' probabilities S of being late at t. Its linear term is not zero: where 0 < P(T infinite) < 1, some set of
   failures that can be survived becomes one that cannot when one more worker fails, or is late. Beyond a time at which
   the difference is still accurate the tail is therefore taken as ratio * shape + slope * shape^2, shape = sum of S,
   ratio and slope from two such times. Pareto tails, and those of workers with a single kind of lateness, are such
   polynomials in one variable exactly; for other laws the ratio drifts, and all that is beyond is doubt. */
#ifndef TESTUDO_EXACT_FINITE_TAIL_H
#define TESTUDO_EXACT_FINITE_TAIL_H

#include "exact/cluster.h"
#include "numeric/integrate.h"

typedef struct testudo_i_finite_tail {
  testudo_i_function late;   /* P(t < T < infinity) */
  void *context;
  const testudo_i_cluster *cluster;
  double grain;              /* late is a difference of numbers of this size, and rounded so; 0: no difference */
  double finite;             /* P(T finite) */
  bool discrete;
  double shift;              /* of T, after what the cluster knows */
  double start;              /* from here on: extrapolated; HUGE_VAL where nothing is */
  double shape, ratio, slope;
  double doubt;              /* relative error of what is extrapolated */
  const double *below;       /* P(T <= t) at the time that `late` was last asked for; for the sides */
} testudo_i_finite_tail;

/* Fills the rest of the fields from the first seven. Some ten evaluations of `late`, none without failures. */
TESTUDO_CHECKED testudo_status testudo_i_finite_tail_start(testudo_i_finite_tail *tail, testudo_error *error);

/* A testudo_i_function; its context is the tail. */
testudo_status testudo_i_finite_tail_at(void *tail, double t, double *value, testudo_error *error);

/* Both sides given T finite; where the tail is extrapolated hardly anything is left, and 1 - that is as good. A
   testudo_i_law_function; its context is the tail. */
testudo_status testudo_i_finite_tail_sides(void *tail, double t, testudo_i_sides *at, testudo_error *error);

/* What the extrapolation may add to or take from the integral of the tail. */
TESTUDO_CHECKED testudo_status testudo_i_finite_tail_doubt(testudo_i_finite_tail *tail, double *doubt,
                                                           testudo_error *error);

#endif
