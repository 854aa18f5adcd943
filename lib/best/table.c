/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of designs: files of JSON lines, the first of which says what they are. */
#include <testudo/best.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "best/row.h"

#define FORMAT "testudo-table"
enum { VERSION = 1 };

/* Rows are behind pointers, so that a model, which its row points to, stays where it is. */
struct testudo_best_table {
  testudo_i_best_held **row;
  size_t rows, room;
  testudo_i_arena arena;    /* of texts */
};

static void held_free(testudo_i_best_held *held)
{
  if (held == NULL)
    return;
  testudo_i_delay_terms_clear(&held->terms);
  free(held);
}

static void held_drop(testudo_i_best_held **held)
{
  held_free(*held);
}

testudo_status testudo_best_create(testudo_best_table **table, testudo_error *error)
{
  *table = testudo_i_calloc(1, sizeof **table);
  return testudo_i_memory_check(*table != NULL, error);
}

void testudo_best_free(testudo_best_table *table)
{
  if (table == NULL)
    return;
  for (size_t k = 0; k < table->rows; k++)
    held_free(table->row[k]);
  free(table->row);
  testudo_i_arena_clear(&table->arena);
  free(table);
}

size_t testudo_best_rows(const testudo_best_table *table)
{
  return table->rows;
}

const testudo_best_row *testudo_best_row_at(const testudo_best_table *table, size_t k)
{
  return &table->row[k]->row;
}

/* ---- looking up ---- */

/* The first row that does not come before `row`; *same: it is of the same cell. */
static size_t table_place(const testudo_best_table *table, const testudo_best_row *row, bool *same)
{
  size_t low = 0, high = table->rows;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (testudo_i_best_row_order(&table->row[middle]->row, row) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  *same = low < table->rows && testudo_i_best_row_order(&table->row[low]->row, row) == 0;
  return low;
}

const testudo_best_row *testudo_best_find(const testudo_best_table *table, const testudo_best_key *key)
{
  TESTUDO_I_HELD(testudo_i_free_held) char *delay = NULL;
  bool same;
  if (testudo_i_best_delay_text(key->model, &delay, NULL) != TESTUDO_OK)
    return NULL;
  const testudo_best_row wanted = {.key = *key, .delay = delay};
  size_t at = table_place(table, &wanted, &same);
  return same ? &table->row[at]->row : NULL;
}

static testudo_status table_insert(testudo_best_table *table, size_t at, testudo_i_best_held *held,
                                   testudo_error *error)
{
  TESTUDO_I_TRY(TESTUDO_I_GROW(table->row, table->room, table->rows + 1, error));
  memmove(table->row + at + 1, table->row + at, (table->rows - at) * sizeof *table->row);
  table->row[at] = held;
  table->rows++;
  return TESTUDO_OK;
}

/* ---- a better row ---- */

static testudo_best_previous previous_of(const testudo_best_row *before, const testudo_best_row *row)
{
  if (before->orders == row->orders)
    return before->previous;
  return (testudo_best_previous){.method = before->method, .by = before->by, .date = before->date,
                                 .value = before->value.value, .low = before->value.low,
                                 .high = before->value.high, .orders = before->orders};
}

testudo_status testudo_best_put(testudo_best_table *table, const testudo_best_row *row, testudo_error *error)
{
  const testudo_best_row *before = testudo_best_find(table, &row->key);
  testudo_best_row whole = *row;
  whole.previous = before == NULL ? (testudo_best_previous){0} : previous_of(before, row);
  TESTUDO_I_HELD(held_drop) testudo_i_best_held *held = testudo_i_calloc(1, sizeof *held);
  TESTUDO_I_TRY(testudo_i_memory_check(held != NULL, error));
  TESTUDO_I_TRY(testudo_i_best_row_copy(&whole, held, &table->arena, error));
  bool same;
  size_t at = table_place(table, &held->row, &same);
  if (!same)
    TESTUDO_I_TRY(table_insert(table, at, held, error));
  else {
    held_free(table->row[at]);
    table->row[at] = held;
  }
  held = NULL;
  return TESTUDO_OK;
}

/* ---- files ---- */

testudo_status testudo_best_write(const testudo_best_table *table, const char *path, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_output_abandon) testudo_i_output output = {0};
  testudo_i_json_writer writer;
  TESTUDO_I_TRY(testudo_i_output_open(&output, path, error));
  fprintf(output.stream, "{\"format\":\"" FORMAT "\",\"version\":%d}\n", VERSION);
  for (size_t k = 0; k < table->rows; k++) {
    testudo_i_json_start(&writer, output.stream);
    testudo_i_best_row_put(&writer, &table->row[k]->row);
    (void)fputc('\n', output.stream);
    if (writer.failed)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%s: a text is not UTF-8, or memory ran out", path);
  }
  return testudo_i_output_commit(&output, error);
}

