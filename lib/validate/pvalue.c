/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact binomial tails, the normal law where it may be used, and inequalities of Chernoff and Maurer and Pontil. */
#include "validate/pvalue.h"

#include <math.h>

#include "numeric/integrate.h"

double testudo_i_p_binomial(int64_t seen, int64_t n, double lower, double upper)
{
  double few = testudo_i_binomial_below(seen, n, fmin(fmax(lower, 0.0), 1.0));
  double many = testudo_i_binomial_above(seen, n, fmin(fmax(upper, 0.0), 1.0));
  return fmin(1.0, 2.0 * fmin(few, many));
}

double testudo_i_p_sample_mean(double z, int64_t n, double skewness, double kurtosis, double p)
{
  double root = sqrt((double)n), far = -testudo_i_normal_quantile(p / 2.0), z_seen = fabs(z);
  double lean = fabs(skewness) / (3.0 * root), spread = kurtosis / (12.0 * (double)n);
  if (!(lean * far * far * far <= 1.0 && spread * far * far * far * far <= 1.0))
    return NAN;
  /* The sample's deviation grows with its mean: of numbers that lean to the right a mean too small is the likelier. */
  if (z * skewness >= 0.0)
    return erfc(z_seen / sqrt(2.0));
  z_seen = fmin(z_seen, 1.0 / (3.0 * lean)); /* beyond that the series no longer falls */
  return fmin(1.0, erfc(z_seen / sqrt(2.0)) * exp(lean * z_seen * z_seen * z_seen));
}

/* q ln(q / p), 0 where q is. */
static double relative(double q, double p)
{
  return q > 0.0 ? q * log(q / p) : 0.0;
}

static double chernoff(double seen, double expected, double n, double most, double chunks, double reads)
{
  double q = fmin(seen / most, 1.0), p = fmin(expected / most, 1.0);
  double divergence = relative(q, p) + relative(1.0 - q, 1.0 - p);
  return exp(-n * (chunks / reads) * fmax(divergence, 0.0));
}

/* The p at which sqrt(2 V L / n) + 7 B L / (3 (n - 1)) with L = ln(2 / p) reaches the deviation seen. */
static double empirical_bernstein(double off, double stderr_seen, double n, double most)
{
  if (n < 2.0)
    return 1.0;
  double a = 7.0 * most / (3.0 * (n - 1.0)), b = sqrt(2.0) * stderr_seen;
  double root = 2.0 * off / (b + sqrt(b * b + 4.0 * a * off));
  return 2.0 * exp(-root * root);
}

double testudo_i_p_error(double seen, double stderr_seen, double expected, int64_t n, double chunks, double parts,
                         double reads)
{
  double off = fabs(seen - expected), most = chunks * parts;
  /* Rounding in either mean is no disagreement. */
  if (off <= 1e-12 * fmax(seen, expected))
    return 1.0;
  double rare = chernoff(seen, expected, (double)n, most, chunks, reads);
  double common = empirical_bernstein(off, stderr_seen, (double)n, most);
  /* Two sides, two bounds. */
  return fmin(1.0, 4.0 * fmin(rare, common));
}
