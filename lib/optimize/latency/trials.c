/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion times by the simulation's own team, trial by trial: what two designs share when they share their random
   numbers. */
#include "optimize/latency/objective.h"

#include "base/error.h"
#include "runtime/design.h"
#include "sample/cost/cost.h"
#include "sample/kernels/answer.h"
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
