/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mean and deviation: integrals of tails given T finite. */
#include <math.h>

#include "base/error.h"
#include "base/limits.h"
#include "exact/answered.h"
#include "exact/ideal.h"
#include "exact/latency.h"
#include "exact/tails/finite_tail.h"
#include "runtime/scheme/scheme.h"

/* Times at which the lower bound is evaluated for its integral: it may cost milliseconds each. Even. */
#define LOWER_STEPS 512

/* The upper bound of the tail where the integral of the lower one ends. */
#define NEGLIGIBLE 1e-7

/* How much larger relative errors of tables may be beyond the sides to which they are known. */
#define BEYOND 100

typedef struct tail_context {
  testudo_latency *latency;
  double finite_lower, finite_upper; /* bounds of P(T < infinity) */
  double never;
  double below;                      /* P(T <= t) at the time last asked, of an exact law */
  double uncovered;                  /* of a bounded law: the sum over the chunks of P(never covered) */
  testudo_i_finite_tail late;        /* of a bounded law: at least P(t < T < infinity) */
} tail_context;

/* ---- the three tails ---- */

/* P(t < T < infinity), from the smaller of P(T infinite) and P(T finite): its rounding is the smaller one. */
static double late_of(double below, double above, double finite, double never)
{
  return never <= finite ? above - never : finite - below;
}

/* Of an exact law. */
static testudo_status exact_late(void *context, double t, double *value, testudo_error *error)
{
  tail_context *tail = context;
  testudo_i_probability at;
  TESTUDO_I_TRY(testudo_i_latency_at(tail->latency, t, TESTUDO_I_WANT_BOTH, &at, error));
  tail->below = at.below_lower;
  *value = late_of(at.below_lower, at.above_lower, tail->finite_lower, tail->never);
  return TESTUDO_OK;
}

/* The sum over the chunks of P(covered, but after t): at least P(t < T < infinity). */
static testudo_status uncovered_late(void *context, double t, double *value, testudo_error *error)
{
  const tail_context *tail = context;
  t = fmax(0, t - tail->latency->shift);
  TESTUDO_I_TRY(tail->latency->method.uncovered(tail->latency->method.state, t, value, error));
  *value -= tail->uncovered;
  return TESTUDO_OK;
}

/* With g = P(T <= .): P(T > t | finite) <= 1 - g_lower(t) / g_upper(infinity), and <= P(t < T < infinity) /
   g_lower(infinity). */
static testudo_status upper_tail(void *context, double t, double *value, testudo_error *error)
{
  const tail_context *tail = context;
  testudo_i_probability at;
  TESTUDO_I_TRY(testudo_i_latency_at(tail->latency, t, TESTUDO_I_WANT_LOWER, &at, error));
  *value = at.above_upper;
  if (tail->never == 0)
    return TESTUDO_OK;
  double late;
  TESTUDO_I_TRY(testudo_i_finite_tail_at((void *)&tail->late, t, &late, error));
  late *= t >= tail->late.start ? 1 + tail->late.doubt : 1;
  *value = fmax(0, fmin(1 - at.below_lower / tail->finite_upper, late / tail->finite_lower));
  return TESTUDO_OK;
}

/* P(T > t | finite) >= 1 - g_upper(t) / g_lower(infinity). */
static testudo_status lower_tail(void *context, double t, double *value, testudo_error *error)
{
  const tail_context *tail = context;
  testudo_i_probability at;
  TESTUDO_I_TRY(testudo_i_latency_at(tail->latency, t, TESTUDO_I_WANT_UPPER, &at, error));
  *value = tail->never == 0 ? at.above_lower : fmax(0, 1 - at.below_upper / tail->finite_lower);
  return TESTUDO_OK;
}

/* ---- integrals ---- */

testudo_status testudo_i_latency_moments(const testudo_latency *latency, testudo_i_law_function law, void *context,
                                         const double *points, size_t count, bool want_stddev,
                                         testudo_i_integrals *moments, testudo_error *error)
{
  double rel_error = latency->options.rel_error;
  if (latency->discrete)
    return testudo_i_step_moments(law, context, points, count, want_stddev, rel_error, TESTUDO_I_LIMIT_LAW_STEPS,
                                  moments, error);
  return testudo_i_tail_moments(law, context, points, count, want_stddev, rel_error, moments, error);
}

