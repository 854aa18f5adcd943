/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Uncoded training under rules of waiting, on the draws of the engine. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"
#include "sample/result.h"
#include "sample/team.h"

#define LANES TESTUDO_I_LANES

/* A worker that has something to do. */
typedef struct arrival {
  double at;
  int32_t worker;
} arrival;

/* What a batch has seen, of trials that end. */
typedef struct waited {
  testudo_i_moments completion, missing, copies;
  int64_t missing_trials;
  bool ran;
} waited;

typedef struct waiting_run {
  testudo_i_team *team;
  const testudo_waiting_rule *rule;
  int32_t busy;          /* workers that have something to do */
  arrival *arrival;      /* busy per thread */
  int64_t wave, begun;   /* batches per wave, and those before this one */
  waited *waited;        /* one per batch of the wave */
  waited total;
  testudo_i_times times; /* of all trials before this wave .. */
  double *completion;    /* .. and behind them, of this one's */
  const testudo_monitor *monitor;
} waiting_run;

/* One trial: what is known of it, and what becomes of it. */
typedef struct waiting_trial {
  const testudo_i_plan *plan;
  const double *time;
  int lane;
  arrival *arrival;      /* ascending */
  int32_t busy;
  int32_t missing, copies;
} waiting_trial;

static int by_arrival(const void *a, const void *b)
{
  const arrival *x = a, *y = b;
  return x->at != y->at ? TESTUDO_I_COMPARE(x->at, y->at) : TESTUDO_I_COMPARE(x->worker, y->worker);
}

static int by_worker(const void *a, const void *b)
{
  const arrival *x = a, *y = b;
  return TESTUDO_I_COMPARE(x->worker, y->worker);
}

static void sort_arrivals(waiting_trial *trial)
{
  const testudo_i_plan *plan = trial->plan;
  int32_t busy = 0;
  for (int32_t j = 0; j < plan->design->workers; j++) {
    int32_t load = testudo_design_load(plan->design, j);
    if (load > 0)
      trial->arrival[busy++] =
          (arrival){testudo_i_time_of(plan, trial->time, LANES, trial->lane, j, load), j};
  }
  qsort(trial->arrival, (size_t)busy, sizeof *trial->arrival, by_arrival);
}

static double ignore_time(waiting_trial *trial, const testudo_waiting_rule *rule)
{
  const arrival *by = trial->arrival;
  double t = fmin(by[trial->busy - 1].at,
                  fmax((1.0 + rule->slack) * by[0].at, by[rule->least - 1].at));
  for (int32_t k = trial->busy - 1; k >= 0 && by[k].at > t; k--)
    trial->missing += testudo_design_load(trial->plan->design, by[k].worker);
  return t;
}

/* How long the helper takes for so many chunks more, and to send what they make. */
static double copy_time(const waiting_trial *trial, int32_t helper, int32_t chunks)
{
  const testudo_i_plan *plan = trial->plan;
  int64_t own = plan->computed >= 0 ? (int64_t)plan->computed + helper : plan->slot_row[helper + 1] - 1;
  int64_t last = plan->further_slot + (int64_t)helper * plan->further + chunks - 1;
  double message = plan->message < 0 ? 0.0 : trial->time[((int64_t)plan->message + helper) * LANES + trial->lane];
  return trial->time[last * LANES + trial->lane] - trial->time[own * LANES + trial->lane] + plan->share * message;
}

static double copy_rule_time(waiting_trial *trial, const testudo_waiting_rule *rule)
{
  arrival *by = trial->arrival;
  int32_t finished = (int32_t)testudo_i_result_rank(rule->quantile, trial->busy);
  double begin = by[finished - 1].at, last = begin;
  if (isinf(begin))
    return begin;
  while (finished < trial->busy && by[finished].at == begin)
    finished++;
  int32_t late = trial->busy - finished;
  qsort(by + finished, (size_t)late, sizeof *by, by_worker);
  trial->copies = late < finished ? late : finished;
  begin += trial->plan->model->signal;
  for (int32_t k = 0; k < late; k++) {
    double at = by[finished + k].at;
    if (k < trial->copies) {
      int32_t chunks = testudo_design_load(trial->plan->design, by[finished + k].worker);
      at = fmin(at, begin + copy_time(trial, by[k].worker, chunks));
    }
    last = fmax(last, at);
  }
  return last;
}

