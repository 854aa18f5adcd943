/* SPDX-License-Identifier: BSD-3-Clause */
/* The decode vector of a gradient code: a^T B_F = 1^T over the rows of the finished workers (docs/theory 9). */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "linalg/solve.h"
#include "runtime/codec.h"
#include "runtime/design.h"
#include "runtime/progress.h"

/* A dense least squares of more entries than this (0.8 GB) is refused. */
#define MOST_ENTRIES ((size_t)100000000)

/* Columns dependent to within this count as such: a set of workers that nearly fails to decode fails. */
#define RANK_TOLERANCE 1e-13

static bool is_repetition(const testudo_design *design)
{
  return design->groups.groups > 0;
}

testudo_status testudo_i_vector_create(testudo_codec *codec, testudo_error *error)
{
  const testudo_design *design = codec->design;
  size_t workers = (size_t)design->workers, chunks = (size_t)design->chunks;
  codec->vector = testudo_i_calloc(workers, sizeof *codec->vector);
  codec->finished = testudo_i_alloc(workers, sizeof *codec->finished);
  if (codec->vector == NULL || codec->finished == NULL)
    return testudo_i_fail_memory(error);
  if (is_repetition(design))
    return TESTUDO_OK;
  if (chunks > MOST_ENTRIES / workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "decoding a gradient code of %d workers and %d chunks by least squares is not built in this "
                          "version (at most %zu entries); construction frc decodes at any size",
                          (int)design->workers, (int)design->chunks, MOST_ENTRIES);
  codec->pivot = testudo_i_alloc(workers, sizeof *codec->pivot);
  codec->columns = testudo_i_alloc(chunks * workers, sizeof *codec->columns);
  codec->inverse = testudo_i_alloc(chunks > workers ? chunks : workers, sizeof *codec->inverse);
  codec->work = testudo_i_alloc(testudo_i_least_squares_room(design->chunks, design->workers), sizeof *codec->work);
  if (codec->pivot == NULL || codec->columns == NULL || codec->inverse == NULL || codec->work == NULL)
    return testudo_i_fail_memory(error);
  return TESTUDO_OK;
}

/* The first finished worker of every group; a group without one leaves its chunks out. */
static void solve_repetition(testudo_codec *codec, const testudo_progress *progress)
{
  const testudo_design *design = codec->design;
  const testudo_i_groups *groups = &design->groups;
  int32_t *taken = codec->finished; /* by group; there are no more groups than workers */
  memset(taken, 0, (size_t)groups->groups * sizeof *taken);
  for (int32_t j = 0; j < design->workers; j++) {
    codec->vector[j] = 0.0;
    if (testudo_i_progress_reads(progress, j) && taken[groups->group_of[j]]++ == 0)
      codec->vector[j] = 1.0;
  }
}

/* Answers how many have finished. */
static int32_t list_finished(testudo_codec *codec, const testudo_progress *progress)
{
  int32_t count = 0;
  for (int32_t j = 0; j < codec->design->workers; j++) {
    codec->vector[j] = 0.0;
    if (testudo_i_progress_reads(progress, j))
      codec->finished[count++] = j;
  }
  return count;
}

static testudo_status solve_least_squares(testudo_codec *codec, const testudo_progress *progress,
                                          testudo_error *error)
{
  const testudo_design *design = codec->design;
  size_t chunks = (size_t)design->chunks;
  int32_t count = list_finished(codec, progress);
  if (count == 0)
    return TESTUDO_OK;
  memset(codec->columns, 0, chunks * (size_t)count * sizeof *codec->columns);
  for (int32_t k = 0; k < count; k++)
    for (int64_t e = design->row[codec->finished[k]]; e < design->row[codec->finished[k] + 1]; e++)
      codec->columns[(size_t)k * chunks + (size_t)design->order[e]] = design->coefficient[e];
  for (size_t i = 0; i < chunks; i++)
    codec->inverse[i] = 1.0;
  testudo_status status = testudo_i_least_squares(design->chunks, count, codec->columns, codec->inverse,
                                                  RANK_TOLERANCE, codec->pivot, codec->work, error);
  for (int32_t k = 0; status == TESTUDO_OK && k < count; k++)
    codec->vector[codec->finished[k]] = codec->inverse[k];
  return status;
}

