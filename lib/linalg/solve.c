/* SPDX-License-Identifier: BSD-3-Clause */
#include "linalg/solve.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/order.h"
#include "linalg/products.h"
#include "linalg/reflect.h"

/* ---- square systems ---- */

enum { BLOCK = 32, ESTIMATES = 5 };

static void swap(double *x, double *y)
{
  double kept = *x;
  *x = *y;
  *y = kept;
}

/* Column j of a block that ends before `last`, after the block's columns before it: the pivot to the diagonal, the
   multipliers below. false where the column has no pivot. */
static bool eliminate(size_t n, double *a, size_t last, size_t j, int32_t *pivot)
{
  double *column = a + j * n;
  size_t best = j;
  for (size_t i = j + 1; i < n; i++)
    if (fabs(column[i]) > fabs(column[best]))
      best = i;
  pivot[j] = (int32_t)best;
  if (column[best] == 0.0)
    return false;
  for (size_t k = 0; best != j && k < n; k++)
    swap(&a[k * n + j], &a[k * n + best]);
  for (size_t i = j + 1; i < n; i++)
    column[i] /= column[j];
  for (size_t k = j + 1; k < last; k++)
    testudo_i_add_times(n - j - 1, -a[k * n + j], column + j + 1, a + k * n + j + 1);
  return true;
}

/* a = P L U, L with a unit diagonal below U's, by blocks of columns. */
static bool factorise(size_t n, double *a, int32_t *pivot)
{
  for (size_t first = 0; first < n; first += BLOCK) {
    size_t last = first + BLOCK < n ? first + BLOCK : n, wide = last - first, rest = n - last;
    for (size_t j = first; j < last; j++)
      if (!eliminate(n, a, last, j, pivot))
        return false;
    for (size_t k = last; k < n; k++)
      for (size_t j = first; j + 1 < last; j++)
        testudo_i_add_times(last - j - 1, -a[k * n + j], a + j * n + j + 1, a + k * n + j + 1);
    /* The rest less L U: as rows of its transpose. */
    testudo_i_strided u = {a + last * n + first, n, 1}, l = {a + first * n + last, n, 1};
    testudo_i_add_product((int32_t)rest, (int32_t)wide, (int32_t)rest, -1.0, u, l, a + last * n + last, n);
  }
  return true;
}

static void solve_factors(size_t n, const double *a, const int32_t *pivot, double *x)
{
  for (size_t j = 0; j < n; j++)
    swap(&x[j], &x[pivot[j]]);
  for (size_t j = 0; j < n; j++)
    testudo_i_add_times(n - j - 1, -x[j], a + j * n + j + 1, x + j + 1);
  for (size_t j = n; j-- > 0;) {
    x[j] /= a[j * n + j];
    testudo_i_add_times(j, -x[j], a + j * n, x);
  }
}

static void solve_transposed(size_t n, const double *a, const int32_t *pivot, double *x)
{
  for (size_t j = 0; j < n; j++)
    x[j] = (x[j] - testudo_i_dot(j, a + j * n, x)) / a[j * n + j];
  for (size_t j = n; j-- > 0;)
    x[j] -= testudo_i_dot(n - j - 1, a + j * n + j + 1, x + j + 1);
  for (size_t j = n; j-- > 0;)
    swap(&x[j], &x[pivot[j]]);
}

static double sum_of_sizes(size_t n, const double *x)
{
  double sum = 0.0;
  for (size_t k = 0; k < n; k++)
    sum += fabs(x[k]);
  return sum;
}

