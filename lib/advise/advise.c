/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a trace or a model to the list of remedies and a sentence (docs/theory/advice.md). */
#include <testudo/advise.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advise/room.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "delay/delay_json.h"
#include "delay/grammar.h"
#include "delay/model.h"
#include "optimize/latency/objective.h"

#define DEFAULT_LOAD 4.0
#define DEFAULT_GRANULARITY 8
#define MOST_GRANULARITY 64

/* Drawn iterations: so many, of large clusters as many as have so many times. */
#define DRAWN 4000
#define DRAWN_QUICK 1000
#define DRAWN_TIMES 1.5e7

/* How far the whole is when the trace is fitted. */
#define FITTED 0.4

const char *testudo_remedy_name(testudo_remedy_kind kind)
{
  static const char *const names[] = {
      [TESTUDO_REMEDY_NONE] = "none", [TESTUDO_REMEDY_UNEQUAL_LOADS] = "unequal-loads",
      [TESTUDO_REMEDY_BACKUP] = "backup", [TESTUDO_REMEDY_GRADIENT_CODE] = "gradient-code",
      [TESTUDO_REMEDY_NESTED] = "nested", [TESTUDO_REMEDY_BLOCK] = "block", [TESTUDO_REMEDY_PARTIAL] = "partial",
      [TESTUDO_REMEDY_FIRST_K] = "first-k", [TESTUDO_REMEDY_K_ASYNC] = "k-async",
      [TESTUDO_REMEDY_REPLACE] = "replace", [TESTUDO_REMEDY_QUEUE] = "queue",
      [TESTUDO_REMEDY_QUEUE_COPIES] = "queue-copies"};
  return (int)kind >= 0 && kind < TESTUDO_REMEDIES ? names[kind] : "?";
}

static void clear_room(testudo_i_advice_room *room)
{
  testudo_i_ground_clear(&room->measured);
  testudo_i_ground_clear(&room->drawn);
  testudo_fit_free(room->fit);
  testudo_law_free(room->law);
  testudo_law_free(room->chunk_law);
  testudo_law_free(room->startup);
  testudo_i_arena_clear(&room->arena);
  free(room);
}

void testudo_advice_free(testudo_advice *advice)
{
  if (advice == NULL)
    return;
  for (int32_t k = 0; k < advice->remedies; k++)
    testudo_design_free(advice->remedy[k].design);
  if (advice->room != NULL)
    clear_room(advice->room);
  free(advice);
}

/* ---- the request ---- */

static testudo_status check_objective(const testudo_advise_request *request, testudo_error *error)
{
  switch (request->objective.kind) {
  case TESTUDO_OBJECTIVE_COST:
    return request->chunk_price >= 0.0 && request->float_price >= 0.0 && isfinite(request->chunk_price) &&
                   isfinite(request->float_price)
               ? TESTUDO_OK : testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "prices are finite and not negative");
  case TESTUDO_OBJECTIVE_MEAN:
  case TESTUDO_OBJECTIVE_QUANTILE:
  case TESTUDO_OBJECTIVE_DEADLINE:
    return testudo_i_objective_check(&request->objective, error);
  default:
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "the objective is none of mean, quantile, deadline and cost");
  }
}

static testudo_status check_request(const testudo_advise_request *request, testudo_error *error)
{
  TESTUDO_I_TRY(check_objective(request, error));
  if (request->trace == NULL && request->model == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "neither a trace nor a model");
  if (request->trace == NULL) {
    if (request->workers < 2)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "workers: %d, but at least 2 are needed",
                            (int)request->workers);
    if (request->model->replay != NULL)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "a replay is no model: give the trace");
    TESTUDO_I_TRY(testudo_delay_check(request->model, request->workers, error));
  }
  if (request->max_load != 0.0 && !(request->max_load >= 1.0))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "a load of %g shares: at least 1", request->max_load);
  if (request->granularity < 0 || request->granularity > MOST_GRANULARITY || request->max_copies < 0 ||
      request->dim < 0 || request->memory < 0.0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "granularity is 1..%d, copies, dim and memory are not negative", MOST_GRANULARITY);
  if (request->memory > 0.0 && request->dim > 0 && request->memory < (double)request->dim)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "memory: a worker keeps a gradient of %lld numbers at least",
                          (long long)request->dim);
  return TESTUDO_OK;
}

/* ---- iterations ---- */

