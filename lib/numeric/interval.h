/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The integral of a plain function over a finite interval. */
#ifndef TESTUDO_NUMERIC_INTERVAL_H
#define TESTUDO_NUMERIC_INTERVAL_H

#include <stddef.h>

typedef double (*testudo_i_integrand)(double x, void *context);

/* integral of f over [breaks[0], breaks[count - 1]], f smooth between neighbouring breaks (ascending, count >= 2; equal
   ones are fine). Adaptive with the 21-point Gauss-Kronrod rule, until the estimated error is at most rel_error of the
   integral plus abs_error, or nothing helps any more; at most 200 halvings. *doubt (may be NULL): that estimate. f is
   not asked at the breaks themselves. */
double testudo_i_integrate_interval(testudo_i_integrand f, void *context, const double *breaks, size_t count,
                                    double rel_error, double abs_error, double *doubt);

#endif
