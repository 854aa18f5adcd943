/* SPDX-License-Identifier: BSD-3-Clause */
#include "linalg/tridiagonal.h"

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/order.h"

static double diagonal_of(testudo_i_tridiagonal_matrix matrix, int32_t k)
{
  return matrix.diagonal == NULL ? 0.0 : matrix.diagonal[k];
}

/* How many eigenvalues are under x. A pivot of 0 counts as one just under it. */
static int32_t count_under(testudo_i_tridiagonal_matrix matrix, double x)
{
  int32_t count = 0;
  double pivot = 1.0;
  for (int32_t k = 0; k < matrix.n; k++) {
    double beside = k == 0 ? 0.0 : matrix.beside[k - 1];
    pivot = diagonal_of(matrix, k) - x - beside * (beside / pivot);
    if (fabs(pivot) < DBL_MIN)
      pivot = -DBL_MIN;
    count += pivot < 0.0;
  }
  return count;
}

/* Every eigenvalue has at most this absolute value (Gershgorin). */
static double bound_of(testudo_i_tridiagonal_matrix matrix)
{
  double bound = 0.0;
  for (int32_t k = 0; k < matrix.n; k++) {
    double sum = fabs(diagonal_of(matrix, k)) + (k > 0 ? fabs(matrix.beside[k - 1]) : 0.0) +
                 (k + 1 < matrix.n ? fabs(matrix.beside[k]) : 0.0);
    bound = sum > bound ? sum : bound;
  }
  return bound * (1.0 + 4.0 * DBL_EPSILON);
}

/* The middle of the bracket once it is no wider than `width` or 4 units in the last place of its ends. */
static double bisect(testudo_i_tridiagonal_matrix matrix, int32_t index, double low, double high, double width)
{
  for (;;) {
    double middle = low + 0.5 * (high - low), ends = fabs(low) > fabs(high) ? fabs(low) : fabs(high);
    if (!(high - low > width && high - low > 4.0 * DBL_EPSILON * ends))
      return middle;
    if (count_under(matrix, middle) > index)
      high = middle;
    else
      low = middle;
  }
}

double testudo_i_largest_eigenvalue(testudo_i_tridiagonal_matrix matrix)
{
  double bound = bound_of(matrix);
  return bisect(matrix, matrix.n - 1, -bound, bound, 1e-16 * bound);
}

void testudo_i_extreme_singular_values(int32_t n, const double *diagonal, const double *above, double *least,
                                       double *most, double *room)
{
  for (int32_t k = 0; k < n; k++) {
    room[2 * k] = diagonal[k];
    if (k + 1 < n)
      room[2 * k + 1] = above[k];
  }
  testudo_i_tridiagonal_matrix matrix = {2 * n, NULL, room};
  double bound = bound_of(matrix);
  *most = bisect(matrix, 2 * n - 1, 0.0, bound, 0.0);
  *least = bisect(matrix, n, 0.0, *most, 1e-280);
  if (*least < 1e-280)
    *least = 0.0;
}

static double not_nothing(double pivot)
{
  return fabs(pivot) < DBL_MIN ? DBL_MIN : pivot;
}

/* Pivots of value I - T from the top and from the bottom give the entries on both sides of a row; at the row where they
   fit together best, which is where the eigenvector is large, neither side cancels (Parlett and Dhillon, Linear Algebra
   Appl. 267, 1997). */
double testudo_i_last_entry(testudo_i_tridiagonal_matrix matrix, double value, double *room)
{
  int32_t n = matrix.n, row = 0;
  double *down = room, *up = room + n, above = 0.0, least = HUGE_VAL, entry = 1.0;
  for (int32_t k = 0; k < n; k++) {
    double before = k == 0 ? 0.0 : matrix.beside[k - 1];
    down[k] = not_nothing(value - diagonal_of(matrix, k) - (k == 0 ? 0.0 : before * (before / down[k - 1])));
  }
  for (int32_t k = n - 1; k >= 0; k--) {
    double after = k + 1 < n ? matrix.beside[k] : 0.0, plain = value - diagonal_of(matrix, k);
    up[k] = not_nothing(plain - (k + 1 < n ? after * (after / up[k + 1]) : 0.0));
    double misfit = fabs(down[k] + up[k] - plain);
    row = misfit < least ? k : row;
    least = fmin(misfit, least);
  }
  for (int32_t k = 0; k < row; k++) {
    double ratio = matrix.beside[k] / down[k];
    above = (above + 1.0) * ratio * ratio;
  }
  double square = 1.0 + above;
  for (int32_t k = row; k + 1 < n; k++) {
    entry *= matrix.beside[k] / up[k + 1];
    square += entry * entry;
  }
  return fabs(entry) / sqrt(square);
}

/* ---- QL ---- */

enum { TURNS = 60 };

/* The last row of the block that begins at `first`: what is beside it counts for nothing, and is cut for good. */
static int32_t end_of_block(int32_t n, double *e, int32_t first, double nothing)
{
  int32_t last = first;
  while (last + 1 < n && fabs(e[last]) > nothing)
    last++;
  if (last + 1 < n)
    e[last] = 0.0;
  return last;
}

/* One chase of the bulge up the block first .. last, shifted towards the eigenvalue at its top. */
static void chase(double *d, double *e, int32_t first, int32_t last)
{
  double apart = (d[first + 1] - d[first]) / (2.0 * e[first]);
  double g = d[last] - d[first] + e[first] / (apart + copysign(sqrt(1.0 + apart * apart), apart));
  double s = 1.0, c = 1.0, p = 0.0;
  for (int32_t i = last - 1; i >= first; i--) {
    double f = s * e[i], b = c * e[i], r = sqrt(f * f + g * g);
    if (i + 1 < last)
      e[i + 1] = r;
    if (r == 0.0) {
      d[i + 1] -= p;
      return;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1] - p;
    r = (d[i] - g) * s + 2.0 * c * b;
    p = s * r;
    d[i + 1] = g + p;
    g = c * r - b;
  }
  d[first] -= p;
  e[first] = g;
}

bool testudo_i_all_eigenvalues(int32_t n, double *diagonal, double *beside)
{
  double nothing = 0.5 * DBL_EPSILON * bound_of((testudo_i_tridiagonal_matrix){n, diagonal, beside});
  for (int32_t first = 0, turns = 0; first < n;) {
    int32_t last = end_of_block(n, beside, first, nothing);
    if (last == first) {
      first++;
      turns = 0;
    } else if (++turns > TURNS)
      return false;
    else
      chase(diagonal, beside, first, last);
  }
  qsort(diagonal, (size_t)n, sizeof *diagonal, testudo_i_ascending_reals);
  return true;
}
