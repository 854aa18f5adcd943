/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of text, and arrays, to seconds and numbers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/number.h"
#include "trace/reader.h"

#define ALLOWED "is not a positive number from %g to %g seconds"

/* ---- one value ---- */

bool testudo_i_trace_seconds(const testudo_i_trace_reader *r, double value, double *seconds)
{
  *seconds = value / r->divisor;
  return *seconds >= TESTUDO_I_LEAST && *seconds <= TESTUDO_I_MOST;
}

static testudo_status grow_to(void *array, size_t room, size_t size, testudo_error *error)
{
  void **at = array, *grown = room <= SIZE_MAX / size ? realloc(*at, room * size) : NULL;
  TESTUDO_I_TRY(testudo_i_memory_check(grown != NULL, error));
  *at = grown;
  return TESTUDO_OK;
}

testudo_status testudo_i_trace_room(testudo_i_trace_reader *r, testudo_error *error)
{
  testudo_i_trace *trace = r->trace;
  if ((size_t)trace->rows < r->room)
    return TESTUDO_OK;
  if (trace->rows >= TESTUDO_I_LIMIT_TRACE_ROWS)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: more than %lld rows", r->source->name,
                          (long long)TESTUDO_I_LIMIT_TRACE_ROWS);
  /* Memory that is not written to yet costs nothing. */
  size_t room = r->room == 0 ? 1024 : r->room + r->room / 2;
  int32_t **const columns[] = {&trace->worker, &trace->iteration, &trace->chunk, &trace->chunks, &r->part};
  const bool wanted[] = {r->at[TESTUDO_TRACE_WORKER] >= 0, r->at[TESTUDO_TRACE_ITERATION] >= 0,
                         r->at[TESTUDO_TRACE_CHUNK] >= 0, r->at[TESTUDO_TRACE_CHUNKS] >= 0, r->sum_at >= 0};
  TESTUDO_I_TRY(grow_to(&trace->seconds, room, sizeof *trace->seconds, error));
  for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
    if (wanted[k])
      TESTUDO_I_TRY(grow_to(columns[k], room, sizeof **columns[k], error));
  if (r->at[TESTUDO_TRACE_CENSORED] >= 0)
    TESTUDO_I_TRY(grow_to(&trace->censored, room, sizeof *trace->censored, error));
  r->room = room;
  return TESTUDO_OK;
}

/* Workers get the numbers of their names. */
static testudo_status begin_names(testudo_i_trace_reader *r, testudo_error *error)
{
  for (int64_t k = 0; k < r->trace->rows; k++) {
    char text[16];
    int length = snprintf(text, sizeof text, "%d", (int)r->trace->worker[k]);
    TESTUDO_I_TRY(testudo_i_names_number(&r->workers, (testudo_i_word){text, (size_t)length}, &r->trace->worker[k],
        error));
  }
  r->named = true;
  return TESTUDO_OK;
}

testudo_status testudo_i_trace_name_worker(testudo_i_trace_reader *r, testudo_i_word name, testudo_error *error)
{
  if (!r->named)
    TESTUDO_I_TRY(begin_names(r, error));
  return testudo_i_names_number(&r->workers, name, &r->trace->worker[r->trace->rows], error);
}

/* ---- a row of a table ---- */

static testudo_status take_count(testudo_i_trace_reader *r, testudo_trace_column c, int32_t least, int32_t *to,
                                 testudo_error *error)
{
  size_t cell = (size_t)r->at[c];
  int64_t count = testudo_i_table_whole(&r->table, cell);
  if (count < least || count > INT32_MAX)
    return testudo_i_table_fail(&r->table, error, "%s '%s' is not a whole number from %d to %d",
                                testudo_i_trace_keys[c], testudo_i_table_quote(&r->table, cell).text, (int)least,
                                INT32_MAX);
  *to = (int32_t)count;
  return TESTUDO_OK;
}

/* A whole number, or what is no number at all. */
static testudo_status take_worker(testudo_i_trace_reader *r, testudo_error *error)
{
  size_t cell = (size_t)r->at[TESTUDO_TRACE_WORKER];
  testudo_i_word word = r->table.cell[cell];
  double value;
  if (!r->named && (testudo_i_word_count(word) >= 0 || testudo_i_table_real(&r->table, cell, &value)))
    return take_count(r, TESTUDO_TRACE_WORKER, 0, &r->trace->worker[r->trace->rows], error);
  if (word.length == 0)
    return testudo_i_table_fail(&r->table, error, "worker is empty");
  if (!testudo_i_word_is_printable(word))
    return testudo_i_table_fail(&r->table, error, "worker '%s' has control characters, or is not UTF-8",
                                testudo_i_table_quote(&r->table, cell).text);
  return testudo_i_trace_name_worker(r, word, error);
}

