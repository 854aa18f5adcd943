/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/csv.h"

#include <string.h>

#include "base/error.h"

#define LONGEST_LINE 65536

static testudo_status next_line(testudo_i_csv *csv, testudo_error *error)
{
  testudo_i_text *text = &csv->text;
  testudo_i_word word;
  if (!testudo_i_text_line(text))
    *text = (testudo_i_text){.name = text->name, .unit = text->unit, .line = text->line + 1};
  if (text->stop - text->at > LONGEST_LINE)
    return testudo_i_text_fail(text, error, "longer than %d characters", LONGEST_LINE);
  if (memchr(text->at, '"', (size_t)(text->stop - text->at)) != NULL)
    return testudo_i_text_fail(text, error, "a quotation mark, but fields are plain numbers and names");
  for (csv->fields = 0; testudo_i_text_field(text, ',', &word); csv->field[csv->fields++] = word)
    if (csv->fields == TESTUDO_I_CSV_COLUMNS)
      return testudo_i_text_fail(text, error, "more than %d fields", TESTUDO_I_CSV_COLUMNS);
  return TESTUDO_OK;
}

static testudo_status find_column(const testudo_i_csv *csv, const char *name, int *at, testudo_error *error)
{
  *at = -1;
  for (int k = 0; k < csv->fields; k++) {
    if (csv->field[k].length != strlen(name) || memcmp(csv->field[k].at, name, csv->field[k].length) != 0)
      continue;
    if (*at >= 0)
      return testudo_i_text_fail(&csv->text, error, "two columns are named %s", name);
    *at = k;
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_csv_header(testudo_i_csv *csv, const char *const *known, int count, int needed, int *at,
                                    testudo_error *error)
{
  if (!testudo_i_text_more(&csv->text))
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: is empty, but a header with a column named %s is needed",
                          csv->text.name, known[0]);
  TESTUDO_I_TRY(next_line(csv, error));
  csv->columns = csv->fields;
  for (int k = 0; k < count; k++)
    TESTUDO_I_TRY(find_column(csv, known[k], &at[k], error));
  for (int k = 0; k < needed; k++)
    if (at[k] < 0)
      return testudo_i_text_fail(&csv->text, error, "no column is named %s", known[k]);
  return TESTUDO_OK;
}

testudo_status testudo_i_csv_first(testudo_i_csv *csv, testudo_error *error)
{
  if (!testudo_i_text_more(&csv->text))
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: is empty", csv->text.name);
  TESTUDO_I_TRY(next_line(csv, error));
  csv->columns = csv->fields;
  return TESTUDO_OK;
}

testudo_status testudo_i_csv_row(testudo_i_csv *csv, testudo_error *error)
{
  TESTUDO_I_TRY(next_line(csv, error));
  if (csv->fields != csv->columns)
    return testudo_i_text_fail(&csv->text, error, "%d field%s, but the header names %d", csv->fields,
                               csv->fields == 1 ? "" : "s", csv->columns);
  return TESTUDO_OK;
}

testudo_status testudo_i_csv_index(const testudo_i_csv *csv, int field, const char *what, int32_t end, int32_t *index,
                                   testudo_error *error)
{
  int64_t count = testudo_i_word_count(csv->field[field]);
  if (count < 0 || count >= end)
    return testudo_i_text_fail(&csv->text, error, "%s '%s', but %ss are 0..%d", what,
                               testudo_i_word_quote(csv->field[field]).text, what, end - 1);
  *index = (int32_t)count;
  return TESTUDO_OK;
}
