/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Are the chunks of a worker in an iteration alike? One-way analysis of variance
   (docs/theory/structure.md#intraclass-correlation). */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"
#include "base/sum.h"
#include "delay/model.h"
#include "numeric/integrate.h"

/* Below it, chunks are more independent than alike. */
#define HALF 0.5

/* Each side of an interval of 95 %. */
#define SIDE 0.025

typedef struct timed {
  int32_t worker, iteration;
  double seconds;
} timed;

static int by_group(const void *a, const void *b)
{
  const timed *x = a, *y = b;
  if (x->worker != y->worker)
    return TESTUDO_I_COMPARE(x->worker, y->worker);
  return x->iteration != y->iteration ? TESTUDO_I_COMPARE(x->iteration, y->iteration)
                                      : TESTUDO_I_COMPARE(x->seconds, y->seconds);
}

typedef struct variances {
  double between, within; /* sums of squares */
  double groups, rows, squared; /* squared: the sum of the squares of the groups' sizes */
} variances;

static double mean_of(const timed *row, int64_t count)
{
  testudo_i_sum sum = {0, 0};
  for (int64_t k = 0; k < count; k++)
    testudo_i_sum_add(&sum, row[k].seconds);
  return testudo_i_sum_value(&sum) / (double)count;
}

static variances split_variance(const timed *row, int64_t rows)
{
  testudo_i_sum between = {0, 0}, within = {0, 0};
  variances found = {.rows = (double)rows};
  double mean = mean_of(row, rows);
  for (int64_t start = 0, end; start < rows; start = end) {
    for (end = start; end < rows && row[end].worker == row[start].worker && row[end].iteration == row[start].iteration;)
      end++;
    double size = (double)(end - start), own = mean_of(row + start, end - start);
    testudo_i_sum_add(&between, size * (own - mean) * (own - mean));
    for (int64_t k = start; k < end; k++)
      testudo_i_sum_add(&within, (row[k].seconds - own) * (row[k].seconds - own));
    found.groups++;
    found.squared += size * size;
  }
  found.between = testudo_i_sum_value(&between);
  found.within = testudo_i_sum_value(&within);
  return found;
}

/* (F - 1) / (F + n - 1), F the ratio of the two mean squares, n the size of a group. */
static double correlation_at(double ratio, double size)
{
  return isinf(ratio) ? 1.0 : (ratio - 1.0) / (ratio + size - 1.0);
}

static testudo_i_correlation correlate(const variances *v)
{
  double high = v->groups - 1.0, low = v->rows - v->groups;
  if (!(high >= 1.0 && low >= 1.0) || !(v->between + v->within > 0.0))
    return (testudo_i_correlation){NAN, NAN, NAN};
  double ratio = v->within > 0.0 ? v->between / high / (v->within / low) : HUGE_VAL;
  double size = (v->rows - v->squared / v->rows) / high;
  double up = testudo_i_variance_ratio(high, low, SIDE), down = testudo_i_variance_ratio(low, high, SIDE);
  return (testudo_i_correlation){correlation_at(ratio, size), correlation_at(ratio / up, size),
                                 correlation_at(ratio * down, size)};
}

testudo_status testudo_i_trace_correlation(const testudo_i_trace *trace, testudo_i_correlation *found,
                                           testudo_error *error)
{
  *found = (testudo_i_correlation){NAN, NAN, NAN};
  if (trace->worker == NULL || trace->iteration == NULL)
    return TESTUDO_OK;
  TESTUDO_I_HELD(testudo_i_free_held) timed *row = testudo_i_alloc((size_t)trace->rows, sizeof *row);
  TESTUDO_I_TRY(testudo_i_memory_check(row != NULL, error));
  for (int64_t r = 0; r < trace->rows; r++)
    row[r] = (timed){trace->worker[r], trace->iteration[r], trace->seconds[r]};
  qsort(row, (size_t)trace->rows, sizeof *row, by_group);
  variances v = split_variance(row, trace->rows);
  *found = correlate(&v);
  return TESTUDO_OK;
}

bool testudo_i_correlation_structure(const testudo_i_correlation *chunks, testudo_structure *structure)
{
  *structure = chunks->icc < HALF ? TESTUDO_STRUCTURE_ADDITIVE : TESTUDO_STRUCTURE_SCALED;
  return !isnan(chunks->icc);
}

bool testudo_law_structure(const testudo_law *law, testudo_structure *structure)
{
  *structure = TESTUDO_STRUCTURE_SCALED;
  return testudo_i_correlation_structure(&law->chunks, structure);
}
