/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mean and deviation of a law from its two sides, F = P(X <= .) and S = P(X > .). With c a place in the middle,

     E X = c + D+ - D-,      D+ = integral of S beyond c,               D- = integral of F before c,
     E (X - c)^2 = E+ + E-,  E+ = integral of 2 (t - c) S beyond c,     E- = integral of 2 (c - t) F before c,

   so that nothing cancels: Var X = E (X - c)^2 - (D+ - D-)^2, and where c lies between the quartiles |E X - c| is at
   most sqrt(3) deviations, that is E (X - c)^2 at most 4 Var X. On either side y measures the distance from c, as
   t = c + width (e^y - 1) beyond and t = c e^-y before: in it exponential, polynomial and narrow laws are smooth, and
   the side falls. A piece of y is known to within its rectangles as soon as both ends are; it is given a rule of 17
   or 33 places where that is too little, and is cut where the values at these places do not lie on a polynomial:
   at once around the two places between which most of the fall is, so that a narrow one is found quickly. */
#include "numeric/integrate.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/order.h"
#include "base/sum.h"
#include "numeric/moments/chebyshev.h"
#include "numeric/moments/spread.h"

/* The estimated error of a rule is so many times the trail of its values (chebyshev.h). A jump of height h anywhere
   between two of n + 1 places leaves h / (2 n) and moves the integral by less than .8 h / n. */
#define SAFETY 4.0

/* A rule is tried where the integrand changes by less than e to this. */
#define MOST_CHANGE 7.5

/* Second differences of log S that show a logarithm: less is rounding, more a law that is no power. And what rounding
   leaves uncertain of the power then. */
#define LEAST_STEEPER 1e-3
#define MOST_STEEPER 0.1
#define POWER_ERROR 1e-12

/* How much larger than the last change of the power that which is still to come may be. */
#define UNSETTLED 4.0

enum { FEW = TESTUDO_I_CHEBYSHEV_FEW, MANY = TESTUDO_I_CHEBYSHEV_MANY };

/* S goes on as t^-exponent (log(t / end) + logarithm); HUGE_VAL: as the power alone. */
typedef struct power_law {
  double exponent, logarithm;
} power_law;

typedef struct piece {
  bool before;       /* of the middle */
  bool floor;        /* rounding is all that is left of its error */
  double a, b;       /* in y; the side's values there, g, fall */
  int n;             /* of the rule; 0: the ends are all that is known */
  double g[MANY + 1]; /* at the rule's places; of 0: at the two ends */
  double trail[2], ahead[2]; /* of the rule, of both integrands: now, and by half of the degree */
  double value[2], error[2]; /* of D and E */
  double least, most;        /* D lies between */
} piece;

typedef struct quadrature {
  testudo_i_asker asker;
  testudo_i_chebyshev rule;
  testudo_i_spread spread;
  int moments;        /* 1 or 2 */
  double rel_error;
  double end;         /* in y, of the integration beyond the middle; HUGE_VAL unless the law goes on as a power */
  double end_value;
  power_law power;    /* there, and as it looked a step before */
  power_law earlier;
  piece *piece;
  size_t pieces, room;
  double tolerance[2];
} quadrature;

/* ---- the variable ---- */

static double distance_at(const quadrature *q, bool before, double y)
{
  return before ? -q->spread.middle * expm1(-y) : q->spread.width * expm1(y);
}

static double slope_at(const quadrature *q, bool before, double y)
{
  return before ? q->spread.middle * exp(-y) : q->spread.width * exp(y);
}

static double time_at(const quadrature *q, bool before, double y)
{
  return before ? q->spread.middle * exp(-y) : q->spread.middle + q->spread.width * expm1(y);
}

static double place_of(const quadrature *q, bool before, double t)
{
  double from = t - q->spread.middle;
  return before ? -log1p(from / q->spread.middle) : log1p(from / q->spread.width);
}

static double side_of(bool before, testudo_i_sides at)
{
  return before ? at.below : at.above;
}

static double side_at(quadrature *q, bool before, double y)
{
  return side_of(before, testudo_i_ask(&q->asker, time_at(q, before, y)));
}

