/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exact/bounds/pairs.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"

#define SCAN_LIMIT 1e8
#define COST_LIMIT 5e6
#define NEIGHBOUR_LIMIT 400000
#define CACHE 4096

/* Two chunks with one common worker: their chunk types and its two slots determine the pair's type. */
typedef struct shortcut {
  int32_t first, second, slot[2], type; /* type + 1, or 0 */
} shortcut;

typedef struct meeting {
  int32_t of, at;
} meeting;

/* A chunk met from the present one, the first common worker's slots, and how many are common. */
typedef struct encounter {
  int32_t chunk, shared, slot[2];
} encounter;

typedef struct builder {
  testudo_i_pairs *pairs;
  const testudo_i_chunk_types *types;
  const testudo_design *design;
  int32_t parts;
  size_t count_room, row_room, key_room, first_room, second_room, neighbour_room;
  int32_t *table;      /* type + 1, or 0 */
  size_t mask;
  int32_t *one, *other, *scratch;
  const bool *included; /* by chunk; NULL: all */
  meeting *seen;       /* by chunk: where in `met` it stands, if `of` is the present chunk plus one */
  encounter *met;
  size_t met_room;
  shortcut *known;     /* CACHE pairs with one common worker, found before */
  int64_t neighbours;
  double cost;
} builder;

/* ---- the key of a pair ---- */

/* Sorts `count` groups of `width` integers (1 or 2) by the first, then the second; there are few. */
static void sort_groups(int32_t *group, int32_t count, int32_t width)
{
  for (int32_t k = 1; k < count; k++) {
    int32_t first = group[k * width], last = group[k * width + width - 1], at = k;
    for (; at > 0; at--) {
      const int32_t *before = group + (at - 1) * width;
      if (before[0] < first || (before[0] == first && before[width - 1] <= last))
        break;
      memcpy(group + at * width, before, (size_t)width * sizeof *group);
    }
    group[at * width] = first;
    group[at * width + width - 1] = last;
  }
}

/* The key seen from chunk i; its length in integers. scratch has room for all holders of j. */
static size_t make_key(const builder *build, int32_t i, int32_t j, int32_t *key)
{
  const testudo_design *design = build->design;
  const int32_t *holder[2] = {testudo_design_holders(design, i), testudo_design_holders(design, j)};
  const int32_t *place[2] = {testudo_design_places(design, i), testudo_design_places(design, j)};
  int32_t count[2] = {testudo_design_replication(design, i), testudo_design_replication(design, j)};
  int32_t shared = 0, only[2] = {0, 0}, at[2] = {0, 0};
  int32_t *pair = key + TESTUDO_I_PAIR_HEAD, *alone[2] = {build->scratch, build->scratch + count[0]};
  while (at[0] < count[0] || at[1] < count[1]) {
    bool has_i = at[1] == count[1] || (at[0] < count[0] && holder[0][at[0]] <= holder[1][at[1]]);
    bool has_j = at[0] == count[0] || (at[1] < count[1] && holder[1][at[1]] <= holder[0][at[0]]);
    int32_t slot[2] = {0, 0};
    if (has_i)
      slot[0] = (int32_t)testudo_i_slot(build->types, holder[0][at[0]], place[0][at[0]]);
    if (has_j)
      slot[1] = (int32_t)testudo_i_slot(build->types, holder[1][at[1]], place[1][at[1]]);
    if (has_i && has_j) {
      pair[2 * shared] = slot[0];
      pair[2 * shared++ + 1] = slot[1];
    } else {
      int side = has_j;
      alone[side][only[side]++] = slot[side];
    }
    at[0] += has_i;
    at[1] += has_j;
  }
  sort_groups(pair, shared, 2);
  int32_t *end = pair + 2 * shared;
  for (int side = 0; side < 2; side++) {
    sort_groups(alone[side], only[side], 1);
    memcpy(end, alone[side], (size_t)only[side] * sizeof *end);
    end += only[side];
  }
  key[0] = shared;
  key[1] = only[0];
  key[2] = only[1];
  return (size_t)(end - key);
}

/* The same pair seen from i and from j has one key: the smaller. */
static size_t canonical_key(builder *build, int32_t i, int32_t j)
{
  size_t length = make_key(build, i, j, build->one);
  make_key(build, j, i, build->other);
  if (memcmp(build->other, build->one, length * sizeof *build->one) < 0) {
    int32_t *kept = build->one;
    build->one = build->other;
    build->other = kept;
  }
  return length;
}