/* A lower bound of ||a^-1||_1 that is nearly always within a factor of 3. room: 2 n. */
static double norm_of_inverse(size_t n, const double *a, const int32_t *pivot, double *room)
{
  double *x = room, *z = room + n, found = 0.0;
  for (size_t k = 0; k < n; k++)
    x[k] = 1.0 / (double)n;
  for (int turn = 0; turn < ESTIMATES; turn++) {
    solve_factors(n, a, pivot, x);
    double sum = sum_of_sizes(n, x);
    if (!(sum > found))
      break;
    found = sum;
    for (size_t k = 0; k < n; k++)
      z[k] = x[k] < 0.0 ? -1.0 : 1.0;
    solve_transposed(n, a, pivot, z);
    size_t best = 0;
    for (size_t k = 1; k < n; k++)
      if (fabs(z[k]) > fabs(z[best]))
        best = k;
    memset(x, 0, n * sizeof *x);
    x[best] = 1.0;
  }
  /* What the walk may miss: a vector of alternating signs. */
  for (size_t k = 0; k < n; k++)
    x[k] = (k % 2 == 0 ? 1.0 : -1.0) * (1.0 + (double)k / (double)(n > 1 ? n - 1 : 1));
  solve_factors(n, a, pivot, x);
  double other = 2.0 * sum_of_sizes(n, x) / (3.0 * (double)n);
  return other > found ? other : found;
}

testudo_status testudo_i_solve(int32_t n, double *a, double *b, int32_t *pivot, double *reciprocal_condition,
                               double *room, testudo_error *error)
{
  size_t size = (size_t)n;
  double scale, norm = 0.0;
  if (!testudo_i_scale(size * size, a, &scale))
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "the factorisation of a %d x %d matrix failed", (int)n, (int)n);
  for (size_t j = 0; j < size; j++)
    norm = fmax(norm, sum_of_sizes(size, a + j * size));
  if (!factorise(size, a, pivot))
    return testudo_i_fail(error, TESTUDO_UNDECODABLE, "a %d x %d system is singular", (int)n, (int)n);
  if (reciprocal_condition != NULL)
    *reciprocal_condition = 1.0 / (norm * norm_of_inverse(size, a, pivot, room));
  solve_factors(size, a, pivot, b);
  for (size_t k = 0; k < size; k++)
    b[k] *= scale;
  return TESTUDO_OK;
}

/* ---- least squares ---- */

/* A matrix on its way to Q R Z P'. */
typedef struct factors {
  size_t rows, columns, rank;
  double *a, *left, *right; /* the factors tau of reflections from the left and from the right */
  double *norm, *first_norm; /* of what is left of each column */
  double *row, *along;
  int32_t *pivot;
} factors;

size_t testudo_i_least_squares_room(int32_t rows, int32_t columns)
{
  size_t m = (size_t)rows, n = (size_t)columns, k = m < n ? m : n;
  return 2 * k + 2 * n + (n + 1) + m;
}

static factors divide_room(int32_t rows, int32_t columns, double *a, int32_t *pivot, double *room)
{
  factors f = {.rows = (size_t)rows, .columns = (size_t)columns, .a = a, .left = room, .pivot = pivot};
  size_t least = f.rows < f.columns ? f.rows : f.columns;
  f.right = f.left + least;
  f.norm = f.right + least;
  f.first_norm = f.norm + columns;
  f.row = f.first_norm + columns;
  f.along = f.row + columns + 1;
  return f;
}

static void swap_columns(factors *f, size_t i, size_t j)
{
  for (size_t k = 0; k < f->rows; k++)
    swap(&f->a[i * f->rows + k], &f->a[j * f->rows + k]);
  testudo_i_swap(&f->pivot[i], &f->pivot[j]);
  f->norm[j] = f->norm[i];
  f->first_norm[j] = f->first_norm[i];
}

static double norm_below(const factors *f, size_t row, size_t column)
{
  const double *from = f->a + column * f->rows + row;
  return sqrt(testudo_i_dot(f->rows - row, from, from));
}

/* Column j has lost its entry in row k: its norm is brought down, or taken anew where cancellation has eaten half its
   digits (Drmac and Bujanovic, ACM TOMS 35, 2008). */
static void shorten(factors *f, size_t k, size_t j)
{
  if (f->norm[j] == 0.0)
    return;
  double part = fabs(f->a[j * f->rows + k]) / f->norm[j], left = fmax(0.0, (1.0 - part) * (1.0 + part));
  double lost = f->norm[j] / f->first_norm[j];
  if (left * lost * lost > sqrt(DBL_EPSILON))
    f->norm[j] *= sqrt(left);
  else
    f->norm[j] = f->first_norm[j] = norm_below(f, k + 1, j);
}

