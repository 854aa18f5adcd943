/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims of searches, written and proved again. */
#include "orders.h"

#include <testudo/exact.h>

#include "designfile/claims.h"

static testudo_design *claiming(int32_t level, double proved, const char *more)
{
  testudo_design *design = cyclic_design(12, 6);
  testudo_search_result result = {.after = (double)brute_q_max_of(design, level), .proved = proved};
  assert_ok(testudo_design_claim(design, NULL));
  assert_ok(testudo_search_claim_q_max(design, level, &result, NULL));
  if (more != NULL)
    assert_ok(testudo_i_design_add_claim(design, more, NULL));
  return design;
}

static void bounds_hold_up_to_what_is_proved(void **state)
{
  (void)state;
  for (int value = 60; value <= 62; value++) {
    testudo_design *design = claiming(3, value, NULL);
    testudo_claim *claims;
    size_t count;
    assert_ok(testudo_search_prove(design, "d", NULL, &claims, &count, NULL));
    assert_int_equal(count, 5); /* q_max, row_sum_max, max_overlap, q_max at level 3, its bound */
    for (size_t k = 0; k < 4; k++)
      assert_true(claims[k].known && claims[k].holds);
    assert_string_equal(claims[3].metric, "q_max");
    assert_int_equal(claims[3].level, 3);
    assert_string_equal(claims[4].metric, "q_max_bound");
    assert_int_equal(claims[4].level, 3);
    assert_true(claims[4].known);
    assert_true(claims[4].claimed == value);
    assert_true(claims[4].found == 61.0);
    assert_int_equal(claims[4].holds, value <= 61);
    free(claims);
    testudo_design_free(design);
  }
}

static void levels_within_the_parts_claim_their_bound_only(void **state)
{
  (void)state;
  testudo_design *design = claiming(1, 51.0, NULL);
  testudo_claim *claims;
  size_t count;
  assert_ok(testudo_search_prove(design, "d", NULL, &claims, &count, NULL));
  assert_int_equal(count, 4);
  assert_string_equal(claims[3].metric, "q_max_bound");
  assert_true(claims[3].holds);
  free(claims);
  testudo_design_free(design);
}

static void nothing_proved_is_not_claimed(void **state)
{
  (void)state;
  testudo_design *design = claiming(2, NAN, NULL);
  testudo_claim *claims;
  size_t count;
  assert_ok(testudo_search_prove(design, "d", NULL, &claims, &count, NULL));
  assert_int_equal(count, 4);
  assert_string_equal(claims[3].metric, "q_max");
  free(claims);
  testudo_design_free(design);
}

static void levels_beyond_the_replication_have_the_sum_of_loads(void **state)
{
  (void)state;
  testudo_design *design = claiming(7, 72.0, "{\"metric\":\"q_max_bound\",\"level\":900,\"value\":73}");
  testudo_claim *claims;
  size_t count;
  assert_ok(testudo_search_prove(design, "d", NULL, &claims, &count, NULL));
  assert_int_equal(count, 6);
  assert_true(claims[4].holds);
  assert_true(claims[5].known && !claims[5].holds);
  assert_true(claims[5].found == 72.0);
  free(claims);
  testudo_design_free(design);
}

