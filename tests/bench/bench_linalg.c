/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products, systems, least squares, condition numbers and eigenvalues of lib/linalg, as processor time of the peer over
   ours in turn in this run on one thread: OpenBLAS with its LAPACK where it is installed, else GSL. */
#include "bench/bench.h"

#include <math.h>
#include <string.h>

#ifndef HAVE_OPENBLAS
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_linalg.h>
#endif

#include "base/random.h"
#include "bench/blas.h"
#include "linalg/dense.h"
#include "linalg/products.h"
#include "linalg/solve.h"
#include "linalg/symmetric.h"

enum { ROUNDS = 7 };

/* A task: sizes, inputs that stay, and room to work in. */
typedef struct task {
  int32_t rows, inner, columns;
  double *a, *b, *room, *c, *more;
  int32_t *pivot;
} task;

typedef void (*run)(task *);

static void ours_product(task *t)
{
  testudo_i_rows_times(t->rows, t->inner, t->columns, t->a, t->b, t->c);
}

static void peer_product(task *t)
{
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, t->rows, t->columns, t->inner, 1.0, t->a, t->inner, t->b,
              t->columns, 0.0, t->c, t->columns);
}

static void ours_gather(task *t)
{
  testudo_i_rows_gather(t->rows, t->inner, t->columns, 1.0, t->a, t->c, t->b);
}

static void peer_gather(task *t)
{
  cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, t->inner, t->columns, t->rows, 1.0, t->a, t->inner, t->c,
              t->columns, 1.0, t->b, t->columns);
}

static void ours_vector(task *t)
{
  testudo_i_rows_times(t->rows, t->inner, 1, t->a, t->b, t->c);
  testudo_i_rows_gather(t->rows, t->inner, 1, 1e-3, t->a, t->c, t->b);
}

static void peer_vector(task *t)
{
  cblas_dgemv(CblasRowMajor, CblasNoTrans, t->rows, t->inner, 1.0, t->a, t->inner, t->b, 1, 0.0, t->c, 1);
  cblas_dgemv(CblasRowMajor, CblasTrans, t->rows, t->inner, 1e-3, t->a, t->inner, t->c, 1, 1.0, t->b, 1);
}

/* The solvers destroy their matrix: each gets a copy. */
static double *copied(task *t)
{
  memcpy(t->room, t->a, (size_t)t->rows * (size_t)t->inner * sizeof *t->a);
  memcpy(t->c, t->b, (size_t)t->rows * sizeof *t->b);
  return t->room;
}

static void ours_solve(task *t)
{
  bench_require(testudo_i_solve(t->rows, copied(t), t->c, t->pivot, NULL, t->more, NULL) == TESTUDO_OK, "solve");
}

static void ours_least_squares(task *t)
{
  bench_require(testudo_i_least_squares(t->rows, t->inner, copied(t), t->c, 1e-13, t->pivot, t->more, NULL) ==
                    TESTUDO_OK, "least squares");
}

static void ours_condition(task *t)
{
  double condition;
  bench_require(testudo_i_condition(t->rows, t->inner, copied(t), &condition, t->more, NULL) == TESTUDO_OK,
                "condition");
}

/* a a' is symmetric: here the product of rows, once. */
static void ours_eigenvalues(task *t)
{
  bench_require(testudo_i_eigenvalues(t->rows, copied(t), t->c, t->more, NULL) == TESTUDO_OK, "eigenvalues");
}

#ifdef HAVE_OPENBLAS
/* LAPACK's own names; OpenBLAS has no header for them without LAPACKE. */
extern void dgesv_(const int *, const int *, double *, const int *, int *, double *, const int *, int *);
extern void dgelsy_(const int *, const int *, const int *, double *, const int *, double *, const int *, int *,
                    const double *, int *, double *, const int *, int *);
extern void dgesvd_(const char *, const char *, const int *, const int *, double *, const int *, double *, double *,
                    const int *, double *, const int *, double *, const int *, int *);
extern void dsyev_(const char *, const char *, const int *, double *, const int *, double *, double *, const int *,
                   int *);

static void peer_solve(task *t)
{
  int n = t->rows, one = 1, info;
  dgesv_(&n, &one, copied(t), &n, t->pivot, t->c, &n, &info);
}

static void peer_least_squares(task *t)
{
  int m = t->rows, n = t->inner, one = 1, rank, info, length = 40 * (m + n) + 64, longest = m > n ? m : n;
  double tolerance = 1e-13;
  memset(t->pivot, 0, (size_t)n * sizeof *t->pivot);
  dgelsy_(&m, &n, &one, copied(t), &m, t->c, &longest, t->pivot, &tolerance, &rank, t->more, &length, &info);
}

static void peer_condition(task *t)
{
  int m = t->rows, n = t->inner, info, length = 40 * (m + n) + 64;
  dgesvd_("N", "N", &m, &n, copied(t), &m, t->c, NULL, &m, NULL, &n, t->more, &length, &info);
}

