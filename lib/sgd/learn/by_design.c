/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Methods that run a design: an iteration of the loop of testudo/runtime.h, its times drawn, its gradients computed,
   its messages encoded, compressed where the method says so, and decoded. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/runtime.h>

#include "base/error.h"
#include "delay/model.h"
#include "sgd/clock/tasks.h"
#include "sgd/learn/learn.h"

/* Iterations in a row without any worker: no further update is looked for. */
enum { MOST_EMPTY = 10000 };

/* A worker has finished its first `done` steps. */
typedef struct step_event {
  double time;
  int32_t worker, done;
} step_event;

typedef struct by_design {
  testudo_i_tasks *tasks;
  testudo_progress *progress;
  testudo_codec *codec;
  testudo_compressor *compressor;
  testudo_feedback **feedback; /* one per worker; NULL: no memory */
  int32_t workers, chunks;
  int32_t *first;           /* chunks + 1: the samples of each */
  bool announced;           /* who sends is said once the progress is fixed */
  size_t length;            /* of a message */
  double message_bits;
  int64_t iteration;
  double *finished, *message_time;
  step_event *event;
  int64_t events;
  bool *computed;
  double *chunk_gradient;   /* chunks x dim */
  const double **row;       /* of the chunks of a worker */
  double *message;          /* workers x length */
  const double **sent;      /* messages, or NULL */
  double *memory;           /* coco-difference: workers x dim */
  double *squeezed;         /* dim: what arrives of a message */
  unsigned char *bytes;
} by_design;

/* ---- times ---- */

static int compare_events(const void *a, const void *b)
{
  const step_event *x = a, *y = b;
  if (x->time != y->time)
    return x->time < y->time ? -1 : 1;
  return x->worker != y->worker ? (x->worker < y->worker ? -1 : 1) : (x->done > y->done) - (x->done < y->done);
}

static void draw_iteration(by_design *own, const testudo_design *design)
{
  own->events = 0;
  for (int32_t j = 0; j < own->workers; j++) {
    int32_t load = testudo_design_load(design, j);
    if (load == 0)
      continue;
    testudo_i_tasks_draw(own->tasks, j, own->iteration, load, own->finished, &own->message_time[j]);
    for (int32_t k = own->announced ? 1 : load; k <= load; k++) {
      double time = own->finished[k - 1] + (own->announced ? 0.0 : own->message_time[j]);
      if (time < HUGE_VAL)
        own->event[own->events++] = (step_event){time, j, k};
    }
  }
  qsort(own->event, (size_t)own->events, sizeof *own->event, compare_events);
}

/* Marks what has come when the server stops waiting; answers when that is. *enough: by its rule. */
static testudo_status mark_iteration(const testudo_i_learner *learner, by_design *own, double *time, bool *enough,
                                     testudo_error *error)
{
  const testudo_sgd_method *method = learner->method;
  double deadline = method->kind == TESTUDO_SGD_PARTIAL_DEADLINE ? method->deadline : HUGE_VAL;
  int64_t wait = testudo_i_sgd_sums(method->kind) && method->wait > 0 ? method->wait : own->events;
  /* Who ties with the last is in too. */
  bool ties = !testudo_i_sgd_sums(method->kind) && method->kind != TESTUDO_SGD_NESTED;
  testudo_progress_reset(own->progress);
  *time = 0.0;
  *enough = false;
  for (int64_t k = 0; k < own->events; k++) {
    const step_event *event = &own->event[k];
    if (event->time > deadline || (*enough && !(ties && event->time == *time)))
      break;
    TESTUDO_I_TRY(testudo_progress_mark(own->progress, event->worker, event->done, error));
    *time = event->time;
    *enough = testudo_i_sgd_sums(method->kind) ? k + 1 == wait : testudo_progress_decodable(own->progress);
  }
  if (!*enough && isfinite(deadline))
    *time = deadline;
  *enough = *enough || isfinite(deadline);
  return TESTUDO_OK;
}

/* ---- gradients and messages ---- */

/* The gradient of a chunk, as its part of the mean over all samples, once per iteration. */
static const double *chunk_of(testudo_i_learner *learner, by_design *own, int32_t chunk)
{
  double *gradient = own->chunk_gradient + (size_t)chunk * learner->dim;
  if (own->computed[chunk])
    return gradient;
  const testudo_sgd_setting *setting = learner->setting;
  int32_t size = own->first[chunk + 1] - own->first[chunk];
  testudo_i_batch drawn = {own->first[chunk], own->first[chunk + 1], testudo_i_batch_of_chunk(setting, own->chunks), 1,
                           ((uint64_t)1 << 32) + (uint64_t)chunk, own->iteration};
  testudo_i_batch_gradient(learner, &drawn, learner->w, 0, 1);
  double share = (double)size / testudo_problem_samples(setting->problem);
  for (size_t i = 0; i < learner->dim; i++)
    gradient[i] = share * learner->gradient[i];
  own->computed[chunk] = true;
  return gradient;
}

