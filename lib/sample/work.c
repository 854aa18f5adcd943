/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chunks computed and messages read until T, and when each is, by the same trials as the engine's. */
#include <math.h>

#include "base/error.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"
#include "sample/cost/cost.h"
#include "sample/team.h"

#define LANES TESTUDO_I_LANES

/* What the trials of a batch cost. */
typedef struct cost {
  testudo_i_moments chunks, messages;
  int64_t trials;
} cost;

typedef struct costing {
  testudo_i_team *team;
  cost *cost;             /* one per batch */
  int64_t *of_worker;     /* threads x workers: chunks done in all trials; NULL: not wanted */
} costing;

static testudo_status cost_of_batch(void *context, int32_t thread, int64_t index)
{
  const costing *c = context;
  const testudo_i_plan *plan = &c->team->plan;
  testudo_i_workspace *workspace = &c->team->workspace[thread];
  testudo_i_cost spent = {{0}, {0}};
  int64_t *of_worker = c->of_worker == NULL ? NULL : c->of_worker + (size_t)thread * (size_t)plan->design->workers;
  int64_t first, trials = testudo_i_team_trials(c->team, index, &first);
  for (int64_t done = 0; done < trials; done += LANES) {
    double completion[LANES];
    testudo_i_draw_lanes(plan, c->team->options->seed, first + done, &workspace->failures, workspace->time);
    testudo_i_kernel_lanes(plan, workspace->time, completion, workspace->error, workspace->room);
    testudo_i_cost_add(plan, workspace->time, completion, trials - done < LANES ? trials - done : LANES,
                       workspace->done, &spent, of_worker);
  }
  c->cost[index] =
      (cost){testudo_i_shifted_moments(&spent.chunks), testudo_i_shifted_moments(&spent.messages), trials};
  return TESTUDO_OK;
}

/* Whole numbers, so that the order of the threads changes no bit. */
static void share_among_workers(const costing *c, int64_t ended)
{
  int32_t workers = c->team->plan.design->workers;
  for (int32_t j = 0; j < workers; j++) {
    int64_t sum = 0;
    for (int32_t k = 0; k < c->team->threads; k++)
      sum += c->of_worker[(size_t)k * (size_t)workers + (size_t)j];
    c->team->options->worker_chunks[j] = ended > 0 ? (double)sum / (double)ended : NAN;
  }
}

/* Merged in the order of the batches, so that the number of threads changes no bit. */
static void conclude_work(const costing *c, testudo_work *work)
{
  cost total = {.trials = 0};
  for (int64_t k = 0; k < c->team->batches; k++) {
    testudo_i_moments_merge(&total.chunks, &c->cost[k].chunks);
    testudo_i_moments_merge(&total.messages, &c->cost[k].messages);
    total.trials += c->cost[k].trials;
  }
  testudo_i_cost_conclude(&total.chunks, &total.messages, total.trials, work);
  if (c->of_worker != NULL)
    share_among_workers(c, total.chunks.count);
}

static testudo_status cost_of_all(costing *c, const testudo_design *design, const testudo_delay_model *model,
                                  const testudo_simulation_options *options, const testudo_monitor *monitor,
                                  testudo_work *work, testudo_error *error)
{
  testudo_i_team *team = c->team;
  TESTUDO_I_TRY(testudo_i_team_init(team, design, model, options, 0, error));
  c->cost = testudo_i_arena_calloc(&team->arena, (size_t)team->batches, sizeof *c->cost);
  if (options->worker_chunks != NULL)
    c->of_worker = testudo_i_arena_calloc(&team->arena, (size_t)team->threads,
                                          (size_t)design->workers * sizeof *c->of_worker);
  TESTUDO_I_TRY(testudo_i_arena_check(&team->arena, error));
  TESTUDO_I_TRY(testudo_i_team_run(team, team->batches, cost_of_batch, c, monitor, &work->interrupted, error));
  conclude_work(c, work);
  return TESTUDO_OK;
}

testudo_status testudo_simulate_work(const testudo_design *design, const testudo_delay_model *model,
                                     const testudo_simulation_options *options, testudo_work *work,
                                     testudo_error *error)
{
  const testudo_simulation_options plain = {.report = options->report, .trials = options->trials,
                                            .seed = options->seed, .threads = options->threads,
                                            .worker_chunks = options->worker_chunks};
  TESTUDO_I_HELD(testudo_i_team_clear) testudo_i_team team = {0};
  costing c = {.team = &team};
  *work = (testudo_work){0};
  return cost_of_all(&c, design, model, &plain, options->monitor, work, error);
}

testudo_status testudo_simulate_trial(const testudo_design *design, const testudo_delay_model *model,
                                      const testudo_simulation_options *options, int64_t trial, double *done,
                                      double *completion, testudo_error *error)
{
  const testudo_simulation_options plain = {.report = options->report, .trials = 1, .seed = options->seed,
                                            .threads = 1};
  TESTUDO_I_HELD(testudo_i_team_clear) testudo_i_team team = {0};
  double all[LANES];
  if (trial < 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "trial: %lld, but they are numbered from 0", (long long)trial);
  TESTUDO_I_TRY(testudo_i_team_init(&team, design, model, &plain, 0, error));
  if (team.plan.work != NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "scheme %s works in steps that are no chunks",
                          testudo_i_scheme_of(design)->name);
  testudo_i_workspace *workspace = &team.workspace[0];
  testudo_i_draw_lanes(&team.plan, options->seed, trial, &workspace->failures, workspace->time);
  testudo_i_kernel_lanes(&team.plan, workspace->time, all, workspace->error, workspace->room);
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    for (int32_t k = 1; k <= testudo_design_load(design, j); k++)
      *done++ = testudo_i_time_of(&team.plan, workspace->time, LANES, 0, j, k);
  *completion = all[0];
  return TESTUDO_OK;
}
