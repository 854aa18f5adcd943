/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chunk types: found through a hash table of slot lists. */
#include "exact/chunk_types.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/order.h"
#include "exact/cluster.h"

static void sort_slots(int64_t *slot, int32_t count)
{
  if (count > 32) {
    qsort(slot, (size_t)count, sizeof *slot, testudo_i_ascending_int64);
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

/* The slots of a chunk's holders, ascending. */
static void chunk_slots(const testudo_i_chunk_types *types, int32_t chunk, int64_t *slot)
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
static testudo_status find_classes(testudo_i_chunk_types *types, testudo_i_arena *arena, testudo_i_arena *scratch,
                                   testudo_error *error)
{
  size_t workers = (size_t)types->workers;
  int32_t *same = testudo_i_arena_calloc(scratch, workers, sizeof *same);
  int32_t *load = testudo_i_arena_alloc(scratch, workers, sizeof *load);
  int32_t *size = testudo_i_arena_alloc(scratch, workers, sizeof *size);
  types->class_of = testudo_i_arena_alloc(arena, workers, sizeof *types->class_of);
  types->class_law = testudo_i_arena_alloc(arena, workers, sizeof *types->class_law);
  types->class_rate = testudo_i_arena_alloc(arena, workers, sizeof *types->class_rate);
  types->class_slot = testudo_i_arena_calloc(arena, workers + 1, sizeof *types->class_slot);
  TESTUDO_I_TRY(testudo_i_arena_check(scratch, error));
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  TESTUDO_I_TRY(testudo_i_worker_classes(types->delay.model, same, types->workers, types->class_of, types->class_law,
                                         types->class_rate, load, size, &types->classes, error));
  int64_t *most = types->class_slot + 1;
  for (int32_t j = 0; j < types->workers; j++) {
    int32_t own = testudo_design_load(types->design, j);
    if (own > most[types->class_of[j]])
      most[types->class_of[j]] = own;
  }
  for (int32_t k = 0; k < types->classes; k++)
    most[k] += types->class_slot[k];
  return TESTUDO_OK;
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
  chunk_slots(types, chunk, table->other);
  return memcmp(table->slot, table->other, (size_t)holders * sizeof *table->slot) == 0;
}

static void place_chunk(testudo_i_chunk_types *types, type_table *table, int32_t chunk)
{
  int32_t holders = testudo_design_replication(types->design, chunk);
  chunk_slots(types, chunk, table->slot);
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

static testudo_status find_types(testudo_i_chunk_types *types, testudo_i_arena *arena, testudo_i_arena *scratch,
                                 testudo_error *error)
{
  size_t chunks = (size_t)testudo_design_chunks(types->design), size = 16;
  size_t room = (size_t)testudo_design_max_replication(types->design);
  while (size < 2 * chunks)
    size *= 2;
  type_table table = {.mask = size - 1};
  table.entry = testudo_i_arena_calloc(scratch, size, sizeof *table.entry);
  table.slot = testudo_i_arena_alloc(scratch, room, sizeof *table.slot);
  table.other = testudo_i_arena_alloc(scratch, room, sizeof *table.other);
  types->type_of = testudo_i_arena_alloc(arena, chunks, sizeof *types->type_of);
  types->type_chunk = testudo_i_arena_alloc(arena, chunks, sizeof *types->type_chunk);
  types->type_count = testudo_i_arena_alloc(arena, chunks, sizeof *types->type_count);
  TESTUDO_I_TRY(testudo_i_arena_check(scratch, error));
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (size_t i = 0; i < chunks; i++)
    place_chunk(types, &table, (int32_t)i);
  return TESTUDO_OK;
}

/* What the law of a type's cover takes. */
static testudo_status list_slots(testudo_i_chunk_types *types, testudo_i_arena *arena, testudo_error *error)
{
  size_t count = (size_t)types->types, width = (size_t)types->parts + 1;
  int32_t most = testudo_design_max_replication(types->design);
  size_t rows = (size_t)(types->failed < most ? types->failed : most) + 1;
  int64_t *row = types->type_row = testudo_i_arena_calloc(arena, count + 1, sizeof *types->type_row);
  types->survival = testudo_i_arena_alloc(arena, (size_t)testudo_i_slots(types), sizeof *types->survival);
  types->left = testudo_i_arena_alloc(arena, (size_t)most, sizeof *types->left);
  types->law = testudo_i_arena_alloc(arena, width, sizeof *types->law);
  types->room = testudo_i_arena_alloc(arena, rows * width, sizeof *types->room);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (size_t k = 0; k < count; k++)
    row[k + 1] = row[k] + testudo_design_replication(types->design, types->type_chunk[k]);
  types->type_slot = testudo_i_arena_alloc(arena, (size_t)row[count], sizeof *types->type_slot);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (size_t k = 0; k < count; k++)
    chunk_slots(types, types->type_chunk[k], types->type_slot + row[k]);
  return TESTUDO_OK;
}

testudo_status testudo_i_chunk_types_init(testudo_i_chunk_types *types, testudo_i_arena *arena,
                                          const testudo_design *design, const testudo_i_delay *delay, bool whole,
                                          testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena scratch = {0};
  *types = (testudo_i_chunk_types){.design = design, .delay = *delay, .whole = whole,
                                   .parts = testudo_design_parts(design), .workers = testudo_design_workers(design),
                                   .failed = testudo_i_exact_failures(delay->model),
                                   .fail_prob = testudo_i_independent_failures(delay->model)};
  TESTUDO_I_TRY(find_classes(types, arena, &scratch, error));
  TESTUDO_I_TRY(find_types(types, arena, &scratch, error));
  return list_slots(types, arena, error);
}

void testudo_i_chunk_types_at(testudo_i_chunk_types *types, double t, double fail_prob)
{
  for (int32_t c = 0; c < types->classes; c++) {
    testudo_i_delay delay = testudo_i_delay_of(&types->delay, types->class_law[c]);
    for (int64_t slot = types->class_slot[c]; slot < types->class_slot[c + 1]; slot++) {
      int32_t place = (int32_t)(slot - types->class_slot[c]) + 1;
      double late = testudo_i_survival_at(&delay, types->class_rate[c], place, t);
      types->survival[slot] = fail_prob + (1 - fail_prob) * late;
    }
  }
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

const double *testudo_i_type_law(testudo_i_chunk_types *types, int32_t type, int32_t failed)
{
  const int64_t *row = types->type_row + type;
  testudo_i_cover_law(types->survival, types->type_slot + row[0], (int32_t)(row[1] - row[0]), types->parts,
                      types->workers, failed, types->law, types->room);
  return types->law;
}

double testudo_i_log_covered(testudo_i_chunk_types *types, const int64_t *slot, int32_t holders, uint32_t lost)
{
  int32_t left = 0;
  double missing = 0;
  for (int32_t h = 0; h < holders; h++)
    if ((lost >> h & 1) == 0)
      types->left[left++] = slot[h];
  testudo_i_cover_law(types->survival, types->left, left, types->parts, types->workers, 0, types->law, types->room);
  for (int32_t v = 0; v < types->parts; v++)
    missing += types->law[v];
  return log1p(-fmin(1, missing));
}
