/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include "base/random.h"
#include "linalg/solve.h"

static void fill(testudo_i_random *random, double *value, size_t count)
{
  for (size_t k = 0; k < count; k++)
    value[k] = testudo_i_random_normal(random);
}

static void solutions_put_back_give_the_right_side(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 3, TESTUDO_I_FOR_TEST, 1, 0);
  for (int32_t n = 1; n <= 12; n++) {
    double a[144], kept[144], b[12], x[12], room[60], reciprocal;
    int32_t pivot[12];
    fill(&random, a, (size_t)(n * n));
    fill(&random, b, (size_t)n);
    memcpy(kept, a, sizeof a);
    memcpy(x, b, sizeof b);
    assert_ok(testudo_i_solve(n, a, x, pivot, &reciprocal, room, NULL));
    assert_true(reciprocal > 0 && reciprocal <= 1);
    for (int32_t i = 0; i < n; i++) {
      double sum = 0;
      for (int32_t k = 0; k < n; k++)
        sum += kept[k * n + i] * x[k];
      assert_near(sum, b[i], 1e-12 / reciprocal);
    }
  }
}

static void a_singular_system_is_an_answer_not_a_number(void **state)
{
  (void)state;
  double a[4] = {1.5, -3.0, 0.5, -1.0}, b[2] = {1, 2}, room[10];
  int32_t pivot[2];
  assert_status(testudo_i_solve(2, a, b, pivot, NULL, room, NULL), TESTUDO_UNDECODABLE);
}

/* diag(1, 1e-12): the estimate of 1 / cond is exact for diagonal matrices. */
static void the_condition_of_a_diagonal_matrix_is_its_spread(void **state)
{
  (void)state;
  double a[4] = {1, 0, 0, 1e-12}, b[2] = {1, 1}, room[10], reciprocal;
  int32_t pivot[2];
  assert_ok(testudo_i_solve(2, a, b, pivot, &reciprocal, room, NULL));
  assert_close(reciprocal, 1e-12, 1e-10);
}

/* The residual is orthogonal to the columns, and among all minimisers x is the shortest: orthogonal to the null space,
   here known because a column is repeated. */
static void least_squares_meet_the_normal_equations_with_least_norm(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 4, TESTUDO_I_FOR_TEST, 1, 0);
  const int32_t shape[][2] = {{5, 3}, {7, 7}, {3, 6}, {1, 1}, {9, 2}};
  for (size_t s = 0; s < sizeof shape / sizeof *shape; s++) {
    int32_t m = shape[s][0], n = shape[s][1], most = m > n ? m : n, pivot[8];
    double a[63], kept[63], b[9] = {0}, right[9] = {0}, room[700];
    fill(&random, a, (size_t)(m * n));
    if (n > 1)
      memcpy(a + (n - 1) * m, a, (size_t)m * sizeof *a);
    fill(&random, right, (size_t)m);
    memcpy(kept, a, sizeof a);
    memcpy(b, right, sizeof b);
    assert_true(testudo_i_least_squares_room(m, n) <= 700);
    assert_ok(testudo_i_least_squares(m, n, a, b, 1e-13, pivot, room, NULL));
    for (int32_t i = 0; i < m; i++)
      for (int32_t k = 0; k < n; k++)
        right[i] -= kept[k * m + i] * b[k];
    for (int32_t k = 0; k < n; k++) {
      double dot = 0;
      for (int32_t i = 0; i < m; i++)
        dot += kept[k * m + i] * right[i];
      assert_near(dot, 0, 1e-12);
    }
    if (n > 1)
      assert_near(b[0], b[n - 1], 1e-12);
    assert_true(most <= 9);
  }
}

/* Of two columns that hardly leave the first one, the one that leaves it is to be found, though all digits of what the
   others have left are lost when the first is taken off. */
static void columns_that_hardly_differ_are_told_apart(void **state)
{
  (void)state;
  double a[12] = {1, 0.5, 0, 0, 0.999, 0.4995, 0, 0, 0.998, 0.499, 0, 1e-9}, b[4] = {0.998, 0.499, 0, 1e-9}, room[60];
  double kept[12];
  int32_t pivot[3];
  memcpy(kept, a, sizeof a);
  assert_true(testudo_i_least_squares_room(4, 3) <= 60);
  assert_ok(testudo_i_least_squares(4, 3, a, b, 1e-12, pivot, room, NULL));
  double last = kept[3] * b[0] + kept[7] * b[1] + kept[11] * b[2];
  assert_close(last, 1e-9, 1e-6);
  assert_int_equal(pivot[1], 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(solutions_put_back_give_the_right_side),
      cmocka_unit_test(a_singular_system_is_an_answer_not_a_number),
      cmocka_unit_test(the_condition_of_a_diagonal_matrix_is_its_spread),
      cmocka_unit_test(least_squares_meet_the_normal_equations_with_least_norm),
      cmocka_unit_test(columns_that_hardly_differ_are_told_apart),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