/* Of a tail whose fields are set up to `below`. */
static testudo_status tail_moments(const testudo_latency *latency, testudo_i_finite_tail *tail, bool want_stddev,
                                   testudo_i_integrals *moments, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_finite_tail_start(tail, error));
  return testudo_i_latency_moments(latency, testudo_i_finite_tail_sides, tail, latency->points, latency->point_count,
                                   want_stddev, moments, error);
}

/* Of an exact law that is finite with some probability; mean HUGE_VAL where infinite. */
static testudo_status integrate_moments(testudo_latency *latency, tail_context *context, bool want_stddev,
                                        testudo_i_integrals *moments, testudo_error *error)
{
  testudo_i_finite_tail tail = {exact_late, context, &latency->cluster, fmin(context->never, context->finite_lower),
                                context->finite_lower, latency->discrete, latency->shift, .start = HUGE_VAL,
                                .below = &context->below};
  double doubt;
  TESTUDO_I_TRY(tail_moments(latency, &tail, want_stddev, moments, error));
  if (moments->mean == HUGE_VAL)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_finite_tail_doubt(&tail, &doubt, error));
  moments->mean_error += doubt;
  if (doubt > 0)
    moments->mean_bound = HUGE_VAL; /* it is an estimate */
  return TESTUDO_OK;
}

static void fill_stddev(const testudo_latency *latency, const testudo_i_integrals *moments, testudo_summary *summary)
{
  double stddev = moments->stddev, off = moments->stddev_error;
  summary->stddev = summary->stddev_lower = summary->stddev_upper = stddev;
  if (stddev == HUGE_VAL)
    return;
  summary->stddev_error = off;
  /* Of a side of a bracket what the integrals are off by matters. */
  if (latency->is_side) {
    summary->stddev_lower = fmax(0, stddev - off);
    summary->stddev_upper = stddev + off;
  }
}

static testudo_status exact_moments(testudo_latency *latency, tail_context *context, testudo_summary *summary,
                                    testudo_error *error)
{
  testudo_i_integrals moments;
  double index = testudo_tail_index(latency->cluster.design, latency->cluster.model);
  if (index <= 1.0)
    return TESTUDO_OK;
  TESTUDO_I_TRY(integrate_moments(latency, context, index > 2.0, &moments, error));
  if (moments.mean == HUGE_VAL)
    return TESTUDO_OK; /* the mean is infinite: what the summary says already */
  if (index <= 2.0)
    moments.stddev = HUGE_VAL;
  summary->status = TESTUDO_MEAN_EXACT;
  summary->abs_error = moments.mean_error;
  summary->abs_bound = moments.mean_bound;
  summary->mean = summary->lower = summary->upper = moments.mean;
  fill_stddev(latency, &moments, summary);
  return TESTUDO_OK;
}

/* What is known at infinity, where all conditioning on T finite begins. */
static testudo_status end_of_law(testudo_latency *latency, testudo_i_probability *end, tail_context *context,
                                 testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_latency_at(latency, HUGE_VAL, TESTUDO_I_WANT_BOTH, end, error));
  *context = (tail_context){.latency = latency, .finite_lower = end->below_lower, .finite_upper = end->below_upper,
                            .never = end->above_upper};
  return TESTUDO_OK;
}

testudo_status testudo_i_latency_mean(testudo_latency *latency, double *mean, double *abs_error, double *p_never,
                                      testudo_error *error)
{
  testudo_i_probability end;
  testudo_i_integrals moments;
  tail_context context;
  *mean = HUGE_VAL;
  *abs_error = 0;
  TESTUDO_I_TRY(end_of_law(latency, &end, &context, error));
  *p_never = end.above_lower;
  if (end.below_upper <= 0)
    return TESTUDO_OK;
  TESTUDO_I_TRY(integrate_moments(latency, &context, false, &moments, error));
  *mean = moments.mean;
  *abs_error = moments.mean_error;
  return TESTUDO_OK;
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
    TESTUDO_I_TRY(lower_tail(context, point[end - 1], &tail, error));
    *integral += tail * (point[end] - point[begin]);
    begin = end;
  }
  return TESTUDO_OK;
}

