/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The saddle-point form of Poisson and binomial probabilities (C. Loader, Fast and accurate computation of binomial
   probabilities, 2000), whose relative error does not grow with the counts. */
#ifndef TESTUDO_NUMERIC_DEVIANCE_H
#define TESTUDO_NUMERIC_DEVIANCE_H

#include <math.h>

#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_log.h>

#define TESTUDO_I_TWO_PI 6.283185307179586476925

/* j log(j/mean) + mean - j for j, mean > 0: 0 where they are equal, positive elsewhere. GSL's function is called only
   inside its domain, so that its (process-wide) error handler is never reached. */
static inline double testudo_i_deviance(double j, double mean)
{
  double ratio = mean / j;
  if (ratio < 0.5 || ratio > 2.0)
    return j * (ratio - 1.0 - log(ratio));
  gsl_sf_result result;
  gsl_sf_log_1plusx_mx_e((mean - j) / j, &result);
  return -j * result.val;
}

/* j! e^j j^-j / sqrt(2 pi j) for j >= 1. */
static inline double testudo_i_stirling_ratio(double j)
{
  gsl_sf_result result;
  gsl_sf_gammastar_e(j, &result);
  return result.val;
}

#endif
