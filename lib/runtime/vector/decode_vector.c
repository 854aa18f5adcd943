/* SPDX-License-Identifier: BSD-3-Clause */
/* Decode vectors: found by repetition, by structure or by least squares, kept while the progress stays, and judged. */
#include "runtime/vector/decode_vector.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "runtime/design.h"
#include "runtime/progress.h"
#include "runtime/vector/solvers.h"

static testudo_i_vector *vector_of(const testudo_codec *codec)
{
  return codec->state;
}

/* Makes the rows of a level the ones that are sent. O(entries) when it is another one. */
static void use_level(testudo_i_vector *vector, int32_t level)
{
  const testudo_i_family *family = vector->family;
  if (vector->level == level)
    return;
  vector->level = level;
  vector->epoch = 0;
  vector->value = vector->padded;
  if (vector->padded == NULL) {
    vector->value = family->coefficient;
    return;
  }
  int32_t width = family->tolerance[level] + 1, load = family->tolerance[family->levels - 1] + 1;
  for (int32_t j = 0; j < vector->design->workers; j++) {
    double *row = vector->padded + (size_t)j * (size_t)load;
    memcpy(row, testudo_i_family_row(family, level, j), (size_t)width * sizeof *row);
    memset(row + width, 0, (size_t)(load - width) * sizeof *row);
  }
}

int32_t testudo_i_vector_level(const testudo_codec *codec)
{
  return vector_of(codec)->level;
}

const double *testudo_i_vector_weights(const testudo_codec *codec, int32_t part)
{
  (void)part;
  return vector_of(codec)->number;
}

/* Fails where neither the structure of the code nor its size allow a decoder. */
static testudo_status open_solvers(testudo_i_vector *vector, testudo_i_arena *arena, testudo_error *error)
{
  size_t levels = (size_t)vector->family->levels;
  vector->ring = testudo_i_arena_calloc(arena, levels, sizeof *vector->ring);
  vector->cache = testudo_i_arena_calloc(arena, levels, sizeof *vector->cache);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (int32_t level = 0; level < vector->family->levels; level++) {
    TESTUDO_I_TRY(testudo_i_vector_cache_create(arena, vector->design->workers, &vector->cache[level], error));
    TESTUDO_I_TRY(testudo_i_ring_of(vector, arena, level, &vector->ring[level], error));
  }
  return testudo_i_fallback_open(vector, arena, error);
}

testudo_status testudo_i_vector_open(testudo_codec *codec, const testudo_i_family *family,
                                     const testudo_i_groups *repetition, testudo_error *error)
{
  const testudo_design *design = codec->design;
  testudo_i_arena *arena = &codec->arena;
  size_t workers = (size_t)design->workers;
  testudo_i_vector *vector = codec->state = testudo_i_arena_calloc(arena, 1, sizeof *vector);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  vector->design = design;
  vector->family = family;
  vector->repetition = repetition;
  vector->level = -1;
  if (family->row == NULL)
    vector->padded = testudo_i_arena_alloc(arena, (size_t)design->row[workers], sizeof *vector->padded);
  vector->number = testudo_i_arena_calloc(arena, workers, sizeof *vector->number);
  vector->finished = testudo_i_arena_alloc(arena, workers, sizeof *vector->finished);
  vector->straggler = testudo_i_arena_alloc(arena, workers, sizeof *vector->straggler);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  use_level(vector, 0);
  return repetition != NULL ? TESTUDO_OK : open_solvers(vector, arena, error);
}

/* The first finished worker of every group; a group without one leaves its chunks out. */
static void solve_repetition(testudo_codec *codec, const testudo_progress *progress)
{
  testudo_i_vector *vector = vector_of(codec);
  int32_t *taken = vector->finished; /* by group; there are no more groups than workers */
  memset(taken, 0, (size_t)vector->repetition->groups * sizeof *taken);
  for (int32_t j = 0; j < vector->design->workers; j++) {
    vector->number[j] = 0.0;
    if (codec->class->reads(codec, progress, j) && taken[vector->repetition->group_of[j]]++ == 0)
      vector->number[j] = 1.0;
  }
}

/* Answers how many have finished. */
static int32_t list_finished(testudo_codec *codec, const testudo_progress *progress)
{
  testudo_i_vector *vector = vector_of(codec);
  int32_t count = 0, straggling = 0;
  for (int32_t j = 0; j < vector->design->workers; j++) {
    vector->number[j] = 0.0;
    if (codec->class->reads(codec, progress, j))
      vector->finished[count++] = j;
    else
      vector->straggler[straggling++] = j;
  }
  return count;
}

