/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/gradient_code/solvers.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "linalg/solve.h"
#include "linalg/sparse.h"
#include "runtime/design.h"

/* A dense least squares of more entries than this (0.8 GB) is refused; beside a ring, which rarely needs it, LSQR takes
   over from fewer (32 MB). */
#define MOST_ENTRIES ((size_t)100000000)
#define MOST_ENTRIES_BESIDE_A_RING ((size_t)4000000)

/* Columns dependent to within this count as such: a set of workers that nearly fails to decode fails. */
#define RANK_TOLERANCE 1e-13

/* The ring's factorisation takes n s^2 steps: beyond these (some seconds) it is not worth its while. */
#define MOST_STEPS 4e9

#define LSQR_TOLERANCE 1e-14

/* Entries that the steps of one LSQR may go through, some seconds: one that needs more hardly ends at all. */
#define MOST_LSQR_ENTRIES 1000000000

static bool is_cyclic(const testudo_design *design)
{
  int32_t n = design->workers, load = testudo_design_load(design, 0);
  if (design->chunks != n || load < 1)
    return false;
  for (int32_t j = 0; j < n; j++) {
    if (testudo_design_load(design, j) != load)
      return false;
    for (int64_t e = design->row[j]; e < design->row[j + 1]; e++)
      if ((design->order[e] - j + n) % n >= load)
        return false;
  }
  return true;
}

/* The rows of a nested or block code lie as a ring wants them. */
static testudo_status ring_of_level(const testudo_design *design, int32_t level, testudo_i_ring **ring,
                                    testudo_error *error)
{
  int32_t spare = design->family.tolerance[level];
  if ((double)design->workers * (spare + 1) * (spare + 1) > MOST_STEPS)
    return TESTUDO_OK;
  return testudo_i_ring_create(design->workers, spare, testudo_i_family_row(&design->family, level, 0), ring, error);
}

testudo_status testudo_i_ring_of(const testudo_design *design, int32_t level, testudo_i_ring **ring,
                                 testudo_error *error)
{
  int32_t n = design->workers, load = testudo_design_load(design, 0);
  *ring = NULL;
  if (design->family.levels > 0)
    return ring_of_level(design, level, ring, error);
  if (!is_cyclic(design) || (double)n * load * load > MOST_STEPS)
    return TESTUDO_OK;
  double *band = testudo_i_alloc((size_t)n * (size_t)load, sizeof *band);
  if (band == NULL)
    return testudo_i_fail_memory(error);
  for (int32_t j = 0; j < n; j++)
    for (int64_t e = design->row[j]; e < design->row[j + 1]; e++)
      band[(size_t)j * (size_t)load + (size_t)((design->order[e] - j + n) % n)] = design->coefficient[e];
  testudo_status status = testudo_i_ring_create(n, load - 1, band, ring, error);
  free(band);
  return status;
}

testudo_status testudo_i_fallback_create(testudo_codec *codec, testudo_error *error)
{
  const testudo_design *design = codec->design;
  size_t workers = (size_t)design->workers, chunks = (size_t)design->chunks;
  bool rings = true;
  for (int32_t level = 0; level < codec->levels; level++)
    rings = rings && codec->ring[level] != NULL;
  size_t most = rings ? MOST_ENTRIES_BESIDE_A_RING : MOST_ENTRIES;
  codec->dense = chunks <= most / workers;
  if (!codec->dense && !rings)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "decoding a gradient code of %d workers and %d chunks by least squares is not built in this "
                          "version (at most %zu entries); the cyclic assignment and frc decode at any size",
                          (int)design->workers, (int)design->chunks, MOST_ENTRIES);
  size_t room = codec->dense ? testudo_i_least_squares_room(design->chunks, design->workers)
                             : testudo_i_lsqr_room(design->chunks, design->workers);
  codec->pivot = testudo_i_alloc(workers, sizeof *codec->pivot);
  codec->columns = testudo_i_alloc(codec->dense ? chunks * workers : workers, sizeof *codec->columns);
  codec->inverse = testudo_i_alloc(chunks > workers ? chunks : workers, sizeof *codec->inverse);
  codec->work = testudo_i_alloc(room, sizeof *codec->work);
  if (codec->pivot == NULL || codec->columns == NULL || codec->inverse == NULL || codec->work == NULL)
    return testudo_i_fail_memory(error);
  return TESTUDO_OK;
}

static testudo_status solve_dense(testudo_codec *codec, int32_t count, testudo_error *error)
{
  const testudo_design *design = codec->design;
  size_t chunks = (size_t)design->chunks;
  memset(codec->columns, 0, chunks * (size_t)count * sizeof *codec->columns);
  for (int32_t k = 0; k < count; k++)
    for (int64_t e = design->row[codec->finished[k]]; e < design->row[codec->finished[k] + 1]; e++)
      codec->columns[(size_t)k * chunks + (size_t)design->order[e]] = codec->value[e];
  return testudo_i_least_squares(design->chunks, count, codec->columns, codec->inverse, RANK_TOLERANCE, codec->pivot,
                                 codec->work, error);
}

static testudo_status solve_sparse(testudo_codec *codec, int32_t count, testudo_error *error)
{
  const testudo_design *design = codec->design;
  testudo_i_sparse a = {.rows = design->chunks, .first = design->row, .last = design->row + 1, .index = design->order,
                        .value = codec->value, .use = codec->finished, .columns = count};
  double residual;
  bool converged;
  int64_t limit = MOST_LSQR_ENTRIES / (design->row[design->workers] + 1);
  limit = limit < 10 * (int64_t)design->workers ? limit : 10 * (int64_t)design->workers;
  testudo_i_lsqr(&a, codec->inverse, LSQR_TOLERANCE, (int32_t)limit, codec->columns, &residual, &converged,
                 codec->work);
  memcpy(codec->inverse, codec->columns, (size_t)count * sizeof *codec->inverse);
  if (!converged)
    return testudo_i_fail(error, TESTUDO_UNDECODABLE,
                          "the least squares of %d finished workers has not converged in %d steps", (int)count,
                          (int)limit);
  return TESTUDO_OK;
}

testudo_status testudo_i_fallback_solve(testudo_codec *codec, int32_t count, testudo_error *error)
{
  memset(codec->vector, 0, (size_t)codec->design->workers * sizeof *codec->vector);
  if (count == 0)
    return TESTUDO_OK;
  for (int32_t i = 0; i < codec->design->chunks; i++)
    codec->inverse[i] = 1.0;
  testudo_status status =
      codec->dense ? solve_dense(codec, count, error) : solve_sparse(codec, count, error);
  for (int32_t k = 0; status == TESTUDO_OK && k < count; k++)
    codec->vector[codec->finished[k]] = codec->inverse[k];
  return status;
}
