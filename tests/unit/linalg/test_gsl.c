/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Systems, least squares, condition numbers and eigenvalues against those of GSL, which are other programs of other
   methods: sizes on both sides of every block, dependent columns, and entries near the ends of what a double holds. */
#include "check.h"

#include <gsl/gsl_eigen.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_sort_vector.h>

#include "base/random.h"
#include "linalg/dense.h"
#include "linalg/solve.h"
#include "linalg/symmetric.h"
#include "linalg/tridiagonal.h"

static gsl_matrix *random_matrix(testudo_i_random *random, size_t rows, size_t columns, size_t rank)
{
  gsl_matrix *made = gsl_matrix_calloc(rows, columns);
  for (size_t r = 0; r < rank; r++) {
    double left[200], right[200];
    for (size_t i = 0; i < rows; i++)
      left[i] = testudo_i_random_normal(random);
    for (size_t j = 0; j < columns; j++)
      right[j] = testudo_i_random_normal(random);
    for (size_t i = 0; i < rows; i++)
      for (size_t j = 0; j < columns; j++)
        *gsl_matrix_ptr(made, i, j) += left[i] * right[j];
  }
  return made;
}

/* Column after column, times `by`. */
static double *ours(const gsl_matrix *a, double by)
{
  double *made = malloc(a->size1 * a->size2 * sizeof *made);
  assert_non_null(made);
  for (size_t i = 0; i < a->size1; i++)
    for (size_t j = 0; j < a->size2; j++)
      made[j * a->size1 + i] = by * gsl_matrix_get(a, i, j);
  return made;
}

static testudo_i_random start(uint64_t sequence)
{
  testudo_i_random random;
  testudo_i_random_start(&random, 23, TESTUDO_I_FOR_TEST, sequence, 0);
  return random;
}

static const double scales[] = {1.0, 1e-300, 1e-160, 1e160, 1e300};

/* ||a^-1||_1 ||a||_1 by inverting; the estimate of 1 / cond is not under it, and here never over 3 times it. */
static double condition_by_inverse(const gsl_matrix *a)
{
  size_t n = a->size1;
  gsl_matrix *lu = gsl_matrix_alloc(n, n), *inverse = gsl_matrix_alloc(n, n);
  gsl_permutation *p = gsl_permutation_alloc(n);
  int sign;
  gsl_matrix_memcpy(lu, a);
  gsl_linalg_LU_decomp(lu, p, &sign);
  gsl_linalg_LU_invert(lu, p, inverse);
  double norm = 0.0, of_inverse = 0.0;
  for (size_t j = 0; j < n; j++) {
    double sum = 0.0, other = 0.0;
    for (size_t i = 0; i < n; i++) {
      sum += fabs(gsl_matrix_get(a, i, j));
      other += fabs(gsl_matrix_get(inverse, i, j));
    }
    norm = fmax(norm, sum);
    of_inverse = fmax(of_inverse, other);
  }
  gsl_matrix_free(lu);
  gsl_matrix_free(inverse);
  gsl_permutation_free(p);
  return norm * of_inverse;
}

static void systems_of_every_size_around_the_blocks(void **state)
{
  (void)state;
  testudo_i_random random = start(0);
  int exact = 0, cases = 0;
  for (size_t n = 1; n <= 100; n += n < 6 ? 1 : 9 + n % 2)
    for (size_t s = 0; s < sizeof scales / sizeof *scales; s++) {
      gsl_matrix *a = random_matrix(&random, n, n, n);
      double *matrix = ours(a, scales[s]), *b = malloc(n * sizeof *b), *x = malloc(n * sizeof *x), reciprocal;
      double *room = malloc(4 * n * sizeof *room);
      int32_t *pivot = malloc(n * sizeof *pivot);
      for (size_t k = 0; k < n; k++)
        x[k] = b[k] = testudo_i_random_normal(&random);
      assert_ok(testudo_i_solve((int32_t)n, matrix, x, pivot, &reciprocal, room, NULL));
      double condition = condition_by_inverse(a);
      assert_true(reciprocal >= (1.0 - 1e-9) / condition && reciprocal <= 3.0 / condition);
      exact += reciprocal <= (1.0 + 1e-9) / condition;
      cases++;
      for (size_t i = 0; i < n; i++) {
        double sum = -b[i], size = fabs(b[i]);
        for (size_t k = 0; k < n; k++) {
          sum += gsl_matrix_get(a, i, k) * scales[s] * x[k];
          size += fabs(gsl_matrix_get(a, i, k) * scales[s] * x[k]);
        }
        assert_near(sum, 0.0, 1e-13 * size * (double)n);
      }
      gsl_matrix_free(a);
      free(matrix);
      free(b);
      free(x);
      free(room);
      free(pivot);
    }
  assert_true(cases > 60 && exact > cases / 2);
}