/* ---- pieces ---- */

/* The rectangles over the places known; g may be out of order by its rounding. */
static void measure_rectangles(const quadrature *q, piece *p, double square[2])
{
  int steps = p->n == 0 ? 1 : p->n;
  double from = distance_at(q, p->before, p->a);
  p->least = p->most = square[0] = square[1] = 0.0;
  for (int k = 0; k < steps; k++) {
    double share = p->n == 0 ? 1.0 : q->rule.place[(k + 1) * (MANY / p->n)];
    double to = distance_at(q, p->before, p->a + (p->b - p->a) * share), width = to - from;
    double high = fmax(p->g[k], p->g[k + 1]), low = fmin(p->g[k], p->g[k + 1]);
    p->least += low * width;
    p->most += high * width;
    square[0] += low * width * (to + from);
    square[1] += high * width * (to + from);
    from = to;
  }
}

/* The rounding of the time itself moves each value by as much. */
static double rounding_of(const quadrature *q, const piece *p)
{
  double latest = time_at(q, p->before, p->before ? p->a : p->b);
  return latest < HUGE_VAL ? 4.0 * DBL_EPSILON * latest * fabs(p->g[0] - p->g[p->n == 0 ? 1 : p->n]) : 0.0;
}

static void apply_rule(const quadrature *q, piece *p, double least[2], double most[2])
{
  double value[2][MANY + 1], length = p->b - p->a, largest = 0.0;
  for (int k = 0; k <= p->n; k++) {
    double y = p->a + length * q->rule.place[k * (MANY / p->n)];
    value[0][k] = p->g[k] > 0.0 ? p->g[k] * slope_at(q, p->before, y) : 0.0;
    value[1][k] = value[0][k] > 0.0 ? 2.0 * value[0][k] * distance_at(q, p->before, y) : 0.0;
    largest = fmax(largest, value[0][k]);
  }
  for (int m = 0; m < q->moments; m++) {
    double integral =
        length * testudo_i_chebyshev_integral(&q->rule, value[m], p->n, &p->trail[m], &p->ahead[m]);
    p->value[m] = fmin(fmax(integral, least[m]), most[m]);
    p->error[m] = fmin(SAFETY * length * p->trail[m], fmax(most[m] - p->value[m], p->value[m] - least[m]));
  }
  double rounding = rounding_of(q, p);
  p->floor = p->floor || SAFETY * p->trail[0] <= 64.0 * DBL_EPSILON * largest || p->error[0] <= rounding ||
             (q->moments == 2 && p->error[1] <= 2.0 * distance_at(q, p->before, p->b) * rounding &&
              p->error[0] <= 1e-3 * q->tolerance[0]);
}

/* Index of the first point that is > t. */
static size_t point_after(const quadrature *q, double t)
{
  return (size_t)testudo_i_count_until(q->asker.points, (int64_t)q->asker.count, t);
}

/* Is there a kink well inside? Then *place is the one nearest the middle, of y. */
static bool kink_inside(const quadrature *q, const piece *p, double *place)
{
  double middle = p->a + (p->b - p->a) / 2.0, margin = (p->b - p->a) * 1e-12;
  size_t after = point_after(q, time_at(q, p->before, middle));
  bool found = false;
  for (size_t k = after > 0 ? after - 1 : 0; k <= after && k < q->asker.count; k++) {
    double t = q->asker.points[k];
    if (!(t > 0.0) || (t < q->spread.middle) != p->before)
      continue;
    double y = place_of(q, p->before, t);
    if (y > p->a + margin && y < p->b - margin && (!found || fabs(y - middle) < fabs(*place - middle))) {
      *place = y;
      found = true;
    }
  }
  return found;
}

/* The integrals of an exponential with the values of both ends; not even those need be of the law. */
static void interpolate_ends(const quadrature *q, piece *p)
{
  double from = distance_at(q, p->before, p->a), width = distance_at(q, p->before, p->b) - from;
  double high = p->g[0], low = p->g[1], rate = log(high / fmax(low, 1e-300 * high));
  if (!(rate > 1e-3)) {
    p->value[0] = 0.5 * (high + low) * width;
    p->value[1] = p->value[0] * (2.0 * from + width);
    return;
  }
  double mean = width / rate;
  p->value[0] = (high - low) * mean;
  p->value[1] = 2.0 * (from * p->value[0] - width * low * mean + p->value[0] * mean);
}