/* a P = Q R with |R[k][k]| not increasing, until what is left is no longer than `tolerance` of the first. */
static void reduce_columns(factors *f, double tolerance)
{
  size_t most = f->rows < f->columns ? f->rows : f->columns;
  for (size_t j = 0; j < f->columns; j++) {
    f->pivot[j] = (int32_t)j;
    f->norm[j] = f->first_norm[j] = norm_below(f, 0, j);
  }
  for (f->rank = 0; f->rank < most; f->rank++) {
    size_t k = f->rank, best = k;
    for (size_t j = k + 1; j < f->columns; j++)
      best = f->norm[j] > f->norm[best] ? j : best;
    if (best != k)
      swap_columns(f, k, best);
    double *pivot = f->a + k * (f->rows + 1);
    f->left[k] = testudo_i_reflect(f->rows - k, pivot);
    if (!(fabs(*pivot) > tolerance * fabs(f->a[0])))
      return;
    for (size_t j = k + 1; j < f->columns; j++) {
      testudo_i_apply_reflection(f->rows - k, f->left[k], pivot, pivot + (j - k) * f->rows);
      shorten(f, k, j);
    }
  }
}

/* (R, what is right of it) = (R', 0) Z, row by row from the last. Row k keeps its reflection where it was cleared. */
static void clear_right(factors *f)
{
  size_t rest = f->columns - f->rank, m = f->rows;
  for (size_t k = f->rank; k-- > 0;) {
    double *corner = f->a + f->rank * m, *own = f->a + k * m;
    f->row[0] = own[k];
    for (size_t j = 0; j < rest; j++)
      f->row[j + 1] = corner[j * m + k];
    f->right[k] = testudo_i_reflect(rest + 1, f->row);
    memcpy(f->along, own, k * sizeof *own);
    for (size_t j = 0; j < rest; j++)
      testudo_i_add_times(k, f->row[j + 1], corner + j * m, f->along);
    testudo_i_add_times(k, -f->right[k], f->along, own);
    for (size_t j = 0; j < rest; j++)
      testudo_i_add_times(k, -f->right[k] * f->row[j + 1], f->along, corner + j * m);
    own[k] = f->row[0];
    for (size_t j = 0; j < rest; j++)
      corner[j * m + k] = f->row[j + 1];
  }
}

/* b <- Z' (R^-1 (Q' b), 0), still in the order of the pivots. */
static void back_substitute(const factors *f, double *b)
{
  size_t m = f->rows, rest = f->columns - f->rank;
  for (size_t k = 0; k < f->rank; k++)
    testudo_i_apply_reflection(m - k, f->left[k], f->a + k * (m + 1), b + k);
  for (size_t k = f->rank; k-- > 0;) {
    b[k] /= f->a[k * (m + 1)];
    testudo_i_add_times(k, -b[k], f->a + k * m, b);
  }
  memset(b + f->rank, 0, rest * sizeof *b);
  for (size_t k = 0; rest > 0 && k < f->rank; k++) {
    const double *row = f->a + f->rank * m + k;
    double along = b[k];
    for (size_t j = 0; j < rest; j++)
      along += row[j * m] * b[f->rank + j];
    along *= -f->right[k];
    b[k] += along;
    for (size_t j = 0; j < rest; j++)
      b[f->rank + j] += along * row[j * m];
  }
}

testudo_status testudo_i_least_squares(int32_t rows, int32_t columns, double *a, double *b, double tolerance,
                                       int32_t *pivot, double *room, testudo_error *error)
{
  double scale;
  if (!testudo_i_scale((size_t)rows * (size_t)columns, a, &scale))
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "the least squares of a %d x %d matrix failed", (int)rows,
                          (int)columns);
  factors f = divide_room(rows, columns, a, pivot, room);
  reduce_columns(&f, tolerance);
  if (f.rank < f.columns)
    clear_right(&f);
  back_substitute(&f, b);
  memcpy(f.norm, b, f.columns * sizeof *b);
  for (size_t k = 0; k < f.columns; k++)
    b[f.pivot[k]] = f.norm[k] * scale;
  return TESTUDO_OK;
}
