/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mean of independent runs, and how far to trust it. */
#ifndef TESTUDO_TESTS_MOMENTS_H
#define TESTUDO_TESTS_MOMENTS_H

#include <math.h>
#include <stdint.h>

typedef struct moments {
  double mean, error; /* standard error of the mean */
} moments;

static inline moments moments_of(const double *value, int32_t count)
{
  double mean = 0.0, squares = 0.0;
  for (int32_t k = 0; k < count; k++)
    mean += value[k] / count;
  for (int32_t k = 0; k < count; k++)
    squares += (value[k] - mean) * (value[k] - mean);
  return (moments){mean, sqrt(squares / (count - 1.0) / count)};
}

#endif