static void measure_piece(quadrature *q, piece *p)
{
  double square[2];
  measure_rectangles(q, p, square);
  double least[2] = {p->least, square[0]}, most[2] = {p->most, square[1]};
  if (p->n > 0) {
    apply_rule(q, p, least, most);
    return;
  }
  interpolate_ends(q, p);
  for (int m = 0; m < 2; m++) {
    p->value[m] = fmin(fmax(p->value[m], least[m]), most[m]);
    p->error[m] = fmax(most[m] - p->value[m], p->value[m] - least[m]);
  }
  p->floor = p->error[0] <= rounding_of(q, p) && !(p->error[0] > q->tolerance[0]);
}

static void add_piece(quadrature *q, bool before, double a, double b, double ga, double gb)
{
  piece p = {.before = before, .a = a, .b = b, .g = {ga, gb}};
  if (!(a < b) || q->asker.status != TESTUDO_OK)
    return;
  q->asker.status = TESTUDO_I_GROW(q->piece, q->room, q->pieces + 1, q->asker.error);
  if (q->asker.status != TESTUDO_OK)
    return;
  measure_piece(q, &p);
  q->piece[q->pieces++] = p;
}

/* ---- laying out ---- */

/* What an integral up to here cannot see of the rest, whatever is there, is worth nothing. */
static bool is_nothing_before(const quadrature *q, double y, double g)
{
  double t = q->spread.middle * exp(-y);
  double width = fmin(q->spread.width, q->spread.middle);
  return t * g <= 1e-3 * q->rel_error * q->spread.middle * q->spread.mass &&
         (q->moments == 1 || t * g * q->spread.middle <= 1e-4 * q->rel_error * width * width);
}

/* By doubling, until the rest is nothing: it is at most t F(t). */
static void lay_out_before(quadrature *q)
{
  double middle = q->spread.middle, from = 0.0, value = q->spread.below;
  if (middle <= 0.0 || value <= 0.0)
    return;
  for (double y = fmin(1.0, q->spread.width / middle); q->asker.status == TESTUDO_OK; y *= 2.0) {
    double next = y < 700.0 ? side_at(q, true, y) : 0.0;
    add_piece(q, true, from, y, value, next);
    if (next <= 0.0 || is_nothing_before(q, y, next)) {
      add_piece(q, true, y, 800.0, next, 0.0);
      return;
    }
    from = y;
    value = next;
  }
}

/* x with S(t) ~ t^-x between two places. */
static double exponent_between(double near, double near_value, double far, double far_value)
{
  return far_value > 0.0 ? log(near_value / far_value) / (far - near) : HUGE_VAL;
}

/* How S goes on after y, by its values there and one and two steps before. A factor log t + c, as products of two
   equally heavy times have, makes it steeper by and by: of -log S the second difference is log(1 - (step / x)^2), x the
   factor a step before. */
static power_law find_power(quadrature *q, double y, double step)
{
  double last = side_at(q, false, y), middle = side_at(q, false, y - step), first = side_at(q, false, y - 2.0 * step);
  double near = exponent_between(y - 2.0 * step, first, y - step, middle);
  double far = exponent_between(y - step, middle, y, last), steeper = (far - near) * step;
  if (!(steeper > LEAST_STEEPER && steeper < MOST_STEEPER))
    return (power_law){far, HUGE_VAL};
  double factor = step / sqrt(-expm1(-steeper));
  return (power_law){far + log1p(step / factor) / step, factor + step};
}

/* Beyond the middle S ends, or falls as a power. Of a power so heavy that the end of the doubles cuts off something
   worth having the integral ends earlier, where S is far from the denormal numbers and rates up to 1e100 may still
   multiply the time; the rest is known. */