static testudo_status take_censored(testudo_i_trace_reader *r, bool *censored, testudo_error *error)
{
  static const char *const words[] = {"0", "1", "false", "true", "no", "yes"};
  size_t cell = (size_t)r->at[TESTUDO_TRACE_CENSORED];
  for (int k = 0; k < 6; k++)
    if (testudo_i_word_is(r->table.cell[cell], words[k])) {
      *censored = k % 2 == 1;
      return TESTUDO_OK;
    }
  return testudo_i_table_fail(&r->table, error, "censored '%s' is none of 0, 1, false, true, no, yes",
                              testudo_i_table_quote(&r->table, cell).text);
}

static testudo_status take_cancelled(testudo_i_trace_reader *r, double *seconds, testudo_error *error)
{
  if (r->trace->iteration == NULL)
    return testudo_i_table_fail(&r->table, error,
                                "seconds -1, a cancelled worker, but no column is named iteration: only the others of "
                                "its iteration say how long it took at least");
  r->cancelled = true;
  *seconds = TESTUDO_I_CANCELLED;
  return TESTUDO_OK;
}

static testudo_status take_seconds(testudo_i_trace_reader *r, double *seconds, testudo_error *error)
{
  size_t cell = (size_t)r->at[TESTUDO_TRACE_SECONDS];
  double value;
  bool number = testudo_i_table_real(&r->table, cell, &value);
  if (number && value == TESTUDO_I_CANCELLED)
    return take_cancelled(r, seconds, error);
  if (number && testudo_i_trace_seconds(r, value, seconds))
    return TESTUDO_OK;
  return testudo_i_table_fail(&r->table, error, "seconds '%s' " ALLOWED, testudo_i_table_quote(&r->table, cell).text,
                              TESTUDO_I_LEAST, TESTUDO_I_MOST);
}

/* The difference of two times, which may be so large that a double has not all their digits. */
static testudo_status take_span(testudo_i_trace_reader *r, double *seconds, testudo_error *error)
{
  testudo_i_decimal exact[2];
  double value[2];
  bool are_exact = true;
  for (int k = 0; k < 2; k++) {
    size_t cell = (size_t)r->at[k == 0 ? TESTUDO_TRACE_START : TESTUDO_TRACE_END];
    testudo_i_word word = r->table.cell[cell];
    if (!testudo_i_table_real(&r->table, cell, &value[k]))
      return testudo_i_table_fail(&r->table, error, "%s '%s' is not a number", k == 0 ? "start" : "end",
                                  testudo_i_table_quote(&r->table, cell).text);
    are_exact = testudo_i_parse_decimal(word.at, word.length, r->table.point == ',' ? ',' : '.',
        &exact[k]) && are_exact;
  }
  double span = are_exact ? testudo_i_decimal_difference(&exact[1], &exact[0]) : value[1] - value[0];
  if (testudo_i_trace_seconds(r, span, seconds))
    return TESTUDO_OK;
  return testudo_i_table_fail(&r->table, error, "end - start = %g " ALLOWED, span, TESTUDO_I_LEAST,
                              TESTUDO_I_MOST);
}

/* Where lines and rows part, blank lines or comments stand between. */
static testudo_status keep_line(testudo_i_trace_reader *r, testudo_error *error)
{
  if (testudo_i_trace_line(r, r->trace->rows) == r->table.line)
    return TESTUDO_OK;
  TESTUDO_I_TRY(TESTUDO_I_GROW(r->lines, r->line_room, r->line_count + 1, error));
  r->lines[r->line_count++] = (testudo_i_trace_lines){r->trace->rows, r->table.line};
  return TESTUDO_OK;
}

int64_t testudo_i_trace_line(const testudo_i_trace_reader *r, int64_t row)
{
  size_t low = 0, high = r->line_count;
  if (high > 0 && r->lines[high - 1].row <= row)
    low = high - 1;
  while (low + 1 < high) {
    size_t middle = low + (high - low) / 2;
    if (r->lines[middle].row <= row)
      low = middle;
    else
      high = middle;
  }
  return r->line_count == 0 ? 0 : r->lines[low].line + (row - r->lines[low].row);
}