static testudo_status wait_batch(void *context, int32_t thread, int64_t index)
{
  const waiting_run *run = context;
  const testudo_i_plan *plan = &run->team->plan;
  testudo_i_workspace *workspace = &run->team->workspace[thread];
  testudo_i_shifted missing = {0}, copies = {0};
  int64_t first, trials = testudo_i_team_trials(run->team, run->begun + index, &first), missing_trials = 0;
  double *completion = run->completion + index * run->team->batch;
  for (int64_t done = 0; done < trials; done += LANES) {
    testudo_i_draw_lanes(plan, run->team->options->seed, first + done, &workspace->failures, workspace->time);
    for (int lane = 0; lane < LANES && done + lane < trials; lane++) {
      waiting_trial trial = {plan, workspace->time, lane, run->arrival + (size_t)thread * (size_t)run->busy,
                             run->busy, 0, 0};
      sort_arrivals(&trial);
      double t = run->rule->kind == TESTUDO_WAITING_COPY ? copy_rule_time(&trial, run->rule)
                                                         : ignore_time(&trial, run->rule);
      completion[done + lane] = t;
      if (isinf(t))
        continue;
      testudo_i_shifted_add(&missing, trial.missing);
      testudo_i_shifted_add(&copies, trial.copies);
      missing_trials += trial.missing > 0;
    }
  }
  run->waited[index] = (waited){testudo_i_finite_moments(completion, trials), testudo_i_shifted_moments(&missing),
                                testudo_i_shifted_moments(&copies), missing_trials, true};
  return TESTUDO_OK;
}

/* In the order of the batches; those that an interrupt left out are closed up. */
static testudo_status take_wave(waiting_run *run, int64_t batches, testudo_error *error)
{
  for (int64_t k = 0; k < batches; k++) {
    waited *batch = &run->waited[k];
    int64_t first, trials = testudo_i_team_trials(run->team, run->begun + k, &first);
    if (!batch->ran)
      continue;
    TESTUDO_I_TRY(testudo_i_times_take(&run->times, run->completion + k * run->team->batch, trials, error));
    testudo_i_moments_merge(&run->total.completion, &batch->completion);
    testudo_i_moments_merge(&run->total.missing, &batch->missing);
    testudo_i_moments_merge(&run->total.copies, &batch->copies);
    run->total.missing_trials += batch->missing_trials;
    batch->ran = false;
  }
  return TESTUDO_OK;
}

static bool step_wave(void *context, double fraction)
{
  const waiting_run *run = context;
  double done = (double)run->begun + fmax(fraction, 0.0) * (double)run->wave;
  return !testudo_i_stopped(run->monitor, fmin(done / (double)run->team->batches, 1.0));
}

static testudo_status run_wave(waiting_run *run, bool *interrupted, testudo_error *error)
{
  testudo_i_team *team = run->team;
  const testudo_monitor monitor = {.step = step_wave, .context = run};
  int64_t left = team->batches - run->begun, batches = left < run->wave ? left : run->wave;
  TESTUDO_I_TRY(testudo_i_times_room(&run->times, batches * team->batch, error));
  run->completion = run->times.time + run->times.held;
  TESTUDO_I_TRY(testudo_i_team_run(team, batches, wait_batch, run, &monitor, interrupted, error));
  TESTUDO_I_TRY(take_wave(run, batches, error));
  run->begun += batches;
  return TESTUDO_OK;
}

static testudo_status conclude_waiting(waiting_run *run, testudo_simulation *found, testudo_waiting *waiting,
                                       testudo_error *error)
{
  const waited *total = &run->total;
  if (run->times.trials == 0)
    return testudo_i_fail(error, TESTUDO_INTERRUPTED, "simulation: interrupted before its first batch was done");
  testudo_i_moments moments = total->completion;
  if (run->times.sketch == NULL)
    moments = testudo_i_finite_moments(run->times.time, run->times.trials);
  testudo_i_result_moments(found, &moments);
  TESTUDO_I_TRY(testudo_i_result_take(found, &run->times, error));
  *waiting = (testudo_waiting){testudo_i_moments_mean(&total->missing), testudo_i_moments_stderr(&total->missing),
                               total->missing_trials, testudo_i_moments_mean(&total->copies),
                               testudo_i_moments_stderr(&total->copies)};
  return TESTUDO_OK;
}

