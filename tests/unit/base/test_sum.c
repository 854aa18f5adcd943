/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include "base/random.h"
#include "base/sum.h"

static void an_empty_sum_is_zero(void **state)
{
  (void)state;
  testudo_i_sum sum = {0};
  assert_near(testudo_i_sum_value(&sum), 0.0, 0.0);
}

/* Neumaier's example, on which plain and Kahan's summation give 0. */
static void small_terms_survive_a_large_one_that_cancels(void **state)
{
  (void)state;
  const double term[] = {1.0, 1e100, 1.0, -1e100};
  testudo_i_sum sum = {0};
  for (int k = 0; k < 4; k++)
    testudo_i_sum_add(&sum, term[k]);
  assert_near(testudo_i_sum_value(&sum), 2.0, 0.0);
}

/* Terms of either order of size: the compensation has two branches. */
static void small_after_large_and_large_after_small_are_both_kept(void **state)
{
  (void)state;
  testudo_i_sum falling = {0}, rising = {0};
  testudo_i_sum_add(&falling, 0x1p60);
  testudo_i_sum_add(&falling, 1.25);
  testudo_i_sum_add(&falling, -0x1p60);
  testudo_i_sum_add(&rising, 1.25);
  testudo_i_sum_add(&rising, 0x1p60);
  testudo_i_sum_add(&rising, -0x1p60);
  assert_near(testudo_i_sum_value(&falling), 1.25, 0.0);
  assert_near(testudo_i_sum_value(&rising), 1.25, 0.0);
}

/* Integers scaled by 2^-60 add up exactly in 128 bits: the second road. */
static void a_million_mixed_terms_equal_integer_arithmetic(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 31, TESTUDO_I_FOR_TEST, 0, 0);
  testudo_i_sum sum = {0};
  __int128 exact = 0;
  double plain = 0.0;
  for (int k = 0; k < 1000000; k++) {
    int64_t integer = (int64_t)(testudo_i_random_word(&random) >> 12) - ((int64_t)1 << 51);
    int shift = (int)testudo_i_random_below(&random, 12) * 5;
    exact += integer * ((__int128)1 << shift);
    double term = ldexp((double)integer, shift - 60);
    testudo_i_sum_add(&sum, term);
    plain += term;
  }
  const __int128 unit = (__int128)1 << 52;
  double wanted = ldexp((double)(int64_t)(exact / unit), 52 - 60) + ldexp((double)(int64_t)(exact % unit), -60);
  assert_close(testudo_i_sum_value(&sum), wanted, 1e-15);
  assert_true(fabs(plain - wanted) > 10.0 * fabs(testudo_i_sum_value(&sum) - wanted)); /* the terms are hard enough */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_empty_sum_is_zero),
      cmocka_unit_test(small_terms_survive_a_large_one_that_cancels),
      cmocka_unit_test(small_after_large_and_large_after_small_are_both_kept),
      cmocka_unit_test(a_million_mixed_terms_equal_integer_arithmetic),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
