/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine: waves of batches on all threads, merged in the order of the batches. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "sample/cost/cost.h"
#include "sample/decoding/decode.h"
#include "sample/kept/draws.h"
#include "sample/kept/times.h"
#include "sample/result.h"

typedef struct engine {
  testudo_i_team team;
  int64_t wave;              /* batches per wave, at most */
  testudo_i_tally *tally;    /* of the wave's batches */
  testudo_i_tally total;
  testudo_i_times times;     /* T in the order of the trials */
  int64_t held;              /* of these before this wave, whose own lie behind */
  int64_t first;             /* of the simulation: where this part of it begins */
  int64_t begun;             /* trials before this wave */
  int64_t wave_trials;
  bool enough, interrupted;
  testudo_i_draws *kept;     /* what was drawn is kept there; NULL: it is not */
} engine;

static testudo_status engine_batch(void *context, int32_t thread, int64_t index)
{
  engine *e = context;
  const testudo_simulation_options *options = e->team.options;
  int64_t offset = index * e->team.batch;
  int64_t trials = e->wave_trials - offset < e->team.batch ? e->wave_trials - offset : e->team.batch;
  return testudo_i_batch_run(&e->team.plan, options->seed, options->round_up, e->first + e->begun + offset, trials,
                             &e->team.workspace[thread], e->times.time + e->held + offset, &e->tally[index]);
}

static testudo_status engine_init(engine *e, const testudo_design *design, const testudo_delay_model *model,
                                  const testudo_simulation_options *options, testudo_error *error)
{
  testudo_i_team *team = &e->team;
  e->times.options = options;
  TESTUDO_I_TRY(testudo_i_team_init(team, design, model, options, 0, error));
  /* Long waves keep all threads busy; short ones waste little when the stopping rule ends inside one. */
  e->wave = (int64_t)team->threads * (options->rel_error > 0.0 ? 4 : 64);
  if (e->wave > team->batches)
    e->wave = team->batches;
  e->tally = testudo_i_arena_calloc(&team->arena, (size_t)e->wave, sizeof *e->tally);
  TESTUDO_I_TRY(testudo_i_arena_check(&team->arena, error));
  TESTUDO_I_TRY(testudo_i_tally_make(&e->total, team->plan.time_count, error));
  for (int64_t k = 0; k < e->wave; k++)
    TESTUDO_I_TRY(testudo_i_tally_make(&e->tally[k], team->plan.time_count, error));
  if (e->kept != NULL)
    *e->kept = (testudo_i_draws){.first = e->first, .batch = team->batch, .time_count = team->plan.time_count};
  return options->rel_error == 0.0 ? testudo_i_times_expect(&e->times, options->trials, error) : TESTUDO_OK;
}

static void engine_clear(engine *e)
{
  for (int64_t k = 0; e->tally != NULL && k < e->wave; k++)
    testudo_i_tally_clear(&e->tally[k]);
  testudo_i_tally_clear(&e->total);
  testudo_i_times_clear(&e->times);
  testudo_i_team_clear(&e->team);
}

static bool close_enough(const engine *e)
{
  const testudo_i_moments *seen = &e->total.completion;
  return e->team.options->rel_error > 0.0 && seen->count > 1 &&
         testudo_i_moments_stderr(seen) <= e->team.options->rel_error * seen->mean;
}

/* The next batch of the result, whose times lie behind those that are held or elsewhere. */
static testudo_status take_batch(engine *e, const testudo_i_tally *tally, const double *from, testudo_error *error)
{
  if (e->kept != NULL)
    TESTUDO_I_TRY(testudo_i_draws_add(e->kept, tally, from, error));
  TESTUDO_I_TRY(testudo_i_times_take(&e->times, from, tally->trials, error));
  testudo_i_tally_merge(&e->total, tally, e->team.plan.time_count);
  e->enough = close_enough(e);
  return TESTUDO_OK;
}

/* Takes the wave's batches in order until the stopping rule is content; batches that an interrupt left out are closed
   up, and what lies behind the first of them is not kept. */
