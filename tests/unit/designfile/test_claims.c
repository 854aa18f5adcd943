/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include <testudo/designfile.h>

#include "../runtime/designs.h"

static testudo_claim *proved(const testudo_design *design, size_t wanted)
{
  testudo_claim *claims;
  size_t count;
  testudo_error error = {""};
  if (testudo_design_prove(design, "d.json", &claims, &count, &error) != TESTUDO_OK)
    fail_msg("%s", error.text);
  assert_int_equal(count, wanted);
  return claims;
}

static void assert_claim(const testudo_claim *claim, const char *metric, int32_t level, double value)
{
  assert_string_equal(claim->metric, metric);
  assert_int_equal(claim->level, level);
  assert_near(claim->claimed, value, 0.0);
  assert_near(claim->found, value, 0.0);
  assert_true(claim->known && claim->holds);
}

/* Cyclic, natural order, m = 12, delta = 6: a chunk has places 1..6 once; sum of loads 72. Q^(l) = 72 + sum of the
   7 - l largest of (p - 7): places l.. 6 give p - 7. Row sum at l = 3: 3 + 4 + 5 + 6. Neighbours share 5 chunks. */
static void the_claims_of_a_cyclic_design_are_these(void **state)
{
  (void)state;
  testudo_design *design = cyclic_design(12, 6, 3, 1);
  assert_ok(testudo_design_claim(design, NULL));
  const char *text = testudo_i_design_member(design, "claims");
  assert_string_equal(text, "[{\"metric\":\"q_max\",\"level\":1,\"value\":51},"
                            "{\"metric\":\"q_max\",\"level\":2,\"value\":57},"
                            "{\"metric\":\"q_max\",\"level\":3,\"value\":62},"
                            "{\"metric\":\"row_sum_max\",\"level\":3,\"value\":18},"
                            "{\"metric\":\"max_overlap\",\"value\":5}]");
  testudo_claim *claims = proved(design, 5);
  assert_claim(&claims[0], "q_max", 1, 51);
  assert_claim(&claims[1], "q_max", 2, 57);
  assert_claim(&claims[2], "q_max", 3, 62);
  assert_claim(&claims[3], "row_sum_max", 3, 18);
  assert_claim(&claims[4], "max_overlap", 0, 5);
  free(claims);
  testudo_design_free(design);
}

static void claims_of_random_designs_hold(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 30; seed++) {
    int32_t parts = 1 + (int32_t)(seed % 3);
    testudo_design *design = random_design(7, 9, parts, seed);
    assert_ok(testudo_design_claim(design, NULL));
    testudo_claim *claims = proved(design, (size_t)parts + 2);
    for (int32_t k = 0; k < parts + 2; k++)
      assert_true(claims[k].holds);
    free(claims);
    testudo_design_free(design);
  }
}

static void a_wrong_value_does_not_hold(void **state)
{
  (void)state;
  testudo_design *design = cyclic_design(12, 6, 3, 1);
  assert_ok(testudo_i_design_set_member(design, "claims",
                                        "[{\"metric\":\"q_max\",\"level\":1,\"value\":52},"
                                        "{\"metric\":\"q_max\",\"level\":2,\"value\":57.5},"
                                        "{\"metric\":\"row_sum_max\",\"level\":2,\"value\":18},"
                                        "{\"metric\":\"max_overlap\",\"value\":4}]",
                                        NULL));
  testudo_claim *claims = proved(design, 4);
  const double found[] = {51, 57, 20, 5};
  for (int k = 0; k < 4; k++) {
    assert_near(claims[k].found, found[k], 0.0);
    assert_true(claims[k].known && !claims[k].holds);
  }
  free(claims);
  testudo_design_free(design);
}

static void levels_above_the_replication_are_measured(void **state)
{
  (void)state;
  testudo_design *design = cyclic_design(12, 6, 3, 1);
  assert_ok(testudo_i_design_set_member(design, "claims",
                                        "[{\"metric\":\"q_max\",\"level\":16777216,\"value\":72},"
                                        "{\"metric\":\"q_max\",\"level\":7,\"value\":72},"
                                        "{\"metric\":\"q_max\",\"level\":6,\"value\":71},"
                                        "{\"metric\":\"row_sum_max\",\"level\":7,\"value\":0},"
                                        "{\"metric\":\"row_sum_max\",\"level\":100,\"value\":0},"
                                        "{\"metric\":\"row_sum_max\",\"level\":6,\"value\":6}]",
                                        NULL));
  testudo_claim *claims = proved(design, 6);
  for (int k = 0; k < 6; k++)
    assert_true(claims[k].holds);
  free(claims);
  testudo_design_free(design);
}

