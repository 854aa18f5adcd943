/* SPDX-License-Identifier: BSD-3-Clause */
/* Pseudo-inverses, condition numbers and products by LAPACK and BLAS. */
#include "linalg/dense.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

#include "base/error.h"

static size_t least(size_t a, size_t b)
{
  return a < b ? a : b;
}

/* The workspace of dgesvd: its documented minimum, max(3 min + max, 5 min), and room for blocks of 32. */
static size_t svd_room(size_t rows, size_t columns)
{
  return 5 * least(rows, columns) + 33 * (rows + columns);
}

size_t testudo_i_pseudo_inverse_room(int32_t rows, int32_t columns)
{
  size_t m = (size_t)rows, n = (size_t)columns, k = least(m, n);
  return m * k + k * n + k + svd_room(m, n);
}

/* inverse = V S^+ U^T, from U (m x k), S and V^T (k x n). */
static void recompose(int32_t m, int32_t n, int32_t k, const double *u, const double *singular, double *vt,
                      double *inverse)
{
  int32_t rank = 0;
  while (rank < k && singular[rank] > 1e-13 * singular[0])
    rank++;
  if (rank == 0) {
    memset(inverse, 0, (size_t)m * (size_t)n * sizeof *inverse);
    return;
  }
  for (int32_t column = 0; column < n; column++)
    for (int32_t row = 0; row < rank; row++)
      vt[(size_t)column * (size_t)k + (size_t)row] /= singular[row];
  cblas_dgemm(CblasColMajor, CblasTrans, CblasTrans, n, m, rank, 1.0, vt, k, u, m, 0.0, inverse, n);
}

static testudo_status fail_to_decompose(int32_t rows, int32_t columns, testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "the singular value decomposition of a %d x %d matrix failed",
                        (int)rows, (int)columns);
}

static double ratio(const double *singular, int32_t count)
{
  return singular[count - 1] > 0.0 ? singular[0] / singular[count - 1] : HUGE_VAL;
}

size_t testudo_i_condition_room(int32_t rows, int32_t columns)
{
  size_t m = (size_t)rows, n = (size_t)columns;
  return least(m, n) + svd_room(m, n);
}

testudo_status testudo_i_condition(int32_t rows, int32_t columns, double *a, double *condition, double *work,
                                   testudo_error *error)
{
  int32_t k = rows < columns ? rows : columns;
  lapack_int info = LAPACKE_dgesvd_work(LAPACK_COL_MAJOR, 'N', 'N', rows, columns, a, rows, work, NULL, rows, NULL, k,
                                        work + k, (lapack_int)svd_room((size_t)rows, (size_t)columns));
  if (info != 0 || !isfinite(work[0]))
    return fail_to_decompose(rows, columns, error);
  *condition = ratio(work, k);
  return TESTUDO_OK;
}

testudo_status testudo_i_pseudo_inverse(int32_t rows, int32_t columns, double *a, double *inverse, double *condition,
                                        double *work, testudo_error *error)
{
  int32_t k = rows < columns ? rows : columns;
  double *u = work;
  double *vt = u + (size_t)rows * (size_t)k;
  double *singular = vt + (size_t)k * (size_t)columns;
  double *room = singular + k;
  lapack_int info = LAPACKE_dgesvd_work(LAPACK_COL_MAJOR, 'S', 'S', rows, columns, a, rows, singular, u, rows, vt, k,
                                        room, (lapack_int)svd_room((size_t)rows, (size_t)columns));
  if (info != 0 || !isfinite(singular[0]))
    return fail_to_decompose(rows, columns, error);
  if (condition != NULL)
    *condition = ratio(singular, k);
  recompose(rows, columns, k, u, singular, vt, inverse);
  return TESTUDO_OK;
}

void testudo_i_multiply(int32_t n, const double *a, const double *b, double *c)
{
  cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1.0, a, n, b, n, 0.0, c, n);
}

void testudo_i_one_blas_thread(void)
{
  openblas_set_num_threads(1);
}