/* A copy, transposed where it has more columns than rows. */
static gsl_matrix *tall_of(const gsl_matrix *a)
{
  bool wide = a->size1 < a->size2;
  gsl_matrix *tall = gsl_matrix_alloc(wide ? a->size2 : a->size1, wide ? a->size1 : a->size2);
  if (wide)
    gsl_matrix_transpose_memcpy(tall, a);
  else
    gsl_matrix_memcpy(tall, a);
  return tall;
}

/* x of least norm, from GSL's singular value decomposition. */
static void wanted_least_squares(const gsl_matrix *a, const double *b, double *x)
{
  size_t m = a->size1, n = a->size2;
  gsl_matrix *tall = tall_of(a);
  size_t k = tall->size2;
  gsl_matrix *v = gsl_matrix_alloc(k, k);
  gsl_vector *value = gsl_vector_alloc(k), *work = gsl_vector_alloc(k);
  gsl_linalg_SV_decomp(tall, v, value, work);
  gsl_vector_free(work);
  gsl_matrix *left = m >= n ? tall : v, *right = m >= n ? v : tall;
  memset(x, 0, n * sizeof *x);
  for (size_t r = 0; r < k; r++) {
    if (!(gsl_vector_get(value, r) > 1e-11 * gsl_vector_get(value, 0)))
      continue;
    double along = 0.0;
    for (size_t i = 0; i < m; i++)
      along += gsl_matrix_get(left, i, r) * b[i];
    for (size_t j = 0; j < n; j++)
      x[j] += along / gsl_vector_get(value, r) * gsl_matrix_get(right, j, r);
  }
  gsl_matrix_free(tall);
  gsl_matrix_free(v);
  gsl_vector_free(value);
}

static void least_squares_of_every_shape_and_rank(void **state)
{
  (void)state;
  testudo_i_random random = start(1);
  for (int turn = 0; turn < 300; turn++) {
    size_t m = 1 + testudo_i_random_below(&random, turn % 10 == 0 ? 120 : 30);
    size_t n = 1 + testudo_i_random_below(&random, turn % 10 == 0 ? 120 : 30), most = m > n ? m : n;
    size_t rank = 1 + testudo_i_random_below(&random, m < n ? m : n);
    double by = scales[(size_t)turn % (sizeof scales / sizeof *scales)];
    gsl_matrix *a = random_matrix(&random, m, n, turn % 3 == 0 ? (m < n ? m : n) : rank);
    double *matrix = ours(a, by), b[200] = {0.0}, wanted[200];
    double *room = malloc(testudo_i_least_squares_room((int32_t)m, (int32_t)n) * sizeof *room);
    int32_t pivot[200];
    for (size_t i = 0; i < m; i++)
      b[i] = testudo_i_random_normal(&random);
    wanted_least_squares(a, b, wanted);
    double size = 0.0;
    for (size_t j = 0; j < n; j++)
      size = fmax(size, fabs(wanted[j]));
    assert_ok(testudo_i_least_squares((int32_t)m, (int32_t)n, matrix, b, 1e-12, pivot, room, NULL));
    for (size_t j = 0; j < n; j++)
      assert_near(b[j] * by, wanted[j], 1e-8 * size);
    assert_true(most <= 200);
    gsl_matrix_free(a);
    free(matrix);
    free(room);
  }
}

