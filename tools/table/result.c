/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows as results show them, and which of them are asked for. */
#include "table/table.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/error.h"

static const char *const structure_words[] = {[TESTUDO_STRUCTURE_SCALED] = "scaled",
                                              [TESTUDO_STRUCTURE_ADDITIVE] = "additive",
                                              [TESTUDO_STRUCTURE_MIXED] = "mixed:"};

/* "exp:1, scaled, per share", and ", .." where the model has other terms, which its JSON says. */
static void delay_words(const testudo_delay_model *model, char *text, size_t room)
{
  bool more = model->startup != NULL || model->overhead > 0 || model->message != NULL || model->signal > 0 ||
              model->slow.factor > 0 || model->failures != TESTUDO_FAILURES_NONE;
  snprintf(text, room, "%s, %s%s%s%s", testudo_law_text(model->law), structure_words[model->structure],
           model->chunk_law != NULL ? testudo_law_text(model->chunk_law) : "",
           model->unit == TESTUDO_UNIT_SHARE ? ", per share" : "", more ? ", .." : "");
}

static void objective_words(const testudo_objective *objective, char *text, size_t room)
{
  if (objective->kind == TESTUDO_OBJECTIVE_MEAN)
    snprintf(text, room, "mean");
  else
    snprintf(text, room, "quantile:%.12g", objective->at);
}

void table_name_cell(const testudo_best_row *row, char *text, size_t room)
{
  const testudo_best_key *key = &row->key;
  char delay[256], objective[32], copies[64] = "";
  delay_words(key->model, delay, sizeof delay);
  objective_words(&key->objective, objective, sizeof objective);
  if (key->copies < key->load || key->least_copies > key->parts)
    snprintf(copies, sizeof copies, ", copies at most %g, at least %d", key->copies, (int)key->least_copies);
  snprintf(text, room, "%d workers, load %g%s, granularity %d, %d part%s, %s, %s", (int)key->workers, key->load, copies,
           (int)key->granularity, (int)key->parts, key->parts == 1 ? "" : "s", delay, objective);
}

testudo_status table_show_row(cli_table *t, const testudo_best_row *row, table_row *shown, testudo_error *error)
{
  bool simulated = row->value.kind == TESTUDO_BEST_SIMULATED;
  testudo_best_row *best = &shown->best;
  char delay[1200];
  *shown = (table_row){.best = *row, .kind = simulated ? "simulated" : "exact",
                       .seed = simulated ? (int64_t)row->value.seed : -1,
                       .design = row->command != NULL ? row->command : row->file, .holds = -1};
  best->value.trials = simulated ? row->value.trials : -1;
  best->proof = isnan(row->bound) ? NULL : row->proof;
  best->named_value.value = row->named == NULL ? NAN : row->named_value.value;
  best->previous.value = row->previous.method == NULL ? NAN : row->previous.value;
  delay_words(row->key.model, delay, sizeof delay);
  shown->delay = table_text(t, "%s", delay);
  objective_words(&row->key.objective, shown->objective, sizeof shown->objective);
  snprintf(shown->checksum, sizeof shown->checksum, "%016" PRIx64, row->checksum);
  snprintf(shown->orders, sizeof shown->orders, "%016" PRIx64, row->orders);
  if (row->canonical_by != NULL)
    snprintf(shown->canonical, sizeof shown->canonical, "%016" PRIx64, row->canonical);
  return testudo_i_arena_check(&t->arena, error);
}

double table_gap(const void *row)
{
  const table_row *shown = row;
  return 100 * (shown->best.value.value / shown->best.bound - 1);
}

double table_gain(const void *row)
{
  const table_row *shown = row;
  return 100 * (1 - shown->best.value.value / shown->best.named_value.value);
}

/* ---- which rows ---- */

static bool lists(const cli_table *t, const char *option, double value)
{
  const cli_value *list = cli_get(t->arguments, option);
  for (size_t k = 0; k < list->count; k++)
    if ((list->reals != NULL ? list->reals[k] : list->integers[k]) == value)
      return true;
  return !list->given;
}

