/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include "base/random.h"

static void equals_the_published_known_answer_of_threefry(void **state)
{
  (void)state;
  /* Random123's kat_vectors: threefry4x64 20 rounds, counter and key all zero. */
  testudo_i_random random = {.used = 4};
  assert_true(testudo_i_random_word(&random) == UINT64_C(0x09218ebde6c85537));
  assert_true(testudo_i_random_word(&random) == UINT64_C(0x55941f5266d86105));
  assert_true(testudo_i_random_word(&random) == UINT64_C(0x4bd25e16282434dc));
  assert_true(testudo_i_random_word(&random) == UINT64_C(0xee29ec846bd2e40b));
}

static void a_named_stream_gives_its_blocks_in_order(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 77, TESTUDO_I_FOR_TEST, 5, 6);
  for (uint64_t block = 0; block < 3; block++) {
    uint64_t word[4];
    testudo_i_random_block(77, TESTUDO_I_FOR_TEST, 5, 6, block, word);
    for (int k = 0; k < 4; k++)
      assert_true(word[k] == testudo_i_random_word(&random));
  }
}

static void uniforms_stay_inside_the_open_interval(void **state)
{
  (void)state;
  assert_true(testudo_i_uniform_of(0) > 0.0);
  assert_true(testudo_i_uniform_of(UINT64_MAX) < 1.0);
  assert_near(testudo_i_uniform_of(0) + testudo_i_uniform_of(UINT64_MAX), 1.0, 0.0);
}

static void below_is_uniform_within_six_sigma(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 1, TESTUDO_I_FOR_TEST, 0, 0);
  long long count[7] = {0};
  const long long draws = 700000;
  for (long long k = 0; k < draws; k++)
    count[testudo_i_random_below(&random, 7)]++;
  /* Fixed seed; for a fresh one 7 tests at 6 sigma would fail with probability 1.4e-8. */
  for (int k = 0; k < 7; k++)
    assert_near((double)count[k], 1e5, 6.0 * sqrt(1e5 * 6.0 / 7.0));
}

static void normals_have_mean_0_and_variance_1_within_six_sigma(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 2, TESTUDO_I_FOR_TEST, 0, 0);
  double sum = 0, square = 0;
  const int draws = 400000;
  for (int k = 0; k < draws; k++) {
    double z = testudo_i_random_normal(&random);
    sum += z;
    square += z * z;
  }
  assert_near(sum / draws, 0.0, 6.0 / sqrt(draws));
  assert_near(square / draws, 1.0, 6.0 * sqrt(2.0 / draws));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equals_the_published_known_answer_of_threefry),
      cmocka_unit_test(a_named_stream_gives_its_blocks_in_order),
      cmocka_unit_test(uniforms_stay_inside_the_open_interval),
      cmocka_unit_test(below_is_uniform_within_six_sigma),
      cmocka_unit_test(normals_have_mean_0_and_variance_1_within_six_sigma),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
