/* SPDX-License-Identifier: BSD-3-Clause */
/* The roads to a decode vector: the ring of a cyclic code, dense least squares, LSQR. */
#include "runtime/vector/solvers.h"

#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "linalg/solve.h"
#include "linalg/sparse.h"
#include "runtime/design.h"
#include "runtime/vector/circle.h"

/* Columns dependent to within this count as such: a set of workers that nearly fails to decode fails. */
#define RANK_TOLERANCE 1e-13

#define LSQR_TOLERANCE 1e-14

/* `band` as ring.h wants it, of a code on the cyclic assignment in any order and numbers. */
static testudo_status ring_of_circle(const testudo_i_vector *vector, const testudo_i_circle *circle,
                                     testudo_i_arena *arena, testudo_i_ring **ring, testudo_error *error)
{
  const testudo_design *design = vector->design;
  size_t n = (size_t)circle->size, load = (size_t)circle->load;
  TESTUDO_I_HELD(testudo_i_free_held) double *band = testudo_i_alloc(n * load, sizeof *band);
  TESTUDO_I_TRY(testudo_i_memory_check(band != NULL, error));
  for (int32_t j = 0; j < circle->size; j++)
    for (int64_t e = design->row[j]; e < design->row[j + 1]; e++)
      band[(size_t)circle->worker[j] * load + (size_t)testudo_i_circle_step(circle, j, design->order[e])] =
          vector->family->coefficient[e];
  return testudo_i_ring_create(arena, circle->size, circle->load - 1, band, circle->worker, ring, error);
}

static bool ring_is_cheap(double workers, double load)
{
  return workers * load * load <= TESTUDO_I_LIMIT_RING_STEPS;
}

testudo_status testudo_i_ring_of(const testudo_i_vector *vector, testudo_i_arena *arena, int32_t level,
                                 testudo_i_ring **ring, testudo_error *error)
{
  const testudo_i_family *family = vector->family;
  const testudo_design *design = vector->design;
  *ring = NULL;
  if (family->row == NULL) { /* prefixes of the cyclic order in natural sequence: rows lie as the ring wants them */
    int32_t spare = family->tolerance[level];
    const double *band = testudo_i_family_row(family, level, 0);
    return ring_is_cheap(design->workers, spare + 1)
               ? testudo_i_ring_create(arena, design->workers, spare, band, NULL, ring, error)
               : TESTUDO_OK;
  }
  TESTUDO_I_HELD(testudo_i_circle_free) testudo_i_circle circle = {0};
  if (!ring_is_cheap(design->workers, testudo_design_load(design, 0)))
    return TESTUDO_OK;
  TESTUDO_I_TRY(
      testudo_i_circle_find(design->workers, design->chunks, design->row, design->order, &circle, error));
  return circle.size > 0 ? ring_of_circle(vector, &circle, arena, ring, error) : TESTUDO_OK;
}

testudo_status testudo_i_fallback_open(testudo_i_vector *vector, testudo_i_arena *arena, testudo_error *error)
{
  const testudo_design *design = vector->design;
  size_t workers = (size_t)design->workers, chunks = (size_t)design->chunks;
  bool rings = true;
  for (int32_t level = 0; level < vector->family->levels; level++)
    rings = rings && vector->ring[level] != NULL;
  size_t most = rings ? TESTUDO_I_LIMIT_DENSE_BESIDE_RING : TESTUDO_I_LIMIT_DENSE_ENTRIES;
  vector->dense = chunks <= most / workers;
  if (!vector->dense && !rings)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "decoding a gradient code of %d workers and %d chunks by least squares is not "
                          "supported (at most %zu entries); the cyclic assignment and frc decode at any size",
                          (int)design->workers, (int)design->chunks, TESTUDO_I_LIMIT_DENSE_ENTRIES);
  size_t room = vector->dense ? testudo_i_least_squares_room(design->chunks, design->workers)
                             : testudo_i_lsqr_room(design->chunks, design->workers);
  vector->pivot = testudo_i_arena_alloc(arena, workers, sizeof *vector->pivot);
  vector->columns = testudo_i_arena_alloc(arena, vector->dense ? chunks * workers : workers, sizeof *vector->columns);
  vector->right = testudo_i_arena_alloc(arena, chunks > workers ? chunks : workers, sizeof *vector->right);
  vector->work = testudo_i_arena_alloc(arena, room, sizeof *vector->work);
  return testudo_i_arena_check(arena, error);
}

static testudo_status solve_dense(testudo_i_vector *vector, int32_t count, testudo_error *error)
{
  const testudo_design *design = vector->design;
  size_t chunks = (size_t)design->chunks;
  memset(vector->columns, 0, chunks * (size_t)count * sizeof *vector->columns);
  for (int32_t k = 0; k < count; k++)
    for (int64_t e = design->row[vector->finished[k]]; e < design->row[vector->finished[k] + 1]; e++)
      vector->columns[(size_t)k * chunks + (size_t)design->order[e]] = vector->value[e];
  return testudo_i_least_squares(design->chunks, count, vector->columns, vector->right, RANK_TOLERANCE, vector->pivot,
                                 vector->work, error);
}

static testudo_status solve_sparse(testudo_i_vector *vector, int32_t count, testudo_error *error)
{
  const testudo_design *design = vector->design;
  testudo_i_sparse a = {.rows = design->chunks, .first = design->row, .last = design->row + 1, .index = design->order,
                        .value = vector->value, .use = vector->finished, .columns = count};
  double residual;
  bool converged;
  int64_t limit = TESTUDO_I_LIMIT_LSQR_ENTRIES / (design->row[design->workers] + 1);
  limit = limit < 10 * (int64_t)design->workers ? limit : 10 * (int64_t)design->workers;
  testudo_i_lsqr(&a, vector->right, (testudo_i_stop){LSQR_TOLERANCE, 0.0, (int32_t)limit}, vector->columns, &residual,
                 &converged, vector->work);
  memcpy(vector->right, vector->columns, (size_t)count * sizeof *vector->right);
  if (!converged)
    return testudo_i_fail(error, TESTUDO_UNDECODABLE,
                          "the least squares of %d finished workers has not converged in %d steps", (int)count,
                          (int)limit);
  return TESTUDO_OK;
}

testudo_status testudo_i_fallback_solve(testudo_i_vector *vector, int32_t count, testudo_error *error)
{
  memset(vector->number, 0, (size_t)vector->design->workers * sizeof *vector->number);
  if (count == 0)
    return TESTUDO_OK;
  for (int32_t i = 0; i < vector->design->chunks; i++)
    vector->right[i] = 1.0;
  TESTUDO_I_TRY(vector->dense ? solve_dense(vector, count, error) : solve_sparse(vector, count, error));
  for (int32_t k = 0; k < count; k++)
    vector->number[vector->finished[k]] = vector->right[k];
  return TESTUDO_OK;
}
