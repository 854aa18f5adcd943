/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws of a law whose quantile function is smooth and dear: the logarithm of the quantile by three Chebyshev series,
   so that many are evaluated side by side and nothing is looked up. */
#ifndef TESTUDO_DELAY_CURVE_H
#define TESTUDO_DELAY_CURVE_H

#include <stddef.h>

enum { TESTUDO_I_CURVE_TERMS = 32 };

typedef struct testudo_i_series {
  int terms;              /* even */
  double middle, scale;   /* of x on the interval (x - middle) scale is from -1 to 1 */
  double coefficient[TESTUDO_I_CURVE_TERMS];
} testudo_i_series;

/* 0.075 <= u <= 0.925 by the normal score of u; below by sqrt(-log(u)), above by sqrt(-log(1 - u)). */
typedef struct testudo_i_curve {
  testudo_i_series center, lower, upper;
} testudo_i_curve;

/* log_quantile(p, q): of probability p, q = 1 - p, the smaller one accurate. The last coefficients, as many as add up
   to `tolerance` at most, are left out. About a hundred calls. */
void testudo_i_curve_make(testudo_i_curve *curve, double (*log_quantile)(const void *context, double p, double q),
                          const void *context, double tolerance);

/* x[k] = factor times the quantile of u[k], 2^-54 <= u[k] <= 1 - 2^-54. An entry has the same bits wherever it
   stands. */
void testudo_i_curve_draws(const testudo_i_curve *curve, const double *restrict u, double *restrict x, size_t count,
                           double factor);

#endif
