/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantiles and E[min(T, t)] against closed forms: far out on either side, where the law is narrow, and where it is so
   flat that they cannot be known. */
#include "check.h"

#include "base/random.h"
#include "unit/exact/cases.h"

typedef struct one_law {
  testudo_law *law;
  testudo_delay_model model;
  testudo_design *design;
  testudo_latency *latency;
} one_law;

static void setup_law(one_law *of, const char *text, int32_t workers)
{
  of->law = law_of(text);
  of->model = (testudo_delay_model){.law = of->law};
  of->design = uncoded(workers, workers);
  of->latency = latency_with(of->design, &of->model, &plain_options);
}

static void drop_law(one_law *of)
{
  testudo_latency_free(of->latency);
  testudo_design_free(of->design);
  testudo_law_free(of->law);
}

static void quantiles_keep_twelve_digits_on_both_sides(void **state)
{
  (void)state;
  for (int32_t workers = 1; workers <= 10000; workers *= 100) {
    one_law exponential, narrow;
    setup_law(&exponential, "exp:1", workers);
    setup_law(&narrow, "weibull:1000,3", workers);
    for (int k = -40; k <= 40; k++) {
      /* log q and log 1 - q, exactly those of the double. */
      double q = k <= 0 ? ldexp(1.0, k - 1) : 1.0 - ldexp(1.0, -k - 1);
      double logarithm = k <= 0 ? (k - 1) * log(2.0) : log1p(-ldexp(1.0, -k - 1)), lower, upper;
      double late = -log(-expm1(logarithm / workers));
      assert_ok(testudo_latency_quantile(exponential.latency, q, &lower, &upper, NULL));
      assert_close(lower, late, 1e-12);
      assert_true(lower == upper);
      assert_ok(testudo_latency_quantile(narrow.latency, q, &lower, &upper, NULL));
      assert_close(lower, 3.0 * pow(late, 1e-3), 1e-14);
      assert_true(lower == upper);
    }
    drop_law(&exponential);
    drop_law(&narrow);
  }
}

static void a_flat_law_leaves_its_quantile_open(void **state)
{
  (void)state;
  one_law of;
  double lower, upper;
  setup_law(&of, "mixture:0.1,shifted-exp:1000,1,shifted-exp:1,1000", 1);
  assert_ok(testudo_latency_quantile(of.latency, 0.9, &lower, &upper, NULL));
  assert_true(lower < 1.04 && lower > 1.03 && upper >= 1000.0 && upper < 1000.0 + 1e-12);
  /* As soon as q is off by more than rounding it is sharp again. */
  assert_ok(testudo_latency_quantile(of.latency, 0.9 - 0.9e-6, &lower, &upper, NULL));
  assert_true(lower == upper);
  assert_near(upper, 1.0 + 1e-3 * log(1e6), 1e-9);
  assert_ok(testudo_latency_quantile(of.latency, 0.9 + 0.1e-6, &lower, &upper, NULL));
  assert_true(upper - lower <= 1e-12 * upper);
  assert_near(upper, 1000.0 - log1p(-1e-6), 1e-8);
  drop_law(&of);
}

static void a_quantile_that_is_reached_at_a_jump_is_the_jump(void **state)
{
  (void)state;
  one_law of;
  double lower, upper;
  setup_law(&of, "mixture:0.9,deterministic:1,deterministic:2", 1);
  assert_ok(testudo_latency_quantile(of.latency, 0.9, &lower, &upper, NULL));
  assert_true(lower == 1.0 && upper == 1.0);
  assert_ok(testudo_latency_quantile(of.latency, 0.9 + 1e-12, &lower, &upper, NULL));
  assert_true(lower == 2.0 && upper == 2.0);
  drop_law(&of);
  setup_law(&of, "mixture:0.99999,deterministic:1,deterministic:2", 1);
  assert_ok(testudo_latency_quantile(of.latency, 0.99999, &lower, &upper, NULL));
  assert_true(lower == 1.0 && upper == 1.0);
  drop_law(&of);
}

