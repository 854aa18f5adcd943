/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gamma law of any shape: the power series of its distribution function below the middle, Legendre's continued
   fraction of its tail above it (Abramowitz and Stegun, 6.5.29 and 6.5.31). GSL's own functions report an underflow
   through an error handler that ends the process. */
#include "config.h" /* for lgamma_r, an extension */

#include "numeric/integrate.h"

#include <float.h>
#include <math.h>

#include <gsl/gsl_sf_psi.h>

#include "base/limits.h"
#include "numeric/deviance.h"

/* x^shape e^-x / Gamma(shape + 1) */
static double density_ratio(double shape, double x)
{
  if (shape < 1.0)
    return exp(shape * log(x) - x) / tgamma(shape + 1.0);
  return exp(-testudo_i_deviance(shape, x)) / (sqrt(TESTUDO_I_TWO_PI * shape) * testudo_i_stirling_ratio(shape));
}

static double series_below(double shape, double x)
{
  double term = 1.0, sum = 1.0;
  for (int n = 1; n < TESTUDO_I_LIMIT_GAMMA_TERMS && term > sum * (DBL_EPSILON / 8.0); n++) {
    term *= x / (shape + n);
    sum += term;
  }
  return fmin(1.0, density_ratio(shape, x) * sum);
}

/* Lentz's way of evaluating 1/(x+1-s- 1(1-s)/(x+3-s- 2(2-s)/(x+5-s- ..))). */
static double fraction_above(double shape, double x)
{
  double b = x + 1.0 - shape, c = 1e300, d = 1.0 / b, h = d;
  for (int n = 1; n < TESTUDO_I_LIMIT_GAMMA_TERMS; n++) {
    double a = -n * (n - shape);
    b += 2.0;
    d = 1.0 / (a * d + b);
    c = b + a / c;
    h *= d * c;
    if (fabs(d * c - 1.0) < DBL_EPSILON)
      break;
  }
  return fmin(1.0, density_ratio(shape, x) * shape * h);
}

double testudo_i_gamma_survival(double shape, double x)
{
  if (x <= 0.0)
    return 1.0;
  if (!(x < HUGE_VAL))
    return 0.0;
  return x < shape + 1.0 ? 1.0 - series_below(shape, x) : fraction_above(shape, x);
}

double testudo_i_gamma_cdf(double shape, double x)
{
  if (x <= 0.0)
    return 0.0;
  if (!(x < HUGE_VAL))
    return 1.0;
  return x < shape + 1.0 ? series_below(shape, x) : 1.0 - fraction_above(shape, x);
}

/* Newton's steps in log x on the logarithm of the smaller side, kept inside a bracket that they shrink. */
double testudo_i_gamma_quantile(double shape, double p, double q)
{
  bool left = p <= q;
  double low = -1e4, high = 1e3, wanted = log(left ? p : q);
  double z = testudo_i_normal_quantile(left ? p : q), spread = (left ? z : -z) / (3.0 * sqrt(shape));
  double cube = 1.0 - 1.0 / (9.0 * shape) + spread;
  double at = shape > 1.0 && cube > 0.05 ? log(shape) + 3.0 * log(cube)
                                         : (log(p) + log(tgamma(fmin(shape, 100.0) + 1.0))) / shape;
  for (int k = 0; k < 200; k++) {
    double x = exp(at), side = left ? testudo_i_gamma_cdf(shape, x) : testudo_i_gamma_survival(shape, x);
    double away = log(side) - wanted, slope = density_ratio(shape, x) * shape / side;
    if ((left && away > 0.0) || (!left && away < 0.0))
      high = at;
    else
      low = at;
    double next = at + (left ? -away : away) / slope;
    if (!(next > low && next < high))
      next = low + (high - low) / 2.0;
    if (fabs(next - at) <= 4.0 * DBL_EPSILON * fmax(1.0, fabs(next)))
      return exp(next);
    at = next;
  }
  return exp(at);
}

double testudo_i_log_gamma(double x)
{
  int sign;
  return lgamma_r(x, &sign);
}

double testudo_i_digamma(double x)
{
  gsl_sf_result result;
  gsl_sf_psi_e(x, &result);
  return result.val;
}

double testudo_i_trigamma(double x)
{
  gsl_sf_result result;
  gsl_sf_psi_1_e(x, &result);
  return result.val;
}
