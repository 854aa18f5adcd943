/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exact/chunk_types.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "delay/model.h"
#include "exact/cluster.h"

static int compare_slots(const void *a, const void *b)
{
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static void sort_slots(int64_t *slot, int32_t count)
{
  if (count > 32) {
    qsort(slot, (size_t)count, sizeof *slot, compare_slots);
    return;
  }
  for (int32_t k = 1; k < count; k++) {
    int64_t moved = slot[k];
    int32_t at = k;
    for (; at > 0 && slot[at - 1] > moved; at--)
      slot[at] = slot[at - 1];
    slot[at] = moved;
  }
}

int64_t testudo_i_slots(const testudo_i_chunk_types *types)
{
  return types->class_slot[types->classes];
}

int64_t testudo_i_slot(const testudo_i_chunk_types *types, int32_t worker, int32_t place)
{
  int32_t at = types->whole ? testudo_design_load(types->design, worker) : place;
  return types->class_slot[types->class_of[worker]] + at - 1;
}

void testudo_i_chunk_slots(const testudo_i_chunk_types *types, int32_t chunk, int64_t *slot)
{
  int32_t holders = testudo_design_replication(types->design, chunk);
  const int32_t *holder = testudo_design_holders(types->design, chunk);
  const int32_t *place = testudo_design_places(types->design, chunk);
  for (int32_t k = 0; k < holders; k++)
    slot[k] = testudo_i_slot(types, holder[k], place[k]);
  sort_slots(slot, holders);
}

/* Classes of equal rate; a class has as many slots as its largest load, so all slots together are at most the entries
   of the design. */
static testudo_status make_slots(testudo_i_chunk_types *types, testudo_error *error)
{
  int32_t workers = testudo_design_workers(types->design);
  testudo_status status = TESTUDO_OK;
  int32_t *same = testudo_i_calloc((size_t)workers, sizeof *same);
  int32_t *load = testudo_i_alloc((size_t)workers, sizeof *load);
  int32_t *size = testudo_i_alloc((size_t)workers, sizeof *size);
  types->class_of = testudo_i_alloc((size_t)workers, sizeof *types->class_of);
  types->class_rate = testudo_i_alloc((size_t)workers, sizeof *types->class_rate);
  types->class_slot = testudo_i_calloc((size_t)workers + 1, sizeof *types->class_slot);
  if (same == NULL || load == NULL || size == NULL || types->class_of == NULL || types->class_rate == NULL ||
      types->class_slot == NULL) {
    status = testudo_i_fail_memory(error);
    goto cleanup;
  }
  testudo_i_worker_classes(types->model, same, workers, types->class_of, types->class_rate, load, size,
                           &types->classes);
  int64_t *most = types->class_slot + 1;
  for (int32_t j = 0; j < workers; j++) {
    int32_t own = testudo_design_load(types->design, j);
    if (own > most[types->class_of[j]])
      most[types->class_of[j]] = own;
  }
  for (int32_t k = 0; k < types->classes; k++)
    most[k] += types->class_slot[k];
cleanup:
  free(same);
  free(load);
  free(size);
  return status;
}

/* ---- types: a hash table of slot lists ---- */

typedef struct type_table {
  int32_t *entry;       /* type + 1, or 0 */
  size_t mask;
  int64_t *slot, *other;
} type_table;

static bool same_slots(const testudo_i_chunk_types *types, type_table *table, int32_t holders, int32_t chunk)
{
  if (testudo_design_replication(types->design, chunk) != holders)
    return false;
  testudo_i_chunk_slots(types, chunk, table->other);
  return memcmp(table->slot, table->other, (size_t)holders * sizeof *table->slot) == 0;
}

static void place_chunk(testudo_i_chunk_types *types, type_table *table, int32_t chunk)
{
  int32_t holders = testudo_design_replication(types->design, chunk);
  testudo_i_chunk_slots(types, chunk, table->slot);
  uint64_t hash = testudo_i_fnv(TESTUDO_I_FNV_START, table->slot, (size_t)holders * sizeof *table->slot);
  size_t at = (size_t)(hash ^ hash >> 32) & table->mask;
  while (table->entry[at] != 0 && !same_slots(types, table, holders, types->type_chunk[table->entry[at] - 1]))
    at = (at + 1) & table->mask;
  if (table->entry[at] == 0) {
    types->type_chunk[types->types] = chunk;
    types->type_count[types->types] = 0;
    table->entry[at] = ++types->types;
  }
  types->type_of[chunk] = table->entry[at] - 1;
  types->type_count[types->type_of[chunk]]++;
}

static testudo_status make_types(testudo_i_chunk_types *types, testudo_error *error)
{
  int32_t chunks = testudo_design_chunks(types->design);
  size_t room = (size_t)testudo_design_max_replication(types->design), size = 16;
  while (size < 2 * (size_t)chunks)
    size *= 2;
  testudo_status status = TESTUDO_OK;
  type_table table = {.mask = size - 1};
  table.entry = testudo_i_calloc(size, sizeof *table.entry);
  table.slot = testudo_i_alloc(room, sizeof *table.slot);
  table.other = testudo_i_alloc(room, sizeof *table.other);
  types->type_of = testudo_i_alloc((size_t)chunks, sizeof *types->type_of);
  types->type_chunk = testudo_i_alloc((size_t)chunks, sizeof *types->type_chunk);
  types->type_count = testudo_i_alloc((size_t)chunks, sizeof *types->type_count);
  if (table.entry == NULL || table.slot == NULL || table.other == NULL || types->type_of == NULL ||
      types->type_chunk == NULL || types->type_count == NULL) {
    status = testudo_i_fail_memory(error);
    goto cleanup;
  }
  for (int32_t i = 0; i < chunks; i++)
    place_chunk(types, &table, i);
cleanup:
  free(table.entry);
  free(table.slot);
  free(table.other);
  return status;
}

testudo_status testudo_i_chunk_types_init(testudo_i_chunk_types *types, const testudo_design *design,
                                          const testudo_delay_model *model, bool whole, testudo_error *error)
{
  memset(types, 0, sizeof *types);
  types->design = design;
  types->model = model;
  types->whole = whole;
  testudo_status status = make_slots(types, error);
  if (status == TESTUDO_OK)
    status = make_types(types, error);
  if (status != TESTUDO_OK)
    testudo_i_chunk_types_free(types);
  return status;
}

void testudo_i_chunk_types_free(testudo_i_chunk_types *types)
{
  free(types->class_of);
  free(types->class_rate);
  free(types->class_slot);
  free(types->type_of);
  free(types->type_chunk);
  free(types->type_count);
  memset(types, 0, sizeof *types);
}

void testudo_i_slot_survivals(const testudo_i_chunk_types *types, double t, double *survival)
{
  for (int32_t c = 0; c < types->classes; c++)
    for (int64_t slot = types->class_slot[c]; slot < types->class_slot[c + 1]; slot++)
      survival[slot] = testudo_i_survival_at(types->model, types->class_rate[c],
                                             (int32_t)(slot - types->class_slot[c]) + 1, t);
}

/* Row v: v of the holders so far have failed; they are asked one by one, so that the chance that the next one fails
   given v is hypergeometric and every entry is a probability. */
static void add_holder(double *row, int32_t rows, int32_t l, double survival, int32_t failed, double remaining)
{
  size_t width = (size_t)l + 1;
  for (int32_t v = rows - 1; v >= 0; v--) {
    double *law = row + (size_t)v * width;
    double lives = (remaining - (failed - v)) / remaining, done = 1 - survival;
    law[l] = lives * (law[l] + law[l - 1] * done);
    for (int32_t k = l - 1; k > 0; k--)
      law[k] = lives * (law[k] * survival + law[k - 1] * done);
    law[0] *= lives * survival;
    if (v > 0) {
      double fails = (failed - (v - 1)) / remaining;
      for (int32_t k = 0; k <= l; k++)
        law[k] += fails * (law - width)[k];
    }
  }
}

void testudo_i_cover_law(const double *survival, const int64_t *slot, int32_t holders, int32_t l, int32_t workers,
                         int32_t failed, double *law, double *room)
{
  int32_t rows = (failed < holders ? failed : holders) + 1;
  size_t width = (size_t)l + 1;
  memset(room, 0, (size_t)rows * width * sizeof *room);
  room[0] = 1;
  for (int32_t k = 0; k < holders; k++)
    add_holder(room, rows, l, survival[slot[k]], failed, workers - k);
  for (int32_t k = 0; k <= l; k++) {
    law[k] = 0;
    for (int32_t v = 0; v < rows; v++)
      law[k] += room[(size_t)v * width + (size_t)k];
  }
}
