/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who and when: how much of a trace's variance lies between workers and between iterations. */
#include "delay/fitting/fit.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/sum.h"

typedef struct keyed {
  int32_t key;
  double seconds;
} keyed;

/* Ties in the key are ordered by the value: the sums below then do not depend on the sort. */
static int by_key(const void *a, const void *b)
{
  const keyed *x = a, *y = b;
  if (x->key != y->key)
    return x->key < y->key ? -1 : 1;
  return (x->seconds > y->seconds) - (x->seconds < y->seconds);
}

static double sum_of_squares(const double *value, int64_t count, double mean)
{
  testudo_i_sum sum = {0, 0};
  for (int64_t k = 0; k < count; k++)
    testudo_i_sum_add(&sum, (value[k] - mean) * (value[k] - mean));
  return testudo_i_sum_value(&sum);
}

/* Between-group sum of squares over `total`, and the mean over the groups of the largest value. */
static testudo_status between(const testudo_i_trace *trace, const int32_t *key, double mean, double total,
                              double *share, double *largest, testudo_error *error)
{
  keyed *row = testudo_i_alloc((size_t)trace->rows, sizeof *row);
  if (row == NULL)
    return testudo_i_fail_memory(error);
  for (int64_t k = 0; k < trace->rows; k++)
    row[k] = (keyed){key[k], trace->seconds[k]};
  qsort(row, (size_t)trace->rows, sizeof *row, by_key);
  testudo_i_sum squares = {0, 0}, largest_sum = {0, 0};
  int64_t groups = 0;
  for (int64_t start = 0, end; start < trace->rows; start = end, groups++) {
    testudo_i_sum sum = {0, 0};
    for (end = start; end < trace->rows && row[end].key == row[start].key; end++)
      testudo_i_sum_add(&sum, row[end].seconds);
    double away = testudo_i_sum_value(&sum) / (double)(end - start) - mean;
    testudo_i_sum_add(&squares, (double)(end - start) * away * away);
    testudo_i_sum_add(&largest_sum, row[end - 1].seconds);
  }
  free(row);
  *share = total > 0 ? testudo_i_sum_value(&squares) / total : NAN;
  *largest = testudo_i_sum_value(&largest_sum) / (double)groups;
  return TESTUDO_OK;
}

testudo_status testudo_i_trace_spread(const testudo_i_trace *trace, testudo_fit *fit, testudo_error *error)
{
  testudo_i_sum sum = {0, 0};
  for (int64_t k = 0; k < trace->rows; k++)
    testudo_i_sum_add(&sum, trace->seconds[k]);
  fit->mean = testudo_i_sum_value(&sum) / (double)trace->rows;
  double total = sum_of_squares(trace->seconds, trace->rows, fit->mean);
  fit->stddev = sqrt(total / (double)trace->rows);
  fit->worker_variance_share = fit->iteration_variance_share = fit->largest_mean = NAN;
  testudo_status status = TESTUDO_OK;
  double unused;
  if (trace->worker != NULL)
    status = between(trace, trace->worker, fit->mean, total, &fit->worker_variance_share, &unused, error);
  if (status == TESTUDO_OK && trace->iteration != NULL)
    status = between(trace, trace->iteration, fit->mean, total, &fit->iteration_variance_share, &fit->largest_mean,
                     error);
  return status;
}
