/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/csv.h"

#include <string.h>

#include "base/error.h"

#define LONGEST_LINE 65536

void testudo_i_csv_start(testudo_i_csv *csv, const char *bytes, size_t length, const char *name)
{
  *csv = (testudo_i_csv){.name = name, .rest = bytes, .end = bytes + length};
  if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
    csv->rest += 3; /* the mark that some programs put before UTF-8 */
}

/* Cuts the line into fields and the blanks off them. */
static testudo_status cut(testudo_i_csv *csv, const char *line, size_t length, testudo_error *error)
{
  csv->fields = 0;
  for (size_t at = 0; at <= length;) {
    const char *comma = memchr(line + at, ',', length - at);
    size_t end = comma == NULL ? length : (size_t)(comma - line);
    testudo_i_csv_field f = {line + at, end - at};
    while (f.length > 0 && (*f.start == ' ' || *f.start == '\t'))
      f = (testudo_i_csv_field){f.start + 1, f.length - 1};
    while (f.length > 0 && (f.start[f.length - 1] == ' ' || f.start[f.length - 1] == '\t'))
      f.length--;
    if (csv->fields == TESTUDO_I_CSV_COLUMNS)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: line %lld: more than %d fields", csv->name, csv->line,
                            TESTUDO_I_CSV_COLUMNS);
    csv->field[csv->fields++] = f;
    at = end + 1;
  }
  return TESTUDO_OK;
}

static testudo_status next_line(testudo_i_csv *csv, testudo_error *error)
{
  csv->line++;
  size_t left = (size_t)(csv->end - csv->rest);
  const char *stop = memchr(csv->rest, '\n', left);
  size_t length = stop == NULL ? left : (size_t)(stop - csv->rest);
  const char *line = csv->rest;
  csv->rest = stop == NULL ? csv->end : stop + 1;
  if (length > 0 && line[length - 1] == '\r')
    length--;
  if (length > LONGEST_LINE)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: line %lld: longer than %d characters", csv->name, csv->line,
                          LONGEST_LINE);
  if (memchr(line, '"', length) != NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                          "%s: line %lld: a quotation mark, but fields are plain numbers and names", csv->name,
                          csv->line);
  return cut(csv, line, length, error);
}

bool testudo_i_csv_at_end(const testudo_i_csv *csv)
{
  for (const char *p = csv->rest; p < csv->end; p++)
    if (*p != '\n' && *p != '\r')
      return false;
  return true;
}

static testudo_status find_column(const testudo_i_csv *csv, const char *name, int *at, testudo_error *error)
{
  *at = -1;
  for (int k = 0; k < csv->fields; k++) {
    if (csv->field[k].length != strlen(name) || memcmp(csv->field[k].start, name, csv->field[k].length) != 0)
      continue;
    if (*at >= 0)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: line %lld: two columns are named %s", csv->name,
                            csv->line, name);
    *at = k;
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_csv_header(testudo_i_csv *csv, const char *const *known, int count, int needed, int *at,
                                    testudo_error *error)
{
  if (testudo_i_csv_at_end(csv))
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: is empty, but a header with a column named %s is needed",
                          csv->name, known[0]);
  testudo_status status = next_line(csv, error);
  csv->columns = csv->fields;
  for (int k = 0; status == TESTUDO_OK && k < count; k++)
    status = find_column(csv, known[k], &at[k], error);
  for (int k = 0; status == TESTUDO_OK && k < needed; k++)
    if (at[k] < 0)
      status = testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: line %lld: no column is named %s", csv->name, csv->line,
                              known[k]);
  return status;
}

testudo_status testudo_i_csv_row(testudo_i_csv *csv, testudo_error *error)
{
  testudo_status status = next_line(csv, error);
  if (status == TESTUDO_OK && csv->fields != csv->columns)
    status = testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: line %lld: %d field%s, but the header names %d", csv->name,
                            csv->line, csv->fields, csv->fields == 1 ? "" : "s", csv->columns);
  return status;
}
