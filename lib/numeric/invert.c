/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "numeric/integrate.h"

#include <math.h>

/* Least of the points with g >= target, HUGE_VAL when even the last is below. */
static testudo_status invert_steps(testudo_i_function g, void *context, double target, const double *points,
                                   size_t count, double *x, testudo_error *error)
{
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    double value;
    testudo_status status = g(context, points[middle], &value, error);
    if (status != TESTUDO_OK)
      return status;
    if (value >= target)
      high = middle;
    else
      low = middle + 1;
  }
  *x = low < count ? points[low] : HUGE_VAL;
  return TESTUDO_OK;
}

/* *low < answer <= *high = 4 *low, or *low = 0 where it is under the least normal numbers.
   g(0) < target <= g(HUGE_VAL) is known. */
static testudo_status bracket(testudo_i_function g, void *context, double target, double *low, double *high,
                              testudo_error *error)
{
  double value;
  *high = 1.0;
  testudo_status status = g(context, *high, &value, error);
  if (status == TESTUDO_OK && value >= target) {
    while (status == TESTUDO_OK && value >= target && *high > 1e-300) {
      *low = *high / 4.0;
      status = g(context, *low, &value, error);
      if (value >= target)
        *high = *low;
    }
    if (*low == *high)
      *low = 0.0;
    return status;
  }
  while (status == TESTUDO_OK && value < target && *high < HUGE_VAL) {
    *low = *high;
    *high *= 4.0;
    status = g(context, *high, &value, error);
  }
  return status;
}

testudo_status testudo_i_invert(testudo_i_function g, void *context, double target, const double *points, size_t count,
                                double *x, testudo_error *error)
{
  double value;
  testudo_status status = g(context, 0.0, &value, error);
  if (status != TESTUDO_OK)
    return status;
  *x = 0.0;
  if (value >= target)
    return TESTUDO_OK;
  if (count > 0)
    return invert_steps(g, context, target, points, count, x, error);
  double low = 0.0, high = HUGE_VAL;
  status = g(context, high, &value, error);
  if (status != TESTUDO_OK || value < target) {
    *x = HUGE_VAL;
    return status;
  }
  status = bracket(g, context, target, &low, &high, error);
  while (status == TESTUDO_OK && low < high) {
    double middle = high == HUGE_VAL ? low * 2.0 : low + (high - low) / 2.0;
    if (middle <= low || middle >= high)
      break;
    status = g(context, middle, &value, error);
    if (value >= target)
      high = middle;
    else
      low = middle;
  }
  *x = high;
  return status;
}
