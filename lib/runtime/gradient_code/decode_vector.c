/* SPDX-License-Identifier: BSD-3-Clause */
/* The decode vector of a gradient code: a^T B_F = 1^T over the rows of the workers F that count (docs/theory 9). Of a
   nested one B is the code of one level, and F who has reached it. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "runtime/codec.h"
#include "runtime/design.h"
#include "runtime/gradient_code/solvers.h"
#include "runtime/progress.h"

static bool is_repetition(const testudo_design *design)
{
  return design->groups.groups > 0;
}

static bool has_vector(const testudo_design *design)
{
  return design->scheme == TESTUDO_SCHEME_GRADIENT_CODE || design->family.levels > 0;
}

/* One vector a block, not one for the gradient. */
static bool has_blocks(const testudo_design *design)
{
  return design->layout.blocks > 0;
}

bool testudo_i_codec_reads(const testudo_codec *codec, const testudo_progress *progress, int32_t worker)
{
  if (codec->design->scheme == TESTUDO_SCHEME_NESTED)
    return progress->done[worker] > codec->design->family.tolerance[codec->level];
  if (has_blocks(codec->design))
    return progress->done[worker] > codec->level;
  return testudo_i_progress_reads(progress, worker);
}

/* Nested and block: makes the rows of a level the ones that are sent. O(entries) when it is another one. */
static void use_level(testudo_codec *codec, int32_t level)
{
  const testudo_i_family *family = &codec->design->family;
  if (codec->level == level)
    return;
  int32_t width = family->tolerance[level] + 1, load = family->tolerance[family->levels - 1] + 1;
  for (int32_t j = 0; j < codec->design->workers; j++) {
    double *row = codec->padded + (size_t)j * (size_t)load;
    memcpy(row, testudo_i_family_row(family, level, j), (size_t)width * sizeof *row);
    memset(row + width, 0, (size_t)(load - width) * sizeof *row);
  }
  codec->level = level;
  codec->vector_found = false;
}

/* Fails where neither the structure of the code nor its size allow a decoder. */
static testudo_status create_solvers(testudo_codec *codec, testudo_error *error)
{
  codec->ring = testudo_i_calloc((size_t)codec->levels, sizeof *codec->ring);
  codec->cache = testudo_i_calloc((size_t)codec->levels, sizeof *codec->cache);
  if (codec->ring == NULL || codec->cache == NULL)
    return testudo_i_fail_memory(error);
  testudo_status status = TESTUDO_OK;
  for (int32_t level = 0; status == TESTUDO_OK && level < codec->levels; level++) {
    status = testudo_i_vector_cache_create(codec->design->workers, &codec->cache[level], error);
    if (status == TESTUDO_OK)
      status = testudo_i_ring_of(codec->design, level, &codec->ring[level], error);
  }
  return status == TESTUDO_OK ? testudo_i_fallback_create(codec, error) : status;
}

testudo_status testudo_i_vector_create(testudo_codec *codec, testudo_error *error)
{
  const testudo_design *design = codec->design;
  size_t workers = (size_t)design->workers;
  codec->levels = 1;
  codec->value = design->coefficient;
  if (design->family.levels > 0) {
    codec->levels = design->family.levels;
    codec->value = codec->padded = testudo_i_alloc((size_t)design->row[workers], sizeof *codec->padded);
    if (codec->padded == NULL)
      return testudo_i_fail_memory(error);
    codec->level = -1;
    use_level(codec, 0);
  }
  codec->vector = testudo_i_calloc(workers, sizeof *codec->vector);
  codec->finished = testudo_i_alloc(workers, sizeof *codec->finished);
  codec->straggler = testudo_i_alloc(workers, sizeof *codec->straggler);
  if (codec->vector == NULL || codec->finished == NULL || codec->straggler == NULL)
    return testudo_i_fail_memory(error);
  return is_repetition(design) ? TESTUDO_OK : create_solvers(codec, error);
}

