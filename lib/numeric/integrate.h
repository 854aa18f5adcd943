/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Integrals of tails and inverses of monotone functions: the only home of GSL's quadrature. */
#ifndef TESTUDO_NUMERIC_INTEGRATE_H
#define TESTUDO_NUMERIC_INTEGRATE_H

#include <stddef.h>

#include <testudo/status.h>

typedef testudo_status (*testudo_i_function)(void *context, double x, double *value, testudo_error *error);

/* integral over [0, infinity) of f(x) x^power, power 0 or 1, f a tail: non-increasing, in [0,1], tending to 0; smooth
   but for the given ascending points. Adaptive; *abs_error estimates the error, and may exceed rel_error of the
   integral where f itself is not that accurate. HUGE_VAL where the tail is too heavy. The evaluations of an earlier
   call with the same memo are used again (memo may be NULL). */
typedef struct testudo_i_memo testudo_i_memo;
testudo_i_memo *testudo_i_memo_new(void);
void testudo_i_memo_free(testudo_i_memo *memo);

TESTUDO_CHECKED testudo_status testudo_i_integrate_tail(testudo_i_function f, void *context, int power,
                                                        const double *points, size_t count, double rel_error,
                                                        testudo_i_memo *memo, double *integral, double *abs_error,
                                                        testudo_error *error);

/* The same for a step function whose jumps are all among `points` (ascending): constant on [points[k], points[k+1]),
   f(0) before the first. Evaluates only where needed: between two points with (nearly) equal values monotonicity bounds
   the rest. *abs_error is a rigorous bound. At most `budget` evaluations, so that it may exceed rel_error of the
   integral. HUGE_VAL when f stays above 1e-12 beyond the last point. */
TESTUDO_CHECKED testudo_status testudo_i_integrate_steps(testudo_i_function f, void *context, int power,
                                                         const double *points, size_t count, double rel_error,
                                                         size_t budget, testudo_i_memo *memo, double *integral,
                                                         double *abs_error, testudo_error *error);

/* Least x >= 0 with g(x) >= target, g non-decreasing: bracketing by doubling, then bisection to full double precision
   (or to the step point when points are given). HUGE_VAL when g stays below at HUGE_VAL. */
TESTUDO_CHECKED testudo_status testudo_i_invert(testudo_i_function g, void *context, double target,
                                                const double *points, size_t count, double *x, testudo_error *error);

/* P(Gamma(shape k, scale 1) > x) for integer k >= 0 (Erlang) and its complement, P(Poisson(mean) = count), and the
   exact binomial tails P(Bin(n,p) <= k), P(Bin(n,p) >= k). All keep their relative accuracy however small. */
double testudo_i_erlang_survival(int k, double x);
double testudo_i_erlang_cdf(int k, double x);
double testudo_i_poisson(int count, double mean);
/* P(Bin(n,p) = k), q = 1 - p given apart because it may be the accurate one of the two; 0 <= p, q <= 1. */
double testudo_i_binomial_mass(long long k, long long n, double p, double q);
/* The gamma law of scale 1 and any shape > 0: both sides as accurate where small, and x with P(X <= x) = p, q = 1 - p
   given apart because it may be the accurate one. */
double testudo_i_gamma_survival(double shape, double x);
double testudo_i_gamma_cdf(double shape, double x);
double testudo_i_gamma_quantile(double shape, double p, double q);
double testudo_i_digamma(double x);  /* x > 0: the derivative of log Gamma, and .. */
double testudo_i_trigamma(double x); /* .. its own */
double testudo_i_normal_quantile(double p); /* 0 < p < 1 */
double testudo_i_student_quantile(double p, double freedom);
/* x with P(F > x) = p, F the ratio of two variances with so many degrees of freedom above and below. */
double testudo_i_variance_ratio(double above, double below, double p);
double testudo_i_variance_ratio_above(double ratio, double above, double below); /* P(F > ratio) */
double testudo_i_binomial_below(long long k, long long n, double p);
double testudo_i_binomial_above(long long k, long long n, double p);

#endif
