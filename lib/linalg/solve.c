/* SPDX-License-Identifier: BSD-3-Clause */
/* Square systems and least squares by LAPACK. */
#include "linalg/solve.h"

#include <lapacke.h>
#include <string.h>

#include "base/error.h"

testudo_status testudo_i_solve(int32_t n, double *a, double *b, int32_t *pivot, double *reciprocal_condition,
                               double *room, testudo_error *error)
{
  double norm = LAPACKE_dlange_work(LAPACK_COL_MAJOR, '1', n, n, a, n, room);
  lapack_int info = LAPACKE_dgetrf_work(LAPACK_COL_MAJOR, n, n, a, n, pivot);
  if (info < 0)
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "the factorisation of a %d x %d matrix failed", (int)n, (int)n);
  if (info > 0)
    return testudo_i_fail(error, TESTUDO_UNDECODABLE, "a %d x %d system is singular", (int)n, (int)n);
  if (reciprocal_condition != NULL) {
    /* dgecon wants n integers beside 4 n doubles; the doubles behind them are aligned for integers. */
    lapack_int *integers = (lapack_int *)(void *)(room + 4 * (size_t)n);
    LAPACKE_dgecon_work(LAPACK_COL_MAJOR, '1', n, a, n, norm, reciprocal_condition, room, integers);
  }
  LAPACKE_dgetrs_work(LAPACK_COL_MAJOR, 'N', n, 1, a, n, pivot, b, n);
  return TESTUDO_OK;
}

size_t testudo_i_least_squares_room(int32_t rows, int32_t columns)
{
  size_t m = (size_t)rows, n = (size_t)columns, k = m < n ? m : n;
  /* dgelsy: at least max(k + 3 n + 1, 2 k + 1); blocks of 32 run faster. */
  return k + 3 * n + 1 + 2 * k + 33 * (m + n) + 64;
}

testudo_status testudo_i_least_squares(int32_t rows, int32_t columns, double *a, double *b, double tolerance,
                                       int32_t *pivot, double *room, testudo_error *error)
{
  lapack_int rank = 0;
  memset(pivot, 0, (size_t)columns * sizeof *pivot);
  lapack_int info = LAPACKE_dgelsy_work(LAPACK_COL_MAJOR, rows, columns, 1, a, rows, b,
                                        rows > columns ? rows : columns, pivot, tolerance, &rank, room,
                                        (lapack_int)testudo_i_least_squares_room(rows, columns));
  if (info != 0)
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "the least squares of a %d x %d matrix failed", (int)rows,
                          (int)columns);
  return TESTUDO_OK;
}
