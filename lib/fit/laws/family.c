/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fit/laws/family.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "delay/number.h"
#include "fit/laws/climb.h"

/* What a time that lies on a shift, or before it, has left. */
#define LEAST_TIME 1e-300

#define PLAIN(base, law, numbers) {TESTUDO_I_FIT_PLAIN, &(base), law, numbers, false}
#define SHIFTED(base, numbers) {TESTUDO_I_FIT_SHIFTED, &(base), "shift:", (numbers) + 1, false}
#define MIXED(base, numbers) {TESTUDO_I_FIT_MIXED, &(base), "mixture:", 2 * (numbers) + 1, false}

const testudo_i_fit_family testudo_i_fit_families[] = {
    PLAIN(testudo_i_fit_exp, "exp:", 1),
    {TESTUDO_I_FIT_SHARP, &testudo_i_fit_exp, "shifted-exp:", 2, false},
    PLAIN(testudo_i_fit_gamma, "gamma:", 2),
    SHIFTED(testudo_i_fit_gamma, 2),
    PLAIN(testudo_i_fit_weibull, "weibull:", 2),
    SHIFTED(testudo_i_fit_weibull, 2),
    PLAIN(testudo_i_fit_lognormal, "lognormal:", 2),
    SHIFTED(testudo_i_fit_lognormal, 2),
    {TESTUDO_I_FIT_SHARP, &testudo_i_fit_exp, "pareto:", 2, true},
    PLAIN(testudo_i_fit_lomax, "lomax:", 2),
    SHIFTED(testudo_i_fit_lomax, 2),
    MIXED(testudo_i_fit_exp, 1),
    MIXED(testudo_i_fit_gamma, 2),
    MIXED(testudo_i_fit_weibull, 2),
    MIXED(testudo_i_fit_lognormal, 2),
};

const size_t testudo_i_fit_family_count = sizeof testudo_i_fit_families / sizeof *testudo_i_fit_families;

/* ---- points ---- */

testudo_i_fit_points testudo_i_fit_shifted_points(testudo_i_fit_rows *rows, double shift)
{
  for (int64_t k = 0; k < rows->all; k++) {
    rows->shifted[k] = fmax(rows->time[k] - shift, LEAST_TIME);
    rows->shifted_log[k] = log(rows->shifted[k]);
  }
  return (testudo_i_fit_points){rows->exact, rows->all, rows->shifted, rows->shifted_log, rows->weight, 0.0,
                                rows->work};
}

static testudo_i_fit_points ratio_points(testudo_i_fit_rows *rows)
{
  for (int64_t k = 0; k < rows->all; k++)
    rows->shifted[k] = fmax(rows->log[k], 0.0);
  return (testudo_i_fit_points){rows->exact, rows->all, rows->shifted, rows->shifted_log, rows->weight, 0.0,
                                rows->work};
}

/* ---- estimates ---- */

/* The likelihood grows with the start up to the least time. */
static bool estimate_sharp(const testudo_i_fit_family *family, testudo_i_fit_rows *rows, double *number)
{
  testudo_i_fit_points points =
      family->ratio ? ratio_points(rows) : testudo_i_fit_shifted_points(rows, rows->least);
  number[0] = rows->least;
  return family->base->estimate(family->base, &points, &number[1], false);
}

/* A lomax law of a scale so large is one. */
static bool is_exponential(const testudo_i_fit_family *family, const testudo_i_fit_rows *rows, const double *number)
{
  return family->base == &testudo_i_fit_lomax &&
         number[family->parameters - 1] > 0.01 * TESTUDO_I_FIT_LARGEST_SCALE * (rows->mean - rows->least);
}

