/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Maxima of smooth functions. */
#ifndef TESTUDO_FIT_LAWS_CLIMB_H
#define TESTUDO_FIT_LAWS_CLIMB_H

#include <stdbool.h>

enum { TESTUDO_I_CLIMB_MOST = 8 }; /* variables */

typedef double (*testudo_i_height)(const double *x, void *context);

/* From x up to a local maximum of f by Newton's steps, damped where they would not climb; derivatives are differences
   of f, whose steps follow its curvature. f may be -HUGE_VAL outside of its domain. x stays where nothing is higher. */
void testudo_i_climb(testudo_i_height f, void *context, int variables, double *x);

/* The covariances that the curvature of a log-likelihood f at its maximum x says, row by row; false where f is no hill
   there. */
bool testudo_i_covariances(testudo_i_height f, void *context, int variables, const double *x, double *covariance);

/* Where f is largest on [a, b], by golden sections and parabolas (R. P. Brent, Algorithms for Minimization without
   Derivatives, 1973, chapter 5), to `tolerance` in x. */
double testudo_i_maximum(double (*f)(double x, void *context), void *context, double a, double b, double tolerance);

#endif
