/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a LIBSVM and as a CSV file of samples: data that keep their promises, or one sentence. */
#include "fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/problem.h>

static void require(int holds)
{
  if (!holds)
    abort();
}

static void look_at(testudo_status status, const testudo_error *error, testudo_data *data, testudo_labels labels)
{
  if (status != TESTUDO_OK) {
    require(status == TESTUDO_ERROR_INPUT && data == NULL);
    require(strncmp(error->text, "fuzz: ", 6) == 0 && strchr(error->text, '\n') == NULL);
    return;
  }
  require(data->samples >= 1 && data->features >= 1 && data->truth == NULL && !data->bias);
  require((labels == TESTUDO_LABELS_CLASSES) == (data->classes > 0));
  for (int64_t k = 0; k < (int64_t)data->samples * data->features; k++)
    require(isfinite(data->feature[k]));
  for (int32_t i = 0; i < data->samples; i++) {
    require(isfinite(data->label[i]) && data->source[i] == i);
    require(data->classes == 0 || (data->label[i] >= 0.0 && data->label[i] < data->classes));
  }
  for (int32_t c = 1; c < data->classes; c++)
    require(data->class_label[c - 1] < data->class_label[c]);
  testudo_data_free(data);
}

/* A few bytes may ask for a million features of every sample: that much memory is no mistake, but no use here. */
static int is_huge(const char *bytes, size_t size)
{
  int digits = 0;
  for (size_t k = 0; k < size; k++) {
    digits = bytes[k] >= '0' && bytes[k] <= '9' ? digits + 1 : bytes[k] == ':' && digits > 4 ? 99 : 0;
    if (digits == 99)
      return 1;
  }
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *bytes = (const char *)data;
  for (int labels = 0; labels < 2; labels++) {
    testudo_data *made = NULL;
    testudo_error error = {""};
    testudo_status status;
    if (!is_huge(bytes, size)) {
      status = testudo_data_parse_libsvm(bytes, size, "fuzz", (testudo_labels)labels, 0, &made, &error);
      look_at(status, &error, made, (testudo_labels)labels);
    }
    status = testudo_data_parse_csv(bytes, size, "fuzz", (testudo_labels)labels, labels == 0 ? NULL : "2", &made,
                                    &error);
    look_at(status, &error, made, (testudo_labels)labels);
  }
  return 0;
}