/* Claims of times are measured again: what a search found holds, a thousandth beside it does not. */
static void claims_of_latency_hold_where_they_are_true(void **state)
{
  (void)state;
  static const testudo_objective objective[] = {{.kind = TESTUDO_OBJECTIVE_MEAN},
                                                {.kind = TESTUDO_OBJECTIVE_QUANTILE, .at = 0.9}};
  testudo_law *law;
  assert_ok(testudo_law_parse("exp:1", &law, NULL));
  const testudo_delay_model model = {.law = law};
  for (int c = 0; c < 4; c++) {
    bool wrong = c % 2 == 1;
    const testudo_latency_goal goal = {.objective = objective[c / 2], .model = &model};
    testudo_design *design = claiming(3, 61.0, NULL);
    testudo_latency *latency;
    testudo_summary summary;
    double after, upper;
    const testudo_analysis_options options = {TESTUDO_REPORT_CHUNK, 100000, 1e-10, NULL};
    assert_ok(testudo_latency_create(design, &model, &options, &latency, NULL));
    assert_ok(testudo_latency_summary(latency, &summary, NULL));
    assert_ok(testudo_latency_quantile(latency, 0.9, &after, &upper, NULL));
    after = c / 2 == 0 ? summary.mean : after;
    const testudo_search_result result = {.after = after * (wrong ? 1.001 : 1.0)};
    assert_ok(testudo_search_claim_latency(design, &goal, &result, NULL));
    testudo_claim *claims;
    size_t count;
    assert_ok(testudo_search_prove(design, "d", NULL, &claims, &count, NULL));
    assert_true(claims[count - 1].known);
    assert_close(claims[count - 1].found, after, 1e-8);
    assert_int_equal(claims[count - 1].holds, !wrong);
    free(claims);
    testudo_latency_free(latency);
    testudo_design_free(design);
  }
  testudo_law_free(law);
}

static void other_modules_do_not_know_them(void **state)
{
  (void)state;
  testudo_design *design = claiming(3, 61.0, "{\"metric\":\"beauty\",\"value\":1}");
  testudo_claim *claims;
  size_t count;
  assert_ok(testudo_search_prove(design, "d", NULL, &claims, &count, NULL));
  assert_false(claims[5].known || claims[5].holds);
  free(claims);
  assert_ok(testudo_design_prove(design, "d", &claims, &count, NULL));
  assert_false(claims[4].known || claims[4].holds);
  free(claims);
  testudo_design_free(design);
}

static void a_bound_without_level_is_refused(void **state)
{
  (void)state;
  testudo_design *design = claiming(3, 61.0, "{\"metric\":\"q_max_bound\",\"value\":1}");
  testudo_claim *claims;
  size_t count;
  testudo_error error;
  assert_status(testudo_search_prove(design, "d", NULL, &claims, &count, &error), TESTUDO_ERROR_INPUT);
  assert_non_null(strstr(error.text, "claims[5]"));
  assert_null(claims);
  testudo_design_free(design);
}

static bool never(void *context, double fraction)
{
  (void)context;
  (void)fraction;
  return false;
}

static void proving_can_be_stopped(void **state)
{
  (void)state;
  testudo_design *design = claiming(3, 61.0, NULL);
  testudo_claim *claims;
  size_t count;
  testudo_error error;
  testudo_monitor monitor = {never, NULL};
  assert_status(testudo_search_prove(design, "d", &monitor, &claims, &count, &error), TESTUDO_INTERRUPTED);
  assert_string_equal(error.text, "interrupted while proving a claim");
  assert_null(claims);
  testudo_design_free(design);
}

static void the_first_claim_of_a_design_may_be_added(void **state)
{
  (void)state;
  testudo_design *design = cyclic_design(12, 6);
  testudo_claim *claims;
  size_t count;
  assert_ok(testudo_i_design_add_claim(design, "{\"metric\":\"q_max_bound\",\"level\":3,\"value\":61}", NULL));
  assert_ok(testudo_search_prove(design, "d", NULL, &claims, &count, NULL));
  assert_int_equal(count, 1);
  assert_true(claims[0].holds);
  free(claims);
  testudo_design_free(design);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bounds_hold_up_to_what_is_proved),
      cmocka_unit_test(levels_within_the_parts_claim_their_bound_only),
      cmocka_unit_test(nothing_proved_is_not_claimed),
      cmocka_unit_test(levels_beyond_the_replication_have_the_sum_of_loads),
      cmocka_unit_test(claims_of_latency_hold_where_they_are_true),
      cmocka_unit_test(other_modules_do_not_know_them),
      cmocka_unit_test(a_bound_without_level_is_refused),
      cmocka_unit_test(proving_can_be_stopped),
      cmocka_unit_test(the_first_claim_of_a_design_may_be_added),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