/* How far a^T B is from 1^T, by the sums themselves, chunk by chunk. */
static void measure_vector(testudo_i_vector *vector)
{
  const testudo_design *design = vector->design;
  double square = 0.0, residual = 0.0, largest = 0.0;
  for (int32_t j = 0; j < design->workers; j++)
    square += vector->number[j] * vector->number[j];
  for (int32_t i = 0; i < design->chunks; i++) {
    double sum = -1.0;
    for (int64_t e = design->chunk_row[i]; e < design->chunk_row[i + 1]; e++) {
      int32_t j = design->holder[e];
      sum += vector->number[j] * vector->value[design->row[j] + design->place[e] - 1];
    }
    residual += sum * sum;
    largest = fmax(largest, fabs(sum));
  }
  vector->quality = (testudo_i_vector_quality){sqrt(square), residual, largest};
}

/* By the structure where it does, by least squares of all coefficients where it does not: too few workers, or a code
   that is not what its shape says. */
static testudo_status solve_vector(testudo_i_vector *vector, int32_t count, testudo_error *error)
{
  int32_t straggling = vector->design->workers - count;
  testudo_i_ring *ring = vector->ring[vector->level];
  if (ring != NULL && straggling <= testudo_i_ring_spare(ring)) {
    testudo_status status = testudo_i_ring_solve(ring, vector->straggler, straggling, vector->number, error);
    measure_vector(vector);
    if (status != TESTUDO_OK || vector->quality.residual_largest <= testudo_i_allowed_residual(vector->quality.norm))
      return status;
  }
  TESTUDO_I_TRY(testudo_i_fallback_solve(vector, count, error));
  measure_vector(vector);
  return TESTUDO_OK;
}

static testudo_status look_up_or_solve(testudo_codec *codec, const testudo_progress *progress, testudo_error *error)
{
  testudo_i_vector *vector = vector_of(codec);
  if (vector->repetition != NULL) {
    solve_repetition(codec, progress);
    measure_vector(vector);
    return TESTUDO_OK;
  }
  int32_t count = list_finished(codec, progress);
  testudo_i_vector_cache *cache = vector->cache[vector->level];
  if (testudo_i_vector_cache_find(cache, vector->finished, count, vector->number, &vector->quality))
    return TESTUDO_OK;
  TESTUDO_I_TRY(solve_vector(vector, count, error));
  testudo_i_vector_cache_keep(cache, vector->number, &vector->quality);
  return TESTUDO_OK;
}

static testudo_status solve_every_level(testudo_codec *codec, const testudo_progress *progress, testudo_error *error)
{
  testudo_i_vector *vector = vector_of(codec);
  int32_t best = 0, levels = vector->family->levels;
  double least = HUGE_VAL;
  for (int32_t level = 0; level < levels; level++) {
    use_level(vector, level);
    TESTUDO_I_TRY(look_up_or_solve(codec, progress, error));
    if (vector->quality.residual_square < least) {
      least = vector->quality.residual_square;
      best = level;
    }
  }
  use_level(vector, best);
  return best < levels - 1 ? look_up_or_solve(codec, progress, error) : TESTUDO_OK;
}

testudo_status testudo_i_vector_settle(testudo_codec *codec, const testudo_progress *progress, int32_t level,
                                       bool exact, testudo_error *error)
{
  testudo_i_vector *vector = vector_of(codec);
  bool best = level < 0;
  if (!best)
    use_level(vector, level);
  if (vector->epoch != codec->epoch || vector->best != best) {
    vector->epoch = 0;
    TESTUDO_I_TRY(best ? solve_every_level(codec, progress, error) : look_up_or_solve(codec, progress, error));
    vector->best = best;
    vector->epoch = codec->epoch;
  }
  const testudo_i_vector_quality *quality = &vector->quality;
  codec->decode_error = quality->residual_square;
  return exact ? testudo_i_check_exact(quality->norm, quality->residual_largest, "are badly conditioned", error)
               : TESTUDO_OK;
}

testudo_status testudo_i_vector_amplification(testudo_codec *codec, const testudo_progress *progress,
                                              double *amplification, double *condition, testudo_error *error)
{
  (void)progress;
  (void)condition;
  (void)error;
  *amplification = vector_of(codec)->quality.norm;
  return TESTUDO_OK;
}
