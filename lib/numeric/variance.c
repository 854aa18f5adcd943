/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The F law. */
#include <math.h>

#include <gsl/gsl_cdf.h>

#include "numeric/integrate.h"

/* Of very many degrees of freedom GSL has no answer: then by the cube root of Wilson and Hilferty, whose error is by
   then far below any level of a test. */
double testudo_i_variance_ratio_above(double ratio, double above, double below)
{
  if (!(ratio > 0.0))
    return 1.0;
  if (!isfinite(ratio))
    return 0.0;
  double p = gsl_cdf_fdist_Q(ratio, above, below);
  if (isfinite(p))
    return p;
  double a = 2.0 / (9.0 * above), b = 2.0 / (9.0 * below), root = cbrt(ratio);
  double z = ((1.0 - b) * root - (1.0 - a)) / sqrt(b * root * root + a);
  return 0.5 * erfc(z / 1.41421356237309504880);
}

/* By bisection: GSL's own inverse does not end for many degrees of freedom. */
double testudo_i_variance_ratio(double above, double below, double p)
{
  double low = 0.0, high = 1.0;
  while (testudo_i_variance_ratio_above(high, above, below) > p)
    high *= 2.0;
  for (int k = 0; k < 60; k++) {
    double middle = (low + high) / 2.0;
    if (testudo_i_variance_ratio_above(middle, above, below) > p)
      low = middle;
    else
      high = middle;
  }
  return high;
}