/* The lower tail is nearly 1 at `soon`, the upper one nearly nothing at `far`. */
static testudo_status find_tail_span(const testudo_latency *latency, tail_context *context, double *soon, double *far,
                                     testudo_error *error)
{
  const testudo_i_cluster *cluster = &latency->cluster;
  double tail = 1;
  *soon = *far = testudo_i_cluster_scale(cluster, 0.5) + latency->shift;
  for (int k = 0; k < 1000 && tail > NEGLIGIBLE; k++) {
    TESTUDO_I_TRY(upper_tail(context, *far, &tail, error));
    *far *= tail <= NEGLIGIBLE ? 1 : tail > 0.01 ? 1.25 : 2;
  }
  for (int k = 0; k < 100; k++) {
    TESTUDO_I_TRY(lower_tail(context, *soon, &tail, error));
    if (tail >= 0.999)
      return TESTUDO_OK;
    *soon /= 2;
  }
  *soon = 0;
  return TESTUDO_OK;
}

/* Of a continuous law: the trapezoidal rule, which does not chase the many small jumps of the bound (chunks enter and
   leave the best chain), on even steps of t, or of log t where the law is wide. The integrand is flat at both ends,
   where the rule's error is made; half the steps show how large it is, and four times that is taken off. */
static testudo_status lower_trapezoids(const testudo_latency *latency, tail_context *context, double *integral,
                                       double *abs_error, testudo_error *error)
{
  double soon, far, tail, before = 0, all = 0, even = 0;
  TESTUDO_I_TRY(find_tail_span(latency, context, &soon, &far, error));
  bool wide = soon > 0 && far > 40 * soon;
  double step = (wide ? log(far / soon) : far) / LOWER_STEPS;
  if (wide) {
    TESTUDO_I_TRY(lower_tail(context, soon, &tail, error));
    before = soon * tail; /* T exceeds all earlier times as surely */
  }
  for (int k = 0; k <= LOWER_STEPS; k++) {
    double t = wide ? soon * exp(step * k) : step * k, weight = k == 0 || k == LOWER_STEPS ? 0.5 : 1;
    TESTUDO_I_TRY(lower_tail(context, t, &tail, error));
    tail *= weight * (wide ? t : 1);
    all += tail;
    even += k % 2 == 0 ? tail : 0;
  }
  double fine = all * step, coarse = even * 2 * step;
  *abs_error = 4 * fabs(fine - coarse);
  *integral = before + fmax(0, fine - *abs_error);
  return TESTUDO_OK;
}

/* The integral of the upper bound, rounded up by its own error. */
static testudo_status integrate_bound(const testudo_latency *latency, tail_context *context, double *upper,
                                      double *abs_error, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_integrate_tail(upper_tail, context, latency->points, latency->point_count,
                                         latency->options.rel_error, latency->discrete ? TESTUDO_I_LIMIT_LAW_STEPS : 0,
                                         upper, abs_error, error));
  *upper += *abs_error;
  return TESTUDO_OK;
}

static testudo_status bounded_mean(testudo_latency *latency, tail_context *context, testudo_summary *summary,
                                   testudo_error *error)
{
  summary->status = TESTUDO_MEAN_BOUNDED;
  summary->lower = 0;
  summary->upper = HUGE_VAL;
  if (context->finite_lower <= 0)
    return TESTUDO_OK;
  if (testudo_tail_index(latency->cluster.design, latency->cluster.model) <= 1.0) {
    summary->status = TESTUDO_MEAN_INFINITE;
    summary->lower = HUGE_VAL;
    return TESTUDO_OK;
  }
  double upper_error, lower_error = 0;
  TESTUDO_I_TRY(latency->method.uncovered(latency->method.state, HUGE_VAL, &context->uncovered, error));
  context->late = (testudo_i_finite_tail){uncovered_late,     context, &latency->cluster, context->uncovered, 1,
                                          latency->discrete, latency->shift, .start = HUGE_VAL};
  TESTUDO_I_TRY(testudo_i_finite_tail_start(&context->late, error));
  TESTUDO_I_TRY(integrate_bound(latency, context, &summary->upper, &upper_error, error));
  TESTUDO_I_TRY(latency->discrete ? lower_steps(latency, context, &summary->lower, error)
                                  : lower_trapezoids(latency, context, &summary->lower, &lower_error, error));
  summary->abs_error = fmax(upper_error, lower_error);
  return TESTUDO_OK;
}

/* ---- the perfectly balanced limit ---- */

typedef struct ideal_context {
  const testudo_latency *latency;
  testudo_i_ideal *ideal;
  double finite, never;
  double below;             /* at the time last asked */
} ideal_context;

