/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "code/trust/rig.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "runtime/design.h"

/* Numbers of each part: more would measure the same. */
enum { LENGTH = 2 };

static bool is_coded(const testudo_i_trust_rig *rig)
{
  return rig->design->scheme == TESTUDO_SCHEME_GRADIENT_CODE;
}

/* ---- room ---- */

static void draw_gradients(testudo_i_trust_rig *rig, uint64_t seed)
{
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_GRADIENT, 0, 0);
  for (size_t i = 0; i < (size_t)rig->design->chunks; i++)
    for (size_t t = 0; t < rig->dim; t++) {
      float number = (float)testudo_i_random_normal(&random);
      rig->gradient_float[i * rig->dim + t] = number;
      rig->gradient[i * rig->dim + t] = (double)number;
      rig->sum[t] += (double)number;
    }
}

static testudo_status make_gradients(testudo_i_trust_rig *rig, uint64_t seed, testudo_error *error)
{
  const testudo_design *design = rig->design;
  size_t chunks = (size_t)design->chunks, workers = (size_t)design->workers, parts = (size_t)design->parts;
  size_t most = (size_t)design->max_load > workers ? (size_t)design->max_load : workers;
  rig->length = LENGTH;
  rig->dim = LENGTH * parts;
  rig->gradient = testudo_i_alloc(chunks * rig->dim, sizeof *rig->gradient);
  rig->gradient_float = testudo_i_alloc(chunks * rig->dim, sizeof *rig->gradient_float);
  rig->sum = testudo_i_calloc(rig->dim, sizeof *rig->sum);
  rig->message = testudo_i_calloc(workers * rig->length, sizeof *rig->message);
  rig->message_float = testudo_i_calloc(workers * rig->length, sizeof *rig->message_float);
  rig->decoded = testudo_i_alloc(rig->dim, sizeof *rig->decoded);
  rig->decoded_float = testudo_i_alloc(rig->dim, sizeof *rig->decoded_float);
  rig->coefficient = testudo_i_alloc((size_t)design->max_load * parts, sizeof *rig->coefficient);
  rig->pointer = testudo_i_alloc(most, sizeof *rig->pointer);
  if (rig->gradient == NULL || rig->gradient_float == NULL || rig->sum == NULL || rig->message == NULL ||
      rig->message_float == NULL || rig->decoded == NULL || rig->decoded_float == NULL || rig->coefficient == NULL ||
      rig->pointer == NULL)
    return testudo_i_fail_memory(error);
  draw_gradients(rig, seed);
  return TESTUDO_OK;
}

testudo_status testudo_i_trust_rig_open(testudo_i_trust_rig *rig, const testudo_design *design, bool gradients,
                                        uint64_t seed, testudo_error *error)
{
  *rig = (testudo_i_trust_rig){.design = design};
  size_t tokens = is_coded(rig) ? (size_t)design->workers : (size_t)design->row[design->workers];
  rig->token = testudo_i_alloc(tokens, sizeof *rig->token);
  rig->magnified = testudo_i_alloc((size_t)design->chunks, sizeof *rig->magnified);
  testudo_status status = rig->token == NULL || rig->magnified == NULL ? testudo_i_fail_memory(error) : TESTUDO_OK;
  if (status == TESTUDO_OK)
    status = testudo_progress_create(design, &rig->progress, error);
  if (status == TESTUDO_OK)
    status = testudo_codec_create(design, &rig->codec, error);
  if (status == TESTUDO_OK && gradients)
    status = make_gradients(rig, seed, error);
  if (status != TESTUDO_OK)
    testudo_i_trust_rig_close(rig);
  return status;
}

void testudo_i_trust_rig_close(testudo_i_trust_rig *rig)
{
  testudo_codec_free(rig->codec);
  testudo_progress_free(rig->progress);
  free(rig->token);
  free(rig->magnified);
  free(rig->gradient);
  free(rig->gradient_float);
  free(rig->sum);
  free(rig->message);
  free(rig->message_float);
  free(rig->decoded);
  free(rig->decoded_float);
  free(rig->coefficient);
  free(rig->pointer);
  *rig = (testudo_i_trust_rig){0};
}