/* ---- types ---- */

static testudo_status grow_table(builder *build, testudo_error *error)
{
  const testudo_i_pairs *pairs = build->pairs;
  size_t size = build->table == NULL ? 1024 : 4 * (build->mask + 1);
  int32_t *table = testudo_i_calloc(size, sizeof *table);
  if (table == NULL)
    return testudo_i_fail_memory(error);
  for (int32_t k = 0; k < pairs->types; k++) {
    uint64_t hash = testudo_i_fnv(TESTUDO_I_FNV_START, pairs->key + pairs->row[k],
                                  (size_t)(pairs->row[k + 1] - pairs->row[k]) * sizeof *pairs->key);
    size_t at = (size_t)(hash ^ hash >> 32) & (size - 1);
    while (table[at] != 0)
      at = (at + 1) & (size - 1);
    table[at] = k + 1;
  }
  free(build->table);
  build->table = table;
  build->mask = size - 1;
  return TESTUDO_OK;
}

static testudo_status add_type(builder *build, int32_t i, int32_t j, size_t length, testudo_error *error)
{
  testudo_i_pairs *pairs = build->pairs;
  size_t types = (size_t)pairs->types, end = (size_t)pairs->row[types];
  if (testudo_i_grow((void **)&pairs->count, &build->count_room, types + 1, sizeof *pairs->count) != 0 ||
      testudo_i_grow((void **)&pairs->row, &build->row_room, types + 2, sizeof *pairs->row) != 0 ||
      testudo_i_grow((void **)&pairs->key, &build->key_room, end + length, sizeof *pairs->key) != 0 ||
      testudo_i_grow((void **)&pairs->chunk_type[0], &build->first_room, types + 1, sizeof(int32_t)) != 0 ||
      testudo_i_grow((void **)&pairs->chunk_type[1], &build->second_room, types + 1, sizeof(int32_t)) != 0)
    return testudo_i_fail_memory(error);
  memcpy(pairs->key + end, build->one, length * sizeof *pairs->key);
  pairs->row[types + 1] = (int64_t)(end + length);
  pairs->count[types] = 0;
  pairs->chunk_type[0][types] = build->types->type_of[i];
  pairs->chunk_type[1][types] = build->types->type_of[j];
  pairs->types++;
  double l = build->parts, holders = build->one[1] + build->one[2];
  build->cost += holders * l + l * l * (2.0 * build->one[0] + 1);
  return TESTUDO_OK;
}

static testudo_status find_type(builder *build, int32_t i, int32_t j, int32_t *type, testudo_error *error)
{
  const testudo_i_pairs *pairs = build->pairs;
  if (build->table == NULL || 2 * (size_t)pairs->types > build->mask) {
    testudo_status status = grow_table(build, error);
    if (status != TESTUDO_OK)
      return status;
  }
  size_t length = canonical_key(build, i, j);
  uint64_t hash = testudo_i_fnv(TESTUDO_I_FNV_START, build->one, length * sizeof *build->one);
  size_t at = (size_t)(hash ^ hash >> 32) & build->mask;
  for (; build->table[at] != 0; at = (at + 1) & build->mask) {
    int32_t k = build->table[at] - 1;
    if (pairs->row[k + 1] - pairs->row[k] == (int64_t)length &&
        memcmp(pairs->key + pairs->row[k], build->one, length * sizeof *build->one) == 0) {
      *type = k;
      return TESTUDO_OK;
    }
  }
  *type = pairs->types;
  build->table[at] = pairs->types + 1;
  return add_type(build, i, j, length, error);
}

/* ---- all pairs ---- */

static testudo_status note_neighbour(builder *build, int32_t j, int32_t type, testudo_error *error)
{
  testudo_i_pairs *pairs = build->pairs;
  pairs->count[type]++;
  if (build->neighbours++ >= NEIGHBOUR_LIMIT)
    return TESTUDO_OK;
  if (testudo_i_grow((void **)&pairs->neighbour, &build->neighbour_room, (size_t)build->neighbours,
                     sizeof *pairs->neighbour) != 0)
    return testudo_i_fail_memory(error);
  pairs->neighbour[build->neighbours - 1] = (testudo_i_neighbour){j, type};
  return TESTUDO_OK;
}

