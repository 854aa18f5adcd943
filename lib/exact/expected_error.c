/* SPDX-License-Identifier: GPL-3.0-or-later */
/* E sum_i max(0, l - |U_i(t)|), a Poisson-binomial law per chunk (docs/theory/latency.md#expected-error). Where only
   finished workers count, the same with every place replaced by its worker's load. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/sum.h"
#include "delay/answer.h"
#include "delay/sums/brackets.h"
#include "exact/chunk_types.h"
#include "exact/cluster.h"
#include "exact/latency.h"
#include "runtime/scheme/scheme.h"

static double error_at(testudo_i_chunk_types *types, double t)
{
  testudo_i_sum total = {0, 0};
  testudo_i_chunk_types_at(types, t, types->fail_prob);
  for (int32_t k = 0; k < types->types; k++) {
    const double *law = testudo_i_type_law(types, k, types->failed);
    double missing = 0;
    for (int32_t v = 0; v < types->parts; v++)
      missing += (types->parts - v) * law[v];
    testudo_i_sum_add(&total, missing * (double)types->type_count[k]);
  }
  return testudo_i_sum_value(&total);
}

testudo_status testudo_expected_error_known(const testudo_design *design, testudo_report report, bool *known,
                                            testudo_error *error)
{
  testudo_i_rule cover;
  if (report != TESTUDO_REPORT_CHUNK && report != TESTUDO_REPORT_WHOLE)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "report: %d, but it is chunk (0) or whole (1)", (int)report);
  TESTUDO_I_TRY(testudo_i_cover_rule(design, report, &cover, known, error));
  testudo_i_rule_clear(&cover);
  return TESTUDO_OK;
}

static testudo_status check_known(const testudo_design *design, testudo_report report, testudo_error *error)
{
  bool known;
  TESTUDO_I_TRY(testudo_expected_error_known(design, report, &known, error));
  if (known)
    return TESTUDO_OK;
  const testudo_i_scheme *scheme = testudo_i_scheme_of(design);
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                        "the expected error of scheme %s%s has no closed form, it is simulated only", scheme->name,
                        scheme->report_fixed ? "" : " with report whole");
}

/* Adds share times the error at `times`, less what passes between fixing the progress and having the estimate. */
static testudo_status add_errors(const testudo_design *design, const testudo_i_delay *delay, bool whole, double shift,
                                 double share, const double *times, int64_t count, double *mse, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  testudo_i_chunk_types types;
  TESTUDO_I_TRY(testudo_i_chunk_types_init(&types, &arena, design, delay, whole, error));
  for (int64_t k = 0; k < count; k++)
    mse[k] += share * error_at(&types, fmax(0, testudo_i_latest_progress(times[k], shift)));
  return TESTUDO_OK;
}

/* Of a law that is bracketed: the middle of the two sides. */
static testudo_status bracketed_errors(const testudo_design *design, const testudo_delay_model *model, bool whole,
                                       double shift, const double *times, int64_t count, double *mse,
                                       testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_cluster_free) testudo_i_cluster cluster = {0};
  const testudo_i_delay delay = {.model = model, .bracketed = true};
  TESTUDO_I_TRY(testudo_i_cluster_init(&cluster, design, &delay, whole, error));
  TESTUDO_I_TRY(testudo_i_cluster_bracket(&cluster, NULL, error));
  for (int side = 0; side < 2; side++) {
    cluster.delay.up = side == 1;
    TESTUDO_I_TRY(add_errors(design, &cluster.delay, whole, shift, 0.5, times, count, mse, error));
  }
  return TESTUDO_OK;
}

