/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sample of trials of a local search, drawn as the simulation draws. */
#include "optimize/local/times.h"

#include "base/error.h"
#include "base/limits.h"
#include "runtime/design.h"
#include "sample/draw.h"

/* Eight trials of the plan into their places. */
static void take_lanes(testudo_i_times *times, const testudo_i_plan *plan, const double *drawn, int64_t at)
{
  const double *rates = times->timed ? NULL : plan->model->rates;
  for (int64_t s = 0; s < plan->slot_row[plan->design->workers]; s++)
    for (int lane = 0; lane < TESTUDO_I_LANES; lane++) {
      double time = drawn[s * TESTUDO_I_LANES + lane] / (rates == NULL ? 1.0 : rates[s]);
      times->time[s * times->trials + at + lane] = (float)time;
    }
}

testudo_status testudo_i_times_make(testudo_i_times *times, testudo_i_arena *arena, const testudo_i_goal *goal,
                                    const testudo_design *design, int64_t first, int64_t trials, testudo_error *error)
{
  testudo_simulation_options options = {.report = goal->report, .trials = 1, .seed = goal->stream};
  TESTUDO_I_HELD(testudo_i_plan_clear) testudo_i_plan plan = {0};
  TESTUDO_I_HELD(testudo_i_failures_clear) testudo_i_failures failures = {0};
  *times = (testudo_i_times){.trials = trials};
  TESTUDO_I_TRY(testudo_i_plan_make(&plan, design, goal->model, &options, error));
  times->timed = plan.timed;
  int64_t width = (int64_t)plan.slots + testudo_design_chunks(design);
  if (times->trials > TESTUDO_I_LIMIT_TRIAL_FLOATS / width)
    times->trials = TESTUDO_I_LIMIT_TRIAL_FLOATS / width;
  times->trials -= times->trials % TESTUDO_I_TIMES_BLOCK;
  if (times->trials < TESTUDO_I_TIMES_BLOCK)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "the design is too large for a local search: %lld slots",
                          (long long)plan.slots);
  times->time = testudo_i_arena_alloc(arena, (size_t)plan.slot_row[design->workers] * (size_t)times->trials,
                                      sizeof *times->time);
  double *drawn = testudo_i_arena_alloc(arena, (size_t)plan.slots, TESTUDO_I_LANES * sizeof *drawn);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  TESTUDO_I_TRY(testudo_i_failures_make(&failures, testudo_design_workers(design), error));
  for (int64_t at = 0; at < times->trials; at += TESTUDO_I_LANES) {
    if (testudo_i_stopped(goal->monitor, -1.0))
      return TESTUDO_INTERRUPTED;
    testudo_i_draw_lanes(&plan, goal->stream, first + at, &failures, drawn);
    take_lanes(times, &plan, drawn, at);
  }
  return TESTUDO_OK;
}