static void conditions_of_every_shape(void **state)
{
  (void)state;
  testudo_i_random random = start(2);
  for (int turn = 0; turn < 200; turn++) {
    size_t m = 1 + testudo_i_random_below(&random, 60), n = 1 + testudo_i_random_below(&random, 60);
    size_t k = m < n ? m : n;
    double by = scales[(size_t)turn % (sizeof scales / sizeof *scales)];
    gsl_matrix *a = random_matrix(&random, m, n, k), *tall = tall_of(a), *v = gsl_matrix_alloc(k, k);
    gsl_vector *value = gsl_vector_alloc(k);
    gsl_linalg_SV_decomp_jacobi(tall, v, value);
    double wanted = gsl_vector_get(value, 0) / gsl_vector_get(value, k - 1), found, other;
    double *matrix = ours(a, by), *again = ours(a, by), *inverse = malloc(m * n * sizeof *inverse);
    double *work = malloc(testudo_i_condition_room((int32_t)m, (int32_t)n) * sizeof *work);
    double *more = malloc(testudo_i_pseudo_inverse_room((int32_t)m, (int32_t)n) * sizeof *more);
    assert_ok(testudo_i_condition((int32_t)m, (int32_t)n, matrix, &found, work, NULL));
    assert_close(found, wanted, 1e-13 * wanted + 1e-12);
    assert_ok(testudo_i_pseudo_inverse((int32_t)m, (int32_t)n, again, inverse, &other, more, NULL));
    assert_close(other, wanted, 1e-12 * wanted + 1e-12);
    gsl_matrix_free(a);
    gsl_matrix_free(tall);
    gsl_matrix_free(v);
    gsl_vector_free(value);
    free(matrix);
    free(again);
    free(inverse);
    free(work);
    free(more);
  }
}

/* With eigenvalues that are repeated, and with ones that differ by 12 orders of magnitude. */
static void eigenvalues_of_symmetric_matrices(void **state)
{
  (void)state;
  testudo_i_random random = start(3);
  for (size_t n = 1; n <= 90; n += n < 8 ? 1 : 16 + n % 3)
    for (int kind = 0; kind < 3; kind++) {
      gsl_matrix *a = gsl_matrix_calloc(n, n), *half = random_matrix(&random, n, n, kind == 1 ? (n + 2) / 3 : n);
      for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
          double sum = kind == 0 ? gsl_matrix_get(half, i, j) : 0.0;
          for (size_t k = 0; kind > 0 && k < n; k++)
            sum += gsl_matrix_get(half, i, k) * gsl_matrix_get(half, j, k);
          if (kind == 2)
            sum *= pow(10.0, -6.0 * (double)(i + j) / (double)n);
          gsl_matrix_set(a, i, j, sum);
          gsl_matrix_set(a, j, i, sum);
        }
      double *matrix = ours(a, 1.0), *value = malloc(n * sizeof *value), *room = malloc(4 * n * sizeof *room);
      assert_ok(testudo_i_eigenvalues((int32_t)n, matrix, value, room, NULL));
      gsl_eigen_symm_workspace *work = gsl_eigen_symm_alloc(n);
      gsl_vector *wanted = gsl_vector_alloc(n);
      gsl_eigen_symm(a, wanted, work);
      gsl_sort_vector(wanted);
      double size = fmax(fabs(gsl_vector_get(wanted, 0)), fabs(gsl_vector_get(wanted, n - 1)));
      for (size_t k = 0; k < n; k++)
        assert_near(value[k], gsl_vector_get(wanted, k), 1e-13 * size);
      gsl_eigen_symm_free(work);
      gsl_vector_free(wanted);
      gsl_matrix_free(a);
      gsl_matrix_free(half);
      free(matrix);
      free(value);
      free(room);
    }
}

/* The last entry of the eigenvector to the largest eigenvalue, of matrices as Lanczos makes them: from large to nearly
   nothing. */