static shortcut *find_shortcut(const builder *build, const shortcut *wanted)
{
  uint64_t hash = testudo_i_fnv(TESTUDO_I_FNV_START, wanted, 4 * sizeof(int32_t));
  return &build->known[(hash ^ hash >> 32) % CACHE];
}

static testudo_status meet(builder *build, int32_t i, const encounter *other, testudo_error *error)
{
  const int32_t *type_of = build->types->type_of;
  int32_t j = other->chunk, type = 0;
  if (other->shared > 1) {
    testudo_status status = find_type(build, i, j, &type, error);
    return status == TESTUDO_OK ? note_neighbour(build, j, type, error) : status;
  }
  shortcut wanted = {type_of[i], type_of[j], {other->slot[0], other->slot[1]}, 0};
  shortcut *known = find_shortcut(build, &wanted);
  if (known->type != 0 && memcmp(known, &wanted, 4 * sizeof(int32_t)) == 0)
    return note_neighbour(build, j, known->type - 1, error);
  testudo_status status = find_type(build, i, j, &type, error);
  wanted.type = type + 1;
  *known = wanted;
  return status == TESTUDO_OK ? note_neighbour(build, j, type, error) : status;
}

/* Chunk j at `place` of a common worker with i, whose slot of i is given. */
static testudo_status encounter_chunk(builder *build, int32_t i, int32_t slot, int32_t worker, int32_t place,
                                      size_t *count, testudo_error *error)
{
  int32_t j = testudo_design_order(build->design, worker)[place - 1];
  if (j <= i || (build->included != NULL && !build->included[j]))
    return TESTUDO_OK;
  if (build->seen[j].of == i + 1) {
    build->met[build->seen[j].at].shared++;
    return TESTUDO_OK;
  }
  build->seen[j] = (meeting){i + 1, (int32_t)*count};
  if (testudo_i_grow((void **)&build->met, &build->met_room, *count + 1, sizeof *build->met) != 0)
    return testudo_i_fail_memory(error);
  build->met[(*count)++] =
      (encounter){j, 1, {slot, (int32_t)testudo_i_slot(build->types, worker, place)}};
  return TESTUDO_OK;
}

static testudo_status meet_neighbours(builder *build, int32_t i, testudo_error *error)
{
  const testudo_design *design = build->design;
  const int32_t *holder = testudo_design_holders(design, i), *at = testudo_design_places(design, i);
  testudo_status status = TESTUDO_OK;
  size_t count = 0;
  for (int32_t k = 0; k < testudo_design_replication(design, i); k++) {
    int32_t slot = (int32_t)testudo_i_slot(build->types, holder[k], at[k]);
    int32_t load = testudo_design_load(design, holder[k]);
    for (int32_t place = 1; status == TESTUDO_OK && place <= load; place++)
      status = encounter_chunk(build, i, slot, holder[k], place, &count, error);
  }
  for (size_t k = 0; status == TESTUDO_OK && k < count; k++)
    status = meet(build, i, &build->met[k], error);
  return status;
}

static bool too_many(const testudo_i_chunk_types *types, const bool *included)
{
  const testudo_design *design = types->design;
  double scan = 0;
  for (int32_t j = 0; j < testudo_design_workers(design); j++) {
    double load = testudo_design_load(design, j), counted = included == NULL ? load : 0;
    for (int32_t k = 0; included != NULL && k < load; k++)
      counted += included[testudo_design_order(design, j)[k]];
    scan += load * counted;
  }
  return scan > SCAN_LIMIT || testudo_i_slots(types) > INT32_MAX;
}

static testudo_status start(builder *build, testudo_error *error)
{
  testudo_i_pairs *pairs = build->pairs;
  size_t chunks = (size_t)testudo_design_chunks(build->design);
  size_t room = 2 * (size_t)testudo_design_max_replication(build->design) + TESTUDO_I_PAIR_HEAD;
  build->one = testudo_i_alloc(room, sizeof *build->one);
  build->other = testudo_i_alloc(room, sizeof *build->other);
  build->scratch = testudo_i_alloc(room, sizeof *build->scratch);
  build->seen = testudo_i_calloc(chunks, sizeof *build->seen);
  build->known = testudo_i_calloc(CACHE, sizeof *build->known);
  pairs->neighbour_row = testudo_i_calloc(chunks + 1, sizeof *pairs->neighbour_row);
  bool room_left = testudo_i_grow((void **)&pairs->row, &build->row_room, 2, sizeof *pairs->row) == 0;
  if (!room_left || build->one == NULL || build->other == NULL || build->scratch == NULL || build->seen == NULL ||
      build->known == NULL || pairs->neighbour_row == NULL)
    return testudo_i_fail_memory(error);
  pairs->row[0] = 0;
  return TESTUDO_OK;
}

