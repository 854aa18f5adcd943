/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion-time and error laws of a design under a delay model: exact where a law is known, otherwise between two
   rigorous bounds (docs/theory/latency.md, docs/theory/bounds.md). */
#ifndef TESTUDO_EXACT_H
#define TESTUDO_EXACT_H

#include <stdint.h>

#include <testudo/delay.h>
#include <testudo/design.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct testudo_analysis_options {
  testudo_report report;
  int64_t max_states;       /* a law of more (of a ring: pairs of start and current state) is bounded; 200000 */
  double rel_error;         /* target of the integrals; 1e-9. Of traces with more than 16,000 jumps it is at least
                               0.05 / sqrt(rows), a twentieth of what such a sample is off by. */
  const testudo_monitor *monitor;
} testudo_analysis_options;

/* P(T <= t) of one design under one model. Holds the design and model by reference. Not for several threads at once. */
typedef struct testudo_latency testudo_latency;

/* Picks the method: order statistics (uncoded, ignore-stragglers), the transfer matrix (partial with N = m in one order
   that all workers share, seen from their place on the ring, up to the numbering), elimination of the workers one by
   one (partial codes of up to max_states states; a product over components that share no worker), the chain of
   docs/theory/nested.md#the-law (nested and block; with per-worker rates TESTUDO_ERROR_LIMIT where it needs more than
   max_states: simulate then), bounds otherwise. Messages of random time that follow the progress are bounded by those
   of the fewest and of the most senders. Scheme block supports structure scaled only: TESTUDO_ERROR_ARGUMENT for
   additive. */
TESTUDO_CHECKED testudo_status testudo_latency_create(const testudo_design *design, const testudo_delay_model *model,
                                                      const testudo_analysis_options *options,
                                                      testudo_latency **latency, testudo_error *error);
void testudo_latency_free(testudo_latency *latency);

bool testudo_latency_is_exact(const testudo_latency *latency);
const char *testudo_latency_method(const testudo_latency *latency); /* "transfer matrix, 8 states", .. */

/* *lower <= P(T <= t) <= *upper, equal up to rounding when exact; t may be HUGE_VAL (P(T < infinity)). */
TESTUDO_CHECKED testudo_status testudo_latency_cdf(testudo_latency *latency, double t, double *lower, double *upper,
                                                   testudo_error *error);
/* 1 minus the above without cancellation: *lower <= P(T > t) <= *upper. */
TESTUDO_CHECKED testudo_status testudo_latency_tail(testudo_latency *latency, double t, double *lower,
                                                    double *upper, testudo_error *error);

typedef enum testudo_mean_status {
  TESTUDO_MEAN_EXACT,
  TESTUDO_MEAN_BOUNDED,
  TESTUDO_MEAN_INFINITE   /* given T finite, or T is never finite */
} testudo_mean_status;

typedef struct testudo_summary {
  testudo_mean_status status;
  double mean;             /* NAN unless exact; given T finite */
  double stddev;           /* NAN unless exact; of a bracketed law the middle; HUGE_VAL where infinite */
  double stddev_lower, stddev_upper; /* the deviation lies between; equal where exact, NAN and HUGE_VAL: not known */
  double stddev_error;     /* estimated error of stddev; NAN unless exact and finite */
  double lower, upper;     /* of the mean; HUGE_VAL where unbounded */
  double abs_error;        /* estimated numerical error of mean (or of each bound) .. */
  double abs_bound;        /* .. and what it is at most, proved: far wider of a smooth law, the same number of a
                              discrete or bracketed one; HUGE_VAL where nothing is proved. Of mean; NAN unless exact */
  double p_never;          /* P(T = infinity); NAN when only bounded */
  double p_never_lower, p_never_upper;
  double ideal;            /* E of the limit in docs/theory/latency.md#perfect-balancing, NAN where not computed */
  double over_ideal;       /* mean / ideal, NAN unless both known */
} testudo_summary;

TESTUDO_CHECKED testudo_status testudo_latency_summary(testudo_latency *latency, testudo_summary *summary,
                                                       testudo_error *error);

/* The q-quantile of the unconditional law, 0 < q < 1: *lower <= least t with P(T<=t) >= q <= *upper; HUGE_VAL above
   1 - p_never, and at it where the law is continuous. Exact laws: equal, and right to 1e-12 relative, unless they are
   bracketed, or so flat there that the rounding of P(T <= t) moves the quantile by more: then all that it can be lies
   between. */
TESTUDO_CHECKED testudo_status testudo_latency_quantile(testudo_latency *latency, double q, double *lower,
                                                        double *upper, testudo_error *error);

/* E[min(T, t)], what an iteration costs that is given up at t >= 0: the integral of P(T > .) from 0 to t, never
   infinite. *lower = *upper and *abs_error its estimated error where the law is exact; of a bracketed law they are one
   side each and *abs_error = 0, as where the law is bounded: there, sums of 512 rectangles below and above. */
