/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion times by the simulation's own batches, and the statistics of one list or two of them. */
#include "optimize/latency/trials.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/sum.h"
#include "parallel/loop.h"
#include "sample/batch.h"
#include "sample/sort.h"

typedef struct run_context {
  testudo_i_plan plan;
  uint64_t stream;
  int64_t batch, first, count;
  int32_t threads;
  testudo_i_workspace *workspace;
  testudo_i_tally *tally;    /* one per thread */
  double *completion;
} run_context;

static testudo_status run_trials(void *context, int32_t thread, int64_t index)
{
  run_context *run = context;
  int64_t offset = index * run->batch, left = run->count - offset;
  return testudo_i_batch_run(&run->plan, run->stream, 0.0, run->first + offset, left < run->batch ? left : run->batch,
                             &run->workspace[thread], run->completion + offset, &run->tally[thread]);
}

static testudo_status run_all(run_context *run, const testudo_monitor *monitor, testudo_error *error)
{
  run->workspace = testudo_i_calloc((size_t)run->threads, sizeof *run->workspace);
  run->tally = testudo_i_calloc((size_t)run->threads, sizeof *run->tally);
  TESTUDO_I_TRY(testudo_i_memory_check(run->workspace != NULL && run->tally != NULL, error));
  for (int32_t k = 0; k < run->threads; k++) {
    TESTUDO_I_TRY(testudo_i_workspace_make(&run->workspace[k], &run->plan, error));
    TESTUDO_I_TRY(testudo_i_tally_make(&run->tally[k], 0, error));
  }
  testudo_status status =
      testudo_i_parallel_for((run->count - 1) / run->batch + 1, run->threads, run_trials, run, monitor);
  if (status == TESTUDO_INTERRUPTED)
    return testudo_i_fail(error, status, "the simulation was interrupted");
  for (int32_t k = 0; status != TESTUDO_OK && error != NULL && k < run->threads; k++)
    if (run->workspace[k].failure.text[0] != '\0')
      *error = run->workspace[k].failure;
  return status;
}

static void clear_run(run_context *run)
{
  for (int32_t k = 0; run->workspace != NULL && k < run->threads; k++)
    testudo_i_workspace_clear(&run->workspace[k]);
  for (int32_t k = 0; run->tally != NULL && k < run->threads; k++)
    testudo_i_tally_clear(&run->tally[k]);
  free(run->workspace);
  free(run->tally);
  testudo_i_plan_clear(&run->plan);
}

testudo_status testudo_i_trials_run(const testudo_i_goal *goal, const testudo_design *design, int64_t first,
                                    int64_t count, double *completion, testudo_error *error)
{
  testudo_simulation_options options = {.report = goal->report, .trials = count, .seed = goal->stream};
  run_context run = {.stream = goal->stream, .first = first, .count = count, .completion = completion};
  TESTUDO_I_TRY(testudo_i_plan_make(&run.plan, design, goal->model, &options, error));
  run.batch = testudo_i_batch_trials(&run.plan);
  run.threads = goal->threads > 0 ? goal->threads : testudo_i_cores();
  testudo_status status = run_all(&run, goal->monitor, error);
  clear_run(&run);
  return status;
}

/* ---- statistics ---- */

static double spread_of(double squares, double count)
{
  return count > 1 ? sqrt(squares / (count - 1) / count) : NAN;
}

/* Mean and standard error of `after`, or of after - before, over the trials in which all that is there is finite. */
static void finite_mean(const double *before, const double *after, int64_t count, double *mean, double *spread)
{
  testudo_i_sum sum = {0}, squares = {0};
  int64_t finite = 0;
  for (int64_t r = 0; r < count; r++)
    if (after[r] <= DBL_MAX && (before == NULL || before[r] <= DBL_MAX)) {
      finite++;
      testudo_i_sum_add(&sum, before == NULL ? after[r] : after[r] - before[r]);
    }
  *mean = finite > 0 ? testudo_i_sum_value(&sum) / (double)finite : NAN;
  for (int64_t r = 0; r < count; r++)
    if (after[r] <= DBL_MAX && (before == NULL || before[r] <= DBL_MAX)) {
      double apart = (before == NULL ? after[r] : after[r] - before[r]) - *mean;
      testudo_i_sum_add(&squares, apart * apart);
    }
  *spread = spread_of(testudo_i_sum_value(&squares), (double)finite);
}

void testudo_i_trials_mean(const double *completion, int64_t count, double *mean, double *spread)
{
  finite_mean(NULL, completion, count, mean, spread);
}

double testudo_i_trials_mean_spread(const double *before, const double *after, int64_t count)
{
  double mean, spread;
  finite_mean(before, after, count, &mean, &spread);
  return spread;
}

/* The k-th smallest from 1, k rounded into the range. */
static double at_rank(const double *sorted, int64_t count, double rank)
{
  double last = (double)count;
  int64_t k = (int64_t)ceil(fmin(fmax(rank, 1.0), last));
  return sorted[k - 1];
}

void testudo_i_trials_quantile(double *completion, int64_t count, double q, double *quantile, double *spread)
{
  testudo_i_sort_times(completion, (size_t)count);
  double rank = q * (double)count, apart = sqrt(q * (1 - q) * (double)count);
  *quantile = at_rank(completion, count, rank);
  double above = at_rank(completion, count, rank + apart), below = at_rank(completion, count, rank - apart);
  *spread = above <= DBL_MAX ? (above - below) / 2 : HUGE_VAL;
}

double testudo_i_trials_quantile_spread(const double *before, const double *after, int64_t count, double q,
                                        const double quantile[2], const double spread[2])
{
  /* spread = sqrt(q (1 - q) / count) / density, so that 1 / density is read off it. */
  double unit = sqrt(q * (1 - q) / (double)count), slope[2] = {spread[0] / unit, spread[1] / unit};
  testudo_i_sum sum = {0}, squares = {0};
  for (int64_t r = 0; r < count; r++) {
    double term = slope[0] * (before[r] <= quantile[0]) - slope[1] * (after[r] <= quantile[1]);
    testudo_i_sum_add(&sum, term);
    testudo_i_sum_add(&squares, term * term);
  }
  double n = (double)count, mean = testudo_i_sum_value(&sum) / n;
  return spread_of(fmax(0.0, testudo_i_sum_value(&squares) - n * mean * mean), n);
}
