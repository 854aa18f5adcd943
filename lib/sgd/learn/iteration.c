/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clock of a design: the steps of all workers in the order of their times, marked until the server has enough. */
#include "sgd/learn/iteration.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "base/random.h"
#include "delay/model.h"
#include "parallel/loop.h"
#include "sgd/learn/learn.h"
#include "sgd/waiting/measure.h"

/* Iterations in a row without any worker: no further update is looked for. */
enum { MOST_EMPTY = 10000 };

/* ---- one iteration ---- */

static int compare_steps(const void *a, const void *b)
{
  const testudo_i_step *x = a, *y = b;
  return x->time != y->time       ? TESTUDO_I_COMPARE(x->time, y->time)
         : x->worker != y->worker ? TESTUDO_I_COMPARE(x->worker, y->worker)
                                  : TESTUDO_I_COMPARE(x->done, y->done);
}

static void draw_iteration(testudo_i_iteration *own)
{
  const testudo_design *design = own->method->design;
  own->events = 0;
  for (int32_t j = 0; j < own->workers; j++) {
    int32_t load = testudo_design_load(design, j);
    if (load == 0)
      continue;
    testudo_i_tasks_draw(own->tasks, j, own->number, load, own->finished, &own->message[j]);
    for (int32_t k = own->announced ? 1 : load; k <= load; k++) {
      double time = own->finished[k - 1] + (own->announced ? 0.0 : own->message[j]);
      if (time < HUGE_VAL)
        own->event[own->events++] = (testudo_i_step){time, j, k};
    }
  }
  qsort(own->event, (size_t)own->events, sizeof *own->event, compare_steps);
}

/* Marks what has come when the server stops waiting. */
static testudo_status mark_iteration(testudo_i_iteration *own, testudo_error *error)
{
  const testudo_sgd_method *method = own->method;
  bool sums = testudo_i_sgd_sums(method->kind);
  double deadline = method->kind == TESTUDO_SGD_PARTIAL_DEADLINE ? method->deadline : HUGE_VAL;
  int64_t wait = sums && method->wait > 0 ? method->wait : own->events;
  /* Who ties with the last is in too. */
  bool ties = !sums && method->kind != TESTUDO_SGD_NESTED;
  testudo_progress_reset(own->progress);
  own->ready = 0.0;
  own->enough = false;
  for (int64_t k = 0; k < own->events; k++) {
    const testudo_i_step *event = &own->event[k];
    if (event->time > deadline || (own->enough && !(ties && event->time == own->ready)))
      break;
    TESTUDO_I_TRY(testudo_progress_mark(own->progress, event->worker, event->done, error));
    own->ready = event->time;
    own->enough = sums ? k + 1 == wait : testudo_progress_decodable(own->progress);
  }
  if (!own->enough && isfinite(deadline))
    own->ready = deadline;
  own->enough = own->enough || isfinite(deadline);
  return TESTUDO_OK;
}

testudo_status testudo_i_iteration_next(testudo_i_iteration *iteration, testudo_error *error)
{
  iteration->number++;
  iteration->senders = 0;
  iteration->last = 0.0;
  draw_iteration(iteration);
  bool nobody = iteration->events == 0 && iteration->method->kind != TESTUDO_SGD_PARTIAL_DEADLINE;
  iteration->empty = nobody ? iteration->empty + 1 : 0;
  if (iteration->empty > MOST_EMPTY)
    return testudo_i_fail(error, TESTUDO_UNDECODABLE, "%d iterations in a row in which all workers fail", MOST_EMPTY);
  return mark_iteration(iteration, error);
}

testudo_status testudo_i_iteration_ask(testudo_i_iteration *iteration, int32_t j, testudo_request *request,
                                       testudo_error *error)
{
  TESTUDO_I_TRY(testudo_request_make(iteration->codec, iteration->progress, j, request, error));
  if (request->chunks == 0)
    return TESTUDO_OK;
  iteration->senders++;
  if (iteration->announced)
    iteration->last = fmax(iteration->last, iteration->message[j]);
  return TESTUDO_OK;
}

