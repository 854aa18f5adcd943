/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include "base/random.h"
#include "linalg/dense.h"
#include "linalg/products.h"

enum { MOST = 24 };

typedef struct matrix {
  int32_t rows, columns;
  double at[MOST * MOST]; /* column after column */
} matrix;

static matrix random_matrix(testudo_i_random *random, int32_t rows, int32_t columns)
{
  matrix made = {.rows = rows, .columns = columns};
  for (int32_t e = 0; e < rows * columns; e++)
    made.at[e] = testudo_i_random_normal(random);
  return made;
}

static matrix product(const matrix *a, const matrix *b)
{
  matrix made = {.rows = a->rows, .columns = b->columns};
  for (int32_t r = 0; r < a->rows; r++)
    for (int32_t c = 0; c < b->columns; c++)
      for (int32_t k = 0; k < a->columns; k++)
        made.at[c * a->rows + r] += a->at[k * a->rows + r] * b->at[c * b->rows + k];
  return made;
}

static matrix inverse_of(const matrix *a, double *condition)
{
  matrix made = {.rows = a->columns, .columns = a->rows};
  matrix copy = *a;
  double *work = malloc(testudo_i_pseudo_inverse_room(a->rows, a->columns) * sizeof *work);
  assert_non_null(work);
  assert_ok(testudo_i_pseudo_inverse(a->rows, a->columns, copy.at, made.at, condition, work, NULL));
  free(work);
  return made;
}

static void assert_equal_matrices(const matrix *found, const matrix *wanted, double allowed)
{
  for (int32_t e = 0; e < wanted->rows * wanted->columns; e++)
    assert_near(found->at[e], wanted->at[e], allowed);
}

static void assert_symmetric(const matrix *a, double allowed)
{
  for (int32_t r = 0; r < a->rows; r++)
    for (int32_t c = 0; c < r; c++)
      assert_near(a->at[c * a->rows + r], a->at[r * a->rows + c], allowed);
}

/* The four conditions of Penrose determine the inverse. */
static void assert_penrose(const matrix *a, const matrix *inverse, double allowed)
{
  matrix ai = product(a, inverse), ia = product(inverse, a);
  matrix aia = product(&ai, a), iai = product(&ia, inverse);
  assert_equal_matrices(&aia, a, allowed);
  assert_equal_matrices(&iai, inverse, allowed);
  assert_symmetric(&ai, allowed);
  assert_symmetric(&ia, allowed);
}

static void satisfies_penrose_for_every_shape_up_to_8_by_20(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 3, TESTUDO_I_FOR_TEST, 0, 0);
  for (int32_t rows = 1; rows <= 8; rows++)
    for (int32_t columns = 1; columns <= 20; columns++) {
      matrix a = random_matrix(&random, rows, columns);
      double condition = 0.0;
      matrix inverse = inverse_of(&a, &condition);
      assert_true(condition >= 1.0);
      assert_penrose(&a, &inverse, 1e-12 * condition * condition);
    }
}

static void satisfies_penrose_for_deficient_ranks(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 4, TESTUDO_I_FOR_TEST, 0, 0);
  for (int32_t rank = 1; rank <= 3; rank++) {
    matrix left = random_matrix(&random, 5, rank), right = random_matrix(&random, rank, 7);
    matrix a = product(&left, &right);
    matrix inverse = inverse_of(&a, NULL);
    assert_penrose(&a, &inverse, 1e-11);
  }
}

/* Columns that repeat others, to the last bit or scaled: what rounding leaves of them must not be turned for ever. */
static void satisfies_penrose_for_repeated_columns(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 6, TESTUDO_I_FOR_TEST, 0, 0);
  for (int32_t rows = 1; rows <= 9; rows++)
    for (int32_t columns = 2; columns <= 12; columns++)
      for (int turn = 0; turn < 20; turn++) {
        matrix a = random_matrix(&random, rows, columns);
        for (int32_t c = 1; c < columns; c++) {
          int32_t from = (int32_t)testudo_i_random_below(&random, (uint64_t)c);
          double by = turn % 2 == 0 ? 1.0 : ldexp(1.0, (int)testudo_i_random_below(&random, 6)) / 3.0;
          for (int32_t r = 0; (turn + c) % 3 != 0 && r < rows; r++)
            a.at[c * rows + r] = by * a.at[from * rows + r];
        }
        matrix inverse = inverse_of(&a, NULL);
        assert_penrose(&a, &inverse, 1e-8);
      }
}

static void the_inverse_of_zero_is_zero(void **state)
{
  (void)state;
  matrix a = {.rows = 2, .columns = 3};
  matrix inverse = inverse_of(&a, NULL);
  for (int e = 0; e < 6; e++)
    assert_true(inverse.at[e] == 0.0);
}

static void condition_of_a_scaled_rotation_is_the_ratio_of_its_scales(void **state)
{
  (void)state;
  /* rotation by 0.7 times diag(5, 0.02) */
  matrix a = {.rows = 2, .columns = 2};
  a.at[0] = 5.0 * cos(0.7);
  a.at[1] = 5.0 * sin(0.7);
  a.at[2] = -0.02 * sin(0.7);
  a.at[3] = 0.02 * cos(0.7);
  double condition = 0.0;
  (void)inverse_of(&a, &condition);
  assert_close(condition, 250.0, 1e-12);
  matrix one = {.rows = 1, .columns = 1};
  one.at[0] = -0.37;
  matrix inverse = inverse_of(&one, &condition);
  assert_close(inverse.at[0], -1.0 / 0.37, 1e-15);
  assert_true(condition == 1.0);
}

static void refuses_a_matrix_with_a_nan(void **state)
{
  (void)state;
  double a[] = {1.0, NAN, 2.0, 3.0}, inverse[4] = {0.0}, work[1024];
  assert_true(testudo_i_pseudo_inverse_room(2, 2) <= 1024);
  testudo_error error = {""};
  assert_status(testudo_i_pseudo_inverse(2, 2, a, inverse, NULL, work, &error), TESTUDO_ERROR_SYSTEM);
  assert_string_equal(error.text, "the singular value decomposition of a 2 x 2 matrix failed");
}

static void multiply_equals_the_triple_loop(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 5, TESTUDO_I_FOR_TEST, 0, 0);
  for (int32_t n = 1; n <= MOST; n += 1 + n / 3) {
    matrix a = random_matrix(&random, n, n), b = random_matrix(&random, n, n), c = {.rows = n, .columns = n};
    matrix wanted = product(&a, &b);
    testudo_i_multiply(n, a.at, b.at, c.at);
    assert_equal_matrices(&c, &wanted, 1e-12);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(satisfies_penrose_for_every_shape_up_to_8_by_20),
      cmocka_unit_test(satisfies_penrose_for_deficient_ranks),
      cmocka_unit_test(satisfies_penrose_for_repeated_columns),
      cmocka_unit_test(the_inverse_of_zero_is_zero),
      cmocka_unit_test(condition_of_a_scaled_rotation_is_the_ratio_of_its_scales),
      cmocka_unit_test(refuses_a_matrix_with_a_nan),
      cmocka_unit_test(multiply_equals_the_triple_loop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
