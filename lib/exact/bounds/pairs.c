/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairs of chunks: met through their common workers, distinguished by a hash table of keys. */
#include "exact/bounds/pairs.h"

#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"

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

typedef struct pair_type {
  int64_t count;
  size_t start, length; /* of its key */
  int32_t chunk_type[2];
} pair_type;

/* What grows while pairs are met. */
typedef struct builder {
  testudo_i_arena *arena; /* of all of it */
  const testudo_i_chunk_types *types;
  const testudo_design *design;
  const bool *included;  /* by chunk; NULL: all */
  int32_t type_count;
  pair_type *type;
  size_t type_room;
  int32_t *key;          /* of all types */
  size_t key_length, key_room;
  int32_t *table;        /* type + 1, or 0 */
  size_t mask;
  int32_t *one, *other, *scratch;
  meeting *seen;         /* by chunk: where in `met` it stands, if `of` is the present chunk plus one */
  encounter *met;
  size_t met_room;
  shortcut *known;       /* CACHE pairs with one common worker, found before */
  testudo_i_neighbour *neighbour; /* the first TESTUDO_I_LIMIT_PAIR_NEIGHBOURS of them */
  size_t neighbour_room;
  int64_t neighbours;
  int64_t *neighbour_row; /* by chunk */
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

/* Where to look for a key first. */
static size_t table_place(const int32_t *key, size_t length, size_t mask)
{
  uint64_t hash = testudo_i_fnv(TESTUDO_I_FNV_START, key, length * sizeof *key);
  return (size_t)(hash ^ hash >> 32) & mask;
}

static testudo_status grow_table(builder *build, testudo_error *error)
{
  size_t size = build->table == NULL ? 1024 : 4 * (build->mask + 1);
  int32_t *table = testudo_i_arena_calloc(build->arena, size, sizeof *table);
  TESTUDO_I_TRY(testudo_i_arena_check(build->arena, error));
  for (int32_t k = 0; k < build->type_count; k++) {
    size_t at = table_place(build->key + build->type[k].start, build->type[k].length, size - 1);
    while (table[at] != 0)
      at = (at + 1) & (size - 1);
    table[at] = k + 1;
  }
  build->table = table;
  build->mask = size - 1;
  return TESTUDO_OK;
}

static testudo_status add_type(builder *build, int32_t i, int32_t j, size_t length, testudo_error *error)
{
  const int32_t *type_of = build->types->type_of;
  size_t end = build->key_length + length;
  TESTUDO_I_TRY(testudo_i_arena_grow(build->arena, (void **)&build->type, &build->type_room,
                                     (size_t)build->type_count + 1, sizeof *build->type, error));
  TESTUDO_I_TRY(testudo_i_arena_grow(build->arena, (void **)&build->key, &build->key_room, end, sizeof *build->key,
                                     error));
  memcpy(build->key + build->key_length, build->one, length * sizeof *build->key);
  build->type[build->type_count++] = (pair_type){0, build->key_length, length, {type_of[i], type_of[j]}};
  build->key_length = end;
  double l = build->types->parts, holders = build->one[1] + build->one[2];
  build->cost += holders * l + l * l * (2.0 * build->one[0] + 1);
  return TESTUDO_OK;
}

static testudo_status find_type(builder *build, int32_t i, int32_t j, int32_t *type, testudo_error *error)
{
  if (build->table == NULL || 2 * (size_t)build->type_count > build->mask)
    TESTUDO_I_TRY(grow_table(build, error));
  size_t length = canonical_key(build, i, j), at = table_place(build->one, length, build->mask);
  for (; build->table[at] != 0; at = (at + 1) & build->mask) {
    const pair_type *known = &build->type[build->table[at] - 1];
    if (known->length == length && memcmp(build->key + known->start, build->one, length * sizeof *build->one) == 0) {
      *type = build->table[at] - 1;
      return TESTUDO_OK;
    }
  }
  *type = build->type_count;
  build->table[at] = build->type_count + 1;
  return add_type(build, i, j, length, error);
}

/* ---- all pairs ---- */

static testudo_status note_neighbour(builder *build, int32_t j, int32_t type, testudo_error *error)
{
  build->type[type].count++;
  if (build->neighbours++ >= TESTUDO_I_LIMIT_PAIR_NEIGHBOURS)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_arena_grow(build->arena, (void **)&build->neighbour, &build->neighbour_room,
                                     (size_t)build->neighbours, sizeof *build->neighbour, error));
  build->neighbour[build->neighbours - 1] = (testudo_i_neighbour){j, type};
  return TESTUDO_OK;
}

