/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mean and deviation: integrals of tails given T finite. */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "exact/ideal.h"
#include "exact/latency.h"
#include "numeric/integrate.h"

/* Evaluations that the integral of a step function may take. */
#define STEP_BUDGET 2000000

/* Times at which the lower bound is evaluated for its integral: it may cost milliseconds each. Even. */
#define LOWER_STEPS 512

/* Where the integral of a lower bound may end. */
#define NEGLIGIBLE 1e-7

typedef struct tail_context {
  testudo_latency *latency;
  double finite_lower, finite_upper; /* bounds of P(T < infinity) */
  double never;
} tail_context;

/* ---- the three tails ---- */

/* P(T > t | T finite) of an exact law. A difference below the rounding of its terms is zero, or the tail would never
   end. */
static testudo_status exact_tail(void *context, double t, double *value, testudo_error *error)
{
  const tail_context *tail = context;
  testudo_i_probability at;
  testudo_status status = testudo_i_latency_at(tail->latency, t, TESTUDO_I_WANT_BOTH, &at, error);
  if (status != TESTUDO_OK)
    return status;
  double left = at.above_lower - tail->never, noise = 1e-15 * (tail->latency->cluster.workers + 16) * tail->never;
  *value = left > noise ? fmin(1, left / tail->finite_lower) : 0;
  return TESTUDO_OK;
}

/* With g = P(T <= .): P(T > t | finite) <= 1 - g_lower(t) / g_upper(infinity), and <= late(t) / g_lower(infinity). */
static testudo_status upper_tail(void *context, double t, double *value, testudo_error *error)
{
  const tail_context *tail = context;
  const testudo_i_method *method = &tail->latency->method;
  testudo_i_probability at;
  testudo_status status = testudo_i_latency_at(tail->latency, t, TESTUDO_I_WANT_LOWER, &at, error);
  if (status != TESTUDO_OK)
    return status;
  *value = at.above_upper;
  if (tail->never == 0)
    return TESTUDO_OK;
  double late;
  status = method->late(method->state, t, &late, error);
  if (status == TESTUDO_OK)
    *value = fmax(0, fmin(1 - at.below_lower / tail->finite_upper, late / tail->finite_lower));
  return status;
}

/* P(T > t | finite) >= 1 - g_upper(t) / g_lower(infinity). */
static testudo_status lower_tail(void *context, double t, double *value, testudo_error *error)
{
  const tail_context *tail = context;
  testudo_i_probability at;
  testudo_status status = testudo_i_latency_at(tail->latency, t, TESTUDO_I_WANT_UPPER, &at, error);
  if (status != TESTUDO_OK)
    return status;
  *value = tail->never == 0 ? at.above_lower : fmax(0, 1 - at.below_upper / tail->finite_lower);
  return TESTUDO_OK;
}

/* ---- integrals ---- */

static testudo_status integrate(const testudo_latency *latency, testudo_i_function tail, void *context, int power,
                                double rel_error, testudo_i_memo *memo, double *integral, double *abs_error,
                                testudo_error *error)
{
  if (latency->discrete)
    return testudo_i_integrate_steps(tail, context, power, latency->points, latency->point_count, rel_error,
                                     STEP_BUDGET, memo, integral, abs_error, error);
  return testudo_i_integrate_tail(tail, context, power, latency->points, latency->point_count, rel_error, memo,
                                  integral, abs_error, error);
}

static testudo_status exact_moments(testudo_latency *latency, tail_context *context, testudo_summary *summary,
                                    testudo_error *error)
{
  double first, second, second_error;
  testudo_i_memo *memo = testudo_i_memo_new();
  if (memo == NULL)
    return testudo_i_fail_memory(error);
  testudo_status status = integrate(latency, exact_tail, context, 0, latency->options.rel_error, memo, &first,
                                    &summary->abs_error, error);
  if (status == TESTUDO_OK && first == HUGE_VAL) {
    testudo_i_memo_free(memo);
    return TESTUDO_OK; /* the mean is infinite: what the summary says already */
  }
  if (status == TESTUDO_OK)
    status = integrate(latency, exact_tail, context, 1, latency->options.rel_error, memo, &second, &second_error,
                       error);
  if (status == TESTUDO_OK) {
    double variance = 2 * second - first * first;
    summary->status = TESTUDO_MEAN_EXACT;
    summary->mean = summary->lower = summary->upper = first;
    summary->stddev = second == HUGE_VAL ? HUGE_VAL : variance > 1e-14 * first * first ? sqrt(variance) : 0;
  }
  testudo_i_memo_free(memo);
  return status;
}

/* Of a discrete law: the tail at the last jump before each chosen one is a lower bound on the whole interval between
   two chosen jumps, whether or not the bound is monotone. */
static testudo_status lower_steps(const testudo_latency *latency, tail_context *context, double *integral,
                                  testudo_error *error)
{
  const double *point = latency->points;
  size_t count = latency->point_count, steps = count < LOWER_STEPS ? count : LOWER_STEPS, begin = 0;
  *integral = 0;
  if (count == 0)
    return TESTUDO_OK;
  *integral = point[0];
  for (size_t k = 1; k <= steps; k++) {
    size_t end = k * (count - 1) / steps;
    double tail;
    if (end == begin)
      continue;
    testudo_status status = lower_tail(context, point[end - 1], &tail, error);
    if (status != TESTUDO_OK)
      return status;
    *integral += tail * (point[end] - point[begin]);
    begin = end;
  }
  return TESTUDO_OK;
}