static void an_unknown_metric_is_not_known_and_does_not_hold(void **state)
{
  (void)state;
  testudo_design *design = cyclic_design(5, 2, 1, 1);
  assert_ok(testudo_i_design_set_member(
      design, "claims", "[{\"metric\":\"a name that is longer than thirty-one bytes\",\"value\":0}]", NULL));
  testudo_claim *claims = proved(design, 1);
  assert_string_equal(claims[0].metric, "a name that is longer than thir");
  assert_false(claims[0].known || claims[0].holds);
  free(claims);
  testudo_design_free(design);
}

static void a_design_without_claims_has_none(void **state)
{
  (void)state;
  testudo_design *design = cyclic_design(5, 2, 1, 1);
  free(proved(design, 0));
  testudo_design_free(design);
}

static void refuses_what_is_no_list_of_claims(void **state)
{
  (void)state;
  static const char *const broken[][2] = {
      {"{\"metric\":1}", "d.json: claims: is an object, but must be an array"},
      {"[7]", "d.json: claims[0]: is an integer, but must be an object"},
      {"[{\"metric\":\"max_overlap\",\"value\":1},{}]", "d.json: claims[1].metric: missing"},
      {"[{\"metric\":3,\"value\":1}]", "d.json: claims[0].metric: is an integer, but must be a string"},
      {"[{\"metric\":\"max_overlap\"}]", "d.json: claims[0].value: must be a number"},
      {"[{\"metric\":\"max_overlap\",\"value\":\"1\"}]", "d.json: claims[0].value: must be a number"},
      {"[{\"metric\":\"q_max\",\"value\":1}]", "d.json: claims[0].level: missing"},
      {"[{\"metric\":\"row_sum_max\",\"value\":1,\"level\":0}]",
       "d.json: claims[0].level: 0, but it must be in 1..16777216"},
      {"[{\"metric\":\"q_max\",\"value\":1,\"level\":1.0}]",
       "d.json: claims[0].level: is a number with point or exponent, but must be an integer"},
  };
  testudo_design *design = cyclic_design(5, 2, 1, 1);
  for (size_t k = 0; k < sizeof broken / sizeof *broken; k++) {
    testudo_claim *claims = (testudo_claim *)&claims;
    size_t count = 7;
    testudo_error error = {""};
    assert_ok(testudo_i_design_set_member(design, "claims", broken[k][0], NULL));
    assert_status(testudo_design_prove(design, "d.json", &claims, &count, &error), TESTUDO_ERROR_INPUT);
    assert_string_equal(error.text, broken[k][1]);
    assert_null(claims);
    assert_int_equal(count, 0);
  }
  testudo_design_free(design);
}

/* Cyclic, 5 workers of 2 chunks: the singular values are |1 + w^k|, the second 2 cos(pi / 5); neighbours meet once, the
   others never, and d d' / m = 0.8. */
static void families_claim_spectrum_and_balance_to_ten_digits(void **state)
{
  (void)state;
  testudo_design *design = cyclic_design(5, 2, 1, 1);
  assert_ok(testudo_design_claim_family(design, TESTUDO_CLAIM_BALANCE, NULL));
  assert_non_null(strstr(testudo_i_design_member(design, "claims"), "\"spectral_gap\",\"value\":0.381966"));
  testudo_claim *claims = proved(design, 6);
  assert_string_equal(claims[3].metric, "second_singular_value");
  assert_near(claims[3].claimed, 1.6180339887498949, 1e-9);
  assert_near(claims[3].found, 1.6180339887498949, 1e-13);
  assert_near(claims[4].found, 0.3819660112501051, 1e-13);
  assert_near(claims[5].found, 0.8, 1e-15);
  for (int k = 0; k < 6; k++)
    assert_true(claims[k].known && claims[k].holds);
  free(claims);
  assert_ok(testudo_design_claim_family(design, TESTUDO_CLAIM_SPECTRUM, NULL));
  free(proved(design, 5));
  assert_ok(testudo_i_design_set_member(
      design, "claims",
      "[{\"metric\":\"spectral_gap\",\"value\":0.381967},{\"metric\":\"spectral_gap\",\"value\":0.38197}]", NULL));
  claims = proved(design, 2);
  assert_true(claims[0].holds && !claims[1].holds && claims[1].known);
  free(claims);
  testudo_design_free(design);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_claims_of_a_cyclic_design_are_these),
      cmocka_unit_test(claims_of_random_designs_hold),
      cmocka_unit_test(families_claim_spectrum_and_balance_to_ten_digits),
      cmocka_unit_test(a_wrong_value_does_not_hold),
      cmocka_unit_test(levels_above_the_replication_are_measured),
      cmocka_unit_test(an_unknown_metric_is_not_known_and_does_not_hold),
      cmocka_unit_test(a_design_without_claims_has_none),
      cmocka_unit_test(refuses_what_is_no_list_of_claims),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
