/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Designs that may become rows: measured, and weighed against the record. */
#define _POSIX_C_SOURCE 200809L
#include "table/table.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/memory.h"
#include "best/row.h"
#include "best/search.h"
#include "runtime/design.h"

enum { REASON = 300 };

/* The bar shows rows, not what goes on in one. */
static bool within_step(void *context, double fraction)
{
  (void)context;
  (void)fraction;
  return !session_stopped();
}

const testudo_monitor table_within = {within_step, NULL};

void table_candidate_clear(table_candidate *candidate)
{
  testudo_design_free(candidate->design);
  memset(candidate, 0, sizeof *candidate);
}

testudo_status table_pass_over(testudo_status status, const testudo_error *own, testudo_error *error)
{
  return status == TESTUDO_ERROR_ARGUMENT || status == TESTUDO_ERROR_LIMIT || status == TESTUDO_ERROR_INPUT
             ? TESTUDO_OK
             : testudo_i_fail(error, status, "%s", own->text);
}

const char *table_text(cli_table *t, const char *format, ...)
{
  va_list list, again;
  va_start(list, format);
  va_copy(again, list);
  int length = vsnprintf(NULL, 0, format, list);
  va_end(list);
  char *text = testudo_i_arena_alloc(&t->arena, (size_t)length + 1, 1);
  if (text != NULL)
    vsnprintf(text, (size_t)length + 1, format, again);
  va_end(again);
  return text;
}

testudo_status table_date(cli_table *t, const char **date, testudo_error *error)
{
  time_t now = time(NULL);
  struct tm day;
  char text[16];
  if (cli_given(t->arguments, "date")) {
    *date = cli_text(t->arguments, "date", "");
    return testudo_i_best_is_date(*date)
               ? TESTUDO_OK
               : cli_refuse(error, "--date: '%.40s' is no day; it is year-month-day, as 2026-11-29", *date);
  }
  if (gmtime_r(&now, &day) == NULL || strftime(text, sizeof text, "%Y-%m-%d", &day) == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "today's date cannot be read from the clock; give --date");
  *date = table_text(t, "%s", text);
  return testudo_i_arena_check(&t->arena, error);
}

testudo_status table_measure(cli_table *t, table_candidate *candidate, testudo_error *error)
{
  testudo_best_row *row = &candidate->row;
  const testudo_design *design = candidate->design;
  bool known;
  char by[32];
  TESTUDO_I_TRY(testudo_best_measure(&row->key, design, &t->options, NULL, &row->value, error));
  TESTUDO_I_TRY(testudo_best_canonical(design, &known, &row->canonical, by, error));
  row->canonical_by = known ? table_text(t, "%s", by) : NULL;
  row->checksum = testudo_design_checksum(design);
  row->orders = testudo_best_orders(design);
  row->version = testudo_version();
  row->load = (double)design->max_load / row->key.granularity;
  row->copies = (double)design->row[design->workers] / design->chunks;
  row->least_copies = design->min_replication;
  return testudo_i_arena_check(&t->arena, error);
}

testudo_status table_bound(cli_table *t, testudo_best_row *row, testudo_error *error)
{
  char proof[96];
  TESTUDO_I_TRY(testudo_best_bound(&row->key, t->options.monitor, &row->bound, proof, error));
  row->proof = table_text(t, "%s", proof);
  return testudo_i_arena_check(&t->arena, error);
}

static testudo_status weigh_close(cli_table *t, const testudo_best_row *row, const table_candidate *candidate,
                                  testudo_best_verdict *verdict, char *reason, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *design = NULL;
  double difference, spread;
  TESTUDO_I_TRY(table_row_design(t, row, &design, error));
  TESTUDO_I_TRY(testudo_best_compare(row, design, &candidate->row, candidate->design, &t->options, verdict,
                                     &difference, &spread, error));
  snprintf(reason, REASON, "%s: on the same trials it takes %.3g s %s, standard error %.2g s",
           *verdict == TESTUDO_BEST_WORSE ? "worse" : "not shown to be better", fabs(difference),
           difference < 0 ? "less" : "more", spread);
  return TESTUDO_OK;
}

testudo_status table_weigh(cli_table *t, const testudo_best_row *row, const table_candidate *candidate,
                           testudo_best_verdict *verdict, char *reason, testudo_error *error)
{
  reason[0] = '\0';
  *verdict = row == NULL ? TESTUDO_BEST_BETTER : testudo_best_weigh(row, &candidate->row);
  if (*verdict == TESTUDO_BEST_CLOSE)
    return weigh_close(t, row, candidate, verdict, reason, error);
  if (*verdict == TESTUDO_BEST_EQUAL)
    snprintf(reason, REASON, "equal: the table has this design%s",
             row->orders == candidate->row.orders ? "" : ", with workers and chunks in other numbers");
  else if (*verdict == TESTUDO_BEST_WORSE)
    snprintf(reason, REASON, "no better: %.9g s, but the table has %.9g s, of %.160s", candidate->row.value.value,
             row->value.value, row->method);
  return TESTUDO_OK;
}

/* ---- how the design is kept ---- */

static testudo_status keep_slots(cli_table *t, const testudo_slots *slots, int32_t group, testudo_best_row *row,
                                 testudo_error *error)
{
  const testudo_best_key *key = &row->key;
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *made = NULL;
  TESTUDO_I_HELD(testudo_i_free_held) char *line = NULL;
  const char *name;
  TESTUDO_I_TRY(table_keep_slots(t, slots, &name, error));
  const char *command = table_text(
      t, "testudo design --assignment %s --workers %d --replication %d --parts %d --order slots:%s --granularity %d",
      group == key->workers ? "cyclic" : "frc", (int)key->workers, (int)slots->partners, (int)key->parts, name,
      (int)key->granularity);
  TESTUDO_I_TRY(testudo_i_arena_check(&t->arena, error));
  TESTUDO_I_TRY(table_make(command, t->folder, &made, &line, error));
  if (testudo_best_orders(made) != row->orders)
    return TESTUDO_OK;
  row->command = table_text(t, "%s", line);
  row->checksum = testudo_design_checksum(made);
  return testudo_i_arena_check(&t->arena, error);
}

testudo_status table_keep(cli_table *t, table_candidate *candidate, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_slots_free) testudo_slots slots = {0};
  testudo_best_row *row = &candidate->row;
  int32_t group;
  if (row->command != NULL || row->file != NULL)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_best_slots(&row->key, candidate->design, &slots, &group, error));
  if (slots.count > 0)
    TESTUDO_I_TRY(keep_slots(t, &slots, group, row, error));
  if (row->command != NULL)
    return TESTUDO_OK;
  return table_keep_design(t, candidate->design, &row->file, &row->checksum, error);
}