bool table_selects(const cli_table *t, const testudo_best_row *row)
{
  const testudo_best_key *key = &row->key;
  const cli_value *objective = cli_get(t->arguments, "objective");
  if (objective->given && (objective->objective.kind != key->objective.kind ||
                           (key->objective.kind == TESTUDO_OBJECTIVE_QUANTILE &&
                            objective->objective.at != key->objective.at)))
    return false;
  return lists(t, "workers", key->workers) && lists(t, "load", key->load) &&
         lists(t, "granularity", key->granularity) && lists(t, "parts", key->parts) &&
         (t->filter_delay == NULL || strcmp(t->filter_delay, row->delay) == 0);
}

/* ---- fields ---- */

static const char *const holds_words[] = {"FAILS", "holds"};

static bool row_was_checked(const void *result)
{
  return ((const table_row *)result)->holds >= 0;
}

const field table_row_fields[] = {
    {FIELD_AS("workers", table_row, best.key.workers), .label = "workers", .meaning = "number of workers m"},
    {FIELD_AS("load", table_row, best.key.load), .label = "load", .unit = "shares", .digits = 6,
     .meaning = "limit of the cell: no worker holds more"},
    {FIELD_AS("granularity", table_row, best.key.granularity), .label = "c", .meaning = "chunks per share"},
    {FIELD_AS("parts", table_row, best.key.parts), .label = "l", .meaning = "parts of the gradient"},
    {FIELD_AS("copies_limit", table_row, best.key.copies),
     .meaning = "limit of the cell: copies of a chunk on average, at most"},
    {FIELD_AS("least_copies_limit", table_row, best.key.least_copies),
     .meaning = "limit of the cell: copies of every chunk, at least"},
    {FIELD(table_row, delay), .label = "delay", .meaning = "the delay model in words"},
    {FIELD_AS("model", table_row, best.delay),
     .meaning = "the delay model as a text of JSON, the members of a delay file"},
    {FIELD_CHARS("objective", table_row, objective), .label = "objective", .meaning = "mean, or quantile:q"},
    {FIELD_AS("value", table_row, best.value.value), .label = "value", .unit = "s", .digits = 6,
     .meaning = "the objective of the design"},
    {FIELD_AS("low", table_row, best.value.low), .unit = "s", .meaning = "lower end of the interval of the value"},
    {FIELD_AS("high", table_row, best.value.high), .unit = "s", .meaning = "upper end of the interval of the value"},
    {FIELD(table_row, kind), .label = "", .meaning = "exact: the interval is the estimated numerical error; simulated:"
     " a 95 % interval"},
    {FIELD_CHARS("value_method", table_row, best.value.method), .meaning = "how it was computed"},
    {FIELD_AS("trials", table_row, best.value.trials), .meaning = "trials of a simulated value"},
    {FIELD(table_row, seed), .meaning = "their seed"},
    {FIELD_AS("bound", table_row, best.bound), .label = "bound", .unit = "s", .digits = 6,
     .meaning = "no design of the cell is faster; null: not known"},
    {FIELD_AS("proof", table_row, best.proof), .meaning = "where the bound comes from"},
    {FIELD_WORKED_OUT("gap", table_gap), .label = "gap", .unit = "%", .digits = 3,
     .meaning = "value above the bound, in per cent of it"},
    {FIELD_AS("named_command", table_row, best.named),
     .meaning = "the best named construction that was tried for the cell"},
    {FIELD_AS("named_value", table_row, best.named_value.value), .unit = "s", .meaning = "its value"},
    {FIELD_WORKED_OUT("gain", table_gain), .label = "gain", .unit = "%", .digits = 3,
     .meaning = "value below that of the best named construction, in per cent of that"},
    {FIELD(table_row, design), .meaning = "the command that makes the design, or its file beside the table"},
    {FIELD_CHARS("checksum", table_row, checksum), .meaning = "checksum of the design file"},
    {FIELD_CHARS("orders", table_row, orders), .meaning = "FNV-1a-64 of sizes and orders"},
    {FIELD_CHARS("canonical", table_row, canonical), .meaning = "the same number for designs that are equal but for the"
     " numbers of workers and chunks; null: not known"},
    {FIELD_AS("canonical_by", table_row, best.canonical_by), .meaning = "what numbered it"},
    {FIELD_AS("design_load", table_row, best.load), .unit = "shares", .meaning = "largest load of the design"},
    {FIELD_AS("copies", table_row, best.copies), .meaning = "copies of a chunk on average"},
    {FIELD_AS("least_copies", table_row, best.least_copies), .meaning = "copies of the chunk that has fewest"},
    {FIELD_AS("method", table_row, best.method), .label = "method", .meaning = "what found it"},
    {FIELD_AS("by", table_row, best.by), .meaning = "who found it"},
    {FIELD_AS("date", table_row, best.date), .meaning = "when, year-month-day"},
    {FIELD_AS("searched", table_row, best.searched),
     .meaning = "the search that 'testudo table fill' has last run for the cell"},
    {FIELD_AS("previous", table_row, best.previous.value), .unit = "s",
     .meaning = "the record before; null: there was none"},
    {FIELD_AS("previous_method", table_row, best.previous.method), .meaning = "what had found that"},
    {FIELD_AS("previous_by", table_row, best.previous.by), .meaning = "who had"},
    {FIELD_AS("previous_date", table_row, best.previous.date), .meaning = "and when"},
    {FIELD_ANSWERED(table_row, holds), .label = "", .words = holds_words, .when = row_was_checked,
     .meaning = "was everything in the row found again? null: not checked"},
    {FIELD(table_row, problem), .meaning = "what was not"},
    {.key = NULL},
};

