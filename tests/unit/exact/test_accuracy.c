/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Means keep the error they claim where the tail is awkward: kinks that matter next to kinks that do not, and means
   given that T is finite where that is rare. Every wanted value is a closed form, or (where said) a quadrature of 15
   digits on three grids made outside this program. */
#include "check.h"

#include "unit/exact/cases.h"

static void claims_its_error(testudo_design *design, const char *law_text, testudo_delay_model model, double wanted,
                             double wanted_deviation)
{
  testudo_law *law = law_of(law_text);
  model.law = law;
  testudo_latency *latency;
  testudo_summary summary;
  assert_ok(testudo_latency_create(design, &model, &plain_options, &latency, NULL));
  assert_ok(testudo_latency_summary(latency, &summary, NULL));
  assert_int_equal(summary.status, TESTUDO_MEAN_EXACT);
  assert_near(summary.mean, wanted, summary.abs_error + 2e-13 * wanted);
  assert_true(summary.abs_error <= 1e-9 * wanted);
  if (wanted_deviation >= 0)
    assert_near(summary.stddev, wanted_deviation, 1e-7 * wanted);
  testudo_latency_free(latency);
  testudo_law_free(law);
  testudo_design_free(design);
}

/* Two workers at a hundredth of the speed decide: 1500 + 10 E max of two Erlang(3). */
static void slow_workers_hide_no_kink(void **state)
{
  (void)state;
  const double rates[] = {0.01, 0.1, 0.01, 0.05, 0.05, 2};
  testudo_delay_model model = {.rates = rates, .workers = 6, .structure = TESTUDO_STRUCTURE_ADDITIVE};
  claims_its_error(cyclic(6, 3, 3), "shifted-exp:5,10", model, 1539.375, -1);
}

static void kinks_in_the_far_tail_count(void **state)
{
  (void)state;
  const double rates[] = {1, 1, 1.7, 1.7, 0.1};
  testudo_delay_model model = {.rates = rates, .workers = 5};
  /* Quadrature outside. */
  claims_its_error(cyclic(5, 2, 1), "shifted-exp:0.5,1", model, 2.3567673036942, -1);
}

static void means_given_a_rare_end_keep_their_digits(void **state)
{
  (void)state;
  double harmonic = 0, square = 0, product = 1;
  for (int k = 1; k <= 7; k++) {
    harmonic += 1.0 / k;
    square += 1.0 / k / k;
    product *= k / (k - 2.0 / 3);
  }
  const double fail_prob[] = {0.1, 0.5, 0.9, 0.999, 0.999999999999};
  for (size_t k = 0; k < sizeof fail_prob / sizeof *fail_prob; k++) {
    testudo_delay_model model = {.failures = TESTUDO_FAILURES_EACH, .fail_prob = fail_prob[k]};
    claims_its_error(cyclic(7, 1, 1), "exp:1", model, harmonic, sqrt(square));
    claims_its_error(cyclic(7, 1, 1), "shifted-exp:0.5,1", model, 0.5 + harmonic, sqrt(square));
    claims_its_error(uncoded(7, 7), "exp:1", model, harmonic, sqrt(square));
    claims_its_error(cyclic(7, 1, 1), "deterministic:1.5", model, 1.5, 0);
  }
  /* E max of 7 Pareto(1, 1.5): prod k / (k - 1/alpha); its variance is infinite. */
  for (size_t k = 0; k < 4; k++) {
    testudo_delay_model model = {.failures = TESTUDO_FAILURES_EACH, .fail_prob = fail_prob[k]};
    testudo_law *law = law_of("pareto:1,1.5");
    testudo_design *design = cyclic(7, 1, 1);
    model.law = law;
    testudo_latency *latency;
    testudo_summary summary;
    assert_ok(testudo_latency_create(design, &model, &plain_options, &latency, NULL));
    assert_ok(testudo_latency_summary(latency, &summary, NULL));
    assert_near(summary.mean, product, summary.abs_error + 1e-12);
    assert_true(summary.abs_error < 1e-6 * product);
    assert_true(summary.stddev == HUGE_VAL);
    testudo_latency_free(latency);
    testudo_law_free(law);
    testudo_design_free(design);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(slow_workers_hide_no_kink),
      cmocka_unit_test(kinks_in_the_far_tail_count),
      cmocka_unit_test(means_given_a_rare_end_keep_their_digits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