static void lay_out_beyond(quadrature *q)
{
  const double scale = log(q->spread.width), last = log(1e300) - scale, step = log(1e10);
  double from = 0.0, value = q->spread.above, next = value, checked = fmin(log(1e60), last / 2.0);
  if (value <= 0.0)
    return;
  for (double y = 1.0, stride = 1.0; value > 0.0 && from < last && q->asker.status == TESTUDO_OK;) {
    bool check = from < checked && y >= checked;
    y = check ? checked : fmin(y, last);
    next = side_at(q, false, y);
    add_piece(q, false, from, y, value, next);
    double early = check ? side_at(q, false, y / 2.0) : 0.0;
    if (check && exponent_between(y / 2.0, early, y, next) <= q->moments + 0.2) {
      from = y;
      value = next;
      break;
    }
    from = y;
    value = next;
    stride = y >= 4.0 * stride ? 2.0 * stride : stride;
    y += stride;
  }
  if (value <= 0.0 || from >= last)
    return;
  while (from + scale < log(1e180) && (next = side_at(q, false, from + step)) > 1e-280) {
    add_piece(q, false, from, from + step, value, next);
    from += step;
    value = next;
  }
  q->end = from;
  q->end_value = value;
  q->power = find_power(q, from, 2.0 * step);
  q->earlier = find_power(q, from - 2.0 * step, 2.0 * step);
  q->earlier.logarithm += 2.0 * step;
}

/* ---- refining ---- */

/* How much the integrands change over the piece, in powers of e, where they still matter. */
static double change_over(const quadrature *q, const piece *p)
{
  double most = 0.0, length = p->b - p->a;
  for (int m = 0; m < q->moments; m++) {
    double least = 0.1 * q->tolerance[m] / length, value[2];
    for (int k = 0; k < 2; k++) {
      double y = k == 0 ? p->a : p->b;
      value[k] = p->g[k] > 0.0 ? p->g[k] * slope_at(q, p->before, y) : 0.0;
      if (m == 1 && value[k] > 0.0)
        value[k] *= 2.0 * distance_at(q, p->before, y);
    }
    most = fmax(most, m == 1 && p->a == 0.0 ? 0.0 : fabs(log((value[0] + least) / (value[1] + least))));
  }
  return most;
}

/* Values at the places of a rule of n, those known already kept. */
static void ask_places(quadrature *q, piece *p, int n)
{
  int known = p->n == 0 ? 1 : p->n, stride = n / known;
  for (int k = known; k > 0; k--)
    p->g[k * stride] = p->g[k];
  for (int k = 1; k < n; k++)
    if (k % stride != 0)
      p->g[k] = side_at(q, p->before, p->a + (p->b - p->a) * q->rule.place[k * (MANY / n)]);
  p->n = n;
}

/* Would twice as many places do? By the decay of the coefficients so far. */
static bool is_promising(const quadrature *q, const piece *p)
{
  for (int m = 0; m < q->moments; m++) {
    double ratio = p->ahead[m] > 0.0 ? fmin(1.0, p->trail[m] / p->ahead[m]) : 1.0;
    if (SAFETY * (p->b - p->a) * p->trail[m] * ratio * ratio > 0.05 * q->tolerance[m])
      return false;
  }
  return true;
}

static void upgrade_piece(quadrature *q, size_t k, int n)
{
  piece p = q->piece[k];
  ask_places(q, &p, n);
  measure_piece(q, &p);
  q->piece[k] = p;
}

/* Cut at some of its own places; the first part takes its room. */
static void cut_at_places(quadrature *q, size_t k, const int *place, int count)
{
  piece old = q->piece[k];
  q->piece[k] = q->piece[--q->pieces];
  double length = old.b - old.a;
  for (int part = 0, from = 0; part <= count; part++) {
    int to = part < count ? place[part] : old.n;
    if (to > from) {
      const double *at = q->rule.place;
      int stride = MANY / old.n;
      add_piece(q, old.before, from == 0 ? old.a : old.a + length * at[from * stride],
                to == old.n ? old.b : old.a + length * at[to * stride], old.g[from], old.g[to]);
    }
    from = to;
  }
}

