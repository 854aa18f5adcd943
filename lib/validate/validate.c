/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checks of a simulation against the analysis: P(never), tenths of the law, mean and deviation, errors at
   deadlines; and whether the trials could have shown anything else. */
#include "validate/comparison.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "exact/latency.h"
#include "runtime/scheme/scheme.h"
#include "numeric/integrate.h"
#include "validate/pvalue.h"
#include "validate/validate.h"

#define POINTS 9

void testudo_validation_free(testudo_validation *validation)
{
  if (validation == NULL)
    return;
  free(validation->check);
  free(validation);
}

testudo_check *testudo_i_comparison_add(testudo_i_comparison *c, double lower, double upper, double simulated, double p)
{
  testudo_check *check = &c->out->check[c->out->checks++];
  check->analyzed_lower = lower;
  check->analyzed_upper = upper;
  check->simulated = simulated;
  check->z = NAN;
  check->p = p;
  return check;
}

static testudo_check *add_binomial(testudo_i_comparison *c, int64_t seen, double lower, double upper)
{
  int64_t trials = c->simulation->trials;
  double p = testudo_i_p_binomial(seen, trials, lower, upper);
  return testudo_i_comparison_add(c, lower, upper, (double)seen / (double)trials, p);
}

/* How far a share of the trials must be off to be rejected, and to be rejected with the power asked for. */
static double standard_errors_noticed(const testudo_i_comparison *c)
{
  return testudo_i_normal_quantile(TESTUDO_I_POWER) - testudo_i_normal_quantile(c->level / 2.0);
}

static void notice_probability(testudo_i_comparison *c, double lower, double upper)
{
  double p = lower + (upper - lower) / 2.0;
  double noticed = standard_errors_noticed(c) * sqrt(fmax(0.0, p * (1.0 - p)) / (double)c->simulation->trials);
  c->out->detects_probability = fmax(c->out->detects_probability, noticed);
}

/* The tenths of the law given T finite, found from the analysis alone. Where it is only bounded, a time between the
   two bounds of the quantile. */
static testudo_status check_points(testudo_i_comparison *c, double finite)
{
  for (int k = 1; k <= POINTS; k++) {
    double early, late, lower, upper;
    TESTUDO_I_TRY(testudo_latency_quantile(c->latency, 0.1 * k * finite, &early, &late, c->error));
    if (!(early <= DBL_MAX))
      continue;
    double t = late <= DBL_MAX ? early + (late - early) / 2.0 : early;
    if (testudo_latency_is_exact(c->latency) && late <= DBL_MAX)
      t = late;
    t = testudo_simulation_exact_time(c->simulation, t);
    TESTUDO_I_TRY(testudo_latency_cdf(c->latency, t, &lower, &upper, c->error));
    int64_t seen = llround(testudo_simulation_cdf(c->simulation, t) * (double)c->simulation->trials);
    testudo_check *check = add_binomial(c, seen, lower, upper);
    snprintf(check->quantity, sizeof check->quantity, "P(T<=%.6g)", t);
    notice_probability(c, lower, upper);
  }
  return TESTUDO_OK;
}

static testudo_status check_never(testudo_i_comparison *c, double *finite)
{
  double lower, upper;
  TESTUDO_I_TRY(testudo_latency_tail(c->latency, HUGE_VAL, &lower, &upper, c->error));
  *finite = 1.0 - lower;
  testudo_check *check = add_binomial(c, c->simulation->never, lower, upper);
  snprintf(check->quantity, sizeof check->quantity, "P(never)");
  return TESTUDO_OK;
}

/* ---- errors ---- */

/* By z where the trials allow it, otherwise by bounds; against the nearest of what it may be. */
static void check_error(testudo_i_comparison *c, int64_t k, double lower, double upper, double reads)
{
  const testudo_simulation *simulation = c->simulation;
  double seen = simulation->mse[k], standard_error = simulation->mse_stderr[k], p = NAN, z = NAN;
  double expected = fmin(fmax(seen, lower), upper);
  double chunks = testudo_design_chunks(c->design), parts = testudo_design_parts(c->design);
  if (standard_error > 0.0) {
    z = (seen - expected) / standard_error;
    p = testudo_i_p_sample_mean(z, simulation->trials, simulation->mse_skewness[k], simulation->mse_kurtosis[k],
                                c->level);
  }
  if (isnan(p))
    p = testudo_i_p_error(seen, standard_error, expected, simulation->trials, chunks, parts, reads);
  testudo_check *check = testudo_i_comparison_add(c, lower, upper, seen, p);
  check->z = z;
  snprintf(check->quantity, sizeof check->quantity, "mse(%.6g)", c->times[k]);
}

