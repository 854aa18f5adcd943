/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cases.h"

#include "exact/latency.h"
#include "runtime/scheme/codes.h"

static double harmonic(int n)
{
  double sum = 0;
  for (int k = 1; k <= n; k++)
    sum += 1.0 / k;
  return sum;
}

static void the_last_of_n_exponentials_has_harmonic_mean(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:0.25");
  testudo_delay_model model = {.law = law};
  for (int32_t n = 1; n <= 500; n = n * 3 + 1) {
    testudo_design *design = uncoded(n, 2 * n);
    testudo_summary summary = summary_with(design, &model, &plain_options);
    double variance = 0;
    for (int k = 1; k <= n; k++)
      variance += 64.0 / k / k;
    assert_int_equal(summary.status, TESTUDO_MEAN_EXACT);
    assert_close(summary.mean, 8 * harmonic(n), 2e-9);
    assert_close(summary.stddev, sqrt(variance), 1e-7);
    assert_true(summary.p_never == 0 && summary.p_never_lower == 0 && summary.p_never_upper == 0);
    testudo_design_free(design);
  }
  testudo_law_free(law);
}

static void k_of_n_is_a_difference_of_harmonic_numbers(void **state)
{
  (void)state;
  testudo_law *law = law_of("shifted-exp:0.3,2");
  testudo_delay_model model = {.law = law};
  int cases = 0;
  for (int32_t n = 1; n <= 40; n += 13)
    for (int32_t k = 1; k <= n; k += 4, cases++) {
      testudo_design *design = k_of_n(n, n, k);
      testudo_summary summary = summary_with(design, &model, &plain_options);
      assert_close(summary.mean, 0.3 + (harmonic(n) - harmonic(n - k)) / 2, 2e-9);
      assert_true(isnan(summary.ideal));
      testudo_design_free(design);
    }
  assert_true(cases > 15);
  testudo_law_free(law);
}

/* Unequal workers by all subsets; a fifth kind of the same rate tests that equal and unequal roads agree. */
static double k_of_n_by_subsets(const double *unfinished, int n, int k, int failed)
{
  double total = 0, sets = 0;
  for (int dead = 0; dead < 1 << n; dead++) {
    if (__builtin_popcount((unsigned)dead) != failed)
      continue;
    sets++;
    for (int done = 0; done < 1 << n; done++) {
      if ((done & dead) != 0 || __builtin_popcount((unsigned)done) < k)
        continue;
      double chance = 1;
      for (int j = 0; j < n; j++)
        if ((dead >> j & 1) == 0)
          chance *= done >> j & 1 ? 1 - unfinished[j] : unfinished[j];
      total += chance;
    }
  }
  return total / sets;
}

static void unequal_workers_equal_the_sum_over_subsets(void **state)
{
  (void)state;
  const double rates[7] = {1, 0.4, 2.2, 1, 3.1, 0.9, 0.4};
  testudo_law *law = law_of("exp:1.3");
  int cases = 0;
  for (int failed = 0; failed <= 7; failed++)
    for (int k = 1; k <= 7; k += 2) {
      testudo_design *design = k_of_n(7, 7, k);
      testudo_delay_model model = {.law = law, .rates = rates, .workers = 7,
                                   .failures = TESTUDO_FAILURES_EXACTLY, .failed = failed};
      testudo_latency *latency = latency_with(design, &model, &plain_options);
      for (double t = 0.05; t < 9; t *= 2.9, cases++) {
        double unfinished[7], lower, upper;
        for (int j = 0; j < 7; j++)
          unfinished[j] = exp(-1.3 * rates[j] * t);
        double wanted = k_of_n_by_subsets(unfinished, 7, k, failed);
        assert_ok(testudo_latency_cdf(latency, t, &lower, &upper, NULL));
        assert_near(lower, wanted, 1e-14);
        assert_ok(testudo_latency_tail(latency, t, &lower, &upper, NULL));
        assert_near(lower, 1 - wanted, 1e-14);
        assert_true(lower == upper);
      }
      testudo_latency_free(latency);
      testudo_design_free(design);
    }
  assert_true(cases > 100);
  testudo_law_free(law);
}

