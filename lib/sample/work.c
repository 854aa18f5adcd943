/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chunks computed and messages read until T, by the same trials as the engine's. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "parallel/loop.h"
#include "runtime/design.h"
#include "runtime/progress.h"
#include "sample/batch.h"
#include "sample/nested/rule.h"

#define LANES TESTUDO_I_LANES

typedef struct spent {
  testudo_i_moments chunks, messages;
  int64_t trials;
} spent;

typedef struct spending {
  testudo_i_plan plan;
  const testudo_simulation_options *options;
  int32_t threads;
  int64_t batch, batches;
  testudo_i_workspace *workspace; /* one a thread */
  spent *spent;                   /* one a batch */
  int64_t *of_worker;             /* threads x workers: chunks done in all trials; NULL: not wanted */
} spending;

/* How many steps the worker has done by t: chunks, or blocks of scheme block. */
static int32_t done_by(const testudo_i_plan *plan, const double *time, int lane, int32_t worker, double t)
{
  int32_t least = 0, most = testudo_i_progress_most(plan->design, worker);
  if (most == 0 || testudo_i_time_of(plan, time, LANES, lane, worker, most) <= t)
    return most;
  while (least + 1 < most) {
    int32_t middle = least + (most - least) / 2;
    if (testudo_i_time_of(plan, time, LANES, lane, worker, middle) <= t)
      least = middle;
    else
      most = middle;
  }
  return least;
}

/* Only finished workers are read; otherwise whoever has done something is. */
static bool reads_finished(const testudo_i_plan *plan)
{
  testudo_scheme scheme = testudo_design_scheme(plan->design);
  return plan->report == TESTUDO_REPORT_WHOLE || scheme == TESTUDO_SCHEME_GRADIENT_CODE ||
         scheme == TESTUDO_SCHEME_IGNORE_STRAGGLERS;
}

static void add_trial(const testudo_i_plan *plan, const double *time, int lane, double t, testudo_i_shifted *chunks,
                      testudo_i_shifted *messages, int64_t *of_worker)
{
  const testudo_design *design = plan->design;
  bool finished = reads_finished(plan);
  double computed = 0.0, read = 0.0;
  for (int32_t j = 0; j < testudo_design_workers(design); j++) {
    int32_t done = done_by(plan, time, lane, j, t);
    if (of_worker != NULL)
      of_worker[j] += done;
    computed += plan->work == NULL ? done : done == 0 ? 0.0 : plan->work[done - 1];
    read += done > 0 && (!finished || done == testudo_design_load(design, j));
  }
  /* Of a group that holds the same chunks, the first to finish is enough. */
  if (design->groups.groups > 0)
    read = design->groups.groups;
  if (design->family.levels > 0)
    read = testudo_i_nested_messages(plan, time, LANES, lane, t);
  testudo_i_shifted_add(chunks, computed);
  testudo_i_shifted_add(messages, read);
}

static testudo_status run_batch(void *context, int32_t thread, int64_t index)
{
  const spending *s = context;
  testudo_i_workspace *workspace = &s->workspace[thread];
  testudo_i_shifted chunks = {0}, messages = {0};
  int32_t workers = testudo_design_workers(s->plan.design);
  int64_t *of_worker = s->of_worker == NULL ? NULL : s->of_worker + (size_t)thread * (size_t)workers;
  int64_t first = index * s->batch, left = s->options->trials - first;
  int64_t trials = left < s->batch ? left : s->batch;
  for (int64_t done = 0; done < trials; done += LANES) {
    double completion[LANES];
    testudo_i_draw_lanes(&s->plan, s->options->seed, first + done, &workspace->failures, workspace->time);
    testudo_i_kernel_lanes(&s->plan, workspace->time, completion, workspace->error, workspace->room);
    for (int lane = 0; lane < LANES && done + lane < trials; lane++)
      if (!isinf(completion[lane]))
        add_trial(&s->plan, workspace->time, lane, completion[lane], &chunks, &messages, of_worker);
  }
  s->spent[index] = (spent){testudo_i_shifted_moments(&chunks), testudo_i_shifted_moments(&messages), trials};
  return TESTUDO_OK;
}

