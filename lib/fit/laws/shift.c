/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shifted families (docs/theory/fitting.md#estimates): the largest likelihood over the base's numbers for each shift.
   Near the least row it may grow without bound; a maximum is looked for from 0 up to where hardly any sample would have
   its least so near to the shift. Beside it stands the corner, where the median of the least is the least row. */
#include "fit/laws/family.h"

#include <math.h>
#include <string.h>

#include "fit/laws/climb.h"

#define MEDIAN 0.69314718055994530942 /* of an exponential, which n H(least - shift) is */
#define HARDLY 1e-2
#define WARM 1.5      /* either way, of the logarithm u of least - shift */
#define FINE 1e-4     /* of u */
#define DEEPEST 30.0  /* below the logarithm of the mean excess */
#define GRID 14
#define FALL 2.0      /* of log L: two standard deviations */

typedef struct profile {
  const testudo_i_fit_family *family;
  testudo_i_fit_rows *rows;
  double number[2]; /* of the base, where it was asked last */
  bool warm;
} profile;

/* The base's numbers for the shift least - e^u. */
static bool estimate_at(profile *of, double u, testudo_i_fit_points *points)
{
  const testudo_i_fit_base *base = of->family->base;
  *points = testudo_i_fit_shifted_points(of->rows, of->rows->least - exp(u));
  of->warm = base->estimate(base, points, of->number, of->warm);
  return of->warm;
}

static double height_at(double u, void *context)
{
  profile *of = context;
  testudo_i_fit_points points;
  return estimate_at(of, u, &points) ? testudo_i_fit_base_likelihood(of->family->base, of->number, &points)
                                     : -HUGE_VAL;
}

/* n H(least - shift). */
static double place_at(profile *of, double u)
{
  testudo_i_fit_points points;
  if (!estimate_at(of, u, &points))
    return 0.0;
  const testudo_law law = testudo_i_fit_base_law(of->family->base, of->number);
  double below = testudo_i_law_side(&law, exp(u), false);
  return below < 1.0 ? -of->rows->total * log1p(-below) : HUGE_VAL;
}

/* Where that is `place`, between low and high. */
static double find_place(profile *of, double place, double low, double high)
{
  for (int k = 0; k < 60 && high - low > FINE; k++) {
    double middle = 0.5 * (low + high);
    if (place_at(of, middle) > place)
      high = middle;
    else
      low = middle;
  }
  return high;
}

/* The highest maximum between the ends: of a grid, then exactly; NAN: there is none. */
static double find_top(profile *of, double first, double whole, double near)
{
  double best = NAN, top = -HUGE_VAL, step = (whole - first) / GRID, height[GRID + 1];
  if (!isnan(near)) {
    double low = fmax(first, near - WARM), high = fmin(whole, near + WARM);
    double u = high > low ? testudo_i_maximum(height_at, of, low, high, 10.0 * FINE) : first;
    return u > first + 100.0 * FINE ? u : NAN;
  }
  for (int k = 0; k <= GRID; k++)
    height[k] = height_at(first + k * step, of);
  for (int k = 1; k < GRID; k++)
    if (height[k] >= height[k - 1] && height[k] >= height[k + 1] && height[k] > top) {
      top = height[k];
      best = first + k * step;
    }
  return isnan(best) ? NAN : testudo_i_maximum(height_at, of, best - step, best + step, FINE);
}

/* How far the numbers move for one standard deviation of the shift, which the fall of the likelihood to the side of
   smaller shifts says: it is the longer one. */
void testudo_i_fit_shift_spread(const testudo_i_fit_family *family, testudo_i_fit_rows *rows, const double *number,
                                double *spread)
{
  profile of = {.family = family, .rows = rows, .number = {number[1], number[2]}, .warm = true};
  double top = log(rows->least - number[0]), low = top, high = log(rows->least);
  double best = height_at(top, &of), fall = best - height_at(high, &of);
  for (int k = 0; k < 40 && fall > 1.05 * FALL && high - low > FINE; k++) {
    double middle = 0.5 * (low + high), here = best - height_at(middle, &of);
    if (here > FALL) {
      high = middle;
      fall = here;
    } else {
      low = middle;
    }
  }
  height_at(high, &of);
  double deviations = sqrt(2.0 * fmax(fall, 1e-3));
  spread[0] = (exp(high) - exp(top)) / deviations;
  for (int k = 0; k < 2; k++)
    spread[k + 1] = fabs(of.number[k] - number[k + 1]) / deviations;
}

bool testudo_i_fit_shift_estimate(const testudo_i_fit_family *family, testudo_i_fit_rows *rows, double *number,
                                  bool warm)
{
  profile of = {.family = family, .rows = rows, .number = {number[1], number[2]}, .warm = warm};
  double whole = log(rows->least), lowest = log(fmax(rows->mean - rows->least, 1e-12 * rows->mean)) - DEEPEST;
  double near = warm ? log(fmax(rows->least - number[0], 1e-6 * rows->least)) : NAN, u = whole;
  bool wanted = lowest < whole && place_at(&of, whole) > MEDIAN;
  if (!wanted && !warm)
    return false;
  if (wanted) {
    double corner = find_place(&of, MEDIAN, lowest, whole);
    double inside = find_top(&of, find_place(&of, HARDLY, lowest, corner), whole, near);
    u = !isnan(inside) && height_at(inside, &of) >= height_at(corner, &of) ? inside : corner;
    u = height_at(u, &of) > height_at(whole, &of) + 1e-6 ? u : whole;
  }
  height_at(u, &of);
  number[0] = u < whole ? rows->least - exp(u) : 0.0;
  memcpy(&number[1], of.number, sizeof of.number);
  return of.warm && (warm || number[0] > 0.0);
}
