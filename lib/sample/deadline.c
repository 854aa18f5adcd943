/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sample/deadline.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "runtime/combine/combiner.h"
#include "runtime/design.h"
#include "runtime/progress.h"

#define LANES TESTUDO_I_LANES

/* A dense factorisation of more entries than this (16 MB a thread, seconds a deadline) is refused. */
#define MOST_ENTRIES 2000000

static bool is_code(const testudo_i_plan *plan)
{
  return plan->design->scheme == TESTUDO_SCHEME_GRADIENT_CODE || plan->design->family.levels > 0;
}

static testudo_status make_decoder(testudo_i_solver *solver, const testudo_i_plan *plan, testudo_error *error)
{
  const testudo_design *design = plan->design;
  if (design->chunks > MOST_ENTRIES / design->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "times: the error at deadlines of a gradient code of %d workers and %d chunks is a dense "
                          "least squares, allowed are %d entries",
                          (int)design->workers, (int)design->chunks, MOST_ENTRIES);
  testudo_status status = testudo_codec_create(design, &solver->codec, error);
  return status != TESTUDO_OK ? status : testudo_progress_create(design, &solver->progress, error);
}

testudo_status testudo_i_solver_make(testudo_i_solver *solver, const testudo_i_plan *plan, testudo_error *error)
{
  memset(solver, 0, sizeof *solver);
  if (!plan->least_squares)
    return TESTUDO_OK;
  solver->use = testudo_i_alloc((size_t)plan->design->workers, sizeof *solver->use);
  if (solver->use == NULL)
    return testudo_i_fail_memory(error);
  if (is_code(plan))
    return make_decoder(solver, plan, error);
  return testudo_combiner_create(plan->design, plan->decoder, &solver->combiner, error);
}

void testudo_i_solver_clear(testudo_i_solver *solver)
{
  testudo_codec_free(solver->codec);
  testudo_progress_free(solver->progress);
  free(solver->use);
  testudo_combiner_free(solver->combiner);
  memset(solver, 0, sizeof *solver);
}

static int32_t list_finished(const testudo_i_plan *plan, const double *time, int lane, double t, int32_t *use)
{
  int32_t count = 0;
  for (int32_t j = 0; j < plan->design->workers; j++) {
    int32_t load = testudo_design_load(plan->design, j);
    if (load > 0 && testudo_i_time_of(plan, time, LANES, lane, j, load) <= t)
      use[count++] = j;
  }
  return count;
}

static testudo_status ask_combiner(const testudo_i_solver *solver, int32_t count, double *found, testudo_error *error)
{
  testudo_status status = testudo_i_combine_set(solver->combiner, solver->use, count, error);
  if (status != TESTUDO_OK)
    testudo_i_error_prefix(error, "times");
  *found = solver->combiner->error;
  return status;
}

static testudo_status ask_decoder(const testudo_i_plan *plan, const testudo_i_solver *solver, int32_t count,
                                  double *found, testudo_error *error)
{
  testudo_status status = TESTUDO_OK;
  testudo_progress_reset(solver->progress);
  for (int32_t k = 0; status == TESTUDO_OK && k < count; k++)
    status = testudo_progress_mark(solver->progress, solver->use[k],
                                   testudo_design_load(plan->design, solver->use[k]), error);
  *found = 0.0;
  if (status != TESTUDO_OK || testudo_progress_decodable(solver->progress))
    return status;
  return testudo_decode_error(solver->codec, solver->progress, found, error);
}

/* Nested and block codes read workers that are not finished: the decoder sees the whole progress. */
static testudo_status ask_nested(const testudo_i_plan *plan, const double *time, int lane, double t,
                                 const testudo_i_solver *solver, double *found, testudo_error *error)
{
  testudo_status status = TESTUDO_OK;
  testudo_progress_reset(solver->progress);
  for (int32_t j = 0; status == TESTUDO_OK && j < plan->design->workers; j++) {
    int32_t load = testudo_i_progress_most(plan->design, j), done = 0;
    while (done < load && testudo_i_time_of(plan, time, LANES, lane, j, done + 1) <= t)
      done++;
    status = testudo_progress_mark(solver->progress, j, done, error);
  }
  *found = 0.0;
  if (status != TESTUDO_OK || testudo_progress_decodable(solver->progress))
    return status;
  return testudo_decode_error(solver->codec, solver->progress, found, error);
}

testudo_status testudo_i_deadline_errors(const testudo_i_plan *plan, const double *time, int lane,
                                         testudo_i_solver *solver, double *deadline_error, testudo_error *error)
{
  double chunks = plan->design->chunks, found = chunks;
  int32_t before = 0;
  for (int64_t k = 0; k < plan->time_count; k++) {
    testudo_status status = TESTUDO_OK;
    if (plan->design->family.levels > 0) {
      status = ask_nested(plan, time, lane, plan->times[k], solver, &found, error);
      if (status != TESTUDO_OK)
        return status;
      deadline_error[k * LANES + lane] = found > 1e-12 * chunks ? found : 0.0;
      continue;
    }
    int32_t count = list_finished(plan, time, lane, plan->times[k], solver->use);
    /* The sets of one trial are nested, so that equal sizes mean equal sets. */
    if (count == 0)
      found = chunks;
    else if (count != before)
      status = is_code(plan) ? ask_decoder(plan, solver, count, &found, error)
                             : ask_combiner(solver, count, &found, error);
    if (status != TESTUDO_OK)
      return status;
    before = count;
    deadline_error[k * LANES + lane] = found > 1e-12 * chunks ? found : 0.0;
  }
  return TESTUDO_OK;
}
