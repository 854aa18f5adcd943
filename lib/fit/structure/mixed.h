/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Structure mixed fitted: X = Z E, Z per worker and iteration, E per chunk (docs/theory/structure.md#mixed). */
#ifndef TESTUDO_FIT_STRUCTURE_MIXED_H
#define TESTUDO_FIT_STRUCTURE_MIXED_H

#include <testudo/fit.h>

#include "fit/structure/cells.h"

/* Laws of E that are tried: lognormal, gamma, exp, weibull. */
#define TESTUDO_I_MIXED_LAWS 4

/* Of x, a time per row of the cells in seconds at rate 1: by maximum likelihood, Z integrated out (lognormal E in
   closed form, others by adaptive Gauss-Hermite quadrature, Liu and Pierce, Biometrika 81, 1994). Cells with censored
   rows, and single rows, are left out; of many cells as many are used as make up TESTUDO_I_MIXED_ROWS rows, evenly
   spread: *used. fit[0] has the smallest BIC; *count = 0 where there are too few. */
#define TESTUDO_I_MIXED_ROWS 40000
TESTUDO_CHECKED testudo_status testudo_i_fit_mixed(const testudo_i_cells *cells, const double *x,
                                                   testudo_fit_mixed fit[TESTUDO_I_MIXED_LAWS], size_t *count,
                                                   int64_t *used, testudo_error *error);

/* The same with E by its own times instead of a law: log x less the shrunken mean of its cell (the best linear
   prediction of log Z), stretched to the residual's variance, and divided by the mean: *chunk, ascending, `rows` of the
   cells (arena). Z is lognormal, of the worker x iteration component, with the mean of x. For what E is when no law of
   it holds. */
TESTUDO_CHECKED testudo_status testudo_i_mixed_times(const testudo_i_cells *cells, const double *x, double between,
                                                     double within, testudo_i_arena *arena, double **chunk,
                                                     char law[96], testudo_error *error);

#endif