bool testudo_i_fit_family_estimate(const testudo_i_fit_family *family, testudo_i_fit_rows *rows, double *number,
                                   bool warm)
{
  testudo_i_fit_points points = testudo_i_fit_rows_points(rows);
  bool found = false;
  switch (family->kind) {
  case TESTUDO_I_FIT_PLAIN:
    found = family->base->estimate(family->base, &points, number, warm);
    break;
  case TESTUDO_I_FIT_SHARP:
    found = estimate_sharp(family, rows, number);
    break;
  case TESTUDO_I_FIT_SHIFTED:
    found = testudo_i_fit_shift_estimate(family, rows, number, warm);
    break;
  case TESTUDO_I_FIT_MIXED:
    found = testudo_i_fit_mixture_estimate(family, rows, number, warm);
    break;
  }
  return found && (warm || !is_exponential(family, rows, number));
}

/* ---- the law ---- */

/* Of a sharp family: shifted-exp or pareto. */
static testudo_law sharp_law(const testudo_i_fit_family *family, const double *number)
{
  return (testudo_law){.row = testudo_i_law_row_of(family->law), .a = number[0], .b = number[1]};
}

static void fill_sharp_terms(const testudo_i_fit_family *family, const double *number, testudo_i_fit_rows *rows)
{
  const testudo_law law = sharp_law(family, number);
  for (int64_t k = 0; k < rows->all; k++)
    rows->shifted[k] = fmax(rows->time[k] - number[0], 0.0);
  law.row->log_density(&law, rows->shifted, rows->work, (size_t)rows->exact);
  for (int64_t k = rows->exact; k < rows->all; k++)
    rows->work[k] = -law.row->hazard(&law, rows->shifted[k]);
}

double testudo_i_fit_family_likelihood(const testudo_i_fit_family *family, const double *number,
                                       testudo_i_fit_rows *rows)
{
  bool shifted = family->kind == TESTUDO_I_FIT_SHIFTED;
  double sum = 0.0;
  if (shifted || family->kind == TESTUDO_I_FIT_PLAIN) {
    testudo_i_fit_points points =
        shifted ? testudo_i_fit_shifted_points(rows, number[0]) : testudo_i_fit_rows_points(rows);
    return testudo_i_fit_base_likelihood(family->base, number + shifted, &points);
  }
  (family->kind == TESTUDO_I_FIT_SHARP ? fill_sharp_terms : testudo_i_fit_mixture_terms)(family, number, rows);
  for (int64_t k = 0; k < rows->all; k++)
    sum += rows->weight[k] * rows->work[k];
  return sum;
}

double testudo_i_fit_family_side(const testudo_i_fit_family *family, const double *number, double x, bool above)
{
  if (family->kind == TESTUDO_I_FIT_SHARP) {
    const testudo_law law = sharp_law(family, number);
    return testudo_i_law_side(&law, x, above);
  }
  bool shifted = family->kind == TESTUDO_I_FIT_SHIFTED, mixed = family->kind == TESTUDO_I_FIT_MIXED;
  const testudo_law law = testudo_i_fit_base_law(family->base, number + (shifted || mixed));
  if (shifted)
    x -= number[0];
  if (x <= 0.0)
    return above ? 1.0 : 0.0;
  if (!mixed)
    return testudo_i_law_side(&law, x, above);
  const testudo_law second = testudo_i_fit_base_law(family->base, number + 1 + family->base->numbers);
  return number[0] * testudo_i_law_side(&law, x, above) + (1.0 - number[0]) * testudo_i_law_side(&second, x, above);
}

/* The name of a law, where it has one, and numbers. */
static size_t put_numbers(const char *law, const double *number, int numbers, char *text, size_t length, size_t room)
{
  length += (size_t)snprintf(text + length, room - length, "%s", law);
  for (int k = 0; k < numbers && length < room; k++) {
    char real[TESTUDO_I_REAL_ROOM];
    testudo_i_format_real(number[k], real);
    length += (size_t)snprintf(text + length, room - length, k == 0 ? "%s" : ",%s", real);
  }
  return length < room ? length : room - 1;
}

