/* SPDX-License-Identifier: BSD-3-Clause */
/* Both work on the tall one of a and its transpose, scaled to entries near 1. */
#include "linalg/dense.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "linalg/tridiagonal.h"
#include "linalg/products.h"
#include "linalg/reflect.h"

enum { SWEEPS = 60 };

static size_t least(size_t a, size_t b)
{
  return a < b ? a : b;
}

static size_t largest(size_t a, size_t b)
{
  return a > b ? a : b;
}

/* tall (long side x short side) = a or its transpose. */
static void copy_tall(int32_t rows, int32_t columns, const double *a, double *tall)
{
  size_t m = (size_t)rows, n = (size_t)columns;
  if (m >= n)
    memcpy(tall, a, m * n * sizeof *a);
  else
    for (size_t i = 0; i < m; i++)
      for (size_t j = 0; j < n; j++)
        tall[i * n + j] = a[j * m + i];
}

static testudo_status fail_to_decompose(int32_t rows, int32_t columns, testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "the singular value decomposition of a %d x %d matrix failed",
                        (int)rows, (int)columns);
}

static double ratio(double most, double smallest)
{
  return smallest > 0.0 ? most / smallest : HUGE_VAL;
}

/* ---- condition ---- */

size_t testudo_i_condition_room(int32_t rows, int32_t columns)
{
  size_t m = (size_t)rows, n = (size_t)columns, k = least(m, n);
  return (m < n ? m * n : 0) + 2 * k + largest(m + n, 2 * k);
}

testudo_status testudo_i_condition(int32_t rows, int32_t columns, double *a, double *condition, double *work,
                                   testudo_error *error)
{
  size_t m = (size_t)rows, n = (size_t)columns, k = least(m, n);
  double scale, smallest, most, *tall = a;
  if (!testudo_i_scale(m * n, a, &scale))
    return fail_to_decompose(rows, columns, error);
  if (m < n) {
    tall = work;
    work += m * n;
    copy_tall(rows, columns, a, tall);
  }
  double *diagonal = work, *above = work + k, *room = work + 2 * k;
  testudo_i_bidiagonal((int32_t)largest(m, n), (int32_t)k, tall, diagonal, above, room);
  testudo_i_extreme_singular_values((int32_t)k, diagonal, above, &smallest, &most, room);
  *condition = ratio(most, smallest);
  return TESTUDO_OK;
}

/* ---- pseudo-inverse ---- */

/* The tall matrix on its way to U S, and V beside it: columns of both are turned alike. */
typedef struct decomposition {
  size_t rows, columns;
  double *u, *v, *square; /* square[k]: squared length of column k of u */
} decomposition;

size_t testudo_i_pseudo_inverse_room(int32_t rows, int32_t columns)
{
  size_t m = (size_t)rows, n = (size_t)columns, k = least(m, n);
  return m * n + k * k + k;
}

static void turn(size_t count, double c, double s, double *x, double *y)
{
  for (size_t k = 0; k < count; k++) {
    double kept = x[k];
    x[k] = c * kept - s * y[k];
    y[k] = s * kept + c * y[k];
  }
}

/* Makes columns p and q orthogonal; false when they were, to rounding, or one is nothing beside the other: what
   rounding leaves of a dependent column would be turned for ever. */
static bool make_orthogonal(decomposition *d, size_t p, size_t q)
{
  double *x = d->u + p * d->rows, *y = d->u + q * d->rows;
  double one = testudo_i_dot(d->rows, x, x), other = testudo_i_dot(d->rows, y, y), both = testudo_i_dot(d->rows, x, y);
  double nothing = 1e-40 * fmax(one, other);
  if (fmin(one, other) <= nothing ||
      !(fabs(both) > (double)largest(d->rows, 8) * DBL_EPSILON * sqrt(one) * sqrt(other)))
    return false;
  double apart = (other - one) / (2.0 * both), t = copysign(1.0, apart) / (fabs(apart) + hypot(1.0, apart));
  double c = 1.0 / hypot(1.0, t);
  turn(d->rows, c, c * t, x, y);
  turn(d->columns, c, c * t, d->v + p * d->columns, d->v + q * d->columns);
  return true;
}

static bool decompose(decomposition *d)
{
  bool turned = true;
  memset(d->v, 0, d->columns * d->columns * sizeof *d->v);
  for (size_t k = 0; k < d->columns; k++)
    d->v[k * (d->columns + 1)] = 1.0;
  for (int sweep = 0; turned && sweep < SWEEPS; sweep++) {
    turned = false;
    for (size_t p = 0; p < d->columns; p++)
      for (size_t q = p + 1; q < d->columns; q++)
        turned = make_orthogonal(d, p, q) || turned;
  }
  for (size_t k = 0; k < d->columns; k++)
    d->square[k] = testudo_i_dot(d->rows, d->u + k * d->rows, d->u + k * d->rows);
  return !turned;
}

/* The sum of v u' / s^2 over the columns that count: (u / s) v' / s, transposed where a was the tall one. */
static void recompose(const decomposition *d, bool transposed, double most, double *inverse)
{
  size_t m = d->rows, n = d->columns;
  memset(inverse, 0, m * n * sizeof *inverse);
  for (size_t k = 0; k < n; k++) {
    if (!(d->square[k] > 0.0 && sqrt(d->square[k]) > 1e-13 * sqrt(most)))
      continue;
    const double *u = d->u + k * m, *v = d->v + k * n;
    if (transposed)
      for (size_t i = 0; i < n; i++)
        testudo_i_add_times(m, v[i] / d->square[k], u, inverse + i * m);
    else
      for (size_t i = 0; i < m; i++)
        testudo_i_add_times(n, u[i] / d->square[k], v, inverse + i * n);
  }
}

testudo_status testudo_i_pseudo_inverse(int32_t rows, int32_t columns, double *a, double *inverse, double *condition,
                                        double *work, testudo_error *error)
{
  size_t m = (size_t)rows, n = (size_t)columns, k = least(m, n);
  decomposition d = {largest(m, n), k, work, work + m * n, work + m * n + k * k};
  double scale, most = 0.0, smallest = HUGE_VAL;
  if (!testudo_i_scale(m * n, a, &scale))
    return fail_to_decompose(rows, columns, error);
  copy_tall(rows, columns, a, d.u);
  if (!decompose(&d))
    return fail_to_decompose(rows, columns, error);
  for (size_t j = 0; j < k; j++) {
    most = fmax(most, d.square[j]);
    smallest = fmin(smallest, d.square[j]);
  }
  if (condition != NULL)
    *condition = ratio(sqrt(most), sqrt(smallest));
  recompose(&d, m < n, most, inverse);
  for (size_t e = 0; e < m * n; e++)
    inverse[e] *= scale;
  return TESTUDO_OK;
}
