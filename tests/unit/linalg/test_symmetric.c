/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "linalg/symmetric.h"
#include "linalg/tridiagonal.h"

#include "check.h"

#include "base/random.h"

/* The path's Laplacian: eigenvalues 2 - 2 cos(pi k / n). */
static void path_product(void *context, const double *x, double *y)
{
  int32_t n = *(const int32_t *)context;
  for (int32_t i = 0; i < n; i++) {
    y[i] = 0.0;
    if (i > 0)
      y[i] += x[i] - x[i - 1];
    if (i + 1 < n)
      y[i] += x[i] - x[i + 1];
  }
}

static double path_value(int32_t n, int32_t k)
{
  return 2.0 - 2.0 * cos(3.14159265358979323846 * k / n);
}

static void dense_values_of_the_path(void **state)
{
  (void)state;
  enum { MOST = 40 };
  static double a[MOST * MOST], value[MOST], room[4 * MOST];
  for (int32_t n = 1; n <= MOST; n++) {
    double unit[MOST] = {0.0};
    for (int32_t k = 0; k < n; k++) {
      unit[k] = 1.0;
      path_product(&n, unit, a + k * n);
      unit[k] = 0.0;
    }
    assert_ok(testudo_i_eigenvalues(n, a, value, room, NULL));
    for (int32_t k = 0; k < n; k++)
      assert_near(value[k], path_value(n, k), 1e-13);
  }
}

static void draw_start(double *start, int32_t n, uint64_t seed)
{
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_TEST, 20, 0);
  for (int32_t i = 0; i < n; i++)
    start[i] = testudo_i_random_normal(&random);
}

static void lanczos_finds_the_largest_of_the_path(void **state)
{
  (void)state;
  enum { MOST = 60 };
  double start[MOST];
  for (int32_t n = 1; n <= MOST; n++) {
    testudo_i_largest largest;
    draw_start(start, n, (uint64_t)n);
    assert_ok(testudo_i_lanczos(n, path_product, &n, 100, start, NULL, &largest, NULL));
    assert_near(largest.value, path_value(n, n - 1), 1e-9);
    assert_true(largest.upper >= largest.value && largest.steps <= 100);
  }
}

/* So few steps that the found value is too small: the upper end must not be. 200 starts; one in 10^6 may miss it. */
static void upper_end_holds_after_few_steps(void **state)
{
  (void)state;
  int32_t n = 400;
  double start[400];
  int short_of = 0;
  for (uint64_t seed = 0; seed < 200; seed++) {
    testudo_i_largest largest;
    draw_start(start, n, seed);
    assert_ok(testudo_i_lanczos(n, path_product, &n, 24, start, NULL, &largest, NULL));
    short_of += largest.value < path_value(n, n - 1) * (1.0 - 1e-6);
    assert_true(largest.upper >= path_value(n, n - 1));
    assert_true(largest.upper < 1.5 * largest.value);
    assert_near(largest.fails, 1e-6, 1e-20);
  }
  assert_true(short_of > 100);
}

/* A start in a subspace that the matrix keeps to itself sees the eigenvalues of that subspace only: on vectors that the
   path's reflection turns around, the largest is that of k = n - 1 or n - 2. */
static void a_start_in_a_subspace_stays_in_it(void **state)
{
  (void)state;
  int32_t n = 30;
  double start[30];
  for (int odd = 0; odd < 2; odd++) {
    testudo_i_largest largest;
    draw_start(start, n, 9);
    for (int32_t i = 0; i < n / 2; i++)
      start[n - 1 - i] = odd ? -start[i] : start[i];
    assert_ok(testudo_i_lanczos(n, path_product, &n, 60, start, NULL, &largest, NULL));
    assert_near(largest.value, path_value(n, odd ? n - 1 : n - 2), 1e-9);
  }
}

/* The eigenvector of 5 lies in the middle row but for 1e-6 / 4 in its neighbours, and the square of that in the last:
   pivots that run through the middle have lost it. */
static void last_entries_are_found_from_the_row_that_is_large(void **state)
{
  (void)state;
  const double diagonal[5] = {1, 1, 5, 1, 1}, beside[4] = {1e-6, 1e-6, 1e-6, 1e-6};
  double room[10];
  const testudo_i_tridiagonal_matrix matrix = {5, diagonal, beside};
  assert_close(testudo_i_last_entry(matrix, 5.0 + 2 * (1e-12 / 4), room), 1e-12 / 16, 1e-9);
}

static void nothing_has_no_eigenvalue(void **state)
{
  (void)state;
  int32_t n = 4;
  double start[4] = {0.0, 0.0, 0.0, 0.0};
  testudo_i_largest largest;
  assert_ok(testudo_i_lanczos(n, path_product, &n, 10, start, NULL, &largest, NULL));
  assert_true(largest.value == 0.0 && largest.upper == 0.0 && largest.steps == 0);
}

static bool stop_at_the_fifth(void *context, double fraction)
{
  (void)fraction;
  return ++*(int *)context < 5;
}

static void lanczos_can_be_stopped(void **state)
{
  (void)state;
  int32_t n = 400;
  double start[400];
  int asked = 0;
  const testudo_monitor monitor = {stop_at_the_fifth, &asked};
  testudo_i_largest largest;
  draw_start(start, n, 1);
  assert_status(testudo_i_lanczos(n, path_product, &n, 100, start, &monitor, &largest, NULL), TESTUDO_INTERRUPTED);
  assert_int_equal(asked, 5);
  assert_int_equal(largest.steps, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(dense_values_of_the_path),
      cmocka_unit_test(lanczos_finds_the_largest_of_the_path),
      cmocka_unit_test(upper_end_holds_after_few_steps),
      cmocka_unit_test(a_start_in_a_subspace_stays_in_it),
      cmocka_unit_test(last_entries_are_found_from_the_row_that_is_large),
      cmocka_unit_test(nothing_has_no_eigenvalue),
      cmocka_unit_test(lanczos_can_be_stopped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