TESTUDO_CHECKED testudo_status testudo_latency_capped(testudo_latency *latency, double t, double *lower, double *upper,
                                                      double *abs_error, testudo_error *error);

/* MSE(t) = E sum_i max(0, l - |U_i(t)|) of any assignment and order, exact (docs/theory/latency.md#expected-error), at
   `count` times; squared Frobenius units (chunks x parts). nmse = mse / (N l). Where only finished workers count
   (report whole, and always ignore-stragglers and gradient-code), the expected number of chunks that no finished worker
   holds. Of sums that are only bracketed the middle of the two sides, which are about 1e-4 of the time scale apart.
   TESTUDO_ERROR_ARGUMENT where that is not the error, because the decoder solves a least squares: see below. */
TESTUDO_CHECKED testudo_status testudo_expected_error(const testudo_design *design, const testudo_delay_model *model,
                                                      testudo_report report, const double *times, int64_t count,
                                                      double *mse, testudo_error *error);

/* Is it known? Not for gradient codes other than frc, nor for scheme partial with report whole unless its workers stand
   in groups that hold the same chunks: there testudo_simulate is the only road. */
TESTUDO_CHECKED testudo_status testudo_expected_error_known(const testudo_design *design, testudo_report report,
                                                            bool *known, testudo_error *error);

/* The distribution of the error whose mean testudo_expected_error gives: P(error at t = k), k = 0 .. the largest, which
   is `most` (chunks x parts, where every chunk is held often enough). By the scans of the law, with what is missing
   counted (docs/theory/latency.md#expected-error): sums of nonnegative terms, each probability accurate where it is
   small. options: report, max_states and monitor. Holds the design and model by reference; not for several threads at
   once. TESTUDO_ERROR_ARGUMENT where the error has no closed form, TESTUDO_ERROR_LIMIT beyond max_states states or 1e9
   steps at each t, and for laws that are bracketed. */
typedef struct testudo_error_law testudo_error_law;
TESTUDO_CHECKED testudo_status testudo_error_law_create(const testudo_design *design, const testudo_delay_model *model,
                                                        const testudo_analysis_options *options,
                                                        testudo_error_law **law, testudo_error *error);
int64_t testudo_error_law_most(const testudo_error_law *law);
TESTUDO_CHECKED testudo_status testudo_error_law_at(testudo_error_law *law, double t, double *probability,
                                                    testudo_error *error); /* most + 1 of them */
void testudo_error_law_free(testudo_error_law *law);

/* What scheme partial would miss on the same progress of this design's workers, whatever its scheme but block: the
   expected sum over the chunks of max(0, parts - workers that have done it), every finished chunk counted; exact. For
   nested codes the chunks that nobody has done, which their error is never less than
   (docs/theory/nested.md#stopping-before-the-announcement). */
TESTUDO_CHECKED testudo_status testudo_expected_uncovered(const testudo_design *design,
                                                          const testudo_delay_model *model, const double *times,
                                                          int64_t count, double *mse, testudo_error *error);

/* Of nested codes, and of partial ones on one ring or by elimination: the expected number of chunks that each worker
   has computed when the iteration is complete and all stop, given that it is (NAN where it never is): `workers`
   numbers, whose sum is good to *abs_error, which is an estimate; a worker of a nested code sends one signal per
   chunk. Exact (docs/theory/nested.md#the-work): a sum over the values of a discrete law, quadrature otherwise.
   TESTUDO_ERROR_ARGUMENT of other exact laws, TESTUDO_ERROR_LIMIT where T is only bounded or bracketed, or where that
   takes more than 2e9 steps. */
TESTUDO_CHECKED testudo_status testudo_expected_work(testudo_latency *latency, double *chunks, double *abs_error,
                                                     testudo_error *error);

/* An index a such that, given that T is finite, its moments of order a and more are infinite: P(t < T < infinity) is at
   least of order t^-a. HUGE_VAL where the law has no power tail (all but pareto, lomax and mixtures with them): nothing
   is claimed then. Of any scheme, either structure, any rates; failures count, and a message belongs to its worker's
   time. The mean is infinite where a <= 1, the deviation where a <= 2. Cost: O(workers). The model must be one that
   testudo_delay_check accepts. */
double testudo_tail_index(const testudo_design *design, const testudo_delay_model *model);

/* Times worth drawing: `count` >= 2 points from the 1e-4 to the 0.9999 quantile (of what is finite), ascending. */
TESTUDO_CHECKED testudo_status testudo_latency_grid(testudo_latency *latency, int32_t count, double *times,
                                                    testudo_error *error);

#ifdef __cplusplus
}
#endif
#endif
