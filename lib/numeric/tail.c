/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Integrals of tails over [0, infinity). First the place and width of the fall are found by bisection; then the body
   is integrated in t and the rest in s, t = cut + width (e^y - 1), y = s / (1 - s), which turns exponential and
   polynomial tails alike into smooth functions on [0,1). The pieces are halved where the error is largest.

   GSL's adaptive drivers report trouble through an error handler that is global to the process and aborts by default;
   a library may neither rely on it nor change it. Its fixed 21-point Gauss-Kronrod rule never reaches the handler, so
   the rule is GSL's and the adaptive loop is ours. */
#include "numeric/integrate.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#include <gsl/gsl_integration.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/sum.h"
#include "numeric/memo.h"

typedef struct piece {
  double a, b;
  bool far; /* in s, beyond the cut */
  bool floor; /* rounding is all that is left of its error */
  double value, error;
} piece;

typedef struct quadrature {
  testudo_i_evaluator evaluator;
  int power;
  const double *points;
  size_t points_count;
  double start, cut, width; /* the fall lies between start and cut */
  double end;               /* of the integration; beyond it a power law */
  piece piece[TESTUDO_I_LIMIT_TAIL_PIECES];
  size_t pieces;
  int futile; /* halvings that did not help: the function's own noise */
} quadrature;

static double integrand_near(double t, void *context)
{
  quadrature *q = context;
  double value = testudo_i_evaluate(&q->evaluator, t);
  return q->power == 0 ? value : t * value;
}

static double integrand_far(double s, void *context)
{
  quadrature *q = context;
  double y = s / (1.0 - s), growth = exp(y);
  double t = q->cut + q->width * (growth - 1.0);
  if (!(t < q->end))
    return 0.0;
  double value = testudo_i_evaluate(&q->evaluator, t) * q->width * growth / ((1.0 - s) * (1.0 - s));
  return q->power == 0 || value == 0.0 ? value : t * value;
}

/* The coordinate of point k in the piece's own variable. */
static double coordinate(const quadrature *q, const piece *p, size_t k)
{
  double t = q->points[k];
  if (!p->far)
    return t;
  if (t <= q->cut)
    return -1.0;
  double y = log1p((t - q->cut) / q->width);
  return y / (1.0 + y);
}