void testudo_i_vector_free(testudo_codec *codec)
{
  free(codec->vector);
  free(codec->finished);
  free(codec->straggler);
  free(codec->padded);
  for (int32_t level = 0; level < codec->levels; level++) {
    testudo_i_ring_free(codec->ring == NULL ? NULL : codec->ring[level]);
    testudo_i_vector_cache_free(codec->cache == NULL ? NULL : codec->cache[level]);
  }
  free(codec->ring);
  free(codec->cache);
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
  int32_t count = 0, straggling = 0;
  for (int32_t j = 0; j < codec->design->workers; j++) {
    codec->vector[j] = 0.0;
    if (testudo_i_codec_reads(codec, progress, j))
      codec->finished[count++] = j;
    else
      codec->straggler[straggling++] = j;
  }
  return count;
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
      sum += codec->vector[j] * codec->value[design->row[j] + design->place[e] - 1];
    }
    residual += sum * sum;
    largest = fmax(largest, fabs(sum));
  }
  codec->quality = (testudo_i_vector_quality){sqrt(square), residual, largest};
}

static double allowed_residual(const testudo_codec *codec)
{
  return fmax(1e-9, 100.0 * DBL_EPSILON * codec->quality.norm);
}

/* By the structure where it does, by least squares of all coefficients where it does not: too few workers, or a code
   that is not what its shape says. */
static testudo_status solve(testudo_codec *codec, int32_t count, testudo_error *error)
{
  int32_t straggling = codec->design->workers - count;
  testudo_status status = TESTUDO_OK;
  testudo_i_ring *ring = codec->ring[codec->level];
  if (ring != NULL && straggling <= testudo_i_ring_spare(ring)) {
    status = testudo_i_ring_solve(ring, codec->straggler, straggling, codec->vector, error);
    measure(codec);
    if (status != TESTUDO_OK || codec->quality.residual_largest <= allowed_residual(codec))
      return status;
  }
  status = testudo_i_fallback_solve(codec, count, error);
  if (status == TESTUDO_OK)
    measure(codec);
  return status;
}

static testudo_status look_up_or_solve(testudo_codec *codec, const testudo_progress *progress, testudo_error *error)
{
  int32_t count = list_finished(codec, progress);
  testudo_i_vector_cache *cache = codec->cache[codec->level];
  if (testudo_i_vector_cache_find(cache, codec->finished, count, codec->vector, &codec->quality))
    return TESTUDO_OK;
  testudo_status status = solve(codec, count, error);
  if (status == TESTUDO_OK)
    testudo_i_vector_cache_keep(cache, codec->vector, &codec->quality);
  return status;
}

/* Nested, nothing announced yet: the level with the least residual, the smallest of equal ones. */
static testudo_status solve_every_level(testudo_codec *codec, const testudo_progress *progress, testudo_error *error)
{
  int32_t best = 0;
  double least = HUGE_VAL;
  testudo_status status = TESTUDO_OK;
  for (int32_t level = 0; status == TESTUDO_OK && level < codec->levels; level++) {
    use_level(codec, level);
    status = look_up_or_solve(codec, progress, error);
    if (status == TESTUDO_OK && codec->quality.residual_square < least) {
      least = codec->quality.residual_square;
      best = level;
    }
  }
  use_level(codec, best);
  return status == TESTUDO_OK && best < codec->levels - 1 ? look_up_or_solve(codec, progress, error) : status;
}

static testudo_status find_vector(testudo_codec *codec, const testudo_progress *progress, testudo_error *error)
{
  bool announced = progress->announced >= 0;
  if (announced)
    use_level(codec, progress->announced);
  if (codec->vector_found && codec->vector_fingerprint == progress->fingerprint &&
      codec->vector_announced == announced)
    return TESTUDO_OK;
  codec->vector_found = false;
  testudo_status status = TESTUDO_OK;
  if (is_repetition(codec->design)) {
    solve_repetition(codec, progress);
    measure(codec);
  } else if (codec->design->scheme == TESTUDO_SCHEME_NESTED && !announced)
    status = solve_every_level(codec, progress, error);
  else
    status = look_up_or_solve(codec, progress, error);
  if (status != TESTUDO_OK)
    return status;
  codec->vector_announced = announced;
  codec->vector_found = true;
  codec->vector_fingerprint = progress->fingerprint;
  return TESTUDO_OK;
}

