/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fit/laws/family.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "delay/number.h"
#include "fit/laws/climb.h"

/* What a time that lies on a shift, or before it, has left. */
#define LEAST_TIME 1e-300

#define SHARP(law, ratio)                                                                                              \
  {                                                                                                                    \
    TESTUDO_I_FIT_SHARP, &testudo_i_fit_exp, law, 2, ratio                                                             \
  }

const testudo_i_fit_family testudo_i_fit_families[] = {
    {TESTUDO_I_FIT_PLAIN, &testudo_i_fit_exp, "exp:", 1, false},
    {TESTUDO_I_FIT_SHARP, &testudo_i_fit_exp, "shifted-exp:", 2, false},
    {TESTUDO_I_FIT_PLAIN, &testudo_i_fit_lognormal, "lognormal:", 2, false},
    {TESTUDO_I_FIT_SHARP, &testudo_i_fit_exp, "pareto:", 2, true},
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

bool testudo_i_fit_family_estimate(const testudo_i_fit_family *family, testudo_i_fit_rows *rows, double *number,
                                   bool warm)
{
  testudo_i_fit_points points = testudo_i_fit_rows_points(rows);
  switch (family->kind) {
  case TESTUDO_I_FIT_PLAIN:
    return family->base->estimate(family->base, &points, number, warm);
  case TESTUDO_I_FIT_SHARP:
    return estimate_sharp(family, rows, number);
  case TESTUDO_I_FIT_SHIFTED:
  case TESTUDO_I_FIT_MIXED:
    break;
  }
  return false;
}

/* ---- the law ---- */

/* Of a sharp family: shifted-exp or pareto. */
static testudo_law sharp_law(const testudo_i_fit_family *family, const double *number)
{
  return (testudo_law){.row = testudo_i_law_row_of(family->law), .a = number[0], .b = number[1]};
}

static double sharp_likelihood(const testudo_i_fit_family *family, const double *number, testudo_i_fit_rows *rows)
{
  const testudo_law law = sharp_law(family, number);
  double sum = 0.0;
  for (int64_t k = 0; k < rows->all; k++)
    rows->shifted[k] = fmax(rows->time[k] - number[0], 0.0);
  law.row->log_density(&law, rows->shifted, rows->work, (size_t)rows->exact);
  for (int64_t k = rows->exact; k < rows->all; k++)
    rows->work[k] = -law.row->hazard(&law, rows->shifted[k]);
  for (int64_t k = 0; k < rows->all; k++)
    sum += rows->weight[k] * rows->work[k];
  return sum;
}

double testudo_i_fit_family_likelihood(const testudo_i_fit_family *family, const double *number,
                                       testudo_i_fit_rows *rows)
{
  testudo_i_fit_points points;
  if (family->kind == TESTUDO_I_FIT_SHARP)
    return sharp_likelihood(family, number, rows);
  points = testudo_i_fit_rows_points(rows);
  return testudo_i_fit_base_likelihood(family->base, number, &points);
}

double testudo_i_fit_family_side(const testudo_i_fit_family *family, const double *number, double x, bool above)
{
  if (family->kind == TESTUDO_I_FIT_SHARP) {
    const testudo_law law = sharp_law(family, number);
    return testudo_i_law_side(&law, x, above);
  }
  const testudo_law law = testudo_i_fit_base_law(family->base, number);
  return testudo_i_law_side(&law, x, above);
}

static size_t put_numbers(const char *law, const double *number, int numbers, char *text, size_t room)
{
  size_t length = (size_t)snprintf(text, room, "%s", law);
  for (int k = 0; k < numbers && length < room; k++) {
    char real[TESTUDO_I_REAL_ROOM];
    testudo_i_format_real(number[k], real);
    length += (size_t)snprintf(text + length, room - length, k == 0 ? "%s" : ",%s", real);
  }
  return length;
}

void testudo_i_fit_family_text(const testudo_i_fit_family *family, const double *number, char *text, size_t room)
{
  put_numbers(family->law, number, family->kind == TESTUDO_I_FIT_SHARP ? 2 : family->base->numbers, text, room);
}

/* ---- standard errors ---- */

/* The numbers that have one, as coordinates. */
typedef struct curvature {
  const testudo_i_fit_family *family;
  testudo_i_fit_rows *rows;
  double number[TESTUDO_I_FIT_NUMBERS];
} curvature;

static int first_coordinate(const testudo_i_fit_family *family)
{
  return family->kind == TESTUDO_I_FIT_SHARP;
}

static double height_of(const double *x, void *context)
{
  curvature *c = context;
  testudo_i_fit_base_numbers(c->family->base, x, &c->number[first_coordinate(c->family)]);
  return testudo_i_fit_family_likelihood(c->family, c->number, c->rows);
}

void testudo_i_fit_family_errors(const testudo_i_fit_family *family, const double *number, testudo_i_fit_rows *rows,
                                 double *error)
{
  double x[TESTUDO_I_CLIMB_MOST], covariance[TESTUDO_I_CLIMB_MOST * TESTUDO_I_CLIMB_MOST];
  curvature c = {.family = family, .rows = rows};
  int first = first_coordinate(family), numbers = family->base->numbers;
  memcpy(c.number, number, sizeof c.number);
  for (int k = 0; k < TESTUDO_I_FIT_NUMBERS; k++)
    error[k] = NAN;
  testudo_i_fit_base_coordinates(family->base, number + first, x);
  if (!testudo_i_covariances(height_of, &c, numbers, x, covariance))
    return;
  for (int k = 0; k < numbers; k++)
    error[first + k] = sqrt(covariance[k * numbers + k]) * (family->base->location[k] ? 1.0 : number[first + k]);
}