static double most_load(const testudo_i_advice_room *room)
{
  return room->request.max_load + 1.0; /* one copy more is asked for, too */
}

static int64_t drawn_count(const testudo_i_advice_room *room, int32_t workers, int32_t chunks)
{
  double times = workers * fmin(most_load(room), workers) * chunks;
  double most = room->request.quick ? DRAWN_QUICK : DRAWN;
  return (int64_t)fmax(100.0, fmin(most, DRAWN_TIMES / times));
}

static testudo_status parse_law(const char *text, testudo_law **law, testudo_error *error)
{
  return text[0] == '\0' ? TESTUDO_OK : testudo_law_parse(text, law, error);
}

static testudo_status law_of_times(const char *text, const double *times, int64_t count, testudo_law **law,
                                   testudo_error *error)
{
  double *copy = testudo_i_alloc((size_t)count, sizeof *copy);
  TESTUDO_I_TRY(testudo_i_memory_check(copy != NULL, error));
  memcpy(copy, times, (size_t)count * sizeof *copy);
  return testudo_i_law_of_samples(text, copy, count, law, error);
}

/* What fit recommends, as a model. */
static testudo_status take_recommended(testudo_i_advice_room *room, testudo_error *error)
{
  const testudo_fit_delay *from = &room->fit->recommended;
  testudo_delay_model *model = &room->model;
  *model = (testudo_delay_model){.slow = from->slow, .rates = from->rates, .workers = from->workers};
  if (from->rates == NULL)
    model->workers = 0;
  if (from->kind == TESTUDO_FIT_TRACE && from->law[0] == '\0')
    TESTUDO_I_TRY(law_of_times("the times", from->sample, from->samples, &room->law, error));
  else
    TESTUDO_I_TRY(parse_law(from->law, &room->law, error));
  if (from->chunk_samples > 0)
    TESTUDO_I_TRY(law_of_times("the chunks' times", from->chunk_sample, from->chunk_samples, &room->chunk_law, error));
  else
    TESTUDO_I_TRY(parse_law(from->chunk_law, &room->chunk_law, error));
  TESTUDO_I_TRY(parse_law(from->startup, &room->startup, error));
  model->law = room->law;
  model->startup = room->startup;
  int structure = testudo_i_find_word(testudo_i_structure_names, from->structure);
  if (structure >= 0)
    model->structure = (testudo_structure)structure;
  if (model->structure == TESTUDO_STRUCTURE_MIXED)
    model->chunk_law = room->chunk_law;
  return TESTUDO_OK;
}

/* Of several loads every worker has its own times again; a law of one share that was not cut is scaled; and where no
   law holds nothing is drawn. */
static testudo_status draw_for_trace(testudo_i_advice_room *room, testudo_error *error)
{
  const testudo_i_iterations *measured = &room->measured.iterations;
  int32_t workers = measured->workers, chunks = measured->rows > 0 ? measured->rows : measured->chunks;
  int64_t count = drawn_count(room, workers, chunks);
  if (measured->loads || measured->uneven) {
    room->has_drawn = true;
    return testudo_i_iterations_resampled(measured, count, room->request.seed, &room->arena, &room->drawn.iterations,
                                          error);
  }
  testudo_fit_kind kind = room->fit->recommended.kind;
  if (kind != TESTUDO_FIT_LAW && kind != TESTUDO_FIT_TRACE)
    return TESTUDO_OK;
  TESTUDO_I_TRY(take_recommended(room, error));
  if (measured->single) {
    room->model.structure = TESTUDO_STRUCTURE_SCALED;
    room->model.unit = TESTUDO_UNIT_SHARE;
  }
  room->has_drawn = true;
  return testudo_i_iterations_drawn(&room->model, workers, chunks, most_load(room), count, room->request.seed,
                                    room->request.monitor, &room->arena, &room->drawn.iterations, error);
}

static testudo_status read_trace(testudo_i_advice_room *room, testudo_advice *advice, testudo_error *error)
{
  const testudo_fit_options options = {.reading = room->request.reading, .seed = room->request.seed,
                                       .threads = room->request.threads, .monitor = room->request.monitor};
  room->progress.to = FITTED;
  TESTUDO_I_TRY(testudo_fit_trace(room->request.trace, &options, &room->fit, error));
  room->progress.from = FITTED;
  room->progress.to = TESTUDO_I_GROUND_LAID;
  advice->fit = room->fit;
  if (room->fit->collective)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s", room->request.trace, room->fit->why);
  testudo_status status =
      testudo_i_iterations_measured(room->fit, room->request.granularity, most_load(room), &room->arena,
                                    &room->measured.iterations, advice->assumed, error);
  if (status == TESTUDO_ERROR_INPUT)
    testudo_i_error_prefix(error, room->request.trace);
  TESTUDO_I_TRY(status);
  room->has_measured = true;
  advice->iterations = room->measured.iterations.count;
  if (room->measured.iterations.workers < 2)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: one worker: there is nobody to wait for",
                          room->request.trace);
  return draw_for_trace(room, error);
}

