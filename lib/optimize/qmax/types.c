/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Content types of chunks: their classes, the cheapest one at given prices, and the list of all. */
#include "optimize/qmax/types.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/order.h"

void testudo_i_types_free(testudo_i_types *types)
{
  testudo_i_arena_clear(&types->arena);
}

/* Chunks of equal replication, counted. */
static testudo_status group_chunks(const testudo_design *design, int32_t level, testudo_i_types *types,
                                   testudo_error *error)
{
  int32_t chunks = testudo_design_chunks(design), different = 0;
  int32_t *holders = testudo_i_arena_alloc(&types->arena, (size_t)chunks, sizeof *holders);
  TESTUDO_I_TRY(testudo_i_arena_check(&types->arena, error));
  for (int32_t i = 0; i < chunks; i++)
    holders[i] = testudo_design_replication(design, i);
  qsort(holders, (size_t)chunks, sizeof *holders, testudo_i_ascending_int32);
  for (int32_t i = 0; i < chunks; i++)
    different += i == 0 || holders[i] != holders[i - 1];
  types->class = testudo_i_arena_alloc(&types->arena, (size_t)different, sizeof *types->class);
  TESTUDO_I_TRY(testudo_i_arena_check(&types->arena, error));
  for (int32_t i = 0; i < chunks; i++) {
    if (i == 0 || holders[i] != holders[i - 1])
      types->class[types->classes++] = (testudo_i_type_class){holders[i], holders[i] - level + 1, 0};
    types->class[types->classes - 1].chunks++;
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_types_make(const testudo_design *design, int32_t level, testudo_i_types *types,
                                    testudo_error *error)
{
  *types = (testudo_i_types){.values = testudo_design_max_load(design)};
  types->available = testudo_i_arena_calloc(&types->arena, (size_t)types->values + 1, sizeof *types->available);
  TESTUDO_I_TRY(testudo_i_arena_check(&types->arena, error));
  for (int32_t j = 0; j < testudo_design_workers(design); j++) {
    types->loads += testudo_design_load(design, j);
    if (testudo_design_load(design, j) > 0)
      types->available[testudo_design_load(design, j) - 1]++;
  }
  for (int32_t v = types->values - 1; v > 0; v--)
    types->available[v - 1] += types->available[v];
  return group_chunks(design, level, types, error);
}

int64_t testudo_i_types_beyond(const testudo_i_types *types)
{
  int64_t worths = 0, low = 0, high = types->loads * (int64_t)types->values + 1;
  for (int32_t v = 1; v <= types->values; v++)
    worths += v * types->available[v - 1];
  if (high > worths + 1)
    high = worths + 1;
  while (high - low > 1) {
    int64_t need = low + (high - low) / 2, left = worths;
    for (int32_t c = 0; c < types->classes && left >= 0; c++) {
      const testudo_i_type_class *class = &types->class[c];
      int64_t least = need + (class->holders - class->counted) * ((need + class->counted - 1) / class->counted);
      /* The product could overflow only where it exceeds `left` by far. */
      left = least > left / class->chunks ? -1 : left - least * class->chunks;
    }
    if (left >= 0)
      low = need;
    else
      high = need;
  }
  return high;
}

/* ---- the cheapest type ---- */

testudo_status testudo_i_types_room(testudo_i_types *types, int64_t max_need, testudo_error *error)
{
  int64_t widest = types->class[types->classes - 1].holders + 1;
  if (max_need + 1 > TESTUDO_I_LIMIT_TYPE_CELLS / widest / types->values || types->values > 4096)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "types of load %d and need %lld: more than %d cells",
                          (int)types->values, (long long)max_need, TESTUDO_I_LIMIT_TYPE_CELLS);
  int64_t layer = widest * (max_need + 1);
  types->cost = testudo_i_arena_alloc(&types->arena, (size_t)layer, sizeof *types->cost);
  types->from = testudo_i_arena_alloc(&types->arena, (size_t)(layer * types->values), sizeof *types->from);
  return testudo_i_arena_check(&types->arena, error);
}

/* Follows the choices back from `holders` worths with the need met. */
static void trace_back(const int32_t *from, int64_t layer, int64_t width, int32_t values, int32_t holders, int64_t need,
                       int32_t *count)
{
  int64_t met = need;
  memset(count, 0, (size_t)values * sizeof *count);
  for (int32_t v = values, k = holders; k > 0;) {
    int32_t before = from[(v - 1) * layer + k * width + met];
    if (before < 0) {
      v--;
      continue;
    }
    count[v - 1]++;
    met = before;
    k--;
  }
}

/* Worths are taken in rising order, so the first `counted` of them are the smallest: cost[k][s] is the least price of k
   worths <= v whose counted ones sum to s, where everything beyond the need counts as the need. */
int64_t testudo_i_types_cheapest(const testudo_i_types *types, int32_t class, int64_t need, const int64_t *price,
                                 int32_t *count)
{
  int32_t holders = types->class[class].holders, counted = types->class[class].counted;
  int64_t width = need + 1, layer = (holders + 1) * width;
  int64_t *cost = types->cost;
  for (int64_t cell = 1; cell < layer; cell++)
    cost[cell] = INT64_MAX;
  cost[0] = 0;
  for (int32_t v = 1; v <= types->values; v++) {
    int32_t *from = types->from + (v - 1) * layer;
    for (int64_t cell = 0; cell < layer; cell++)
      from[cell] = -1;
    for (int32_t k = 0; k < holders; k++) {
      int64_t step = k < counted ? v : 0;
      for (int64_t s = k < counted ? 0 : need; s <= need; s++) {
        if (cost[k * width + s] == INT64_MAX)
          continue;
        int64_t with = cost[k * width + s] + price[v - 1], met = s + step < need ? s + step : need;
        if (with < cost[(k + 1) * width + met]) {
          cost[(k + 1) * width + met] = with;
          from[(k + 1) * width + met] = (int32_t)s;
        }
      }
    }
  }
  int64_t least = cost[holders * width + need];
  if (count != NULL && least != INT64_MAX)
    trace_back(types->from, layer, width, types->values, holders, need, count);
  return least;
}

void testudo_i_types_terms(const testudo_i_types *types, const int32_t *count, int32_t class, testudo_i_terms *terms)
{
  for (int32_t v = 0; v < types->values; v++)
    if (count[v] > 0)
      testudo_i_terms_add(terms, v + 1, count[v]);
  testudo_i_terms_add(terms, types->values + 1 + class, 1.0);
}

/* ---- all types ---- */

enum { MOST_LISTED_VALUES = 64 };

typedef struct lister {
  const testudo_i_types *types;
  int64_t need, most, count, room;
  int32_t class;
  int32_t *row;         /* the one being made */
  int32_t **rows;
  bool failed;
} lister;

static void keep_row(lister *l)
{
  size_t width = (size_t)l->types->values + 1;
  if (l->count == l->most) {
    l->count = -1;
    return;
  }
  size_t room = (size_t)l->room;
  if (TESTUDO_I_GROW(*l->rows, room, (size_t)(l->count + 1) * width, NULL) != TESTUDO_OK) {
    l->failed = true;
    return;
  }
  l->room = (int64_t)room;
  l->row[l->types->values] = l->class;
  memcpy(*l->rows + (size_t)l->count++ * width, l->row, width * sizeof *l->row);
}

/* The worths from v on for the holders that have none yet; `sum` of the `taken` smallest. Depth: values. */
static void extend(lister *l, int32_t v, int32_t taken, int64_t sum)
{
  const testudo_i_type_class *class = &l->types->class[l->class];
  if (l->count < 0 || l->failed)
    return;
  int32_t left = class->holders - taken;
  int64_t open = class->counted > taken ? class->counted - taken : 0;
  if (sum + open * l->types->values < l->need)
    return;
  if (left == 0 || v > l->types->values) {
    if (left == 0)
      keep_row(l);
    return;
  }
  for (int32_t times = 0; times <= left; times++) {
    l->row[v - 1] = times;
    extend(l, v + 1, taken + times, sum + v * (times < open ? times : open));
  }
  l->row[v - 1] = 0;
}

testudo_status testudo_i_types_list(const testudo_i_types *types, int64_t need, int64_t most, int32_t **rows,
                                    int64_t *count, testudo_error *error)
{
  *rows = NULL;
  *count = -1;
  if (types->values > MOST_LISTED_VALUES)
    return TESTUDO_OK;
  int32_t row[MOST_LISTED_VALUES + 1] = {0};
  lister l = {.types = types, .need = need, .most = most, .row = row, .rows = rows};
  for (; l.class < types->classes && l.count >= 0 && !l.failed; l.class++)
    extend(&l, 1, 0, 0);
  *count = l.count;
  if (l.failed || l.count < 0) {
    free(*rows);
    *rows = NULL;
  }
  return testudo_i_memory_check(!l.failed, error);
}

/* ---- the largest need that no proof excludes ---- */

/* Whole numbers of chunks. */
static testudo_status tighten(const testudo_i_types *types, testudo_i_qmax_limit *limit, testudo_error *error)
{
  while (limit->need > 0) {
    bool impossible;
    TESTUDO_I_TRY(testudo_i_types_lattice(types, limit->need, &impossible, error));
    if (!impossible)
      return TESTUDO_OK;
    limit->need--;
    limit->proof = "mix of types in whole numbers, by divisibility, exact";
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_types_limit(testudo_i_types *types, const testudo_monitor *monitor,
                                     testudo_i_qmax_limit *limit, testudo_error *error)
{
  *limit = (testudo_i_qmax_limit){.need = testudo_i_types_beyond(types) - 1, .proof = "mean over the chunks, exact"};
  testudo_status status = testudo_i_types_room(types, limit->need, NULL);
  if (status == TESTUDO_ERROR_LIMIT)
    return TESTUDO_OK; /* too large for more */
  TESTUDO_I_TRY(testudo_i_memory_check(status == TESTUDO_OK, error));
  int64_t low = 0;
  while (status == TESTUDO_OK && low < limit->need) {
    int64_t need = limit->need - (limit->need - low) / 2;
    testudo_i_type_mix answer;
    status = testudo_i_types_mix(types, need, monitor, &answer, error);
    if (status == TESTUDO_OK && answer == TESTUDO_I_MIX_IMPOSSIBLE) {
      limit->need = need - 1;
      limit->proof = "mix of types, linear programme, exact prices";
    } else
      low = need;
  }
  limit->stopped = status == TESTUDO_INTERRUPTED;
  if (status == TESTUDO_OK)
    status = tighten(types, limit, error);
  return limit->stopped ? TESTUDO_OK : status;
}
