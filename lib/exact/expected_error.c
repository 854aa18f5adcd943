/* SPDX-License-Identifier: GPL-3.0-or-later */
/* E sum_i max(0, l - |U_i(t)|), a Poisson-binomial law a chunk (docs/theory 7). Where only finished workers count, the
   same with every place replaced by its worker's load. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/sum.h"
#include "delay/sums.h"
#include "exact/chunk_types.h"
#include "exact/cluster.h"
#include "runtime/progress.h"

typedef struct error_work {
  testudo_i_chunk_types types;
  int32_t parts, workers, failed;
  double fail_prob;
  int64_t *slot;     /* of every type, type after type */
  int64_t *slot_row; /* types + 1 */
  double *survival, *law, *room;
} error_work;

static void free_error_work(error_work *work)
{
  testudo_i_chunk_types_free(&work->types);
  free(work->slot);
  free(work->slot_row);
  free(work->survival);
  free(work->law);
  free(work->room);
}

static testudo_status make_error_work(error_work *work, const testudo_design *design,
                                      const testudo_delay_model *model, testudo_error *error)
{
  work->parts = testudo_design_parts(design);
  work->workers = testudo_design_workers(design);
  work->failed = model->failures == TESTUDO_FAILURES_EXACTLY ? model->failed : 0;
  work->fail_prob = model->failures == TESTUDO_FAILURES_EACH ? model->fail_prob : 0;
  const testudo_i_chunk_types *types = &work->types;
  int32_t most = testudo_design_max_replication(design), rows = work->failed < most ? work->failed : most;
  work->slot_row = testudo_i_calloc((size_t)types->types + 1, sizeof *work->slot_row);
  if (work->slot_row == NULL)
    return testudo_i_fail_memory(error);
  for (int32_t k = 0; k < types->types; k++)
    work->slot_row[k + 1] = work->slot_row[k] + testudo_design_replication(design, types->type_chunk[k]);
  size_t width = (size_t)work->parts + 1;
  work->slot = testudo_i_alloc((size_t)work->slot_row[types->types], sizeof *work->slot);
  work->survival = testudo_i_alloc((size_t)testudo_i_slots(types), sizeof *work->survival);
  work->law = testudo_i_alloc(width, sizeof *work->law);
  work->room = testudo_i_alloc(((size_t)rows + 1) * width, sizeof *work->room);
  if (work->slot == NULL || work->survival == NULL || work->law == NULL || work->room == NULL)
    return testudo_i_fail_memory(error);
  for (int32_t k = 0; k < types->types; k++)
    testudo_i_chunk_slots(types, types->type_chunk[k], work->slot + work->slot_row[k]);
  return TESTUDO_OK;
}

static double error_at(error_work *work, double t)
{
  const testudo_i_chunk_types *types = &work->types;
  testudo_i_slot_survivals(types, t, work->survival);
  for (int64_t k = 0; k < testudo_i_slots(types); k++)
    work->survival[k] = work->fail_prob + (1 - work->fail_prob) * work->survival[k];
  testudo_i_sum total = {0, 0};
  for (int32_t k = 0; k < types->types; k++) {
    testudo_i_cover_law(work->survival, work->slot + work->slot_row[k],
                        (int32_t)(work->slot_row[k + 1] - work->slot_row[k]), work->parts, work->workers,
                        work->failed, work->law, work->room);
    double missing = 0;
    for (int32_t v = 0; v < work->parts; v++)
      missing += (work->parts - v) * work->law[v];
    testudo_i_sum_add(&total, missing * (double)types->type_count[k]);
  }
  return testudo_i_sum_value(&total);
}

testudo_status testudo_expected_error_known(const testudo_design *design, testudo_report report, bool *known,
                                            testudo_error *error)
{
  if (report != TESTUDO_REPORT_CHUNK && report != TESTUDO_REPORT_WHOLE)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "report: %d, but it is chunk (0) or whole (1)", (int)report);
  return testudo_i_error_is_cover(design, report, known, error);
}

static testudo_status check_known(const testudo_design *design, testudo_report report, testudo_error *error)
{
  bool known;
  testudo_status status = testudo_expected_error_known(design, report, &known, error);
  if (status != TESTUDO_OK || known)
    return status;
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                        "the expected error of scheme %s%s has no closed form, it is simulated only",
                        testudo_scheme_name(testudo_design_scheme(design)),
                        testudo_design_scheme(design) == TESTUDO_SCHEME_PARTIAL ? " with report whole" : "");
}

static testudo_status fill_errors(const testudo_design *design, const testudo_delay_model *model, bool whole,
                                  const double *times, int64_t count, double *mse, testudo_error *error)
{
  for (int64_t k = 0; k < count; k++)
    if (isnan(times[k]))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "time %lld is not a number", (long long)k);
  error_work work = {.slot = NULL};
  testudo_delay_model own;
  testudo_sums *sums;
  testudo_status status = testudo_i_delay_complete(model, testudo_design_max_load(design), &own, &sums, error);
  if (status == TESTUDO_OK)
    status = testudo_i_chunk_types_init(&work.types, design, &own, whole, error);
  if (status == TESTUDO_OK) {
    status = make_error_work(&work, design, &own, error);
    for (int64_t k = 0; status == TESTUDO_OK && k < count; k++)
      mse[k] = error_at(&work, times[k]);
    free_error_work(&work);
  }
  testudo_i_sums_free(sums);
  return status;
}

testudo_status testudo_expected_error(const testudo_design *design, const testudo_delay_model *model,
                                      testudo_report report, const double *times, int64_t count, double *mse,
                                      testudo_error *error)
{
  testudo_status status = testudo_delay_check(model, testudo_design_workers(design), error);
  if (status == TESTUDO_OK)
    status = check_known(design, report, error);
  if (status != TESTUDO_OK)
    return status;
  bool whole = report == TESTUDO_REPORT_WHOLE || testudo_i_whole_workers(testudo_design_scheme(design));
  return fill_errors(design, model, whole, times, count, mse, error);
}

testudo_status testudo_expected_uncovered(const testudo_design *design, const testudo_delay_model *model,
                                          const double *times, int64_t count, double *mse, testudo_error *error)
{
  testudo_status status = testudo_delay_check(model, testudo_design_workers(design), error);
  if (status == TESTUDO_OK && testudo_design_scheme(design) == TESTUDO_SCHEME_BLOCK)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "scheme block does not work chunk after chunk: its progress is no other scheme's");
  return status != TESTUDO_OK ? status : fill_errors(design, model, false, times, count, mse, error);
}