/* How far a^T B is from 1^T, by the sums themselves, chunk by chunk. */
static void measure(testudo_codec *codec)
{
  const testudo_design *design = codec->design;
  double square = 0.0, residual = 0.0, largest = 0.0;
  for (int32_t j = 0; j < design->workers; j++)
    square += codec->vector[j] * codec->vector[j];
  for (int32_t i = 0; i < design->chunks; i++) {
    double sum = -1.0;
    for (int64_t e = design->chunk_row[i]; e < design->chunk_row[i + 1]; e++) {
      int32_t j = design->holder[e];
      sum += codec->vector[j] * design->coefficient[design->row[j] + design->place[e] - 1];
    }
    residual += sum * sum;
    largest = fmax(largest, fabs(sum));
  }
  codec->vector_norm = sqrt(square);
  codec->residual_square = residual;
  codec->residual_largest = largest;
}

static testudo_status find_vector(testudo_codec *codec, const testudo_progress *progress, testudo_error *error)
{
  if (codec->vector_found && codec->vector_fingerprint == progress->fingerprint)
    return TESTUDO_OK;
  codec->vector_found = false;
  testudo_status status = TESTUDO_OK;
  if (is_repetition(codec->design))
    solve_repetition(codec, progress);
  else
    status = solve_least_squares(codec, progress, error);
  if (status != TESTUDO_OK)
    return status;
  measure(codec);
  codec->vector_found = true;
  codec->vector_fingerprint = progress->fingerprint;
  return TESTUDO_OK;
}

testudo_status testudo_decode_vector(testudo_codec *codec, const testudo_progress *progress, const double **vector,
                                     testudo_error *error)
{
  testudo_status status = testudo_i_codec_meet(codec, progress, error);
  if (status != TESTUDO_OK)
    return status;
  if (codec->design->scheme != TESTUDO_SCHEME_GRADIENT_CODE)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "scheme %s has no decode vector, only gradient-code has",
                          testudo_scheme_name(codec->design->scheme));
  status = find_vector(codec, progress, error);
  if (status == TESTUDO_OK)
    *vector = codec->vector;
  return status;
}

testudo_status testudo_decode_error(testudo_codec *codec, const testudo_progress *progress, double *decode_error,
                                    testudo_error *error)
{
  testudo_status status = testudo_i_codec_meet(codec, progress, error);
  if (status != TESTUDO_OK)
    return status;
  if (codec->design->scheme != TESTUDO_SCHEME_GRADIENT_CODE) {
    *decode_error = (double)testudo_progress_error(progress);
    return TESTUDO_OK;
  }
  status = find_vector(codec, progress, error);
  if (status == TESTUDO_OK)
    *decode_error = codec->residual_square;
  return status;
}

testudo_status testudo_i_prepare_weights(testudo_codec *codec, const testudo_progress *progress, bool approximate,
                                         testudo_error *error)
{
  if (codec->design->scheme != TESTUDO_SCHEME_GRADIENT_CODE)
    return TESTUDO_OK;
  testudo_status status = find_vector(codec, progress, error);
  if (status != TESTUDO_OK || approximate)
    return status;
  if (!(codec->vector_norm <= TESTUDO_MAX_AMPLIFICATION))
    return testudo_i_fail(error, TESTUDO_UNDECODABLE,
                          "the finished workers decode with amplification %.3g only, allowed is %.3g",
                          codec->vector_norm, TESTUDO_MAX_AMPLIFICATION);
  double allowed = fmax(1e-9, 100.0 * DBL_EPSILON * codec->vector_norm);
  if (!(codec->residual_largest <= allowed))
    return testudo_i_fail(error, TESTUDO_UNDECODABLE,
                          "the finished workers are badly conditioned: they decode to within %.3g, allowed is %.3g",
                          codec->residual_largest, allowed);
  return TESTUDO_OK;
}
