/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of Poisson probabilities. */
#include "exact/stepped/poisson.h"

#include "numeric/integrate.h"

double testudo_i_poisson_norm(int32_t n)
{
  return 1.0 / testudo_i_poisson(n, n);
}

void testudo_i_poisson_row(double *row, double mean, int32_t most, double least, int32_t *first, int32_t *last)
{
  int32_t mode = mean < most ? (int32_t)mean : most;
  double p = row[mode] = testudo_i_poisson(mode, mean);
  *first = *last = mode;
  while (*first > 0 && (p *= *first / mean) >= least)
    row[--*first] = p;
  p = row[mode];
  while (*last < most && (p *= mean / (*last + 1.0)) >= least)
    row[++*last] = p;
}