double testudo_i_iteration_time(const testudo_i_iteration *iteration)
{
  bool asked = iteration->announced && iteration->enough;
  return iteration->ready + (asked ? iteration->model->signal + iteration->last : 0.0);
}

/* ---- beginning ---- */

static testudo_status lay_iteration(testudo_i_iteration *own, testudo_i_arena *arena, testudo_error *error)
{
  const testudo_design *design = own->method->design;
  size_t entries = 0;
  for (int32_t j = 0; j < own->workers; j++)
    entries += (size_t)testudo_design_load(design, j);
  own->finished = testudo_i_arena_alloc(arena, (size_t)testudo_design_max_load(design), sizeof *own->finished);
  own->message = testudo_i_arena_calloc(arena, (size_t)own->workers, sizeof *own->message);
  own->event = testudo_i_arena_alloc(arena, entries, sizeof *own->event);
  return testudo_i_arena_check(arena, error);
}

double testudo_i_sgd_straggle(const testudo_sgd_method *method, const testudo_delay_model *model, int32_t workers)
{
  return method->wait > 0                              ? 1.0 - (double)method->wait / workers
         : model->failures == TESTUDO_FAILURES_EACH    ? model->fail_prob
         : model->failures == TESTUDO_FAILURES_EXACTLY ? (double)model->failed / workers
                                                       : 0.0;
}

testudo_status testudo_i_iteration_begin(testudo_i_iteration *iteration, testudo_i_arena *arena,
                                         const testudo_sgd_method *method, const testudo_delay_model *model,
                                         int32_t workers, double share, uint64_t seed, testudo_error *error)
{
  const testudo_design *design = method->design;
  *iteration = (testudo_i_iteration){.method = method, .model = model, .workers = workers, .number = -1,
                                     .chunks = testudo_design_chunks(design)};
  iteration->announced = method->kind == TESTUDO_SGD_NESTED || method->kind == TESTUDO_SGD_PARTIAL ||
                         method->kind == TESTUDO_SGD_PARTIAL_DEADLINE;
  double straggle = testudo_i_sgd_straggle(method, model, workers);
  TESTUDO_I_TRY(testudo_i_sgd_sums(method->kind)
                    ? testudo_codec_create_stochastic(design, straggle, &iteration->codec, error)
                    : testudo_codec_create(design, TESTUDO_DECODER_EXACT, &iteration->codec, error));
  TESTUDO_I_TRY(testudo_progress_create(design, &iteration->progress, error));
  int32_t blocks = testudo_design_max_load(design);
  if (model->replay != NULL && model->unit == TESTUDO_UNIT_SHARE) { /* the groups of measured chunks of a share */
    if (iteration->chunks % workers != 0)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                            "a replay by shares needs whole chunks per share, but there are %d chunks of %d shares",
                            (int)iteration->chunks, (int)workers);
    blocks = iteration->chunks / workers;
  }
  double unit = testudo_i_unit(model, workers, iteration->chunks);
  TESTUDO_I_TRY(testudo_i_tasks_create(model, workers, blocks, unit, share, seed, &iteration->tasks, error));
  return lay_iteration(iteration, arena, error);
}

void testudo_i_iteration_end(testudo_i_iteration *iteration)
{
  testudo_codec_free(iteration->codec);
  testudo_progress_free(iteration->progress);
  testudo_i_tasks_free(iteration->tasks);
}

/* ---- measuring ---- */

enum { CHAINS = 16, BATCHES = 16, PIECE_STEPS = 1000000 };

/* Its own cluster, so that neither threads nor pieces decide a number. */
typedef struct timed_chain {
  testudo_i_arena arena;
  testudo_i_iteration iteration;
  int64_t lost;
  testudo_error why;
} timed_chain;

