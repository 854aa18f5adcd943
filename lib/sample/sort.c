/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorting times by the digits of their bits. */
#include "sample/sort.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/order.h"

#define DIGIT 11
#define DIGITS 6 /* 66 bits, of which 64 exist */
#define BUCKETS (1 << DIGIT)
#define FEW 256  /* below this the tables cost more than comparing */

static unsigned digit_of(double value, int digit)
{
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return (unsigned)(bits >> (digit * DIGIT)) & (BUCKETS - 1);
}

/* Moves `from` to `to` by one digit, keeping the order of equals; false, with nothing moved, when all share it. */
static bool distribute(const double *from, double *to, size_t count, int digit, size_t *start)
{
  memset(start, 0, BUCKETS * sizeof *start);
  for (size_t k = 0; k < count; k++)
    start[digit_of(from[k], digit)]++;
  if (start[digit_of(from[0], digit)] == count)
    return false;
  size_t sum = 0;
  for (int bucket = 0; bucket < BUCKETS; bucket++) {
    size_t here = start[bucket];
    start[bucket] = sum;
    sum += here;
  }
  for (size_t k = 0; k < count; k++)
    to[start[digit_of(from[k], digit)]++] = from[k];
  return true;
}

/* The bits of doubles >= 0 have the order of their values: a radix sort from the lowest digit. */
void testudo_i_sort_times(double *value, size_t count)
{
  double *other = count < FEW ? NULL : testudo_i_alloc(count, sizeof *other);
  if (other == NULL) {
    qsort(value, count, sizeof *value, testudo_i_ascending_reals);
    return;
  }
  size_t start[BUCKETS];
  double *from = value, *to = other;
  for (int digit = 0; digit < DIGITS; digit++)
    if (distribute(from, to, count, digit, start)) {
      double *kept = from;
      from = to;
      to = kept;
    }
  if (from != value)
    memcpy(value, from, count * sizeof *value);
  free(other);
}
