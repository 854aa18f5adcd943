/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparators: the sign, antisymmetry, and no overflow at the ends of the types. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/order.h"

static void reals_sort_both_ways(void **state)
{
  (void)state;
  double up[] = {3.25, -1e300, 0.0, 3.25, 1e-310, HUGE_VAL}, down[6];
  memcpy(down, up, sizeof up);
  qsort(up, 6, sizeof *up, testudo_i_ascending_reals);
  qsort(down, 6, sizeof *down, testudo_i_descending_reals);
  const double right[] = {-1e300, 0.0, 1e-310, 3.25, 3.25, HUGE_VAL};
  for (int k = 0; k < 6; k++) {
    assert_true(up[k] == right[k]);
    assert_true(down[k] == right[5 - k]);
  }
}

/* A difference would overflow. */
static void the_ends_of_the_integers_compare(void **state)
{
  (void)state;
  int32_t least = INT32_MIN, most = INT32_MAX;
  int64_t least64 = INT64_MIN, most64 = INT64_MAX;
  assert_int_equal(testudo_i_ascending_int32(&least, &most), -1);
  assert_int_equal(testudo_i_descending_int32(&least, &most), 1);
  assert_int_equal(testudo_i_ascending_int32(&most, &most), 0);
  assert_int_equal(testudo_i_ascending_int64(&most64, &least64), 1);
  assert_int_equal(testudo_i_ascending_int64(&least64, &most64), -1);
}

/* Against a count one by one, with ties, an empty list and numbers outside. */
static void counts_of_ascending_numbers(void **state)
{
  (void)state;
  const double number[] = {-1.0, 0.0, 0.0, 2.5, 2.5, 2.5, 7.0};
  for (int64_t count = 0; count <= 7; count++)
    for (double x = -2.0; x <= 8.0; x += 0.5) {
      int64_t until = 0;
      for (int64_t k = 0; k < count; k++)
        until += number[k] <= x;
      assert_int_equal(testudo_i_count_until(number, count, x), until);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reals_sort_both_ways),
      cmocka_unit_test(the_ends_of_the_integers_compare),
      cmocka_unit_test(counts_of_ascending_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