/* At a kink, on both sides of which the law is asked: it may jump there. */
static void cut_at_kink(quadrature *q, size_t k, double y)
{
  piece old = q->piece[k];
  double t = time_at(q, old.before, y);
  size_t after = point_after(q, t * (1.0 + 1e-9));
  for (size_t i = after; i-- > 0 && q->asker.points[i] >= t * (1.0 - 1e-9);)
    if (fabs(place_of(q, old.before, q->asker.points[i]) - y) <= 1e-13 * (old.b - old.a))
      t = q->asker.points[i];
  double early = side_of(old.before, testudo_i_ask(&q->asker, t * (1.0 - TESTUDO_I_BESIDE)));
  double late = side_of(old.before, testudo_i_ask(&q->asker, t * (1.0 + TESTUDO_I_BESIDE)));
  q->piece[k] = q->piece[--q->pieces];
  add_piece(q, old.before, old.a, y, old.g[0], old.before ? late : early);
  add_piece(q, old.before, y, old.b, old.before ? early : late, old.g[old.n == 0 ? 1 : old.n]);
}

static void halve_coarse(quadrature *q, size_t k)
{
  piece old = q->piece[k];
  double middle = old.a + (old.b - old.a) / 2.0, value = side_at(q, old.before, middle);
  q->piece[k] = q->piece[--q->pieces];
  add_piece(q, old.before, old.a, middle, old.g[0], value);
  add_piece(q, old.before, middle, old.b, value, old.g[1]);
}

/* Where more than half of the fall is between two neighbouring places, there; in the middle otherwise. */
static void cut_by_values(quadrature *q, size_t k)
{
  const piece *p = &q->piece[k];
  double fall = p->g[0] - p->g[p->n];
  int place[2] = {p->n / 2, 0}, count = 1;
  for (int j = 0; j < p->n; j++)
    if (p->g[j] - p->g[j + 1] > 0.5 * fall) {
      place[0] = j;
      place[1] = j + 1;
      count = 2;
    }
  cut_at_places(q, k, place, count);
}

/* Two that were made of one and are as doubtful together, each by its part, at a relative error that rounding may have,
   will not become better: a fall that is still too narrow is in one of them. */
static void notice_noise(quadrature *q, size_t first, const piece *old)
{
  double together = 0.0, least = HUGE_VAL;
  for (size_t k = first; k < q->pieces; k++) {
    double error = q->piece[k].n > 0 ? q->piece[k].error[0] : 0.0;
    together += error;
    least = fmin(least, error);
  }
  bool noise = together >= 0.7 * old->error[0] && least >= 0.1 * old->error[0] && old->error[0] <= 1e-6 * old->most;
  for (size_t k = first; noise && k < q->pieces; k++)
    q->piece[k].floor = true;
}

static void refine(quadrature *q, size_t k)
{
  double y = 0.0;
  const piece old = q->piece[k];
  double middle = old.a + (old.b - old.a) / 2.0;
  if (!(old.a < middle && middle < old.b)) {
    q->piece[k].floor = true;
  } else if (kink_inside(q, &old, &y)) {
    cut_at_kink(q, k, y);
  } else if (old.n == 0 && change_over(q, &old) > MOST_CHANGE) {
    halve_coarse(q, k);
  } else if (old.n == 0) {
    upgrade_piece(q, k, FEW);
  } else if (old.n == FEW && is_promising(q, &old)) {
    upgrade_piece(q, k, MANY);
  } else {
    cut_by_values(q, k);
    for (size_t last = q->pieces, j = last - 2; old.n > 0 && j < last && q->asker.status == TESTUDO_OK; j++)
      if (q->piece[j].error[0] > 0.01 * q->tolerance[0] && change_over(q, &q->piece[j]) <= MOST_CHANGE)
        upgrade_piece(q, j, FEW);
    notice_noise(q, q->pieces - 2, &old);
  }
}

/* In units of what is allowed. */
static double doubt_of(const quadrature *q, const double error[2])
{
  double most = 0.0;
  for (int m = 0; m < q->moments; m++)
    most = fmax(most, error[m] > 0.0 ? error[m] / q->tolerance[m] : 0.0);
  return most;
}