/* Is it the first line of such a file? */
static testudo_status check_head(const testudo_i_json_document *document, testudo_error *error)
{
  const testudo_i_json_at root = testudo_i_json_top(document, error);
  const testudo_i_json_value *value;
  const char *format;
  void *walk = NULL;
  int64_t version;
  if (testudo_i_json_kind_of(root.object) != TESTUDO_I_JSON_OBJECT)
    return testudo_i_json_refuse(&root, "no table of designs, which begins with {\"format\":\"" FORMAT
                                 "\",\"version\":%d}", VERSION);
  TESTUDO_I_TRY(testudo_i_json_want_string(&root, "format", &format));
  if (strcmp(format, FORMAT) != 0)
    return testudo_i_json_refuse(&root, "format: must be " FORMAT);
  TESTUDO_I_TRY(testudo_i_json_want_integer(&root, "version", VERSION, VERSION, &version));
  for (const char *key; (key = testudo_i_json_walk(root.object, &walk, &value)) != NULL;)
    if (strcmp(key, "format") != 0 && strcmp(key, "version") != 0)
      return testudo_i_best_refuse_lost(&root, key);
  return TESTUDO_OK;
}

static testudo_status take_line(testudo_best_table *table, const testudo_i_json_document *document,
                                testudo_error *error)
{
  TESTUDO_I_HELD(held_drop) testudo_i_best_held *held = testudo_i_calloc(1, sizeof *held);
  bool same;
  TESTUDO_I_TRY(testudo_i_memory_check(held != NULL, error));
  TESTUDO_I_TRY(testudo_i_best_row_read(document, held, &table->arena, error));
  TESTUDO_I_TRY(testudo_i_best_row_is_whole(document, &held->row, error));
  size_t at = table_place(table, &held->row, &same);
  if (same)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: another row is of the same cell",
                          testudo_i_json_name(document));
  if (at < table->rows) /* the first line is the head */
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: this row belongs before that of line %zu: rows stand in the"
                          " order of delay, objective, parts, workers, load, granularity and copies",
                          testudo_i_json_name(document), at + 2);
  TESTUDO_I_TRY(table_insert(table, at, held, error));
  held = NULL;
  return TESTUDO_OK;
}

static testudo_status parse_line(testudo_best_table *table, const testudo_i_text *text, bool first,
                                 testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_json_free_held) testudo_i_json_document *document = NULL;
  char place[320];
  size_t length = (size_t)(text->stop - text->at);
  snprintf(place, sizeof place, "%.256s: line %lld", text->name, (long long)text->line);
  if (length > TESTUDO_I_LIMIT_BEST_ROW)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: longer than %zu bytes", place, TESTUDO_I_LIMIT_BEST_ROW);
  TESTUDO_I_TRY(testudo_i_json_parse(text->at, length, place, &document, error));
  return first ? check_head(document, error) : take_line(table, document, error);
}

static testudo_status parse_all(testudo_best_table *table, const char *bytes, size_t length, const char *name,
                                testudo_error *error)
{
  testudo_i_text text = testudo_i_text_start(bytes, length, name);
  while (testudo_i_text_line(&text))
    TESTUDO_I_TRY(parse_line(table, &text, text.line == 1, error));
  return text.line > 0 ? TESTUDO_OK
                       : testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: empty, but a table of designs begins with"
                                        " {\"format\":\"" FORMAT "\",\"version\":%d}", name, VERSION);
}

testudo_status testudo_best_parse(const char *bytes, size_t length, const char *name, testudo_best_table **table,
                                  testudo_error *error)
{
  testudo_best_table *made;
  *table = NULL;
  TESTUDO_I_TRY(testudo_best_create(&made, error));
  TESTUDO_I_HAND_OVER(parse_all(made, bytes, length, name, error), made, testudo_best_free, table);
}

testudo_status testudo_best_read(const char *path, testudo_best_table **table, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) char *bytes = NULL;
  size_t length = 0;
  *table = NULL;
  TESTUDO_I_TRY(testudo_i_read_file(path, TESTUDO_I_LIMIT_BEST_FILE, &bytes, &length, error));
  return testudo_best_parse(bytes, length, path, table, error);
}
