/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sparse text in the form of LIBSVM. Two passes: the first checks everything and finds the sizes, so that a file that
   is too large is refused before anything is allocated for it. */
#include "sgd/problem/data.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "delay/number.h"

typedef struct sparse_reader {
  testudo_i_text text;
  const char *begin;        /* of the current line */
  int64_t samples, features;
  testudo_data *data;       /* NULL in the first pass */
  testudo_error *error;
} sparse_reader;

static testudo_status sparse_fail(const sparse_reader *r, testudo_i_word word, const char *sentence)
{
  return testudo_i_text_fail(&r->text, r->error, "column %lld: '%s' %s", (long long)(word.at - r->begin) + 1,
                             testudo_i_word_quote(word).text, sentence);
}

/* index:value, the index above `last`. */
static testudo_status read_pair(sparse_reader *r, testudo_i_word word, int64_t *last)
{
  const char *colon = memchr(word.at, ':', word.length);
  if (colon == NULL)
    return sparse_fail(r, word, "is not index:value");
  testudo_i_word index = {word.at, (size_t)(colon - word.at)};
  testudo_i_word number = {colon + 1, word.length - index.length - 1};
  int64_t at = testudo_i_word_count(index);
  if (at < 1 || at > TESTUDO_MAX_FEATURES)
    return sparse_fail(r, word, "has no index from 1 to 1000000");
  if (at <= *last)
    return sparse_fail(r, word, "comes after an index that is not smaller: indices ascend");
  double value;
  if (!testudo_i_parse_real(number.at, number.length, &value))
    return sparse_fail(r, word, "has no finite number behind the colon");
  if (r->data != NULL)
    r->data->feature[r->samples * r->data->features + at - 1] = value;
  *last = at;
  return TESTUDO_OK;
}

static testudo_status read_sparse_line(sparse_reader *r)
{
  testudo_i_word word;
  const char *comment = memchr(r->text.at, '#', (size_t)(r->text.stop - r->text.at));
  r->begin = r->text.at;
  if (comment != NULL)
    r->text.stop = comment;
  if (!testudo_i_text_word(&r->text, &word))
    return TESTUDO_OK;
  double label;
  if (!testudo_i_parse_real(word.at, word.length, &label))
    return sparse_fail(r, word, "is no label: a line begins with a finite number");
  int64_t last = 0;
  while (testudo_i_text_word(&r->text, &word))
    TESTUDO_I_TRY(read_pair(r, word, &last));
  if (r->data != NULL)
    r->data->label[r->samples] = label;
  r->features = last > r->features ? last : r->features;
  r->samples++;
  return TESTUDO_OK;
}

static testudo_status read_sparse(sparse_reader *r, const char *bytes, size_t length, const char *name)
{
  r->text = testudo_i_text_start(bytes, length, name);
  r->samples = 0;
  while (testudo_i_text_line(&r->text))
    TESTUDO_I_TRY(read_sparse_line(r));
  return TESTUDO_OK;
}

testudo_status testudo_data_parse_libsvm(const char *bytes, size_t length, const char *name, testudo_labels labels,
                                         int32_t features, testudo_data **data, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_data_drop) testudo_data *made = NULL;
  *data = NULL;
  if (features < 0 || features > TESTUDO_MAX_FEATURES)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%d features, but 0 to %d are allowed", (int)features,
                          TESTUDO_MAX_FEATURES);
  sparse_reader r = {.features = features, .error = error};
  TESTUDO_I_TRY(read_sparse(&r, bytes, length, name));
  TESTUDO_I_TRY(testudo_i_prefixed(testudo_i_data_new(r.samples, r.features, TESTUDO_ERROR_INPUT, &r.data, error), name,
                                   error));
  made = r.data;
  TESTUDO_I_TRY(read_sparse(&r, bytes, length, name));
  if (labels == TESTUDO_LABELS_CLASSES)
    TESTUDO_I_TRY(testudo_i_data_classify(made, TESTUDO_ERROR_INPUT, name, error));
  *data = made;
  made = NULL;
  return TESTUDO_OK;
}

testudo_status testudo_data_read_libsvm(const char *path, testudo_labels labels, int32_t features, testudo_data **data,
                                        testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) char *bytes = NULL;
  size_t length;
  *data = NULL;
  TESTUDO_I_TRY(testudo_i_read_file(path, TESTUDO_I_LIMIT_TABLE_FILE, &bytes, &length, error));
  return testudo_data_parse_libsvm(bytes, length, path, labels, features, data, error);
}
