/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One table of slots for all workers: as the order of an assignment that is there, or with the assignment that it
   makes. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "code/assignment.h"
#include "code/orders/slots.h"

/* ---- of an assignment that is there ---- */

/* The row of a worker into `row`; answers how many chunks that are. Of blocks of several sizes the table is that of the
   largest, and what the others lack is left out. */
static int64_t lay_out_row(const testudo_i_blocks *blocks, const testudo_slots *slots, int32_t worker, int32_t *row)
{
  int64_t count = 0;
  bool flipped = blocks->flipped != NULL && blocks->flipped[worker];
  for (int32_t k = 0; k < slots->count; k++) {
    int64_t block = (int64_t)worker * blocks->partners + slots->slot[k].partner;
    int32_t q = slots->slot[k].chunk, size = blocks->size[block];
    if (q < size)
      row[count++] = blocks->list[blocks->first[block] + (flipped ? size - 1 - q : q)];
  }
  return count;
}

static int32_t largest_block(const testudo_i_blocks *blocks, int32_t worker)
{
  int32_t largest = 0;
  for (int32_t s = 0; s < blocks->partners; s++) {
    int32_t size = blocks->size[(int64_t)worker * blocks->partners + s];
    largest = size > largest ? size : largest;
  }
  return largest;
}

/* Who holds what must stay as it is. */
static testudo_status check_complete(const testudo_slot_order *order, const testudo_slots *slots, testudo_error *error)
{
  int64_t all = (int64_t)slots->partners * slots->chunks;
  if (slots->count == all)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                        "order %s: it has %d of a worker's %lld chunks, so it changes who holds what, and needs"
                        " repetition groups or a circle that are made by it (assignments frc and cyclic)",
                        testudo_i_slot_order_name(order), (int)slots->count, (long long)all);
}

/* One table for all workers whose blocks are as large: it may cost a law for every place. The ranks have sizes below 0,
   so that these grow. */
static testudo_status lay_out_rows(const testudo_assignment *assignment, const testudo_i_blocks *blocks,
                                   const testudo_slot_order *order, testudo_slots *slots, int32_t *chunk,
                                   testudo_error *error)
{
  size_t workers = (size_t)assignment->workers;
  TESTUDO_I_HELD(testudo_i_free_held) testudo_i_ranked *sized = testudo_i_alloc(workers, sizeof *sized);
  TESTUDO_I_TRY(testudo_i_memory_check(sized != NULL, error));
  for (int32_t j = 0; j < assignment->workers; j++)
    sized[j] = (testudo_i_ranked){-largest_block(blocks, j), j};
  qsort(sized, workers, sizeof *sized, testudo_i_falling_ranks);
  for (size_t k = 0; k < workers; k++) {
    int32_t c = -(int32_t)sized[k].value, j = sized[k].index;
    if (c == 0)
      continue;
    if (c != slots->chunks) {
      testudo_slots_free(slots);
      TESTUDO_I_TRY(testudo_slots_make(order, blocks->partners, c, slots, error));
      TESTUDO_I_TRY(check_complete(order, slots, error));
    }
    lay_out_row(blocks, slots, j, chunk + assignment->row[j]);
  }
  return TESTUDO_OK;
}

testudo_status testudo_order_by_slots(testudo_assignment *assignment, const testudo_slot_order *order,
                                      testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_blocks_free) testudo_i_blocks blocks = {0};
  TESTUDO_I_HELD(testudo_slots_free) testudo_slots slots = {0};
  size_t entries = (size_t)assignment->row[assignment->workers];
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *chunk = testudo_i_alloc(entries, sizeof *chunk);
  TESTUDO_I_TRY(testudo_i_memory_check(chunk != NULL, error));
  TESTUDO_I_TRY(testudo_i_blocks_find(assignment, order, &blocks, error));
  TESTUDO_I_TRY(lay_out_rows(assignment, &blocks, order, &slots, chunk, error));
  memcpy(assignment->chunk, chunk, entries * sizeof *chunk);
  return TESTUDO_OK;
}

/* ---- with the assignment that it makes ---- */

static testudo_status check_sizes(int32_t workers, int32_t chunks, int32_t group, int32_t partners,
                                  const testudo_slot_order *order, testudo_error *error)
{
  const char *name = testudo_i_slot_order_name(order);
  if (group < 1 || workers % group != 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "order %s: %d workers are not a multiple of its groups of %d",
                          name, (int)workers, (int)group);
  if (chunks % workers != 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "order %s: %d chunks are not a multiple of %d workers, so that not every worker has a block"
                          " of its own", name, (int)chunks, (int)workers);
  if (partners < 1 || partners > group)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "order %s: %d partners in groups of %d; allowed: 1..%d", name,
                          (int)partners, (int)group, (int)group);
  if (partners == group)
    TESTUDO_I_TRY(testudo_i_twins_check(order, group, error));
  testudo_slot_order plain = *order; /* the workers of a circle are no twins */
  plain.twins = partners == group ? order->twins : 0;
  TESTUDO_I_TRY(testudo_i_xor_check(&plain, group, error));
  if (order->pairing == TESTUDO_PAIRING_ALTERNATING && partners < group && group % 2 != 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "order %s: the circle has %d workers, but every other one goes down it: their number must be"
                          " even", name, (int)group);
  return TESTUDO_OK;
}

static testudo_status check_covers(const testudo_slots *slots, const char *name, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) bool *there = testudo_i_calloc((size_t)slots->chunks, sizeof *there);
  TESTUDO_I_TRY(testudo_i_memory_check(there != NULL, error));
  for (int32_t k = 0; k < slots->count; k++)
    there[slots->slot[k].chunk] = true;
  for (int32_t q = 0; q < slots->chunks; q++)
    if (!there[q])
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "order %s: chunk %d of every block is in no slot", name,
                            (int)q);
  return TESTUDO_OK;
}

testudo_status testudo_assignment_by_slots(int32_t workers, int32_t chunks, int32_t group, int32_t partners,
                                           const testudo_slot_order *order, testudo_assignment *assignment,
                                           testudo_error *error)
{
  TESTUDO_I_HELD(testudo_slots_free) testudo_slots slots = {0};
  TESTUDO_I_TRY(testudo_i_assignment_begin(assignment, workers, chunks, error));
  TESTUDO_I_TRY(check_sizes(workers, chunks, group, partners, order, error));
  int32_t c = chunks / workers;
  bool circle = partners < group;
  int32_t twins = circle ? 1 : testudo_i_twins(order);
  testudo_pairing pairing = circle && order->pairing == TESTUDO_PAIRING_BEST ? TESTUDO_PAIRING_ADDED : order->pairing;
  TESTUDO_I_TRY(testudo_slots_make(order, partners, c, &slots, error));
  TESTUDO_I_TRY(check_covers(&slots, testudo_i_slot_order_name(order), error));
  TESTUDO_I_TRY(testudo_i_assignment_allocate(assignment, workers, chunks, (int64_t)workers * slots.count, error));
  for (int32_t j = 0; j < workers; j++) {
    int32_t rank = j % group, *row = assignment->chunk + assignment->row[j];
    bool flipped = pairing == TESTUDO_PAIRING_ALTERNATING && rank % 2 != 0;
    for (int32_t k = 0; k < slots.count; k++) {
      int32_t block = j - rank + testudo_i_partner(pairing, twins, rank, slots.slot[k].partner, group);
      row[k] = block * c + (flipped ? c - 1 - slots.slot[k].chunk : slots.slot[k].chunk);
    }
    assignment->row[j + 1] = assignment->row[j] + slots.count;
  }
  return TESTUDO_OK;
}
