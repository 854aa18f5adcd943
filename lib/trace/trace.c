/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The trace that was read. */
#include "trace/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"

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
  for (int c = 0; c < TESTUDO_TRACE_COLUMNS; c++)
    free(trace->taken[c]);
  *trace = (testudo_i_trace){0};
}

testudo_status testudo_trace_read(const char *path, const testudo_trace_options *options, testudo_trace **trace,
                                  testudo_error *error)
{
  *trace = NULL;
  testudo_trace *made = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  TESTUDO_I_HAND_OVER(testudo_i_trace_read_as(path, options, made, error), made, testudo_trace_free, trace);
}

void testudo_trace_free(testudo_trace *trace)
{
  if (trace != NULL)
    testudo_i_trace_free(trace);
  free(trace);
}

int32_t testudo_i_trace_rank(const int32_t *number, int64_t rows, int32_t *distinct, int32_t *rank)
{
  size_t count = 0, size = sizeof *distinct;
  memcpy(distinct, number, (size_t)rows * size);
  qsort(distinct, (size_t)rows, size, testudo_i_ascending_int32);
  for (int64_t r = 0; r < rows; r++)
    if (count == 0 || distinct[count - 1] != distinct[r])
      distinct[count++] = distinct[r];
  for (int64_t r = 0; r < rows; r++) {
    const int32_t *found = bsearch(&number[r], distinct, count, size, testudo_i_ascending_int32);
    rank[r] = (int32_t)(found - distinct);
  }
  return (int32_t)count;
}

const char *testudo_i_trace_unit_name(testudo_trace_unit unit)
{
  static const char *const names[] = {"s", "s", "ms", "us", "ns"};
  return names[unit];
}

void testudo_i_trace_describe(const testudo_i_trace *trace, char *text, size_t room)
{
  const char *unit = testudo_i_trace_unit_name(trace->unit);
  size_t length = 0;
  text[0] = '\0';
  if (trace->form == TESTUDO_TRACE_MATRIX)
    snprintf(text, room, "a row per iteration, a column per worker, in %s", unit);
  for (int c = 0; c < TESTUDO_TRACE_COLUMNS && (length = strlen(text)) + 1 < room; c++) {
    const char *key = testudo_i_trace_keys[c], *taken = trace->taken[c];
    bool timed = c == TESTUDO_TRACE_SECONDS || c == TESTUDO_TRACE_END, same = taken != NULL && strcmp(key, taken) == 0;
    if (taken != NULL)
      snprintf(text + length, room - length, "%s%s%s%s%s%s%s", length > 0 ? ", " : "", key, same ? "" : " from '",
               same ? "" : taken, same ? "" : "'", timed ? " in " : "", timed ? unit : "");
  }
}

testudo_status testudo_i_trace_check_chunks(const testudo_i_trace *trace, const char *name, const char *what,
                                            testudo_error *error)
{
  int64_t censored = 0, several = 0;
  for (int64_t k = 0; trace->censored != NULL && k < trace->rows; k++)
    censored += trace->censored[k];
  for (int64_t k = 0; trace->chunks != NULL && k < trace->rows; k++)
    several += trace->chunks[k] != 1;
  if (censored > 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                          "%s: %lld of %lld rows are censored, their ends were not seen, so %s cannot use them; "
                          "'testudo fit' does, and its law goes beyond them",
                          name, (long long)censored, (long long)trace->rows, what);
  return several == 0 ? TESTUDO_OK
                      : testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                                       "%s: %lld of %lld rows are the times of several chunks, so %s cannot use them; "
                                       "'testudo fit' finds what one takes",
                                       name, (long long)several, (long long)trace->rows, what);
}