/* What every worker is asked for; the time of the last message, of schemes that announce. */
static testudo_status send_messages(testudo_i_learner *learner, by_design *own, int32_t *senders, double *last,
                                    testudo_error *error)
{
  const testudo_design *design = learner->method->design;
  *senders = 0;
  *last = 0.0;
  memset(own->computed, 0, (size_t)own->chunks * sizeof *own->computed);
  for (int32_t j = 0; j < own->workers; j++) {
    testudo_request request;
    own->sent[j] = NULL;
    TESTUDO_I_TRY(testudo_request_make(own->codec, own->progress, j, &request, error));
    if (request.chunks == 0)
      continue;
    for (int32_t k = 0; k < request.chunks; k++)
      own->row[k] = chunk_of(learner, own, testudo_design_order(design, j)[k]);
    double *message = own->message + (size_t)j * own->length;
    TESTUDO_I_TRY(testudo_encode_double(own->codec, &request, own->row, learner->dim, message, error));
    own->sent[j] = message;
    ++*senders;
    if (own->announced)
      *last = fmax(*last, own->message_time[j]);
  }
  return TESTUDO_OK;
}

static testudo_status take_decoded(testudo_i_learner *learner, by_design *own, testudo_error *error)
{
  testudo_sgd_kind kind = learner->method->kind;
  bool approximate = kind == TESTUDO_SGD_STOCHASTIC_CODE || kind == TESTUDO_SGD_PARTIAL_DEADLINE;
  testudo_status status =
      approximate ? testudo_decode_approximate_double(own->codec, own->progress, own->sent, learner->dim,
                                                      learner->gradient, error)
                  : testudo_decode_double(own->codec, own->progress, own->sent, learner->dim, learner->gradient, error);
  if (status == TESTUDO_UNDECODABLE)
    learner->coming_lost++;
  else
    TESTUDO_I_TRY(status);
  if (status == TESTUDO_OK)
    testudo_i_add_scaled(learner->dim, -learner->method->step, learner->gradient, learner->next);
  return TESTUDO_OK;
}

/* ---- compressed messages ---- */

/* What worker j sends of its message, as it arrives, in own->squeezed. */
static testudo_status squeeze_message(testudo_i_learner *learner, by_design *own, int32_t j, testudo_error *error)
{
  const testudo_sgd_method *method = learner->method;
  const testudo_compress_draw draw = {learner->seed, own->iteration, j}, *drawn =
      testudo_compressor_unbiased(own->compressor) && method->compressor != TESTUDO_COMPRESSOR_NONE ? &draw : NULL;
  double *h = own->memory == NULL ? NULL : own->memory + (size_t)j * learner->dim, *in = learner->gradient;
  size_t bytes = testudo_compressor_bytes_double(own->compressor);
  if (own->feedback != NULL) {
    TESTUDO_I_TRY(testudo_compress_with_memory_double(own->feedback[j], drawn, method->step, own->sent[j], own->bytes,
                                                      error));
    TESTUDO_I_TRY(testudo_feedback_arrived(own->feedback[j], error));
    return testudo_decompress_double(own->compressor, own->bytes, bytes, own->squeezed, error);
  }
  for (size_t i = 0; i < learner->dim; i++)
    in[i] = h == NULL ? method->step * own->sent[j][i] : own->sent[j][i] - h[i];
  TESTUDO_I_TRY(testudo_compress_double(own->compressor, drawn, in, own->bytes, error));
  TESTUDO_I_TRY(testudo_decompress_double(own->compressor, own->bytes, bytes, own->squeezed, error));
  if (h == NULL)
    return TESTUDO_OK;
  double follow = 1.0 / (1.0 + testudo_compressor_variance(own->compressor));
  for (size_t i = 0; i < learner->dim; i++) {
    double moved = own->squeezed[i];
    own->squeezed[i] = method->step * (h[i] + moved);
    h[i] += follow * moved;
  }
  return TESTUDO_OK;
}

