/* SPDX-License-Identifier: BSD-3-Clause */
/* Matrices are column-major, so that a reflection from the left runs along columns; one from the right adds columns. */
#include "linalg/reflect.h"

#include <math.h>
#include <string.h>

#include "linalg/products.h"

bool testudo_i_scale(size_t count, double *a, double *scale)
{
  double most = 0.0;
  bool finite = true;
  for (size_t k = 0; k < count; k++) {
    finite = finite && isfinite(a[k]);
    most = fabs(a[k]) > most ? fabs(a[k]) : most;
  }
  if (!finite)
    return false;
  *scale = 1.0;
  if (most == 0.0)
    return true;
  /* The inverse of the least numbers overflows: they are brought near 1 only. */
  int power = -ilogb(most);
  *scale = ldexp(1.0, power > 1000 ? 1000 : power);
  for (size_t k = 0; *scale != 1.0 && k < count; k++)
    a[k] *= *scale;
  return true;
}

double testudo_i_reflect(size_t n, double *x)
{
  double rest = sqrt(testudo_i_dot(n - 1, x + 1, x + 1));
  if (!(rest > 0.0))
    return 0.0;
  double to = -copysign(hypot(x[0], rest), x[0]), tau = (to - x[0]) / to, by = 1.0 / (x[0] - to);
  for (size_t k = 1; k < n; k++)
    x[k] *= by;
  x[0] = to;
  return tau;
}

void testudo_i_apply_reflection(size_t n, double tau, const double *v, double *y)
{
  double along = -tau * (y[0] + testudo_i_dot(n - 1, v + 1, y + 1));
  y[0] += along;
  testudo_i_add_times(n - 1, along, v + 1, y + 1);
}

/* The rows from k on, of the columns after k: a reflection from the right that clears row k past its first entry. */
static double clear_row(int32_t rows, int32_t columns, int32_t k, double *a, double *v, double *along)
{
  size_t m = (size_t)rows, n = (size_t)(columns - k - 1), high = (size_t)(rows - k - 1);
  double *corner = a + (size_t)k + (size_t)(k + 1) * m;
  for (size_t j = 0; j < n; j++)
    v[j] = corner[j * m];
  double tau = testudo_i_reflect(n, v);
  double first = v[0];
  v[0] = 1.0;
  memset(along, 0, high * sizeof *along);
  for (size_t j = 0; j < n; j++)
    testudo_i_add_times(high, v[j], corner + 1 + j * m, along);
  for (size_t j = 0; j < n; j++)
    testudo_i_add_times(high, -tau * v[j], along, corner + 1 + j * m);
  return first;
}

void testudo_i_bidiagonal(int32_t rows, int32_t columns, double *a, double *diagonal, double *above, double *room)
{
  size_t m = (size_t)rows;
  for (int32_t k = 0; k < columns; k++) {
    double *pivot = a + (size_t)k * (m + 1);
    double tau = testudo_i_reflect(m - (size_t)k, pivot);
    for (int32_t j = k + 1; j < columns; j++)
      testudo_i_apply_reflection(m - (size_t)k, tau, pivot, pivot + (size_t)(j - k) * m);
    diagonal[k] = *pivot;
    if (k + 1 < columns)
      above[k] = clear_row(rows, columns, k, a, room, room + columns);
  }
}

/* Step k: H on both sides of the lower right block, H b H = b - v w' - w v' with
   w = tau (b v) - (tau^2 v'b v / 2) v. */
void testudo_i_tridiagonal(int32_t n, double *a, double *diagonal, double *beside, double *room)
{
  size_t size = (size_t)n;
  double *v = room, *w = room + n;
  for (size_t k = 0; k < size; k++) {
    double *pivot = a + k * (size + 1);
    size_t rest = size - k - 1;
    diagonal[k] = *pivot;
    if (rest == 0)
      break;
    memcpy(v, pivot + 1, rest * sizeof *v);
    double tau = testudo_i_reflect(rest, v);
    beside[k] = v[0];
    v[0] = 1.0;
    if (tau == 0.0)
      continue;
    double *block = pivot + size + 1;
    for (size_t j = 0; j < rest; j++)
      w[j] = tau * testudo_i_dot(rest, block + j * size, v);
    testudo_i_add_times(rest, -0.5 * tau * testudo_i_dot(rest, w, v), v, w);
    for (size_t j = 0; j < rest; j++) {
      testudo_i_add_times(rest, -w[j], v, block + j * size);
      testudo_i_add_times(rest, -v[j], w, block + j * size);
    }
  }
}
