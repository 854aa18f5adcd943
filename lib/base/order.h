/* SPDX-License-Identifier: BSD-3-Clause */
/* Comparators for qsort and bsearch, one a type and direction, and the steps of walks over orders and subsets. They are
   inline so that a sort of a few numbers in a hot loop costs no call more than it must. */
#ifndef TESTUDO_BASE_ORDER_H
#define TESTUDO_BASE_ORDER_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/* -1, 0 or 1: for comparators of structs, key after key. NANs compare equal to everything: keep them out. */
#define TESTUDO_I_COMPARE(x, y) (((x) > (y)) - ((x) < (y)))

static inline int testudo_i_ascending_reals(const void *a, const void *b)
{
  return TESTUDO_I_COMPARE(*(const double *)a, *(const double *)b);
}

static inline int testudo_i_descending_reals(const void *a, const void *b)
{
  return TESTUDO_I_COMPARE(*(const double *)b, *(const double *)a);
}

static inline int testudo_i_ascending_int32(const void *a, const void *b)
{
  return TESTUDO_I_COMPARE(*(const int32_t *)a, *(const int32_t *)b);
}

static inline int testudo_i_descending_int32(const void *a, const void *b)
{
  return TESTUDO_I_COMPARE(*(const int32_t *)b, *(const int32_t *)a);
}

static inline int testudo_i_ascending_uint64(const void *a, const void *b)
{
  return TESTUDO_I_COMPARE(*(const uint64_t *)a, *(const uint64_t *)b);
}

static inline int testudo_i_ascending_int64(const void *a, const void *b)
{
  return TESTUDO_I_COMPARE(*(const int64_t *)a, *(const int64_t *)b);
}

/* A value and whose it is; sorted by falling values, equal ones by the index. */
typedef struct testudo_i_ranked {
  double value;
  int32_t index;
} testudo_i_ranked;

static inline int testudo_i_falling_ranks(const void *a, const void *b)
{
  const testudo_i_ranked *x = a, *y = b;
  int values = TESTUDO_I_COMPARE(y->value, x->value);
  return values != 0 ? values : TESTUDO_I_COMPARE(x->index, y->index);
}

/* How many of `count` ascending numbers are <= x. */
static inline int64_t testudo_i_count_until(const double *ascending, int64_t count, double x)
{
  int64_t low = 0, high = count;
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    if (ascending[middle] <= x)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static inline void testudo_i_swap(int32_t *a, int32_t *b)
{
  int32_t kept = *a;
  *a = *b;
  *b = kept;
}

/* C(n, size); HUGE_VAL where that is none. */
static inline double testudo_i_subsets(int32_t n, int32_t size)
{
  double count = 1.0;
  size = 2 * (int64_t)size > n ? n - size : size;
  for (int32_t k = 1; k <= size && count < HUGE_VAL; k++)
    count = count * (n - size + k) / k;
  return size < 0 ? 0.0 : count < 0x1p53 ? floor(count + 0.5) : count;
}

/* The next set of `size` items out of 0 .. n - 1, ascending, in lexicographic order; false, and as it was, after the
   last. */
static inline bool testudo_i_next_subset(int32_t *item, int32_t size, int32_t n)
{
  int32_t k = size - 1;
  while (k >= 0 && item[k] == n - size + k)
    k--;
  if (k < 0)
    return false;
  item[k]++;
  for (int32_t later = k + 1; later < size; later++)
    item[later] = item[later - 1] + 1;
  return true;
}

#endif
