/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descent over the shares by an interior point method: minimise the objective f(x), x > 0, sum x = 1, f smooth. */
#ifndef TESTUDO_OPTIMIZE_BLOCK_DESCENT_H
#define TESTUDO_OPTIMIZE_BLOCK_DESCENT_H

#include "optimize/block/objective.h"

typedef struct testudo_i_descent {
  testudo_i_block_objective *objective; /* f, of n shares */
  int32_t n;
  double close;      /* ends where sum x g - min g is at most this times the value: of a convex f, no x has a value
                        smaller by more */
  int32_t most;      /* steps */
  /* answers */
  double value, gap; /* at x: f, and sum x g - min g */
  int32_t steps, evaluations;
} testudo_i_descent;

/* From x (n positive numbers, 1 in all) to the best found, in x whatever the status. A curve that is not positive is
   lifted until it is. O(n^3) and one curve per step. */
TESTUDO_CHECKED testudo_status testudo_i_descend(testudo_i_descent *descent, double *x, testudo_error *error);

#endif
