/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders of any assignment: natural, random, and by an edge colouring. */
#include <stdlib.h>
#include <string.h>

#include <testudo/code.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "base/random.h"
#include "code/colouring/colouring.h"
#include "runtime/vector/circle.h"

/* Every row along the circle. */
static testudo_status order_along(testudo_assignment *assignment, const testudo_i_circle *circle, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *row = testudo_i_alloc((size_t)circle->load, sizeof *row);
  TESTUDO_I_TRY(testudo_i_memory_check(row != NULL, error));
  for (int32_t j = 0; j < circle->size; j++) {
    int32_t *chunk = assignment->chunk + assignment->row[j];
    memcpy(row, chunk, (size_t)circle->load * sizeof *row);
    for (int32_t k = 0; k < circle->load; k++)
      chunk[testudo_i_circle_step(circle, j, row[k])] = row[k];
  }
  return TESTUDO_OK;
}

testudo_status testudo_order_natural(testudo_assignment *assignment, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_circle_free) testudo_i_circle circle = {0};
  TESTUDO_I_TRY(testudo_i_circle_find(assignment->workers, assignment->chunks, assignment->row, assignment->chunk,
                                      &circle, error));
  for (int32_t j = 0; j < assignment->workers; j++) {
    int32_t *chunk = assignment->chunk + assignment->row[j];
    qsort(chunk, (size_t)(assignment->row[j + 1] - assignment->row[j]), sizeof *chunk, testudo_i_ascending_int32);
  }
  return circle.size > 0 ? order_along(assignment, &circle, error) : TESTUDO_OK;
}

void testudo_order_random(testudo_assignment *assignment, uint64_t seed)
{
  for (int32_t j = 0; j < assignment->workers; j++) {
    testudo_i_random random;
    testudo_i_random_start(&random, seed, TESTUDO_I_FOR_ORDER, (uint64_t)j, 0);
    testudo_i_random_shuffle(&random, assignment->chunk + assignment->row[j],
                             (size_t)(assignment->row[j + 1] - assignment->row[j]));
  }
}

/* A row by colour. A full row has every colour and needs no sorting; one that lacks colours closes up. */
static void arrange_row(int32_t *chunk, const int32_t *colour, int64_t load, int32_t colours, uint64_t *key)
{
  bool full = load == colours;
  for (int64_t k = 0; k < load; k++)
    key[full ? colour[k] : k] = (uint64_t)(uint32_t)colour[k] << 32 | (uint32_t)chunk[k];
  if (!full)
    qsort(key, (size_t)load, sizeof *key, testudo_i_ascending_uint64);
  for (int64_t k = 0; k < load; k++)
    chunk[k] = (int32_t)(uint32_t)key[k];
}

testudo_status testudo_order_matching(testudo_assignment *assignment, const testudo_monitor *monitor,
                                      testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  TESTUDO_I_HELD(testudo_i_circle_free) testudo_i_circle circle = {0};
  TESTUDO_I_TRY(testudo_i_circle_find(assignment->workers, assignment->chunks, assignment->row, assignment->chunk,
                                      &circle, error));
  if (circle.size > 0) /* whose k-th chunks are a matching, whatever the numbers */
    return order_along(assignment, &circle, error);
  int32_t colours = 0;
  int32_t *colour = testudo_i_arena_alloc(&arena, (size_t)assignment->row[assignment->workers], sizeof *colour);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  TESTUDO_I_TRY(testudo_i_edge_colouring(assignment, colour, &colours, monitor, error));
  uint64_t *key = testudo_i_arena_alloc(&arena, (size_t)colours, sizeof *key);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  for (int32_t j = 0; j < assignment->workers; j++) {
    int64_t first = assignment->row[j];
    arrange_row(assignment->chunk + first, colour + first, assignment->row[j + 1] - first, colours, key);
  }
  return TESTUDO_OK;
}
