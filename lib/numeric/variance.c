/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantiles of the F law. */
#include <gsl/gsl_cdf.h>

#include "numeric/integrate.h"

/* By bisection: GSL's own inverse does not end for many degrees of freedom. */
double testudo_i_variance_ratio(double above, double below, double p)
{
  double low = 0.0, high = 1.0;
  while (gsl_cdf_fdist_Q(high, above, below) > p)
    high *= 2.0;
  for (int k = 0; k < 60; k++) {
    double middle = (low + high) / 2.0;
    if (gsl_cdf_fdist_Q(middle, above, below) > p)
      low = middle;
    else
      high = middle;
  }
  return high;
}
