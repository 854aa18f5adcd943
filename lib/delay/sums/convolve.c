/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Convolution of two laws in logarithmic variables. */
#include "delay/sums/convolve.h"

#include <math.h>
#include <stdlib.h>

#include "base/order.h"
#include "delay/model.h"
#include "numeric/interval.h"

static const double mark_log[TESTUDO_I_MARKS] = {-20.7, -9.2, -4.6, -1.1, 0.0, 1.1, 4.6, 9.2, 20.7}; /* log(F / S) */

double testudo_i_started_side(const void *law, double y, bool above)
{
  double below, beyond;
  testudo_i_started_sides(law, y, &below, &beyond);
  return above ? beyond : below;
}

double testudo_i_summand_side(const testudo_i_summand *a, double y, bool above)
{
  if (y <= 0.0)
    return above ? 1.0 : 0.0;
  return a->side(a->of, y / a->scale, above);
}

static double density_of(const testudo_i_summand *a, double y)
{
  return y <= 0.0 ? 0.0 : a->density(a->of, y / a->scale) / a->scale;
}

double testudo_i_place_of_odds(double (*side)(const void *of, double y, bool above), const void *of, double odds)
{
  double low = -690.0, high = 690.0;
  for (int step = 0; step < 60; step++) {
    double middle = (low + high) / 2.0, y = exp(middle);
    *(log(side(of, y, false)) - log(side(of, y, true)) < odds ? &low : &high) = middle;
  }
  return high;
}

void testudo_i_find_marks(double (*side)(const void *of, double y, bool above), const void *of,
                          double mark[TESTUDO_I_MARKS])
{
  for (int m = 0; m < TESTUDO_I_MARKS; m++)
    mark[m] = exp(testudo_i_place_of_odds(side, of, mark_log[m]));
}

double testudo_i_place_of(double (*side)(const void *of, double y, bool above), const void *of, bool above,
                          double value)
{
  double low = -690.0, high = 690.0;
  for (int k = 0; k < 48; k++) { /* to 5e-12 */
    double middle = (low + high) / 2.0, here = side(of, exp(middle), above);
    if (above ? here > value : here < value)
      low = middle;
    else
      high = middle;
  }
  return high;
}

/* ---- integrating ---- */

typedef struct convolving {
  const testudo_i_summand *a, *b;
  double t;
  bool above, densities;
} convolving;

static double first_factor(const convolving *c, double y)
{
  return c->densities ? density_of(c->a, y) : testudo_i_summand_side(c->a, y, c->above);
}

/* w: the logarithm of B. */
static double near_b(double w, void *context)
{
  const convolving *c = context;
  double y = exp(w);
  return first_factor(c, c->t - y) * density_of(c->b, y) * y;
}

/* w: the logarithm of A. */
static double near_a(double w, void *context)
{
  const convolving *c = context;
  double y = exp(w);
  return first_factor(c, y) * density_of(c->b, c->t - y) * y;
}

/* Places where a factor of the integrand turns: marks of `own` as they are, of `other` as seen from t. */
static double integrate_half(testudo_i_integrand f, convolving *c, const testudo_i_summand *own,
                             const testudo_i_summand *other, double span)
{
  double breaks[2 * TESTUDO_I_MOST_MARKS + 2], last = log(c->t / 2.0), first = last - span;
  size_t count = 0;
  breaks[count++] = first;
  for (int side = 0; side < 2; side++) {
    const testudo_i_summand *of = side == 0 ? own : other;
    for (int m = 0; m < of->marks; m++) {
      double mark = of->mark[m] * of->scale, place = side == 0 ? log(mark) : c->t > mark ? log(c->t - mark) : first;
      if (place > first && place < last)
        breaks[count++] = place;
    }
  }
  breaks[count++] = last;
  qsort(breaks, count, sizeof *breaks, testudo_i_ascending_reals);
  return testudo_i_integrate_interval(f, c, breaks, count, 1e-11, 0.0, NULL);
}

static double integrate(convolving *c)
{
  double span = 40.0, half = testudo_i_summand_side(c->b, c->t / 2.0, false);
  while (span < 600.0 && testudo_i_summand_side(c->b, c->t / 2.0 * exp(-span), false) > 1e-14 * half)
    span *= 2.0;
  return integrate_half(near_b, c, c->b, c->a, span) + integrate_half(near_a, c, c->a, c->b, span);
}

double testudo_i_convolve(const testudo_i_summand *a, const testudo_i_summand *b, double t, bool above)
{
  if (t <= 0.0)
    return above ? 1.0 : 0.0;
  convolving c = {a, b, t, above, false};
  return (above ? testudo_i_summand_side(b, t, true) : 0.0) + integrate(&c);
}

double testudo_i_convolve_densities(const testudo_i_summand *a, const testudo_i_summand *b, double t)
{
  convolving c = {a, b, t, false, true};
  return t <= 0.0 ? 0.0 : integrate(&c);
}
