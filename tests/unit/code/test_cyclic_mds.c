/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real cyclic MDS codes over the roots of unity that hold the all-ones word: which exist, by enumeration of all sets of
   roots, and their coefficients, by multiplying the factors out. */
#include "check.h"

#include <complex.h>

#include <testudo/code.h>

#include "code/tandon.h"

static double complex root(int32_t n, int32_t power)
{
  double angle = 2.0 * acos(-1.0) * (double)(power % n) / n;
  return cos(angle) + sin(angle) * I;
}

/* |det| of the s x s matrix of root(n, power[r] * column[c]), by elimination. */
static double determinant(int32_t n, int32_t s, const int32_t *power, const int32_t *column)
{
  double complex a[9][9];
  double size = 1.0;
  for (int32_t r = 0; r < s; r++)
    for (int32_t c = 0; c < s; c++)
      a[r][c] = root(n, power[r] * column[c]);
  for (int32_t c = 0; c < s; c++) {
    int32_t best = c;
    for (int32_t r = c + 1; r < s; r++)
      if (cabs(a[r][c]) > cabs(a[best][c]))
        best = r;
    size *= cabs(a[best][c]);
    if (cabs(a[best][c]) < 1e-12)
      return 0.0;
    for (int32_t q = c; q < s; q++) {
      double complex t = a[c][q];
      a[c][q] = a[best][q];
      a[best][q] = t;
    }
    for (int32_t r = c + 1; r < s; r++) {
      double complex factor = a[r][c] / a[c][c];
      for (int32_t q = c; q < s; q++)
        a[r][q] -= factor * a[c][q];
    }
  }
  return size;
}

static int32_t members(unsigned set, int32_t n, int32_t *member)
{
  int32_t count = 0;
  for (int32_t k = 0; k < n; k++)
    if (set >> k & 1)
      member[count++] = k;
  return count;
}

/* MDS: any s columns of the parity checks are independent. A nonzero determinant of these sizes is far from 0. */
static bool is_mds(int32_t n, unsigned roots)
{
  int32_t power[9], column[9], s = members(roots, n, power);
  for (unsigned set = 0; set < 1u << n; set++)
    if (__builtin_popcount(set) == s) {
      members(set, n, column);
      double size = determinant(n, s, power, column);
      assert_true(size == 0.0 || size > 1e-6);
      if (size == 0.0)
        return false;
    }
  return true;
}

static bool is_real(int32_t n, unsigned roots)
{
  for (int32_t k = 1; k < n; k++)
    if ((roots >> k & 1) != (roots >> (n - k) & 1))
      return false;
  return true;
}

/* Is there a real MDS code with s roots, of which 1 is one (`one`: the all-ones word is then not in it) or not? */
static bool exists(int32_t n, int32_t s, bool one)
{
  for (unsigned roots = 0; roots < 1u << n; roots++)
    if (__builtin_popcount(roots) == s && (roots & 1) == (unsigned)one && is_real(n, roots) && is_mds(n, roots))
      return true;
  return false;
}

static void a_real_code_exists_exactly_when_workers_minus_stragglers_is_odd(void **state)
{
  (void)state;
  int cases = 0, without_ones = 0;
  for (int32_t n = 2; n <= 9; n++)
    for (int32_t s = 1; s < n; s++) {
      double row[9];
      bool odd = (n - s) % 2 == 1;
      assert_int_equal(exists(n, s, false), odd);
      assert_status(testudo_i_cyclic_mds_row(n, s, row, NULL), odd ? TESTUDO_OK : TESTUDO_ERROR_ARGUMENT);
      without_ones += !odd && exists(n, s, true);
      cases++;
    }
  assert_int_equal(cases, 36);
  /* Control: it is the all-ones word that is missing; n and s odd have real MDS codes with the root 1. */
  assert_true(without_ones >= 10);
}

static void coefficients_are_those_of_the_product_of_the_factors(void **state)
{
  (void)state;
  for (int32_t n = 1; n <= 60; n++)
    for (int32_t s = n % 2 == 0 ? 1 : 0; s < n && s <= 24; s += 2) {
      double row[64];
      double complex product[64] = {1.0};
      assert_ok(testudo_i_cyclic_mds_row(n, s, row, NULL));
      for (int32_t k = 0; k < s; k++)
        for (int32_t e = k + 1; e >= 0; e--)
          product[e] = (e > 0 ? product[e - 1] : 0.0) - root(n, (n - s + 1) / 2 + k) * product[e];
      double largest = creal(product[s / 2]);
      assert_true(row[s / 2] == 1.0);
      for (int32_t e = 0; e <= s; e++) {
        assert_true(row[e] > 0.0);
        assert_near(row[e], creal(product[e]) / largest, 1e-9);
        assert_near(0.0, cimag(product[e]) / largest, 1e-9);
      }
    }
}

static void orders_are_followed_and_other_assignments_refused(void **state)
{
  (void)state;
  testudo_assignment assignment;
  testudo_design *design;
  double row[5];
  assert_ok(testudo_assignment_cyclic(9, 5, &assignment, NULL));
  testudo_order_random(&assignment, 3);
  assert_ok(testudo_design_create_cyclic_mds(&assignment, 4, "x", &design, NULL));
  assert_ok(testudo_i_cyclic_mds_row(9, 4, row, NULL));
  assert_string_equal(testudo_design_construction(design), "cyclic-mds");
  int moved = 0;
  for (int32_t j = 0; j < 9; j++)
    for (int32_t k = 0; k < 5; k++) {
      int32_t away = (testudo_design_order(design, j)[k] - j + 9) % 9;
      moved += away != k;
      assert_true(testudo_design_coefficients(design, j)[k] == row[away]);
    }
  assert_true(moved > 9);
  testudo_design_free(design);
  testudo_assignment_free(&assignment);
  testudo_error error = {""};
  assert_ok(testudo_assignment_frc(6, 6, 2, &assignment, NULL));
  assert_status(testudo_design_create_cyclic_mds(&assignment, 1, "x", &design, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "cyclic-mds: for 1 stragglers it needs the cyclic assignment of load 2");
  testudo_assignment_free(&assignment);
  assert_ok(testudo_assignment_cyclic(6, 3, &assignment, NULL));
  assert_status(testudo_design_create_cyclic_mds(&assignment, 2, "x", &design, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "cyclic-mds: 6 workers and 2 stragglers have no real code, workers - stragglers must "
                                  "be odd; use 3 stragglers, or construction cyclic");
  testudo_assignment_free(&assignment);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_real_code_exists_exactly_when_workers_minus_stragglers_is_odd),
      cmocka_unit_test(coefficients_are_those_of_the_product_of_the_factors),
      cmocka_unit_test(orders_are_followed_and_other_assignments_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
