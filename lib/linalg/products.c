/* SPDX-License-Identifier: BSD-3-Clause */
/* gemv and gemm on rows. One column goes through gemv, which is faster than a gemm of one column. */
#include "linalg/products.h"

#include <cblas.h>

void testudo_i_rows_times(int32_t rows, int32_t inner, int32_t columns, const double *x, const double *w, double *z)
{
  if (rows == 0)
    return;
  if (columns == 1)
    cblas_dgemv(CblasRowMajor, CblasNoTrans, rows, inner, 1.0, x, inner, w, 1, 0.0, z, 1);
  else
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, columns, inner, 1.0, x, inner, w, columns, 0.0, z,
                columns);
}

void testudo_i_rows_gather(int32_t rows, int32_t inner, int32_t columns, double by, const double *x, const double *r,
                           double *g)
{
  if (rows == 0)
    return;
  if (columns == 1)
    cblas_dgemv(CblasRowMajor, CblasTrans, rows, inner, by, x, inner, r, 1, 1.0, g, 1);
  else
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, inner, columns, rows, by, x, inner, r, columns, 1.0, g,
                columns);
}

void testudo_i_rows_gram(int32_t rows, int32_t inner, double by, const double *x, double *h)
{
  if (rows == 0)
    return;
  cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, inner, rows, by, x, inner, 1.0, h, inner);
  for (size_t i = 0, n = (size_t)inner; i < n; i++)
    for (size_t j = 0; j < i; j++)
      h[j * n + i] = h[i * n + j];
}

double testudo_i_dot(size_t n, const double *x, const double *y)
{
  return cblas_ddot((int)n, x, 1, y, 1);
}

void testudo_i_add_times(size_t n, double by, const double *x, double *y)
{
  cblas_daxpy((int)n, by, x, 1, y, 1);
}
