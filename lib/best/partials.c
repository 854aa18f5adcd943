/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All tables of orders up to isomorphism: row is added to row, and of tables that are the same the first is kept. */
#include "best/partials.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "numeric/integrate.h"

/* Tables kept, and those that are looked at before equal ones are dropped. */
enum { MOST_KEPT = 1 << 19, MOST_HELD = 1 << 21 };

void testudo_i_partials_free(testudo_i_partials *partials)
{
  free(partials->table);
  memset(partials, 0, sizeof *partials);
}

/* ---- the first of all that are the same ---- */

/* Chunks are numbered as they appear; the rows are put into the order in which the whole is first. */
typedef struct first_form {
  const uint8_t *chunk;
  int32_t rows, places;
  bool known;
  testudo_i_partial now, best;
} first_form;

typedef struct first_names {
  int8_t of[TESTUDO_I_PARTIAL_CHUNKS];
  int8_t count;
} first_names;

static void name_row(const first_form *f, int32_t row, first_names *names, uint8_t *named)
{
  for (int32_t k = 0; k < f->places; k++) {
    int8_t *name = &names->of[f->chunk[row * f->places + k]];
    if (*name < 0)
      *name = names->count++;
    named[k] = (uint8_t)*name;
  }
}

static bool same_row(const first_form *f, int32_t a, int32_t b)
{
  return memcmp(f->chunk + a * f->places, f->chunk + b * f->places, (size_t)f->places) == 0;
}

/* Takes the rows one by one that come first under the names so far, all where several do. */
static void take_row(first_form *f, int32_t taken, uint32_t mask, const first_names *names)
{
  size_t width = (size_t)f->places;
  uint8_t *least = f->now.chunk + (size_t)taken * width, named[TESTUDO_I_PARTIAL_CHUNKS];
  bool some = false;
  if (taken == f->rows) {
    f->best = f->now;
    f->known = true;
    return;
  }
  for (int32_t row = 0; row < f->rows; row++) {
    first_names own = *names;
    if (mask >> row & 1)
      continue;
    name_row(f, row, &own, named);
    if (!some || memcmp(named, least, width) < 0)
      memcpy(least, named, width);
    some = true;
  }
  for (int32_t row = 0; row < f->rows; row++) {
    first_names own = *names;
    bool again = false;
    for (int32_t other = 0; other < row; other++)
      again = again || (!(mask >> other & 1) && same_row(f, row, other));
    if (mask >> row & 1 || again)
      continue;
    name_row(f, row, &own, named);
    if (memcmp(named, least, width) == 0 &&
        (!f->known || memcmp(f->now.chunk, f->best.chunk, (size_t)(taken + 1) * width) <= 0))
      take_row(f, taken + 1, mask | UINT32_C(1) << row, &own);
  }
}

static testudo_i_partial first_of(const testudo_i_partial *table, int32_t rows, int32_t places)
{
  first_form f = {.chunk = table->chunk, .rows = rows, .places = places};
  first_names none = {.count = 0};
  memset(none.of, -1, sizeof none.of);
  take_row(&f, 0, 0, &none);
  return f.best;
}

/* ---- one more row ---- */

typedef struct row_adding {
  testudo_i_partials *next;
  testudo_i_partial table;
  int32_t rows, more, copies; /* rows with the new one; rows that follow */
  int32_t named;              /* chunks that stand in earlier rows */
  testudo_status status;
  testudo_error *error;
} row_adding;

static int partial_order(const void *a, const void *b)
{
  return memcmp(a, b, sizeof(testudo_i_partial));
}

static void drop_equal(testudo_i_partials *partials)
{
  size_t kept = 0;
  if (partials->count == 0) /* no table, and qsort wants one */
    return;
  qsort(partials->table, partials->count, sizeof *partials->table, partial_order);
  for (size_t k = 0; k < partials->count; k++)
    if (k == 0 || partial_order(&partials->table[k], &partials->table[kept - 1]) != 0)
      partials->table[kept++] = partials->table[k];
  partials->count = kept;
}

