/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of numbers, whose labels may be texts. */
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
  testudo_labels labels;
  size_t label_at;          /* its cell */
  bool texts;               /* is a label no number? Then all are names of classes */
  bool unsure;              /* the first row may be a header: its label alone is a text */
  int64_t samples;
  double *feature, *label;  /* of the samples so far, each room for its numbers */
  char *text;               /* of classes: the texts of the labels, one behind the other .. */
  size_t *end;              /* .. up to here */
  size_t feature_room, label_room, text_room, end_room;
} table_reader;

static void table_reader_clear(table_reader *r)
{
  testudo_i_table_close(&r->table);
  free(r->feature);
  free(r->label);
  free(r->text);
  free(r->end);
}

/* Whether the first row is one of names. A text in the column of labels alone may be a label: the next row shows. */
static bool is_table_header(table_reader *r)
{
  const testudo_i_table *table = &r->table;
  int64_t number = r->label_column == NULL
                       ? (int64_t)table->columns
                       : testudo_i_word_count((testudo_i_word){r->label_column, strlen(r->label_column)});
  for (size_t k = 0; k < table->cells; k++)
    if (!testudo_i_table_is_text(&r->table, k))
      continue;
    else if (r->labels == TESTUDO_LABELS_CLASSES && (int64_t)k + 1 == number)
      r->unsure = true;
    else
      return true;
  return false;
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

static testudo_status refuse_cell(table_reader *r, size_t k, testudo_error *error)
{
  bool label = k == r->label_at && testudo_i_table_is_text(&r->table, k);
  return testudo_i_table_fail(&r->table, error, "column %zu: '%s' is not a finite number%s", k + 1,
                              testudo_i_table_quote(&r->table, k).text,
                              label ? "; texts are labels of classes only, for logistic and softmax" : "");
}

static testudo_status read_cell(table_reader *r, size_t k, double *value, testudo_error *error)
{
  if (r->table.cell[k].length == 0)
    return testudo_i_table_fail(&r->table, error, "column %zu is empty: missing values are not supported", k + 1);
  if (testudo_i_table_real(&r->table, k, value))
    return TESTUDO_OK;
  if (k != r->label_at || r->labels != TESTUDO_LABELS_CLASSES || !testudo_i_table_is_text(&r->table, k))
    return refuse_cell(r, k, error);
  r->texts = true;
  *value = 0.0;
  return TESTUDO_OK;
}

static testudo_status keep_text(table_reader *r, testudo_error *error)
{
  if (r->labels != TESTUDO_LABELS_CLASSES)
    return TESTUDO_OK;
  size_t samples = (size_t)r->samples, from = samples == 0 ? 0 : r->end[samples - 1];
  testudo_i_word cell = r->table.cell[r->label_at];
  TESTUDO_I_TRY(TESTUDO_I_GROW(r->text, r->text_room, from + cell.length + 1, error));
  TESTUDO_I_TRY(TESTUDO_I_GROW(r->end, r->end_room, samples + 1, error));
  memcpy(r->text + from, cell.at, cell.length);
  r->end[samples] = from + cell.length;
  return TESTUDO_OK;
}

static testudo_status read_table_row(table_reader *r, testudo_error *error)
{
  size_t features = r->table.columns - 1, samples = (size_t)r->samples;
  if ((samples + 1) * features > TESTUDO_MAX_DATA_NUMBERS)
    return testudo_i_table_fail(&r->table, error, "more than %lld numbers", (long long)TESTUDO_MAX_DATA_NUMBERS);
  TESTUDO_I_TRY(TESTUDO_I_GROW(r->feature, r->feature_room, (samples + 1) * features, error));
  TESTUDO_I_TRY(TESTUDO_I_GROW(r->label, r->label_room, samples + 1, error));
  double *feature = features == 0 ? NULL : r->feature + samples * features;
  for (size_t k = 0; k <= features; k++)
    TESTUDO_I_TRY(read_cell(r, k, k == r->label_at ? &r->label[samples] : feature++, error));
  TESTUDO_I_TRY(keep_text(r, error));
  r->samples++;
  return TESTUDO_OK;
}

/* The first row was a header after all: the label of the second is a number, or there is none. */
static void settle_first_row(table_reader *r, bool more)
{
  if (r->unsure && !(more && testudo_i_table_is_text(&r->table, r->label_at))) {
    r->samples = 0;
    r->texts = false;
  }
  r->unsure = false;
}

static testudo_status read_table_rows(table_reader *r, testudo_i_source *source, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_table_start(&r->table, source, NULL, error));
  TESTUDO_I_TRY(testudo_i_table_first(&r->table, error));
  bool header = is_table_header(r), more = true;
  TESTUDO_I_TRY(find_label_column(r, header, error));
  if (!header)
    TESTUDO_I_TRY(read_table_row(r, error));
  while (true) {
    TESTUDO_I_TRY(testudo_i_table_row(&r->table, &more, error));
    settle_first_row(r, more);
    if (!more)
      return TESTUDO_OK;
    TESTUDO_I_TRY(read_table_row(r, error));
  }
}

static int compare_names(const void *a, const void *b)
{
  const testudo_i_word *x = a, *y = b;
  int order = memcmp(x->at, y->at, x->length < y->length ? x->length : y->length);
  return order != 0 ? order : (x->length > y->length) - (x->length < y->length);
}

static testudo_i_word text_of(const table_reader *r, size_t sample)
{
  size_t from = sample == 0 ? 0 : r->end[sample - 1];
  return (testudo_i_word){r->text + from, r->end[sample] - from};
}

/* Labels become the ranks of their texts, in the order of bytes. */
static testudo_status rank_names(table_reader *r, testudo_error *error)
{
  size_t samples = (size_t)r->samples, ranks = 0;
  TESTUDO_I_HELD(testudo_i_free_held) char *room = testudo_i_alloc(samples, sizeof(testudo_i_word));
  TESTUDO_I_TRY(testudo_i_memory_check(room != NULL, error));
  testudo_i_word *sorted = (testudo_i_word *)(void *)room;
  for (size_t i = 0; i < samples; i++)
    sorted[i] = text_of(r, i);
  qsort(sorted, samples, sizeof *sorted, compare_names);
  for (size_t i = 0; i < samples; i++)
    if (ranks == 0 || compare_names(&sorted[ranks - 1], &sorted[i]) != 0)
      sorted[ranks++] = sorted[i];
  for (size_t i = 0; i < samples; i++) {
    testudo_i_word own = text_of(r, i);
    const testudo_i_word *at = bsearch(&own, sorted, ranks, sizeof *sorted, compare_names);
    r->label[i] = (double)(at - sorted);
  }
  return TESTUDO_OK;
}

/* The numbers that were read become the set's. */
static testudo_status make_table(table_reader *r, const char *name, testudo_data **data, testudo_error *error)
{
  int64_t features = (int64_t)r->table.columns - 1;
  TESTUDO_I_TRY(testudo_i_prefixed(testudo_i_data_new(r->samples, features, TESTUDO_ERROR_INPUT, data, error), name,
                                   error));
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
  TESTUDO_I_HELD(table_reader_clear) table_reader r = {.label_column = label_column, .labels = labels};
  TESTUDO_I_TRY(read_table_rows(&r, source, error));
  if (r.texts)
    TESTUDO_I_TRY(rank_names(&r, error));
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
