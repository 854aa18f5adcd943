/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Binomial tails, each summed from its largest term outwards: relative accuracy however small they are. */
#include "numeric/integrate.h"

#include <float.h>

#include "numeric/deviance.h"

/* P(Bin(n,p) = k), q = 1 - p given apart because it may be the accurate one of the two; 0 < p, q < 1. */
static double mass(double k, double n, double p, double q)
{
  if (k == 0.0)
    return exp(n * (q < 0.5 ? log(q) : log1p(-p)));
  if (k == n)
    return exp(n * (p < 0.5 ? log(p) : log1p(-q)));
  double exponent = testudo_i_deviance(k, n * p) + testudo_i_deviance(n - k, n * q);
  double ratio = testudo_i_stirling_ratio(n) / (testudo_i_stirling_ratio(k) * testudo_i_stirling_ratio(n - k));
  return ratio * sqrt(n / (TESTUDO_I_TWO_PI * k * (n - k))) * exp(-exponent);
}

double testudo_i_binomial_mass(long long k, long long n, double p, double q)
{
  if (p <= 0.0 || q <= 0.0)
    return (p <= 0.0 ? k == 0 : k == n) ? 1.0 : 0.0;
  return mass((double)k, (double)n, p, q);
}

/* P(Bin(n,p) <= k) summed downwards: for k below the mean. */
static double left_tail(double k, double n, double p, double q)
{
  double term = mass(k, n, p, q), sum = term;
  for (double j = k; j > 0.0 && term > sum * (DBL_EPSILON / 8); j--) {
    term *= j * q / ((n - j + 1.0) * p);
    sum += term;
  }
  return sum < 1.0 ? sum : 1.0;
}

static double tail_below(double k, double n, double p, double q)
{
  if (k < 0.0)
    return 0.0;
  if (k >= n || p <= 0.0)
    return 1.0;
  if (q <= 0.0)
    return 0.0;
  return k < n * p ? left_tail(k, n, p, q) : 1.0 - left_tail(n - k - 1.0, n, q, p);
}

double testudo_i_binomial_below(long long k, long long n, double p)
{
  return tail_below((double)k, (double)n, p, 1.0 - p);
}

double testudo_i_binomial_above(long long k, long long n, double p)
{
  return tail_below((double)(n - k), (double)n, 1.0 - p, p);
}