/* Of structure scaled the law is that of a share. */
static testudo_status draw_from_model(testudo_i_advice_room *room, testudo_advice *advice, int64_t count, uint64_t seed,
                                      testudo_error *error)
{
  room->model = *room->request.model;
  if (room->model.structure == TESTUDO_STRUCTURE_SCALED)
    room->model.unit = TESTUDO_UNIT_SHARE;
  else if (room->model.unit == TESTUDO_UNIT_SHARE)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "unit share: of structures additive and mixed the law is that"
                          " of a chunk");
  if (advice != NULL)
    snprintf(advice->assumed, sizeof advice->assumed, room->model.structure == TESTUDO_STRUCTURE_SCALED
                 ? "the law is that of a share; %d chunk%s a share at most"
                 : "the law is that of a chunk; %d chunk%s a share", (int)room->request.granularity,
             room->request.granularity == 1 ? "" : "s");
  room->has_drawn = true;
  room->drawn.model = room->model.structure == TESTUDO_STRUCTURE_SCALED ? &room->model : NULL;
  return testudo_i_iterations_drawn(&room->model, room->request.workers, room->request.granularity, most_load(room),
                                    count, seed, room->request.monitor, &room->arena, &room->drawn.iterations, error);
}

/* ---- all of it ---- */

static void open_room(testudo_i_advice_room *room, const testudo_advise_request *request)
{
  room->request = *request;
  room->progress = (testudo_i_advice_progress){.whole = request->monitor, .to = 1.0};
  room->steps = (testudo_monitor){testudo_i_advice_goes_on, &room->progress};
  room->request.monitor = &room->steps;
  if (room->request.max_load == 0.0)
    room->request.max_load = DEFAULT_LOAD;
  if (room->request.granularity == 0)
    room->request.granularity = DEFAULT_GRANULARITY;
  room->measured.request = room->drawn.request = &room->request;
  room->drawn.drawn = true;
}

/* The rate, and how much less or more the worker's own law takes on average than the model's. */
static double speed_of(const testudo_delay_model *model, int32_t worker)
{
  double own = testudo_law_mean(testudo_i_worker_law(model, worker)), other = testudo_law_mean(model->law);
  return testudo_i_rate(model, worker) * (isfinite(own) && isfinite(other) && own > 0.0 ? other / own : 1.0);
}

/* Of the workers that differ for good, by their mean times over that of the others, for those are what an iteration
   waits for; a fit compares their logarithms, which a few long chunks hardly move. */
static testudo_status measured_speeds(const testudo_i_advice_room *room, double *rate, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  const testudo_i_iterations *of = &room->measured.iterations;
  const testudo_fit_worker *worker = room->fit->worker;
  double *factor = testudo_i_arena_alloc(&arena, (size_t)of->workers, sizeof *factor);
  double *iteration = testudo_i_arena_alloc(&arena, (size_t)of->count, sizeof *iteration), alike = 0.0;
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  int64_t ended, others = 0;
  testudo_i_iterations_factors(of, factor, iteration, &ended);
  for (int32_t w = 0; w < of->workers; w++)
    if (!worker[w].differs) {
      alike += factor[w];
      others++;
    }
  for (int32_t w = 0; w < of->workers; w++) {
    bool differs = worker[w].differs && factor[w] > 0.0;
    rate[w] = !differs ? 1.0 : of->loads ? worker[w].rate : (others > 0 ? alike / (double)others : 1.0) / factor[w];
  }
  return TESTUDO_OK;
}

/* Speeds, where some worker differs for good; of uneven shares nobody's, for whoever is slow may have less to do
   already. */
