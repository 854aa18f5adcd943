/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inverses of monotone functions: bracketing by fours, then interpolation or bisection to the last bit. */
#include "numeric/integrate.h"

#include <math.h>
#include <stdbool.h>

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

/* The answer lies in (low, high]; g there, less the target. */
typedef struct bracket {
  double low, high;
  double at_low, at_high;
} bracket;

static testudo_status ask_less(testudo_i_function g, void *context, double target, double x, double *less,
                               testudo_error *error)
{
  double value;
  TESTUDO_I_TRY(g(context, x, &value, error));
  *less = value == target ? 0.0 : value - target; /* both may be infinite */
  return TESTUDO_OK;
}

/* high = 4 low, or low = 0 where the answer is under the least normal numbers. g(0) < target <= g(HUGE_VAL) is
   known. */
static testudo_status find_bracket(testudo_i_function g, void *context, double target, bracket *b, testudo_error *error)
{
  double less;
  TESTUDO_I_TRY(ask_less(g, context, target, 1.0, &less, error));
  *b = less >= 0.0 ? (bracket){0.0, 1.0, -HUGE_VAL, less} : (bracket){1.0, HUGE_VAL, less, HUGE_VAL};
  while (b->low == 0.0 && b->high > 1e-300) {
    double x = b->high / 4.0;
    TESTUDO_I_TRY(ask_less(g, context, target, x, &less, error));
    *(less >= 0.0 ? &b->high : &b->low) = x;
    *(less >= 0.0 ? &b->at_high : &b->at_low) = less;
  }
  for (double x = 4.0 * b->low; b->high == HUGE_VAL && x < HUGE_VAL; x *= 4.0) {
    TESTUDO_I_TRY(ask_less(g, context, target, x, &less, error));
    *(less >= 0.0 ? &b->high : &b->low) = x;
    *(less >= 0.0 ? &b->at_high : &b->at_low) = less;
  }
  return TESTUDO_OK;
}

/* The share of the bracket, from its newest end, at which to ask next, as Chandrupatla (Adv. Eng. Softw. 28, 1997):
   inverse quadratic interpolation through the two ends and the last end left where it stays between them, half
   otherwise; at least one rounding from either end, so that both close in. */
static double next_share(const bracket *b, bool newest_low, double left, double at_left)
{
  double a = newest_low ? b->low : b->high, other = newest_low ? b->high : b->low;
  double at_a = newest_low ? b->at_low : b->at_high, at_other = newest_low ? b->at_high : b->at_low;
  double least = 0x1p-53 * b->high / (b->high - b->low), share = 0.5;
  if (isfinite(at_a) && isfinite(at_other) && isfinite(at_left) && at_left != at_a && at_left != at_other) {
    double xi = (a - other) / (left - other), phi = (at_a - at_other) / (at_left - at_other);
    if (phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi)
      share = at_a / (at_other - at_a) * (at_left / (at_other - at_left)) +
              (left - a) / (other - a) * (at_a / (at_left - at_a)) * (at_other / (at_left - at_other));
  }
  return least < 0.5 ? fmin(fmax(share, least), 1.0 - least) : 0.5;
}

testudo_status testudo_i_invert(testudo_i_function g, void *context, double target, const double *points, size_t count,
                                double *x, testudo_error *error)
{
  double less;
  TESTUDO_I_TRY(ask_less(g, context, target, 0.0, &less, error));
  *x = 0.0;
  if (less >= 0.0)
    return TESTUDO_OK;
  if (count > 0)
    return invert_steps(g, context, target, points, count, x, error);
  TESTUDO_I_TRY(ask_less(g, context, target, HUGE_VAL, &less, error));
  *x = HUGE_VAL;
  if (less < 0.0)
    return TESTUDO_OK;
  bracket b;
  TESTUDO_I_TRY(find_bracket(g, context, target, &b, error));
  bool newest_low = true;
  double left = b.low, at_left = -HUGE_VAL, before = HUGE_VAL;
  for (int step = 0; b.high < HUGE_VAL; step++) {
    double middle = b.low + (b.high - b.low) / 2.0;
    if (middle <= b.low || middle >= b.high)
      break;
    double share = next_share(&b, newest_low, left, at_left), width = b.high - b.low;
    double place = newest_low ? b.low + share * width : b.high - share * width;
    /* Values that are rounded alike mislead: every fourth step halves where the three before did not. */
    if (!(place > b.low && place < b.high) || (step % 4 == 3 && width > 0.5 * before))
      place = middle;
    before = step % 4 == 0 ? width : before;
    TESTUDO_I_TRY(ask_less(g, context, target, place, &less, error));
    newest_low = less < 0.0;
    left = newest_low ? b.low : b.high;
    at_left = newest_low ? b.at_low : b.at_high;
    *(newest_low ? &b.low : &b.high) = place;
    *(newest_low ? &b.at_low : &b.at_high) = less;
  }
  *x = b.high;
  return TESTUDO_OK;
}
