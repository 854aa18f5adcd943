/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Erlang law: P(Gamma(k) > x) = P(Poisson(x) < k). Both tails are sums of positive terms, started at the term next
   to the boundary, so that each is accurate relatively where it is the small one. */
#include "numeric/integrate.h"

#include <float.h>

#include "numeric/deviance.h"

double testudo_i_poisson(int count, double mean)
{
  if (count < 0 || !(mean < HUGE_VAL))
    return 0.0;
  if (count == 0)
    return exp(-mean);
  if (mean <= 0.0)
    return 0.0;
  return exp(-testudo_i_deviance(count, mean)) / (sqrt(TESTUDO_I_TWO_PI * count) * testudo_i_stirling_ratio(count));
}

/* P(Poisson(x) < k) for x >= k: from k-1 downwards the terms fall. */
static double sum_downwards(int k, double x)
{
  double term = testudo_i_poisson(k - 1, x), sum = term;
  for (int j = k - 1; j > 0 && term > sum * (DBL_EPSILON / 8); j--) {
    term *= j / x;
    sum += term;
  }
  return sum;
}

/* P(Poisson(x) >= k) for x < k: from k upwards the terms fall. */
static double sum_upwards(int k, double x)
{
  double term = testudo_i_poisson(k, x), sum = term;
  for (double j = k + 1.0; term > sum * (DBL_EPSILON / 8); j++) {
    term *= x / j;
    sum += term;
  }
  return sum;
}

double testudo_i_erlang_survival(int k, double x)
{
  if (k <= 0)
    return 0.0;
  if (x <= 0.0)
    return 1.0;
  if (k == 1)
    return exp(-x);
  return x < k ? 1.0 - sum_upwards(k, x) : sum_downwards(k, x);
}

double testudo_i_erlang_cdf(int k, double x)
{
  if (k <= 0)
    return 1.0;
  if (x <= 0.0)
    return 0.0;
  if (k == 1)
    return -expm1(-x);
  return x < k ? sum_upwards(k, x) : 1.0 - sum_downwards(k, x);
}