static size_t worst_piece(const quadrature *q)
{
  size_t found = q->pieces;
  double most = 0.0;
  for (size_t k = 0; k < q->pieces; k++) {
    double doubt = q->piece[k].floor ? 0.0 : doubt_of(q, q->piece[k].error);
    if (doubt > most) {
      most = doubt;
      found = k;
    }
  }
  return found;
}

/* Of the mean, and of the square: relative to what is known of the variance so far. Answers whether it is met, or by
   all that can still be refined met four times over. */
static bool meets_tolerance(quadrature *q)
{
  double drift = 0.0, square = 0.0, doubt[2] = {0.0, 0.0}, left[2] = {0.0, 0.0};
  for (size_t k = 0; k < q->pieces; k++) {
    const piece *p = &q->piece[k];
    drift += p->before ? -p->value[0] : p->value[0];
    square += p->value[1];
    for (int m = 0; m < q->moments; m++)
      *(p->floor ? &doubt[m] : &left[m]) += p->error[m];
  }
  q->tolerance[0] = q->rel_error * fmax(q->spread.mass * q->spread.middle + drift, 0.0);
  q->tolerance[1] = q->rel_error * fmax(square - drift * drift, 0.1 * square);
  for (int m = 0; m < 2; m++)
    doubt[m] += left[m];
  return doubt_of(q, doubt) <= 1.0 || doubt_of(q, left) <= 0.25;
}

static void refine_all(quadrature *q)
{
  q->tolerance[0] = q->tolerance[1] = 0.0;
  while (q->asker.status == TESTUDO_OK && q->pieces < TESTUDO_I_LIMIT_TAIL_PIECES) {
    bool met = meets_tolerance(q);
    size_t worst = worst_piece(q);
    if (met || worst == q->pieces)
      return;
    refine(q, worst);
  }
}

/* ---- totals ---- */

typedef struct side_sums {
  testudo_i_sum value[2], error[2], least, most;
} side_sums;

static void sum_pieces(const quadrature *q, side_sums side[2])
{
  for (int s = 0; s < 2; s++)
    side[s] = (side_sums){0};
  for (size_t k = 0; k < q->pieces; k++) {
    side_sums *of = &side[q->piece[k].before ? 0 : 1];
    for (int m = 0; m < q->moments; m++) {
      testudo_i_sum_add(&of->value[m], q->piece[k].value[m]);
      testudo_i_sum_add(&of->error[m], q->piece[k].error[m]);
    }
    testudo_i_sum_add(&of->least, q->piece[k].least);
    testudo_i_sum_add(&of->most, q->piece[k].most);
  }
}

/* The integral of t^m S beyond the end, over that of the end's own square. */
static double remainder_of(power_law power, int m)
{
  double left = power.exponent - (m + 1);
  return left > 0.0 ? (1.0 + 1.0 / (left * power.logarithm)) / left : HUGE_VAL;
}

/* The integrals beyond the end, of a law that goes on as S does just before; what that was before shows how settled it
   is. */
static void add_remainder(const quadrature *q, double value[2], double error[2])
{
  double from = distance_at(q, false, q->end), size = q->end_value;
  for (int m = 0; m < q->moments; m++) {
    double rest = remainder_of(q->power, m), left = q->power.exponent - (m + 1);
    size *= m == 0 ? from : 2.0 * from;
    value[m] += size * rest;
    error[m] += size * ((q->power.logarithm < HUGE_VAL ? POWER_ERROR : 1e-13) / left * rest +
                        UNSETTLED * fabs(rest - remainder_of(q->earlier, m)));
  }
}

