/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The integer programme of an order that meets a need: its size, its rows, and branch and bound by GLPK. */
#include "optimize/qmax/types.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"

typedef struct programme {
  testudo_i_arena arena;  /* of all but the types */
  testudo_i_places *places;
  const testudo_i_types *types;
  int64_t need;
  int32_t *type;          /* rows of values + 1, the class last */
  int64_t count;
  int32_t *class_of;      /* of a chunk */
  int64_t columns;        /* -1: too many */
  int64_t *x;             /* the first column of an entry's row of x, worth 1; by worker it has load columns */
  testudo_i_linear linear;
  testudo_i_terms terms;
} programme;

static void drop_programme(programme *p)
{
  testudo_i_linear_drop(&p->linear);
  free(p->type);
  testudo_i_arena_clear(&p->arena);
}

static int32_t class_of(const testudo_i_types *types, int64_t holders)
{
  int32_t c = 0;
  while (types->class[c].holders != holders)
    c++;
  return c;
}

/* Lists the types and counts the columns. */
static testudo_status measure_programme(programme *p, int64_t most, testudo_error *error)
{
  const testudo_assignment *orders = &p->places->orders;
  int32_t width = p->types->values + 1;
  TESTUDO_I_TRY(testudo_i_types_list(p->types, p->need, TESTUDO_I_LIMIT_PROGRAMME_TYPES, &p->type, &p->count, error));
  p->class_of = testudo_i_arena_alloc(&p->arena, (size_t)orders->chunks, sizeof *p->class_of);
  TESTUDO_I_TRY(testudo_i_arena_check(&p->arena, error));
  p->columns = p->count < 0 ? -1 : 0;
  for (int32_t j = 0; p->columns >= 0 && j < orders->workers; j++) {
    int64_t load = orders->row[j + 1] - orders->row[j];
    p->columns += load * load;
    if (p->columns > most)
      p->columns = -1;
  }
  for (int32_t i = 0; i < orders->chunks; i++)
    p->class_of[i] = class_of(p->types, p->places->first[i + 1] - p->places->first[i]);
  for (int32_t i = 0; p->columns >= 0 && i < orders->chunks; i++) {
    for (int64_t t = 0; t < p->count; t++)
      p->columns += p->type[t * width + width - 1] == p->class_of[i];
    if (p->columns > most)
      p->columns = -1;
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_qmax_milp_size(const testudo_i_places *places, const testudo_i_types *types, int64_t need,
                                        int64_t most, int64_t *columns, testudo_error *error)
{
  /* Only read here. */
  TESTUDO_I_HELD(drop_programme) programme p = {.places = (testudo_i_places *)places, .types = types, .need = need};
  TESTUDO_I_TRY(measure_programme(
      &p, most < TESTUDO_I_LIMIT_PROGRAMME_COLUMNS ? most : TESTUDO_I_LIMIT_PROGRAMME_COLUMNS, error));
  *columns = p.columns;
  return TESTUDO_OK;
}

/* ---- the programme ---- */

static int add_binary(programme *p)
{
  int column = testudo_i_linear_add_columns(&p->linear, 1);
  testudo_i_linear_binary(&p->linear, column);
  return column;
}

/* Each entry has one place and each place one entry. */
static void add_worker_rows(programme *p, int32_t j)
{
  int64_t first = p->places->orders.row[j], load = p->places->orders.row[j + 1] - first;
  for (int64_t k = 0; k < load; k++) {
    p->x[first + k] = add_binary(p);
    for (int64_t v = 1; v < load; v++)
      add_binary(p);
  }
  for (int64_t k = 0; k < load; k++)
    for (int by_place = 0; by_place < 2; by_place++) {
      for (int64_t v = 0; v < load; v++)
        testudo_i_terms_add(&p->terms, (int)(by_place ? p->x[first + v] + k : p->x[first + k] + v), 1.0);
      testudo_i_linear_row(&p->linear, &p->terms, 1.0, 1.0);
    }
}

/* The worths of a chunk's entries are those of its type. */
static void add_chunk_rows(programme *p, int32_t i, const int64_t *entry_of, const int32_t *load_of)
{
  int32_t width = p->types->values + 1;
  int64_t first = p->places->first[i], last = p->places->first[i + 1];
  int column = testudo_i_linear_columns(&p->linear) + 1;
  for (int64_t t = 0; t < p->count; t++)
    if (p->type[t * width + width - 1] == p->class_of[i])
      testudo_i_terms_add(&p->terms, add_binary(p), 1.0);
  testudo_i_linear_row(&p->linear, &p->terms, 1.0, 1.0);
  for (int32_t v = 1; v < width; v++) {
    int at = column;
    for (int64_t e = first; e < last; e++)
      if (v <= load_of[e])
        testudo_i_terms_add(&p->terms, (int)(p->x[entry_of[e]] + v - 1), 1.0);
    for (int64_t t = 0; t < p->count; t++) {
      if (p->type[t * width + width - 1] != p->class_of[i])
        continue;
      if (p->type[t * width + v - 1] > 0)
        testudo_i_terms_add(&p->terms, at, -p->type[t * width + v - 1]);
      at++;
    }
    testudo_i_linear_row(&p->linear, &p->terms, 0.0, 0.0);
  }
}

static testudo_status build_programme(programme *p, testudo_error *error)
{
  const testudo_assignment *orders = &p->places->orders;
  size_t entries = (size_t)p->places->loads;
  int64_t *entry_of = testudo_i_arena_alloc(&p->arena, entries, sizeof *entry_of);
  int64_t *next = testudo_i_arena_alloc(&p->arena, (size_t)orders->chunks, sizeof *next);
  int32_t *load_of = testudo_i_arena_alloc(&p->arena, entries, sizeof *load_of);
  p->x = testudo_i_arena_alloc(&p->arena, entries, sizeof *p->x);
  testudo_i_terms_make(&p->terms, &p->arena, (size_t)p->count + entries + 1);
  TESTUDO_I_TRY(testudo_i_arena_check(&p->arena, error));
  memcpy(next, p->places->first, (size_t)orders->chunks * sizeof *next);
  testudo_i_linear_start(&p->linear, false);
  for (int32_t j = 0; j < orders->workers; j++) {
    add_worker_rows(p, j);
    for (int64_t e = orders->row[j]; e < orders->row[j + 1]; e++) {
      int64_t at = next[orders->chunk[e]]++;
      entry_of[at] = e;
      load_of[at] = (int32_t)(orders->row[j + 1] - orders->row[j]);
    }
  }
  for (int32_t i = 0; i < orders->chunks; i++)
    add_chunk_rows(p, i, entry_of, load_of);
  return testudo_i_linear_check(&p->linear, error);
}

/* ---- the search ---- */

/* Rounds what GLPK found to an order; true when it is one and has the least sum. */
static bool take_orders(programme *p, int32_t *before, int32_t *worth)
{
  testudo_assignment *orders = &p->places->orders;
  memcpy(before, orders->chunk, (size_t)p->places->loads * sizeof *before);
  for (int32_t j = 0; j < orders->workers; j++) {
    int64_t first = orders->row[j], load = orders->row[j + 1] - first;
    for (int64_t k = 0; k < load; k++)
      orders->chunk[first + k] = -1;
    for (int64_t k = 0; k < load; k++)
      for (int64_t v = 1; v <= load; v++)
        if (testudo_i_linear_chosen(&p->linear, (int)(p->x[first + k] + v - 1)))
          orders->chunk[first + load - v] = before[first + k];
    for (int64_t k = 0; k < load; k++)
      if (orders->chunk[first + k] < 0)
        return false;
  }
  return testudo_i_places_least(p->places, worth) >= p->need;
}

testudo_status testudo_i_qmax_milp(testudo_i_places *places, const testudo_i_types *types, int64_t need, int64_t nodes,
                                   const testudo_monitor *watch, testudo_i_branch_answer *answer, bool *stopped,
                                   testudo_error *error)
{
  TESTUDO_I_HELD(drop_programme) programme p = {.places = places, .types = types, .need = need};
  bool cut;
  *stopped = false;
  *answer = TESTUDO_I_BRANCH_TOO_LARGE;
  TESTUDO_I_TRY(measure_programme(&p, TESTUDO_I_LIMIT_PROGRAMME_COLUMNS, error));
  if (p.columns < 0)
    return TESTUDO_OK;
  size_t entries = (size_t)places->loads;
  int32_t *before = testudo_i_arena_alloc(&p.arena, entries, sizeof *before);
  int32_t *worth = testudo_i_arena_alloc(&p.arena, entries, sizeof *worth);
  TESTUDO_I_TRY(build_programme(&p, error));
  *answer = testudo_i_linear_branch(&p.linear, watch, nodes, &cut, stopped);
  TESTUDO_I_TRY(testudo_i_linear_check(&p.linear, error));
  if (*answer != TESTUDO_I_BRANCH_FOUND || take_orders(&p, before, worth))
    return TESTUDO_OK;
  *answer = TESTUDO_I_BRANCH_UNDECIDED;
  memcpy(places->orders.chunk, before, entries * sizeof *before);
  return TESTUDO_OK;
}