/* P(t < T < infinity) of it. */
static testudo_status ideal_late(void *context, double t, double *value, testudo_error *error)
{
  ideal_context *tail = context;
  double below, above;
  if (testudo_i_stopped(tail->latency->options.monitor, -1))
    return testudo_i_fail(error, TESTUDO_INTERRUPTED, "the analysis was interrupted");
  testudo_i_ideal_evaluate(tail->ideal, t, &below, &above);
  *value = late_of(below, above, tail->finite, tail->never);
  tail->below = below;
  return TESTUDO_OK;
}

static testudo_status ideal_mean(const testudo_latency *latency, double *mean, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  testudo_i_ideal ideal;
  bool fits;
  *mean = NAN;
  /* Perfect balancing is of chunks, and of all of them. */
  if (!testudo_i_scheme_of(latency->cluster.design)->exact_gradient || latency->cluster.delay.steps != NULL)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_ideal_init(&ideal, &arena, &latency->cluster, &fits, error));
  if (!fits)
    return TESTUDO_OK;
  ideal_context context = {.latency = latency, .ideal = &ideal};
  testudo_i_integrals moments;
  testudo_i_ideal_evaluate(&ideal, HUGE_VAL, &context.finite, &context.never);
  if (context.finite <= 0)
    return TESTUDO_OK;
  testudo_i_finite_tail tail = {ideal_late, &context, &latency->cluster, fmin(context.never, context.finite),
                                context.finite, latency->discrete, .start = HUGE_VAL, .below = &context.below};
  TESTUDO_I_TRY(tail_moments(latency, &tail, false, &moments, error));
  *mean = moments.mean + latency->shift;
  return TESTUDO_OK;
}

/* What part of a moment lies beyond sides of 1e-13, down to which the tables' errors are known. */
static double part_beyond(double index, int moment)
{
  return index < HUGE_VAL ? pow(1e-13, fmax(0, 1 - moment / index)) : 0;
}

/* The law is as steep in every worker's as its probability, so that their relative errors add up at most; beyond where
   they are known they may be a hundred times as large. */
static void add_convolution_error(const testudo_latency *latency, testudo_summary *summary)
{
  if (latency->cluster.tables_error == 0 || summary->status == TESTUDO_MEAN_INFINITE)
    return;
  double scale = summary->status == TESTUDO_MEAN_EXACT ? summary->mean : summary->lower;
  double relative = latency->cluster.tables_error * latency->cluster.workers;
  double index = testudo_tail_index(latency->cluster.design, latency->cluster.model);
  summary->abs_error += relative * scale * (1 + BEYOND * part_beyond(index, 1));
  if (isfinite(summary->stddev) && isfinite(summary->stddev_error))
    summary->stddev_error += relative * summary->stddev * (1 + BEYOND * part_beyond(index, 2));
  if (relative > 0)
    summary->abs_bound = summary->status == TESTUDO_MEAN_EXACT ? HUGE_VAL : NAN; /* it is an estimate */
}

/* ---- all together ---- */

testudo_status testudo_latency_summary(testudo_latency *latency, testudo_summary *summary, testudo_error *error)
{
  *summary = (testudo_summary){.status = TESTUDO_MEAN_INFINITE, .mean = NAN, .stddev = NAN,
                               .stddev_lower = NAN, .stddev_upper = NAN, .stddev_error = NAN, .abs_bound = NAN,
                               .lower = HUGE_VAL, .upper = HUGE_VAL, .p_never = NAN, .ideal = NAN, .over_ideal = NAN};
  testudo_i_probability end;
  tail_context context;
  if (latency->answered != NULL)
    return testudo_i_answered_summary(latency->answered, summary, error);
  if (latency->side[0] != NULL)
    return testudo_i_bracketed_summary(latency, summary, error);
  TESTUDO_I_TRY(end_of_law(latency, &end, &context, error));
  summary->p_never_lower = end.above_lower;
  summary->p_never_upper = end.above_upper;
  if (end.above_lower == end.above_upper)
    summary->p_never = end.above_lower;
  if (end.below_upper > 0)
    TESTUDO_I_TRY(latency->method.exact ? exact_moments(latency, &context, summary, error)
                                        : bounded_mean(latency, &context, summary, error));
  add_convolution_error(latency, summary);
  TESTUDO_I_TRY(ideal_mean(latency, &summary->ideal, error));
  summary->over_ideal = summary->mean / summary->ideal;
  return TESTUDO_OK;
}