/* Numbers the included chunks 0, 1, .. in their order, so that a chain over few of many looks at these alone. */
static testudo_status renumber(builder *build, testudo_error *error)
{
  testudo_i_pairs *pairs = build->pairs;
  int32_t chunks = testudo_design_chunks(build->design);
  int32_t *number = testudo_i_alloc((size_t)chunks, sizeof *number);
  pairs->member_type = testudo_i_alloc((size_t)chunks, sizeof *pairs->member_type);
  if (number == NULL || pairs->member_type == NULL) {
    free(number);
    return testudo_i_fail_memory(error);
  }
  for (int32_t i = 0; i < chunks; i++)
    if (build->included == NULL || build->included[i]) {
      pairs->neighbour_row[pairs->members] = pairs->neighbour_row[i];
      pairs->member_type[pairs->members] = build->types->type_of[i];
      number[i] = pairs->members++;
    }
  pairs->neighbour_row[pairs->members] = build->neighbours;
  for (int64_t e = 0; e < build->neighbours; e++)
    pairs->neighbour[e].member = number[pairs->neighbour[e].member];
  free(number);
  return TESTUDO_OK;
}

static testudo_status finish(builder *build, testudo_error *error)
{
  testudo_i_pairs *pairs = build->pairs;
  size_t l = (size_t)build->parts;
  if (build->neighbours > NEIGHBOUR_LIMIT) {
    free(pairs->neighbour);
    pairs->neighbour = NULL;
  }
  testudo_status status = pairs->neighbour == NULL ? TESTUDO_OK : renumber(build, error);
  if (status != TESTUDO_OK)
    return status;
  pairs->joint = testudo_i_alloc((size_t)pairs->types, sizeof *pairs->joint);
  pairs->worst = testudo_i_calloc((size_t)pairs->types, sizeof *pairs->worst);
  pairs->room = testudo_i_alloc(l * l + 2 * l, sizeof *pairs->room);
  bool made = pairs->joint != NULL && pairs->worst != NULL && pairs->room != NULL;
  return made ? TESTUDO_OK : testudo_i_fail_memory(error);
}

testudo_status testudo_i_pairs_init(testudo_i_pairs *pairs, const testudo_i_chunk_types *types, const bool *included,
                                    bool *fits, testudo_error *error)
{
  memset(pairs, 0, sizeof *pairs);
  *fits = false;
  if (too_many(types, included))
    return TESTUDO_OK;
  builder build = {.pairs = pairs, .types = types, .design = types->design, .included = included,
                   .parts = testudo_design_parts(types->design)};
  int32_t chunks = testudo_design_chunks(build.design);
  testudo_status status = start(&build, error);
  for (int32_t i = 0; status == TESTUDO_OK && i < chunks && build.cost <= COST_LIMIT; i++) {
    if (included == NULL || included[i])
      status = meet_neighbours(&build, i, error);
    pairs->neighbour_row[i + 1] = build.neighbours;
  }
  if (status == TESTUDO_OK && build.cost <= COST_LIMIT) {
    status = finish(&build, error);
    *fits = status == TESTUDO_OK;
  }
  free(build.table);
  free(build.one);
  free(build.other);
  free(build.scratch);
  free(build.seen);
  free(build.met);
  free(build.known);
  if (!*fits)
    testudo_i_pairs_free(pairs);
  return status;
}

void testudo_i_pairs_free(testudo_i_pairs *pairs)
{
  free(pairs->count);
  free(pairs->row);
  free(pairs->key);
  free(pairs->chunk_type[0]);
  free(pairs->chunk_type[1]);
  free(pairs->neighbour);
  free(pairs->neighbour_row);
  free(pairs->member_type);
  free(pairs->joint);
  free(pairs->worst);
  free(pairs->room);
  memset(pairs, 0, sizeof *pairs);
}
