/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTUDO_DELAY_FIT_H
#define TESTUDO_DELAY_FIT_H

#include <testudo/fit.h>

#include "delay/model.h"

/* Fills mean, stddev, the shares of variance and largest_mean of the fit. */
TESTUDO_CHECKED testudo_status testudo_i_trace_spread(const testudo_i_trace *trace, testudo_fit *fit,
                                                      testudo_error *error);

/* The Kolmogorov-Smirnov distance of ascending samples to a continuous law, and the p-value of such a distance. */
double testudo_i_kolmogorov_distance(const testudo_law *law, const double *sorted, int64_t count);
double testudo_i_kolmogorov_p(double ks, double n);

#endif
