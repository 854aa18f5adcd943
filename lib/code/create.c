/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Designs over an assignment, scheme by scheme. */
#include <testudo/block.h>
#include <testudo/code.h>

#include "base/arena.h"
#include "base/error.h"
#include "code/making/making.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

testudo_status testudo_design_create(testudo_scheme scheme, const testudo_assignment *assignment, int32_t parts,
                                     uint64_t seed, const char *name, testudo_design **design, testudo_error *error)
{
  *design = NULL;
  if (scheme != testudo_i_making_uncoded.id && scheme != testudo_i_making_partial.id)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "scheme %d: only uncoded and partial are made by this call",
                          (int)scheme);
  const testudo_i_ingredients with = {.parts = parts, .seed = seed, .name = name};
  return testudo_i_make_design(scheme, assignment, &with, design, error);
}

testudo_status testudo_design_create_waiting(const testudo_assignment *assignment, int32_t wait, const char *name,
                                             testudo_design **design, testudo_error *error)
{
  const testudo_i_ingredients with = {.parts = 1, .wait = wait, .name = name};
  return testudo_i_make_design(testudo_i_making_ignore_stragglers.id, assignment, &with, design, error);
}

testudo_status testudo_design_create_gradient_code(const testudo_assignment *assignment, int32_t stragglers,
                                                   uint64_t seed, const char *name, testudo_design **design,
                                                   testudo_error *error)
{
  const testudo_i_ingredients with = {.parts = 1, .stragglers = stragglers, .seed = seed, .name = name};
  return testudo_i_make_design(testudo_i_making_gradient_code.id, assignment, &with, design, error);
}

testudo_status testudo_design_create_weighted(const testudo_matrix *matrix, int32_t stragglers, const char *name,
                                              testudo_design **design, testudo_error *error)
{
  *design = NULL;
  if (matrix->weight == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "a code needs weights, but the matrix was read without");
  const testudo_i_ingredients with = {.parts = 1, .stragglers = stragglers, .weight = matrix->weight, .name = name};
  return testudo_i_make_design(testudo_i_making_gradient_code.id, &matrix->assignment, &with, design, error);
}

/* On the cyclic assignment, in natural order. */
static testudo_status make_on_circle(testudo_scheme scheme, int32_t workers, int32_t load,
                                     const testudo_i_ingredients *with, testudo_design **design, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment assignment = {0};
  TESTUDO_I_TRY(testudo_assignment_cyclic(workers, load, &assignment, error));
  return testudo_i_make_design(scheme, &assignment, with, design, error);
}

testudo_status testudo_design_create_nested(int32_t workers, const int32_t *tolerances, int32_t count, uint64_t seed,
                                            const char *name, testudo_design **design, testudo_error *error)
{
  *design = NULL;
  int32_t most = -1;
  for (int32_t k = 0; k < count; k++)
    most = tolerances[k] > most ? tolerances[k] : most;
  if (workers < 1 || most < 0 || most >= workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "tolerances: the largest of %d is %d, but it must be in 0..workers - 1 = %d", (int)count,
                          (int)most, (int)workers - 1);
  const testudo_i_ingredients with = {.parts = 1, .seed = seed, .name = name, .tolerance = tolerances,
                                      .tolerances = count};
  return make_on_circle(testudo_i_making_nested.id, workers, most + 1, &with, design, error);
}

/* What the maker relies on; the largest tolerance with something to code. */
static testudo_status check_blocks(int32_t workers, const testudo_i_ingredients *with, int32_t *most,
                                   testudo_error *error)
{
  int64_t left = TESTUDO_MAX_DIM;
  *most = -1;
  for (int32_t b = 0; b < with->tolerances; b++) {
    if (with->tolerance[b] < 0 || with->tolerance[b] >= workers)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                            "tolerances[%d]: %d, but it must be in 0..%d (workers - 1)", (int)b,
                            (int)with->tolerance[b], (int)workers - 1);
    if (b > 0 && with->tolerance[b] <= with->tolerance[b - 1])
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                            "tolerances[%d]: %d, but it must be more than the one before it, %d", (int)b,
                            (int)with->tolerance[b], (int)with->tolerance[b - 1]);
    if (with->size[b] < 0 || with->size[b] > left)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                            "sizes[%d]: %lld, but sizes are at least 0 and at most %lld in all", (int)b,
                            (long long)with->size[b], (long long)TESTUDO_MAX_DIM);
    left -= with->size[b];
    if (with->size[b] > 0)
      *most = with->tolerance[b];
  }
  if (*most < 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "sizes: 0 in all, but a gradient has at least 1 number");
  return TESTUDO_OK;
}

