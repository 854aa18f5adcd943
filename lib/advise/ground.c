/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "advise/ground.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "base/random.h"
#include "sample/result.h"
#include "sample/sort.h"

void testudo_i_ground_clear(testudo_i_ground *ground)
{
  for (int32_t k = 0; k < TESTUDO_I_GRANULARITIES; k++)
    testudo_replay_free(ground->replay[k]);
  memset(ground->replay, 0, sizeof ground->replay);
}

static double overhead_of(const testudo_i_ground *ground)
{
  return ground->request->model != NULL ? ground->request->model->overhead : 0.0;
}

/* ---- runs ---- */

static testudo_status replay_of(testudo_i_ground *ground, int32_t granularity, const testudo_replay **replay,
                                testudo_error *error)
{
  int32_t k = 0;
  while (ground->replay[k] != NULL && ground->granularity[k] != granularity)
    k++;
  if (ground->replay[k] == NULL) {
    ground->granularity[k] = granularity;
    TESTUDO_I_TRY(testudo_i_iterations_replay(&ground->iterations, granularity, overhead_of(ground),
                                              &ground->replay[k], error));
  }
  *replay = ground->replay[k];
  return TESTUDO_OK;
}

/* Messages are added to what the iterations say. */
static testudo_delay_model model_of(const testudo_i_ground *ground, const testudo_replay *replay)
{
  const testudo_delay_model *given = ground->request->model;
  testudo_delay_model model = {.replay = replay};
  if (given != NULL) {
    model.message = given->message;
    model.signal = given->signal;
  }
  return model;
}

static testudo_status run_design(testudo_i_ground *ground, const testudo_i_way *way, const testudo_delay_model *model,
                                 double *completion, testudo_i_outcome *outcome, testudo_error *error)
{
  const testudo_i_iterations *of = &ground->iterations;
  const testudo_simulation_options options = {.trials = of->count, .seed = ground->request->seed, .keep_order = true,
                                              .threads = ground->request->threads,
                                              .monitor = ground->request->monitor};
  const testudo_waiting_rule rule = {.kind = TESTUDO_WAITING_COPY, .quantile = way->quantile};
  testudo_simulation *simulation;
  testudo_waiting waiting = {.copies = NAN};
  bool backup = way->kind == TESTUDO_REMEDY_BACKUP;
  if (backup)
    TESTUDO_I_TRY(testudo_simulate_waiting(way->design, model, &rule, &options, &simulation, &waiting, error));
  else
    TESTUDO_I_TRY(testudo_simulate(way->design, model, &options, &simulation, error));
  bool interrupted = simulation->interrupted;
  memcpy(completion, simulation->ordered, (size_t)simulation->trials * sizeof *completion);
  testudo_simulation_free(simulation);
  if (interrupted)
    return testudo_i_fail(error, TESTUDO_INTERRUPTED, "the measuring of remedies was interrupted");
  if (outcome == NULL)
    return TESTUDO_OK;
  double chunks = testudo_design_chunks(way->design);
  if (backup) {
    outcome->computed = 1.0 + waiting.copies / of->workers;
    outcome->messages = of->workers;
    return TESTUDO_OK;
  }
  testudo_work work;
  TESTUDO_I_TRY(testudo_simulate_work(way->design, model, &options, &work, error));
  outcome->computed = work.chunks / chunks;
  outcome->messages = work.messages;
  return work.interrupted ? testudo_i_fail(error, TESTUDO_INTERRUPTED, "the measuring of remedies was interrupted")
                          : TESTUDO_OK;
}

/* The uncoded design on workers that are faster by their factors. */
static testudo_status run_replaced(testudo_i_ground *ground, const testudo_i_way *way, double *completion,
                                   testudo_i_outcome *outcome, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  TESTUDO_I_HELD(testudo_i_ground_clear) testudo_i_ground other = *ground;
  memset(other.replay, 0, sizeof other.replay);
  TESTUDO_I_TRY(testudo_i_iterations_altered(&ground->iterations, 1, 1.0, way->factor, &arena, &other.iterations,
                                             error));
  const testudo_i_way none = {.kind = TESTUDO_REMEDY_NONE, .design = way->design};
  return testudo_i_ground_run(&other, &none, completion, outcome, error);
}

