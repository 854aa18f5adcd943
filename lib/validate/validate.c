/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checks of a simulation against the analysis: P(never), tenths of the law, the mean, errors at deadlines. */
#include <testudo/validate.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "exact/latency.h"
#include "runtime/scheme/scheme.h"
#include "validate/pvalue.h"

#define POINTS 9

typedef struct comparison {
  testudo_latency *latency;
  const testudo_design *design;
  const testudo_delay_model *model;
  const testudo_simulation *simulation;
  const double *times;
  int64_t time_count;
  double level;              /* false alarm of one check */
  testudo_validation *out;
  testudo_error *error;
} comparison;

void testudo_validation_free(testudo_validation *validation)
{
  if (validation == NULL)
    return;
  free(validation->check);
  free(validation);
}

static testudo_check *add_check(comparison *c, double lower, double upper, double simulated, double p)
{
  testudo_check *check = &c->out->check[c->out->checks++];
  check->analyzed_lower = lower;
  check->analyzed_upper = upper;
  check->simulated = simulated;
  check->p = p;
  return check;
}

static testudo_check *add_binomial(comparison *c, int64_t seen, double lower, double upper)
{
  int64_t trials = c->simulation->trials;
  return add_check(c, lower, upper, (double)seen / (double)trials, testudo_i_p_binomial(seen, trials, lower, upper));
}

/* The tenths of the law given T finite, found from the analysis alone. Where it is only bounded, a time between the
   two bounds of the quantile. */
static testudo_status check_points(comparison *c, double finite)
{
  for (int k = 1; k <= POINTS; k++) {
    double early, late, lower, upper;
    TESTUDO_I_TRY(testudo_latency_quantile(c->latency, 0.1 * k * finite, &early, &late, c->error));
    if (!(early <= DBL_MAX))
      continue;
    double t = late <= DBL_MAX ? early + (late - early) / 2.0 : early;
    if (testudo_latency_is_exact(c->latency) && late <= DBL_MAX)
      t = late;
    TESTUDO_I_TRY(testudo_latency_cdf(c->latency, t, &lower, &upper, c->error));
    int64_t seen = llround(testudo_simulation_cdf(c->simulation, t) * (double)c->simulation->trials);
    testudo_check *check = add_binomial(c, seen, lower, upper);
    snprintf(check->quantity, sizeof check->quantity, "P(T<=%.6g)", t);
  }
  return TESTUDO_OK;
}

static testudo_status check_never(comparison *c, double *finite)
{
  double lower, upper;
  TESTUDO_I_TRY(testudo_latency_tail(c->latency, HUGE_VAL, &lower, &upper, c->error));
  *finite = 1.0 - lower;
  testudo_check *check = add_binomial(c, c->simulation->never, lower, upper);
  snprintf(check->quantity, sizeof check->quantity, "P(never)");
  return TESTUDO_OK;
}

/* A level that all of n values stay below but for a tenth of this check's false alarm. */
static testudo_status find_bound(comparison *c, const testudo_summary *summary, int64_t n, double finite,
                                 double *bound, double *beyond)
{
  *bound = summary->mean + 8.0 * summary->stddev;
  for (;;) {
    double lower, upper, lower_never, upper_never;
    TESTUDO_I_TRY(testudo_latency_tail(c->latency, *bound, &lower, &upper, c->error));
    TESTUDO_I_TRY(testudo_latency_tail(c->latency, HUGE_VAL, &lower_never, &upper_never, c->error));
    *beyond = (double)n * fmax(0.0, upper - lower_never) / finite;
    if (*beyond <= 0.1 * c->level || *bound > 1e6 * summary->mean)
      return TESTUDO_OK;
    *bound *= 1.25;
  }
}

static testudo_status check_mean(comparison *c, double finite)
{
  testudo_summary summary;
  const testudo_simulation *simulation = c->simulation;
  int64_t n = simulation->trials - simulation->never;
  if (!testudo_latency_is_exact(c->latency))
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_latency_summary(c->latency, &summary, c->error));
  if (n == 0 || summary.status != TESTUDO_MEAN_EXACT || !(summary.stddev <= DBL_MAX))
    return TESTUDO_OK;
  double bound, beyond;
  TESTUDO_I_TRY(find_bound(c, &summary, n, finite, &bound, &beyond));
  /* What the analysis and summation may be off by is no disagreement. */
  double off = simulation->mean - summary.mean, free_play = summary.abs_error + 1e-12 * summary.mean;
  off = fabs(off) <= free_play ? 0.0 : off - copysign(free_play, off);
  double p = testudo_i_p_mean(off, n, summary.mean, summary.stddev, bound, beyond);
  testudo_check *check = add_check(c, summary.mean, summary.mean, simulation->mean, p);
  snprintf(check->quantity, sizeof check->quantity, "mean");
  return TESTUDO_OK;
}