static void capped(const one_law *of, double t, double wanted)
{
  double lower, upper, error;
  assert_ok(testudo_latency_capped(of->latency, t, &lower, &upper, &error, NULL));
  assert_true(lower == upper && error <= 2e-9 * wanted);
  assert_near(lower, wanted, error);
}

static void capped_times_are_true_to_their_errors(void **state)
{
  (void)state;
  one_law of;
  testudo_i_random random;
  testudo_i_random_start(&random, 2, TESTUDO_I_FOR_TEST, 0, 0);
  setup_law(&of, "exp:1", 1);
  for (int k = 0; k < 200; k++) {
    double t = pow(10.0, 12.0 * testudo_i_random_uniform(&random) - 8.0);
    capped(&of, t, -expm1(-t));
  }
  drop_law(&of);
  setup_law(&of, "mixture:0.1,shifted-exp:1000,1,shifted-exp:1,1000", 1);
  capped(&of, 0.5, 0.5);
  capped(&of, 1.0, 1.0);
  capped(&of, 1.001, 0.1 * 1.001 + 0.9 * (1.0 - 1e-3 * expm1(-1.0)));
  capped(&of, 500.0, 50.0 + 0.9 * 1.001);
  capped(&of, 1001.0, 0.1 * (1000.0 - expm1(-1.0)) + 0.9 * 1.001);
  capped(&of, 1e9, 101.0009);
  drop_law(&of);
  /* Narrow: 10 of them are done, or not. */
  setup_law(&of, "weibull:1000,1", 10);
  capped(&of, 0.9, 0.9);
  drop_law(&of);
}

/* No time reaches P(T finite) itself, whatever its digits round to; just below it the quantile is a time, just above
   there is none. */
static void the_share_that_is_ever_done_has_no_quantile(void **state)
{
  (void)state;
  const double fail_prob[] = {0.1, 0.3, 0.7, 1e-3};
  testudo_law *law = law_of("exp:1");
  testudo_design *one = uncoded(1, 1);
  for (int k = 0; k < 4; k++) {
    double ever = 1 - fail_prob[k], lower, upper;
    testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EACH, .fail_prob = fail_prob[k]};
    testudo_latency *latency = latency_with(one, &model, &plain_options);
    assert_ok(testudo_latency_quantile(latency, ever, &lower, &upper, NULL));
    assert_true(lower == HUGE_VAL && upper == HUGE_VAL);
    assert_ok(testudo_latency_quantile(latency, ever * (1 - 1e-9), &lower, &upper, NULL));
    assert_true(lower < 20.8 && upper > 20.6 && upper < HUGE_VAL);
    testudo_latency_free(latency);
  }
  for (int bounded = 0; bounded < 2; bounded++) {
    testudo_assignment groups;
    testudo_design *design;
    double lower, upper;
    assert_ok(testudo_assignment_frc(4, 4, 2, &groups, NULL));
    design = design_of(TESTUDO_SCHEME_PARTIAL, &groups, 1);
    testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 2};
    testudo_analysis_options options = plain_options;
    options.max_states = bounded == 1 ? 1 : options.max_states;
    testudo_latency *latency = latency_with(design, &model, &options);
    assert_ok(testudo_latency_quantile(latency, 0.6666666666666666, &lower, &upper, NULL));
    assert_true(lower <= upper && upper == HUGE_VAL && (bounded == 1 || lower == HUGE_VAL));
    testudo_latency_free(latency);
    testudo_design_free(design);
  }
  testudo_design_free(one);
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(quantiles_keep_twelve_digits_on_both_sides),
      cmocka_unit_test(a_flat_law_leaves_its_quantile_open),
      cmocka_unit_test(a_quantile_that_is_reached_at_a_jump_is_the_jump),
      cmocka_unit_test(capped_times_are_true_to_their_errors),
      cmocka_unit_test(the_share_that_is_ever_done_has_no_quantile),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
