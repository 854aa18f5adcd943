/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same design, its workers in other orders. */

#include <testudo/code.h>

#include "base/arena.h"
#include "base/error.h"
#include "code/making/making.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

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
