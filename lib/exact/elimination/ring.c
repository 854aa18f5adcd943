/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rings side by side: the transfer matrix knows the law given how many workers of a ring fail. */
#include "exact/elimination/ring.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

/* The steps of every worker lead to rows, one each and without a gap; all rows need the same. */
static bool may_be_ring(const testudo_i_cover *cover, int32_t component, bool set_only)
{
  int32_t start = cover->worker_start[component], end = cover->worker_start[component + 1];
  int32_t row = cover->row_start[component], rows = cover->row_start[component + 1] - row;
  int32_t load = end > start ? cover->load[start] : 0;
  if (end - start != rows || load < 1)
    return false;
  for (int32_t r = row; r < row + rows; r++)
    if (cover->need[r] != cover->need[row] || cover->held[r + 1] - cover->held[r] != load || cover->need[r] > load)
      return false;
  for (int32_t w = start; w < end; w++) {
    if (cover->load[w] != load || cover->first[w + 1] - cover->first[w] != load)
      return false;
    for (int64_t e = cover->first[w]; !set_only && e < cover->first[w + 1]; e++)
      if (cover->step[e] != e - cover->first[w] + 1)
        return false;
  }
  return true;
}

static testudo_status find_shift(const testudo_i_cover *cover, int32_t component, bool set_only,
                                 testudo_i_shift *shift, bool *found, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena scratch = {0};
  int32_t start = cover->worker_start[component], size = cover->worker_start[component + 1] - start;
  int64_t first = cover->first[start], entries = cover->first[start + size] - first;
  int64_t *row = testudo_i_arena_alloc(&scratch, (size_t)size + 1, sizeof *row);
  int32_t *order = testudo_i_arena_alloc(&scratch, (size_t)entries, sizeof *order);
  TESTUDO_I_TRY(testudo_i_arena_check(&scratch, error));
  for (int32_t k = 0; k <= size; k++)
    row[k] = cover->first[start + k] - first;
  for (int64_t e = 0; e < entries; e++)
    order[e] = cover->row[first + e] - cover->row_start[component];
  return testudo_i_shift_find(size, size, row, order, set_only, shift, found, error);
}

static testudo_status make_ring(const testudo_i_cover *cover, int32_t component, const testudo_i_shift *shift,
                                testudo_i_arena *arena, testudo_i_ring_factor *ring, testudo_error *error)
{
  int32_t start = cover->worker_start[component], need = cover->need[cover->row_start[component]];
  int32_t *class_at = testudo_i_arena_alloc(arena, (size_t)ring->workers, sizeof *class_at);
  int32_t *offset = testudo_i_arena_alloc(arena, (size_t)ring->load, sizeof *offset);
  ring->of_failed = testudo_i_arena_alloc(arena, (size_t)ring->degree + 1, sizeof *ring->of_failed);
  ring->q = testudo_i_arena_calloc(arena, (size_t)ring->classes, ((size_t)ring->load + 1) * sizeof *ring->q);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  memcpy(offset, shift->offset, (size_t)ring->load * sizeof *offset);
  for (int32_t k = 0; k < ring->workers; k++)
    class_at[shift->position[k]] = cover->class_[start + k];
  for (int32_t d = 0; d <= ring->degree; d++)
    TESTUDO_I_TRY(testudo_i_transfer_init(&ring->of_failed[d], arena, ring->workers, ring->load, need,
                                          shift->natural ? NULL : offset, d, ring->classes, class_at, error));
  return TESTUDO_OK;
}

testudo_status testudo_i_ring_find(const testudo_i_cover *cover, int32_t component, bool set_only, int32_t classes,
                                   int32_t degree, int64_t max_states, testudo_i_arena *arena, bool *found,
                                   testudo_i_ring_factor *ring, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_shift_free) testudo_i_shift shift = {.span = 0};
  *found = false;
  if (!may_be_ring(cover, component, set_only))
    return TESTUDO_OK;
  TESTUDO_I_TRY(find_shift(cover, component, set_only, &shift, found, error));
  if (!*found)
    return TESTUDO_OK;
  int32_t start = cover->worker_start[component];
  *ring = (testudo_i_ring_factor){.workers = cover->worker_start[component + 1] - start, .load = cover->load[start],
                                  .classes = classes, .degree = degree};
  ring->states = testudo_i_shift_states(&shift, ring->load, cover->need[cover->row_start[component]]);
  *found = (double)ring->states * (double)ring->states * (degree + 1.0) <= (double)max_states;
  return *found ? make_ring(cover, component, &shift, arena, ring, error) : TESTUDO_OK;
}

void testudo_i_ring_take(const testudo_i_ring_factor *ring, const double *const *q)
{
  size_t width = (size_t)ring->load + 1;
  const int32_t *class_at = ring->of_failed[0].class_at;
  for (int32_t k = 0; k < ring->workers; k++)
    memcpy(ring->q + (size_t)class_at[k] * width, q[class_at[k]], width * sizeof *ring->q);
}

testudo_status testudo_i_ring_run(testudo_i_ring_factor *ring, const double *const *q, double fail,
                                  testudo_i_pair result, testudo_error *error)
{
  testudo_i_ring_take(ring, q);
  for (int32_t d = 0; d <= ring->degree; d++) {
    double chance = exp(testudo_i_log_binomial(ring->workers, d, fail)), below, above;
    TESTUDO_I_TRY(testudo_i_transfer_evaluate(&ring->of_failed[d], ring->q, &below, &above, error));
    result.done[d] = below * chance;
    result.lost[d] = above * chance;
  }
  return TESTUDO_OK;
}
