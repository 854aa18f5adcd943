/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What law.c and parse.c need of mixtures. */
#ifndef TESTUDO_DELAY_MIXTURE_H
#define TESTUDO_DELAY_MIXTURE_H

#include "delay/model.h"

double testudo_i_mixture_survival(const testudo_law *law, double x);
double testudo_i_mixture_cdf(const testudo_law *law, double x);
double testudo_i_mixture_mean(const testudo_law *law);
double testudo_i_mixture_variance(const testudo_law *law);
double testudo_i_mixture_quantile(const testudo_law *law, double p);
void testudo_i_mixture_fill(const testudo_law *law, const double *restrict u, double *restrict x, size_t count);

/* After the parts are set: where the law is not smooth, and its atoms when there is nothing else. */
TESTUDO_CHECKED testudo_status testudo_i_mixture_finish(testudo_law *law, testudo_error *error);

#endif
