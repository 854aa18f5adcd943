/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who and when: how much of a trace's variance lies between workers and between iterations. */
#include "fit/room.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "base/sum.h"

typedef struct keyed {
  int32_t key;
  double seconds;
} keyed;

/* Ties in the key are ordered by the value: the sums below then do not depend on the sort. */
static int by_key(const void *a, const void *b)
{
  const keyed *x = a, *y = b;
  return x->key != y->key ? TESTUDO_I_COMPARE(x->key, y->key) : TESTUDO_I_COMPARE(x->seconds, y->seconds);
}

static double sum_of_squares(const double *value, int64_t count, double mean)
{
  testudo_i_sum sum = {0, 0};
  for (int64_t k = 0; k < count; k++)
    testudo_i_sum_add(&sum, (value[k] - mean) * (value[k] - mean));
  return testudo_i_sum_value(&sum);
}

typedef struct grouping {
  double share, expected; /* of the variance; NAN where there is none */
  double largest;         /* mean over the groups of the largest value */
  int64_t groups;
} grouping;

/* Of the rows whose end was seen, `total` being their sum of squares. */
static testudo_status group_by(const testudo_i_trace *trace, const int32_t *key, double mean, double total,
                               grouping *found, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) keyed *row = testudo_i_alloc((size_t)trace->rows, sizeof *row);
  TESTUDO_I_TRY(testudo_i_memory_check(row != NULL, error));
  int64_t rows = 0;
  for (int64_t k = 0; k < trace->rows; k++)
    if (testudo_i_trace_saw(trace, k))
      row[rows++] = (keyed){key[k], trace->seconds[k]};
  qsort(row, (size_t)rows, sizeof *row, by_key);
  testudo_i_sum squares = {0, 0}, largest = {0, 0};
  for (int64_t start = 0, end; start < rows; start = end, found->groups++) {
    testudo_i_sum sum = {0, 0};
    for (end = start; end < rows && row[end].key == row[start].key; end++)
      testudo_i_sum_add(&sum, row[end].seconds);
    double away = testudo_i_sum_value(&sum) / (double)(end - start) - mean;
    testudo_i_sum_add(&squares, (double)(end - start) * away * away);
    testudo_i_sum_add(&largest, row[end - 1].seconds);
  }
  found->largest = testudo_i_sum_value(&largest) / (double)found->groups;
  if (total > 0) {
    found->share = fmin(1.0, testudo_i_sum_value(&squares) / total);
    found->expected = (double)(found->groups - 1) / (double)(rows - 1);
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_trace_spread(const testudo_i_trace *trace, testudo_fit *fit, testudo_error *error)
{
  testudo_i_sum sum = {0, 0};
  for (int64_t k = 0; k < fit->seen; k++)
    testudo_i_sum_add(&sum, fit->sorted[k]);
  bool equal = fit->sorted[0] == fit->sorted[fit->seen - 1]; /* then that is the mean, whatever the division makes */
  fit->mean = equal ? fit->sorted[0] : testudo_i_sum_value(&sum) / (double)fit->seen;
  double total = equal ? 0.0 : sum_of_squares(fit->sorted, fit->seen, fit->mean);
  fit->stddev = sqrt(total / (double)fit->seen);
  grouping by_worker = {NAN, NAN, NAN, 0}, by_iteration = by_worker;
  if (trace->worker != NULL)
    TESTUDO_I_TRY(group_by(trace, trace->worker, fit->mean, total, &by_worker, error));
  if (trace->iteration != NULL)
    TESTUDO_I_TRY(group_by(trace, trace->iteration, fit->mean, total, &by_iteration, error));
  fit->worker_variance_share = by_worker.share;
  fit->worker_share_expected = by_worker.expected;
  fit->workers = by_worker.groups;
  fit->iteration_variance_share = by_iteration.share;
  fit->iteration_share_expected = by_iteration.expected;
  fit->iterations = by_iteration.groups;
  fit->largest_mean = by_iteration.largest;
  return TESTUDO_OK;
}
