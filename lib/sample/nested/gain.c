/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nested beside partial(l=1) on the same draws: on the cyclic natural order coverage is implied by the nested rule, so
   that partial is never later (docs/theory/nested). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/sum.h"
#include "parallel/loop.h"
#include "runtime/design.h"
#include "sample/batch.h"
#include "sample/nested/rule.h"
#include "sample/sort.h"

#define LANES TESTUDO_I_LANES

typedef struct race {
  testudo_i_plan plan;
  const testudo_simulation_options *options;
  int32_t threads;
  int64_t batch, batches;
  testudo_i_workspace *workspace; /* one a thread */
  double *gain;                   /* one a trial: NAN when neither ends, HUGE_VAL when only partial does */
  unsigned char *ran;             /* one a batch */
} race;

/* Every chunk done by someone. */
static double partial_time(const testudo_i_plan *plan, const double *time, int lane)
{
  int32_t workers = plan->design->workers, load = plan->design->max_load;
  double last = 0.0;
  for (int32_t i = 0; i < workers; i++) {
    double first = HUGE_VAL;
    for (int32_t k = 0; k < load; k++)
      first = fmin(first, testudo_i_time_of(plan, time, LANES, lane, (i - k + workers) % workers, k + 1));
    last = fmax(last, first);
  }
  return last;
}

static testudo_status run_batch(void *context, int32_t thread, int64_t index)
{
  const race *r = context;
  testudo_i_workspace *workspace = &r->workspace[thread];
  int64_t first = index * r->batch, left = r->options->trials - first;
  int64_t trials = left < r->batch ? left : r->batch;
  for (int64_t done = 0; done < trials; done += LANES) {
    testudo_i_draw_lanes(&r->plan, r->options->seed, first + done, &workspace->failures, workspace->time);
    for (int lane = 0; lane < LANES && done + lane < trials; lane++) {
      double partial = partial_time(&r->plan, workspace->time, lane);
      double nested = testudo_i_nested_time(&r->plan, workspace->time, LANES, lane, workspace->room);
      r->gain[first + done + lane] = isinf(partial) ? NAN : nested - partial;
    }
  }
  r->ran[index] = 1;
  return TESTUDO_OK;
}

static testudo_status race_make(race *r, testudo_error *error)
{
  r->batch = testudo_i_batch_trials(&r->plan);
  r->batches = (r->options->trials - 1) / r->batch + 1;
  r->threads = r->options->threads > 0 ? r->options->threads : testudo_i_cores();
  if (r->threads > r->batches)
    r->threads = (int32_t)r->batches;
  r->workspace = testudo_i_calloc((size_t)r->threads, sizeof *r->workspace);
  r->gain = testudo_i_alloc((size_t)r->options->trials, sizeof *r->gain);
  r->ran = testudo_i_calloc((size_t)r->batches, 1);
  if (r->workspace == NULL || r->gain == NULL || r->ran == NULL)
    return testudo_i_fail_memory(error);
  testudo_status status = TESTUDO_OK;
  for (int32_t k = 0; status == TESTUDO_OK && k < r->threads; k++)
    status = testudo_i_workspace_make(&r->workspace[k], &r->plan, error);
  return status;
}

static void race_clear(race *r)
{
  for (int32_t k = 0; r->workspace != NULL && k < r->threads; k++)
    testudo_i_workspace_clear(&r->workspace[k]);
  free(r->workspace);
  free(r->gain);
  free(r->ran);
  testudo_i_plan_clear(&r->plan);
}

/* Hands the finite gains over, sorted. */
static void conclude(race *r, testudo_partial_gain *found)
{
  int64_t equal = 0;
  testudo_i_sum sum = {0}, squares = {0};
  for (int64_t k = 0; k < r->options->trials; k++) {
    if (!r->ran[k / r->batch])
      continue;
    double gain = r->gain[k];
    found->trials++;
    found->never += isnan(gain);
    found->only_partial += isinf(gain);
    if (!isfinite(gain))
      continue;
    r->gain[found->count++] = gain;
    equal += gain == 0.0;
    testudo_i_sum_add(&sum, gain);
  }
  double count = (double)found->count;
  found->mean = found->count > 0 ? testudo_i_sum_value(&sum) / count : NAN;
  found->equal = found->count > 0 ? (double)equal / count : NAN;
  for (int64_t k = 0; k < found->count; k++)
    testudo_i_sum_add(&squares, (r->gain[k] - found->mean) * (r->gain[k] - found->mean));
  found->mean_stderr = found->count > 1 ? sqrt(testudo_i_sum_value(&squares) / (count - 1.0) / count) : NAN;
  testudo_i_sort_times(r->gain, (size_t)found->count);
  found->gain = r->gain;
  r->gain = NULL;
}

testudo_status testudo_simulate_partial_gain(const testudo_design *design, const testudo_delay_model *model,
                                             const testudo_simulation_options *options, testudo_partial_gain **gain,
                                             testudo_error *error)
{
  *gain = NULL;
  if (design->scheme != TESTUDO_SCHEME_NESTED)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "scheme %s is not nested: there is no gain to measure",
                          testudo_scheme_name(design->scheme));
  testudo_simulation_options plain = {.trials = options->trials, .seed = options->seed, .threads = options->threads};
  race r = {.options = &plain};
  testudo_status status = testudo_i_plan_make(&r.plan, design, model, &plain, error);
  if (status != TESTUDO_OK)
    return status;
  testudo_partial_gain *found = testudo_i_calloc(1, sizeof *found);
  status = found == NULL ? testudo_i_fail_memory(error) : race_make(&r, error);
  if (status == TESTUDO_OK) {
    status = testudo_i_parallel_for(r.batches, r.threads, run_batch, &r, options->monitor);
    found->interrupted = status == TESTUDO_INTERRUPTED;
    conclude(&r, found);
    if (found->interrupted)
      status = TESTUDO_OK;
  }
  race_clear(&r);
  if (status != TESTUDO_OK) {
    testudo_partial_gain_free(found);
    return status;
  }
  *gain = found;
  return TESTUDO_OK;
}

void testudo_partial_gain_free(testudo_partial_gain *gain)
{
  if (gain != NULL)
    free(gain->gain);
  free(gain);
}

double testudo_partial_gain_quantile(const testudo_partial_gain *gain, double q)
{
  if (gain->count == 0)
    return NAN;
  int64_t at = (int64_t)ceil(q * (double)gain->count) - 1;
  return gain->gain[at < 0 ? 0 : at >= gain->count ? gain->count - 1 : at];
}
