/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments of laws, integrals of tails and inverses of monotone functions: the only home of all three. */
#ifndef TESTUDO_NUMERIC_INTEGRATE_H
#define TESTUDO_NUMERIC_INTEGRATE_H

#include <stdbool.h>
#include <stddef.h>

#include <testudo/status.h>

typedef testudo_status (*testudo_i_function)(void *context, double x, double *value, testudo_error *error);

/* F(x) = P(X <= x) and S(x) = P(X > x) of a law on [0, infinity), each as accurate as it is small. */
typedef struct testudo_i_sides {
  double below, above;
} testudo_i_sides;
typedef testudo_status (*testudo_i_law_function)(void *context, double x, testudo_i_sides *at, testudo_error *error);

typedef struct testudo_i_integrals {
  double mean;          /* HUGE_VAL where infinite, and then nothing else is filled */
  double mean_error;    /* estimated */
  double mean_bound;    /* proved: sums of rectangles above and below at the places asked; HUGE_VAL where the last of a
                           power law is an extrapolation */
  double stddev;        /* HUGE_VAL where infinite; 0 where it was not asked for */
  double stddev_error;  /* estimated; proved of a step function */
} testudo_i_integrals;

/* Mean, and deviation where it is wanted, of a law that is smooth but for the given ascending points, and may jump
   anywhere: docs/theory/latency.md#mean-deviation-quantiles. Until the estimated errors are at most rel_error of the
   mean and of the variance, or nothing helps any more: *moments says how far it came. TESTUDO_ERROR_LIMIT where half
   of the law is beyond 1e300. */
TESTUDO_CHECKED testudo_status testudo_i_tail_moments(testudo_i_law_function law, void *context, const double *points,
                                                      size_t count, bool want_stddev, double rel_error,
                                                      testudo_i_integrals *moments, testudo_error *error);

/* The same of a step function whose jumps are all among `points` (ascending): constant on [points[k], points[k+1]).
   Evaluates only where needed: between two points with (nearly) equal values monotonicity bounds the rest, and so both
   errors are proved. At most `budget` evaluations, or some more for the layout, so that they may exceed what was asked
   for. The mean is HUGE_VAL when more than 1e-12 stays beyond the last point. */
TESTUDO_CHECKED testudo_status testudo_i_step_moments(testudo_i_law_function law, void *context, const double *points,
                                                      size_t count, bool want_stddev, double rel_error, size_t budget,
                                                      testudo_i_integrals *moments, testudo_error *error);

/* The mean alone of what only its tail is known of: f non-increasing from f(0) >= 0 to 0. budget: of a step function;
   0: of a smooth one. */
TESTUDO_CHECKED testudo_status testudo_i_integrate_tail(testudo_i_function f, void *context, const double *points,
                                                        size_t count, double rel_error, size_t budget,
                                                        double *integral, double *abs_error, testudo_error *error);

/* Least x >= 0 with g(x) >= target, g non-decreasing: to full double precision (or to the step point when points are
   given). HUGE_VAL when g stays below at HUGE_VAL. g may be infinite; where it is nearly straight it is asked least. */
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
double testudo_i_log_gamma(double x); /* x > 0; lgamma, which writes a global sign, is not for several threads */
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