static testudo_status run_freely(testudo_i_ground *ground, const testudo_i_way *way, double *completion,
                                 testudo_i_outcome *outcome, testudo_error *error)
{
  const testudo_i_iterations *of = &ground->iterations;
  bool async = way->kind == TESTUDO_REMEDY_K_ASYNC;
  size_t room = async ? 3 * (size_t)of->workers : testudo_i_queue_room(of, way->granularity);
  TESTUDO_I_HELD(testudo_i_free_held) double *numbers = testudo_i_alloc(room, sizeof *numbers);
  TESTUDO_I_TRY(testudo_i_memory_check(numbers != NULL, error));
  double computed = 1.0, staleness = NAN, message = 0.0;
  if (ground->request->model != NULL && ground->request->model->message != NULL)
    message = testudo_law_mean(ground->request->model->message);
  if (async) /* as many gradients as an iteration of all workers has */
    testudo_i_async_times(of, overhead_of(ground), way->wait, completion, &staleness, numbers);
  else
    testudo_i_queue_times(of, way->granularity, overhead_of(ground), way->kind == TESTUDO_REMEDY_QUEUE_COPIES,
                          completion, &computed, numbers);
  double updates = async ? (double)of->workers / way->wait : 1.0;
  for (int64_t i = 0; i < of->count; i++)
    completion[i] = updates * (completion[i] + message);
  if (outcome != NULL) {
    outcome->computed = computed;
    outcome->messages = of->workers;
    outcome->staleness = staleness;
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_ground_run(testudo_i_ground *ground, const testudo_i_way *way, double *completion,
                                    testudo_i_outcome *outcome, testudo_error *error)
{
  if (outcome != NULL)
    *outcome = (testudo_i_outcome){NAN, NAN, NAN, NAN};
  if (testudo_i_stopped(ground->request->monitor, -1.0))
    return testudo_i_fail(error, TESTUDO_INTERRUPTED, "the measuring of remedies was interrupted");
  if (way->kind == TESTUDO_REMEDY_REPLACE)
    return run_replaced(ground, way, completion, outcome, error);
  if (way->design == NULL)
    return run_freely(ground, way, completion, outcome, error);
  if (way->kind == TESTUDO_REMEDY_BLOCK) /* whose steps are no chunks: the same draws, by the model itself */
    return run_design(ground, way, ground->model, completion, outcome, error);
  const testudo_replay *replay;
  TESTUDO_I_TRY(replay_of(ground, testudo_design_chunks(way->design) / ground->iterations.workers, &replay, error));
  const testudo_delay_model model = model_of(ground, replay);
  TESTUDO_I_TRY(run_design(ground, way, &model, completion, outcome, error));
  if (outcome != NULL && way->kind == TESTUDO_REMEDY_FIRST_K)
    outcome->missing = 1.0 - (double)testudo_design_wait(way->design) / ground->iterations.workers;
  return TESTUDO_OK;
}

/* ---- what is said of them ---- */

static double mean_of(const double *completion, int64_t count, double *never)
{
  double sum = 0.0, finite = 0.0;
  for (int64_t i = 0; i < count; i++)
    if (isfinite(completion[i])) {
      sum += completion[i];
      finite++;
    }
  *never = 1.0 - finite / (double)count;
  return finite > 0.0 ? sum / finite : HUGE_VAL;
}

static double quantile_of(const double *sorted, int64_t count, double q)
{
  return sorted[(int64_t)testudo_i_result_rank(q, (double)count) - 1];
}

/* Of completion times; `extra` is what cost adds to their mean. Sorts a copy, in `room`, of quantiles. */
static double objective_of(const testudo_i_ground *ground, const double *completion, int64_t count, double extra,
                           double *room)
{
  const testudo_objective *objective = &ground->request->objective;
  double never, mean = mean_of(completion, count, &never), late = 0.0;
  switch (objective->kind) {
  case TESTUDO_OBJECTIVE_QUANTILE:
    memcpy(room, completion, (size_t)count * sizeof *room);
    testudo_i_sort_times(room, (size_t)count);
    return quantile_of(room, count, objective->at);
  case TESTUDO_OBJECTIVE_DEADLINE:
    for (int64_t i = 0; i < count; i++)
      late += completion[i] > objective->at;
    return late / (double)count;
  default:
    return never > 0.0 ? HUGE_VAL : mean + extra;
  }
}

double testudo_i_ground_extra(const testudo_i_ground *ground, const testudo_i_outcome *outcome)
{
  const testudo_advise_request *request = ground->request;
  if (request->objective.kind != TESTUDO_OBJECTIVE_COST)
    return 0.0;
  double computed = outcome->computed * ground->iterations.workers;
  double length = request->dim > 0 ? (double)request->dim : 1.0;
  return (request->chunk_price > 0.0 ? request->chunk_price * computed : 0.0) +
         (request->float_price > 0.0 ? request->float_price * outcome->messages * length : 0.0);
}

testudo_status testudo_i_ground_value(testudo_i_ground *ground, const testudo_i_way *way, double *completion,
                                      double *sorted, double *value, testudo_error *error)
{
  bool cost = ground->request->objective.kind == TESTUDO_OBJECTIVE_COST;
  testudo_i_outcome outcome;
  TESTUDO_I_TRY(testudo_i_ground_run(ground, way, completion, cost ? &outcome : NULL, error));
  double extra = cost ? testudo_i_ground_extra(ground, &outcome) : 0.0;
  *value = objective_of(ground, completion, ground->iterations.count, extra, sorted);
  return TESTUDO_OK;
}

/* ---- intervals ---- */

/* Of measured iterations as many as of other replays; of drawn ones, which are many, fewer will do. */
enum { RESAMPLES = TESTUDO_REPLAY_RESAMPLES, RESAMPLES_DRAWN = 400 };

/* Resampled by blocks of consecutive iterations; both remedies in the same iterations. */
typedef struct resampling {
  int64_t count, block;
  int32_t resamples;
  double *own, *none, *sorted;  /* count each */
  double *mean, *gain;          /* RESAMPLES each; NAN: none of that resample */
} resampling;

/* 1 - own / none. Where neither ends always there is no telling. */
static double gain_of(double own, double none)
{
  if (isinf(own) && isinf(none))
    return NAN;
  return own == none ? 0.0 : 1.0 - own / none;
}

static void resample(const testudo_i_ground *ground, const double *completion, double extra, resampling *r)
{
  testudo_i_random random;
  for (int32_t b = 0; b < r->resamples; b++) {
    testudo_i_random_start(&random, ground->request->seed, TESTUDO_I_FOR_BOOTSTRAP, (uint64_t)b, 7);
    for (int64_t filled = 0; filled < r->count;) {
      int64_t from = (int64_t)testudo_i_random_below(&random, (uint64_t)(r->count - r->block + 1));
      for (int64_t k = 0; k < r->block && filled < r->count; k++, filled++) {
        r->own[filled] = completion[from + k];
        r->none[filled] = ground->none[from + k];
      }
    }
    double never, none = objective_of(ground, r->none, r->count, ground->none_extra, r->sorted);
    double own = objective_of(ground, r->own, r->count, extra, r->sorted);
    r->mean[b] = mean_of(r->own, r->count, &never);
    r->gain[b] = gain_of(own, none);
  }
}

/* 95 % of the values that there are; sorts them. */
static void middle_of(double *value, int32_t count, double *low, double *high)
{
  int32_t known = 0;
  for (int32_t b = 0; b < count; b++)
    if (!isnan(value[b]))
      value[known++] = value[b];
  qsort(value, (size_t)known, sizeof *value, testudo_i_ascending_reals);
  *low = known > 0 ? value[(int32_t)(0.025 * known)] : NAN;
  *high = known > 0 ? value[(int32_t)(0.975 * (known - 1))] : NAN;
}

static testudo_status find_intervals(const testudo_i_ground *ground, const double *completion, double extra,
                                     testudo_remedy_times *times, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  resampling r = {.count = times->iterations, .resamples = ground->drawn ? RESAMPLES_DRAWN : RESAMPLES};
  r.block = ground->drawn ? 1 : (int64_t)ceil(cbrt((double)r.count));
  r.own = testudo_i_arena_alloc(&arena, (size_t)r.count, sizeof *r.own);
  r.none = testudo_i_arena_alloc(&arena, (size_t)r.count, sizeof *r.none);
  r.sorted = testudo_i_arena_alloc(&arena, (size_t)r.count, sizeof *r.sorted);
  r.mean = testudo_i_arena_alloc(&arena, RESAMPLES, sizeof *r.mean);
  r.gain = testudo_i_arena_alloc(&arena, RESAMPLES, sizeof *r.gain);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  resample(ground, completion, extra, &r);
  middle_of(r.mean, r.resamples, &times->low, &times->high);
  middle_of(r.gain, r.resamples, &times->gain_low, &times->gain_high);
  /* The value itself is one of those that a resample may have. */
  times->low = fmin(times->low, times->mean);
  times->high = fmax(times->high, times->mean);
  times->gain_low = fmin(times->gain_low, times->gain);
  times->gain_high = fmax(times->gain_high, times->gain);
  return TESTUDO_OK;
}

testudo_status testudo_i_ground_describe(testudo_i_ground *ground, const double *completion, double extra,
                                         testudo_remedy_times *times, testudo_error *error)
{
  int64_t count = ground->iterations.count;
  TESTUDO_I_HELD(testudo_i_free_held) double *sorted = testudo_i_alloc((size_t)count, sizeof *sorted);
  TESTUDO_I_TRY(testudo_i_memory_check(sorted != NULL, error));
  *times = (testudo_remedy_times){.iterations = count};
  times->objective = objective_of(ground, completion, count, extra, sorted);
  double none = objective_of(ground, ground->none, count, ground->none_extra, sorted);
  times->gain = gain_of(times->objective, none);
  times->mean = mean_of(completion, count, &times->p_never);
  memcpy(sorted, completion, (size_t)count * sizeof *sorted);
  testudo_i_sort_times(sorted, (size_t)count);
  times->median = quantile_of(sorted, count, 0.5);
  times->high_quantile = count >= 100 ? quantile_of(sorted, count, 0.99) : NAN;
  return find_intervals(ground, completion, extra, times, error);
}