static testudo_status check_waiting(const testudo_waiting_rule *rule, int32_t busy, testudo_error *error)
{
  if (rule->kind == TESTUDO_WAITING_IGNORE && !(rule->slack >= 0.0 && rule->slack < HUGE_VAL))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "slack %g, but it is finite and not negative", rule->slack);
  if (rule->kind == TESTUDO_WAITING_IGNORE && !(rule->least >= 1 && rule->least <= busy))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "at least %d workers, but 1..%d can be waited for",
                          (int)rule->least, (int)busy);
  if (rule->kind == TESTUDO_WAITING_COPY && !(rule->quantile > 0.0 && rule->quantile < 1.0))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "quantile %g, but it is above 0 and below 1", rule->quantile);
  if (rule->kind != TESTUDO_WAITING_IGNORE && rule->kind != TESTUDO_WAITING_COPY)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "unknown rule of waiting %d", (int)rule->kind);
  return TESTUDO_OK;
}

static testudo_status wait_all(waiting_run *run, const testudo_design *design, const testudo_delay_model *model,
                               const testudo_simulation_options *options, testudo_simulation *found,
                               testudo_waiting *waiting, testudo_error *error)
{
  enum { WAVE = 64 }; /* batches per thread */
  testudo_i_team *team = run->team;
  for (int32_t j = 0; j < design->workers; j++)
    run->busy += testudo_design_load(design, j) > 0;
  TESTUDO_I_TRY(check_waiting(run->rule, run->busy, error));
  int32_t further = run->rule->kind == TESTUDO_WAITING_COPY ? design->max_load : 0;
  TESTUDO_I_TRY(testudo_i_team_init(team, design, model, options, further, error));
  if (testudo_i_rule_shape(&team->plan.rule) != TESTUDO_I_SHAPE_SINGLES)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "rules of waiting are for uncoded training, in which every worker must finish, not for "
                          "scheme %s",
                          design->scheme->name);
  run->arrival = testudo_i_arena_alloc(&team->arena, (size_t)team->threads,
                                       (size_t)run->busy * sizeof *run->arrival);
  run->wave = (int64_t)team->threads * WAVE < team->batches ? (int64_t)team->threads * WAVE : team->batches;
  run->waited = testudo_i_arena_calloc(&team->arena, (size_t)run->wave, sizeof *run->waited);
  TESTUDO_I_TRY(testudo_i_arena_check(&team->arena, error));
  TESTUDO_I_TRY(testudo_i_times_expect(&run->times, options->trials, error));
  while (run->begun < team->batches && !found->interrupted)
    TESTUDO_I_TRY(run_wave(run, &found->interrupted, error));
  return conclude_waiting(run, found, waiting, error);
}

static void clear_run(waiting_run *run)
{
  testudo_i_times_clear(&run->times);
}

testudo_status testudo_simulate_waiting(const testudo_design *design, const testudo_delay_model *model,
                                        const testudo_waiting_rule *rule, const testudo_simulation_options *options,
                                        testudo_simulation **simulation, testudo_waiting *waiting,
                                        testudo_error *error)
{
  *simulation = NULL;
  const testudo_simulation_options plain = {.trials = options->trials, .seed = options->seed,
                                            .threads = options->threads, .keep_order = options->keep_order,
                                            .keep_times = options->keep_times, .by = options->by,
                                            .by_count = options->by_count};
  testudo_simulation *found = testudo_i_calloc(1, sizeof *found);
  TESTUDO_I_TRY(testudo_i_memory_check(found != NULL, error));
  TESTUDO_I_HELD(testudo_i_team_clear) testudo_i_team team = {0};
  TESTUDO_I_HELD(clear_run) waiting_run run = {.team = &team, .rule = rule, .times = {.options = &plain},
                                               .monitor = options->monitor};
  TESTUDO_I_HAND_OVER(wait_all(&run, design, model, &plain, found, waiting, error), found, testudo_simulation_free,
                      simulation);
}
