/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans: the rows of a rule as the kernels want them. */
#include "sample/plan.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "delay/answer.h"
#include "delay/model.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"
#include "sample/kernels/even.h"
#include "sample/terms/terms.h"

void testudo_i_plan_clear(testudo_i_plan *plan)
{
  testudo_i_rule_clear(&plan->rule);
  testudo_i_arena_clear(&plan->arena);
  *plan = (testudo_i_plan){0};
}

static testudo_status rows_make(testudo_i_plan *plan, testudo_i_rows *rows, int64_t count, int64_t entries,
                                testudo_error *error)
{
  rows->count = count;
  rows->row = testudo_i_arena_calloc(&plan->arena, (size_t)count + 1, sizeof *rows->row);
  rows->slot = testudo_i_arena_alloc(&plan->arena, (size_t)entries, sizeof *rows->slot);
  rows->place = testudo_i_arena_alloc(&plan->arena, (size_t)entries, sizeof *rows->place);
  return testudo_i_arena_check(&plan->arena, error);
}

/* Entry e: step k (from 1) of the worker. */
static void put_entry(const testudo_i_plan *plan, testudo_i_rows *rows, int64_t e, int32_t worker, int32_t k)
{
  if (plan->timed) {
    rows->slot[e] = (int32_t)(plan->slot_row[worker] + k - 1);
    rows->place[e] = 1.0;
  } else {
    rows->slot[e] = worker;
    rows->place[e] = k;
  }
}

/* One row of all workers. One that has nothing to do has finished from the start: it has no entry, and the row waits
   for fewer of the others. */
static testudo_status rows_of_workers(testudo_i_plan *plan, const testudo_i_rule *rule, testudo_i_rows *rows,
                                      testudo_error *error)
{
  TESTUDO_I_TRY(rows_make(plan, rows, 1, rule->workers, error));
  int64_t busy = 0;
  for (int32_t j = 0; j < rule->workers; j++)
    if (testudo_i_rule_steps(rule, j) > 0)
      put_entry(plan, rows, busy++, j, testudo_i_rule_pair_step(rule, 0, j));
  int64_t waited = testudo_i_rule_need(rule, 0) - (rule->workers - busy);
  rows->row[1] = busy;
  rows->count = waited >= 1 ? 1 : 0;
  rows->level = waited >= 1 ? (int32_t)waited : 1;
  return TESTUDO_OK;
}

/* The pairs of a rule, row after row. */
static testudo_status rows_of_rule(testudo_i_plan *plan, const testudo_i_rule *rule, testudo_i_rows *rows,
                                   testudo_error *error)
{
  if (rule->start == NULL)
    return rows_of_workers(plan, rule, rows, error);
  TESTUDO_I_TRY(rows_make(plan, rows, rule->rows, rule->start[rule->rows], error));
  rows->level = rule->need_all;
  memcpy(rows->row, rule->start, ((size_t)rule->rows + 1) * sizeof *rows->row);
  for (int32_t r = 0; r < rule->rows; r++)
    for (int64_t e = rows->row[r]; e < rows->row[r + 1]; e++)
      put_entry(plan, rows, e, rule->worker[e], testudo_i_rule_pair_step(rule, r, e - rows->row[r]));
  return TESTUDO_OK;
}

static testudo_status check_options(const testudo_simulation_options *options, testudo_error *error)
{
  if (options->trials < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "trials: %lld, but at least 1 is needed",
                          (long long)options->trials);
  if (!(options->rel_error >= 0.0 && options->rel_error <= DBL_MAX))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "rel_error: %g, but it is 0 (run all trials) or positive",
                          options->rel_error);
  if (options->threads < 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "threads: %d, but it is 0 (all cores) or positive",
                          (int)options->threads);
  if (!(options->round_up >= 0.0 && options->round_up <= DBL_MAX))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "round_up: %g, but it is 0 (not rounded) or positive",
                          options->round_up);
  if (options->report != TESTUDO_REPORT_CHUNK && options->report != TESTUDO_REPORT_WHOLE)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "report: %d, but it is chunk (0) or whole (1)",
                          (int)options->report);
  if (options->decode_trials < 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "decode_trials: %lld, but it cannot be negative",
                          (long long)options->decode_trials);
  if (options->decode_trials > 0 && options->dim < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "dim: %lld, but a gradient has at least 1 number",
                          (long long)options->dim);
  return TESTUDO_OK;
}

static testudo_status check_list(const char *name, const char *of_count, const char *what, const double *list,
                                 int64_t count, testudo_error *error)
{
  if (count < 0 || (count > 0 && list == NULL))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s: %lld %ss, but the list has none", of_count,
                          (long long)count, what);
  for (int64_t k = 0; k < count; k++)
    if (!(list[k] >= 0.0 && list[k] <= DBL_MAX))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s[%lld]: %g, but a %s is finite and not negative", name,
                            (long long)k, list[k], what);
  return TESTUDO_OK;
}

static testudo_status check_times(const testudo_simulation_options *options, testudo_error *error)
{
  TESTUDO_I_TRY(check_list("times", "time_count", "deadline", options->times, options->time_count, error));
  return check_list("by", "by_count", "time", options->by, options->by_count, error);
}

/* Decoders of plain sums. */
static testudo_status check_decoder(const testudo_design *design, const testudo_simulation_options *options,
                                    testudo_error *error)
{
  if (options->decoder == TESTUDO_DECODER_EXACT && !options->combine)
    return TESTUDO_OK;
  if (!testudo_i_takes_plain_sums(design) || options->report != TESTUDO_REPORT_WHOLE)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "decoder %s applies only to scheme partial with one part and report whole",
                          testudo_decoder_name(options->decoder));
  if (options->combine && (options->decode_trials < 1 || options->time_count < 1))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "combine: plain sums are combined at deadlines in trials that decode; give times and "
                          "decode_trials");
  return TESTUDO_OK;
}

