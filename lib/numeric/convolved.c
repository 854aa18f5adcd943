/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums of products, the inner loop over the longer of the two. */
#include "numeric/convolved.h"

#include "base/clones.h"

TESTUDO_I_CLONES
int32_t testudo_i_add_convolved(const double *restrict from, int32_t low, int32_t high, const double *row,
                                int32_t first, int32_t last, double *restrict to, int32_t most, double least)
{
  while (low <= high && from[low] < least)
    low++;
  while (high > low && from[high] < least)
    high--;
  for (int32_t b = first; b <= last && low + b <= most; b++) {
    int32_t end = high + b <= most ? high : most - b;
    double p = row[b];
    double *restrict shifted = to + b;
    for (int32_t a = low; a <= end; a++)
      shifted[a] += from[a] * p;
  }
  return high + last <= most ? high + last : most;
}