static testudo_status errors_at(const testudo_design *design, const testudo_i_delay *known, bool whole, double shift,
                                const double *times, int64_t count, double *mse, testudo_error *error)
{
  for (int64_t k = 0; k < count; k++) {
    if (isnan(times[k]))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "time %lld is not a number", (long long)k);
    mse[k] = 0;
  }
  if (count == 0)
    return TESTUDO_OK;
  int32_t most = testudo_design_max_load(design);
  testudo_delay_model model;
  testudo_i_delay delay, wanted = testudo_i_design_delay(design, known, most, whole, &model);
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  if (known->tables == NULL && testudo_i_wants_brackets(known->model, most))
    return bracketed_errors(design, &model, whole, shift, times, count, mse, error);
  TESTUDO_I_TRY(testudo_i_delay_complete(&wanted, most, &arena, &delay, error));
  return add_errors(design, &delay, whole, shift, 1, times, count, mse, error);
}

testudo_status testudo_i_error_shift(const testudo_design *design, const testudo_delay_model *model, bool whole,
                                    double *shift, testudo_error *error)
{
  testudo_status status = testudo_i_after_progress(design, model, whole, shift, error);
  if (status != TESTUDO_ERROR_LIMIT)
    return status;
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                        "the error at a deadline of scheme %s is not defined for messages of random time (%s): the "
                        "server must fix the progress before it knows how long they take",
                        testudo_i_scheme_of(design)->name, testudo_law_text(model->message));
}

testudo_status testudo_i_expected_error(const testudo_design *design, const testudo_i_delay *delay,
                                        testudo_report report, const double *times, int64_t count, double *mse,
                                        testudo_error *error)
{
  TESTUDO_I_TRY(testudo_delay_check(delay->model, testudo_design_workers(design), error));
  TESTUDO_I_TRY(check_known(design, report, error));
  bool whole = testudo_design_report_for(design, report) == TESTUDO_REPORT_WHOLE;
  double shift;
  TESTUDO_I_TRY(testudo_i_error_shift(design, delay->model, whole, &shift, error));
  return errors_at(design, delay, whole, shift, times, count, mse, error);
}

testudo_status testudo_expected_error(const testudo_design *design, const testudo_delay_model *model,
                                      testudo_report report, const double *times, int64_t count, double *mse,
                                      testudo_error *error)
{
  return testudo_i_expected_error(design, TESTUDO_I_ALONE(model), report, times, count, mse, error);
}

/* The earlier times are the smaller error. */
static testudo_status errors_of_sides(const testudo_latency *latency, const testudo_design *design,
                                      const testudo_delay_model *model, const double *times, int64_t count,
                                      double *const mse[2], testudo_error *error)
{
  bool whole = latency->side[0]->cluster.whole;
  double shift;
  TESTUDO_I_TRY(check_known(design, latency->options.report, error));
  TESTUDO_I_TRY(testudo_i_error_shift(design, model, whole, &shift, error));
  for (int side = 0; side < 2; side++) {
    memset(mse[side], 0, (size_t)count * sizeof **mse);
    TESTUDO_I_TRY(add_errors(design, &latency->side[side]->cluster.delay, whole, shift, 1, times, count, mse[side],
                             error));
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_latency_errors(const testudo_latency *latency, const testudo_design *design,
                                        const testudo_delay_model *model, const double *times, int64_t count,
                                        double *lower, double *upper, testudo_error *error)
{
  double *const mse[2] = {lower, upper};
  if (latency->side[0] != NULL)
    return errors_of_sides(latency, design, model, times, count, mse, error);
  testudo_i_delay delay = {.model = model};
  if (latency->cluster.rule.work == NULL)
    delay.tables = latency->cluster.delay.tables;
  TESTUDO_I_TRY(testudo_i_expected_error(design, &delay, latency->options.report, times, count, lower, error));
  memcpy(upper, lower, (size_t)count * sizeof *upper);
  return TESTUDO_OK;
}

testudo_status testudo_expected_uncovered(const testudo_design *design, const testudo_delay_model *model,
                                          const double *times, int64_t count, double *mse, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_delay_check(model, testudo_design_workers(design), error));
  if (testudo_i_has_own_steps(design))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the error of uncovered chunks is not defined for scheme %s",
                          testudo_i_scheme_of(design)->name);
  double shift;
  TESTUDO_I_TRY(testudo_i_error_shift(design, model, false, &shift, error));
  return errors_at(design, TESTUDO_I_ALONE(model), false, shift, times, count, mse, error);
}
