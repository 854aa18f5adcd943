/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nested beside partial(l=1) on the same draws: on the cyclic natural order coverage is implied by the nested rule, so
   that partial is never later (docs/theory/nested.md#the-work). */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "base/sum.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"
#include "sample/sort.h"
#include "sample/kernels/answer.h"
#include "sample/kernels/stepped.h"
#include "sample/team.h"

#define LANES TESTUDO_I_LANES

typedef struct comparison {
  testudo_i_team *team;
  double *gain;        /* one per trial: NAN when neither ends, HUGE_VAL when only partial does */
  unsigned char *ran;  /* one per batch */
} comparison;

/* Every chunk done by someone, and all that have something send it. */
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
  return testudo_i_answer_of_starters(plan, time, LANES, lane, last);
}

static testudo_status compare_batch(void *context, int32_t thread, int64_t index)
{
  const comparison *c = context;
  const testudo_i_plan *plan = &c->team->plan;
  testudo_i_workspace *workspace = &c->team->workspace[thread];
  int64_t first, trials = testudo_i_team_trials(c->team, index, &first);
  for (int64_t done = 0; done < trials; done += LANES) {
    testudo_i_draw_lanes(plan, c->team->options->seed, first + done, &workspace->failures, workspace->time);
    for (int lane = 0; lane < LANES && done + lane < trials; lane++) {
      double partial = partial_time(plan, workspace->time, lane);
      double nested = testudo_i_stepped_time(plan, workspace->time, LANES, lane, workspace->room);
      nested = testudo_i_answer_time(plan, workspace->time, LANES, lane, nested);
      c->gain[first + done + lane] = isinf(partial) ? NAN : nested - partial;
    }
  }
  c->ran[index] = 1;
  return TESTUDO_OK;
}

/* Hands the finite gains over, sorted. */
static void conclude_gain(comparison *c, testudo_partial_gain *found)
{
  int64_t equal = 0;
  testudo_i_sum sum = {0}, squares = {0};
  for (int64_t k = 0; k < c->team->options->trials; k++) {
    if (!c->ran[k / c->team->batch])
      continue;
    double gain = c->gain[k];
    found->trials++;
    found->never += isnan(gain);
    found->only_partial += isinf(gain);
    if (!isfinite(gain))
      continue;
    c->gain[found->count++] = gain;
    equal += gain == 0.0;
    testudo_i_sum_add(&sum, gain);
  }
  double count = (double)found->count;
  found->mean = found->count > 0 ? testudo_i_sum_value(&sum) / count : NAN;
  found->equal = found->count > 0 ? (double)equal / count : NAN;
  for (int64_t k = 0; k < found->count; k++)
    testudo_i_sum_add(&squares, (c->gain[k] - found->mean) * (c->gain[k] - found->mean));
  found->mean_stderr = found->count > 1 ? sqrt(testudo_i_sum_value(&squares) / (count - 1.0) / count) : NAN;
  if (c->team->plan.message < 0)
    testudo_i_sort_times(c->gain, (size_t)found->count);
  else /* some may be negative */
    qsort(c->gain, (size_t)found->count, sizeof *c->gain, testudo_i_ascending_reals);
}

static testudo_status compare(comparison *c, const testudo_design *design, const testudo_delay_model *model,
                              const testudo_simulation_options *options, const testudo_monitor *monitor,
                              testudo_partial_gain *found, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_team_init(c->team, design, model, options, 0, error));
  if (c->team->plan.rule.join != TESTUDO_I_ANY)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "scheme %s is not nested: there is no gain to measure",
                          design->scheme->name);
  found->gain = c->gain = testudo_i_alloc((size_t)options->trials, sizeof *c->gain);
  c->ran = testudo_i_arena_calloc(&c->team->arena, (size_t)c->team->batches, 1);
  TESTUDO_I_TRY(testudo_i_memory_check(c->gain != NULL && c->ran != NULL, error));
  TESTUDO_I_TRY(
      testudo_i_team_run(c->team, c->team->batches, compare_batch, c, monitor, &found->interrupted, error));
  conclude_gain(c, found);
  return TESTUDO_OK;
}

testudo_status testudo_simulate_partial_gain(const testudo_design *design, const testudo_delay_model *model,
                                             const testudo_simulation_options *options, testudo_partial_gain **gain,
                                             testudo_error *error)
{
  *gain = NULL;
  const testudo_simulation_options plain = {.trials = options->trials, .seed = options->seed,
                                            .threads = options->threads};
  testudo_partial_gain *found = testudo_i_calloc(1, sizeof *found);
  TESTUDO_I_TRY(testudo_i_memory_check(found != NULL, error));
  TESTUDO_I_HELD(testudo_i_team_clear) testudo_i_team team = {0};
  comparison c = {.team = &team};
  TESTUDO_I_HAND_OVER(compare(&c, design, model, &plain, options->monitor, found, error), found,
                      testudo_partial_gain_free, gain);
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
