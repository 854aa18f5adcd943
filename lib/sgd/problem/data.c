/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data sets in memory. */
#define _DEFAULT_SOURCE
#include "sgd/problem/data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "base/sum.h"

static testudo_status check_data_size(int64_t samples, int64_t features, testudo_status status, testudo_error *error)
{
  if (samples < 1 || features < 1)
    return testudo_i_fail(error, status, "%lld samples of %lld features, but at least one of each is needed",
                          (long long)samples, (long long)features);
  if (features > TESTUDO_MAX_FEATURES)
    return testudo_i_fail(error, status, "%lld features; the limit is %d", (long long)features, TESTUDO_MAX_FEATURES);
  if (samples > TESTUDO_MAX_DATA_NUMBERS / features)
    return testudo_i_fail(error, status, "%lld samples of %lld features are too many: the limit is %d numbers",
                          (long long)samples, (long long)features, TESTUDO_MAX_DATA_NUMBERS);
  return TESTUDO_OK;
}

/* Rows of a mini-batch lie apart: in large tables each would cost the machine the look-up of a page of its own, so that
   these lie in huge pages where the system has them. */
static double *make_table(size_t samples, size_t features)
{
#ifdef MADV_HUGEPAGE
  const size_t huge = (size_t)1 << 21;
  size_t bytes = samples * features * sizeof(double); /* far from overflow: TESTUDO_MAX_DATA_NUMBERS */
  if (bytes >= 2 * huge) {
    double *table = aligned_alloc(huge, (bytes + huge - 1) / huge * huge);
    if (table == NULL)
      return NULL;
    (void)madvise(table, bytes, MADV_HUGEPAGE); /* advice: without it the table serves as well */
    memset(table, 0, bytes);
    return table;
  }
#endif
  return testudo_i_calloc(samples * features, sizeof(double));
}

testudo_status testudo_i_data_new(int64_t samples, int64_t features, testudo_status status, testudo_data **data,
                                  testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_data_drop) testudo_data *made = NULL;
  *data = NULL;
  TESTUDO_I_TRY(check_data_size(samples, features, status, error));
  made = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  made->samples = (int32_t)samples;
  made->features = (int32_t)features;
  made->feature = make_table((size_t)samples, (size_t)features);
  made->label = testudo_i_calloc((size_t)samples, sizeof *made->label);
  made->source = testudo_i_alloc((size_t)samples, sizeof *made->source);
  TESTUDO_I_TRY(testudo_i_memory_check(made->feature != NULL && made->label != NULL && made->source != NULL, error));
  for (int32_t i = 0; i < made->samples; i++)
    made->source[i] = i;
  *data = made;
  made = NULL;
  return TESTUDO_OK;
}

void testudo_data_free(testudo_data *data)
{
  if (data == NULL)
    return;
  free(data->feature);
  free(data->label);
  free(data->class_label);
  free(data->source);
  free(data->truth);
  free(data);
}

/* ---- classes ---- */

/* Sorted values without repetitions; how many are left. */
static int32_t unite_labels(double *value, int32_t count)
{
  int32_t kept = 1;
  for (int32_t k = 1; k < count; k++)
    if (value[k] != value[kept - 1])
      value[kept++] = value[k];
  return kept;
}

testudo_status testudo_i_data_classify(testudo_data *data, testudo_status status, const char *name,
                                       testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) double *value = testudo_i_alloc((size_t)data->samples, sizeof *value);
  TESTUDO_I_TRY(testudo_i_memory_check(value != NULL, error));
  memcpy(value, data->label, (size_t)data->samples * sizeof *value);
  qsort(value, (size_t)data->samples, sizeof *value, testudo_i_ascending_reals);
  int32_t classes = unite_labels(value, data->samples);
  if (classes > TESTUDO_MAX_CLASSES)
    return testudo_i_fail(error, status, "%s%s%d different labels, but the limit is %d classes; values as labels are "
                          "for least squares", name == NULL ? "" : name, name == NULL ? "" : ": ", (int)classes,
                          TESTUDO_MAX_CLASSES);
  data->class_label = testudo_i_alloc((size_t)classes, sizeof *data->class_label);
  TESTUDO_I_TRY(testudo_i_memory_check(data->class_label != NULL, error));
  memcpy(data->class_label, value, (size_t)classes * sizeof *value);
  data->classes = classes;
  for (int32_t i = 0; i < data->samples; i++) {
    const double *at = bsearch(&data->label[i], value, (size_t)classes, sizeof *value, testudo_i_ascending_reals);
    data->label[i] = (double)(at - value);
  }
  return TESTUDO_OK;
}

