/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trace files: comma-separated values with a header. */
#include "delay/model.h"

#include <stdlib.h>

#include "base/csv.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/order.h"
#include "delay/number.h"

typedef enum column { SECONDS, WORKER, ITERATION, CHUNK, MICROBATCH, KNOWN } column;

/* A micro-batch is a chunk by another name. */
static const char *const column_name[KNOWN] = {"seconds", "worker", "iteration", "chunk", "microbatch"};

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

/* ---- phases ---- */

typedef struct place {
  int32_t worker, iteration, chunk;
  int64_t row;
} place;

static bool is_same_chunk(const place *x, const place *y)
{
  return x->worker == y->worker && x->iteration == y->iteration && x->chunk == y->chunk;
}

static int by_chunk(const void *a, const void *b)
{
  const place *x = a, *y = b;
  if (x->worker != y->worker)
    return TESTUDO_I_COMPARE(x->worker, y->worker);
  if (x->iteration != y->iteration)
    return TESTUDO_I_COMPARE(x->iteration, y->iteration);
  return x->chunk != y->chunk ? TESTUDO_I_COMPARE(x->chunk, y->chunk) : TESTUDO_I_COMPARE(x->row, y->row);
}

/* Sorted: every later phase goes to the first, and leaves no seconds behind. */
static void gather_phases(testudo_i_trace *trace, const place *at)
{
  for (int64_t k = 1, first = 0; k < trace->rows; k++)
    if (is_same_chunk(&at[first], &at[k])) {
      trace->seconds[at[first].row] += trace->seconds[at[k].row];
      trace->seconds[at[k].row] = 0.0;
      trace->phases++;
    } else
      first = k;
}

static void close_gaps(testudo_i_trace *trace)
{
  int64_t kept = 0;
  for (int64_t r = 0; r < trace->rows; r++)
    if (trace->seconds[r] > 0.0) {
      trace->seconds[kept] = trace->seconds[r];
      trace->worker[kept] = trace->worker[r];
      trace->iteration[kept] = trace->iteration[r];
      trace->chunk[kept++] = trace->chunk[r];
    }
  trace->rows = kept;
}

static testudo_status add_phases(testudo_i_trace *trace, testudo_error *error)
{
  if (trace->worker == NULL || trace->iteration == NULL || trace->chunk == NULL)
    return TESTUDO_OK;
  TESTUDO_I_HELD(testudo_i_free_held) place *at = testudo_i_alloc((size_t)trace->rows, sizeof *at);
  TESTUDO_I_TRY(testudo_i_memory_check(at != NULL, error));
  for (int64_t r = 0; r < trace->rows; r++)
    at[r] = (place){trace->worker[r], trace->iteration[r], trace->chunk[r], r};
  qsort(at, (size_t)trace->rows, sizeof *at, by_chunk);
  gather_phases(trace, at);
  if (trace->phases > 0)
    close_gaps(trace);
  return TESTUDO_OK;
}

testudo_status testudo_i_trace_parse(const char *bytes, size_t length, const char *name, testudo_i_trace *trace,
                                     testudo_error *error)
{
  *trace = (testudo_i_trace){0};
  reader r = {.trace = trace, .error = error};
  r.csv.text = testudo_i_text_start(bytes, length, name);
  testudo_status status = testudo_i_csv_header(&r.csv, column_name, KNOWN, 1, r.at, error);
  if (status == TESTUDO_OK && r.at[CHUNK] < 0)
    r.at[CHUNK] = r.at[MICROBATCH];
  while (status == TESTUDO_OK && testudo_i_text_more(&r.csv.text))
    status = read_row(&r);
  if (status == TESTUDO_OK && trace->rows == 0)
    status = testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: no rows after the header", name);
  if (status == TESTUDO_OK)
    status = add_phases(trace, error);
  if (status != TESTUDO_OK)
    testudo_i_trace_free(trace);
  return status;
}

testudo_status testudo_i_trace_read(const char *path, testudo_i_trace *trace, testudo_error *error)
{
  *trace = (testudo_i_trace){0};
  TESTUDO_I_HELD(testudo_i_free_held) char *bytes = NULL;
  size_t length;
  TESTUDO_I_TRY(testudo_i_read_file(path, TESTUDO_I_LIMIT_TABLE_FILE, &bytes, &length, error));
  return testudo_i_trace_parse(bytes, length, path, trace, error);
}

void testudo_i_trace_free(testudo_i_trace *trace)
{
  free(trace->seconds);
  free(trace->worker);
  free(trace->iteration);
  free(trace->chunk);
  free(trace->chunks);
  free(trace->censored);
  for (int32_t w = 0; w < trace->names; w++)
    free(trace->worker_name[w]);
  free(trace->worker_name);
  *trace = (testudo_i_trace){0};
}
