/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantiles of the normal law. */
#include "numeric/integrate.h"

#include <gsl/gsl_cdf.h>

double testudo_i_normal_quantile(double p)
{
  return gsl_cdf_ugaussian_Pinv(p);
}