static testudo_status merge_wave(engine *e, int64_t batches, testudo_error *error)
{
  for (int64_t k = 0; k < batches && !e->enough; k++)
    if (e->tally[k].trials > 0)
      TESTUDO_I_TRY(take_batch(e, &e->tally[k], e->times.time + e->held + k * e->team.batch, error));
    else
      e->kept = NULL;
  return TESTUDO_OK;
}

/* Begins with draws that are there: whole batches, and one that ends with the last trial. */
static testudo_status take_given(engine *e, const testudo_i_draws *given, testudo_error *error)
{
  int64_t wanted = e->team.options->trials, at = 0;
  if (given->first != e->begun || given->batch != e->team.batch || given->time_count != e->team.plan.time_count)
    return TESTUDO_OK;
  for (int64_t k = 0; k < given->batches && !e->enough && e->begun < wanted; k++) {
    testudo_i_tally *tally = &e->tally[0];
    testudo_i_draws_tally(given, k, tally);
    if (e->begun + tally->trials > wanted || (tally->trials < e->team.batch && e->begun + tally->trials < wanted))
      return TESTUDO_OK;
    TESTUDO_I_TRY(testudo_i_times_room(&e->times, tally->trials, error));
    TESTUDO_I_TRY(take_batch(e, tally, given->completion + at, error));
    at += tally->trials;
    e->begun += tally->trials;
  }
  return TESTUDO_OK;
}

static bool step_wave(void *context, double fraction)
{
  engine *e = context;
  const testudo_simulation_options *options = e->team.options;
  double done = (double)e->begun + (fraction > 0.0 ? fraction : 0.0) * (double)e->wave_trials;
  double part = done / (double)options->trials;
  if (options->rel_error > 0.0 && e->total.completion.count > 1) {
    /* The standard error falls with the square root of the trials. */
    double ratio = options->rel_error * e->total.completion.mean / testudo_i_moments_stderr(&e->total.completion);
    part = fmax(part, fmin(ratio * ratio, 1.0));
  }
  return !testudo_i_stopped(options->monitor, testudo_i_decode_share(options) * part);
}

static testudo_status run_wave(engine *e, testudo_error *error)
{
  testudo_i_team *team = &e->team;
  const testudo_monitor monitor = {.step = step_wave, .context = e};
  int64_t left = team->options->trials - e->begun;
  e->wave_trials = left / team->batch >= e->wave ? e->wave * team->batch : left;
  int64_t batches = (e->wave_trials - 1) / team->batch + 1;
  TESTUDO_I_TRY(testudo_i_times_room(&e->times, e->wave_trials, error));
  e->held = e->times.held;
  for (int64_t k = 0; k < batches; k++)
    testudo_i_tally_reset(&e->tally[k], team->plan.time_count);
  TESTUDO_I_TRY(testudo_i_team_run(team, batches, engine_batch, e, &monitor, &e->interrupted, error));
  TESTUDO_I_TRY(merge_wave(e, batches, error));
  e->begun += e->wave_trials;
  return TESTUDO_OK;
}

/* The engine's findings at the deadlines, as numbers. */
static testudo_status conclude_deadlines(const engine *e, testudo_simulation *found, testudo_error *error)
{
  int64_t deadlines = found->time_count = e->team.plan.time_count;
  found->mse = testudo_i_alloc((size_t)deadlines, 7 * sizeof(double));
  found->error_trials = testudo_i_alloc((size_t)deadlines, sizeof *found->error_trials);
  TESTUDO_I_TRY(testudo_i_memory_check(found->mse != NULL && found->error_trials != NULL, error));
  found->mse_stderr = found->mse + deadlines;
  found->mean_norm = found->mse_stderr + deadlines;
  found->mean_norm_stderr = found->mean_norm + deadlines;
  found->error_max = found->mean_norm_stderr + deadlines;
  found->mse_skewness = found->error_max + deadlines;
  found->mse_kurtosis = found->mse_skewness + deadlines;
  for (int64_t d = 0; d < deadlines; d++) {
    const testudo_i_deadline_tally *at = &e->total.at[d];
    found->mse[d] = testudo_i_moments_mean(&at->error);
    found->mse_stderr[d] = testudo_i_moments_stderr(&at->error);
    found->mean_norm[d] = testudo_i_moments_mean(&at->norm);
    found->mean_norm_stderr[d] = testudo_i_moments_stderr(&at->norm);
    found->mse_skewness[d] = testudo_i_moments_skewness(&at->error);
    found->mse_kurtosis[d] = testudo_i_moments_kurtosis(&at->error);
    found->error_max[d] = at->error_max;
    found->error_trials[d] = at->error_trials;
  }
  return TESTUDO_OK;
}

