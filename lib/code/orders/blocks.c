/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks of an assignment, wherever workers and chunks have them: in groups, on a circle, in any regular assignment of
   whole blocks, and in arcs (docs/theory/orders.md#where-blocks-are-found). */
#include "code/orders/slots.h"

#include <string.h>

#include "base/error.h"
#include "runtime/vector/circle.h"
#include "runtime/vector/groups.h"

void testudo_i_blocks_free(testudo_i_blocks *blocks)
{
  testudo_i_arena_clear(&blocks->arena);
  *blocks = (testudo_i_blocks){0};
}

/* Room for blocks of so many partners, and a list of `listed` chunks. */
static testudo_status blocks_allocate(testudo_i_blocks *blocks, const testudo_assignment *assignment, int32_t partners,
                                      int64_t listed, testudo_error *error)
{
  size_t count = (size_t)assignment->workers * (size_t)partners;
  blocks->partners = partners;
  blocks->first = testudo_i_arena_alloc(&blocks->arena, count, sizeof *blocks->first);
  blocks->size = testudo_i_arena_alloc(&blocks->arena, count, sizeof *blocks->size);
  blocks->list = testudo_i_arena_alloc(&blocks->arena, (size_t)listed, sizeof *blocks->list);
  return testudo_i_arena_check(&blocks->arena, error);
}

static void blocks_put(testudo_i_blocks *blocks, int32_t worker, int32_t partner, int64_t first, int32_t size)
{
  blocks->first[(int64_t)worker * blocks->partners + partner] = first;
  blocks->size[(int64_t)worker * blocks->partners + partner] = size;
}

/* ---- groups: a group's chunks, ascending, are one block for each of its workers ---- */

/* The first group that is unlike the first; 0: all are alike. */
static int32_t unlike_group(const testudo_i_groups *groups)
{
  for (int32_t g = 1; g < groups->groups; g++)
    if (groups->size[g] != groups->size[0] || groups->load[g] != groups->load[0])
      return g;
  return 0;
}

static testudo_status check_groups(const testudo_i_groups *groups, const testudo_slot_order *order,
                                   testudo_error *error)
{
  const char *name = testudo_i_slot_order_name(order);
  int32_t size = groups->size[0], load = groups->load[0], g = unlike_group(groups);
  if (g > 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "order %s: group 0 has %d workers and %d chunks, but group %d has %d and %d; one order by"
                          " blocks needs groups that are alike", name, (int)size, (int)load, (int)g,
                          (int)groups->size[g], (int)groups->load[g]);
  if (load % size != 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "order %s: a group of %d workers cannot have a block of its own for each in %d chunks; the"
                          " number of workers must divide that of chunks", name, (int)size, (int)load);
  TESTUDO_I_TRY(testudo_i_twins_check(order, size, error));
  return testudo_i_xor_check(order, size, error);
}

static testudo_status find_in_groups(const testudo_assignment *assignment, testudo_i_groups *groups,
                                     const testudo_slot_order *order, testudo_i_blocks *blocks,
                                     testudo_error *error)
{
  int32_t size = groups->size[0], load = groups->load[0], c = load / size, twins = testudo_i_twins(order);
  TESTUDO_I_TRY(blocks_allocate(blocks, assignment, size, assignment->chunks, error));
  if (order->pairing == TESTUDO_PAIRING_ALTERNATING) {
    blocks->flipped = testudo_i_arena_calloc(&blocks->arena, (size_t)assignment->workers, sizeof *blocks->flipped);
    TESTUDO_I_TRY(testudo_i_arena_check(&blocks->arena, error));
  }
  for (int32_t j = 0; j < assignment->workers; j++) {
    int32_t rank = groups->rank[j];
    int64_t start = (int64_t)groups->group_of[j] * load;
    for (int64_t e = assignment->row[j]; rank == 0 && e < assignment->row[j + 1]; e++)
      blocks->list[start + groups->index[assignment->chunk[e]]] = assignment->chunk[e];
    for (int32_t s = 0; s < size; s++)
      blocks_put(blocks, j, s, start + (int64_t)testudo_i_partner(order->pairing, twins, rank, s, size) * c, c);
    if (blocks->flipped != NULL)
      blocks->flipped[j] = rank % 2 != 0;
  }
  return TESTUDO_OK;
}

/* ---- whole blocks of c consecutive chunks, as many as workers ---- */

/* *whole is an assignment of blocks instead of chunks, its arrays in the arena; its row is NULL where some worker holds
   a part of a block, or where loads or copies are not all alike. */
static testudo_status take_whole_blocks(const testudo_assignment *assignment, testudo_i_arena *arena,
                                        testudo_assignment *whole, testudo_error *error)
{
  int32_t m = assignment->workers, c = assignment->chunks / m;
  int64_t entries = assignment->row[m];
  *whole = (testudo_assignment){.workers = m, .chunks = m};
  if (assignment->chunks % m != 0 || entries % assignment->chunks != 0 || entries == 0)
    return TESTUDO_OK;
  int32_t copies = (int32_t)(entries / assignment->chunks);
  int64_t *row = testudo_i_arena_calloc(arena, (size_t)m + 1, sizeof *row);
  int32_t *held = testudo_i_arena_calloc(arena, (size_t)m, sizeof *held);
  int32_t *held_by = testudo_i_arena_calloc(arena, (size_t)m, sizeof *held_by);
  whole->chunk = testudo_i_arena_alloc(arena, (size_t)m * (size_t)copies, sizeof *whole->chunk);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (int32_t j = 0; j < m; j++) {
    if (assignment->row[j + 1] - assignment->row[j] != (int64_t)copies * c)
      return TESTUDO_OK;
    row[j + 1] = row[j];
    for (int64_t e = assignment->row[j]; e < assignment->row[j + 1]; e++) {
      int32_t block = assignment->chunk[e] / c;
      if (held[block]++ == 0) {
        if (row[j + 1] == (int64_t)(j + 1) * copies || ++held_by[block] > copies)
          return TESTUDO_OK;
        whole->chunk[row[j + 1]++] = block;
      }
    }
    for (int64_t b = row[j]; b < row[j + 1]; b++)
      held[whole->chunk[b]] = 0;
    if (row[j + 1] != (int64_t)(j + 1) * copies)
      return TESTUDO_OK;
  }
  whole->row = row;
  return TESTUDO_OK;
}

/* Partners along the circle; of assignments that are none the colours of a matching order, which give every block the
   places 0 .. copies - 1 once. */
static testudo_status find_in_whole_blocks(const testudo_assignment *assignment, testudo_assignment *whole,
                                           testudo_i_blocks *blocks, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_circle_free) testudo_i_circle circle = {0};
  int32_t c = assignment->chunks / assignment->workers, copies = (int32_t)(whole->row[1] - whole->row[0]);
  TESTUDO_I_TRY(testudo_i_circle_find(whole->workers, whole->chunks, whole->row, whole->chunk, &circle, error));
  TESTUDO_I_TRY(circle.size > 0 ? testudo_order_natural(whole, error) : testudo_order_matching(whole, NULL, error));
  TESTUDO_I_TRY(blocks_allocate(blocks, assignment, copies, assignment->chunks, error));
  for (int32_t i = 0; i < assignment->chunks; i++)
    blocks->list[i] = i;
  for (int32_t j = 0; j < assignment->workers; j++)
    for (int32_t s = 0; s < copies; s++)
      blocks_put(blocks, j, s, (int64_t)whole->chunk[whole->row[j] + s] * c, c);
  return TESTUDO_OK;
}

