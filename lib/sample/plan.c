/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sample/plan.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "delay/model.h"
#include "runtime/design.h"
#include "runtime/progress.h"

static void rows_clear(testudo_i_rows *rows)
{
  free(rows->row);
  free(rows->slot);
  free(rows->place);
  memset(rows, 0, sizeof *rows);
}

void testudo_i_plan_clear(testudo_i_plan *plan)
{
  rows_clear(&plan->completion);
  rows_clear(&plan->cover);
  free(plan->slot_row);
  memset(plan, 0, sizeof *plan);
}

static testudo_status rows_make(testudo_i_rows *rows, int64_t count, int64_t entries, testudo_error *error)
{
  rows->count = count;
  rows->row = testudo_i_calloc((size_t)count + 1, sizeof *rows->row);
  rows->slot = testudo_i_alloc((size_t)entries, sizeof *rows->slot);
  rows->place = testudo_i_alloc((size_t)entries, sizeof *rows->place);
  if (rows->row == NULL || rows->slot == NULL || rows->place == NULL)
    return testudo_i_fail_memory(error);
  return TESTUDO_OK;
}

/* Entry e: the k-th chunk (from 1) of the worker. */
static void put_entry(const testudo_i_plan *plan, testudo_i_rows *rows, int64_t e, int32_t worker, int32_t k)
{
  if (plan->additive) {
    rows->slot[e] = (int32_t)(plan->slot_row[worker] + k - 1);
    rows->place[e] = 1.0;
  } else {
    rows->slot[e] = worker;
    rows->place[e] = k;
  }
}

static testudo_status rows_of_chunks(const testudo_i_plan *plan, testudo_i_rows *rows, testudo_error *error)
{
  const testudo_design *design = plan->design;
  testudo_status status = rows_make(rows, design->chunks, design->row[design->workers], error);
  if (status != TESTUDO_OK)
    return status;
  rows->level = design->parts;
  memcpy(rows->row, design->chunk_row, ((size_t)design->chunks + 1) * sizeof *rows->row);
  for (int64_t e = 0; e < rows->row[rows->count]; e++) {
    int32_t worker = design->holder[e];
    bool whole = plan->report == TESTUDO_REPORT_WHOLE;
    put_entry(plan, rows, e, worker, whole ? testudo_design_load(design, worker) : design->place[e]);
  }
  return TESTUDO_OK;
}

/* A row a group of workers that hold the same chunks. */
static testudo_status rows_of_groups(const testudo_i_plan *plan, testudo_i_rows *rows, testudo_error *error)
{
  const testudo_i_groups *groups = &plan->design->groups;
  testudo_status status = rows_make(rows, groups->groups, plan->design->workers, error);
  if (status != TESTUDO_OK)
    return status;
  rows->level = 1;
  for (int32_t g = 0; g < groups->groups; g++)
    rows->row[g + 1] = rows->row[g] + groups->size[g];
  for (int32_t j = 0; j < plan->design->workers; j++)
    put_entry(plan, rows, rows->row[groups->group_of[j]] + groups->rank[j], j, testudo_design_load(plan->design, j));
  return TESTUDO_OK;
}

/* How many workers must have finished; 0: every one has its row. */
static int32_t workers_waited_for(const testudo_design *design)
{
  return design->scheme == TESTUDO_SCHEME_GRADIENT_CODE ? design->workers - design->stragglers : design->wait;
}

/* A worker that holds nothing has finished from the start: it has no entry, and schemes that wait for some of the
   workers wait for fewer of the others. */
static testudo_status rows_of_workers(const testudo_i_plan *plan, testudo_i_rows *rows, testudo_error *error)
{
  const testudo_design *design = plan->design;
  int32_t wait = workers_waited_for(design);
  testudo_status status = rows_make(rows, design->workers, design->workers, error);
  if (status != TESTUDO_OK)
    return status;
  int64_t busy = 0;
  for (int32_t j = 0; j < design->workers; j++) {
    int32_t load = testudo_design_load(design, j);
    if (load == 0)
      continue;
    put_entry(plan, rows, busy, j, load);
    busy++;
    rows->row[busy] = busy;
  }
  rows->count = busy;
  rows->level = 1;
  if (wait > 0) {
    int64_t waited = wait - (design->workers - busy);
    rows->row[1] = busy;
    rows->count = waited >= 1 ? 1 : 0;
    rows->level = waited >= 1 ? (int32_t)waited : 1;
  }
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

static testudo_status check_times(const testudo_simulation_options *options, testudo_error *error)
{
  if (options->time_count < 0 || (options->time_count > 0 && options->times == NULL))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "time_count: %lld deadlines, but the list has none",
                          (long long)options->time_count);
  for (int64_t k = 0; k < options->time_count; k++)
    if (!(options->times[k] >= 0.0 && options->times[k] <= DBL_MAX))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "times[%lld]: %g, but a deadline is finite and not negative",
                            (long long)k, options->times[k]);
  return TESTUDO_OK;
}