/* A compressor refuses numbers that are not finite, or become so: the run has diverged, and shows it. */
static testudo_status take_compressed(testudo_i_learner *learner, by_design *own, testudo_error *error)
{
  for (int32_t j = 0; j < own->workers; j++) {
    if (own->sent[j] == NULL)
      continue;
    testudo_status status = squeeze_message(learner, own, j, error);
    if (status == TESTUDO_ERROR_ARGUMENT || status == TESTUDO_ERROR_INPUT) {
      for (size_t i = 0; i < learner->dim; i++)
        learner->next[i] = NAN;
      return TESTUDO_OK;
    }
    TESTUDO_I_TRY(status);
    testudo_i_add_scaled(learner->dim, -1.0, own->squeezed, learner->next);
  }
  return TESTUDO_OK;
}

/* ---- iterations ---- */

/* The next iteration in which anybody finishes anything, or a deadline comes. */
static testudo_status find_iteration(testudo_i_learner *learner, by_design *own, testudo_error *error)
{
  for (int empty = 0; empty < MOST_EMPTY; empty++) {
    own->iteration++;
    draw_iteration(own, learner->method->design);
    if (own->events > 0 || learner->method->kind == TESTUDO_SGD_PARTIAL_DEADLINE)
      return TESTUDO_OK;
  }
  return testudo_i_fail(error, TESTUDO_UNDECODABLE, "%d iterations in a row in which all workers fail", MOST_EMPTY);
}

static testudo_status update_by_design(testudo_i_learner *learner, double *time, testudo_error *error)
{
  by_design *own = learner->own;
  double ready, last;
  bool enough;
  int32_t senders;
  TESTUDO_I_TRY(find_iteration(learner, own, error));
  TESTUDO_I_TRY(mark_iteration(learner, own, &ready, &enough, error));
  memcpy(learner->next, learner->w, learner->dim * sizeof *learner->next);
  if (!enough && !testudo_i_sgd_sums(learner->method->kind)) {
    learner->coming_lost++;
    learner->coming_bits += own->announced ? 0.0 : own->message_bits * (double)own->events; /* in vain */
    *time = learner->time + ready;
    return TESTUDO_OK;
  }
  TESTUDO_I_TRY(send_messages(learner, own, &senders, &last, error));
  if (testudo_sgd_compresses(learner->method->kind))
    TESTUDO_I_TRY(take_compressed(learner, own, error));
  else
    TESTUDO_I_TRY(take_decoded(learner, own, error));
  learner->coming_bits += own->message_bits * senders;
  *time = learner->time + ready + (own->announced ? learner->setting->model->signal + last : 0.0);
  return TESTUDO_OK;
}

/* ---- beginning ---- */

/* Chunks of a worker's samples where they divide, of all of them otherwise. */
static void cut_chunks(const testudo_sgd_setting *setting, by_design *own)
{
  int32_t samples = testudo_problem_samples(setting->problem), each = own->chunks / setting->workers;
  for (int32_t i = 0; i <= own->chunks; i++) {
    if (own->chunks % setting->workers != 0) {
      own->first[i] = (int32_t)((int64_t)samples * i / own->chunks);
      continue;
    }
    int32_t worker = i / each, within = i % each;
    int64_t size = worker < setting->workers ? setting->first[worker + 1] - setting->first[worker] : 0;
    own->first[i] = setting->first[worker] + (int32_t)(size * within / each);
  }
}

static testudo_status make_memories(testudo_i_learner *learner, by_design *own, testudo_error *error)
{
  const testudo_sgd_method *method = learner->method;
  size_t workers = (size_t)own->workers;
  if (!testudo_sgd_compresses(method->kind))
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_compressor_create(method->compressor, learner->dim, method->size, &own->compressor, error));
  own->message_bits = (double)testudo_compressor_bits_float(own->compressor);
  own->bytes = testudo_i_arena_alloc(&learner->arena, testudo_compressor_bytes_double(own->compressor), 1);
  own->squeezed = testudo_i_arena_alloc(&learner->arena, learner->dim, sizeof *own->squeezed);
  if (method->kind == TESTUDO_SGD_COCO_DIFFERENCE)
    own->memory = testudo_i_arena_calloc(&learner->arena, workers * learner->dim, sizeof *own->memory);
  if (method->kind == TESTUDO_SGD_COCO_EF)
    own->feedback = testudo_i_arena_calloc(&learner->arena, workers, sizeof(testudo_feedback *));
  TESTUDO_I_TRY(testudo_i_arena_check(&learner->arena, error));
  for (size_t j = 0; own->feedback != NULL && j < workers; j++)
    TESTUDO_I_TRY(testudo_feedback_create_double(own->compressor, &own->feedback[j], error));
  return TESTUDO_OK;
}