void testudo_i_fit_family_text(const testudo_i_fit_family *family, const double *number, char *text, size_t room)
{
  const testudo_i_fit_base *base = family->base;
  bool parts = family->kind == TESTUDO_I_FIT_SHIFTED || family->kind == TESTUDO_I_FIT_MIXED;
  size_t length = put_numbers(family->law, number, parts ? 1 : family->parameters, text, 0, room);
  for (int k = 1; parts && k < family->parameters; k += base->numbers) {
    length = put_numbers(",", number, 0, text, length, room);
    length = put_numbers(base->law, number + k, base->numbers, text, length, room);
  }
}

/* ---- standard errors ---- */

/* The numbers from `first` on that have one, as coordinates. */
typedef struct curvature {
  const testudo_i_fit_family *family;
  testudo_i_fit_rows *rows;
  double number[TESTUDO_I_FIT_NUMBERS];
  int first;
} curvature;

/* Is the number a share, or may it be of either sign? */
static bool is_share(const testudo_i_fit_family *family, int k)
{
  return family->kind == TESTUDO_I_FIT_MIXED && k == 0;
}

static bool is_location(const testudo_i_fit_family *family, int k)
{
  const testudo_i_fit_base *base = family->base;
  int before = family->kind == TESTUDO_I_FIT_PLAIN ? 0 : 1;
  return k >= before && base->location[(k - before) % base->numbers];
}

static double coordinate_of(const curvature *c, int k, double number)
{
  if (is_share(c->family, k))
    return log(number / (1.0 - number));
  return is_location(c->family, k) ? number : log(number);
}

static double number_at(const curvature *c, int k, double x)
{
  if (is_share(c->family, k))
    return 1.0 / (1.0 + exp(-x));
  return is_location(c->family, k) ? x : exp(x);
}

/* Of the number by its coordinate. */
static double slope_of(const curvature *c, int k)
{
  double number = c->number[k];
  if (is_share(c->family, k))
    return number * (1.0 - number);
  return is_location(c->family, k) ? 1.0 : number;
}

static double height_of(const double *x, void *context)
{
  curvature *c = context;
  double number[TESTUDO_I_FIT_NUMBERS];
  memcpy(number, c->number, sizeof number);
  for (int k = c->first; k < c->family->parameters; k++)
    number[k] = number_at(c, k, x[k - c->first]);
  return testudo_i_fit_family_likelihood(c->family, number, c->rows);
}

/* Is the shift's own error normal? Of a gamma or Weibull law of shape above 2, and of a lognormal one. */
static bool shift_is_regular(const curvature *c)
{
  const testudo_i_fit_base *base = c->family->base;
  return base == &testudo_i_fit_lognormal || (base != &testudo_i_fit_lomax && c->number[1] > 2.0);
}

/* Beside what the others err by where the shift is known: what they move with it. */
static void add_shift(curvature *c, double *error)
{
  double spread[3];
  testudo_i_fit_shift_spread(c->family, c->rows, c->number, spread);
  for (int k = 1; k < 3; k++)
    error[k] = hypot(error[k], spread[k]);
  if (shift_is_regular(c))
    error[0] = spread[0];
}

void testudo_i_fit_family_errors(const testudo_i_fit_family *family, const double *number, testudo_i_fit_rows *rows,
                                 double *error)
{
  double x[TESTUDO_I_CLIMB_MOST], covariance[TESTUDO_I_CLIMB_MOST * TESTUDO_I_CLIMB_MOST];
  bool shifted = family->kind == TESTUDO_I_FIT_SHIFTED;
  curvature c = {.family = family, .rows = rows, .first = shifted || family->kind == TESTUDO_I_FIT_SHARP};
  int count = family->parameters - c.first;
  memcpy(c.number, number, sizeof c.number);
  for (int k = 0; k < TESTUDO_I_FIT_NUMBERS; k++)
    error[k] = NAN;
  for (int k = c.first; k < family->parameters; k++)
    x[k - c.first] = coordinate_of(&c, k, number[k]);
  if (!testudo_i_covariances(height_of, &c, count, x, covariance))
    return;
  for (int k = c.first; k < family->parameters; k++)
    error[k] = sqrt(covariance[(k - c.first) * (count + 1)]) * slope_of(&c, k);
  if (shifted)
    add_shift(&c, error);
}
