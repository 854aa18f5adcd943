/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `testudo table check`: rows proved again. */
#include "table/table.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/order.h"
#include "runtime/design.h"

enum { WHY = 240 };

/* ---- which rows ---- */

typedef struct drawn_row {
  uint64_t lot;
  size_t index;
} drawn_row;

static int drawn_by_lot(const void *a, const void *b)
{
  return TESTUDO_I_COMPARE(((const drawn_row *)a)->lot, ((const drawn_row *)b)->lot);
}

static int drawn_by_index(const void *a, const void *b)
{
  return TESTUDO_I_COMPARE(((const drawn_row *)a)->index, ((const drawn_row *)b)->index);
}

/* Those that the options select; of them --sample many, whose lots are the least. */
static testudo_status draw_rows(cli_table *t, drawn_row **drawn, size_t *count, testudo_error *error)
{
  size_t rows = testudo_best_rows(t->table);
  uint64_t seed = (uint64_t)cli_integer(t->arguments, "seed", 1);
  int64_t sample = cli_integer(t->arguments, "sample", (int64_t)rows);
  *drawn = testudo_i_arena_alloc(&t->arena, rows, sizeof **drawn);
  TESTUDO_I_TRY(testudo_i_arena_check(&t->arena, error));
  *count = 0;
  for (size_t k = 0; k < rows; k++)
    if (table_selects(t, testudo_best_row_at(t->table, k)))
      (*drawn)[(*count)++] = (drawn_row){testudo_i_mix(testudo_i_mix(seed) + k), k};
  qsort(*drawn, *count, sizeof **drawn, drawn_by_lot);
  *count = (size_t)sample < *count ? (size_t)sample : *count;
  qsort(*drawn, *count, sizeof **drawn, drawn_by_index);
  return TESTUDO_OK;
}

/* ---- one row ---- */

/* What is wrong with a row goes into `why`; other answers end the command. */
static testudo_status take_problem(testudo_status status, const testudo_error *own, char *why, testudo_error *error)
{
  if (status != TESTUDO_ERROR_INPUT && status != TESTUDO_ERROR_ARGUMENT && status != TESTUDO_ERROR_LIMIT)
    return status == TESTUDO_OK ? TESTUDO_OK : testudo_i_fail(error, status, "%s", own->text);
  snprintf(why, WHY, "%.200s", own->text);
  return TESTUDO_OK;
}

static testudo_status check_row(cli_table *t, const testudo_best_row *row, char *why, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *design = NULL;
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *named = NULL;
  testudo_error own = {""};
  bool holds;
  why[0] = '\0';
  TESTUDO_I_TRY(take_problem(table_row_design(t, row, &design, &own), &own, why, error));
  if (why[0] == '\0' && row->named != NULL)
    TESTUDO_I_TRY(take_problem(table_make(row->named, t->folder, &named, NULL, &own), &own, why, error));
  if (why[0] != '\0')
    return TESTUDO_OK;
  return take_problem(testudo_best_prove(row, design, named, &t->options, &holds, why, &own), &own, why, error);
}

static testudo_status check_one(cli_table *t, const testudo_best_row *row, table_row *shown, testudo_error *error)
{
  char why[WHY], cell[400];
  TESTUDO_I_TRY(check_row(t, row, why, error));
  TESTUDO_I_TRY(table_show_row(t, row, shown, error));
  shown->holds = why[0] == '\0';
  t->checked++;
  if (shown->holds)
    return TESTUDO_OK;
  t->failed++;
  shown->problem = table_text(t, "%s", why);
  table_name_cell(row, cell, sizeof cell);
  fprintf(stderr, "testudo: %s: %s: %s\n", t->path, cell, why);
  return testudo_i_arena_check(&t->arena, error);
}

/* The bar shows rows, not what goes on in one. */
static bool check_step(void *context, double fraction)
{
  (void)context;
  (void)fraction;
  return !session_stopped();
}

static testudo_status check_rows(cli_table *t, testudo_error *error)
{
  static const testudo_monitor within = {check_step, NULL};
  drawn_row *drawn;
  size_t count;
  double started = testudo_i_seconds_now();
  TESTUDO_I_TRY(draw_rows(t, &drawn, &count, error));
  t->row = testudo_i_arena_calloc(&t->arena, count, sizeof *t->row);
  TESTUDO_I_TRY(testudo_i_arena_check(&t->arena, error));
  t->checked = t->failed = 0;
  t->options.monitor = &within;
  for (size_t k = 0; k < count; k++) {
    const testudo_monitor *bar = session_progress_resume("proving rows", t->arguments, started);
    if (!bar->step(bar->context, (double)k / (double)count))
      return testudo_i_fail(error, TESTUDO_INTERRUPTED, "interrupted: the rows so far were checked");
    t->rows = k;
    TESTUDO_I_TRY(check_one(t, testudo_best_row_at(t->table, drawn[k].index), &t->row[k], error));
    t->rows = k + 1;
  }
  return TESTUDO_OK;
}

testudo_status table_check(cli_table *t, testudo_error *error)
{
  TESTUDO_I_TRY(session_progress_end(check_rows(t, error)));
  return t->failed > 0 ? SESSION_CLAIM_FAILED : TESTUDO_OK;
}
