/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cost files: worker,chunk,cost. */
#include <testudo/optimize.h>

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/order.h"
#include "base/table.h"
#include "delay/number.h"

enum { WORKER, CHUNK, COST, KNOWN };

typedef struct costing {
  testudo_i_table table;
  int64_t at[KNOWN];
  int32_t workers, chunks;
  testudo_place_cost *cost;
  size_t room;
  int64_t count;
} costing;

static testudo_status read_number(costing *c, double *cost, testudo_error *error)
{
  size_t at = (size_t)c->at[COST];
  testudo_i_word f = c->table.cell[at];
  bool word = testudo_i_word_is(f, "inf") || testudo_i_word_is(f, "forbidden");
  *cost = HUGE_VAL;
  if (word || (testudo_i_table_real(&c->table, at, cost) && *cost >= 0.0 && *cost <= TESTUDO_I_MOST))
    return TESTUDO_OK;
  return testudo_i_table_fail(&c->table, error, "cost '%s', but a number from 0 to %g, inf or forbidden is wanted",
                             testudo_i_word_quote(f).text, TESTUDO_I_MOST);
}

static testudo_status read_cost(costing *c, testudo_error *error)
{
  testudo_place_cost place;
  TESTUDO_I_TRY(testudo_i_table_index(&c->table, (size_t)c->at[WORKER], "worker", c->workers, &place.worker, error));
  TESTUDO_I_TRY(testudo_i_table_index(&c->table, (size_t)c->at[CHUNK], "chunk", c->chunks, &place.chunk, error));
  TESTUDO_I_TRY(read_number(c, &place.cost, error));
  TESTUDO_I_TRY(TESTUDO_I_GROW(c->cost, c->room, (size_t)c->count + 1, error));
  c->cost[c->count++] = place;
  return TESTUDO_OK;
}

static int compare_places(const void *a, const void *b)
{
  const testudo_place_cost *x = a, *y = b;
  int workers = TESTUDO_I_COMPARE(x->worker, y->worker);
  return workers != 0 ? workers : TESTUDO_I_COMPARE(x->chunk, y->chunk);
}

static testudo_status read_rows(costing *c, testudo_i_source *source, testudo_error *error)
{
  static const char *const columns[KNOWN] = {[WORKER] = "worker", [CHUNK] = "chunk", [COST] = "cost"};
  bool more = true;
  TESTUDO_I_TRY(testudo_i_table_start(&c->table, source, NULL, error));
  TESTUDO_I_TRY(testudo_i_table_header(&c->table, columns, KNOWN, c->at, error));
  while (true) {
    TESTUDO_I_TRY(testudo_i_table_row(&c->table, &more, error));
    if (!more)
      break;
    TESTUDO_I_TRY(read_cost(c, error));
  }
  if (c->count > 0)
    qsort(c->cost, (size_t)c->count, sizeof *c->cost, compare_places);
  for (int64_t k = 1; k < c->count; k++)
    if (compare_places(&c->cost[k - 1], &c->cost[k]) == 0)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: worker %d and chunk %d have two costs", source->name,
                            (int)c->cost[k].worker, (int)c->cost[k].chunk);
  return TESTUDO_OK;
}

static testudo_status read_costs(testudo_i_source *source, int32_t workers, int32_t chunks, testudo_place_cost **cost,
                                 int64_t *count, testudo_error *error)
{
  costing c = {.workers = workers, .chunks = chunks};
  testudo_status status = read_rows(&c, source, error);
  testudo_i_table_close(&c.table);
  if (status != TESTUDO_OK)
    free(c.cost);
  TESTUDO_I_TRY(status);
  *cost = c.cost;
  *count = c.count;
  return TESTUDO_OK;
}

testudo_status testudo_costs_parse(const char *bytes, size_t length, const char *name, int32_t workers, int32_t chunks,
                                   testudo_place_cost **cost, int64_t *count, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_source_close) testudo_i_source source = {0};
  *cost = NULL;
  *count = 0;
  TESTUDO_I_TRY(testudo_i_source_start(&source, bytes, length, name, TESTUDO_I_LIMIT_TABLE_STREAM, error));
  return read_costs(&source, workers, chunks, cost, count, error);
}

testudo_status testudo_costs_read(const char *path, int32_t workers, int32_t chunks, testudo_place_cost **cost,
                                  int64_t *count, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_source_close) testudo_i_source source = {0};
  *cost = NULL;
  *count = 0;
  TESTUDO_I_TRY(testudo_i_source_open(&source, path, TESTUDO_I_LIMIT_TABLE_STREAM, error));
  return read_costs(&source, workers, chunks, cost, count, error);
}