static void last_entries_of_eigenvectors(void **state)
{
  (void)state;
  testudo_i_random random = start(4);
  for (int turn = 0; turn < 200; turn++) {
    size_t n = 1 + testudo_i_random_below(&random, 40);
    double diagonal[40], beside[40], room[80], drop = testudo_i_random_uniform(&random);
    gsl_matrix *a = gsl_matrix_calloc(n, n), *vectors = gsl_matrix_alloc(n, n);
    for (size_t k = 0; k < n; k++) {
      diagonal[k] = (k == 0 ? 10.0 : 4.0 * drop) + testudo_i_random_uniform(&random);
      beside[k] = 0.2 + 2.0 * testudo_i_random_uniform(&random);
      gsl_matrix_set(a, k, k, diagonal[k]);
      if (k > 0) {
        gsl_matrix_set(a, k, k - 1, beside[k - 1]);
        gsl_matrix_set(a, k - 1, k, beside[k - 1]);
      }
    }
    gsl_vector *values = gsl_vector_alloc(n);
    gsl_eigen_symmv_workspace *work = gsl_eigen_symmv_alloc(n);
    gsl_eigen_symmv(a, values, vectors, work);
    size_t most = gsl_vector_max_index(values);
    testudo_i_tridiagonal_matrix matrix = {(int32_t)n, diagonal, beside};
    double value = testudo_i_largest_eigenvalue(matrix);
    assert_close(value, gsl_vector_get(values, most), 1e-13);
    double wanted = fabs(gsl_matrix_get(vectors, n - 1, most)), found = testudo_i_last_entry(matrix, value, room);
    if (wanted > 1e-9)
      assert_close(found, wanted, 1e-5);
    else
      assert_true(found < 2e-9);
    gsl_eigen_symmv_free(work);
    gsl_vector_free(values);
    gsl_matrix_free(a);
    gsl_matrix_free(vectors);
  }
}

/* Entries that are no numbers are a status; a matrix of zeros has an answer. */
static void what_is_not_finite_is_refused(void **state)
{
  (void)state;
  const double bad[] = {NAN, INFINITY, -INFINITY};
  for (size_t k = 0; k < 3; k++) {
    double room[64], b[2] = {1, 1}, value[2], condition;
    int32_t pivot[2];
    testudo_error error = {""};
    assert_status(testudo_i_solve(2, (double[]){1, 2, bad[k], 3}, b, pivot, NULL, room, &error), TESTUDO_ERROR_SYSTEM);
    assert_string_equal(error.text, "the factorisation of a 2 x 2 matrix failed");
    assert_status(testudo_i_least_squares(2, 2, (double[]){1, 2, bad[k], 3}, b, 1e-13, pivot, room, &error),
                  TESTUDO_ERROR_SYSTEM);
    assert_string_equal(error.text, "the least squares of a 2 x 2 matrix failed");
    assert_status(testudo_i_condition(2, 2, (double[]){1, 2, bad[k], 3}, &condition, room, &error),
                  TESTUDO_ERROR_SYSTEM);
    assert_status(testudo_i_eigenvalues(2, (double[]){1, bad[k], bad[k], 3}, value, room, &error),
                  TESTUDO_ERROR_SYSTEM);
    assert_string_equal(error.text, "the eigenvalues of a symmetric matrix of 2 rows failed");
  }
}

static void matrices_of_zeros_have_answers(void **state)
{
  (void)state;
  double room[64], b[3] = {1, -2, 5}, value[2], condition;
  int32_t pivot[3];
  assert_ok(testudo_i_least_squares(3, 2, (double[6]){0}, b, 1e-13, pivot, room, NULL));
  assert_true(b[0] == 0.0 && b[1] == 0.0);
  assert_ok(testudo_i_least_squares(2, 3, (double[6]){0}, b, 1e-13, pivot, room, NULL));
  assert_true(b[0] == 0.0 && b[1] == 0.0 && b[2] == 0.0);
  assert_ok(testudo_i_condition(2, 2, (double[4]){0}, &condition, room, NULL));
  assert_true(condition == HUGE_VAL);
  assert_ok(testudo_i_condition(2, 2, (double[4]){1.5, 0, 0, 0}, &condition, room, NULL));
  assert_true(condition == HUGE_VAL);
  assert_ok(testudo_i_eigenvalues(2, (double[4]){0}, value, room, NULL));
  assert_true(value[0] == 0.0 && value[1] == 0.0);
  assert_status(testudo_i_solve(2, (double[4]){0}, b, pivot, NULL, room, NULL), TESTUDO_UNDECODABLE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(systems_of_every_size_around_the_blocks),
      cmocka_unit_test(least_squares_of_every_shape_and_rank),
      cmocka_unit_test(conditions_of_every_shape),
      cmocka_unit_test(eigenvalues_of_symmetric_matrices),
      cmocka_unit_test(last_entries_of_eigenvectors),
      cmocka_unit_test(what_is_not_finite_is_refused),
      cmocka_unit_test(matrices_of_zeros_have_answers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
