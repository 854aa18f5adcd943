/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How data sets are made. */
#ifndef TESTUDO_SGD_PROBLEM_DATA_H
#define TESTUDO_SGD_PROBLEM_DATA_H

#include <testudo/problem.h>

/* Memory for a set of these sizes, features 0, labels values; sizes out of range: `status`, with the limit. */
TESTUDO_CHECKED testudo_status testudo_i_data_new(int64_t samples, int64_t features, testudo_status status,
                                                  testudo_data **data, testudo_error *error);

/* Turns values into classes, numbered by rising value. `name` (may be NULL) begins the sentence. */
TESTUDO_CHECKED testudo_status testudo_i_data_classify(testudo_data *data, testudo_status status, const char *name,
                                                       testudo_error *error);

/* testudo_data_free of what a pointer points to, for TESTUDO_I_HELD. */
static inline void testudo_i_data_drop(testudo_data **data)
{
  testudo_data_free(*data);
}

/* One more than the last feature that is not the bias. */
static inline int32_t testudo_i_data_free_features(const testudo_data *data)
{
  return data->features - (data->bias ? 1 : 0);
}

#endif