static testudo_status find_rates(testudo_i_advice_room *room, int32_t workers, testudo_error *error)
{
  double *rate = testudo_i_arena_alloc(&room->arena, (size_t)workers, sizeof *rate);
  bool differ = false, known = room->fit == NULL || (room->fit->worker != NULL && !room->measured.iterations.uneven);
  TESTUDO_I_TRY(testudo_i_arena_check(&room->arena, error));
  if (room->fit != NULL && known)
    TESTUDO_I_TRY(measured_speeds(room, rate, error));
  for (int32_t w = 0; w < workers; w++) {
    rate[w] = !known ? 1.0 : room->fit == NULL ? speed_of(&room->model, w) : rate[w];
    differ = differ || fabs(rate[w] - rate[0]) > 1e-12 * rate[0];
  }
  room->rates = differ ? rate : NULL;
  return TESTUDO_OK;
}

static testudo_status advise(testudo_advice *advice, const testudo_advise_request *request, testudo_error *error)
{
  testudo_i_advice_room *room = testudo_i_calloc(1, sizeof *room);
  TESTUDO_I_TRY(testudo_i_memory_check(room != NULL, error));
  advice->room = room;
  open_room(room, request);
  if (request->trace != NULL)
    TESTUDO_I_TRY(read_trace(room, advice, error));
  else
    TESTUDO_I_TRY(draw_from_model(room, advice,
                                  drawn_count(room, request->workers, room->request.granularity), request->seed,
                                  error));
  const testudo_i_iterations *of = &testudo_i_choosing_ground(room)->iterations;
  advice->workers = of->workers;
  const testudo_i_iterations *measured = &room->measured.iterations;
  advice->chunks = !room->has_measured ? of->chunks : measured->uneven ? 0 : measured->rows > 0 ? measured->rows : 1;
  advice->drawn = room->has_drawn ? room->drawn.iterations.count : 0;
  if (request->max_load > advice->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "a load of %g shares: there are %d workers, and as many"
                          " shares", request->max_load, (int)advice->workers);
  room->request.max_load = fmin(room->request.max_load, advice->workers);
  TESTUDO_I_TRY(find_rates(room, advice->workers, error));
  TESTUDO_I_TRY(testudo_i_straggler_cost(testudo_i_own_iterations(room), room->rates, &advice->cost, error));
  TESTUDO_I_TRY(testudo_i_try_remedies(room, advice, error));
  return testudo_i_decide(room, advice, error);
}

testudo_status testudo_advise(const testudo_advise_request *request, testudo_advice **advice, testudo_error *error)
{
  *advice = NULL;
  TESTUDO_I_TRY(check_request(request, error));
  testudo_advice *made = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  made->best_code = -1;
  made->now = made->more_copies = made->finer = made->cheaper_start = NAN;
  TESTUDO_I_HAND_OVER(advise(made, request, error), made, testudo_advice_free, advice);
}

/* ---- judging ---- */

static testudo_status judge_all(testudo_i_advice_room *room, const testudo_advice *advice, double *value,
                                testudo_error *error)
{
  testudo_i_ground *ground = &room->drawn;
  size_t count = (size_t)ground->iterations.count;
  double *completion = testudo_i_arena_alloc(&room->arena, count, sizeof *completion);
  double *sorted = testudo_i_arena_alloc(&room->arena, count, sizeof *sorted);
  TESTUDO_I_TRY(testudo_i_arena_check(&room->arena, error));
  for (int32_t k = 0; k < advice->remedies; k++) {
    value[k] = NAN;
    if (advice->remedy[k].dropped[0] == '\0')
      TESTUDO_I_TRY(testudo_i_ground_value(ground, &advice->room->way[k], completion, sorted, &value[k], error));
  }
  return TESTUDO_OK;
}

testudo_status testudo_advice_judge(const testudo_advice *advice, const testudo_advise_request *request,
                                    int64_t iterations, double *value, testudo_error *error)
{
  TESTUDO_I_TRY(check_request(request, error));
  if (request->model == NULL || request->trace != NULL || request->workers != advice->workers || iterations < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "judging needs a model of as many workers, and iterations");
  testudo_i_advice_room *room = testudo_i_calloc(1, sizeof *room);
  TESTUDO_I_TRY(testudo_i_memory_check(room != NULL, error));
  open_room(room, request);
  room->request.granularity = testudo_i_choosing_ground(advice->room)->iterations.chunks;
  room->request.max_load = advice->room->request.max_load;
  testudo_status status = draw_from_model(room, NULL, iterations, request->seed ^ 0x5bd1e995u, error);
  if (status == TESTUDO_OK)
    status = judge_all(room, advice, value, error);
  clear_room(room);
  return status;
}