static void fill_moments(const quadrature *q, testudo_i_integrals *moments)
{
  side_sums side[2];
  double value[2], error[2], base = q->spread.mass * q->spread.middle;
  sum_pieces(q, side);
  for (int m = 0; m < q->moments; m++) {
    value[m] = testudo_i_sum_value(&side[1].value[m]);
    error[m] = testudo_i_sum_value(&side[0].error[m]) + testudo_i_sum_value(&side[1].error[m]);
  }
  bool power = q->end < HUGE_VAL;
  if (power)
    add_remainder(q, value, error);
  double before = testudo_i_sum_value(&side[0].value[0]), drift = value[0] - before, apart = value[0] + before;
  /* Times are rounded, and so are the values of the law, a few units of their last place each. */
  double time_rounding = 2.0 * DBL_EPSILON * q->spread.middle;
  double drift_error = error[0] + time_rounding + 64.0 * DBL_EPSILON * apart;
  moments->mean = base + drift;
  moments->mean_error = drift_error + DBL_EPSILON * moments->mean;
  double least = testudo_i_sum_value(&side[1].least) - testudo_i_sum_value(&side[0].most);
  double most = testudo_i_sum_value(&side[1].most) - testudo_i_sum_value(&side[0].least);
  moments->mean_bound = power ? HUGE_VAL : fmax(most - drift, drift - least) + moments->mean_error - error[0];
  moments->mean_error = fmin(moments->mean_error, moments->mean_bound);
  if (q->moments == 2) {
    double square = value[1] + testudo_i_sum_value(&side[0].value[1]);
    testudo_i_deviation(square, error[1] + 2.0 * time_rounding * apart + 64.0 * DBL_EPSILON * square, drift,
                        drift_error, moments);
  }
}

/* ---- all together ---- */

static testudo_status lay_out(quadrature *q, testudo_i_integrals *moments, bool *infinite)
{
  *infinite = false;
  q->end = HUGE_VAL;
  if (!testudo_i_spread_find(&q->asker, &q->spread))
    return testudo_i_fail(q->asker.error, TESTUDO_ERROR_LIMIT,
                          "a tail does not fall below a half before 1e300, so it has no integral");
  lay_out_beyond(q);
  /* A tail like t^-x has no integral for x <= 1, nor its square for x <= 2; the last digits of S leave x uncertain. */
  *infinite = q->end < HUGE_VAL && q->power.exponent <= 1.0 + 1e-13;
  if (q->end < HUGE_VAL && q->power.exponent <= 2.0 + 1e-13 && q->moments == 2) {
    moments->stddev = HUGE_VAL;
    q->moments = 1;
  }
  if (!*infinite)
    lay_out_before(q);
  return q->asker.status;
}

testudo_status testudo_i_tail_moments(testudo_i_law_function law, void *context, const double *points, size_t count,
                                      bool want_stddev, double rel_error, testudo_i_integrals *moments,
                                      testudo_error *error)
{
  quadrature q = {.asker = {law, context, error, TESTUDO_OK, 0, points, count}, .moments = want_stddev ? 2 : 1,
                  .rel_error = rel_error};
  bool infinite;
  *moments = (testudo_i_integrals){0};
  testudo_i_chebyshev_init(&q.rule);
  testudo_status status = lay_out(&q, moments, &infinite);
  if (status == TESTUDO_OK && !infinite) {
    refine_all(&q);
    status = q.asker.status;
  }
  if (infinite)
    moments->mean = HUGE_VAL;
  else if (status == TESTUDO_OK)
    fill_moments(&q, moments);
  free(q.piece);
  return status;
}

/* ---- of a tail alone ---- */

typedef struct one_sided {
  testudo_i_function f;
  void *context;
  double level; /* f(0) */
} one_sided;

static testudo_status one_sided_law(void *context, double x, testudo_i_sides *at, testudo_error *error)
{
  one_sided *tail = context;
  TESTUDO_I_TRY(tail->f(tail->context, x, &at->above, error));
  if (x == 0.0)
    tail->level = at->above;
  at->below = fmax(0.0, tail->level - at->above);
  return TESTUDO_OK;
}

testudo_status testudo_i_integrate_tail(testudo_i_function f, void *context, const double *points, size_t count,
                                        double rel_error, size_t budget, double *integral, double *abs_error,
                                        testudo_error *error)
{
  one_sided tail = {f, context, 0.0};
  testudo_i_integrals moments;
  if (budget > 0)
    TESTUDO_I_TRY(
        testudo_i_step_moments(one_sided_law, &tail, points, count, false, rel_error, budget, &moments, error));
  else
    TESTUDO_I_TRY(testudo_i_tail_moments(one_sided_law, &tail, points, count, false, rel_error, &moments, error));
  *integral = moments.mean;
  *abs_error = moments.mean_error;
  return TESTUDO_OK;
}
