/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion times by the simulation's own team, and the statistics of one list or two of them. */
#include "optimize/latency/trials.h"

#include <math.h>

#include "base/error.h"
#include "base/sum.h"
#include "runtime/design.h"
#include "sample/cost/cost.h"
#include "sample/kernels/answer.h"
#include "sample/sort.h"
#include "sample/team.h"

typedef struct run_context {
  testudo_i_team *team;
  int64_t first;
  double *completion;
  const testudo_objective *objective;
} run_context;

/* E[T] and prices: what each trial costs, in seconds. */
static testudo_status price_trials(void *context, int32_t thread, int64_t index)
{
  const run_context *run = context;
  const testudo_i_team *team = run->team;
  const testudo_i_plan *plan = &team->plan;
  const testudo_design *design = plan->design;
  testudo_i_workspace *workspace = &team->workspace[thread];
  double shares = (double)testudo_design_workers(design) / testudo_design_chunks(design);
  int64_t offset, trials = testudo_i_team_trials(team, index, &offset);
  for (int64_t done = 0; done < trials; done += TESTUDO_I_LANES) {
    double rule[TESTUDO_I_LANES], chunks[TESTUDO_I_LANES], messages[TESTUDO_I_LANES];
    int64_t lanes = trials - done < TESTUDO_I_LANES ? trials - done : TESTUDO_I_LANES;
    testudo_i_draw_lanes(plan, team->options->seed, run->first + offset + done, &workspace->failures, workspace->time);
    testudo_i_kernel_lanes(plan, workspace->time, rule, workspace->error, workspace->room);
    testudo_i_cost_each(plan, workspace->time, rule, lanes, workspace->done, chunks, messages);
    for (int lane = 0; lane < lanes; lane++)
      run->completion[offset + done + lane] =
          testudo_i_answer_time(plan, workspace->time, TESTUDO_I_LANES, lane, rule[lane]) +
          run->objective->chunk_price * shares * chunks[lane] +
          run->objective->vector_price * messages[lane] / testudo_design_parts(design);
  }
  return TESTUDO_OK;
}

static testudo_status run_trials(void *context, int32_t thread, int64_t index)
{
  const run_context *run = context;
  const testudo_i_team *team = run->team;
  testudo_i_tally tally = {0}; /* without deadlines it has no room of its own */
  int64_t offset, trials = testudo_i_team_trials(team, index, &offset);
  return testudo_i_batch_run(&team->plan, team->options->seed, 0.0, run->first + offset, trials,
                             &team->workspace[thread], run->completion + offset, &tally);
}

testudo_status testudo_i_trials_run(const testudo_i_goal *goal, const testudo_design *design, int64_t first,
                                    int64_t count, double *completion, testudo_error *error)
{
  const testudo_simulation_options options = {.report = goal->report, .trials = count, .seed = goal->stream,
                                              .threads = goal->threads};
  TESTUDO_I_HELD(testudo_i_team_clear) testudo_i_team team = {0};
  run_context run = {&team, first, completion, &goal->objective};
  bool priced = goal->objective.kind == TESTUDO_OBJECTIVE_PRICED;
  bool interrupted;
  TESTUDO_I_TRY(testudo_i_team_init_fine(&team, design, goal->model, &options, error));
  TESTUDO_I_TRY(testudo_i_team_run(&team, team.batches, priced ? price_trials : run_trials, &run, goal->monitor,
                                   &interrupted, error));
  return interrupted ? testudo_i_fail(error, TESTUDO_INTERRUPTED, "the simulation was interrupted") : TESTUDO_OK;
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

void testudo_i_trials_late(const double *completion, int64_t count, double t, double *late, double *spread)
{
  int64_t of = 0;
  for (int64_t r = 0; r < count; r++)
    of += completion[r] > t;
  double n = (double)count, p = ((double)of + 1) / (n + 2);
  *late = (double)of / n;
  *spread = sqrt(p * (1 - p) / n);
}

/* One trial more in which they differ either way. */
double testudo_i_trials_late_spread(const double *before, const double *after, int64_t count, double t)
{
  int64_t better = 0, worse = 0;
  for (int64_t r = 0; r < count; r++) {
    better += before[r] > t && after[r] <= t;
    worse += before[r] <= t && after[r] > t;
  }
  double n = (double)count, apart = (double)(worse - better) / n;
  return sqrt(fmax(0.0, (double)(better + worse + 2) / n - apart * apart) / n);
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