/* ---- arcs: one after the other around the circle of chunks ---- */

static bool rows_are_arcs(const testudo_assignment *assignment)
{
  int64_t entries = assignment->row[assignment->workers];
  if (entries == 0 || entries % assignment->chunks != 0)
    return false;
  for (int64_t e = 0; e < entries; e++)
    if (assignment->chunk[e] != e % assignment->chunks)
      return false;
  return true;
}

/* Piece b of an arc of `load` chunks begins there. */
static int64_t piece_start(int64_t load, int32_t b, int32_t pieces)
{
  return load * b / pieces;
}

static testudo_status find_in_arcs(const testudo_assignment *assignment, testudo_i_blocks *blocks,
                                   testudo_error *error)
{
  int64_t entries = assignment->row[assignment->workers];
  int32_t copies = (int32_t)(entries / assignment->chunks);
  TESTUDO_I_TRY(blocks_allocate(blocks, assignment, copies, entries, error));
  memcpy(blocks->list, assignment->chunk, (size_t)entries * sizeof *blocks->list);
  for (int32_t j = 0; j < assignment->workers; j++) {
    int64_t start = assignment->row[j], load = assignment->row[j + 1] - start;
    int32_t round = (int32_t)(start / assignment->chunks);
    for (int32_t s = 0; s < copies; s++) {
      int32_t b = testudo_i_partner(TESTUDO_PAIRING_ADDED, 1, round < copies ? round : 0, s, copies);
      int64_t first = piece_start(load, b, copies);
      blocks_put(blocks, j, s, start + first, (int32_t)(piece_start(load, b + 1, copies) - first));
    }
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_blocks_find(const testudo_assignment *assignment, const testudo_slot_order *order,
                                     testudo_i_blocks *blocks, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_groups_free) testudo_i_groups groups = {0};
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  bool anywhere = order->pairing == TESTUDO_PAIRING_BEST || order->pairing == TESTUDO_PAIRING_ADDED;
  testudo_assignment whole;
  TESTUDO_I_TRY(testudo_i_groups_find(assignment->workers, assignment->chunks, assignment->row, assignment->chunk,
                                      &groups, error));
  bool arcs = anywhere && rows_are_arcs(assignment);
  if (groups.groups > 0 && !(arcs && unlike_group(&groups) > 0)) {
    TESTUDO_I_TRY(check_groups(&groups, order, error));
    return find_in_groups(assignment, &groups, order, blocks, error);
  }
  if (!anywhere)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "order %s: it needs workers in groups that hold the same chunks (assignment frc)",
                          testudo_i_slot_order_name(order));
  TESTUDO_I_TRY(take_whole_blocks(assignment, &arena, &whole, error));
  if (whole.row != NULL)
    return find_in_whole_blocks(assignment, &whole, blocks, error);
  if (arcs)
    return find_in_arcs(assignment, blocks, error);
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                        "order %s: it needs workers that each have a block of chunks of their own and hold whole blocks"
                        " of others (assignments frc and cyclic where the workers divide the chunks, and arcs)",
                        testudo_i_slot_order_name(order));
}