static shortcut *find_shortcut(const builder *build, const shortcut *wanted)
{
  uint64_t hash = testudo_i_fnv(TESTUDO_I_FNV_START, wanted, 4 * sizeof(int32_t));
  return &build->known[(hash ^ hash >> 32) % CACHE];
}

static testudo_status meet_chunk(builder *build, int32_t i, const encounter *other, testudo_error *error)
{
  const int32_t *type_of = build->types->type_of;
  shortcut wanted = {type_of[i], type_of[other->chunk], {other->slot[0], other->slot[1]}, 0};
  shortcut *known = other->shared > 1 ? NULL : find_shortcut(build, &wanted);
  if (known == NULL || known->type == 0 || memcmp(known, &wanted, 4 * sizeof(int32_t)) != 0) {
    int32_t type;
    TESTUDO_I_TRY(find_type(build, i, other->chunk, &type, error));
    wanted.type = type + 1;
    if (known != NULL)
      *known = wanted;
  } else
    wanted.type = known->type;
  return note_neighbour(build, other->chunk, wanted.type - 1, error);
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
  TESTUDO_I_TRY(testudo_i_arena_grow(build->arena, (void **)&build->met, &build->met_room, *count + 1,
                                     sizeof *build->met, error));
  build->met[(*count)++] =
      (encounter){j, 1, {slot, (int32_t)testudo_i_slot(build->types, worker, place)}};
  return TESTUDO_OK;
}

static testudo_status meet_neighbours(builder *build, int32_t i, testudo_error *error)
{
  const testudo_design *design = build->design;
  const int32_t *holder = testudo_design_holders(design, i), *at = testudo_design_places(design, i);
  size_t count = 0;
  for (int32_t k = 0; k < testudo_design_replication(design, i); k++) {
    int32_t slot = (int32_t)testudo_i_slot(build->types, holder[k], at[k]);
    for (int32_t place = 1; place <= testudo_design_load(design, holder[k]); place++)
      TESTUDO_I_TRY(encounter_chunk(build, i, slot, holder[k], place, &count, error));
  }
  for (size_t k = 0; k < count; k++)
    TESTUDO_I_TRY(meet_chunk(build, i, &build->met[k], error));
  return TESTUDO_OK;
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
  return scan > TESTUDO_I_LIMIT_PAIR_SCAN || testudo_i_slots(types) > INT32_MAX;
}

/* All pairs of included chunks, until there are too many. */
static testudo_status build_pairs(builder *build, testudo_error *error)
{
  size_t chunks = (size_t)testudo_design_chunks(build->design);
  size_t room = 2 * (size_t)testudo_design_max_replication(build->design) + TESTUDO_I_PAIR_HEAD;
  build->one = testudo_i_arena_alloc(build->arena, room, sizeof *build->one);
  build->other = testudo_i_arena_alloc(build->arena, room, sizeof *build->other);
  build->scratch = testudo_i_arena_alloc(build->arena, room, sizeof *build->scratch);
  build->seen = testudo_i_arena_calloc(build->arena, chunks, sizeof *build->seen);
  build->known = testudo_i_arena_calloc(build->arena, CACHE, sizeof *build->known);
  build->neighbour_row = testudo_i_arena_calloc(build->arena, chunks + 1, sizeof *build->neighbour_row);
  TESTUDO_I_TRY(testudo_i_arena_check(build->arena, error));
  for (size_t i = 0; i < chunks && build->cost <= TESTUDO_I_LIMIT_PAIR_COST; i++) {
    if (build->included == NULL || build->included[i])
      TESTUDO_I_TRY(meet_neighbours(build, (int32_t)i, error));
    build->neighbour_row[i + 1] = build->neighbours;
  }
  return TESTUDO_OK;
}

/* ---- what is kept ---- */

static testudo_status make_failed_room(const builder *build, testudo_i_pairs *pairs, testudo_i_arena *arena,
                                       testudo_error *error)
{
  size_t most = 2 * (size_t)testudo_design_max_replication(build->design), failed = (size_t)build->types->failed;
  pairs->holder = testudo_i_arena_alloc(arena, most, sizeof *pairs->holder);
  pairs->holder_slot = testudo_i_arena_alloc(arena, most, sizeof *pairs->holder_slot);
  pairs->failed_room = testudo_i_arena_alloc(arena, 2 * ((failed < most ? failed : most) + 1), sizeof(double));
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (size_t h = 0; h < most; h++)
    pairs->holder_slot[h] = (int64_t)h;
  return TESTUDO_OK;
}

