/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two sides and the density of Y = X - start, for the convolution: from y itself, so that what is small near the
   start keeps its digits. */
#include "delay/density.h"

#include <math.h>

static double pareto_log(const testudo_law *law, double y)
{
  return law->b * log1p(y / law->a);
}

void testudo_i_started_sides(const testudo_law *law, double y, double *below, double *above)
{
  if (y <= 0.0) {
    *below = 0.0;
    *above = 1.0;
  } else if (law->kind == TESTUDO_I_LAW_PARETO) {
    *below = -expm1(-pareto_log(law, y));
    *above = exp(-pareto_log(law, y));
  } else if (law->kind == TESTUDO_I_LAW_SHIFTED) {
    *below = -expm1(-law->b * y);
    *above = exp(-law->b * y);
  } else {
    *below = testudo_i_law_cdf(law, y);
    *above = testudo_law_survival(law, y);
  }
}

double testudo_i_started_density(const testudo_law *law, double y)
{
  double a = law->a, b = law->b;
  if (y <= 0.0)
    return 0.0;
  switch (law->kind) {
  case TESTUDO_I_LAW_EXPONENTIAL:
    return a * exp(-a * y);
  case TESTUDO_I_LAW_SHIFTED:
    return b * exp(-b * y);
  case TESTUDO_I_LAW_PARETO:
    return b / (a + y) * exp(-pareto_log(law, y));
  case TESTUDO_I_LAW_LOMAX:
    return a / (b + y) * exp(-a * log1p(y / b));
  case TESTUDO_I_LAW_WEIBULL:
    return a / y * pow(y / b, a) * exp(-pow(y / b, a));
  case TESTUDO_I_LAW_LOGNORMAL: {
    double z = (log(y) - a) / b;
    return exp(-0.5 * z * z) / (2.50662827463100050242 * b * y);
  }
  case TESTUDO_I_LAW_GAMMA:
    return exp((a - 1.0) * log(y / b) - y / b - lgamma(a)) / b;
  case TESTUDO_I_LAW_MIXTURE:
    return a * testudo_i_started_density(law->part[0], y) + (1.0 - a) * testudo_i_started_density(law->part[1], y);
  default:
    return NAN;
  }
}

bool testudo_i_starts_once(const testudo_law *law, double *start)
{
  *start = law->kinks == 1 ? law->kink[0] : 0.0;
  if (testudo_i_law_is_discrete(law))
    return false;
  /* Parts of a mixture that begin at different times leave a jump in the density. */
  return law->kind == TESTUDO_I_LAW_MIXTURE ? law->kinks == 0 : true;
}
