/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantiles of the normal law and of Student's. */
#include "numeric/integrate.h"

#include <gsl/gsl_cdf.h>

double testudo_i_normal_quantile(double p)
{
  return gsl_cdf_ugaussian_Pinv(p);
}

double testudo_i_student_quantile(double p, double freedom)
{
  return gsl_cdf_tdist_Pinv(p, freedom);
}
