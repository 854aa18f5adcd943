/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exact/bounds/pairs.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"

#define SCAN_LIMIT 2e7
#define COST_LIMIT 5e6
#define NEIGHBOUR_LIMIT 4000000
#define HEAD 3

typedef struct builder {
  testudo_i_pairs *pairs;
  const testudo_i_chunk_types *types;
  const testudo_design *design;
  int32_t parts;
  size_t count_room, row_room, key_room, first_room, second_room, neighbour_room;
  int32_t *table;      /* type + 1, or 0 */
  size_t mask;
  int32_t *one, *other, *scratch;
  int32_t *seen;       /* by chunk: last chunk i that met it, plus one */
  int64_t neighbours;
  double cost;
} builder;

/* ---- the key of a pair ---- */

static int compare_int(const void *a, const void *b)
{
  int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

static int compare_two(const void *a, const void *b)
{
  int first = compare_int(a, b);
  return first != 0 ? first : compare_int((const int32_t *)a + 1, (const int32_t *)b + 1);
}

/* The key seen from chunk i; its length in integers. scratch has room for all holders of j. */
static size_t make_key(const builder *build, int32_t i, int32_t j, int32_t *key)
{
  const testudo_design *design = build->design;
  const int32_t *holder[2] = {testudo_design_holders(design, i), testudo_design_holders(design, j)};
  const int32_t *place[2] = {testudo_design_places(design, i), testudo_design_places(design, j)};
  int32_t count[2] = {testudo_design_replication(design, i), testudo_design_replication(design, j)};
  int32_t shared = 0, only[2] = {0, 0}, at[2] = {0, 0};
  int32_t *pair = key + HEAD, *alone[2] = {build->scratch, build->scratch + count[0]};
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
  qsort(pair, (size_t)shared, 2 * sizeof *pair, compare_two);
  int32_t *end = pair + 2 * shared;
  for (int side = 0; side < 2; side++) {
    qsort(alone[side], (size_t)only[side], sizeof *end, compare_int);
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

static testudo_status meet(builder *build, int32_t i, int32_t j, testudo_error *error)
{
  testudo_i_pairs *pairs = build->pairs;
  int32_t type = 0;
  testudo_status status = find_type(build, i, j, &type, error);
  if (status != TESTUDO_OK)
    return status;
  pairs->count[type]++;
  if (build->neighbours++ >= NEIGHBOUR_LIMIT)
    return TESTUDO_OK;
  if (testudo_i_grow((void **)&pairs->neighbour, &build->neighbour_room, (size_t)build->neighbours,
                     sizeof *pairs->neighbour) != 0)
    return testudo_i_fail_memory(error);
  pairs->neighbour[build->neighbours - 1] = (testudo_i_neighbour){j, type};
  return TESTUDO_OK;
}

static testudo_status meet_neighbours(builder *build, int32_t i, testudo_error *error)
{
  const testudo_design *design = build->design;
  const int32_t *holder = testudo_design_holders(design, i);
  testudo_status status = TESTUDO_OK;
  for (int32_t k = 0; k < testudo_design_replication(design, i); k++) {
    const int32_t *order = testudo_design_order(design, holder[k]);
    for (int32_t p = 0; status == TESTUDO_OK && p < testudo_design_load(design, holder[k]); p++) {
      int32_t j = order[p];
      if (j > i && build->seen[j] != i + 1) {
        build->seen[j] = i + 1;
        status = meet(build, i, j, error);
      }
    }
  }
  return status;
}

static bool too_many(const testudo_i_chunk_types *types)
{
  double scan = 0;
  for (int32_t j = 0; j < testudo_design_workers(types->design); j++) {
    double load = testudo_design_load(types->design, j);
    scan += load * load;
  }
  return scan > SCAN_LIMIT || testudo_i_slots(types) > INT32_MAX;
}

static testudo_status start(builder *build, testudo_error *error)
{
  testudo_i_pairs *pairs = build->pairs;
  size_t chunks = (size_t)testudo_design_chunks(build->design);
  size_t room = 2 * (size_t)testudo_design_max_replication(build->design) + HEAD;
  build->one = testudo_i_alloc(room, sizeof *build->one);
  build->other = testudo_i_alloc(room, sizeof *build->other);
  build->scratch = testudo_i_alloc(room, sizeof *build->scratch);
  build->seen = testudo_i_calloc(chunks, sizeof *build->seen);
  pairs->neighbour_row = testudo_i_calloc(chunks + 1, sizeof *pairs->neighbour_row);
  bool room_left = testudo_i_grow((void **)&pairs->row, &build->row_room, 2, sizeof *pairs->row) == 0;
  if (!room_left || build->one == NULL || build->other == NULL || build->scratch == NULL || build->seen == NULL ||
      pairs->neighbour_row == NULL)
    return testudo_i_fail_memory(error);
  pairs->row[0] = 0;
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
  pairs->joint = testudo_i_alloc((size_t)pairs->types, sizeof *pairs->joint);
  pairs->room = testudo_i_alloc(l * l + 2 * l, sizeof *pairs->room);
  return pairs->joint == NULL || pairs->room == NULL ? testudo_i_fail_memory(error) : TESTUDO_OK;
}

testudo_status testudo_i_pairs_init(testudo_i_pairs *pairs, const testudo_i_chunk_types *types, bool *fits,
                                    testudo_error *error)
{
  memset(pairs, 0, sizeof *pairs);
  *fits = false;
  if (too_many(types))
    return TESTUDO_OK;
  builder build = {.pairs = pairs, .types = types, .design = types->design,
                   .parts = testudo_design_parts(types->design)};
  int32_t chunks = testudo_design_chunks(build.design);
  testudo_status status = start(&build, error);
  for (int32_t i = 0; status == TESTUDO_OK && i < chunks && build.cost <= COST_LIMIT; i++) {
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
  free(pairs->joint);
  free(pairs->room);
  memset(pairs, 0, sizeof *pairs);
}

/* ---- the joint probability ---- */

/* law[k], k < l: P(k of these have finished); more than l - 1 falls out. */
static void count_alone(const double *survival, const int32_t *slot, int32_t count, int32_t l, double *law)
{
  memset(law, 0, (size_t)l * sizeof *law);
  law[0] = 1;
  for (int32_t h = 0; h < count; h++) {
    double s = survival[slot[h]];
    for (int32_t k = l - 1; k > 0; k--)
      law[k] = law[k] * s + law[k - 1] * (1 - s);
    law[0] *= s;
  }
  for (int32_t k = 1; k < l; k++)
    law[k] += law[k - 1];
}

/* A shared worker finishes the chunk that it processes first, then the other: joint[x * l + y] for x done on i, y
   on j. */
static void add_shared(double *joint, int32_t l, double survival_i, double survival_j)
{
  double none = survival_i < survival_j ? survival_i : survival_j;
  double both = 1 - (survival_i < survival_j ? survival_j : survival_i);
  double only_i = survival_j > survival_i ? survival_j - survival_i : 0;
  double only_j = survival_i > survival_j ? survival_i - survival_j : 0;
  for (int32_t x = l - 1; x >= 0; x--)
    for (int32_t y = l - 1; y >= 0; y--) {
      double *at = joint + (size_t)x * (size_t)l + y;
      double sum = *at * none;
      if (x > 0)
        sum += at[-l] * only_i;
      if (y > 0)
        sum += at[-1] * only_j;
      if (x > 0 && y > 0)
        sum += at[-l - 1] * both;
      *at = sum;
    }
}

static double joint_of(const int32_t *key, const double *survival, int32_t l, double *room)
{
  double *joint = room, *law_i = room + (size_t)l * (size_t)l, *law_j = law_i + l;
  const int32_t *pair = key + HEAD, *alone = pair + 2 * key[0];
  memset(joint, 0, (size_t)l * (size_t)l * sizeof *joint);
  joint[0] = 1;
  for (int32_t k = 0; k < key[0]; k++)
    add_shared(joint, l, survival[pair[2 * k]], survival[pair[2 * k + 1]]);
  count_alone(survival, alone, key[1], l, law_i);
  count_alone(survival, alone + key[1], key[2], l, law_j);
  double sum = 0;
  for (int32_t x = 0; x < l; x++)
    for (int32_t y = 0; y < l; y++)
      sum += joint[(size_t)x * (size_t)l + y] * law_i[l - 1 - x] * law_j[l - 1 - y];
  return sum;
}

void testudo_i_pairs_evaluate(testudo_i_pairs *pairs, const double *survival, int32_t l)
{
  for (int32_t k = 0; k < pairs->types; k++)
    pairs->joint[k] = joint_of(pairs->key + pairs->row[k], survival, l, pairs->room);
}