/* Of a block code: the residuals weighted with the blocks' shares of the coordinates. */
static testudo_status blocks_error(testudo_codec *codec, const testudo_progress *progress, double *decode_error,
                                   testudo_error *error)
{
  const testudo_i_layout *layout = &codec->design->layout;
  double sum = 0.0;
  testudo_status status = TESTUDO_OK;
  for (int32_t block = 0; status == TESTUDO_OK && block < layout->blocks; block++) {
    status = testudo_i_level_weights(codec, progress, block, true, error);
    sum += (double)layout->size[block] / (double)layout->dim * codec->quality.residual_square;
  }
  if (status == TESTUDO_OK)
    *decode_error = sum;
  return status;
}

testudo_status testudo_i_settle_level(testudo_codec *codec, const testudo_progress *progress, testudo_error *error)
{
  if (progress->announced < 0)
    return find_vector(codec, progress, error);
  use_level(codec, progress->announced);
  return TESTUDO_OK;
}

testudo_status testudo_decode_vector(testudo_codec *codec, const testudo_progress *progress, const double **vector,
                                     testudo_error *error)
{
  testudo_status status = testudo_i_codec_meet(codec, progress, error);
  if (status != TESTUDO_OK)
    return status;
  if (has_blocks(codec->design))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "scheme block has a decode vector a block: testudo_block_vector");
  if (!has_vector(codec->design))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "scheme %s has no decode vector, only gradient-code and nested have",
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
  if (!has_vector(codec->design)) {
    *decode_error = (double)testudo_progress_error(progress);
    return TESTUDO_OK;
  }
  if (has_blocks(codec->design))
    return blocks_error(codec, progress, decode_error, error);
  status = find_vector(codec, progress, error);
  if (status == TESTUDO_OK)
    *decode_error = codec->quality.residual_square;
  return status;
}

/* Is the vector at hand good enough to be called exact? */
static testudo_status check_quality(const testudo_codec *codec, testudo_error *error)
{
  if (!(codec->quality.norm <= TESTUDO_MAX_AMPLIFICATION))
    return testudo_i_fail(error, TESTUDO_UNDECODABLE,
                          "the workers at hand decode with amplification %.3g only, allowed is %.3g",
                          codec->quality.norm, TESTUDO_MAX_AMPLIFICATION);
  double allowed = allowed_residual(codec);
  if (!(codec->quality.residual_largest <= allowed))
    return testudo_i_fail(error, TESTUDO_UNDECODABLE,
                          "the workers at hand are badly conditioned: they decode to within %.3g, allowed is %.3g",
                          codec->quality.residual_largest, allowed);
  return TESTUDO_OK;
}

testudo_status testudo_i_prepare_weights(testudo_codec *codec, const testudo_progress *progress, bool approximate,
                                         testudo_error *error)
{
  if (!has_vector(codec->design) || has_blocks(codec->design))
    return TESTUDO_OK;
  testudo_status status = find_vector(codec, progress, error);
  return status != TESTUDO_OK || approximate ? status : check_quality(codec, error);
}

testudo_status testudo_i_level_weights(testudo_codec *codec, const testudo_progress *progress, int32_t level,
                                       bool approximate, testudo_error *error)
{
  use_level(codec, level);
  testudo_status status = TESTUDO_OK;
  if (!codec->vector_found || codec->vector_fingerprint != progress->fingerprint || !codec->vector_announced) {
    codec->vector_found = false;
    status = look_up_or_solve(codec, progress, error);
  }
  if (status != TESTUDO_OK)
    return status;
  codec->vector_found = codec->vector_announced = true;
  codec->vector_fingerprint = progress->fingerprint;
  return approximate ? TESTUDO_OK : check_quality(codec, error);
}