static testudo_status check_errors(testudo_i_comparison *c, const double *lower_mse, const double *upper_mse)
{
  bool ends_without_error = testudo_i_scheme_of(c->design)->exact_gradient;
  const testudo_simulation *simulation = c->simulation;
  double chunks = testudo_design_chunks(c->design), load = testudo_design_max_load(c->design);
  double reads = c->model->failures == TESTUDO_FAILURES_EXACTLY ? chunks : fmax(load, 1.0);
  for (int64_t k = 0; k < c->time_count; k++) {
    check_error(c, k, lower_mse[k], upper_mse[k], reads);
    if (!ends_without_error)
      continue;
    /* A trial has an error at t exactly when T > t. */
    double lower, upper;
    TESTUDO_I_TRY(testudo_latency_tail(c->latency, c->times[k], &lower, &upper, c->error));
    testudo_check *check = add_binomial(c, simulation->error_trials[k], lower, upper);
    snprintf(check->quantity, sizeof check->quantity, "P(error(%.6g)>0)", c->times[k]);
  }
  return TESTUDO_OK;
}

/* Where the analysis knows no error there is nothing to compare the simulated one with. */
static testudo_status compare_errors(testudo_i_comparison *c)
{
  bool known;
  testudo_report report = c->latency->options.report;
  TESTUDO_I_TRY(testudo_expected_error_known(c->design, report, &known, c->error));
  if (!known || c->time_count == 0)
    return TESTUDO_OK;
  TESTUDO_I_HELD(testudo_i_free_held) double *mse = testudo_i_alloc((size_t)c->time_count, 2 * sizeof *mse);
  TESTUDO_I_TRY(testudo_i_memory_check(mse != NULL, c->error));
  double *upper = mse + c->time_count;
  TESTUDO_I_TRY(
      testudo_i_latency_errors(c->latency, c->design, c->model, c->times, c->time_count, mse, upper, c->error));
  return check_errors(c, mse, upper);
}

/* A rejection stands however few the trials; that nothing is rejected says something only where it would have been. */
static void conclude(testudo_i_comparison *c)
{
  testudo_validation *out = c->out;
  bool would_show = !(out->detects_mean > TESTUDO_VALIDATE_DETECTS) &&
               out->detects_probability <= TESTUDO_VALIDATE_DETECTS;
  /* A trial that the rule calls decodable and the decoder refuses does not end at the T that the analysis states. */
  bool rejected = c->simulation->decode.failures > 0 || c->simulation->decode.refused > 0;
  for (size_t k = 0; k < out->checks; k++) {
    bool holds = out->check[k].p >= out->false_alarm / (double)out->checks;
    rejected = rejected || !holds;
    out->check[k].holds = !holds ? 0 : would_show ? 1 : -1;
  }
  out->agrees = rejected ? 0 : would_show ? 1 : -1;
}

static testudo_status compare(testudo_i_comparison *c)
{
  double finite = 1.0;
  TESTUDO_I_TRY(check_never(c, &finite));
  if (finite > 0.0) {
    TESTUDO_I_TRY(check_points(c, finite));
    TESTUDO_I_TRY(testudo_i_compare_moments(c));
  }
  TESTUDO_I_TRY(compare_errors(c));
  conclude(c);
  return TESTUDO_OK;
}

testudo_status testudo_i_validate_stated(testudo_latency *latency, const testudo_summary *summary,
                                         const testudo_design *design, const testudo_delay_model *model,
                                         const testudo_simulation *simulation, const double *times, int64_t time_count,
                                         double false_alarm, testudo_validation **validation, testudo_error *error)
{
  *validation = NULL;
  if (!(false_alarm > 0.0 && false_alarm < 1.0))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "false_alarm: %g, but it lies between 0 and 1", false_alarm);
  if (time_count != simulation->time_count)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "times: %lld deadlines, but the simulation has %lld",
                          (long long)time_count, (long long)simulation->time_count);
  size_t most = POINTS + 3 + 2 * (size_t)time_count;
  testudo_validation *out = testudo_i_calloc(1, sizeof *out);
  if (out == NULL || (out->check = testudo_i_calloc(most, sizeof *out->check)) == NULL) {
    testudo_validation_free(out);
    return testudo_i_fail_memory(error);
  }
  out->false_alarm = false_alarm;
  out->detects_mean = NAN;
  out->mean_untested = out->deviation_untested = "no trial ends";
  testudo_i_comparison c = {.latency = latency, .design = design, .model = model, .simulation = simulation,
                            .summary = summary, .times = times, .time_count = time_count,
                            .level = false_alarm / (double)most, .out = out, .error = error};
  TESTUDO_I_HAND_OVER(compare(&c), out, testudo_validation_free, validation);
}

testudo_status testudo_validate(testudo_latency *latency, const testudo_design *design,
                                const testudo_delay_model *model, const testudo_simulation *simulation,
                                const double *times, int64_t time_count, double false_alarm,
                                testudo_validation **validation, testudo_error *error)
{
  return testudo_i_validate_stated(latency, NULL, design, model, simulation, times, time_count, false_alarm,
                                   validation, error);
}
