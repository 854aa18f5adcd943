/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine: waves of batches on all threads, merged in the order of the batches. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "parallel/loop.h"
#include "sample/approximate/combine.h"
#include "sample/batch.h"
#include "sample/decode.h"
#include "sample/sort.h"

typedef struct engine {
  testudo_i_plan plan;
  const testudo_simulation_options *options;
  int32_t threads;
  int64_t batch;             /* trials a batch */
  int64_t wave;              /* batches a wave, at most */
  testudo_i_workspace *workspace;
  testudo_i_tally *tally;    /* of the wave's batches */
  testudo_i_tally total;
  double *completion;        /* T in the order of the trials */
  size_t room;
  int64_t begun;             /* trials before this wave */
  int64_t wave_trials;
  double share;              /* of the whole work, for the monitor */
  bool enough, interrupted;
} engine;

static testudo_status run_batch(void *context, int32_t thread, int64_t index)
{
  engine *e = context;
  int64_t offset = index * e->batch;
  int64_t trials = e->wave_trials - offset < e->batch ? e->wave_trials - offset : e->batch;
  return testudo_i_batch_run(&e->plan, e->options->seed, e->options->round_up, e->begun + offset, trials,
                             &e->workspace[thread], e->completion + e->begun + offset, &e->tally[index]);
}

/* The sentence of the thread that failed. */
static void pass_failure(const engine *e, testudo_error *error)
{
  for (int32_t k = 0; error != NULL && k < e->threads; k++)
    if (e->workspace[k].failure.text[0] != 0)
      *error = e->workspace[k].failure;
}

static testudo_status engine_make(engine *e, testudo_error *error)
{
  const testudo_simulation_options *options = e->options;
  e->batch = testudo_i_batch_trials(&e->plan);
  int64_t batches = (options->trials - 1) / e->batch + 1;
  e->threads = options->threads > 0 ? options->threads : testudo_i_cores();
  if (e->threads > batches)
    e->threads = (int32_t)batches;
  /* Long waves keep all threads busy; short ones waste little when the stopping rule ends inside one. */
  e->wave = (int64_t)e->threads * (options->rel_error > 0.0 ? 4 : 64);
  if (e->wave > batches)
    e->wave = batches;
  e->workspace = testudo_i_calloc((size_t)e->threads, sizeof *e->workspace);
  e->tally = testudo_i_calloc((size_t)e->wave, sizeof *e->tally);
  if (e->workspace == NULL || e->tally == NULL)
    return testudo_i_fail_memory(error);
  testudo_status status = testudo_i_tally_make(&e->total, e->plan.time_count, error);
  for (int32_t k = 0; status == TESTUDO_OK && k < e->threads; k++)
    status = testudo_i_workspace_make(&e->workspace[k], &e->plan, error);
  for (int64_t k = 0; status == TESTUDO_OK && k < e->wave; k++)
    status = testudo_i_tally_make(&e->tally[k], e->plan.time_count, error);
  if (status == TESTUDO_OK && options->rel_error == 0.0 &&
      testudo_i_grow((void **)&e->completion, &e->room, (size_t)options->trials, sizeof(double)) != 0)
    status = testudo_i_fail_memory(error);
  return status;
}

static void engine_clear(engine *e)
{
  for (int32_t k = 0; e->workspace != NULL && k < e->threads; k++)
    testudo_i_workspace_clear(&e->workspace[k]);
  for (int64_t k = 0; e->tally != NULL && k < e->wave; k++)
    testudo_i_tally_clear(&e->tally[k]);
  testudo_i_tally_clear(&e->total);
  free(e->workspace);
  free(e->tally);
  free(e->completion);
  testudo_i_plan_clear(&e->plan);
}

static bool close_enough(const engine *e)
{
  const testudo_i_moments *seen = &e->total.completion;
  return e->options->rel_error > 0.0 && seen->count > 1 &&
         testudo_i_moments_stderr(seen) <= e->options->rel_error * seen->mean;
}

/* Takes the wave's batches in order until the stopping rule is content; batches that an interrupt left out are closed
   up. */
static void merge_wave(engine *e, int64_t batches)
{
  for (int64_t k = 0; k < batches && !e->enough; k++) {
    const testudo_i_tally *tally = &e->tally[k];
    if (tally->trials == 0)
      continue;
    const double *from = e->completion + e->begun + k * e->batch;
    memmove(e->completion + e->total.trials, from, (size_t)tally->trials * sizeof *from);
    testudo_i_tally_merge(&e->total, tally, e->plan.time_count);
    e->enough = close_enough(e);
  }
}

static bool step_wave(void *context, double fraction)
{
  engine *e = context;
  double done = (double)e->begun + (fraction > 0.0 ? fraction : 0.0) * (double)e->wave_trials;
  double part = done / (double)e->options->trials;
  if (e->options->rel_error > 0.0 && e->total.completion.count > 1) {
    /* The standard error falls with the square root of the trials. */
    double ratio = e->options->rel_error * e->total.completion.mean / testudo_i_moments_stderr(&e->total.completion);
    part = fmax(part, fmin(ratio * ratio, 1.0));
  }
  return e->options->monitor->step(e->options->monitor->context, e->share * part);
}

