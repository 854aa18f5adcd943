/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTUDO_FIT_FIT_H
#define TESTUDO_FIT_FIT_H

#include <testudo/fit.h>

#include "delay/model.h"

/* Fills mean, stddev, the shares of variance and largest_mean of the fit. */
TESTUDO_CHECKED testudo_status testudo_i_trace_spread(const testudo_i_trace *trace, testudo_fit *fit,
                                                      testudo_error *error);

#endif
