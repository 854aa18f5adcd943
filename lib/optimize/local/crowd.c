/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "optimize/local/crowd.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "runtime/design.h"
#include "sample/draw.h"

#define MOST_FLOATS ((int64_t)1 << 26)

/* Eight trials of the plan into their places. */
static void take_lanes(testudo_i_crowd *crowd, const testudo_i_plan *plan, const double *drawn, int64_t at)
{
  const double *rates = crowd->additive ? NULL : plan->model->rates;
  for (int64_t s = 0; s < plan->slots; s++)
    for (int lane = 0; lane < TESTUDO_I_LANES; lane++) {
      double time = drawn[s * TESTUDO_I_LANES + lane] / (rates == NULL ? 1.0 : rates[s]);
      crowd->time[s * crowd->trials + at + lane] = (float)time;
    }
}

static testudo_status draw(testudo_i_crowd *crowd, const testudo_i_goal *goal, const testudo_i_plan *plan,
                           int64_t first, testudo_error *error)
{
  testudo_i_failures failures = {NULL, NULL, 0};
  double *drawn = testudo_i_alloc((size_t)plan->slots, TESTUDO_I_LANES * sizeof *drawn);
  testudo_status status = testudo_i_failures_make(&failures, testudo_design_workers(plan->design), error);
  if (drawn == NULL)
    status = testudo_i_fail_memory(error);
  for (int64_t at = 0; status == TESTUDO_OK && at < crowd->trials; at += TESTUDO_I_LANES) {
    testudo_i_draw_lanes(plan, goal->stream, first + at, &failures, drawn);
    take_lanes(crowd, plan, drawn, at);
  }
  testudo_i_failures_clear(&failures);
  free(drawn);
  return status;
}

testudo_status testudo_i_crowd_make(testudo_i_crowd *crowd, const testudo_i_goal *goal, const testudo_design *design,
                                    int64_t first, int64_t trials, testudo_error *error)
{
  testudo_simulation_options options = {.report = goal->report, .trials = 1, .seed = goal->stream};
  testudo_i_plan plan;
  *crowd = (testudo_i_crowd){.trials = trials};
  testudo_status status = testudo_i_plan_make(&plan, design, goal->model, &options, error);
  if (status != TESTUDO_OK)
    return status;
  crowd->additive = plan.additive;
  crowd->row = design->row;
  int64_t width = (int64_t)plan.slots + testudo_design_chunks(design);
  if (crowd->trials > MOST_FLOATS / width)
    crowd->trials = MOST_FLOATS / width;
  crowd->trials -= crowd->trials % TESTUDO_I_CROWD_BLOCK;
  if (crowd->trials < TESTUDO_I_CROWD_BLOCK)
    status = testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "the design is too large for a local search: %lld slots",
                            (long long)plan.slots);
  else {
    crowd->time = testudo_i_alloc((size_t)plan.slots * (size_t)crowd->trials, sizeof *crowd->time);
    status = crowd->time == NULL ? testudo_i_fail_memory(error) : draw(crowd, goal, &plan, first, error);
  }
  testudo_i_plan_clear(&plan);
  if (status != TESTUDO_OK)
    testudo_i_crowd_free(crowd);
  return status;
}

void testudo_i_crowd_free(testudo_i_crowd *crowd)
{
  free(crowd->time);
  *crowd = (testudo_i_crowd){.trials = 0};
}