/* ---- progress vectors ---- */

testudo_status testudo_i_trust_straggle(testudo_i_trust_rig *rig, testudo_error *error)
{
  testudo_status status = TESTUDO_OK;
  testudo_progress_reset(rig->progress);
  for (int32_t k = rig->design->stragglers; status == TESTUDO_OK && k < rig->design->workers; k++)
    status = testudo_progress_mark(rig->progress, rig->token[k], testudo_design_load(rig->design, rig->token[k]),
                                   error);
  return status;
}

/* A token for every chunk of every worker, in random order: each lets its worker finish one more. */
static testudo_status run_until_decodable(testudo_i_trust_rig *rig, testudo_i_random *random, testudo_error *error)
{
  size_t tokens = 0;
  for (int32_t j = 0; j < rig->design->workers; j++)
    for (int32_t k = 0; k < testudo_design_load(rig->design, j); k++)
      rig->token[tokens++] = j;
  testudo_i_random_shuffle(random, rig->token, tokens);
  testudo_progress_reset(rig->progress);
  testudo_status status = TESTUDO_OK;
  for (size_t t = 0; status == TESTUDO_OK && !testudo_progress_decodable(rig->progress); t++)
    status = testudo_progress_mark(rig->progress, rig->token[t],
                                   testudo_progress_done(rig->progress, rig->token[t]) + 1, error);
  return status;
}

testudo_status testudo_i_trust_sample(testudo_i_trust_rig *rig, uint64_t seed, int64_t number, testudo_error *error)
{
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_SEARCH, (uint64_t)number, 0);
  if (!is_coded(rig))
    return run_until_decodable(rig, &random, error);
  for (int32_t j = 0; j < rig->design->workers; j++)
    rig->token[j] = j;
  testudo_i_random_shuffle(&random, rig->token, (size_t)rig->design->workers);
  return testudo_i_trust_straggle(rig, error);
}

/* ---- what it does to the numbers ---- */

static double magnification(testudo_i_trust_rig *rig, const double *vector)
{
  const testudo_design *design = rig->design;
  double largest = 0.0;
  memset(rig->magnified, 0, (size_t)design->chunks * sizeof *rig->magnified);
  for (int32_t j = 0; j < design->workers; j++)
    for (int64_t e = design->row[j]; e < design->row[j + 1]; e++)
      rig->magnified[design->order[e]] += fabs(vector[j] * design->coefficient[e]);
  for (int32_t i = 0; i < design->chunks; i++)
    largest = fmax(largest, rig->magnified[i]);
  return largest;
}

testudo_status testudo_i_trust_look(testudo_i_trust_rig *rig, testudo_i_trust_numbers *numbers, testudo_error *error)
{
  testudo_status status =
      testudo_amplification(rig->codec, rig->progress, &numbers->amplification, &numbers->condition, error);
  numbers->magnification = numbers->amplification;
  if (status != TESTUDO_OK || !is_coded(rig))
    return status;
  const double *vector;
  status = testudo_decode_vector(rig->codec, rig->progress, &vector, error);
  if (status == TESTUDO_OK)
    numbers->magnification = magnification(rig, vector);
  return status;
}

#define NUMBER double
#define NAME(what) what##_double
#define GRADIENT gradient
#define MESSAGE message
#define DECODED decoded
#include "code/trust/decode_body.inc"
#undef NUMBER
#undef NAME
#undef GRADIENT
#undef MESSAGE
#undef DECODED
#define NUMBER float
#define NAME(what) what##_float
#define GRADIENT gradient_float
#define MESSAGE message_float
#define DECODED decoded_float
#include "code/trust/decode_body.inc"

testudo_status testudo_i_trust_decode(testudo_i_trust_rig *rig, double *in_double, double *in_float,
                                      testudo_error *error)
{
  testudo_status status = decode_double(rig, in_double, error);
  return status == TESTUDO_OK ? decode_float(rig, in_float, error) : status;
}
