/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of slots from text: a line partner,chunk per slot, in the order of work. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/order.h"
#include "base/table.h"
#include "code/orders/slots.h"

typedef struct slot_reading {
  testudo_i_table table;
  testudo_slots slots;
  size_t room;
} slot_reading;

static void slot_reading_clear(slot_reading *reading)
{
  testudo_i_table_close(&reading->table);
  testudo_slots_free(&reading->slots);
}

static testudo_status read_slot(slot_reading *reading, testudo_error *error)
{
  testudo_slots *slots = &reading->slots;
  testudo_slot slot;
  if (reading->table.cells != 2)
    return testudo_i_table_fail(&reading->table, error, "%zu numbers, but a slot is two: partner,chunk",
                                reading->table.cells);
  TESTUDO_I_TRY(testudo_i_table_index(&reading->table, 0, "partner", TESTUDO_MAX_WORKERS, &slot.partner, error));
  TESTUDO_I_TRY(testudo_i_table_index(&reading->table, 1, "chunk", TESTUDO_MAX_CHUNKS, &slot.chunk, error));
  if (slots->count == TESTUDO_MAX_CHUNKS)
    return testudo_i_table_fail(&reading->table, error, "too many slots; the limit is %d", TESTUDO_MAX_CHUNKS);
  TESTUDO_I_TRY(TESTUDO_I_GROW(slots->slot, reading->room, (size_t)slots->count + 1, error));
  slots->slot[slots->count++] = slot;
  slots->partners = slot.partner >= slots->partners ? slot.partner + 1 : slots->partners;
  slots->chunks = slot.chunk >= slots->chunks ? slot.chunk + 1 : slots->chunks;
  return TESTUDO_OK;
}

static int compare_slots(const void *a, const void *b)
{
  const testudo_slot *x = a, *y = b;
  int chunks = TESTUDO_I_COMPARE(x->chunk, y->chunk);
  return chunks != 0 ? chunks : TESTUDO_I_COMPARE(x->partner, y->partner);
}

/* No slot twice, and every chunk of a block somewhere. */
static testudo_status check_slots(const testudo_slots *slots, const char *name, testudo_error *error)
{
  size_t count = (size_t)slots->count;
  int32_t next = 0;
  TESTUDO_I_HELD(testudo_i_free_held) testudo_slot *sorted = testudo_i_alloc(count, sizeof *sorted);
  TESTUDO_I_TRY(testudo_i_memory_check(sorted != NULL, error));
  memcpy(sorted, slots->slot, count * sizeof *sorted);
  qsort(sorted, count, sizeof *sorted, compare_slots);
  for (size_t k = 0; k < count; k++) {
    if (k > 0 && compare_slots(&sorted[k - 1], &sorted[k]) == 0)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: slot %d,%d is there twice", name, (int)sorted[k].partner,
                            (int)sorted[k].chunk);
    if (sorted[k].chunk > next)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: chunk %d is in no slot, but there are later ones", name,
                            (int)next);
    next = sorted[k].chunk + 1;
  }
  return TESTUDO_OK;
}

/* Reads an open source to its end. */
static testudo_status take_slots(testudo_i_source *source, testudo_slots *slots, testudo_error *error)
{
  TESTUDO_I_HELD(slot_reading_clear) slot_reading reading = {.room = 0};
  TESTUDO_I_TRY(testudo_i_table_start(&reading.table, source, NULL, error));
  TESTUDO_I_TRY(testudo_i_table_first(&reading.table, error));
  if (testudo_i_table_is_header(&reading.table))
    TESTUDO_I_TRY(testudo_i_table_first(&reading.table, error));
  for (bool more = true; more;) {
    TESTUDO_I_TRY(read_slot(&reading, error));
    TESTUDO_I_TRY(testudo_i_table_row(&reading.table, &more, error));
  }
  TESTUDO_I_TRY(check_slots(&reading.slots, source->name, error));
  *slots = reading.slots;
  reading.slots = (testudo_slots){0};
  return TESTUDO_OK;
}

testudo_status testudo_slots_parse(const char *bytes, size_t length, const char *name, testudo_slots *slots,
                                   testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_source_close) testudo_i_source source = {0};
  *slots = (testudo_slots){0};
  TESTUDO_I_TRY(testudo_i_source_start(&source, bytes, length, name, TESTUDO_I_LIMIT_TABLE_STREAM, error));
  return take_slots(&source, slots, error);
}

testudo_status testudo_slots_read(const char *path, testudo_slots *slots, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_source_close) testudo_i_source source = {0};
  *slots = (testudo_slots){0};
  TESTUDO_I_TRY(testudo_i_source_open(&source, path, TESTUDO_I_LIMIT_TABLE_STREAM, error));
  return take_slots(&source, slots, error);
}
