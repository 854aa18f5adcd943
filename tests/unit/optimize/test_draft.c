/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law that draft goes by: against closed forms, with failures, rates and blocks of other sizes. */
#include "unit/exact/cases.h"

#include <testudo/optimize.h>

static testudo_draft_law *law_by(const testudo_delay_model *model, int32_t c, double t)
{
  testudo_assignment assignment;
  testudo_draft_law *law;
  assert_ok(testudo_assignment_frc(6, 6 * c, 3, &assignment, NULL));
  assert_ok(testudo_order_by_slots(&assignment, &(testudo_slot_order){.rule = TESTUDO_SLOTS_DRAFT}, NULL));
  assert_ok(testudo_draft_law_create(&assignment, 1, model, t, NULL, &law, NULL));
  testudo_assignment_free(&assignment);
  return law;
}

/* Scaled, per share: P(X > c t / k). */
static void scaled_laws(void **state)
{
  (void)state;
  static const char *const laws[] = {"exp:1.3", "shifted-exp:0.4,2.1", "pareto:1,1.5", "lognormal:0.1,0.7"};
  for (size_t l = 0; l < sizeof laws / sizeof *laws; l++) {
    testudo_law *x = law_of(laws[l]);
    testudo_delay_model model = {.law = x, .unit = TESTUDO_UNIT_SHARE};
    testudo_draft_law *law = law_by(&model, 4, 2.7);
    assert_near(testudo_draft_law_time(law), 2.7, 0);
    for (int32_t k = 1; k <= 12; k++)
      assert_close(testudo_draft_law_undone(law, k, 4), testudo_law_survival(x, 4 * 2.7 / k), 1e-12);
    testudo_draft_law_free(law);
    testudo_law_free(x);
  }
}

/* Additive exponential chunks: Erlang's law; failed workers are never done. */
static void additive_laws_and_failures(void **state)
{
  (void)state;
  testudo_law *x = law_of("exp:1.7");
  testudo_delay_model model = {.law = x, .structure = TESTUDO_STRUCTURE_ADDITIVE,
                               .failures = TESTUDO_FAILURES_EACH, .fail_prob = 0.2};
  testudo_draft_law *law = law_by(&model, 2, 3.1);
  double term = exp(-1.7 * 3.1), sum = 0;
  for (int32_t k = 1; k <= 6; k++) {
    sum += term;
    term *= 1.7 * 3.1 / k;
    assert_close(testudo_draft_law_undone(law, k, 2), 0.2 + 0.8 * sum, 1e-9);
  }
  testudo_draft_law_free(law);
  model.failures = TESTUDO_FAILURES_EXACTLY;
  model.failed = 3;
  law = law_by(&model, 2, 3.1);
  assert_close(testudo_draft_law_undone(law, 1, 2), 0.5 + 0.5 * exp(-1.7 * 3.1), 1e-9);
  testudo_draft_law_free(law);
  testudo_law_free(x);
}

/* A worker drawn at random: here one half is twice as fast. A block of another size is counted in shares. */
static void rates_and_blocks(void **state)
{
  (void)state;
  static const double rates[6] = {1, 2, 1, 2, 1, 2};
  testudo_law *x = law_of("exp:1");
  testudo_delay_model model = {.law = x, .rates = rates, .workers = 6};
  testudo_draft_law *law = law_by(&model, 3, 1.9);
  for (int32_t k = 1; k <= 9; k++) {
    double wanted = (exp(-1.9 / k) + exp(-2 * 1.9 / k)) / 2;
    assert_close(testudo_draft_law_undone(law, k, 3), wanted, 1e-12);
    assert_close(testudo_draft_law_undone(law, 2 * k, 6), wanted, 1e-12);
  }
  testudo_draft_law_free(law);
  testudo_law_free(x);
}

/* Not given, the time is the .999 quantile of T, the same in every run. */
static void the_time_is_late(void **state)
{
  (void)state;
  testudo_law *x = law_of("exp:1");
  testudo_delay_model model = {.law = x};
  testudo_draft_law *law = law_by(&model, 1, 0), *again = law_by(&model, 1, 0);
  testudo_assignment assignment;
  testudo_latency *latency;
  double wanted;
  assert_ok(testudo_assignment_frc(6, 6, 3, &assignment, NULL));
  assert_ok(testudo_order_by_slots(&assignment, &(testudo_slot_order){.rule = TESTUDO_SLOTS_DRAFT}, NULL));
  testudo_design *design = design_of(TESTUDO_SCHEME_PARTIAL, &assignment, 1);
  assert_ok(testudo_latency_create(design, &model, &plain_options, &latency, NULL));
  wanted = testudo_draft_law_time(law);
  double cdf, upper;
  assert_ok(testudo_latency_cdf(latency, wanted, &cdf, &upper, NULL));
  assert_near(cdf, 0.999, 0.001);
  assert_near(testudo_draft_law_time(again), wanted, 0);
  testudo_latency_free(latency);
  testudo_design_free(design);
  testudo_draft_law_free(law);
  testudo_draft_law_free(again);
  testudo_law_free(x);
}

static void refuses_iterations_that_never_end(void **state)
{
  (void)state;
  testudo_law *x = law_of("exp:1");
  testudo_delay_model model = {.law = x, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 6};
  testudo_assignment assignment;
  testudo_draft_law *law;
  testudo_error error;
  assert_ok(testudo_assignment_frc(6, 6, 3, &assignment, NULL));
  assert_status(testudo_draft_law_create(&assignment, 1, &model, 0, NULL, &law, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "never ends"));
  assert_null(law);
  testudo_draft_law_free(law);
  testudo_assignment_free(&assignment);
  testudo_law_free(x);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(scaled_laws),
      cmocka_unit_test(additive_laws_and_failures),
      cmocka_unit_test(rates_and_blocks),
      cmocka_unit_test(the_time_is_late),
      cmocka_unit_test(refuses_iterations_that_never_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