typedef struct timing {
  timed_chain chain[CHAINS];
  double mean[CHAINS][BATCHES];
  int64_t at, piece;        /* iterations of a chain: the next piece begins behind so many, and has so many */
  int64_t length;           /* of a batch */
} timing;

static testudo_status time_one(testudo_i_iteration *iteration, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_iteration_next(iteration, error));
  for (int32_t j = 0; j < iteration->workers && iteration->announced && iteration->enough; j++) {
    testudo_request request;
    TESTUDO_I_TRY(testudo_i_iteration_ask(iteration, j, &request, error));
  }
  return TESTUDO_OK;
}

static testudo_status time_piece(void *context, int32_t thread, int64_t index)
{
  timing *all = context;
  timed_chain *own = &all->chain[index];
  (void)thread;
  for (int64_t k = all->at; k < all->at + all->piece; k++) {
    TESTUDO_I_TRY(time_one(&own->iteration, &own->why));
    all->mean[index][k / all->length] += testudo_i_iteration_time(&own->iteration) / (double)all->length;
    own->lost += !own->iteration.enough;
  }
  return TESTUDO_OK;
}

/* A piece has as many iterations as a fraction of a second allows, but one at least. */
static testudo_status run_timing(timing *all, int64_t steps, const testudo_i_timing_options *options,
                                 testudo_error *error)
{
  int64_t end = BATCHES * all->length, most = steps < PIECE_STEPS ? PIECE_STEPS / (steps > 0 ? steps : 1) : 1;
  for (; all->at < end; all->at += all->piece) {
    all->piece = end - all->at < most ? end - all->at : most;
    if (testudo_i_stopped(options->monitor, (double)all->at / (double)end))
      return TESTUDO_INTERRUPTED;
    testudo_status status = testudo_i_parallel_for(CHAINS, options->threads, time_piece, all, NULL);
    for (int c = 0; c < CHAINS && status != TESTUDO_OK; c++)
      if (all->chain[c].why.text[0] != '\0')
        return testudo_i_fail(error, status, "%s", all->chain[c].why.text);
    TESTUDO_I_TRY(status);
  }
  return TESTUDO_OK;
}

static void end_timing(timing **all)
{
  for (int c = 0; *all != NULL && c < CHAINS; c++) {
    testudo_i_iteration_end(&(*all)->chain[c].iteration);
    testudo_i_arena_clear(&(*all)->chain[c].arena);
  }
  free(*all);
}

testudo_status testudo_i_iteration_measure(const testudo_sgd_method *method, const testudo_delay_model *model,
                                           int32_t workers, const testudo_i_timing_options *options,
                                           testudo_i_timing *found, testudo_error *error)
{
  enum { ALL = CHAINS * BATCHES };
  TESTUDO_I_HELD(end_timing) timing *all = testudo_i_calloc(1, sizeof *all);
  TESTUDO_I_TRY(testudo_i_memory_check(all != NULL, error));
  int64_t steps = 0;
  for (int32_t j = 0; j < workers; j++)
    steps += testudo_design_load(method->design, j);
  for (int c = 0; c < CHAINS; c++) {
    uint64_t word[4];
    testudo_i_random_block(options->seed, TESTUDO_I_FOR_EVENTS, (uint64_t)c, 0, 0, word);
    TESTUDO_I_TRY(testudo_i_iteration_begin(&all->chain[c].iteration, &all->chain[c].arena, method, model, workers,
                                            options->share, word[0], error));
  }
  all->length = (options->updates + ALL - 1) / ALL;
  TESTUDO_I_TRY(run_timing(all, steps, options, error));
  *found = (testudo_i_timing){.updates = all->length * ALL,
                              .stderr_mean = testudo_i_error_of_mean(all->mean[0], ALL)};
  for (int c = 0; c < CHAINS; c++) {
    found->lost += all->chain[c].lost;
    for (int b = 0; b < BATCHES; b++)
      found->mean += all->mean[c][b] / ALL;
  }
  return TESTUDO_OK;
}
