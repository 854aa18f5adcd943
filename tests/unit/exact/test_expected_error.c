/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cases.h"

#include "exact/chunk_types.h"

/* docs/theory, check values: delta = 8, matching order, exp:1, exactly 7 of 200 failed; t = 3, 6, 9, 12. */
static void equals_the_published_check_values(void **state)
{
  (void)state;
  const double times[] = {3, 6, 9, 12};
  static const double wanted[3][4] = {{0.1266, 0.00061, 1e-5, -1}, {2.6858, 0.03507, 0.00118, -1},
                                      {19.66498, 0.67532, 0.04033, 0.00404}};
  static const double digit[3][4] = {{1e-4, 1e-5, 1e-5, 0}, {1e-4, 1e-5, 1e-5, 0}, {1e-5, 1e-5, 1e-5, 1e-5}};
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 7};
  for (int32_t parts = 1; parts <= 3; parts++) {
    testudo_design *design = regular_matching(200, 8, parts, 3);
    double mse[4];
    assert_ok(testudo_expected_error(design, &model, times, 4, mse, NULL));
    for (int k = 0; k < 4; k++)
      if (wanted[parts - 1][k] >= 0)
        assert_near(mse[k], wanted[parts - 1][k], 0.51 * digit[parts - 1][k]);
    testudo_design_free(design);
  }
  testudo_law_free(law);
}

static void a_matching_order_is_one_type_however_many_chunks(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_design *design = regular_matching(500, 5, 2, 9);
  testudo_i_chunk_types types;
  assert_ok(testudo_i_chunk_types_init(&types, design, &model, false, NULL));
  assert_int_equal(types.types, 1);
  assert_int_equal(types.type_count[0], 500);
  testudo_i_chunk_types_free(&types);
  assert_ok(testudo_i_chunk_types_init(&types, design, &model, true, NULL));
  assert_int_equal(types.types, 1);
  testudo_i_chunk_types_free(&types);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* Chunk 0 on workers 0, 1, 2 at places 1, 2, 2; chunk 1 on workers 1, 2 at places 1, 1: by all subsets of holders. */
static void unequal_replications_and_rates_equal_the_sum_over_subsets(void **state)
{
  (void)state;
  const int32_t load[] = {1, 2, 2}, order[] = {0, 1, 0, 1, 0};
  const double rates[] = {0.7, 1.9, 1.1}, times[] = {-2, 0, 0.31, 1.07, 5.5, HUGE_VAL};
  static const double place[2][3] = {{1, 2, 2}, {0, 1, 1}};
  testudo_law *law = law_of("exp:1.6");
  testudo_design *design = partial(3, 2, 2, load, order);
  int cases = 0;
  for (int failed = 0; failed <= 3; failed++) {
    testudo_delay_model model = {.law = law, .rates = rates, .workers = 3, .failures = TESTUDO_FAILURES_EXACTLY,
                                 .failed = failed};
    double mse[6];
    assert_ok(testudo_expected_error(design, &model, times, 6, mse, NULL));
    for (int k = 0; k < 6; k++, cases++) {
      double total = 0, sets = 0;
      for (int dead = 0; dead < 8; dead++) {
        if (__builtin_popcount((unsigned)dead) != failed)
          continue;
        sets++;
        for (int chunk = 0; chunk < 2; chunk++)
          for (int done = 0; done < 8; done++) {
            double chance = 1;
            for (int j = 0; j < 3; j++) {
              double x = place[chunk][j] == 0 || dead >> j & 1 ? 0
                         : times[k] <= 0 ? 0 : 1 - exp(-1.6 * rates[j] * times[k] / place[chunk][j]);
              chance *= done >> j & 1 ? x : 1 - x;
            }
            int missing = 2 - __builtin_popcount((unsigned)done);
            total += missing > 0 ? chance * missing : 0;
          }
      }
      assert_near(mse[k], total / sets, 1e-14);
    }
  }
  assert_int_equal(cases, 24);
  testudo_design_free(design);
  testudo_law_free(law);
}

static void independent_failures_leave_their_share_for_ever(void **state)
{
  (void)state;
  testudo_law *law = law_of("deterministic:2");
  testudo_design *design = cyclic(9, 3, 1);
  testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EACH, .fail_prob = 0.3};
  const double times[] = {2, HUGE_VAL};
  double mse[2];
  assert_ok(testudo_expected_error(design, &model, times, 2, mse, NULL));
  assert_close(mse[0], 9 * 0.3, 1e-14);
  assert_close(mse[1], 9 * 0.3 * 0.3 * 0.3, 1e-14);
  assert_ok(testudo_expected_error(design, &model, times, 0, mse, NULL));
  testudo_design_free(design);
  testudo_law_free(law);
}

static void refuses_a_broken_model_and_a_broken_time(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_design *design = cyclic(3, 2, 1);
  testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EACH, .fail_prob = 1.5};
  const double times[] = {1, NAN};
  double mse[2];
  testudo_error error = {""};
  assert_status(testudo_expected_error(design, &model, times, 1, mse, &error), TESTUDO_ERROR_ARGUMENT);
  model.fail_prob = 0.5;
  assert_status(testudo_expected_error(design, &model, times, 2, mse, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "time 1 is not a number");
  testudo_design_free(design);
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equals_the_published_check_values),
      cmocka_unit_test(a_matching_order_is_one_type_however_many_chunks),
      cmocka_unit_test(unequal_replications_and_rates_equal_the_sum_over_subsets),
      cmocka_unit_test(independent_failures_leave_their_share_for_ever),
      cmocka_unit_test(refuses_a_broken_model_and_a_broken_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