static testudo_status check_design(const testudo_design *design, const testudo_delay_model *model,
                                   testudo_report report, testudo_error *error)
{
  bool blocks = design->scheme == TESTUDO_SCHEME_BLOCK;
  if (design->family.levels > 0 && report == TESTUDO_REPORT_WHOLE)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "report whole does not apply to scheme %s: its workers signal every %s",
                          testudo_scheme_name(design->scheme), blocks ? "block" : "chunk");
  if (blocks && model->structure == TESTUDO_STRUCTURE_ADDITIVE)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s", TESTUDO_I_BLOCK_ADDITIVE);
  if (design->row[design->workers] > INT32_MAX)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "design: %lld entries, but simulation takes at most %d",
                          (long long)design->row[design->workers], (int)INT32_MAX);
  return TESTUDO_OK;
}

/* Decoders of plain sums. */
static testudo_status check_decoder(const testudo_design *design, const testudo_simulation_options *options,
                                    testudo_error *error)
{
  if (options->decoder == TESTUDO_DECODER_OPTIMAL && !options->combine)
    return TESTUDO_OK;
  if (design->scheme != TESTUDO_SCHEME_PARTIAL || design->parts > 1 || options->report != TESTUDO_REPORT_WHOLE)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "decoder %s applies to scheme partial of one part with report whole only",
                          testudo_decoder_name(options->decoder));
  if (options->combine && (options->decode_trials < 1 || options->time_count < 1))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "combine: plain sums are combined at deadlines, in the trials that decode, but there are "
                          "none");
  return TESTUDO_OK;
}

static testudo_status make_slots(testudo_i_plan *plan, testudo_error *error)
{
  const testudo_design *design = plan->design;
  const testudo_delay_model *model = plan->model;
  /* With a deterministic X both structures are k x / r: the scaled form keeps that very double. */
  plan->additive = model->structure == TESTUDO_STRUCTURE_ADDITIVE && model->law->kind != TESTUDO_I_LAW_DETERMINISTIC;
  plan->slots = plan->additive ? (int32_t)design->row[design->workers] : design->workers;
  plan->slot_row = testudo_i_alloc((size_t)design->workers + 1, sizeof *plan->slot_row);
  if (plan->slot_row == NULL)
    return testudo_i_fail_memory(error);
  for (int32_t j = 0; j <= design->workers; j++)
    plan->slot_row[j] = plan->additive ? design->row[j] : j;
  return TESTUDO_OK;
}

static testudo_status make_completion(testudo_i_plan *plan, testudo_error *error)
{
  if (plan->design->family.levels > 0)
    return rows_make(&plan->completion, 0, 0, error); /* no rows: nested/rule.h */
  if (plan->design->scheme == TESTUDO_SCHEME_PARTIAL)
    return rows_of_chunks(plan, &plan->completion, error);
  if (plan->design->groups.groups > 0)
    return rows_of_groups(plan, &plan->completion, error);
  return rows_of_workers(plan, &plan->completion, error);
}

/* How the error at deadlines comes about. */
static testudo_status make_cover(testudo_i_plan *plan, testudo_error *error)
{
  const testudo_design *design = plan->design;
  if (plan->time_count == 0)
    return TESTUDO_OK;
  if (plan->report == TESTUDO_REPORT_WHOLE && design->parts > 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "times: the error at deadlines of report whole is built for one part only, the design has %d",
                          (int)design->parts);
  bool is_cover;
  testudo_status status = testudo_i_error_is_cover(design, plan->report, &is_cover, error);
  plan->least_squares = !is_cover || plan->decoder != TESTUDO_DECODER_OPTIMAL;
  if (status != TESTUDO_OK || plan->least_squares)
    return status;
  plan->cover_is_completion = design->scheme == TESTUDO_SCHEME_PARTIAL;
  return plan->cover_is_completion ? TESTUDO_OK : rows_of_chunks(plan, &plan->cover, error);
}

testudo_status testudo_i_plan_make(testudo_i_plan *plan, const testudo_design *design,
                                   const testudo_delay_model *model, const testudo_simulation_options *options,
                                   testudo_error *error)
{
  memset(plan, 0, sizeof *plan);
  testudo_status status = check_options(options, error);
  if (status == TESTUDO_OK)
    status = check_times(options, error);
  if (status == TESTUDO_OK)
    status = check_design(design, model, options->report, error);
  if (status == TESTUDO_OK)
    status = check_decoder(design, options, error);
  if (status == TESTUDO_OK)
    status = testudo_delay_check(model, design->workers, error);
  if (status != TESTUDO_OK)
    return status;
  plan->design = design;
  plan->model = model;
  plan->work = design->layout.work;
  plan->report = testudo_i_whole_workers(design->scheme) ? TESTUDO_REPORT_WHOLE : options->report;
  plan->decoder = options->decoder;
  plan->times = options->times;
  plan->time_count = options->time_count;
  status = make_slots(plan, error);
  if (status == TESTUDO_OK)
    status = make_completion(plan, error);
  if (status == TESTUDO_OK)
    status = make_cover(plan, error);
  plan->completion.rate = plan->additive ? NULL : model->rates;
  plan->cover.rate = plan->completion.rate;
  if (status != TESTUDO_OK)
    testudo_i_plan_clear(plan);
  return status;
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