testudo_status testudo_data_create(int32_t samples, int32_t features, const double *feature, const double *label,
                                   testudo_labels labels, testudo_data **data, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_data_drop) testudo_data *made = NULL;
  *data = NULL;
  TESTUDO_I_TRY(testudo_i_data_new(samples, features, TESTUDO_ERROR_ARGUMENT, &made, error));
  size_t numbers = (size_t)samples * (size_t)features;
  for (size_t k = 0; k < numbers; k++)
    if (!isfinite(feature[k]))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "feature %d of sample %d is not finite",
                            (int)(k % (size_t)features), (int)(k / (size_t)features));
  for (int32_t i = 0; i < samples; i++)
    if (!isfinite(label[i]))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the label of sample %d is not finite", (int)i);
  memcpy(made->feature, feature, numbers * sizeof *feature);
  memcpy(made->label, label, (size_t)samples * sizeof *label);
  if (labels == TESTUDO_LABELS_CLASSES)
    TESTUDO_I_TRY(testudo_i_data_classify(made, TESTUDO_ERROR_ARGUMENT, NULL, error));
  *data = made;
  made = NULL;
  return TESTUDO_OK;
}

/* ---- changes ---- */

/* Two passes, so that a mean far from 0 costs no digits. */
static void standardise_feature(testudo_data *data, int32_t feature)
{
  size_t step = (size_t)data->features, count = (size_t)data->samples;
  double *x = data->feature + feature;
  testudo_i_sum sum = {0.0, 0.0}, square = {0.0, 0.0};
  double least = x[0], most = x[0];
  for (size_t i = 0; i < count; i++) {
    testudo_i_sum_add(&sum, x[i * step] / (double)count);
    least = fmin(least, x[i * step]);
    most = fmax(most, x[i * step]);
  }
  double mean = testudo_i_sum_value(&sum), reach = fmax(most - mean, mean - least);
  bool constant = least == most || !(reach > 0.0);
  for (size_t i = 0; i < count && !constant; i++) {
    double part = (x[i * step] - mean) / reach;
    testudo_i_sum_add(&square, part * part);
  }
  double root = sqrt(testudo_i_sum_value(&square) / (double)count);
  for (size_t i = 0; i < count; i++)
    x[i * step] = constant ? 0.0 : (x[i * step] - mean) / reach / root;
}

void testudo_data_standardise(testudo_data *data)
{
  for (int32_t k = 0; k < testudo_i_data_free_features(data); k++)
    standardise_feature(data, k);
  free(data->truth);
  data->truth = NULL;
}

testudo_status testudo_data_add_bias(testudo_data *data, testudo_error *error)
{
  size_t old = (size_t)data->features, count = (size_t)data->samples;
  size_t columns = data->classes > 0 ? (size_t)data->classes : 1;
  if (data->bias)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the data have a feature that is always 1 already");
  TESTUDO_I_TRY(check_data_size(data->samples, (int64_t)data->features + 1, TESTUDO_ERROR_ARGUMENT, error));
  TESTUDO_I_HELD(testudo_i_free_held) double *wide = make_table(count, old + 1);
  TESTUDO_I_HELD(testudo_i_free_held) double *truth = testudo_i_calloc((old + 1) * columns, sizeof *truth);
  TESTUDO_I_TRY(testudo_i_memory_check(wide != NULL && truth != NULL, error));
  for (size_t i = 0; i < count; i++) {
    memcpy(wide + i * (old + 1), data->feature + i * old, old * sizeof *wide);
    wide[i * (old + 1) + old] = 1.0;
  }
  free(data->feature);
  data->feature = wide;
  wide = NULL;
  if (data->truth != NULL) {
    memcpy(truth, data->truth, old * columns * sizeof *truth);
    free(data->truth);
    data->truth = truth;
    truth = NULL;
  }
  data->features++;
  data->bias = true;
  return TESTUDO_OK;
}
