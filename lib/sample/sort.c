/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorting times by the digits of their bits. */
#include "sample/sort.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/order.h"

#define WIDEST 12       /* bits of a digit: the tables of a few stay in the nearest cache */
#define MOST_DIGITS 6   /* 72 bits, of which 64 exist */
#define BUCKETS (1 << WIDEST)
#define FEW 256         /* below this the tables cost more than comparing */
#define SPARE_BITS 8    /* by which the digits tell apart more numbers than there are */
#define MOVES_OF_EACH 8 /* of an insertion sort that is worth it, on average */

typedef struct digits {
  int count, width, low; /* bits of each; the lowest begins with bit `low` */
  uint32_t start[MOST_DIGITS][BUCKETS];
} digits;

static uint64_t bits_of(double value)
{
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static unsigned digit_of(const digits *of, double value, int d)
{
  return (unsigned)(bits_of(value) >> (of->low + d * of->width)) & ((1u << of->width) - 1);
}

/* As few as cover so many bits below `bits`, all as wide. */
static void lay_digits(digits *of, int bits, int wanted)
{
  if (wanted > bits)
    wanted = bits;
  of->count = (wanted + WIDEST - 1) / WIDEST;
  of->width = of->count == 0 ? 0 : (wanted + of->count - 1) / of->count;
  of->low = bits > of->count * of->width ? bits - of->count * of->width : 0;
}

/* How many bits from the lowest on include all in which the values differ. */
static int differing_bits(const double *value, size_t count)
{
  uint64_t first = bits_of(value[0]), differ = 0;
  int bits = 0;
  for (size_t k = 1; k < count; k++)
    differ |= bits_of(value[k]) ^ first;
  for (; differ != 0; differ >>= 1)
    bits++;
  return bits;
}

static void count_digits(digits *of, const double *value, size_t count)
{
  memset(of->start, 0, (size_t)of->count * sizeof *of->start);
  for (size_t k = 0; k < count; k++)
    for (int d = 0; d < of->count; d++)
      of->start[d][digit_of(of, value[k], d)]++;
  for (int d = 0; d < of->count; d++)
    for (uint32_t bucket = 0, sum = 0; bucket < BUCKETS; bucket++) {
      uint32_t here = of->start[d][bucket];
      of->start[d][bucket] = sum;
      sum += here;
    }
}

/* By the digits from the lowest on, each time keeping the order of equals. */
static void sort_digits(digits *of, double *value, double *other, size_t count)
{
  double *from = value, *to = other;
  count_digits(of, value, count);
  for (int d = 0; d < of->count; d++) {
    for (size_t k = 0; k < count; k++)
      to[of->start[d][digit_of(of, from[k], d)]++] = from[k];
    double *kept = from;
    from = to;
    to = kept;
  }
  if (from != value)
    memcpy(value, from, count * sizeof *value);
}

/* By insertion; false, with every value still there, where they move more than nearly sorted ones do. */
static bool insert_all(double *value, size_t count)
{
  size_t moves = 0, most = MOVES_OF_EACH * count;
  for (size_t k = 1; k < count; k++) {
    double here = value[k];
    size_t to = k;
    for (; to > 0 && value[to - 1] > here; to--)
      value[to] = value[to - 1];
    value[to] = here;
    moves += k - to;
    if (moves > most)
      return false;
  }
  return true;
}

/* The bits of numbers >= 0 have the order of their values. Those by which as many differ as there are, and some more,
   leave little to insertion; where values lie closer than that, all bits are taken. */
void testudo_i_sort_times(double *value, size_t count)
{
  double *other = count < FEW || count > UINT32_MAX ? NULL : testudo_i_alloc(count, sizeof *other);
  digits *of = other == NULL ? NULL : testudo_i_alloc(1, sizeof *of);
  if (of == NULL) {
    free(other);
    qsort(value, count, sizeof *value, testudo_i_ascending_reals);
    return;
  }
  int bits = differing_bits(value, count), wanted = SPARE_BITS;
  for (size_t rest = count; rest > 0; rest >>= 1)
    wanted++;
  lay_digits(of, bits, wanted);
  sort_digits(of, value, other, count);
  if (of->low > 0 && !insert_all(value, count)) {
    lay_digits(of, bits, bits);
    sort_digits(of, value, other, count);
  }
  free(of);
  free(other);
}