static testudo_status create_block(int32_t workers, const testudo_i_ingredients *with, testudo_design **design,
                                   testudo_error *error)
{
  int32_t most;
  *design = NULL;
  TESTUDO_I_TRY(check_blocks(workers, with, &most, error));
  return make_on_circle(testudo_i_making_block.id, workers, most + 1, with, design, error);
}

testudo_status testudo_design_create_block(int32_t workers, const int32_t *tolerances, const int64_t *sizes,
                                           int32_t count, uint64_t seed, const char *name, testudo_design **design,
                                           testudo_error *error)
{
  const testudo_i_ingredients with = {.parts = 1, .seed = seed, .name = name, .tolerance = tolerances,
                                      .tolerances = count, .size = sizes};
  return create_block(workers, &with, design, error);
}

testudo_status testudo_i_block_shape(int32_t workers, const int32_t *tolerances, const int64_t *sizes, int32_t count,
                                     testudo_design **design, testudo_error *error)
{
  const testudo_i_ingredients with = {.parts = 1, .tolerance = tolerances, .tolerances = count, .size = sizes,
                                      .shape_only = true};
  return create_block(workers, &with, design, error);
}

testudo_status testudo_design_create_cyclic_mds(const testudo_assignment *assignment, int32_t stragglers,
                                                const char *name, testudo_design **design, testudo_error *error)
{
  const testudo_i_ingredients with = {.parts = 1, .stragglers = stragglers, .construction = TESTUDO_I_CYCLIC_MDS,
                                      .name = name};
  return testudo_i_make_design(testudo_i_making_gradient_code.id, assignment, &with, design, error);
}

/* ---- the same design, its workers in other orders ---- */

/* Which entry a chunk has in a worker's old order; `place` has one per chunk, those of other workers stale. */
static testudo_status match_row(const testudo_design *design, const testudo_assignment *orders, int32_t worker,
                                int64_t *place, int64_t *from, testudo_error *error)
{
  int64_t first = design->row[worker], last = design->row[worker + 1];
  if (orders->row[worker] != first || orders->row[worker + 1] != last)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "worker %d holds %lld chunks, but its new order has %lld",
                          (int)worker, (long long)(last - first),
                          (long long)(orders->row[worker + 1] - orders->row[worker]));
  for (int64_t k = first; k < last; k++)
    place[design->order[k]] = k;
  for (int64_t k = first; k < last; k++) {
    int32_t chunk = orders->chunk[k];
    if (chunk < 0 || chunk >= design->chunks || place[chunk] < first || place[chunk] >= last ||
        design->order[place[chunk]] != chunk)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "worker %d does not hold chunk %d of its new order",
                            (int)worker, (int)chunk);
    from[k] = place[chunk];
  }
  return TESTUDO_OK;
}

testudo_status testudo_design_reorder(const testudo_design *design, const testudo_assignment *orders,
                                      testudo_design **reordered, testudo_error *error)
{
  *reordered = NULL;
  if (testudo_i_making_by_id(design->scheme->id)->carry == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "scheme %s has only one order, the cyclic natural one",
                          design->scheme->name);
  if (orders->workers != design->workers || orders->chunks != design->chunks)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "orders for %d workers and %d chunks, but the design has %d workers and %d chunks",
                          (int)orders->workers, (int)orders->chunks, (int)design->workers, (int)design->chunks);
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  int64_t *place = testudo_i_arena_alloc(&arena, (size_t)design->chunks, sizeof *place);
  int64_t *from = testudo_i_arena_alloc(&arena, (size_t)design->row[design->workers], sizeof *from);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  for (int32_t i = 0; i < design->chunks; i++)
    place[i] = -1;
  for (int32_t j = 0; j < design->workers; j++)
    TESTUDO_I_TRY(match_row(design, orders, j, place, from, error));
  return testudo_i_carry_design(design, orders, from, reordered, error);
}