/* Where progress counts chunk after chunk, the server must fix it early enough for the answers. */
static testudo_status plan_times(testudo_i_plan *plan, testudo_error *error)
{
  const testudo_delay_model *model = plan->model;
  double *fixed;
  if (plan->report == TESTUDO_REPORT_WHOLE || plan->sending == TESTUDO_I_SEND_BLOCKS ||
      (model->message == NULL && model->signal == 0.0))
    return TESTUDO_OK;
  if (plan->sending == TESTUDO_I_SEND_FINISHED)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "times: where messages or signals take time, the error at a deadline of scheme %s with "
                          "report chunk is not defined, because its workers send when they have finished; use report "
                          "whole",
                          plan->design->scheme->name);
  if (model->message != NULL && !testudo_i_law_is_constant(model->message))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "times: the error at a deadline of scheme %s is not defined where messages take a random "
                          "time: the server cannot know when to fix what it will decode",
                          plan->design->scheme->name);
  fixed = testudo_i_arena_alloc(&plan->arena, (size_t)plan->time_count, sizeof *fixed);
  TESTUDO_I_TRY(testudo_i_arena_check(&plan->arena, error));
  double seconds = testudo_i_answer_seconds(model, plan->design->parts);
  for (int64_t k = 0; k < plan->time_count; k++)
    fixed[k] = testudo_i_latest_progress(plan->times[k], seconds);
  plan->times = fixed;
  return TESTUDO_OK;
}

/* How the error at deadlines comes about. */
static testudo_status plan_cover(testudo_i_plan *plan, testudo_error *error)
{
  const testudo_design *design = plan->design;
  if (plan->time_count == 0)
    return TESTUDO_OK;
  TESTUDO_I_TRY(plan_times(plan, error));
  if (plan->report == TESTUDO_REPORT_WHOLE && design->parts > 1 && !design->scheme->report_fixed)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "times: the error at deadlines of report whole is supported for one part only, the design "
                          "has %d",
                          (int)design->parts);
  TESTUDO_I_HELD(testudo_i_rule_clear) testudo_i_rule cover = {0};
  bool known;
  TESTUDO_I_TRY(testudo_i_cover_rule(design, plan->report, &cover, &known, error));
  plan->least_squares = !known || (plan->decoder != TESTUDO_DECODER_EXACT && plan->decoder != TESTUDO_DECODER_OPTIMAL);
  plan->cover_is_completion = !plan->least_squares && testudo_i_rules_are_one(&cover, &plan->rule);
  return plan->least_squares || plan->cover_is_completion ? TESTUDO_OK
                                                          : rows_of_rule(plan, &cover, &plan->cover, error);
}

static testudo_status plan_fill(testudo_i_plan *plan, bool decodes, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_completion_rule(plan->design, plan->report, &plan->rule, error));
  plan->work = plan->rule.work;
  TESTUDO_I_TRY(testudo_i_terms_plan(plan, error));
  if (testudo_i_rule_is_stepped(&plan->rule))
    TESTUDO_I_TRY(rows_make(plan, &plan->completion, 0, 0, error)); /* no rows: stepped.h */
  else
    TESTUDO_I_TRY(rows_of_rule(plan, &plan->rule, &plan->completion, error));
  TESTUDO_I_TRY(testudo_i_rows_even(&plan->completion, &plan->arena, error));
  TESTUDO_I_TRY(plan_cover(plan, error));
  if (decodes && !plan->design->scheme->exact_gradient)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "scheme %s estimates the gradient: there is nothing to decode and compare",
                          plan->design->scheme->name);
  plan->completion.rate = plan->timed ? NULL : plan->model->rates;
  plan->cover.rate = plan->completion.rate;
  return TESTUDO_OK;
}

testudo_status testudo_i_plan_make(testudo_i_plan *plan, const testudo_design *design,
                                   const testudo_delay_model *model, const testudo_simulation_options *options,
                                   testudo_error *error)
{
  return testudo_i_plan_make_further(plan, design, model, options, 0, error);
}

testudo_status testudo_i_plan_make_further(testudo_i_plan *plan, const testudo_design *design,
                                           const testudo_delay_model *model,
                                           const testudo_simulation_options *options, int32_t further,
                                           testudo_error *error)
{
  *plan = (testudo_i_plan){0};
  TESTUDO_I_TRY(check_options(options, error));
  TESTUDO_I_TRY(check_times(options, error));
  TESTUDO_I_TRY(testudo_i_scheme_check_report(design, options->report, error));
  TESTUDO_I_TRY(check_decoder(design, options, error));
  TESTUDO_I_TRY(testudo_delay_check(model, design->workers, error));
  plan->design = design;
  plan->model = model;
  plan->further = further;
  plan->report = testudo_design_report_for(design, options->report);
  plan->decoder = options->decoder;
  plan->times = options->times;
  plan->time_count = options->time_count;
  plan->count_work = options->count_work;
  return plan_fill(plan, options->decode_trials > 0, error);
}

double testudo_i_round_up(double t, double step)
{
  double steps = t / step;
  if (!(steps < 0x1p52))
    return t;
  double nearest = nearbyint(steps);
  if (fabs(t - nearest * step) <= 4.0 * DBL_EPSILON * t)
    return nearest * step;
  return ceil(steps) * step;
}
