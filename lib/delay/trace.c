/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trace files: comma-separated values with a header. Strict, because a row misread is a wrong law: no quotes, as many
   fields in every row as in the header. Blanks around a field are ignored. */
#include "delay/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "delay/number.h"

#define MOST_COLUMNS 256
#define LONGEST_LINE 65536
#define LARGEST_FILE ((size_t)1 << 30)

typedef enum column { SECONDS, WORKER, ITERATION, CHUNK, KNOWN } column;

static const char *const column_name[KNOWN] = {"seconds", "worker", "iteration", "chunk"};

typedef struct field {
  const char *start;
  size_t length;
} field;

typedef struct reader {
  const char *name;
  const char *rest, *end;
  long long line;           /* number of the line last read, from 1 */
  field field[MOST_COLUMNS];
  int fields;               /* of that line */
  int columns;              /* of the header */
  int at[KNOWN];            /* the field of each known column, or -1 */
  size_t room[KNOWN];
  testudo_i_trace *trace;
  testudo_error *error;
} reader;

/* Cuts the line into fields and the blanks off them. */
static testudo_status cut(reader *r, const char *line, size_t length)
{
  r->fields = 0;
  for (size_t at = 0; at <= length;) {
    const char *comma = memchr(line + at, ',', length - at);
    size_t end = comma == NULL ? length : (size_t)(comma - line);
    field f = {line + at, end - at};
    while (f.length > 0 && (*f.start == ' ' || *f.start == '\t'))
      f = (field){f.start + 1, f.length - 1};
    while (f.length > 0 && (f.start[f.length - 1] == ' ' || f.start[f.length - 1] == '\t'))
      f.length--;
    if (r->fields == MOST_COLUMNS)
      return testudo_i_fail(r->error, TESTUDO_ERROR_INPUT, "%s: line %lld: more than %d fields", r->name, r->line,
                            MOST_COLUMNS);
    r->field[r->fields++] = f;
    at = end + 1;
  }
  return TESTUDO_OK;
}

/* The next line, cut into fields. */
static testudo_status next_line(reader *r)
{
  r->line++;
  size_t left = (size_t)(r->end - r->rest);
  const char *stop = memchr(r->rest, '\n', left);
  size_t length = stop == NULL ? left : (size_t)(stop - r->rest);
  const char *line = r->rest;
  r->rest = stop == NULL ? r->end : stop + 1;
  if (length > 0 && line[length - 1] == '\r')
    length--;
  if (length > LONGEST_LINE)
    return testudo_i_fail(r->error, TESTUDO_ERROR_INPUT, "%s: line %lld: longer than %d characters", r->name, r->line,
                          LONGEST_LINE);
  if (memchr(line, '"', length) != NULL)
    return testudo_i_fail(r->error, TESTUDO_ERROR_INPUT,
                          "%s: line %lld: a quotation mark, but fields are plain numbers and names", r->name, r->line);
  return cut(r, line, length);
}

/* Blank lines may end the file, nothing else. */
static bool at_end(const reader *r)
{
  for (const char *p = r->rest; p < r->end; p++)
    if (*p != '\n' && *p != '\r')
      return false;
  return true;
}

static testudo_status read_header(reader *r)
{
  if (at_end(r))
    return testudo_i_fail(r->error, TESTUDO_ERROR_INPUT,
                          "%s: is empty, but a header with a column named seconds is needed", r->name);
  testudo_status status = next_line(r);
  if (status != TESTUDO_OK)
    return status;
  r->columns = r->fields;
  for (int c = 0; c < KNOWN; c++) {
    r->at[c] = -1;
    for (int k = 0; k < r->fields; k++) {
      if (r->field[k].length != strlen(column_name[c]) ||
          memcmp(r->field[k].start, column_name[c], r->field[k].length) != 0)
        continue;
      if (r->at[c] >= 0)
        return testudo_i_fail(r->error, TESTUDO_ERROR_INPUT, "%s: line %lld: two columns are named %s", r->name,
                              r->line, column_name[c]);
      r->at[c] = k;
    }
  }
  if (r->at[SECONDS] < 0)
    return testudo_i_fail(r->error, TESTUDO_ERROR_INPUT, "%s: line %lld: no column is named seconds", r->name,
                          r->line);
  return TESTUDO_OK;
}

static testudo_status take_seconds(reader *r)
{
  testudo_i_trace *trace = r->trace;
  field f = r->field[r->at[SECONDS]];
  double value;
  if (!testudo_i_parse_real(f.start, f.length, &value) || value < TESTUDO_I_LEAST || value > TESTUDO_I_MOST)
    return testudo_i_fail(r->error, TESTUDO_ERROR_INPUT,
                          "%s: line %lld: seconds '%s' is not a positive number from %g to %g", r->name, r->line,
                          testudo_i_quote_of(f.start, f.length).text, TESTUDO_I_LEAST, TESTUDO_I_MOST);
  if (testudo_i_grow((void **)&trace->seconds, &r->room[SECONDS], (size_t)trace->rows + 1, sizeof value) != 0)
    return testudo_i_fail_memory(r->error);
  trace->seconds[trace->rows] = value;
  return TESTUDO_OK;
}

static testudo_status take_count(reader *r, column c, int32_t **array)
{
  if (r->at[c] < 0)
    return TESTUDO_OK;
  field f = r->field[r->at[c]];
  int32_t value;
  if (!testudo_i_parse_count(f.start, f.length, &value))
    return testudo_i_fail(r->error, TESTUDO_ERROR_INPUT, "%s: line %lld: %s '%s' is not a whole number from 0 to %d",
                          r->name, r->line, column_name[c], testudo_i_quote_of(f.start, f.length).text, INT32_MAX);
  if (testudo_i_grow((void **)array, &r->room[c], (size_t)r->trace->rows + 1, sizeof value) != 0)
    return testudo_i_fail_memory(r->error);
  (*array)[r->trace->rows] = value;
  return TESTUDO_OK;
}

static testudo_status read_row(reader *r)
{
  testudo_status status = next_line(r);
  if (status != TESTUDO_OK)
    return status;
  if (r->fields != r->columns)
    return testudo_i_fail(r->error, TESTUDO_ERROR_INPUT, "%s: line %lld: %d field%s, but the header names %d", r->name,
                          r->line, r->fields, r->fields == 1 ? "" : "s", r->columns);
  status = take_seconds(r);
  if (status == TESTUDO_OK)
    status = take_count(r, WORKER, &r->trace->worker);
  if (status == TESTUDO_OK)
    status = take_count(r, ITERATION, &r->trace->iteration);
  if (status == TESTUDO_OK)
    status = take_count(r, CHUNK, &r->trace->chunk);
  if (status == TESTUDO_OK)
    r->trace->rows++;
  return status;
}

testudo_status testudo_i_trace_parse(const char *bytes, size_t length, const char *name, testudo_i_trace *trace,
                                     testudo_error *error)
{
  *trace = (testudo_i_trace){0};
  reader r = {.name = name, .rest = bytes, .end = bytes + length, .trace = trace, .error = error};
  if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
    r.rest += 3; /* the mark that some programs put before UTF-8 */
  testudo_status status = read_header(&r);
  while (status == TESTUDO_OK && !at_end(&r))
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
  testudo_status status = testudo_i_read_file(path, LARGEST_FILE, &bytes, &length, error);
  if (status != TESTUDO_OK)
    return status;
  status = testudo_i_trace_parse(bytes, length, path, trace, error);
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