/* Can the rows that follow give every chunk its copies? */
static bool may_be_complete(const row_adding *a)
{
  int32_t seen[TESTUDO_I_PARTIAL_CHUNKS] = {0}, wanting = 0;
  const testudo_i_partials *p = a->next;
  for (int32_t e = 0; e < a->rows * p->places; e++)
    seen[a->table.chunk[e]]++;
  for (int32_t i = 0; i < p->chunks; i++) {
    int32_t lacks = a->copies > seen[i] ? a->copies - seen[i] : 0;
    if (lacks > a->more)
      return false;
    wanting += lacks;
  }
  return wanting <= a->more * p->places;
}

static void keep_table(row_adding *a)
{
  testudo_i_partials *p = a->next;
  if (!may_be_complete(a))
    return;
  if (p->count == MOST_HELD)
    drop_equal(p);
  if (p->count > MOST_KEPT && p->count == MOST_HELD) {
    a->status = TESTUDO_ERROR_LIMIT;
    return;
  }
  a->status = testudo_i_grow((void **)&p->table, &p->room, p->count + 1, sizeof *p->table, a->error);
  if (a->status == TESTUDO_OK)
    p->table[p->count++] = first_of(&a->table, a->rows, p->places);
}

/* New chunks are named in the order in which they appear. */
static void add_places(row_adding *a, int32_t place, int32_t named, uint32_t held)
{
  uint8_t *row = a->table.chunk + (a->rows - 1) * a->next->places;
  if (place == a->next->places) {
    keep_table(a);
    return;
  }
  for (int32_t i = 0; i <= named && i < a->next->chunks && a->status == TESTUDO_OK; i++)
    if (!(held >> i & 1)) {
      row[place] = (uint8_t)i;
      add_places(a, place + 1, i == named ? named + 1 : named, held | UINT32_C(1) << i);
    }
}

static int32_t names_of(const testudo_i_partial *table, int32_t entries)
{
  int32_t named = 0;
  for (int32_t e = 0; e < entries; e++)
    named = table->chunk[e] >= named ? table->chunk[e] + 1 : named;
  return named;
}

static testudo_status add_rows(testudo_i_partials *partials, int32_t more, int32_t copies,
                               const testudo_monitor *monitor, testudo_error *error)
{
  testudo_i_partials next = {.rows = partials->rows + 1, .places = partials->places, .chunks = partials->chunks};
  row_adding a = {.next = &next, .rows = next.rows, .more = more, .copies = copies, .error = error};
  for (size_t k = 0; k < partials->count && a.status == TESTUDO_OK; k++) {
    if (k % 64 == 0 && testudo_i_stopped(monitor, -1))
      a.status = testudo_i_fail(error, TESTUDO_INTERRUPTED, "interrupted");
    a.table = partials->table[k];
    add_places(&a, 0, names_of(&a.table, partials->rows * partials->places), 0);
  }
  testudo_i_partials_free(partials);
  *partials = next;
  drop_equal(partials);
  return a.status;
}

/* ---- all rows ---- */

/* There are at least so many: all tables over all numberings. */
static double least_count(int32_t rows, int32_t places, int32_t chunks)
{
  double numberings = testudo_i_log_gamma(chunks + 1.0);
  double orders = numberings - testudo_i_log_gamma(chunks - places + 1.0);
  return exp(rows * orders - numberings - testudo_i_log_gamma(rows + 1.0));
}

testudo_status testudo_i_partials_make(int32_t rows, int32_t places, int32_t chunks, int32_t more, int32_t copies,
                                       const testudo_monitor *monitor, testudo_i_partials *partials, bool *feasible,
                                       testudo_error *error)
{
  *partials = (testudo_i_partials){.places = places, .chunks = chunks};
  *feasible = chunks <= TESTUDO_I_PARTIAL_CHUNKS && places <= chunks &&
              (int64_t)rows * places <= TESTUDO_I_PARTIAL_ENTRIES && least_count(rows, places, chunks) <= MOST_KEPT;
  if (!*feasible)
    return TESTUDO_OK;
  partials->table = testudo_i_calloc(1, sizeof *partials->table);
  TESTUDO_I_TRY(testudo_i_memory_check(partials->table != NULL, error));
  partials->count = partials->room = 1;
  while (partials->rows < rows && *feasible) {
    testudo_status status = add_rows(partials, more + rows - partials->rows - 1, copies, monitor, error);
    *feasible = status != TESTUDO_ERROR_LIMIT && partials->count <= MOST_KEPT;
    if (status != TESTUDO_OK && status != TESTUDO_ERROR_LIMIT)
      return status;
  }
  return TESTUDO_OK;
}
