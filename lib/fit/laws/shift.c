/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shifted families (docs/theory/fitting.md#estimates): the likelihood, largest over the base's numbers for each shift,
   over shifts from 0 up to the corner, where the median of the least of so many times is the least row. Beyond it the
   likelihood may grow without bound. */
#include "fit/laws/family.h"

#include <math.h>
#include <string.h>

#include "fit/laws/climb.h"

#define LOG_TWO 0.69314718055994530942
#define WARM 1.5      /* either way, of the logarithm u of least - shift */
#define FINE 1e-4     /* of u */
#define DEEPEST 30.0  /* below the logarithm of the mean excess */
#define GRID 10
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

/* n H(least - shift) - log 2: negative where the least row is nearer to the shift than it would be. */
static double excess_at(profile *of, double u)
{
  testudo_i_fit_points points;
  if (!estimate_at(of, u, &points))
    return -LOG_TWO;
  const testudo_law law = testudo_i_fit_base_law(of->family->base, of->number);
  double below = testudo_i_law_side(&law, exp(u), false);
  return (below < 1.0 ? -of->rows->total * log1p(-below) : HUGE_VAL) - LOG_TWO;
}

/* u of the corner between low and high, where it is. */
static double find_corner(profile *of, double low, double high)
{
  for (int k = 0; k < 60 && high - low > FINE; k++) {
    double middle = 0.5 * (low + high);
    if (excess_at(of, middle) > 0.0)
      high = middle;
    else
      low = middle;
  }
  return high;
}

/* The best of a grid, then exactly. */
static double find_top(profile *of, double corner, double whole, double near)
{
  double best = corner, top = -HUGE_VAL, step = (whole - corner) / GRID;
  if (!isnan(near)) {
    double low = fmax(corner, near - WARM), high = fmin(whole, near + WARM);
    return high > low ? testudo_i_maximum(height_at, of, low, high, FINE * 10.0) : corner;
  }
  for (int k = 0; k <= GRID; k++) {
    double u = corner + k * step, height = height_at(u, of);
    if (height > top) {
      top = height;
      best = u;
    }
  }
  double low = fmax(corner, best - step), high = fmin(whole, best + step);
  double u = testudo_i_maximum(height_at, of, low, high, FINE);
  return height_at(u, of) > top ? u : best;
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
  bool wanted = lowest < whole && excess_at(&of, whole) > 0.0;
  if (!wanted && !warm)
    return false;
  if (wanted) {
    double corner = find_corner(&of, lowest, whole);
    u = find_top(&of, corner, whole, near);
    if (height_at(corner, &of) >= height_at(u, &of))
      u = corner;
  }
  double at_whole = height_at(whole, &of);
  if (u < whole && height_at(u, &of) <= at_whole + 1e-6)
    u = whole;
  height_at(u, &of);
  number[0] = u < whole ? rows->least - exp(u) : 0.0;
  memcpy(&number[1], of.number, sizeof of.number);
  return of.warm && (warm || number[0] > 0.0);
}