static testudo_status keep_types(const builder *build, testudo_i_pairs *pairs, testudo_i_arena *arena,
                                 testudo_error *error)
{
  size_t types = (size_t)build->type_count, l = (size_t)build->types->parts;
  pairs->types = build->type_count;
  pairs->key = testudo_i_arena_alloc(arena, build->key_length, sizeof *pairs->key);
  pairs->count = testudo_i_arena_alloc(arena, types, sizeof *pairs->count);
  pairs->row = testudo_i_arena_alloc(arena, types, sizeof *pairs->row);
  for (int side = 0; side < 2; side++)
    pairs->chunk_type[side] = testudo_i_arena_alloc(arena, types, sizeof *pairs->chunk_type[side]);
  pairs->joint = testudo_i_arena_alloc(arena, types, sizeof *pairs->joint);
  pairs->worst = testudo_i_arena_calloc(arena, types, sizeof *pairs->worst);
  pairs->room = testudo_i_arena_alloc(arena, l * l + 2 * l, sizeof *pairs->room);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  if (build->types->failed > 0 && l == 1)
    TESTUDO_I_TRY(make_failed_room(build, pairs, arena, error));
  if (types > 0)
    memcpy(pairs->key, build->key, build->key_length * sizeof *pairs->key);
  for (size_t k = 0; k < types; k++) {
    pairs->count[k] = build->type[k].count;
    pairs->row[k] = (int64_t)build->type[k].start;
    for (int side = 0; side < 2; side++)
      pairs->chunk_type[side][k] = build->type[k].chunk_type[side];
  }
  return TESTUDO_OK;
}

/* Numbers the included chunks 0, 1, .. in their order, so that a chain over few of many looks at these alone. */
static testudo_status keep_neighbours(builder *build, testudo_i_pairs *pairs, testudo_i_arena *arena,
                                      testudo_error *error)
{
  size_t chunks = (size_t)testudo_design_chunks(build->design);
  int32_t *number = testudo_i_arena_alloc(build->arena, chunks, sizeof *number);
  pairs->member_type = testudo_i_arena_alloc(arena, chunks, sizeof *pairs->member_type);
  pairs->neighbour_row = testudo_i_arena_alloc(arena, chunks + 1, sizeof *pairs->neighbour_row);
  pairs->neighbour = testudo_i_arena_alloc(arena, (size_t)build->neighbours, sizeof *pairs->neighbour);
  TESTUDO_I_TRY(testudo_i_arena_check(build->arena, error));
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (size_t i = 0; i < chunks; i++)
    if (build->included == NULL || build->included[i]) {
      pairs->neighbour_row[pairs->members] = build->neighbour_row[i];
      pairs->member_type[pairs->members] = build->types->type_of[i];
      number[i] = pairs->members++;
    }
  pairs->neighbour_row[pairs->members] = build->neighbours;
  for (int64_t e = 0; e < build->neighbours; e++)
    pairs->neighbour[e] = (testudo_i_neighbour){number[build->neighbour[e].member], build->neighbour[e].type};
  return TESTUDO_OK;
}

testudo_status testudo_i_pairs_init(testudo_i_pairs *pairs, testudo_i_arena *arena, const testudo_i_chunk_types *types,
                                    const bool *included, bool *fits, testudo_error *error)
{
  *pairs = (testudo_i_pairs){0};
  *fits = false;
  if (too_many(types, included))
    return TESTUDO_OK;
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena own = {0};
  builder build = {.arena = &own, .types = types, .design = types->design, .included = included};
  TESTUDO_I_TRY(build_pairs(&build, error));
  if (build.cost > TESTUDO_I_LIMIT_PAIR_COST)
    return TESTUDO_OK;
  TESTUDO_I_TRY(keep_types(&build, pairs, arena, error));
  if (build.neighbours > 0 && build.neighbours <= TESTUDO_I_LIMIT_PAIR_NEIGHBOURS)
    TESTUDO_I_TRY(keep_neighbours(&build, pairs, arena, error));
  *fits = true;
  return TESTUDO_OK;
}
