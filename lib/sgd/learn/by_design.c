/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Methods that run a design: an iteration of the loop of testudo/runtime.h, its times drawn, its gradients computed,
   its messages encoded, compressed where the method says so, and decoded. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/sum.h"
#include "linalg/products.h"
#include "sgd/learn/iteration.h"
#include "sgd/learn/learn.h"

typedef struct by_design {
  testudo_i_iteration clock;
  testudo_compressor *compressor;
  testudo_feedback **feedback; /* one per worker; NULL: no memory */
  int32_t workers, chunks;
  int32_t *first;           /* chunks + 1: the samples of each */
  size_t length;            /* of a message */
  double message_bits;
  bool *computed;
  double *chunk_gradient;   /* chunks x dim */
  const double **row;       /* of the chunks of a worker */
  double *message;          /* workers x length */
  const double **sent;      /* messages, or NULL */
  double *memory;           /* coco-difference: workers x dim */
  double *squeezed;         /* dim: what arrives of a message */
  unsigned char *bytes;
} by_design;

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
                           ((uint64_t)1 << 32) + (uint64_t)chunk, own->clock.number};
  testudo_i_batch_gradient(learner, &drawn, learner->w, 0, 1);
  double share = (double)size / testudo_problem_samples(setting->problem);
  for (size_t i = 0; i < learner->dim; i++)
    gradient[i] = share * learner->gradient[i];
  own->computed[chunk] = true;
  return gradient;
}

/* What every worker is asked for. */
static testudo_status send_messages(testudo_i_learner *learner, by_design *own, testudo_error *error)
{
  const testudo_design *design = learner->method->design;
  memset(own->computed, 0, (size_t)own->chunks * sizeof *own->computed);
  for (int32_t j = 0; j < own->workers; j++) {
    testudo_request request;
    own->sent[j] = NULL;
    TESTUDO_I_TRY(testudo_i_iteration_ask(&own->clock, j, &request, error));
    if (request.chunks == 0)
      continue;
    for (int32_t k = 0; k < request.chunks; k++)
      own->row[k] = chunk_of(learner, own, testudo_design_order(design, j)[k]);
    double *message = own->message + (size_t)j * own->length;
    TESTUDO_I_TRY(testudo_encode_double(own->clock.codec, &request, own->row, learner->dim, message, error));
    own->sent[j] = message;
  }
  return TESTUDO_OK;
}

static testudo_status take_decoded(testudo_i_learner *learner, by_design *own, testudo_error *error)
{
  testudo_sgd_kind kind = learner->method->kind;
  bool approximate = kind == TESTUDO_SGD_STOCHASTIC_CODE || kind == TESTUDO_SGD_PARTIAL_DEADLINE;
  testudo_status status =
      approximate ? testudo_decode_approximate_double(own->clock.codec, own->clock.progress, own->sent, learner->dim,
                                                      learner->gradient, error)
                  : testudo_decode_double(own->clock.codec, own->clock.progress, own->sent, learner->dim,
                                          learner->gradient, error);
  if (status == TESTUDO_UNDECODABLE)
    learner->coming.lost++;
  else
    TESTUDO_I_TRY(status);
  if (status == TESTUDO_OK)
    testudo_i_add_times(learner->dim, -learner->method->step, learner->gradient, learner->next);
  return TESTUDO_OK;
}

/* ---- compressed messages ---- */

/* What worker j sends of its message, as it arrives, in own->squeezed. */
static testudo_status squeeze_message(testudo_i_learner *learner, by_design *own, int32_t j, testudo_error *error)
{
  const testudo_sgd_method *method = learner->method;
  const testudo_compress_draw draw = {learner->seed, own->clock.number, j}, *drawn =
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
    testudo_i_add_times(learner->dim, -1.0, own->squeezed, learner->next);
  }
  return TESTUDO_OK;
}

/* ---- iterations ---- */

/* p / (1 - p) sum_i ||sum_k s_ik grad f_k / d_k||^2, of all samples; own->message and own->chunk_gradient are free
   between iterations. */
