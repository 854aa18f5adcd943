/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of numbers. */
#include "sgd/problem/data.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/table.h"

typedef struct table_reader {
  testudo_i_table table;
  const char *label_column;
  size_t label_at;          /* its cell */
  int64_t samples;
  double *feature, *label;  /* of the samples so far, each room for its numbers */
  size_t feature_room, label_room;
} table_reader;

static void table_reader_clear(table_reader *r)
{
  testudo_i_table_close(&r->table);
  free(r->feature);
  free(r->label);
}

/* A name goes before a number: columns may be called 0, 1, .. */
static testudo_status find_label_column(table_reader *r, bool header, testudo_error *error)
{
  const testudo_i_table *table = &r->table;
  const char *wanted = r->label_column;
  int64_t at = wanted == NULL ? (int64_t)table->columns - 1 : -1;
  if (wanted != NULL && header)
    TESTUDO_I_TRY(testudo_i_table_find(table, wanted, &at, error));
  if (at < 0) {
    testudo_i_word word = {wanted, strlen(wanted)};
    int64_t number = testudo_i_word_count(word);
    if (number < 0)
      return testudo_i_table_fail(table, error, "%s is named %s",
                                  header ? "no column" : "there is no header, so no column",
                                  testudo_i_word_quote(word).text);
    if (number < 1 || number > (int64_t)table->columns)
      return testudo_i_table_fail(table, error, "label column %s, but columns are 1..%zu",
                                  testudo_i_word_quote(word).text, table->columns);
    at = number - 1;
  }
  r->label_at = (size_t)at;
  return TESTUDO_OK;
}

static testudo_status read_cell(table_reader *r, size_t k, double *value, testudo_error *error)
{
  if (r->table.cell[k].length == 0)
    return testudo_i_table_fail(&r->table, error, "column %zu is empty: missing values are not supported", k + 1);
  if (!testudo_i_table_real(&r->table, k, value))
    return testudo_i_table_fail(&r->table, error, "column %zu: '%s' is not a finite number", k + 1,
                                testudo_i_table_quote(&r->table, k).text);
  return TESTUDO_OK;
}

static testudo_status read_table_row(table_reader *r, testudo_error *error)
{
  size_t features = r->table.columns - 1, samples = (size_t)r->samples;
  if ((samples + 1) * features > TESTUDO_MAX_DATA_NUMBERS)
    return testudo_i_table_fail(&r->table, error, "more than %lld numbers", (long long)TESTUDO_MAX_DATA_NUMBERS);
  bool had = testudo_i_grow((void **)&r->feature, &r->feature_room, (samples + 1) * features, sizeof(double)) == 0 &&
             testudo_i_grow((void **)&r->label, &r->label_room, samples + 1, sizeof(double)) == 0;
  TESTUDO_I_TRY(testudo_i_memory_check(had, error));
  double *feature = r->feature + samples * features;
  for (size_t k = 0; k <= features; k++)
    TESTUDO_I_TRY(read_cell(r, k, k == r->label_at ? &r->label[samples] : feature++, error));
  r->samples++;
  return TESTUDO_OK;
}

static testudo_status read_table_rows(table_reader *r, testudo_i_source *source, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_table_start(&r->table, source, NULL, error));
  TESTUDO_I_TRY(testudo_i_table_first(&r->table, error));
  bool header = testudo_i_table_is_header(&r->table), more = true;
  TESTUDO_I_TRY(find_label_column(r, header, error));
  if (!header)
    TESTUDO_I_TRY(read_table_row(r, error));
  while (true) {
    TESTUDO_I_TRY(testudo_i_table_row(&r->table, &more, error));
    if (!more)
      return TESTUDO_OK;
    TESTUDO_I_TRY(read_table_row(r, error));
  }
}

/* The numbers that were read become the set's. */
static testudo_status make_table(table_reader *r, const char *name, testudo_data **data, testudo_error *error)
{
  testudo_status status =
      testudo_i_data_new(r->samples, (int64_t)r->table.columns - 1, TESTUDO_ERROR_INPUT, data, error);
  if (status == TESTUDO_ERROR_INPUT)
    testudo_i_error_prefix(error, name);
  TESTUDO_I_TRY(status);
  free((*data)->feature);
  free((*data)->label);
  (*data)->feature = r->feature;
  (*data)->label = r->label;
  r->feature = r->label = NULL;
  return TESTUDO_OK;
}

static testudo_status read_table(testudo_i_source *source, testudo_labels labels, const char *label_column,
                                 testudo_data **data, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_data_drop) testudo_data *made = NULL;
  TESTUDO_I_HELD(table_reader_clear) table_reader r = {.label_column = label_column};
  TESTUDO_I_TRY(read_table_rows(&r, source, error));
  TESTUDO_I_TRY(make_table(&r, source->name, &made, error));
  if (labels == TESTUDO_LABELS_CLASSES)
    TESTUDO_I_TRY(testudo_i_data_classify(made, TESTUDO_ERROR_INPUT, source->name, error));
  *data = made;
  made = NULL;
  return TESTUDO_OK;
}

testudo_status testudo_data_parse_csv(const char *bytes, size_t length, const char *name, testudo_labels labels,
                                      const char *label_column, testudo_data **data, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_source_close) testudo_i_source source = {0};
  *data = NULL;
  TESTUDO_I_TRY(testudo_i_source_start(&source, bytes, length, name, TESTUDO_I_LIMIT_TABLE_STREAM, error));
  return read_table(&source, labels, label_column, data, error);
}

testudo_status testudo_data_read_csv(const char *path, testudo_labels labels, const char *label_column,
                                     testudo_data **data, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_source_close) testudo_i_source source = {0};
  *data = NULL;
  TESTUDO_I_TRY(testudo_i_source_open(&source, path, TESTUDO_I_LIMIT_TABLE_STREAM, error));
  return read_table(&source, labels, label_column, data, error);
}
