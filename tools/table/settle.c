/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `testudo table settle`: what the records of a table imply for each other, and the bounds proved again. */
#include "table/table.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "best/all.h"
#include "design/made.h"
#include "runtime/design.h"

enum { REASON = 300 };

/* ---- what a record implies ---- */

testudo_status table_imply(cli_table *t, const testudo_best_row *from, int32_t pieces, const char *date,
                           table_candidate *candidate, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *design = NULL;
  testudo_best_row *row = &candidate->row;
  TESTUDO_I_TRY(table_row_design(t, from, &design, error));
  row->by = from->by;
  row->date = date;
  if (pieces == 1) {
    candidate->design = design;
    design = NULL;
    row->command = from->command;
    row->file = from->file;
    row->method = table_text(t, "%s (the record of a smaller cell)", from->method);
  } else {
    TESTUDO_I_TRY(testudo_best_split(design, pieces, &candidate->design, error));
    TESTUDO_I_TRY(made_seal(candidate->design, error));
    row->method = table_text(t, "%s (chunks of granularity %d cut into %d)", from->method, (int)from->key.granularity,
                             (int)pieces);
  }
  return testudo_i_arena_check(&t->arena, error);
}

/* The row gets the candidate's design where that is better. */
static testudo_status take_better(cli_table *t, const testudo_best_row *row, table_candidate *candidate,
                                  int64_t *improved, testudo_error *error)
{
  testudo_best_row *found = &candidate->row;
  testudo_best_verdict verdict;
  char reason[REASON];
  testudo_error own = {""};
  testudo_status measured = table_measure(t, candidate, &own);
  if (measured != TESTUDO_OK)
    return table_pass_over(measured, &own, error);
  TESTUDO_I_TRY(table_weigh(t, row, candidate, &verdict, reason, error));
  if (verdict != TESTUDO_BEST_BETTER)
    return TESTUDO_OK;
  ++*improved;
  found->bound = row->bound;
  found->proof = row->proof;
  found->named = row->named;
  found->named_value = row->named_value;
  found->searched = row->searched;
  TESTUDO_I_TRY(table_keep(t, candidate, error));
  return testudo_best_put(t->table, found, error);
}

static testudo_status take_implied(cli_table *t, const testudo_best_row *row, const testudo_best_row *from,
                                   int32_t pieces, const char *date, int64_t *improved, testudo_error *error)
{
  TESTUDO_I_HELD(table_candidate_clear) table_candidate candidate = {.row = {.key = row->key}};
  TESTUDO_I_TRY(table_imply(t, from, pieces, date, &candidate, error));
  return take_better(t, row, &candidate, improved, error);
}

/* Could the other's design be better, for all that the intervals tell? */
static bool may_improve(const testudo_best_row *row, const testudo_best_row *from)
{
  return from->value.value < row->value.value && from->orders != row->orders;
}

testudo_status table_spread(cli_table *t, const testudo_best_key *key, const char *date, int64_t *improved,
                            testudo_error *error)
{
  for (size_t k = 0; k < testudo_best_rows(t->table); k++) {
    const testudo_best_row *row = testudo_best_row_at(t->table, k), *from = testudo_best_find(t->table, key);
    int32_t pieces;
    TESTUDO_I_TRY(testudo_best_implies(from, &row->key, &pieces, error));
    if (pieces > 0 && may_improve(row, from))
      TESTUDO_I_TRY(take_implied(t, row, from, pieces, date, improved, error));
  }
  return TESTUDO_OK;
}

/* ---- all rows ---- */

static testudo_status settle_record(cli_table *t, size_t k, const char *date, testudo_error *error)
{
  const testudo_best_row *row = testudo_best_row_at(t->table, k), *from;
  int32_t pieces;
  TESTUDO_I_TRY(testudo_best_implied(t->table, &row->key, &from, &pieces, error));
  return from != NULL && may_improve(row, from) ? take_implied(t, row, from, pieces, date, &t->improved, error)
                                                : TESTUDO_OK;
}

/* Proved by what this version has, never lower than it was, but for a bound that the value contradicts. */
static testudo_status settle_bound(cli_table *t, size_t k, testudo_error *error)
{
  testudo_best_row row = *testudo_best_row_at(t->table, k);
  double before = row.bound;
  const char *proof = row.proof;
  TESTUDO_I_TRY(table_bound(t, &row, error));
  bool wrong = before > row.value.high * (1 + 1e-7);
  if (isnan(row.bound) || (!wrong && row.bound <= before && strcmp(row.proof, proof) == 0))
    return TESTUDO_OK;
  t->bounded++;
  return testudo_best_put(t->table, &row, error);
}

/* Where all designs were gone through for the bound, the best of them. */
static testudo_status settle_by_all(cli_table *t, size_t k, const char *date, testudo_error *error)
{
  const testudo_best_row *row = testudo_best_row_at(t->table, k);
  TESTUDO_I_HELD(table_candidate_clear) table_candidate candidate = {
      .row = {.key = row->key, .method = testudo_i_best_of_all_proof, .by = "testudo " TESTUDO_VERSION, .date = date}};
  testudo_best_value value;
  bool all;
  if (isnan(row->bound) || strcmp(row->proof, testudo_i_best_of_all_proof) != 0 || testudo_best_is_optimal(row))
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_best_of_all(&row->key, t->options.monitor, &all, &value, &candidate.design, error));
  return all ? take_better(t, row, &candidate, &t->improved, error) : TESTUDO_OK;
}

/* In the order of the keys: smaller loads and coarser cuts come first, so that what they imply is there already. */
static testudo_status settle_rows(cli_table *t, testudo_error *error)
{
  const char *date;
  double started = testudo_i_seconds_now();
  size_t rows = testudo_best_rows(t->table);
  TESTUDO_I_TRY(table_date(t, &date, error));
  for (size_t k = 0; k < rows; k++) {
    const testudo_monitor *bar = session_progress_resume("settling rows", t->arguments, started);
    if (!bar->step(bar->context, (double)k / (double)rows))
      return testudo_i_fail(error, TESTUDO_INTERRUPTED, "interrupted: the table is as it was");
    if (!table_selects(t, testudo_best_row_at(t->table, k)))
      continue;
    TESTUDO_I_TRY(settle_record(t, k, date, error));
    TESTUDO_I_TRY(settle_bound(t, k, error));
    TESTUDO_I_TRY(settle_by_all(t, k, date, error));
  }
  return testudo_best_write(t->table, t->path, error);
}

testudo_status table_settle(cli_table *t, testudo_error *error)
{
  t->improved = t->bounded = 0;
  t->options.monitor = &table_within;
  return session_progress_end(settle_rows(t, error));
}