static testudo_status lay_iteration(testudo_i_learner *learner, by_design *own, testudo_error *error)
{
  const testudo_design *design = learner->method->design;
  testudo_i_arena *arena = &learner->arena;
  size_t workers = (size_t)own->workers, chunks = (size_t)own->chunks, entries = 0;
  size_t most = (size_t)testudo_design_max_load(design);
  for (int32_t j = 0; j < own->workers; j++)
    entries += (size_t)testudo_design_load(design, j);
  own->first = testudo_i_arena_alloc(arena, chunks + 1, sizeof *own->first);
  own->finished = testudo_i_arena_alloc(arena, most, sizeof *own->finished);
  own->message_time = testudo_i_arena_calloc(arena, workers, sizeof *own->message_time);
  own->event = testudo_i_arena_alloc(arena, entries, sizeof *own->event);
  own->computed = testudo_i_arena_calloc(arena, chunks, sizeof *own->computed);
  own->chunk_gradient = testudo_i_arena_alloc(arena, chunks * learner->dim, sizeof *own->chunk_gradient);
  own->row = testudo_i_arena_alloc(arena, most, sizeof *own->row);
  own->message = testudo_i_arena_alloc(arena, workers * own->length, sizeof *own->message);
  own->sent = testudo_i_arena_calloc(arena, workers, sizeof *own->sent);
  return testudo_i_arena_check(arena, error);
}

static testudo_status begin_by_design(testudo_i_learner *learner, testudo_error *error)
{
  const testudo_sgd_setting *setting = learner->setting;
  const testudo_sgd_method *method = learner->method;
  const testudo_delay_model *model = setting->model;
  by_design *own = testudo_i_arena_calloc(&learner->arena, 1, sizeof *own);
  TESTUDO_I_TRY(testudo_i_arena_check(&learner->arena, error));
  learner->own = own;
  own->workers = setting->workers;
  own->chunks = testudo_design_chunks(method->design);
  own->iteration = -1;
  own->announced = method->kind == TESTUDO_SGD_NESTED || method->kind == TESTUDO_SGD_PARTIAL ||
                   method->kind == TESTUDO_SGD_PARTIAL_DEADLINE;
  own->length = testudo_message_length(method->design, learner->dim);
  own->message_bits = 32.0 * (double)own->length;
  double straggle = method->wait > 0                             ? 1.0 - (double)method->wait / setting->workers
                    : model->failures == TESTUDO_FAILURES_EACH   ? model->fail_prob
                    : model->failures == TESTUDO_FAILURES_EXACTLY ? (double)model->failed / setting->workers
                                                                 : 0.0;
  TESTUDO_I_TRY(testudo_i_sgd_sums(method->kind)
                    ? testudo_codec_create_stochastic(method->design, straggle, &own->codec, error)
                    : testudo_codec_create(method->design, TESTUDO_DECODER_EXACT, &own->codec, error));
  TESTUDO_I_TRY(testudo_progress_create(method->design, &own->progress, error));
  TESTUDO_I_TRY(make_memories(learner, own, error));
  double share = own->message_bits / (32.0 * (double)learner->dim);
  int32_t blocks = testudo_design_max_load(method->design);
  if (model->replay != NULL && model->unit == TESTUDO_UNIT_SHARE) { /* the groups of measured chunks of a share */
    if (own->chunks % own->workers != 0)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                            "a replay by shares needs whole chunks per share, but there are %d chunks of %d shares",
                            (int)own->chunks, (int)own->workers);
    blocks = own->chunks / own->workers;
  }
  TESTUDO_I_TRY(testudo_i_tasks_create(model, own->workers, blocks,
                                       testudo_i_unit(model, own->workers, own->chunks), share, learner->seed,
                                       &own->tasks, error));
  TESTUDO_I_TRY(lay_iteration(learner, own, error));
  cut_chunks(setting, own);
  return TESTUDO_OK;
}

static void end_by_design(testudo_i_learner *learner)
{
  by_design *own = learner->own;
  if (own == NULL)
    return;
  for (int32_t j = 0; own->feedback != NULL && j < own->workers; j++)
    testudo_feedback_free(own->feedback[j]);
  testudo_compressor_free(own->compressor);
  testudo_codec_free(own->codec);
  testudo_progress_free(own->progress);
  testudo_i_tasks_free(own->tasks);
}

const testudo_i_learner_class testudo_i_learn_by_design = {begin_by_design, update_by_design, end_by_design};