/* A time after which the upper bound of the tail is nearly nothing. */
static testudo_status far_time(const testudo_latency *latency, tail_context *context, double *end,
                               testudo_error *error)
{
  double tail = 1;
  *end = testudo_law_mean(latency->cluster.model->law);
  for (int k = 0; k < 1000 && tail > NEGLIGIBLE; k++) {
    testudo_status status = upper_tail(context, *end, &tail, error);
    if (status != TESTUDO_OK)
      return status;
    *end *= tail > NEGLIGIBLE ? 1.25 : 1;
  }
  return TESTUDO_OK;
}

/* Of a continuous law: the trapezoidal rule, which does not chase the many small jumps of the bound (chunks enter and
   leave the best chain). The bound is flat at both ends, where the rule's error is made; half the steps tell how
   large it is, and four times that is taken off. */
static testudo_status lower_trapezoids(const testudo_latency *latency, tail_context *context, double *integral,
                                       double *abs_error, testudo_error *error)
{
  double end, all = 0, even = 0;
  testudo_status status = far_time(latency, context, &end, error);
  for (int k = 0; status == TESTUDO_OK && k <= LOWER_STEPS; k++) {
    double tail, weight = k == 0 || k == LOWER_STEPS ? 0.5 : 1;
    status = lower_tail(context, end * k / LOWER_STEPS, &tail, error);
    all += weight * tail;
    even += k % 2 == 0 ? weight * tail : 0;
  }
  double fine = all * end / LOWER_STEPS, coarse = even * end / (LOWER_STEPS / 2);
  *abs_error = 4 * fabs(fine - coarse);
  *integral = fmax(0, fine - *abs_error);
  return status;
}

static testudo_status bounded_mean(testudo_latency *latency, tail_context *context, testudo_summary *summary,
                                   testudo_error *error)
{
  summary->status = TESTUDO_MEAN_BOUNDED;
  summary->lower = 0;
  summary->upper = HUGE_VAL;
  if (context->finite_lower <= 0)
    return TESTUDO_OK;
  double upper_error, lower_error = 0;
  testudo_status status = integrate(latency, upper_tail, context, 0, latency->options.rel_error, NULL,
                                    &summary->upper, &upper_error, error);
  if (status == TESTUDO_OK)
    status = latency->discrete ? lower_steps(latency, context, &summary->lower, error)
                               : lower_trapezoids(latency, context, &summary->lower, &lower_error, error);
  if (status == TESTUDO_OK)
    summary->abs_error = fmax(upper_error, lower_error);
  return status;
}

/* ---- the perfectly balanced limit ---- */

typedef struct ideal_context {
  const testudo_latency *latency;
  testudo_i_ideal *ideal;
  double never;
} ideal_context;

static testudo_status ideal_tail(void *context, double t, double *value, testudo_error *error)
{
  const ideal_context *tail = context;
  double below, above;
  if (testudo_i_stopped(tail->latency->options.monitor, -1))
    return testudo_i_fail(error, TESTUDO_INTERRUPTED, "the analysis was interrupted");
  testudo_i_ideal_evaluate(tail->ideal, t, &below, &above);
  double left = above - tail->never, noise = 1e-15 * (tail->latency->cluster.workers + 16) * tail->never;
  *value = left > noise ? fmin(1, left / (1 - tail->never)) : 0;
  return TESTUDO_OK;
}

static testudo_status ideal_mean(testudo_latency *latency, double *mean, testudo_error *error)
{
  *mean = NAN;
  if (testudo_design_scheme(latency->cluster.design) == TESTUDO_SCHEME_IGNORE_STRAGGLERS)
    return TESTUDO_OK;
  testudo_i_ideal ideal;
  bool fits;
  testudo_status status = testudo_i_ideal_init(&ideal, &latency->cluster, &fits, error);
  if (status != TESTUDO_OK || !fits)
    return status;
  ideal_context context = {.latency = latency, .ideal = &ideal};
  double below, abs_error, integral;
  testudo_i_ideal_evaluate(&ideal, HUGE_VAL, &below, &context.never);
  if (below > 0) {
    status = integrate(latency, ideal_tail, &context, 0, latency->options.rel_error, NULL, &integral, &abs_error,
                       error);
    if (status == TESTUDO_OK)
      *mean = integral;
  }
  testudo_i_ideal_free(&ideal);
  return status;
}

/* ---- all together ---- */

testudo_status testudo_latency_summary(testudo_latency *latency, testudo_summary *summary, testudo_error *error)
{
  *summary = (testudo_summary){.status = TESTUDO_MEAN_INFINITE, .mean = NAN, .stddev = NAN, .lower = HUGE_VAL,
                               .upper = HUGE_VAL, .p_never = NAN, .ideal = NAN, .over_ideal = NAN};
  testudo_i_probability end;
  testudo_status status = testudo_i_latency_at(latency, HUGE_VAL, TESTUDO_I_WANT_BOTH, &end, error);
  if (status != TESTUDO_OK)
    return status;
  summary->p_never_lower = end.above_lower;
  summary->p_never_upper = end.above_upper;
  if (end.above_lower == end.above_upper)
    summary->p_never = end.above_lower;
  tail_context context = {latency, end.below_lower, end.below_upper, end.above_upper};
  if (end.below_upper > 0)
    status = latency->method.exact ? exact_moments(latency, &context, summary, error)
                                   : bounded_mean(latency, &context, summary, error);
  if (status == TESTUDO_OK)
    status = ideal_mean(latency, &summary->ideal, error);
  if (status == TESTUDO_OK)
    summary->over_ideal = summary->mean / summary->ideal;
  return status;
}
