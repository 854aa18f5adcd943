/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding the order that all workers share, and the numbering of chunks in which it spans least. */
#include "exact/cyclic/shift.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/order.h"

/* Every worker's order is worker 0's, shifted by the distance of their first chunks, and those are all different. */
static bool shares_order(const testudo_design *design, int32_t *taken)
{
  int32_t workers = testudo_design_workers(design), load = testudo_design_load(design, 0);
  if (testudo_design_chunks(design) != workers || load < 1)
    return false;
  const int32_t *pattern = testudo_design_order(design, 0);
  memset(taken, 0, (size_t)workers * sizeof *taken);
  for (int32_t j = 0; j < workers; j++) {
    const int32_t *order = testudo_design_order(design, j);
    if (testudo_design_load(design, j) != load || taken[order[0]])
      return false;
    taken[order[0]] = 1;
    int32_t apart = (order[0] - pattern[0] + workers) % workers;
    for (int32_t k = 1; k < load; k++)
      if (order[k] != (int32_t)(((int64_t)pattern[k] + apart) % workers))
        return false;
  }
  return true;
}

/* The steps from the first chunk, multiplied, in the turn in which they span least: after the widest gap. */
typedef struct numbering {
  int32_t multiple, turn, span;
  bool natural;
} numbering;

static void multiply_steps(const int32_t *pattern, int32_t load, int32_t chunks, int32_t multiple, int32_t *offset)
{
  for (int32_t k = 0; k < load; k++) {
    int64_t step = ((int64_t)pattern[k] - pattern[0] + chunks) % chunks;
    offset[k] = (int32_t)(step * multiple % chunks);
  }
}

static numbering turn_least(int32_t *offset, int32_t *sorted, int32_t load, int32_t chunks, int32_t multiple)
{
  memcpy(sorted, offset, (size_t)load * sizeof *sorted);
  qsort(sorted, (size_t)load, sizeof *sorted, testudo_i_ascending_int32);
  int32_t widest = 0, start = 0;
  for (int32_t k = 0; k < load; k++) {
    int32_t gap = k == 0 ? sorted[0] + chunks - sorted[load - 1] : sorted[k] - sorted[k - 1];
    if (gap > widest) {
      widest = gap;
      start = sorted[k];
    }
  }
  numbering found = {multiple, start, chunks - widest, true};
  for (int32_t k = 0; k < load; k++) {
    offset[k] = (offset[k] - start + chunks) % chunks;
    found.natural = found.natural && offset[k] == k;
  }
  return found;
}

static int32_t common_factor(int32_t a, int32_t b)
{
  while (b != 0) {
    int32_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

static bool better(const numbering *a, const numbering *b)
{
  return a->natural != b->natural ? a->natural : a->span < b->span;
}

static void choose_numbering(testudo_i_shift *shift, const int32_t *pattern, int32_t *sorted, int32_t load,
                             int32_t chunks, bool set_only, numbering *best)
{
  for (int32_t u = 1; u < chunks || u == 1; u++) {
    if (chunks > TESTUDO_I_LIMIT_SHIFT_MULTIPLIED && u == 2)
      u = chunks - 1;
    if (common_factor(u, chunks) != 1)
      continue;
    multiply_steps(pattern, load, chunks, u, shift->offset);
    if (set_only)
      qsort(shift->offset, (size_t)load, sizeof *shift->offset, testudo_i_ascending_int32);
    numbering tried = turn_least(shift->offset, sorted, load, chunks, u);
    if (set_only)
      tried.natural = tried.span == load - 1;
    if (u == 1 || better(&tried, best))
      *best = tried;
    if (best->natural)
      break;
  }
  multiply_steps(pattern, load, chunks, best->multiple, shift->offset);
  for (int32_t k = 0; k < load; k++)
    shift->offset[k] = (shift->offset[k] - best->turn + chunks) % chunks;
  if (set_only)
    qsort(shift->offset, (size_t)load, sizeof *shift->offset, testudo_i_ascending_int32);
  shift->span = best->span;
  shift->natural = best->natural;
}

testudo_status testudo_i_shift_find(const testudo_design *design, bool set_only, testudo_i_shift *shift, bool *found,
                                   testudo_error *error)
{
  int32_t workers = testudo_design_workers(design), load = testudo_design_load(design, 0);
  *shift = (testudo_i_shift){.span = 0};
  size_t room = (size_t)(load > workers ? load : workers);
  shift->offset = testudo_i_arena_alloc(&shift->arena, room, sizeof *shift->offset);
  shift->position = testudo_i_arena_alloc(&shift->arena, room, sizeof *shift->position);
  int32_t *sorted = testudo_i_arena_alloc(&shift->arena, room, sizeof *sorted);
  testudo_status status = testudo_i_arena_check(&shift->arena, error);
  *found = status == TESTUDO_OK && shares_order(design, shift->position);
  if (!*found) {
    testudo_i_shift_free(shift);
    return status;
  }
  numbering best = {0, 0, 0, false};
  choose_numbering(shift, testudo_design_order(design, 0), sorted, load, workers, set_only, &best);
  for (int32_t j = 0; j < workers; j++)
    shift->position[j] =
        (int32_t)(((int64_t)testudo_design_order(design, j)[0] * best.multiple + best.turn) % workers);
  return TESTUDO_OK;
}

void testudo_i_shift_free(testudo_i_shift *shift)
{
  testudo_i_arena_clear(&shift->arena);
  *shift = (testudo_i_shift){.span = 0};
}