static testudo_status take_row(testudo_i_trace_reader *r, testudo_error *error)
{
  testudo_i_trace *trace = r->trace;
  int64_t k = trace->rows;
  TESTUDO_I_TRY(testudo_i_trace_room(r, error));
  TESTUDO_I_TRY(keep_line(r, error));
  TESTUDO_I_TRY(r->at[TESTUDO_TRACE_SECONDS] >= 0 ? take_seconds(r, &trace->seconds[k], error)
                                                  : take_span(r, &trace->seconds[k], error));
  if (trace->worker != NULL)
    TESTUDO_I_TRY(take_worker(r, error));
  if (trace->iteration != NULL)
    TESTUDO_I_TRY(take_count(r, TESTUDO_TRACE_ITERATION, 0, &trace->iteration[k], error));
  if (trace->chunk != NULL)
    TESTUDO_I_TRY(take_count(r, TESTUDO_TRACE_CHUNK, 0, &trace->chunk[k], error));
  if (trace->chunks != NULL)
    TESTUDO_I_TRY(take_count(r, TESTUDO_TRACE_CHUNKS, 1, &trace->chunks[k], error));
  if (trace->censored != NULL)
    TESTUDO_I_TRY(take_censored(r, &trace->censored[k], error));
  if (r->part != NULL)
    TESTUDO_I_TRY(testudo_i_names_number(&r->parts, r->table.cell[r->sum_at], &r->part[k], error));
  trace->rows++;
  return TESTUDO_OK;
}

/* ---- a matrix ---- */

/* Iterations and workers, where the file names none. */
static void begin_matrix(testudo_i_trace_reader *r, bool chunks)
{
  r->trace->form = TESTUDO_TRACE_MATRIX;
  r->at[TESTUDO_TRACE_WORKER] = r->at[TESTUDO_TRACE_ITERATION] = 0;
  r->at[TESTUDO_TRACE_CHUNK] = chunks ? 0 : -1;
}

static testudo_status take_matrix_row(testudo_i_trace_reader *r, int32_t iteration, testudo_error *error)
{
  testudo_i_trace *trace = r->trace;
  for (size_t j = 0; j < r->table.cells; j++) {
    TESTUDO_I_TRY(testudo_i_trace_room(r, error));
    r->at[TESTUDO_TRACE_SECONDS] = (int64_t)j;
    TESTUDO_I_TRY(take_seconds(r, &trace->seconds[trace->rows], error));
    trace->worker[trace->rows] = (int32_t)j;
    trace->iteration[trace->rows++] = iteration;
  }
  return TESTUDO_OK;
}

static testudo_status take_rows(testudo_i_trace_reader *r, testudo_error *error)
{
  bool header, more = true;
  TESTUDO_I_TRY(testudo_i_table_start(
      &r->table, r->source, &(testudo_i_table_options){r->options->separator, r->options->decimal_comma}, error));
  TESTUDO_I_TRY(testudo_i_table_first(&r->table, error));
  TESTUDO_I_TRY(testudo_i_trace_find_columns(r, &header, error));
  bool matrix = r->trace->form == TESTUDO_TRACE_MATRIX;
  if (matrix)
    begin_matrix(r, false);
  if (header)
    TESTUDO_I_TRY(testudo_i_table_row(&r->table, &more, error));
  for (int32_t iteration = 0; more && iteration < INT32_MAX; iteration += matrix) {
    TESTUDO_I_TRY(matrix ? take_matrix_row(r, iteration, error) : take_row(r, error));
    TESTUDO_I_TRY(testudo_i_table_row(&r->table, &more, error));
  }
  return r->trace->rows > 0
             ? TESTUDO_OK
             : testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: no rows after the header", r->table.name);
}

/* ---- an array ---- */

static testudo_status take_element(testudo_i_trace_reader *r, const testudo_i_npy *array, const int32_t at[3],
                                   testudo_error *error)
{
  testudo_i_trace *trace = r->trace;
  int64_t k = trace->rows;
  double value = testudo_i_npy_at(array, at[0], at[1], at[2]);
  TESTUDO_I_TRY(testudo_i_trace_room(r, error));
  bool cancelled = value == TESTUDO_I_CANCELLED && array->dimensions > 1;
  trace->seconds[k] = value;
  if (!cancelled && !testudo_i_trace_seconds(r, value, &trace->seconds[k]))
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: element (%d, %d, %d): seconds %g " ALLOWED, r->source->name,
                          (int)at[0], (int)at[1], (int)at[2], value, TESTUDO_I_LEAST, TESTUDO_I_MOST);
  r->cancelled = r->cancelled || cancelled;
  if (trace->iteration != NULL) {
    trace->iteration[k] = at[0];
    trace->worker[k] = at[1];
  }
  if (trace->chunk != NULL)
    trace->chunk[k] = at[2];
  trace->rows++;
  return TESTUDO_OK;
}