/* Workers 0 and 1 hold a chunk each, worker 2 nothing: it has finished from the start, failed or not, so that two of
   three have finished at the smaller of the two times (one failure among 0 and 1 leaves the other's). */
static void a_failed_worker_that_holds_nothing_has_finished(void **state)
{
  (void)state;
  int64_t row[4] = {0, 1, 2, 2};
  int32_t chunk[2] = {0, 1};
  testudo_assignment assignment = {3, 2, row, chunk};
  testudo_design *design;
  assert_ok(testudo_design_create_waiting(&assignment, 2, "", &design, NULL));
  testudo_law *law = law_of("exp:1.3");
  testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 1};
  testudo_latency *latency = latency_with(design, &model, &plain_options);
  for (double t = 0.1; t < 3; t *= 1.7) {
    double x = exp(-1.3 * t), lower, upper;
    assert_ok(testudo_latency_cdf(latency, t, &lower, &upper, NULL));
    assert_near(lower, 2.0 / 3 * (1 - x) + 1.0 / 3 * (1 - x * x), 1e-14);
  }
  testudo_latency_free(latency);
  testudo_law_free(law);
  testudo_design_free(design);
}

static void failures_of_equal_workers_shorten_the_field(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 3};
  testudo_design *design = k_of_n(10, 10, 6), *impossible = k_of_n(10, 10, 8), *everyone = uncoded(10, 10);
  testudo_summary summary = summary_with(design, &model, &plain_options);
  assert_close(summary.mean, harmonic(7) - harmonic(1), 2e-9);
  assert_true(summary.p_never == 0);
  summary = summary_with(impossible, &model, &plain_options);
  assert_int_equal(summary.status, TESTUDO_MEAN_INFINITE);
  assert_true(summary.p_never == 1 && isnan(summary.mean));
  summary = summary_with(everyone, &model, &plain_options);
  assert_int_equal(summary.status, TESTUDO_MEAN_INFINITE);
  assert_true(summary.p_never == 1 && isinf(summary.lower));
  testudo_delay_model each = {.law = law, .failures = TESTUDO_FAILURES_EACH, .fail_prob = 0.07};
  summary = summary_with(everyone, &each, &plain_options);
  assert_close(summary.p_never, 1 - pow(0.93, 10), 1e-13);
  assert_close(summary.mean, harmonic(10), 2e-9);
  testudo_design_free(design);
  testudo_design_free(impossible);
  testudo_design_free(everyone);
  testudo_law_free(law);
}

static void the_tail_of_the_last_of_n_keeps_its_digits(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_design *design = uncoded(50, 50);
  testudo_latency *latency = latency_with(design, &model, &plain_options);
  double lower, upper;
  assert_ok(testudo_latency_tail(latency, 100, &lower, &upper, NULL));
  assert_close(lower, 50 * exp(-100), 1e-12);
  assert_ok(testudo_latency_cdf(latency, -0.5, &lower, &upper, NULL));
  assert_true(lower == 0 && upper == 0);
  testudo_latency_free(latency);
  testudo_design_free(design);
  testudo_law_free(law);
}