/* Index of the first point whose coordinate is > x. */
static size_t first_beyond(const quadrature *q, const piece *p, double x)
{
  size_t low = 0, high = q->points_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (coordinate(q, p, middle) > x)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

/* A kink inside is where a piece is cut (the one nearest the middle), the middle where there is none. */
static double cutting_place(const quadrature *q, const piece *p, bool *kink)
{
  double middle = p->a + (p->b - p->a) / 2.0, margin = (p->b - p->a) * 1e-12, place = middle;
  size_t after = first_beyond(q, p, middle);
  *kink = false;
  for (size_t k = after > 0 ? after - 1 : 0; k <= after && k < q->points_count; k++) {
    double x = coordinate(q, p, k);
    if (x <= p->a + margin || x >= p->b - margin)
      continue;
    if (!*kink || fabs(x - middle) < fabs(place - middle))
      place = x;
    *kink = true;
  }
  return place;
}

static double time_at(const quadrature *q, const piece *p, double x)
{
  return !p->far ? x : x < 1.0 ? q->cut + q->width * expm1(x / (1.0 - x)) : HUGE_VAL;
}

/* A kink near an end hides between the rule's places. The function falls, so the integral over a piece is known without
   any rule to within its length times its fall; a piece with a kink inside is trusted no further. */
static double kinked_error(quadrature *q, const piece *p)
{
  double from = time_at(q, p, p->a), to = time_at(q, p, p->b);
  double fall = testudo_i_evaluate(&q->evaluator, from);
  if (to < 1e300)
    fall -= testudo_i_evaluate(&q->evaluator, to);
  double length = q->power == 0 ? to - from : (to - from) * to;
  return fall > 0.0 ? fmin(fabs(p->value), fall * length) : 0.0;
}

static void apply_rule(quadrature *q, piece *p)
{
  gsl_function g = {p->far ? integrand_far : integrand_near, q};
  double absolute, spread;
  bool kink;
  gsl_integration_qk21(&g, p->a, p->b, &p->value, &p->error, &absolute, &spread);
  cutting_place(q, p, &kink);
  p->floor = !kink && p->error <= 100.0 * DBL_EPSILON * absolute;
  if (kink)
    p->error = fmax(p->error, kinked_error(q, p));
}

static void add_piece(quadrature *q, double a, double b, bool far)
{
  if (!(a < b))
    return;
  q->piece[q->pieces] = (piece){.a = a, .b = b, .far = far};
  apply_rule(q, &q->piece[q->pieces]);
  q->pieces++;
}

static void halve(quadrature *q, size_t k)
{
  bool kink;
  piece old = q->piece[k], left = old, right = old;
  left.b = right.a = cutting_place(q, &old, &kink);
  if (!(old.a < left.b && left.b < old.b)) {
    q->piece[k].floor = true;
    return;
  }
  apply_rule(q, &left);
  apply_rule(q, &right);
  double both = left.value + right.value, doubt = left.error + right.error;
  q->futile += !kink && doubt >= 0.99 * old.error && fabs(both - old.value) <= 1e-5 * fabs(both);
  q->piece[k] = left;
  q->piece[q->pieces++] = right;
}

/* The piece most in doubt that halving can still help, or `pieces`. */
static size_t worst(const quadrature *q)
{
  size_t found = q->pieces;
  for (size_t k = 0; k < q->pieces; k++)
    if (!q->piece[k].floor && q->piece[k].error > 0.0 &&
        (found == q->pieces || q->piece[k].error > q->piece[found].error))
      found = k;
  return found;
}

static void total_tail(const quadrature *q, double *integral, double *abs_error)
{
  testudo_i_sum value = {0.0, 0.0}, doubt = {0.0, 0.0};
  for (size_t k = 0; k < q->pieces; k++) {
    testudo_i_sum_add(&value, q->piece[k].value);
    testudo_i_sum_add(&doubt, q->piece[k].error);
  }
  *integral = testudo_i_sum_value(&value);
  *abs_error = testudo_i_sum_value(&doubt);
}

/* What is known of the fall: f > half at low, f <= half at high, f >= 0.9 f(0) at start, f <= 0.1 f(0) at cut. */
typedef struct fall {
  double level, low, high, start, cut;
} fall;

static double look(quadrature *q, fall *where, double t)
{
  double value = testudo_i_evaluate(&q->evaluator, t);
  if (value > 0.5 * where->level)
    where->low = fmax(where->low, t);
  else
    where->high = fmin(where->high, t);
  if (value >= 0.9 * where->level)
    where->start = fmax(where->start, t);
  if (value <= 0.1 * where->level)
    where->cut = fmin(where->cut, t);
  return value;
}

/* Answers false when the function does not fall at all. */
static bool find_fall(quadrature *q, fall *where)
{
  for (double t = 1.0; where->high == HUGE_VAL && t < 1e300; t *= 4.0)
    look(q, where, t);
  for (double t = 0.25; where->low == 0.0 && t > 1e-300; t /= 4.0)
    look(q, where, t);
  for (double t = where->high * 4.0; where->cut == HUGE_VAL && t < 1e300; t *= 4.0)
    look(q, where, t);
  if (where->cut == HUGE_VAL)
    return false;
  while (where->high - where->low > (where->cut - where->start) / 8.0 &&
         where->high - where->low > 1e-9 * where->high)
    look(q, where, where->low + (where->high - where->low) / 2.0);
  return true;
}

/* x with f(t) ~ t^-x between two times; HUGE_VAL where f is nothing at the second. */
static double exponent(quadrature *q, double near, double far)
{
  double first = testudo_i_evaluate(&q->evaluator, near), second = testudo_i_evaluate(&q->evaluator, far);
  return second > 0.0 ? log(first / second) / log(far / near) : HUGE_VAL;
}

/* Where the integral of a tail so heavy that the end of the doubles cuts off something worth having is to end: rates up
   to 1e100 may still multiply the time, and f is far from the denormal numbers. 1e300 for all others. */
static double find_end(quadrature *q)
{
  double end = q->cut + 1e60 * q->width;
  if (exponent(q, q->cut + 1e30 * q->width, end) > q->power + 1.2)
    return 1e300;
  while (end < 1e180 && testudo_i_evaluate(&q->evaluator, 1e10 * end) > 1e-280)
    end *= 1e10;
  return end;
}

/* The integral beyond the end, of a power law as steep as f is just before. */
static double remainder_beyond(quadrature *q, double *abs_error)
{
  if (!(q->end < 1e300))
    return 0.0;
  double left = exponent(q, q->end / 1e20, q->end) - q->power - 1.0;
  double value = testudo_i_evaluate(&q->evaluator, q->end) * q->end * (q->power == 0 ? 1.0 : q->end) / left;
  *abs_error += 1e-13 / left * value;
  return value;
}

static testudo_status lay_out(quadrature *q, bool *infinite, testudo_error *error)
{
  fall where = {testudo_i_evaluate(&q->evaluator, 0.0), 0.0, HUGE_VAL, 0.0, HUGE_VAL};
  if (q->evaluator.status != TESTUDO_OK || where.level <= 0.0)
    return q->evaluator.status;
  if (!find_fall(q, &where))
    return q->evaluator.status != TESTUDO_OK
               ? q->evaluator.status
               : testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                                "a tail does not fall below a tenth before 1e300, so it has no integral");
  q->start = where.start;
  q->cut = where.cut;
  q->width = fmax(where.cut - where.start, 1e-6 * where.cut);
  q->end = find_end(q);
  /* A tail like t^-x has no integral for x <= power + 1; the last digits of f leave x uncertain. */
  *infinite = q->end < 1e300 && exponent(q, q->end / 1e20, q->end) <= q->power + 1 + 1e-13;
  if (*infinite)
    return q->evaluator.status;
  add_piece(q, 0.0, q->start, false);
  add_piece(q, q->start, q->cut, false);
  double last = log1p((q->end - q->cut) / q->width);
  add_piece(q, 0.0, q->end < 1e300 ? last / (1.0 + last) : 1.0, true);
  return q->evaluator.status;
}

testudo_status testudo_i_integrate_tail(testudo_i_function f, void *context, int power, const double *points,
                                        size_t count, double rel_error, testudo_i_memo *memo, double *integral,
                                        double *abs_error, testudo_error *error)
{
  quadrature q = {.evaluator = {f, context, memo, error, TESTUDO_OK, 0}, .power = power, .points = points,
                  .points_count = count};
  *integral = *abs_error = 0.0;
  bool infinite = false;
  testudo_status status = lay_out(&q, &infinite, error);
  while (status == TESTUDO_OK && q.pieces < TESTUDO_I_LIMIT_TAIL_PIECES && q.futile < 30) {
    total_tail(&q, integral, abs_error);
    size_t k = worst(&q);
    if (*abs_error <= rel_error * fabs(*integral) || k == q.pieces)
      break;
    halve(&q, k);
    status = q.evaluator.status;
  }
  total_tail(&q, integral, abs_error);
  if (infinite)
    *integral = HUGE_VAL;
  else if (q.pieces > 0)
    *integral += remainder_beyond(&q, abs_error);
  return status;
}
