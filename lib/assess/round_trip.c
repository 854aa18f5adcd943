/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encoding and decoding side by side with the truth. */
#include "assess/round_trip.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "linalg/dense.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

static testudo_status make_gradients(testudo_i_round_trip *trip, bool floats, testudo_error *error)
{
  testudo_i_arena *arena = &trip->arena;
  size_t chunks = (size_t)trip->design->chunks, workers = (size_t)trip->design->workers;
  size_t dim = trip->dim, length = trip->length = testudo_message_length(trip->design, dim);
  if (dim > SIZE_MAX / sizeof(double))
    return testudo_i_fail_memory(error);
  trip->gradient = testudo_i_arena_alloc(arena, chunks, dim * sizeof(double));
  trip->sum = testudo_i_arena_alloc(arena, 1, dim * sizeof(double));
  trip->message = testudo_i_arena_calloc(arena, workers, length * sizeof(double));
  trip->decoded = testudo_i_arena_alloc(arena, 1, dim * sizeof(double));
  trip->of_chunk = testudo_i_arena_alloc(arena, (size_t)trip->design->max_load, sizeof(void *));
  trip->of_worker = testudo_i_arena_calloc(arena, workers, sizeof(void *));
  if (floats) {
    trip->gradient_float = testudo_i_arena_alloc(arena, chunks, dim * sizeof(float));
    trip->message_float = testudo_i_arena_calloc(arena, workers, length * sizeof(float));
    trip->decoded_float = testudo_i_arena_alloc(arena, 1, dim * sizeof(float));
  }
  return testudo_i_arena_check(arena, error);
}

testudo_status testudo_i_round_trip_open(testudo_i_round_trip *trip, const testudo_design *design,
                                         testudo_decoder decoder, size_t dim, bool floats, testudo_error *error)
{
  *trip = (testudo_i_round_trip){.design = design, .dim = dim};
  TESTUDO_I_TRY(testudo_progress_create(design, &trip->progress, error));
  TESTUDO_I_TRY(testudo_codec_create(design, decoder, &trip->codec, error));
  return dim == 0 ? TESTUDO_OK : make_gradients(trip, floats, error);
}

void testudo_i_round_trip_close(testudo_i_round_trip *trip)
{
  testudo_progress_free(trip->progress);
  testudo_codec_free(trip->codec);
  testudo_i_arena_clear(&trip->arena);
  *trip = (testudo_i_round_trip){0};
}

void testudo_i_round_trip_draw(testudo_i_round_trip *trip, uint64_t seed, int64_t trial)
{
  size_t dim = trip->dim;
  memset(trip->sum, 0, dim * sizeof *trip->sum);
  for (int32_t i = 0; i < trip->design->chunks; i++) {
    testudo_i_random random;
    testudo_i_random_start(&random, seed, TESTUDO_I_FOR_GRADIENT, (uint64_t)trial, (uint64_t)i);
    double *gradient = trip->gradient + (size_t)i * dim;
    float *floats = trip->gradient_float == NULL ? NULL : trip->gradient_float + (size_t)i * dim;
    for (size_t k = 0; k < dim; k++)
      gradient[k] = testudo_i_random_normal(&random);
    for (size_t k = 0; floats != NULL && k < dim; k++)
      gradient[k] = (double)(floats[k] = (float)gradient[k]);
    for (size_t k = 0; k < dim; k++)
      trip->sum[k] += gradient[k];
  }
}

#define BODY "assess/round_trip_body.inc"
#include "base/both_numbers.inc"

testudo_status testudo_i_round_trip_send(testudo_i_round_trip *trip, int32_t worker, testudo_error *error)
{
  return send_double(trip, worker, error);
}

/* ---- what the code does to the numbers ---- */

/* Adds |weight coefficient| of every worker's message to its chunks, for one part of the gradient and of the message.
   */
static testudo_status magnify(testudo_i_round_trip *trip, const double *weights, int32_t row, double *magnified,
                              testudo_error *error)
{
  for (int32_t j = 0; j < trip->design->workers; j++) {
    testudo_request request;
    TESTUDO_I_TRY(testudo_request_make(trip->codec, trip->progress, j, &request, error));
    const int32_t *order = testudo_design_order(trip->design, j);
    for (int32_t k = 0; row < request.rows && k < request.chunks; k++)
      magnified[order[k]] += fabs(weights[j] * request.coefficient[(size_t)row * (size_t)request.chunks + (size_t)k]);
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_magnification(testudo_i_round_trip *trip, double *weights, double *magnified, double *largest,
                                       testudo_error *error)
{
  const testudo_design *design = trip->design;
  *largest = 0.0;
  for (int32_t part = 0; part < design->parts; part++) {
    TESTUDO_I_TRY(testudo_decode_weights(trip->codec, trip->progress, part, weights, error));
    for (int32_t row = 0; row < design->parts; row++) {
      memset(magnified, 0, (size_t)design->chunks * sizeof *magnified);
      TESTUDO_I_TRY(magnify(trip, weights, row, magnified, error));
      for (int32_t i = 0; i < design->chunks; i++)
        *largest = fmax(*largest, magnified[i]);
    }
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_condition_of_rows(const testudo_design *design, const int32_t *worker, int32_t count,
                                           double *condition, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  *condition = NAN;
  if (design->scheme->row == NULL)
    return TESTUDO_OK;
  int32_t length = design->scheme->row(design, 0, NULL);
  double *rows = testudo_i_arena_alloc(&arena, (size_t)length * (size_t)count, sizeof *rows);
  double *room = testudo_i_arena_alloc(&arena, testudo_i_condition_room(length, count), sizeof *room);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  for (int32_t r = 0; r < count; r++)
    design->scheme->row(design, worker[r], rows + (size_t)r * (size_t)length);
  return testudo_i_condition(length, count, rows, condition, room, error);
}