static void table_print(FILE *text, const void *result)
{
  const cli_table *t = result;
  fprintf(text, "%s: %" PRId64 " cells\n", t->file, t->cells);
  if (t->verb == TABLE_CHECK)
    fprintf(text, "%" PRId64 " checked, %" PRId64 " failed\n", t->checked, t->failed);
  else if (t->verb == TABLE_ADD)
    fprintf(text, "%s%s%s\n", t->verdict, t->reason != NULL ? ": " : "", t->reason != NULL ? t->reason : "");
  else if (t->verb == TABLE_FILL)
    fprintf(text, "%" PRId64 " searched, %" PRId64 " new or better, %" PRId64 " left\n", t->tried, t->improved,
            t->left);
}

/* Of a check those that failed were named; of a fill there are too many. */
static bool table_prints_rows(const void *result)
{
  const cli_table *t = result;
  return t->verb == TABLE_SHOW || t->verb == TABLE_ADD;
}

const field table_fields[] = {
    {FIELD(cli_table, file), .phrase = table_print, .meaning = "the file of the table"},
    {FIELD_AS("did", cli_table, verb_word), .meaning = "check, add, show or fill"},
    {FIELD(cli_table, cells), .meaning = "rows of the table"},
    {FIELD(cli_table, checked), .meaning = "check: rows that were proved again"},
    {FIELD(cli_table, failed), .meaning = "check: those that do not hold"},
    {FIELD(cli_table, verdict), .meaning = "add: accepted, or refused"},
    {FIELD(cli_table, reason), .meaning = "add: why"},
    {FIELD(cli_table, tried), .meaning = "fill: cells that were searched"},
    {FIELD(cli_table, improved), .meaning = "fill: cells that are new or have a better design"},
    {FIELD(cli_table, left), .meaning = "fill: cells that were not searched in time"},
    {FIELD_ROWS("rows", cli_table, row, rows, table_row_fields), .label = "", .when = table_prints_rows,
     .meaning = "the rows that were shown, checked, added or found"},
    {.key = NULL},
};

const field table_csv_fields[] = {
    {FIELD_ROWS("", cli_table, row, rows, table_row_fields)},
    {.key = NULL},
};