static void quantiles_and_grids_invert_the_law(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1"), *fixed = law_of("deterministic:0.7");
  testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EACH, .fail_prob = 0.01};
  testudo_design *design = uncoded(6, 6);
  testudo_latency *latency = latency_with(design, &model, &plain_options);
  double lower, upper, times[9], finite = pow(0.99, 6);
  for (double q = 0.01; q < finite; q += 0.1) {
    assert_ok(testudo_latency_quantile(latency, q, &lower, &upper, NULL));
    assert_close(lower, -log1p(-pow(q / finite, 1.0 / 6)), 1e-11);
    assert_true(lower == upper);
  }
  assert_ok(testudo_latency_quantile(latency, 0.99, &lower, &upper, NULL));
  assert_true(isinf(lower) && isinf(upper));
  assert_ok(testudo_latency_grid(latency, 9, times, NULL));
  assert_close(times[0], -log1p(-pow(1e-4, 1.0 / 6)), 1e-9);
  assert_close(times[8], -log1p(-pow(0.9999, 1.0 / 6)), 1e-9);
  for (int k = 1; k < 9; k++)
    assert_close(times[k] - times[k - 1], (times[8] - times[0]) / 8, 1e-9);
  testudo_latency_free(latency);
  /* A law of one point, and one that never ends, still have something to draw. */
  testudo_delay_model point = {.law = fixed};
  latency = latency_with(design, &point, &plain_options);
  assert_ok(testudo_latency_grid(latency, 2, times, NULL));
  assert_true(times[0] < 0.7 && times[1] > 0.7);
  assert_ok(testudo_latency_quantile(latency, 0.5, &lower, &upper, NULL));
  assert_true(lower == 0.7 && upper == 0.7);
  testudo_summary summary;
  assert_ok(testudo_latency_summary(latency, &summary, NULL));
  assert_close(summary.mean, 0.7, 1e-15);
  assert_true(summary.stddev == 0);
  assert_close(summary.over_ideal, 1.0, 1e-12);
  testudo_latency_free(latency);
  testudo_delay_model dead = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 2};
  latency = latency_with(design, &dead, &plain_options);
  assert_ok(testudo_latency_grid(latency, 3, times, NULL));
  assert_true(times[0] == 0 && times[2] > times[1] && times[1] > 0);
  testudo_latency_free(latency);
  testudo_design_free(design);
  testudo_law_free(law);
  testudo_law_free(fixed);
}

static bool stop_at_once(void *context, double fraction)
{
  (void)fraction;
  ++*(int *)context;
  return false;
}

static void refuses_what_is_out_of_range_in_one_sentence(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_design *design = uncoded(4, 4);
  testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 5};
  testudo_analysis_options options = plain_options;
  testudo_latency *latency = NULL;
  testudo_error error = {""};
  assert_status(testudo_latency_create(design, &model, &options, &latency, &error), TESTUDO_ERROR_ARGUMENT);
  assert_null(latency);
  model.failed = 0;
  options.max_states = 0;
  assert_status(testudo_latency_create(design, &model, &options, &latency, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "max_states is 0"));
  options = plain_options;
  options.rel_error = 0;
  assert_status(testudo_latency_create(design, &model, &options, &latency, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "rel_error"));
  testudo_design *waiting = k_of_n(4, 4, 4);
  ((testudo_i_ignore_stragglers_code *)waiting->code)->wait = 5;
  assert_status(testudo_latency_create(waiting, &model, &plain_options, &latency, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "wait is 5"));
  testudo_design_free(waiting);
  int calls = 0;
  testudo_monitor monitor = {stop_at_once, &calls};
  options = plain_options;
  options.monitor = &monitor;
  latency = latency_with(design, &model, &options);
  testudo_summary summary;
  double lower, upper, times[2];
  assert_status(testudo_latency_summary(latency, &summary, &error), TESTUDO_INTERRUPTED);
  assert_int_equal(calls, 1);
  assert_status(testudo_latency_cdf(latency, NAN, &lower, &upper, &error), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_latency_tail(latency, NAN, &lower, &upper, &error), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_latency_quantile(latency, 0, &lower, &upper, &error), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_latency_quantile(latency, 1, &lower, &upper, &error), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_latency_quantile(latency, NAN, &lower, &upper, &error), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_latency_quantile(latency, 0.5, &lower, &upper, NULL), TESTUDO_INTERRUPTED);
  assert_status(testudo_latency_grid(latency, 1, times, &error), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_latency_grid(latency, 2, times, &error), TESTUDO_INTERRUPTED);
  testudo_latency_free(latency);
  testudo_latency_free(NULL);
  testudo_design_free(design);
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_last_of_n_exponentials_has_harmonic_mean),
      cmocka_unit_test(k_of_n_is_a_difference_of_harmonic_numbers),
      cmocka_unit_test(unequal_workers_equal_the_sum_over_subsets),
      cmocka_unit_test(a_failed_worker_that_holds_nothing_has_finished),
      cmocka_unit_test(failures_of_equal_workers_shorten_the_field),
      cmocka_unit_test(the_tail_of_the_last_of_n_keeps_its_digits),
      cmocka_unit_test(quantiles_and_grids_invert_the_law),
      cmocka_unit_test(refuses_what_is_out_of_range_in_one_sentence),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