static testudo_status spending_make(spending *s, testudo_error *error)
{
  s->batch = testudo_i_batch_trials(&s->plan);
  s->batches = (s->options->trials - 1) / s->batch + 1;
  s->threads = s->options->threads > 0 ? s->options->threads : testudo_i_cores();
  if (s->threads > s->batches)
    s->threads = (int32_t)s->batches;
  s->workspace = testudo_i_calloc((size_t)s->threads, sizeof *s->workspace);
  s->spent = testudo_i_calloc((size_t)s->batches, sizeof *s->spent);
  size_t rooms = (size_t)s->threads * (size_t)testudo_design_workers(s->plan.design);
  if (s->options->worker_chunks != NULL)
    s->of_worker = testudo_i_calloc(rooms, sizeof *s->of_worker);
  if (s->workspace == NULL || s->spent == NULL || (s->options->worker_chunks != NULL && s->of_worker == NULL))
    return testudo_i_fail_memory(error);
  testudo_status status = TESTUDO_OK;
  for (int32_t k = 0; status == TESTUDO_OK && k < s->threads; k++)
    status = testudo_i_workspace_make(&s->workspace[k], &s->plan, error);
  return status;
}

static void spending_clear(spending *s)
{
  for (int32_t k = 0; s->workspace != NULL && k < s->threads; k++)
    testudo_i_workspace_clear(&s->workspace[k]);
  free(s->workspace);
  free(s->spent);
  free(s->of_worker);
  testudo_i_plan_clear(&s->plan);
}

/* Whole numbers, so that the order of the threads changes no bit. */
static void share_out(const spending *s, int64_t ended)
{
  int32_t workers = testudo_design_workers(s->plan.design);
  for (int32_t j = 0; j < workers; j++) {
    int64_t sum = 0;
    for (int32_t k = 0; k < s->threads; k++)
      sum += s->of_worker[(size_t)k * (size_t)workers + (size_t)j];
    s->options->worker_chunks[j] = ended > 0 ? (double)sum / (double)ended : NAN;
  }
}

/* Merged in the order of the batches, so that the number of threads changes no bit. */
static void conclude(const spending *s, testudo_work *work)
{
  spent total = {.trials = 0};
  for (int64_t k = 0; k < s->batches; k++) {
    testudo_i_moments_merge(&total.chunks, &s->spent[k].chunks);
    testudo_i_moments_merge(&total.messages, &s->spent[k].messages);
    total.trials += s->spent[k].trials;
  }
  work->trials = total.trials;
  work->never = total.trials - total.chunks.count;
  work->chunks = testudo_i_moments_mean(&total.chunks);
  work->chunks_stderr = testudo_i_moments_stderr(&total.chunks);
  work->messages = testudo_i_moments_mean(&total.messages);
  work->messages_stderr = testudo_i_moments_stderr(&total.messages);
  if (s->of_worker != NULL)
    share_out(s, total.chunks.count);
}

testudo_status testudo_simulate_work(const testudo_design *design, const testudo_delay_model *model,
                                     const testudo_simulation_options *options, testudo_work *work,
                                     testudo_error *error)
{
  testudo_simulation_options plain = {.report = options->report, .trials = options->trials, .seed = options->seed,
                                      .threads = options->threads,
                                      .worker_chunks = options->worker_chunks};
  spending s = {.options = &plain};
  *work = (testudo_work){0};
  testudo_status status = testudo_i_plan_make(&s.plan, design, model, &plain, error);
  if (status != TESTUDO_OK)
    return status;
  status = spending_make(&s, error);
  if (status == TESTUDO_OK)
    status = testudo_i_parallel_for(s.batches, s.threads, run_batch, &s, options->monitor);
  if (status == TESTUDO_OK || status == TESTUDO_INTERRUPTED) {
    work->interrupted = status == TESTUDO_INTERRUPTED;
    conclude(&s, work);
    status = TESTUDO_OK;
  }
  spending_clear(&s);
  return status;
}