static double variance_by_design(testudo_i_learner *learner)
{
  by_design *own = learner->own;
  const testudo_design *design = learner->method->design;
  int32_t samples = testudo_problem_samples(learner->setting->problem);
  testudo_i_sum sum = {0.0, 0.0};
  if (!testudo_i_sgd_sums(learner->method->kind))
    return NAN;
  for (int32_t k = 0; k < own->chunks; k++) {
    int32_t size = own->first[k + 1] - own->first[k];
    testudo_problem_gradient_range(learner->setting->problem, learner->work, learner->w, own->first[k], size,
                                   own->chunk_gradient + (size_t)k * learner->dim);
  }
  for (int32_t j = 0; j < own->workers; j++) {
    memset(learner->gradient, 0, learner->dim * sizeof *learner->gradient);
    for (int32_t b = 0; b < testudo_design_load(design, j); b++) {
      int32_t k = testudo_design_order(design, j)[b];
      double share = (double)(own->first[k + 1] - own->first[k]) / samples / testudo_design_replication(design, k);
      testudo_i_add_times(learner->dim, share, own->chunk_gradient + (size_t)k * learner->dim, learner->gradient);
    }
    for (size_t i = 0; i < learner->dim; i++)
      testudo_i_sum_add(&sum, learner->gradient[i] * learner->gradient[i]);
  }
  return testudo_coded_variance(testudo_i_sgd_straggle(learner->method, learner->setting->model, own->workers),
                                testudo_i_sum_value(&sum));
}

static testudo_status update_by_design(testudo_i_learner *learner, testudo_error *error)
{
  by_design *own = learner->own;
  testudo_i_iteration *clock = &own->clock;
  TESTUDO_I_TRY(testudo_i_iteration_next(clock, error));
  memcpy(learner->next, learner->w, learner->dim * sizeof *learner->next);
  learner->coming.failed += clock->empty > 0;
  if (clock->empty > 0 || (!clock->enough && !testudo_i_sgd_sums(learner->method->kind))) {
    learner->coming.lost++;
    learner->coming.bits += clock->announced ? 0.0 : own->message_bits * (double)clock->events; /* in vain */
    learner->coming.time = learner->last.time + clock->ready;
    return TESTUDO_OK;
  }
  TESTUDO_I_TRY(send_messages(learner, own, error));
  if (testudo_sgd_compresses(learner->method->kind))
    TESTUDO_I_TRY(take_compressed(learner, own, error));
  else
    TESTUDO_I_TRY(take_decoded(learner, own, error));
  learner->coming.bits += own->message_bits * clock->senders;
  learner->coming.time = learner->last.time + testudo_i_iteration_time(clock);
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

static testudo_status lay_messages(testudo_i_learner *learner, by_design *own, testudo_error *error)
{
  testudo_i_arena *arena = &learner->arena;
  size_t workers = (size_t)own->workers, chunks = (size_t)own->chunks;
  own->first = testudo_i_arena_alloc(arena, chunks + 1, sizeof *own->first);
  own->computed = testudo_i_arena_calloc(arena, chunks, sizeof *own->computed);
  own->chunk_gradient = testudo_i_arena_alloc(arena, chunks * learner->dim, sizeof *own->chunk_gradient);
  own->row = testudo_i_arena_alloc(arena, (size_t)testudo_design_max_load(learner->method->design), sizeof *own->row);
  own->message = testudo_i_arena_alloc(arena, workers * own->length, sizeof *own->message);
  own->sent = testudo_i_arena_calloc(arena, workers, sizeof *own->sent);
  return testudo_i_arena_check(arena, error);
}

static testudo_status begin_by_design(testudo_i_learner *learner, testudo_error *error)
{
  const testudo_sgd_setting *setting = learner->setting;
  const testudo_sgd_method *method = learner->method;
  by_design *own = testudo_i_arena_calloc(&learner->arena, 1, sizeof *own);
  TESTUDO_I_TRY(testudo_i_arena_check(&learner->arena, error));
  learner->own = own;
  own->workers = setting->workers;
  own->chunks = testudo_design_chunks(method->design);
  own->length = testudo_message_length(method->design, learner->dim);
  own->message_bits = 32.0 * (double)own->length;
  TESTUDO_I_TRY(make_memories(learner, own, error));
  double share = own->message_bits / (32.0 * (double)learner->dim);
  TESTUDO_I_TRY(testudo_i_iteration_begin(&own->clock, &learner->arena, method, setting->model, own->workers, share,
                                          learner->seed, error));
  TESTUDO_I_TRY(lay_messages(learner, own, error));
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
  testudo_i_iteration_end(&own->clock);
}

const testudo_i_learner_class testudo_i_learn_by_design = {begin_by_design, update_by_design, end_by_design,
                                                             variance_by_design};
