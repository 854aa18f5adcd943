/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a fitted law is from the rows. */
#ifndef TESTUDO_FIT_LAWS_DISTANCE_H
#define TESTUDO_FIT_LAWS_DISTANCE_H

#include "fit/laws/family.h"

typedef struct testudo_i_fit_distances {
  double ks; /* sup |F_n - F| */
  double ad; /* n times the integral of (F_n - F)^2 / F (1 - F) over F, Anderson and Darling's A^2 */
} testudo_i_fit_distances;

/* F_n: the share of rows up to each time; with censored ones Kaplan and Meier's, up to the last time that ended. A
   family that starts at its least row is measured by A^2 from the rows after it. */
testudo_i_fit_distances testudo_i_fit_distance(const testudo_i_fit_family *family, const double *number,
                                               const testudo_i_fit_samples *samples);

/* sqrt(n) KS with Stephens' correction of its distance for finite n (J. R. Statist. Soc. B 32, 1970). */
double testudo_i_fit_scaled_ks(double ks, double n);

/* P(> ks) and P(> ad) of n rows of a continuous law that was fixed beforehand; of a fitted one they are smaller
   (docs/theory/fitting.md#what-the-p-values-mean). ad_p: where it is below 0.1. */
double testudo_i_kolmogorov_p(double ks, double n);
double testudo_i_anderson_p(double ad);

#endif
