/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checks of mean and deviation (docs/theory/trials.md#tests-of-mean-and-deviation). */
#include "validate/comparison.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "numeric/integrate.h"
#include "validate/outcome.h"

/* Of the standard error of the trials: an error of the analysis that is no more is allowed for, a larger one makes an
   interval of what was analysed. */
#define TINY 0.1

/* Of the mean, which is a sum of doubles; and of a mean of times that are all alike. */
#define ROUNDING 1e-14
#define ROUNDING_ALIKE 1e-12

static const char *const too_heavy = "the tail is too heavy for so few trials";

/* Two sides, each with the law under which the test on it is made; the first law is that of the earlier times. */
typedef struct moment_test {
  int64_t n;
  double mean[2];             /* analysed, between */
  testudo_i_outcome law[2];   /* the same where it is exact */
  testudo_i_arena *arena;     /* of what they hold */
} moment_test;

/* What was analysed, and what is allowed for on either side. */
typedef struct moment_interval {
  double end[2], allowed[2];
} moment_interval;

/* What is stated with an error, in trials of this standard error. */
static void interval_set(moment_interval *interval, int side, double stated, double error, double standard_error)
{
  bool tiny = error <= TINY * standard_error || standard_error == 0.0;
  interval->allowed[side] = tiny ? error : 0.0;
  interval->end[side] = tiny ? stated : stated + (side == 1 ? error : -error);
}

/* The end that `seen` is beyond, with what is allowed for; `seen` itself, and side -1, where it is beyond none. */
static double nearest_end(const moment_interval *interval, double seen, int *side)
{
  double first = interval->end[0] - interval->allowed[0], last = interval->end[1] + interval->allowed[1];
  *side = seen > last ? 1 : seen < first ? 0 : -1;
  return *side == 1 ? last : *side == 0 ? first : seen;
}

/* How far a mean of n outcomes must be off, in deviations, to be rejected; HUGE_VAL where their tail is too heavy. */
static double moment_critical(const testudo_i_comparison *c, const testudo_i_outcome *law, int64_t n, int sign)
{
  return testudo_i_outcome_critical(law, n, c->level / 2.0, sign);
}

/* `off` in deviations of one outcome. */
static void add_moment(testudo_i_comparison *c, const char *name, const testudo_i_outcome *law, int64_t n,
                       const moment_interval *interval, double seen, double off)
{
  double p = off == 0.0 ? 1.0 : fmin(1.0, 2.0 * testudo_i_outcome_tail(law, n, off));
  testudo_check *check = testudo_i_comparison_add(c, interval->end[0], interval->end[1], seen, p);
  check->z = off * sqrt((double)n);
  snprintf(check->quantity, sizeof check->quantity, "%s", name);
}

/* The least relative error that is noticed with the power asked for; HUGE_VAL where the tail is too heavy. */
static double mean_noticed(const testudo_i_comparison *c, const moment_test *test)
{
  double noticed = 0.0, power = testudo_i_normal_quantile(TESTUDO_I_POWER) / sqrt((double)test->n);
  for (int side = 0; side < 2; side++) {
    const testudo_i_outcome *law = &test->law[side];
    if (law->stddev > 0.0)
      noticed = fmax(noticed, (moment_critical(c, law, test->n, side == 1 ? 1 : -1) + power) * law->stddev /
                                  test->mean[side]);
  }
  return noticed;
}

static void check_mean(testudo_i_comparison *c, const moment_test *test, double abs_error)
{
  moment_interval interval;
  double seen = c->simulation->mean, noticed = mean_noticed(c, test);
  int side;
  if (!(noticed <= DBL_MAX)) {
    c->out->mean_untested = too_heavy;
    return;
  }
  for (int k = 0; k < 2; k++) {
    double standard_error = test->law[k].stddev / sqrt((double)test->n);
    double rounding = (standard_error > 0.0 ? ROUNDING : ROUNDING_ALIKE) * test->mean[k];
    interval_set(&interval, k, test->mean[k], abs_error + rounding, standard_error);
  }
  double off = seen - nearest_end(&interval, seen, &side);
  const testudo_i_outcome *law = &test->law[side == 1];
  double deviations = side < 0 ? 0.0 : law->stddev > 0.0 ? off / law->stddev : copysign(HUGE_VAL, off);
  add_moment(c, "mean", law, test->n, &interval, seen, deviations);
  c->out->mean_untested = NULL;
  c->out->detects_mean = noticed;
}

/* By the variance: its estimate is a mean of squares, less the square of how far off the mean of the trials is, times
   n / (n - 1). The one takes no more of it than `loss`, but in fewer cases than the false alarm; the other is small. */
static testudo_status check_deviation(testudo_i_comparison *c, moment_test *test, const testudo_summary *summary)
{
  testudo_i_outcome square;
  moment_interval interval;
  const testudo_i_outcome *law = &test->law[0];
  double seen = c->simulation->stddev, n = (double)test->n, loss = 2.0 * log(2.0 / c->level) / n;
  int side;
  TESTUDO_I_TRY(testudo_i_outcome_square(law, test->arena, &square, c->error));
  if (!(fmax(moment_critical(c, &square, test->n, 1), moment_critical(c, &square, test->n, -1)) <= DBL_MAX)) {
    c->out->deviation_untested = too_heavy;
    return TESTUDO_OK;
  }
  double standard_error = law->stddev * square.stddev / (2.0 * sqrt(n));
  double stated_error = summary->stddev_error > 0.0 ? summary->stddev_error : 0.0;
  interval_set(&interval, 0, summary->stddev_lower, stated_error + ROUNDING * summary->mean, standard_error);
  interval_set(&interval, 1, summary->stddev_upper, stated_error + ROUNDING * summary->mean, standard_error);
  double end = nearest_end(&interval, seen, &side);
  double share = (seen - end) * (seen + end) / (law->stddev * law->stddev);
  double off = side < 0 ? 0.0 : side == 1 ? fmax(0.0, share - 1.0 / n) : fmin(0.0, share + loss);
  add_moment(c, "deviation", &square, test->n, &interval, seen, off / square.stddev);
  c->out->deviation_untested = NULL;
  return TESTUDO_OK;
}

/* The law, or the two between which it is, as points. */
static testudo_status moment_test_start(testudo_i_comparison *c, moment_test *test, const testudo_summary *summary,
                                        bool *found)
{
  bool one = summary->lower == summary->upper, known = summary->stddev_upper <= DBL_MAX;
  test->mean[0] = summary->lower;
  test->mean[1] = summary->upper;
  *found = true;
  for (int k = 0; k < 2 && *found; k++) {
    double stddev = known ? summary->stddev_upper : test->mean[k];
    if (k == 0 || !one)
      TESTUDO_I_TRY(testudo_i_outcome_make(c->latency, k == 0 ? TESTUDO_I_EARLY : TESTUDO_I_LATE, test->mean[k], stddev,
                                           test->n, TINY * c->level, test->arena, &test->law[k], found, c->error));
  }
  if (one)
    test->law[1] = test->law[0];
  return TESTUDO_OK;
}

/* NULL: it is known between two numbers, and what its trials vary by is finite. */
static const char *why_no_mean(const testudo_i_comparison *c, const testudo_summary *summary, double index,
                               double p_never_width)
{
  if (summary->status == TESTUDO_MEAN_INFINITE || index <= 1.0)
    return "it is infinite";
  if (index <= 2.0)
    return "the deviation is infinite";
  if (c->simulation->trials == c->simulation->never)
    return "no trial ends";
  if (!(summary->upper <= DBL_MAX))
    return "it has no upper bound";
  return p_never_width > 1e-9 ? "P(never), given which it is, is only bounded" : NULL;
}

static const char *why_no_deviation(const moment_test *test, const testudo_summary *summary, double index)
{
  if (index <= 2.0)
    return "it is infinite";
  if (index <= 4.0)
    return "the fourth moment is infinite";
  if (test->law[0].stddev == 0.0)
    return "all times are alike";
  if (test->n < 2)
    return "one trial has none";
  return summary->stddev_upper <= DBL_MAX ? NULL : "it is not known";
}

testudo_status testudo_i_compare_moments(testudo_i_comparison *c)
{
  testudo_summary summary;
  double lower, upper, index = testudo_tail_index(c->design, c->model);
  bool found;
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  moment_test test = {.n = c->simulation->trials - c->simulation->never, .arena = &arena};
  TESTUDO_I_TRY(testudo_latency_summary(c->latency, &summary, c->error));
  TESTUDO_I_TRY(testudo_latency_tail(c->latency, HUGE_VAL, &lower, &upper, c->error));
  if (c->summary != NULL)
    summary = *c->summary;
  testudo_validation *out = c->out;
  out->mean_untested = why_no_mean(c, &summary, index, upper - lower);
  out->deviation_untested = index <= 2.0 ? "it is infinite" : out->mean_untested;
  if (out->mean_untested != NULL)
    return TESTUDO_OK;
  TESTUDO_I_TRY(moment_test_start(c, &test, &summary, &found));
  if (!found) {
    out->mean_untested = out->deviation_untested = "the law is bounded too loosely";
    return TESTUDO_OK;
  }
  /* The ends of a bracket hold its errors. */
  bool bracketed = summary.lower < summary.upper && testudo_latency_is_exact(c->latency);
  check_mean(c, &test, bracketed ? 0.0 : summary.abs_error);
  out->deviation_untested = why_no_deviation(&test, &summary, index);
  return out->deviation_untested == NULL ? check_deviation(c, &test, &summary) : TESTUDO_OK;
}
