/* SPDX-License-Identifier: BSD-3-Clause */
/* LSQR (Paige and Saunders, 1982) on some columns of a sparse matrix. */
#include "linalg/sparse.h"

#include <math.h>
#include <string.h>

#include "base/clones.h"
#include "linalg/gather.h"

size_t testudo_i_lsqr_room(int32_t rows, int32_t columns)
{
  return (size_t)rows + 2 * (size_t)columns;
}

static bool by_rows(const testudo_i_sparse *a)
{
  return a->row != NULL;
}

static int32_t width_of(const testudo_i_sparse *a)
{
  return by_rows(a) ? a->all : a->columns;
}

/* y += scale A x */
static void add_product(const testudo_i_sparse *a, double scale, const double *x, double *restrict y)
{
  for (int32_t k = 0; k < a->columns; k++) {
    double by = scale * x[by_rows(a) ? a->use[k] : k];
    int64_t first = a->first[a->use[k]], last = a->last[a->use[k]];
    if (a->value == NULL)
      for (int64_t e = first; e < last; e++)
        y[a->index[e]] += by;
    else
      for (int64_t e = first; e < last; e++)
        y[a->index[e]] += by * a->value[e];
  }
}

/* In so many sums, which are added up at the end: one alone would wait for itself at every term. */
enum { SUMS = 8 };

TESTUDO_I_CLONES
static double square_of(const double *v, int32_t count)
{
  double sum[SUMS] = {0.0};
  int32_t whole = count - count % SUMS;
  for (int32_t k = 0; k < whole; k += SUMS)
    for (int32_t l = 0; l < SUMS; l++)
      sum[l] += v[k + l] * v[k + l];
  for (int32_t k = whole; k < count; k++)
    sum[k - whole] += v[k] * v[k];
  return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

TESTUDO_I_CLONES
static void multiply_by(double *v, int32_t count, double by)
{
  for (int32_t k = 0; k < count; k++)
    v[k] *= by;
}

/* x += step w, w = v - back w */
TESTUDO_I_CLONES
static void walk(double *restrict x, double *restrict w, const double *restrict v, int32_t count, double step,
                 double back)
{
  for (int32_t k = 0; k < count; k++) {
    x[k] += step * w[k];
    w[k] = v[k] - back * w[k];
  }
}

/* What both products of a step need of the matrix. */
typedef struct sparse_products {
  const testudo_i_sparse *a;
  testudo_i_lists columns, rows;
} sparse_products;

static sparse_products products_of(const testudo_i_sparse *a)
{
  sparse_products p = {.a = a, .columns = {.first = a->first, .last = a->last, .index = a->index, .use = a->use,
                                           .count = a->columns, .placed = by_rows(a)}};
  p.columns.degree = testudo_i_lists_degree(&p.columns);
  if (by_rows(a)) {
    p.rows = (testudo_i_lists){.first = a->row, .last = a->row + 1, .index = a->column, .count = a->rows};
    p.rows.degree = testudo_i_lists_degree(&p.rows);
  }
  return p;
}

/* y <- A x - alpha y; returns ||y||. */
static double forwards(const sparse_products *p, const double *x, double alpha, double *restrict y)
{
  if (by_rows(p->a))
    testudo_i_gather(&p->rows, x, alpha, y);
  else {
    multiply_by(y, p->a->rows, -alpha);
    add_product(p->a, 1.0, x, y);
  }
  return sqrt(square_of(y, p->a->rows));
}

/* x <- A' y - beta x; returns ||x||. */
static double backwards(const sparse_products *p, const double *y, double beta, double *restrict x)
{
  const testudo_i_sparse *a = p->a;
  if (a->value == NULL)
    testudo_i_gather(&p->columns, y, beta, x);
  for (int32_t k = 0; a->value != NULL && k < a->columns; k++) {
    double sum = 0.0;
    for (int64_t e = a->first[a->use[k]], last = a->last[a->use[k]]; e < last; e++)
      sum += y[a->index[e]] * a->value[e];
    x[k] = sum - beta * x[k];
  }
  return sqrt(square_of(x, width_of(a)));
}

/* A vector of norm 0 stays. */
static void divide(double *v, int32_t count, double norm)
{
  multiply_by(v, count, norm > 0.0 ? 1.0 / norm : 1.0);
}

static double residual_of(const testudo_i_sparse *a, const double *b, const double *x, double *room)
{
  memcpy(room, b, (size_t)a->rows * sizeof *room);
  add_product(a, -1.0, x, room);
  return square_of(room, a->rows);
}

void testudo_i_lsqr(const testudo_i_sparse *a, const double *b, testudo_i_stop stop, double *x, double *residual,
                    bool *converged, double *room)
{
  int32_t width = width_of(a);
  double *u = room, *v = room + a->rows, *w = v + width;
  const sparse_products products = products_of(a);
  memset(x, 0, (size_t)width * sizeof *x);
  memset(v, 0, (size_t)width * sizeof *v);
  memcpy(u, b, (size_t)a->rows * sizeof *u);
  double beta = sqrt(square_of(u, a->rows));
  divide(u, a->rows, beta);
  double alpha = backwards(&products, u, 0.0, v);
  divide(v, width, alpha);
  memcpy(w, v, (size_t)width * sizeof *w);
  double rho_bar = alpha, phi_bar = beta, b_norm = beta, a_square = 0.0;
  *converged = alpha * beta == 0.0;
  for (int32_t step = 0; !*converged && step < stop.limit; step++) {
    beta = forwards(&products, v, alpha, u);
    divide(u, a->rows, beta);
    a_square += alpha * alpha + beta * beta;
    alpha = backwards(&products, u, beta, v);
    divide(v, width, alpha);
    double rho = hypot(rho_bar, beta), c = rho_bar / rho, s = beta / rho;
    double theta = s * alpha, phi = c * phi_bar;
    rho_bar = -c * alpha;
    phi_bar *= s;
    walk(x, w, v, width, phi / rho, theta / rho);
    /* phi_bar = ||r|| and phi_bar alpha |c| = ||A'r||. */
    *converged = phi_bar <= stop.tolerance * b_norm || alpha * fabs(c) <= stop.tolerance * sqrt(a_square) ||
                 phi_bar * phi_bar <= stop.enough;
  }
  *residual = residual_of(a, b, x, room);
}