static void peer_eigenvalues(task *t)
{
  int n = t->rows, info, length = 34 * n;
  dsyev_("N", "L", &n, copied(t), &n, t->c, t->more, &length, &info);
}
#else
static void peer_solve(task *t)
{
  gsl_matrix_view a = gsl_matrix_view_array(copied(t), (size_t)t->rows, (size_t)t->rows);
  gsl_vector_view b = gsl_vector_view_array(t->c, (size_t)t->rows);
  gsl_permutation *p = gsl_permutation_alloc((size_t)t->rows);
  int sign;
  gsl_linalg_LU_decomp(&a.matrix, p, &sign);
  gsl_linalg_LU_svx(&a.matrix, p, &b.vector);
  gsl_permutation_free(p);
}

static void peer_least_squares(task *t)
{
  size_t m = (size_t)t->rows, n = (size_t)t->inner, rank;
  gsl_matrix_view a = gsl_matrix_view_array(copied(t), m, n);
  gsl_vector *left = gsl_vector_alloc(n), *right = gsl_vector_alloc(n), *work = gsl_vector_alloc(n);
  gsl_permutation *p = gsl_permutation_alloc(n);
  gsl_linalg_COD_decomp_e(&a.matrix, left, right, p, 1e-13, &rank, work);
  gsl_vector_free(left);
  gsl_vector_free(right);
  gsl_vector_free(work);
  gsl_permutation_free(p);
}

static void peer_condition(task *t)
{
  size_t m = (size_t)t->rows, n = (size_t)t->inner;
  gsl_matrix_view a = gsl_matrix_view_array(copied(t), m, n);
  gsl_matrix *v = gsl_matrix_alloc(n, n);
  gsl_vector *value = gsl_vector_alloc(n), *work = gsl_vector_alloc(n);
  gsl_linalg_SV_decomp(&a.matrix, v, value, work);
  gsl_matrix_free(v);
  gsl_vector_free(value);
  gsl_vector_free(work);
}

static void peer_eigenvalues(task *t)
{
  gsl_matrix_view a = gsl_matrix_view_array(copied(t), (size_t)t->rows, (size_t)t->rows);
  gsl_vector_view value = gsl_vector_view_array(t->c, (size_t)t->rows);
  gsl_eigen_symm_workspace *work = gsl_eigen_symm_alloc((size_t)t->rows);
  gsl_eigen_symm(&a.matrix, &value.vector, work);
  gsl_eigen_symm_free(work);
}
#endif

static double least_time(run what, task *t, int repeats)
{
  double least = HUGE_VAL;
  for (int round = 0; round < ROUNDS; round++) {
    double begin = bench_processor();
    for (int k = 0; k < repeats; k++)
      what(t);
    least = fmin(least, (bench_processor() - begin) / repeats);
  }
  return least;
}

static double *numbers(size_t count)
{
  testudo_i_random random;
  double *made = malloc(count * sizeof *made);
  bench_require(made != NULL, "out of memory");
  testudo_i_random_start(&random, 1, TESTUDO_I_FOR_TEST, 0, 0);
  for (size_t k = 0; k < count; k++)
    made[k] = testudo_i_random_normal(&random);
  return made;
}

static void measure(const char *name, run ours, run peer, int32_t rows, int32_t inner, int32_t columns, double work)
{
  size_t m = (size_t)rows, n = (size_t)inner, k = (size_t)columns, most = m > n ? m : n;
  task t = {rows, inner, columns, numbers(m * n), numbers((n + most) * k), numbers(m * n), numbers((m + most) * k),
            numbers(m * n + 40 * (m + n) + 64), malloc(most * sizeof(int32_t))};
  int repeats = 1 + (int)(2e7 / work);
  if (ours == ours_eigenvalues)
    for (size_t i = 0; i < m; i++)
      for (size_t j = 0; j < i; j++)
        t.a[i * m + j] = t.a[j * m + i];
  double found = least_time(ours, &t, repeats), other = least_time(peer, &t, repeats);
  printf("%-16s %5d x %5d x %2d  %9.1f us, %5.2f Gflop/s; %s %9.1f us: %.2f times\n", name, (int)rows, (int)inner,
         (int)columns, 1e6 * found, 1e-9 * work / found, BENCH_BLAS, 1e6 * other, other / found);
  free(t.a);
  free(t.b);
  free(t.room);
  free(t.c);
  free(t.more);
  free(t.pivot);
}

int main(void)
{
  const int32_t sizes[] = {8, 24, 64, 200, 500};
  measure("samples, vector", ours_vector, peer_vector, 160, 100, 1, 4.0 * 160 * 100);
  measure("samples, vector", ours_vector, peer_vector, 100000, 100, 1, 4.0 * 100000 * 100);
  measure("samples", ours_product, peer_product, 160, 100, 10, 2.0 * 160 * 100 * 10);
  measure("samples, back", ours_gather, peer_gather, 160, 100, 10, 2.0 * 160 * 100 * 10);
  for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
    int32_t n = sizes[k];
    double cube = (double)n * n * n;
    measure("product", ours_product, peer_product, n, n, n, 2.0 * cube);
    measure("system", ours_solve, peer_solve, n, n, 1, 2.0 / 3.0 * cube);
    measure("least squares", ours_least_squares, peer_least_squares, n, n - n / 8, 1, 4.0 / 3.0 * cube);
    measure("condition", ours_condition, peer_condition, n, n - n / 8, 1, 8.0 / 3.0 * cube);
    measure("eigenvalues", ours_eigenvalues, peer_eigenvalues, n, n, 1, 4.0 / 3.0 * cube);
  }
  return 0;
}
