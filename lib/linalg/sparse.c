/* SPDX-License-Identifier: BSD-3-Clause */
/* LSQR (Paige and Saunders, 1982) on some columns of a sparse matrix. */
#include "linalg/sparse.h"

#include <math.h>
#include <string.h>

size_t testudo_i_lsqr_room(int32_t rows, int32_t columns)
{
  return (size_t)rows + 2 * (size_t)columns;
}

/* y += scale A x */
static void add_product(const testudo_i_sparse *a, double scale, const double *x, double *restrict y)
{
  for (int32_t k = 0; k < a->columns; k++) {
    double by = scale * x[k];
    int64_t first = a->first[a->use[k]], last = a->last[a->use[k]];
    if (a->value == NULL)
      for (int64_t e = first; e < last; e++)
        y[a->index[e]] += by;
    else
      for (int64_t e = first; e < last; e++)
        y[a->index[e]] += by * a->value[e];
  }
}

/* x <- A' y - beta x; returns ||x||. */
static double transposed(const testudo_i_sparse *a, const double *y, double beta, double *restrict x)
{
  double square = 0.0;
  for (int32_t k = 0; k < a->columns; k++) {
    double sum = 0.0;
    int64_t first = a->first[a->use[k]], last = a->last[a->use[k]];
    if (a->value == NULL)
      for (int64_t e = first; e < last; e++)
        sum += y[a->index[e]];
    else
      for (int64_t e = first; e < last; e++)
        sum += y[a->index[e]] * a->value[e];
    x[k] = sum - beta * x[k];
    square += x[k] * x[k];
  }
  return sqrt(square);
}

static double norm_of(const double *v, int32_t count)
{
  double square = 0.0;
  for (int32_t k = 0; k < count; k++)
    square += v[k] * v[k];
  return sqrt(square);
}

/* A vector of norm 0 stays. */
static void divide(double *v, int32_t count, double norm)
{
  double by = norm > 0.0 ? 1.0 / norm : 1.0;
  for (int32_t k = 0; k < count; k++)
    v[k] *= by;
}

static double residual_of(const testudo_i_sparse *a, const double *b, const double *x, double *room)
{
  memcpy(room, b, (size_t)a->rows * sizeof *room);
  add_product(a, -1.0, x, room);
  double square = 0.0;
  for (int32_t i = 0; i < a->rows; i++)
    square += room[i] * room[i];
  return square;
}

void testudo_i_lsqr(const testudo_i_sparse *a, const double *b, testudo_i_stop stop, double *x, double *residual,
                    bool *converged, double *room)
{
  double *u = room, *v = room + a->rows, *w = v + a->columns;
  memset(x, 0, (size_t)a->columns * sizeof *x);
  memset(v, 0, (size_t)a->columns * sizeof *v);
  memcpy(u, b, (size_t)a->rows * sizeof *u);
  double beta = norm_of(u, a->rows);
  divide(u, a->rows, beta);
  double alpha = transposed(a, u, 0.0, v);
  divide(v, a->columns, alpha);
  memcpy(w, v, (size_t)a->columns * sizeof *w);
  double rho_bar = alpha, phi_bar = beta, b_norm = beta, a_square = 0.0;
  *converged = alpha * beta == 0.0;
  for (int32_t step = 0; !*converged && step < stop.limit; step++) {
    for (int32_t i = 0; i < a->rows; i++)
      u[i] *= -alpha;
    add_product(a, 1.0, v, u);
    beta = norm_of(u, a->rows);
    divide(u, a->rows, beta);
    a_square += alpha * alpha + beta * beta;
    alpha = transposed(a, u, beta, v);
    divide(v, a->columns, alpha);
    double rho = hypot(rho_bar, beta), c = rho_bar / rho, s = beta / rho;
    double theta = s * alpha, phi = c * phi_bar;
    rho_bar = -c * alpha;
    phi_bar *= s;
    for (int32_t k = 0; k < a->columns; k++) {
      x[k] += phi / rho * w[k];
      w[k] = v[k] - theta / rho * w[k];
    }
    /* phi_bar = ||r|| and phi_bar alpha |c| = ||A'r||. */
    *converged = phi_bar <= stop.tolerance * b_norm || alpha * fabs(c) <= stop.tolerance * sqrt(a_square) ||
                 phi_bar * phi_bar <= stop.enough;
  }
  *residual = residual_of(a, b, x, room);
}