static testudo_status run_wave(engine *e, testudo_error *error)
{
  int64_t left = e->options->trials - e->begun;
  e->wave_trials = left / e->batch >= e->wave ? e->wave * e->batch : left;
  int64_t batches = (e->wave_trials - 1) / e->batch + 1;
  if (testudo_i_grow((void **)&e->completion, &e->room, (size_t)(e->begun + e->wave_trials), sizeof(double)) != 0)
    return testudo_i_fail_memory(error);
  for (int64_t k = 0; k < batches; k++)
    testudo_i_tally_reset(&e->tally[k], e->plan.time_count);
  bool watched = e->options->monitor != NULL && e->options->monitor->step != NULL;
  testudo_monitor monitor = {.step = step_wave, .context = e};
  testudo_status status = testudo_i_parallel_for(batches, e->threads, run_batch, e, watched ? &monitor : NULL);
  if (status != TESTUDO_OK && status != TESTUDO_INTERRUPTED) {
    pass_failure(e, error);
    return status;
  }
  e->interrupted = status == TESTUDO_INTERRUPTED;
  merge_wave(e, batches);
  e->begun += e->wave_trials;
  return TESTUDO_OK;
}

/* Hands the engine's findings over: the finite T sorted, the moments as numbers. */
static testudo_status conclude(engine *e, testudo_simulation *found, testudo_error *error)
{
  const testudo_i_tally *total = &e->total;
  int64_t deadlines = e->plan.time_count, finite = 0;
  for (int64_t k = 0; k < total->trials; k++)
    if (!isinf(e->completion[k]))
      e->completion[finite++] = e->completion[k];
  testudo_i_sort_times(e->completion, (size_t)finite);
  found->completion = e->completion;
  e->completion = NULL;
  found->trials = total->trials;
  found->never = total->trials - finite;
  found->mean = testudo_i_moments_mean(&total->completion);
  found->stddev = testudo_i_moments_stddev(&total->completion);
  found->stderr_mean = testudo_i_moments_stderr(&total->completion);
  found->time_count = deadlines;
  double **column[] = {&found->mse, &found->mse_stderr, &found->mean_norm, &found->mean_norm_stderr,
                       &found->error_max};
  for (size_t k = 0; k < sizeof column / sizeof *column; k++)
    if ((*column[k] = testudo_i_alloc((size_t)deadlines, sizeof(double))) == NULL)
      return testudo_i_fail_memory(error);
  if ((found->error_trials = testudo_i_alloc((size_t)deadlines, sizeof *found->error_trials)) == NULL)
    return testudo_i_fail_memory(error);
  for (int64_t d = 0; d < deadlines; d++) {
    found->mse[d] = testudo_i_moments_mean(&total->error[d]);
    found->mse_stderr[d] = testudo_i_moments_stderr(&total->error[d]);
    found->mean_norm[d] = testudo_i_moments_mean(&total->norm[d]);
    found->mean_norm_stderr[d] = testudo_i_moments_stderr(&total->norm[d]);
    found->error_max[d] = total->error_max[d];
    found->error_trials[d] = total->error_trials[d];
  }
  return TESTUDO_OK;
}

static testudo_status run(engine *e, testudo_simulation *found, testudo_error *error)
{
  const testudo_simulation_options *options = e->options;
  testudo_status status = testudo_i_decode_check(&e->plan, options, error);
  if (status == TESTUDO_OK)
    status = engine_make(e, error);
  e->share = testudo_i_decode_share(&e->plan, options);
  while (status == TESTUDO_OK && e->begun < options->trials && !e->enough && !e->interrupted)
    status = run_wave(e, error);
  if (status == TESTUDO_OK && e->total.trials == 0)
    return testudo_i_fail(error, TESTUDO_INTERRUPTED, "simulation: interrupted before its first batch was done");
  if (status == TESTUDO_OK && options->combine && !e->interrupted)
    status = testudo_i_combine_run(&e->plan, options, e->total.trials, e->share, found, &e->interrupted, error);
  else if (status == TESTUDO_OK && options->decode_trials > 0 && !e->interrupted)
    status = testudo_i_decode_run(&e->plan, options, e->completion, e->total.trials, e->share, &found->decode,
                                  &e->interrupted, error);
  if (status != TESTUDO_OK)
    return status;
  found->interrupted = e->interrupted;
  return conclude(e, found, error);
}

testudo_status testudo_simulate(const testudo_design *design, const testudo_delay_model *model,
                                const testudo_simulation_options *options, testudo_simulation **simulation,
                                testudo_error *error)
{
  *simulation = NULL;
  engine e = {.options = options};
  testudo_status status = testudo_i_plan_make(&e.plan, design, model, options, error);
  if (status != TESTUDO_OK)
    return status;
  testudo_simulation *found = testudo_i_calloc(1, sizeof *found);
  status = found == NULL ? testudo_i_fail_memory(error) : run(&e, found, error);
  engine_clear(&e);
  if (status != TESTUDO_OK) {
    testudo_simulation_free(found);
    return status;
  }
  *simulation = found;
  return TESTUDO_OK;
}
