/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The middle of a law by bisection. */
#include "numeric/moments/spread.h"

#include <float.h>
#include <math.h>

testudo_i_sides testudo_i_ask(testudo_i_asker *asker, double x)
{
  testudo_i_sides at = {0.0, 0.0};
  if (asker->status != TESTUDO_OK)
    return at;
  asker->evaluations++;
  asker->status = asker->law(asker->context, x, &at, asker->error);
  return asker->status == TESTUDO_OK ? at : (testudo_i_sides){0.0, 0.0};
}

size_t testudo_i_point_leaving(testudo_i_asker *asker, double most, size_t last)
{
  size_t low = 0, high = last;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (testudo_i_ask(asker, asker->points[middle]).above <= most)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

/* More than half of the mass is beyond low, at most half beyond high; `anchor`: the law may be narrow just after
   low. */
typedef struct bracket {
  double low, high, half;
  bool anchor;
} bracket;

/* Among the points, all of which may be jumps. Answers whether one of them is the middle. */
static bool bracket_by_points(testudo_i_asker *asker, bracket *b)
{
  size_t low = testudo_i_point_leaving(asker, b->half, asker->count);
  if (low > 0) {
    b->low = asker->points[low - 1];
    b->anchor = true;
  }
  if (low == asker->count || !(asker->points[low] > 0.0))
    return false;
  b->high = asker->points[low];
  double before = b->high * (1.0 - TESTUDO_I_BESIDE);
  if (testudo_i_ask(asker, before).above > b->half)
    return true;
  b->high = before;
  return false;
}

/* By fours, up or down. */
static void bracket_by_scale(testudo_i_asker *asker, bracket *b)
{
  double step = b->high < HUGE_VAL ? b->high : b->low > 0.0 ? 4.0 * b->low : 1.0;
  if (b->high == HUGE_VAL)
    for (; step < 1e300; step *= 4.0) {
      if (testudo_i_ask(asker, step).above <= b->half) {
        b->high = step;
        break;
      }
      b->low = step;
      b->anchor = false;
    }
  for (step /= 4.0; b->low == 0.0 && step > 1e-300; step /= 4.0) {
    if (testudo_i_ask(asker, step).above > b->half)
      b->low = step;
    else
      b->high = step;
  }
}

static double halfway(const bracket *b)
{
  double distance = b->high - b->low, least = 4.0 * DBL_EPSILON * b->low;
  if (b->anchor && distance > 16.0 * least)
    return b->low + distance * sqrt(fmax(least / distance, 1e-4));
  return b->low > 0.0 && b->high > 8.0 * b->low ? sqrt(b->low) * sqrt(b->high) : b->low + distance / 2.0;
}

/* From a start, by fours until S is between a fiftieth and a half of what it is at the middle; two scales that are next
   to one another with nothing between end the search. */
static double find_width(testudo_i_asker *asker, const testudo_i_spread *spread, double start)
{
  double width = start, least = 8.0 * DBL_EPSILON * spread->middle;
  double narrow = 0.0, wide = HUGE_VAL;
  for (int k = 0; k < 600; k++) {
    double left = testudo_i_ask(asker, spread->middle + width).above;
    if (left > 0.5 * spread->above)
      narrow = width;
    else if (left < 0.02 * spread->above)
      wide = width;
    else
      break;
    if (wide <= 4.5 * narrow || wide <= least)
      break;
    width = wide == HUGE_VAL ? narrow * 4.0 : fmax(wide / 4.0, least);
    if (narrow > 0.0 && wide < HUGE_VAL)
      width = sqrt(narrow * wide);
    if (!(width < 1e300))
      break;
  }
  return fmax(fmin(width, 1e300), least);
}

bool testudo_i_spread_find(testudo_i_asker *asker, testudo_i_spread *spread)
{
  testudo_i_sides at = testudo_i_ask(asker, 0.0), before;
  *spread = (testudo_i_spread){.mass = at.below + at.above, .width = 1.0};
  bracket b = {0.0, HUGE_VAL, 0.5 * spread->mass, false};
  if (at.above <= b.half) {
    spread->above = at.above;
    if (at.above > 0.0)
      spread->width = find_width(asker, spread, 1.0);
    return true;
  }
  bool jump = bracket_by_points(asker, &b);
  if (!jump && (b.high == HUGE_VAL || b.low == 0.0))
    bracket_by_scale(asker, &b);
  if (b.high == HUGE_VAL)
    return asker->status != TESTUDO_OK;
  double start = b.high - b.low;
  spread->middle = b.high;
  while (!jump && asker->status == TESTUDO_OK) {
    double t = halfway(&b);
    if (!(t > b.low && t < b.high) || b.high - b.low <= 4.0 * DBL_EPSILON * b.high)
      break;
    at = testudo_i_ask(asker, t);
    if (at.above > b.half) {
      b.low = t;
      b.anchor = false;
    } else {
      b.high = t;
    }
    start = b.high - b.low;
    spread->middle = t;
    if (at.above >= 0.5 * b.half && at.above <= 1.5 * b.half)
      break;
    spread->middle = b.high;
  }
  bool found = at.above >= 0.5 * b.half && at.above <= 1.5 * b.half && !jump;
  before = found ? at : testudo_i_ask(asker, jump ? spread->middle * (1.0 - TESTUDO_I_BESIDE) : b.low);
  at = found ? at : testudo_i_ask(asker, spread->middle);
  spread->below = before.below;
  spread->above = at.above;
  if (spread->above > 0.0)
    spread->width = find_width(asker, spread, fmin(fmax(start, 8.0 * DBL_EPSILON * spread->middle), spread->middle));
  return true;
}

void testudo_i_deviation(double square, double square_error, double drift, double drift_error,
                         testudo_i_integrals *moments)
{
  double variance = square - drift * drift;
  double error = square_error + 2.0 * fabs(drift) * drift_error + drift_error * drift_error;
  moments->stddev = sqrt(fmax(0.0, variance));
  moments->stddev_error = fmax(sqrt(fmax(0.0, variance) + error) - moments->stddev,
                               moments->stddev - sqrt(fmax(0.0, variance - error)));
}
