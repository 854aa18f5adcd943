/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trace files: comma-separated values with a header. */
#include "delay/model.h"

#include <stdlib.h>

#include "base/csv.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "delay/number.h"

typedef enum column { SECONDS, WORKER, ITERATION, CHUNK, KNOWN } column;

static const char *const column_name[KNOWN] = {"seconds", "worker", "iteration", "chunk"};

typedef struct reader {
  testudo_i_csv csv;
  int at[KNOWN];            /* the field of each known column, or -1 */
  size_t room[KNOWN];
  testudo_i_trace *trace;
  testudo_error *error;
} reader;

static testudo_status take_seconds(reader *r)
{
  testudo_i_trace *trace = r->trace;
  testudo_i_word f = r->csv.field[r->at[SECONDS]];
  double value;
  if (!testudo_i_parse_real(f.at, f.length, &value) || value < TESTUDO_I_LEAST || value > TESTUDO_I_MOST)
    return testudo_i_text_fail(&r->csv.text, r->error, "seconds '%s' is not a positive number from %g to %g",
                               testudo_i_word_quote(f).text, TESTUDO_I_LEAST, TESTUDO_I_MOST);
  if (testudo_i_grow((void **)&trace->seconds, &r->room[SECONDS], (size_t)trace->rows + 1, sizeof value) != 0)
    return testudo_i_fail_memory(r->error);
  trace->seconds[trace->rows] = value;
  return TESTUDO_OK;
}

static testudo_status take_count(reader *r, column c, int32_t **array)
{
  if (r->at[c] < 0)
    return TESTUDO_OK;
  testudo_i_word f = r->csv.field[r->at[c]];
  int64_t value = testudo_i_word_count(f);
  if (value < 0 || value > INT32_MAX)
    return testudo_i_text_fail(&r->csv.text, r->error, "%s '%s' is not a whole number from 0 to %d", column_name[c],
                               testudo_i_word_quote(f).text, INT32_MAX);
  if (testudo_i_grow((void **)array, &r->room[c], (size_t)r->trace->rows + 1, sizeof **array) != 0)
    return testudo_i_fail_memory(r->error);
  (*array)[r->trace->rows] = (int32_t)value;
  return TESTUDO_OK;
}

static testudo_status read_row(reader *r)
{
  TESTUDO_I_TRY(testudo_i_csv_row(&r->csv, r->error));
  TESTUDO_I_TRY(take_seconds(r));
  TESTUDO_I_TRY(take_count(r, WORKER, &r->trace->worker));
  TESTUDO_I_TRY(take_count(r, ITERATION, &r->trace->iteration));
  TESTUDO_I_TRY(take_count(r, CHUNK, &r->trace->chunk));
  r->trace->rows++;
  return TESTUDO_OK;
}

testudo_status testudo_i_trace_parse(const char *bytes, size_t length, const char *name, testudo_i_trace *trace,
                                     testudo_error *error)
{
  *trace = (testudo_i_trace){0};
  reader r = {.trace = trace, .error = error};
  r.csv.text = testudo_i_text_start(bytes, length, name);
  testudo_status status = testudo_i_csv_header(&r.csv, column_name, KNOWN, 1, r.at, error);
  while (status == TESTUDO_OK && testudo_i_text_more(&r.csv.text))
    status = read_row(&r);
  if (status == TESTUDO_OK && trace->rows == 0)
    status = testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: no rows after the header", name);
  if (status != TESTUDO_OK)
    testudo_i_trace_free(trace);
  return status;
}

testudo_status testudo_i_trace_read(const char *path, testudo_i_trace *trace, testudo_error *error)
{
  *trace = (testudo_i_trace){0};
  char *bytes;
  size_t length;
  TESTUDO_I_TRY(testudo_i_read_file(path, TESTUDO_I_LIMIT_TABLE_FILE, &bytes, &length, error));
  testudo_status status = testudo_i_trace_parse(bytes, length, path, trace, error);
  free(bytes);
  return status;
}

void testudo_i_trace_free(testudo_i_trace *trace)
{
  free(trace->seconds);
  free(trace->worker);
  free(trace->iteration);
  free(trace->chunk);
  *trace = (testudo_i_trace){0};
}
