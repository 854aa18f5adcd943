/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Q_max a second time, from its definition's formula on plain arrays, and the least over all orders. */
#ifndef TESTUDO_TESTS_OPTIMIZE_ORDERS_H
#define TESTUDO_TESTS_OPTIMIZE_ORDERS_H

#include "check.h"

#include <testudo/code.h>
#include <testudo/optimize.h>

static inline int brute_rising(const void *a, const void *b)
{
  return *(const int *)a - *(const int *)b;
}

/* The other way round than the library: what stays undone is summed, least first, and taken from everything. */
static inline int64_t brute_q_max(int32_t workers, int32_t chunks, const int64_t *row, const int32_t *chunk, int level)
{
  int64_t worst = 0;
  for (int32_t i = 0; i < chunks; i++) {
    int *undone = malloc((size_t)workers * sizeof *undone), holders = 0;
    assert_non_null(undone);
    for (int32_t j = 0; j < workers; j++)
      for (int64_t e = row[j]; e < row[j + 1]; e++)
        if (chunk[e] == i)
          undone[holders++] = (int)(row[j + 1] - e);
    qsort(undone, (size_t)holders, sizeof *undone, brute_rising);
    int64_t q = row[workers];
    for (int k = 0; k < holders - level + 1; k++)
      q -= undone[k];
    free(undone);
    if (q > worst)
      worst = q;
  }
  return worst;
}

static inline int64_t brute_q_max_of(const testudo_design *design, int level)
{
  int32_t workers = testudo_design_workers(design);
  int64_t *row = calloc((size_t)workers + 1, sizeof *row), value;
  assert_non_null(row);
  for (int32_t j = 0; j < workers; j++)
    row[j + 1] = row[j] + testudo_design_load(design, j);
  int32_t *chunk = malloc(((size_t)row[workers] + 1) * sizeof *chunk);
  assert_non_null(chunk);
  for (int32_t j = 0; j < workers; j++)
    for (int32_t k = 0; k < testudo_design_load(design, j); k++)
      chunk[row[j] + k] = testudo_design_order(design, j)[k];
  value = brute_q_max(workers, testudo_design_chunks(design), row, chunk, level);
  free(chunk);
  free(row);
  return value;
}

/* The next permutation of `count` numbers in rising order of permutations; false after the last. */
static inline bool brute_next(int32_t *item, int64_t count)
{
  int64_t k = count - 2;
  while (k >= 0 && item[k] > item[k + 1])
    k--;
  if (k < 0)
    return false;
  int64_t m = count - 1;
  while (item[m] < item[k])
    m--;
  int32_t kept = item[k];
  item[k] = item[m];
  item[m] = kept;
  for (int64_t a = k + 1, b = count - 1; a < b; a++, b--) {
    kept = item[a];
    item[a] = item[b];
    item[b] = kept;
  }
  return true;
}

static inline void brute_sort(int32_t *item, int64_t count)
{
  for (int64_t a = 1; a < count; a++)
    for (int64_t b = a; b > 0 && item[b] < item[b - 1]; b--) {
      int32_t kept = item[b];
      item[b] = item[b - 1];
      item[b - 1] = kept;
    }
}

/* The least Q_max over all orders of all workers, as an odometer of permutations. */
static inline int64_t brute_least(testudo_assignment *orders, int level)
{
  for (int32_t j = 0; j < orders->workers; j++)
    brute_sort(orders->chunk + orders->row[j], orders->row[j + 1] - orders->row[j]);
  int64_t least = INT64_MAX;
  for (int32_t j = 0; j < orders->workers;) {
    int64_t value = brute_q_max(orders->workers, orders->chunks, orders->row, orders->chunk, level);
    if (value < least)
      least = value;
    for (j = 0; j < orders->workers; j++) {
      int64_t load = orders->row[j + 1] - orders->row[j];
      if (brute_next(orders->chunk + orders->row[j], load))
        break;
      brute_sort(orders->chunk + orders->row[j], load);
    }
  }
  return least;
}

static inline testudo_design *design_of(const testudo_assignment *orders)
{
  testudo_design *design;
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, orders, 1, 3, "", &design, NULL));
  return design;
}

static inline testudo_design *cyclic_design(int32_t workers, int32_t load)
{
  testudo_assignment orders;
  assert_ok(testudo_assignment_cyclic(workers, load, &orders, NULL));
  testudo_design *design = design_of(&orders);
  testudo_assignment_free(&orders);
  return design;
}

#endif