testudo_status testudo_i_trace_array(testudo_i_trace_reader *r, testudo_error *error)
{
  testudo_i_npy array;
  TESTUDO_I_TRY(testudo_i_npy_read(&array, r->source, error));
  if (array.count == 0 || array.count > INT32_MAX)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: a NumPy array of %lld elements, but a trace has 1 to %d",
                          r->source->name, (long long)array.count, INT32_MAX);
  for (int c = 0; c < TESTUDO_TRACE_COLUMNS; c++)
    r->at[c] = -1;
  r->sum_at = -1;
  if (array.dimensions > 1)
    begin_matrix(r, array.dimensions > 2);
  int32_t at[3];
  for (at[0] = 0; at[0] < array.shape[0]; at[0]++)
    for (at[1] = 0; at[1] < array.shape[1]; at[1]++)
      for (at[2] = 0; at[2] < array.shape[2]; at[2]++)
        TESTUDO_I_TRY(take_element(r, &array, at, error));
  return TESTUDO_OK;
}

/* ---- all ---- */

/* Choices that a file without text and columns cannot follow. */
static testudo_status refuse_table_options(const testudo_trace_options *options, bool array, testudo_error *error)
{
  const char *given = options->separator != 0 ? "separator" : options->decimal_comma ? "decimal-comma" : NULL;
  for (int c = 0; c < TESTUDO_TRACE_COLUMNS; c++)
    given = options->column[c] != NULL ? "column" : given;
  given = array && options->sum != NULL ? "sum" : given;
  return given == NULL ? TESTUDO_OK
                       : testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                                        "%s: applies to tables of text only, and this is %s", given,
                                        array ? "a NumPy array" : "a profiler's JSON file");
}

static testudo_status read_form(testudo_i_trace_reader *r, testudo_error *error)
{
  r->source->at += testudo_i_source_begins(r->source, "\xef\xbb\xbf", 3) ? 3 : 0;
  size_t begin = r->source->at;
  while (begin < r->source->end && strchr(" \t\r\n", r->source->window[begin]) != NULL)
    begin++;
  bool events = begin < r->source->end && (r->source->window[begin] == '{' || r->source->window[begin] == '[');
  r->trace->unit = r->options->unit != TESTUDO_TRACE_UNIT_OWN ? r->options->unit
                   : events                                   ? TESTUDO_TRACE_UNIT_US
                                                              : TESTUDO_TRACE_UNIT_S;
  r->divisor = (const double[]){1.0, 1.0, 1e3, 1e6, 1e9}[r->trace->unit];
  bool array = testudo_i_npy_is(r->source);
  if (events || array)
    TESTUDO_I_TRY(refuse_table_options(r->options, array, error));
  if (events)
    return testudo_i_trace_events(r, error);
  if (r->options->events != NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "%s: events are those of a profiler's JSON file, but this is none", r->source->name);
  return array ? testudo_i_trace_array(r, error) : take_rows(r, error);
}

static testudo_status read_source(testudo_i_source *source, const testudo_trace_options *options,
                                  testudo_i_trace *trace, testudo_error *error)
{
  static const testudo_trace_options plain;
  testudo_i_trace_reader r = {.options = options == NULL ? &plain : options, .trace = trace, .source = source};
  testudo_status status = read_form(&r, error);
  if (status == TESTUDO_OK)
    status = testudo_i_trace_finish(&r, error);
  testudo_i_table_close(&r.table);
  testudo_i_names_clear(&r.parts);
  testudo_i_names_clear(&r.workers);
  free(r.part);
  free(r.lines);
  free(r.other_name);
  if (status != TESTUDO_OK)
    testudo_i_trace_free(trace);
  return status;
}

testudo_status testudo_i_trace_parse_as(const char *bytes, size_t length, const char *name,
                                        const testudo_trace_options *options, testudo_i_trace *trace,
                                        testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_source_close) testudo_i_source source = {0};
  *trace = (testudo_i_trace){0};
  TESTUDO_I_TRY(testudo_i_source_start(&source, bytes, length, name, TESTUDO_I_LIMIT_TABLE_STREAM, error));
  return read_source(&source, options, trace, error);
}

testudo_status testudo_i_trace_read_as(const char *path, const testudo_trace_options *options, testudo_i_trace *trace,
                                       testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_source_close) testudo_i_source source = {0};
  *trace = (testudo_i_trace){0};
  TESTUDO_I_TRY(testudo_i_source_open(&source, path, TESTUDO_I_LIMIT_TABLE_STREAM, error));
  return read_source(&source, options, trace, error);
}
