/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inverses of monotone functions: bracketing by fours, then bisection to the last bit. */
#include "numeric/integrate.h"

#include <math.h>

#include "base/error.h"

/* Least of the points with g >= target, HUGE_VAL when even the last is below. */
static testudo_status invert_steps(testudo_i_function g, void *context, double target, const double *points,
                                   size_t count, double *x, testudo_error *error)
{
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    double value;
    TESTUDO_I_TRY(g(context, points[middle], &value, error));
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
  TESTUDO_I_TRY(g(context, *high, &value, error));
  if (value >= target) {
    while (value >= target && *high > 1e-300) {
      *low = *high / 4.0;
      TESTUDO_I_TRY(g(context, *low, &value, error));
      if (value >= target)
        *high = *low;
    }
    if (*low == *high)
      *low = 0.0;
    return TESTUDO_OK;
  }
  while (value < target && *high < HUGE_VAL) {
    *low = *high;
    *high *= 4.0;
    TESTUDO_I_TRY(g(context, *high, &value, error));
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_invert(testudo_i_function g, void *context, double target, const double *points, size_t count,
                                double *x, testudo_error *error)
{
  double value;
  TESTUDO_I_TRY(g(context, 0.0, &value, error));
  *x = 0.0;
  if (value >= target)
    return TESTUDO_OK;
  if (count > 0)
    return invert_steps(g, context, target, points, count, x, error);
  double low = 0.0, high = HUGE_VAL;
  TESTUDO_I_TRY(g(context, high, &value, error));
  *x = HUGE_VAL;
  if (value < target)
    return TESTUDO_OK;
  TESTUDO_I_TRY(bracket(g, context, target, &low, &high, error));
  while (low < high) {
    double middle = high == HUGE_VAL ? low * 2.0 : low + (high - low) / 2.0;
    if (middle <= low || middle >= high)
      break;
    TESTUDO_I_TRY(g(context, middle, &value, error));
    if (value >= target)
      high = middle;
    else
      low = middle;
  }
  *x = high;
  return TESTUDO_OK;
}
