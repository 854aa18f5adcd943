/* SPDX-License-Identifier: BSD-3-Clause */
/* Circulant codes: the Fourier modes on which all rows vanish. */
#include "runtime/vector/circulant.h"

#include <math.h>
#include <string.h>

/* A value under this share of the sum of the |b_e| is zero but for rounding. */
#define ZERO 5e-15

/* 2 pi k j / n, reduced to one turn in whole numbers first. */
static double angle(int32_t n, int32_t k, int32_t j)
{
  return 2.0 * acos(-1.0) * (double)((int64_t)k * j % n) / n;
}

static double value_at(int32_t n, int32_t spare, const double *row, int32_t k)
{
  double real = 0.0, imaginary = 0.0;
  for (int32_t e = 0; e <= spare; e++) {
    real += row[e] * cos(angle(n, k, e));
    imaginary += row[e] * sin(angle(n, k, e));
  }
  return hypot(real, imaginary);
}

static bool rows_are_equal(int32_t workers, size_t width, const double *band)
{
  for (int32_t j = 1; j < workers; j++)
    if (memcmp(band, band + (size_t)j * width, width * sizeof *band) != 0)
      return false;
  return true;
}

/* Keeps the modes ascending by value, the `most` least of all. */
static void keep_mode(testudo_i_circulant *found, double *value, int32_t most, int32_t k, double size)
{
  int32_t at = found->modes;
  if (at == most && !(size < value[at - 1]))
    return;
  if (at == most)
    at--;
  else
    found->modes++;
  for (; at > 0 && value[at - 1] > size; at--) {
    value[at] = value[at - 1];
    found->mode[at] = found->mode[at - 1];
  }
  value[at] = size;
  found->mode[at] = k;
}

/* A polynomial of degree `spare` has no more zeros, but of many workers the modes beside them are as small: all serve,
   and these are enough. */
static void find_modes(testudo_i_circulant *found, int32_t spare, const double *band, double zero, double *value)
{
  for (int32_t k = 1; 2 * k <= found->workers; k++) {
    double size = value_at(found->workers, spare, band, k);
    if (size <= zero)
      keep_mode(found, value, spare + 1, k, size);
  }
  for (int32_t q = 0; q < found->modes; q++)
    found->columns += 2 * found->mode[q] == found->workers ? 1 : 2;
}

bool testudo_i_circulant_find(testudo_i_arena *arena, int32_t workers, int32_t spare, const double *band,
                              testudo_i_circulant *found)
{
  *found = (testudo_i_circulant){.workers = workers};
  if (!rows_are_equal(workers, (size_t)spare + 1, band))
    return false;
  double sum = 0.0, size = 0.0;
  for (int32_t e = 0; e <= spare; e++) {
    sum += band[e];
    size += fabs(band[e]);
  }
  found->mode = testudo_i_arena_alloc(arena, (size_t)spare + 2, sizeof *found->mode);
  double *value = testudo_i_arena_alloc(arena, (size_t)spare + 1, sizeof *value);
  if (arena->failed || !(fabs(sum) > ZERO * size))
    return false;
  found->whole = 1.0 / sum;
  find_modes(found, spare, band, ZERO * size, value);
  return true;
}

void testudo_i_circulant_fill(const testudo_i_circulant *circulant, double *null)
{
  int32_t n = circulant->workers;
  for (int32_t j = 0; j < n; j++)
    for (int32_t q = 0; q < circulant->modes; q++) {
      int32_t k = circulant->mode[q];
      bool alternating = 2 * k == n;
      double scale = sqrt((alternating ? 1.0 : 2.0) / n);
      *null++ = scale * cos(angle(n, k, j));
      if (!alternating)
        *null++ = scale * sin(angle(n, k, j));
    }
}