static testudo_status check_errors(comparison *c, const double *mse)
{
  bool ends_without_error = testudo_i_scheme_of(c->design)->exact_gradient;
  const testudo_simulation *simulation = c->simulation;
  double chunks = testudo_design_chunks(c->design), parts = testudo_design_parts(c->design);
  double load = testudo_design_max_load(c->design);
  double reads = c->model->failures == TESTUDO_FAILURES_EXACTLY ? chunks : fmax(load, 1.0);
  for (int64_t k = 0; k < c->time_count; k++) {
    double p = testudo_i_p_error(simulation->mse[k], simulation->mse_stderr[k], mse[k], simulation->trials, chunks,
                                 parts, reads);
    testudo_check *check = add_check(c, mse[k], mse[k], simulation->mse[k], p);
    snprintf(check->quantity, sizeof check->quantity, "mse(%.6g)", c->times[k]);
    if (!ends_without_error)
      continue;
    /* A trial has an error at t exactly when T > t. */
    double lower, upper;
    TESTUDO_I_TRY(testudo_latency_tail(c->latency, c->times[k], &lower, &upper, c->error));
    check = add_binomial(c, simulation->error_trials[k], lower, upper);
    snprintf(check->quantity, sizeof check->quantity, "P(error(%.6g)>0)", c->times[k]);
  }
  return TESTUDO_OK;
}

/* Where the analysis knows no error there is nothing to compare the simulated one with. */
static testudo_status compare_errors(comparison *c)
{
  bool known;
  testudo_report report = c->latency->options.report;
  TESTUDO_I_TRY(testudo_expected_error_known(c->design, report, &known, c->error));
  if (!known || c->time_count == 0)
    return TESTUDO_OK;
  TESTUDO_I_HELD(testudo_i_free_held) double *mse = testudo_i_alloc((size_t)c->time_count, sizeof *mse);
  TESTUDO_I_TRY(testudo_i_memory_check(mse != NULL, c->error));
  TESTUDO_I_TRY(testudo_expected_error(c->design, c->model, report, c->times, c->time_count, mse, c->error));
  return check_errors(c, mse);
}

static testudo_status compare(comparison *c)
{
  double finite = 1.0;
  TESTUDO_I_TRY(check_never(c, &finite));
  if (finite > 0.0) {
    TESTUDO_I_TRY(check_points(c, finite));
    TESTUDO_I_TRY(check_mean(c, finite));
  }
  TESTUDO_I_TRY(compare_errors(c));
  testudo_validation *out = c->out;
  out->agrees = c->simulation->decode.failures == 0;
  for (size_t k = 0; k < out->checks; k++) {
    out->check[k].holds = out->check[k].p >= out->false_alarm / (double)out->checks;
    out->agrees = out->agrees && out->check[k].holds;
  }
  return TESTUDO_OK;
}

testudo_status testudo_validate(testudo_latency *latency, const testudo_design *design,
                                const testudo_delay_model *model, const testudo_simulation *simulation,
                                const double *times, int64_t time_count, double false_alarm,
                                testudo_validation **validation, testudo_error *error)
{
  *validation = NULL;
  if (!(false_alarm > 0.0 && false_alarm < 1.0))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "false_alarm: %g, but it lies between 0 and 1", false_alarm);
  if (time_count != simulation->time_count)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "times: %lld deadlines, but the simulation has %lld",
                          (long long)time_count, (long long)simulation->time_count);
  size_t most = POINTS + 2 + 2 * (size_t)time_count;
  testudo_validation *out = testudo_i_calloc(1, sizeof *out);
  if (out == NULL || (out->check = testudo_i_calloc(most, sizeof *out->check)) == NULL) {
    testudo_validation_free(out);
    return testudo_i_fail_memory(error);
  }
  out->false_alarm = false_alarm;
  comparison c = {.latency = latency, .design = design, .model = model, .simulation = simulation, .times = times,
                  .time_count = time_count, .level = false_alarm / (double)most, .out = out, .error = error};
  TESTUDO_I_HAND_OVER(compare(&c), out, testudo_validation_free, validation);
}
