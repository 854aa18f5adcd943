/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descent over the simplex by an interior point method: minimise f(x), x > 0, sum x = 1, f smooth. */
#ifndef TESTUDO_OPTIMIZE_BLOCK_DESCENT_H
#define TESTUDO_OPTIMIZE_BLOCK_DESCENT_H

#include <stdbool.h>
#include <stdint.h>

#include <testudo/status.h>

/* The value at x, its n derivatives, and where curve is not NULL the n x n second ones. */
typedef testudo_status (*testudo_i_smooth)(void *context, const double *x, double *value, double *gradient,
                                           double *curve, testudo_error *error);

typedef struct testudo_i_descent {
  testudo_i_smooth smooth;
  void *context;
  int32_t n;
  double close;      /* ends where sum x g - min g is at most this times the value, or times 1 where it is `loose`:
                        of a convex f, no x has a value smaller by more */
  bool loose;
  int32_t most;      /* steps */
  /* answers */
  double value, gap; /* at x: f, and sum x g - min g */
  int32_t steps, evaluations;
} testudo_i_descent;

/* From x (n positive numbers, 1 in all) to the best found, in x whatever the status. A curve that is not positive is
   lifted until it is. O(n^3) and one curve per step. */
TESTUDO_CHECKED testudo_status testudo_i_descend(testudo_i_descent *descent, double *x, testudo_error *error);

#endif
