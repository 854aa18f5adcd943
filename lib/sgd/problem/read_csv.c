/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of numbers with commas. */
#include "sgd/problem/data.h"

#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "delay/number.h"

typedef struct table_reader {
  testudo_i_csv csv;
  const char *label_column;
  int label_at;             /* its field */
  int64_t samples;
  testudo_data *data;       /* NULL in the first pass */
  testudo_error *error;
} table_reader;

/* nan, inf and 1e400 are numbers that are refused, and no names. */
static bool is_number_like(testudo_i_word field)
{
  char text[64], *end;
  if (field.length >= sizeof text)
    return false;
  memcpy(text, field.at, field.length);
  text[field.length] = '\0';
  (void)strtod(text, &end);
  return end != text && *end == '\0';
}

static bool is_table_header(const testudo_i_csv *csv)
{
  for (int k = 0; k < csv->fields; k++)
    if (csv->field[k].length > 0 && !is_number_like(csv->field[k]))
      return true;
  return false;
}

/* A name goes before a number: columns may be called 0, 1, .. */
static testudo_status find_label_column(table_reader *r, bool header)
{
  const testudo_i_csv *csv = &r->csv;
  const char *wanted = r->label_column;
  r->label_at = wanted == NULL ? csv->columns - 1 : -1;
  for (int k = 0; k < csv->columns && wanted != NULL && header; k++) {
    if (csv->field[k].length != strlen(wanted) || memcmp(csv->field[k].at, wanted, strlen(wanted)) != 0)
      continue;
    if (r->label_at >= 0)
      return testudo_i_text_fail(&csv->text, r->error, "two columns are named %s", wanted);
    r->label_at = k;
  }
  if (r->label_at >= 0)
    return TESTUDO_OK;
  testudo_i_word word = {wanted, strlen(wanted)};
  int64_t number = testudo_i_word_count(word);
  if (number < 0)
    return testudo_i_text_fail(&csv->text, r->error, "%s is named %s",
                               header ? "no column" : "there is no header, so no column",
                               testudo_i_word_quote(word).text);
  if (number < 1 || number > csv->columns)
    return testudo_i_text_fail(&csv->text, r->error, "label column %s, but columns are 1..%d",
                               testudo_i_word_quote(word).text, csv->columns);
  r->label_at = (int)number - 1;
  return TESTUDO_OK;
}

static testudo_status read_table_row(table_reader *r)
{
  const testudo_i_csv *csv = &r->csv;
  for (int k = 0, at = 0; k < csv->fields; k++) {
    testudo_i_word field = csv->field[k];
    double value;
    if (field.length == 0)
      return testudo_i_text_fail(&csv->text, r->error, "column %d is empty: missing values are not supported", k + 1);
    if (!testudo_i_parse_real(field.at, field.length, &value))
      return testudo_i_text_fail(&csv->text, r->error, "column %d: '%s' is not a finite number", k + 1,
                                 testudo_i_word_quote(field).text);
    if (r->data != NULL && k == r->label_at)
      r->data->label[r->samples] = value;
    else if (r->data != NULL)
      r->data->feature[r->samples * r->data->features + at++] = value;
  }
  r->samples++;
  return TESTUDO_OK;
}

static testudo_status read_table(table_reader *r, const char *bytes, size_t length, const char *name)
{
  r->csv.text = testudo_i_text_start(bytes, length, name);
  r->samples = 0;
  TESTUDO_I_TRY(testudo_i_csv_first(&r->csv, r->error));
  bool header = is_table_header(&r->csv);
  TESTUDO_I_TRY(find_label_column(r, header));
  if (!header)
    TESTUDO_I_TRY(read_table_row(r));
  while (testudo_i_text_more(&r->csv.text)) {
    TESTUDO_I_TRY(testudo_i_csv_row(&r->csv, r->error));
    TESTUDO_I_TRY(read_table_row(r));
  }
  return TESTUDO_OK;
}

static testudo_status make_table(table_reader *r, const char *name, testudo_data **data)
{
  testudo_status status = testudo_i_data_new(r->samples, r->csv.columns - 1, TESTUDO_ERROR_INPUT, data, r->error);
  if (status == TESTUDO_ERROR_INPUT)
    testudo_i_error_prefix(r->error, name);
  return status;
}

testudo_status testudo_data_parse_csv(const char *bytes, size_t length, const char *name, testudo_labels labels,
                                      const char *label_column, testudo_data **data, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_data_drop) testudo_data *made = NULL;
  *data = NULL;
  table_reader r = {.label_column = label_column, .error = error};
  TESTUDO_I_TRY(read_table(&r, bytes, length, name));
  TESTUDO_I_TRY(make_table(&r, name, &made));
  r.data = made;
  TESTUDO_I_TRY(read_table(&r, bytes, length, name));
  if (labels == TESTUDO_LABELS_CLASSES)
    TESTUDO_I_TRY(testudo_i_data_classify(made, TESTUDO_ERROR_INPUT, name, error));
  *data = made;
  made = NULL;
  return TESTUDO_OK;
}

testudo_status testudo_data_read_csv(const char *path, testudo_labels labels, const char *label_column,
                                     testudo_data **data, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) char *bytes = NULL;
  size_t length;
  *data = NULL;
  TESTUDO_I_TRY(testudo_i_read_file(path, TESTUDO_I_LIMIT_TABLE_FILE, &bytes, &length, error));
  return testudo_data_parse_csv(bytes, length, path, labels, label_column, data, error);
}
