/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of numbers with commas, whose labels may be texts. */
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
  testudo_labels labels;
  int label_at;             /* its field */
  bool texts;               /* is a label no number? Then all are names of classes, and .. */
  testudo_i_word *name;     /* .. here in the second pass, pieces of the bytes */
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

static bool is_text(const testudo_i_csv *csv, int field)
{
  return csv->field[field].length > 0 && !is_number_like(csv->field[field]);
}

/* Of the second row, before it is read: is that field a text too? */
static bool next_is_text(const table_reader *r, int field)
{
  testudo_i_csv next = r->csv;
  testudo_error unread;
  return testudo_i_text_more(&next.text) && testudo_i_csv_row(&next, &unread) == TESTUDO_OK && is_text(&next, field);
}

/* Where one of its fields is no number. A text in the column of the labels alone may be a label, which the next row
   shows. */
static bool is_table_header(const table_reader *r)
{
  const testudo_i_csv *csv = &r->csv;
  int64_t number = r->label_column == NULL ? csv->columns
                                           : testudo_i_word_count((testudo_i_word){r->label_column,
                                                                                  strlen(r->label_column)});
  bool label = false;
  for (int k = 0; k < csv->fields; k++)
    if (is_text(csv, k) && r->labels == TESTUDO_LABELS_CLASSES && k + 1 == number)
      label = true;
    else if (is_text(csv, k))
      return true;
  return label && !next_is_text(r, (int)number - 1);
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
    bool label = k == r->label_at, number = testudo_i_parse_real(field.at, field.length, &value);
    if (!number && !(label && r->labels == TESTUDO_LABELS_CLASSES && is_text(csv, k)))
      return testudo_i_text_fail(&csv->text, r->error, "column %d: '%s' is not a finite number%s", k + 1,
                                 testudo_i_word_quote(field).text,
                                 !label || !is_text(csv, k)
                                     ? ""
                                     : "; texts are labels of classes only, for logistic and softmax");
    r->texts = r->texts || !number;
    if (r->name != NULL && label)
      r->name[r->samples] = field;
    if (r->data != NULL && label)
      r->data->label[r->samples] = number ? value : 0.0;
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
  bool header = is_table_header(r);
  TESTUDO_I_TRY(find_label_column(r, header));
  if (!header)
    TESTUDO_I_TRY(read_table_row(r));
  while (testudo_i_text_more(&r->csv.text)) {
    TESTUDO_I_TRY(testudo_i_csv_row(&r->csv, r->error));
    TESTUDO_I_TRY(read_table_row(r));
  }
  return TESTUDO_OK;
}

static int compare_names(const void *a, const void *b)
{
  const testudo_i_word *x = a, *y = b;
  int order = memcmp(x->at, y->at, x->length < y->length ? x->length : y->length);
  return order != 0 ? order : (x->length > y->length) - (x->length < y->length);
}

/* Labels become the ranks of their texts, in the order of bytes. */
static testudo_status rank_names(const table_reader *r)
{
  size_t samples = (size_t)r->samples, ranks = 0;
  TESTUDO_I_HELD(testudo_i_free_held) char *room = testudo_i_alloc(samples, sizeof(testudo_i_word));
  TESTUDO_I_TRY(testudo_i_memory_check(room != NULL, r->error));
  testudo_i_word *sorted = (testudo_i_word *)(void *)room;
  memcpy(sorted, r->name, samples * sizeof *sorted);
  qsort(sorted, samples, sizeof *sorted, compare_names);
  for (size_t i = 0; i < samples; i++)
    if (ranks == 0 || compare_names(&sorted[ranks - 1], &sorted[i]) != 0)
      sorted[ranks++] = sorted[i];
  for (size_t i = 0; i < samples; i++) {
    const testudo_i_word *at = bsearch(&r->name[i], sorted, ranks, sizeof *sorted, compare_names);
    r->data->label[i] = (double)(at - sorted);
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
  table_reader r = {.label_column = label_column, .labels = labels, .error = error};
  TESTUDO_I_TRY(read_table(&r, bytes, length, name));
  TESTUDO_I_TRY(make_table(&r, name, &made));
  r.data = made;
  TESTUDO_I_HELD(testudo_i_free_held) char *names = r.texts ? testudo_i_alloc((size_t)r.samples, sizeof *r.name) : NULL;
  TESTUDO_I_TRY(testudo_i_memory_check(names != NULL || !r.texts, error));
  r.name = (testudo_i_word *)(void *)names;
  TESTUDO_I_TRY(read_table(&r, bytes, length, name));
  if (r.texts)
    TESTUDO_I_TRY(rank_names(&r));
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
