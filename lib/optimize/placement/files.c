/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files beside a placement: costs, worker,chunk,cost, and domains, worker,domain. */
#include <testudo/optimize.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/names.h"
#include "base/number.h"
#include "base/order.h"
#include "base/table.h"

enum { COLUMNS = 3 };

/* What becomes of a row whose k-th column is cell at[k]. */
typedef testudo_status row_taker(testudo_i_table *table, const size_t *at, void *reading, testudo_error *error);

/* All rows behind the one that names the columns, at most COLUMNS. */
static testudo_status read_rows(testudo_i_source *source, const char *const *columns, int count, row_taker *take,
                                void *reading, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_table_close) testudo_i_table table = {0};
  int64_t found[COLUMNS];
  size_t at[COLUMNS];
  TESTUDO_I_TRY(testudo_i_table_start(&table, source, NULL, error));
  TESTUDO_I_TRY(testudo_i_table_header(&table, columns, count, found, error));
  for (int k = 0; k < count; k++)
    at[k] = (size_t)found[k];
  for (bool more = true; more;) {
    TESTUDO_I_TRY(testudo_i_table_row(&table, &more, error));
    if (more)
      TESTUDO_I_TRY(take(&table, at, reading, error));
  }
  return TESTUDO_OK;
}

/* ---- costs ---- */

typedef struct costing {
  int32_t workers, chunks;
  testudo_place_cost *cost;
  size_t room;
  int64_t count;
} costing;

static void costing_clear(costing *c)
{
  free(c->cost);
}

static testudo_status take_cost(testudo_i_table *table, const size_t *at, void *reading, testudo_error *error)
{
  costing *c = reading;
  testudo_i_word word = table->cell[at[2]];
  testudo_place_cost place = {.cost = HUGE_VAL};
  TESTUDO_I_TRY(testudo_i_table_index(table, at[0], "worker", c->workers, &place.worker, error));
  TESTUDO_I_TRY(testudo_i_table_index(table, at[1], "chunk", c->chunks, &place.chunk, error));
  if (!testudo_i_word_is(word, "inf") && !testudo_i_word_is(word, "forbidden") &&
      !(testudo_i_table_real(table, at[2], &place.cost) && place.cost >= 0.0 && place.cost <= TESTUDO_I_MOST))
    return testudo_i_table_fail(table, error, "cost '%s', but a number from 0 to %g, inf or forbidden is wanted",
                                testudo_i_word_quote(word).text, TESTUDO_I_MOST);
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

static testudo_status read_costs(testudo_i_source *source, int32_t workers, int32_t chunks, testudo_place_cost **cost,
                                 int64_t *count, testudo_error *error)
{
  static const char *const columns[] = {"worker", "chunk", "cost"};
  TESTUDO_I_HELD(costing_clear) costing c = {.workers = workers, .chunks = chunks};
  TESTUDO_I_TRY(read_rows(source, columns, 3, take_cost, &c, error));
  if (c.count > 0)
    qsort(c.cost, (size_t)c.count, sizeof *c.cost, compare_places);
  for (int64_t k = 1; k < c.count; k++)
    if (compare_places(&c.cost[k - 1], &c.cost[k]) == 0)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: worker %d and chunk %d have two costs", source->name,
                            (int)c.cost[k].worker, (int)c.cost[k].chunk);
  *cost = c.cost;
  *count = c.count;
  c.cost = NULL;
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

/* ---- domains ---- */

typedef struct dividing {
  testudo_i_names *names;
  int32_t workers;
  int32_t *domain;         /* of a worker, the number of its name; -1 where it is not said yet */
} dividing;

static testudo_status take_domain(testudo_i_table *table, const size_t *at, void *reading, testudo_error *error)
{
  const dividing *d = reading;
  testudo_i_word name = table->cell[at[1]];
  int32_t worker;
  TESTUDO_I_TRY(testudo_i_table_index(table, at[0], "worker", d->workers, &worker, error));
  if (d->domain[worker] >= 0)
    return testudo_i_table_fail(table, error, "worker %d has a domain already", (int)worker);
  if (name.length == 0)
    return testudo_i_table_fail(table, error, "worker %d has an empty domain", (int)worker);
  return testudo_i_names_number(d->names, name, &d->domain[worker], error);
}

/* Names in the order of their lowest workers. */
static testudo_status number_domains(int32_t names, int32_t *domain, int32_t workers, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *number = testudo_i_alloc((size_t)names, sizeof *number);
  TESTUDO_I_TRY(testudo_i_memory_check(number != NULL, error));
  memset(number, 0xff, (size_t)names * sizeof *number);
  for (int32_t j = 0, domains = 0; j < workers; j++) {
    if (number[domain[j]] < 0)
      number[domain[j]] = domains++;
    domain[j] = number[domain[j]];
  }
  return TESTUDO_OK;
}

static testudo_status read_domains(testudo_i_source *source, int32_t workers, int32_t **domain, testudo_error *error)
{
  static const char *const columns[] = {"worker", "domain"};
  TESTUDO_I_HELD(testudo_i_names_clear) testudo_i_names names = {.count = 0};
  TESTUDO_I_HELD(testudo_i_free_held) int32_t *made = testudo_i_alloc((size_t)workers, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  memset(made, 0xff, (size_t)workers * sizeof *made);
  TESTUDO_I_TRY(read_rows(source, columns, 2, take_domain, &(dividing){&names, workers, made}, error));
  for (int32_t j = 0; j < workers; j++)
    if (made[j] < 0)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: worker %d has no domain, but each of 0..%d needs one",
                            source->name, (int)j, (int)workers - 1);
  TESTUDO_I_TRY(number_domains(names.count, made, workers, error));
  *domain = made;
  made = NULL;
  return TESTUDO_OK;
}

static testudo_status check_workers(int32_t workers, testudo_error *error)
{
  return workers >= 1 && workers <= TESTUDO_MAX_WORKERS
             ? TESTUDO_OK
             : testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "workers: %d, but 1..%d are allowed", (int)workers,
                              TESTUDO_MAX_WORKERS);
}

testudo_status testudo_domains_parse(const char *bytes, size_t length, const char *name, int32_t workers,
                                     int32_t **domain, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_source_close) testudo_i_source source = {0};
  *domain = NULL;
  TESTUDO_I_TRY(check_workers(workers, error));
  TESTUDO_I_TRY(testudo_i_source_start(&source, bytes, length, name, TESTUDO_I_LIMIT_TABLE_STREAM, error));
  return read_domains(&source, workers, domain, error);
}

testudo_status testudo_domains_read(const char *path, int32_t workers, int32_t **domain, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_source_close) testudo_i_source source = {0};
  *domain = NULL;
  TESTUDO_I_TRY(check_workers(workers, error));
  TESTUDO_I_TRY(testudo_i_source_open(&source, path, TESTUDO_I_LIMIT_TABLE_STREAM, error));
  return read_domains(&source, workers, domain, error);
}