/* Hands the completion times over. */
static testudo_status conclude_completion(engine *e, testudo_simulation *found, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_result_take(found, &e->times, error));
  testudo_i_result_moments(found, &e->total.completion);
  return TESTUDO_OK;
}

/* The trials of an engine that is made, but for those that are given. */
static testudo_status run_all(engine *e, const testudo_i_draws *given, size_t count, testudo_error *error)
{
  for (size_t k = 0; k < count && !e->enough; k++)
    TESTUDO_I_TRY(take_given(e, &given[k], error));
  while (e->begun < e->team.options->trials && !e->enough && !e->interrupted)
    TESTUDO_I_TRY(run_wave(e, error));
  return TESTUDO_OK;
}

static testudo_status simulate(engine *e, const testudo_design *design, const testudo_delay_model *model,
                               const testudo_simulation_options *options, const testudo_i_draws *given, size_t count,
                               testudo_simulation *found, testudo_error *error)
{
  TESTUDO_I_TRY(engine_init(e, design, model, options, error));
  TESTUDO_I_TRY(run_all(e, given, count, error));
  if (e->total.trials == 0)
    return testudo_i_fail(error, TESTUDO_INTERRUPTED, "simulation: interrupted before its first batch was done");
  if (options->decode_trials > 0 && !e->interrupted)
    TESTUDO_I_TRY(testudo_i_decode_run(&e->team, e->times.time, e->total.trials, found, &e->interrupted, error));
  found->interrupted = e->interrupted;
  TESTUDO_I_TRY(conclude_completion(e, found, error));
  if (options->count_work)
    testudo_i_cost_conclude(&e->total.chunks, &e->total.messages, e->total.trials, &found->work);
  return conclude_deadlines(e, found, error);
}

testudo_status testudo_i_draws_simulate(const testudo_design *design, const testudo_delay_model *model,
                                        const testudo_simulation_options *options, const testudo_i_draws *given,
                                        size_t count, testudo_i_draws *more, testudo_simulation **simulation,
                                        testudo_error *error)
{
  TESTUDO_I_HELD(engine_clear) engine e = {.kept = more};
  *simulation = NULL;
  testudo_simulation *found = testudo_i_calloc(1, sizeof *found);
  TESTUDO_I_TRY(testudo_i_memory_check(found != NULL, error));
  TESTUDO_I_HAND_OVER(simulate(&e, design, model, options, given, count, found, error), found,
                      testudo_simulation_free, simulation);
}

testudo_status testudo_simulate(const testudo_design *design, const testudo_delay_model *model,
                                const testudo_simulation_options *options, testudo_simulation **simulation,
                                testudo_error *error)
{
  return testudo_i_draws_simulate(design, model, options, NULL, 0, NULL, simulation, error);
}

testudo_status testudo_i_draws_take(const testudo_design *design, const testudo_delay_model *model,
                                    const testudo_simulation_options *options, int64_t first, testudo_i_draws *draws,
                                    testudo_error *error)
{
  TESTUDO_I_HELD(engine_clear) engine e = {.first = first, .kept = draws};
  TESTUDO_I_TRY(engine_init(&e, design, model, options, error));
  TESTUDO_I_TRY(run_all(&e, NULL, 0, error));
  return e.interrupted ? testudo_i_fail(error, TESTUDO_INTERRUPTED, "simulation: interrupted") : TESTUDO_OK;
}
