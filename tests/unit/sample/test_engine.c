/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the work is cut: threads, batches, the stopping rule, interrupts; and what is refused. */
#include "designs.h"

#include "base/sum.h"
#include "sample/batch.h"
#include "sample/moments.h"
#include "sample/sort.h"

static const double deadline[3] = {0.5, 1.5, 4.0};

static testudo_law *law;
static testudo_design *design;

static int set_up(void **state)
{
  (void)state;
  law = law_of("shifted-exp:0.3,1.1");
  design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 11, 4, 2, 0);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  testudo_law_free(law);
  testudo_design_free(design);
  return 0;
}

static testudo_simulation_options options_of(int64_t trials, int32_t threads)
{
  return (testudo_simulation_options){.trials = trials, .seed = 12345, .threads = threads, .times = deadline,
                                      .time_count = 3};
}

static void assert_identical(const testudo_simulation *a, const testudo_simulation *b)
{
  assert_int_equal(a->trials, b->trials);
  assert_int_equal(a->never, b->never);
  assert_memory_equal(&a->mean, &b->mean, sizeof a->mean);
  assert_memory_equal(&a->stderr_mean, &b->stderr_mean, sizeof a->mean);
  assert_memory_equal(&a->stddev, &b->stddev, sizeof a->mean);
  assert_memory_equal(a->completion, b->completion, (size_t)(a->trials - a->never) * sizeof *a->completion);
  for (int d = 0; d < 3; d++) {
    assert_memory_equal(&a->mse[d], &b->mse[d], sizeof(double));
    assert_memory_equal(&a->mse_stderr[d], &b->mse_stderr[d], sizeof(double));
    assert_memory_equal(&a->mean_norm[d], &b->mean_norm[d], sizeof(double));
    assert_memory_equal(&a->mean_norm_stderr[d], &b->mean_norm_stderr[d], sizeof(double));
    assert_true(a->error_max[d] == b->error_max[d] && a->error_trials[d] == b->error_trials[d]);
  }
}

static void every_number_is_the_same_for_1_2_and_7_threads(void **state)
{
  (void)state;
  testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EACH, .fail_prob = 0.1};
  static const double rel_error[2] = {0.0, 0.004};
  for (int k = 0; k < 2; k++) {
    testudo_simulation *found[3];
    for (int q = 0; q < 3; q++) {
      testudo_simulation_options options = options_of(50000, (const int32_t[]){1, 2, 7}[q]);
      options.rel_error = rel_error[k];
      found[q] = simulate(design, &model, &options);
    }
    assert_identical(found[0], found[1]);
    assert_identical(found[0], found[2]);
    for (int q = 0; q < 3; q++)
      testudo_simulation_free(found[q]);
  }
}

/* More trials extend fewer: trial r is the same trial, in whatever batch. */
static void trials_do_not_depend_on_how_many_follow(void **state)
{
  (void)state;
  testudo_delay_model model = {.law = law, .structure = TESTUDO_STRUCTURE_ADDITIVE};
  static const int64_t trials[] = {1, 7, 8, 9, 1023, 1024, 1025, 2049};
  double sum_before = 0.0;
  int64_t before = 0;
  for (size_t k = 0; k < sizeof trials / sizeof *trials; k++) {
    testudo_simulation_options options = options_of(trials[k], 2);
    testudo_simulation *found = simulate(design, &model, &options);
    assert_int_equal(found->trials, trials[k]);
    testudo_i_sum sum = {0, 0};
    for (int64_t r = 0; r < trials[k]; r++) {
      testudo_i_sum_add(&sum, found->completion[r]);
      assert_true(r == 0 || found->completion[r - 1] <= found->completion[r]);
    }
    double total = testudo_i_sum_value(&sum), squares = 0.0;
    assert_close(found->mean, total / (double)trials[k], 1e-14);
    for (int64_t r = 0; r < trials[k]; r++)
      squares += (found->completion[r] - found->mean) * (found->completion[r] - found->mean);
    if (trials[k] == 1)
      assert_true(isnan(found->stddev) && isnan(found->stderr_mean) && isnan(found->mse_stderr[0]));
    else
      assert_close(found->stddev, sqrt(squares / (double)(trials[k] - 1)), 1e-12);
    if (trials[k] == before + 1)
      assert_true(total - sum_before > 0.3 && total - sum_before < 40.0);
    sum_before = total;
    before = trials[k];
    testudo_simulation_free(found);
  }
}

static void seeds_differ(void **state)
{
  (void)state;
  testudo_delay_model model = {.law = law};
  testudo_simulation_options options = options_of(100, 1);
  testudo_simulation *a = simulate(design, &model, &options);
  options.seed++;
  testudo_simulation *b = simulate(design, &model, &options);
  for (int r = 0; r < 100; r++)
    for (int q = 0; q < 100; q++)
      assert_true(a->completion[r] != b->completion[q]);
  testudo_simulation_free(a);
  testudo_simulation_free(b);
}

static void the_stopping_rule_stops_at_the_first_batch_that_is_precise_enough(void **state)
{
  (void)state;
  testudo_delay_model model = {.law = law};
  testudo_simulation_options options = options_of(1000000, 2);
  options.rel_error = 0.002;
  testudo_simulation *found = simulate(design, &model, &options);
  assert_true(found->stderr_mean <= 0.002 * found->mean);
  assert_true(found->trials < 1000000 && found->trials % 1024 == 0);
  testudo_simulation_options shorter = options_of(found->trials - 1024, 1);
  testudo_simulation *less = simulate(design, &model, &shorter);
  assert_true(less->stderr_mean > 0.002 * less->mean);
  shorter.trials = found->trials;
  testudo_simulation *same = simulate(design, &model, &shorter);
  assert_identical(found, same);
  testudo_simulation_free(found);
  testudo_simulation_free(less);
  testudo_simulation_free(same);
  options.trials = 3000; /* at most so many */
  options.rel_error = 1e-9;
  found = simulate(design, &model, &options);
  assert_int_equal(found->trials, 3000);
  testudo_simulation_free(found);
}

static void quantiles_and_cdf_invert_each_other(void **state)
{
  (void)state;
  testudo_delay_model model = {.law = law};
  testudo_simulation_options options = options_of(30, 1);
  testudo_simulation *found = simulate(design, &model, &options);
  for (int k = 1; k <= 30; k++) {
    double t = found->completion[k - 1];
    assert_true(testudo_simulation_quantile(found, k / 30.0) == t);
    assert_true(testudo_simulation_quantile(found, (k - 0.5) / 30.0) == t);
    assert_true(testudo_simulation_cdf(found, t) == k / 30.0);
    assert_true(testudo_simulation_cdf(found, nextafter(t, 0.0)) == (k - 1) / 30.0);
  }
  assert_true(testudo_simulation_quantile(found, 1e-9) == found->completion[0]);
  testudo_simulation_free(found);
}

/* ---- the monitor ---- */

typedef struct watcher {
  int calls, stop_at;
  double last;
  bool fell;
} watcher;

static bool watch(void *context, double fraction)
{
  watcher *w = context;
  w->fell = w->fell || fraction < w->last - 1e-12 || fraction > 1.0 + 1e-12;
  w->last = fraction;
  return ++w->calls != w->stop_at;
}

static void an_interrupt_keeps_the_trials_that_ran(void **state)
{
  (void)state;
  testudo_delay_model model = {.law = law};
  testudo_simulation_options options = options_of(400000, 1);
  watcher w = {.stop_at = 60};
  testudo_monitor monitor = {.step = watch, .context = &w};
  options.monitor = &monitor;
  testudo_simulation *found = simulate(design, &model, &options);
  assert_true(found->interrupted && found->trials > 0 && found->trials < 400000);
  assert_false(w.fell);
  double sum = 0.0;
  for (int64_t r = 0; r < found->trials; r++)
    sum += found->completion[r];
  assert_close(found->mean, sum / (double)found->trials, 1e-12);
  testudo_simulation_free(found);
  w = (watcher){.stop_at = 1};
  found = simulate(design, &model, &options);
  assert_true(found->interrupted && found->trials == 1024);
  testudo_simulation_free(found);
  w = (watcher){.stop_at = -1};
  found = simulate(design, &model, &options);
  assert_true(!found->interrupted && found->trials == 400000 && !w.fell && w.calls > 3);
  testudo_simulation_free(found);
}

/* ---- what is refused ---- */

static void refused(const testudo_simulation_options *options, const testudo_delay_model *model, const char *word)
{
  testudo_simulation *found = (testudo_simulation *)1;
  testudo_error error = {{0}};
  assert_status(testudo_simulate(design, model, options, &found, &error), TESTUDO_ERROR_ARGUMENT);
  assert_null(found);
  if (strstr(error.text, word) == NULL) {
    print_error("\"%s\" does not speak of %s\n", error.text, word);
    fail();
  }
}

static void options_out_of_range_are_refused_with_their_name(void **state)
{
  (void)state;
  testudo_delay_model model = {.law = law};
  static const double bad_time[3][2] = {{0.5, -1e-9}, {0.5, NAN}, {0.5, INFINITY}};
#define REFUSED(field, value, word)                    \
  do {                                                 \
    testudo_simulation_options o = options_of(10, 1);  \
    o.field = value;                                   \
    refused(&o, &model, word);                         \
  } while (0)
  REFUSED(trials, 0, "trials");
  REFUSED(trials, -5, "trials");
  REFUSED(rel_error, -0.1, "rel_error");
  REFUSED(rel_error, NAN, "rel_error");
  REFUSED(threads, -1, "threads");
  REFUSED(round_up, -1.0, "round_up");
  REFUSED(round_up, INFINITY, "round_up");
  REFUSED(report, (testudo_report)7, "report");
  REFUSED(report, TESTUDO_REPORT_WHOLE, "whole");
  REFUSED(time_count, -1, "time_count");
  REFUSED(times, NULL, "time_count");
  REFUSED(decode_trials, -1, "decode_trials");
  REFUSED(decode_trials, 1, "dim");
  for (int k = 0; k < 3; k++) {
    testudo_simulation_options o = options_of(10, 1);
    o.times = bad_time[k];
    o.time_count = 2;
    refused(&o, &model, "times[1]");
  }
  testudo_delay_model too_many = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 12};
  testudo_simulation_options o = options_of(10, 1);
  refused(&o, &too_many, "12");
  testudo_simulation_free(NULL);
}

static int by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void sorting_is_that_of_the_standard_library(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 9, TESTUDO_I_FOR_TEST, 0, 0);
  static const size_t counts[] = {0, 1, 2, 255, 256, 257, 4999, 20000};
  for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
    for (int kind = 0; kind < 5; kind++) {
      double *a = malloc((counts[k] + 1) * sizeof *a), *b = malloc((counts[k] + 1) * sizeof *b);
      for (size_t q = 0; q < counts[k]; q++) {
        double u = testudo_i_random_uniform(&random);
        /* All magnitudes with zero and infinity; few values; one value; nearly one value, and one far from it; the same
           from the greatest down. */
        double wide = u < 0.01 ? 0.0 : u > 0.99 ? HUGE_VAL : exp(1400.0 * (u - 0.5));
        double near = q == 1 ? 1e9 : 1.0 + (kind == 3 ? u : 1.0 - (double)q / (double)counts[k]) * 1e-9;
        a[q] = kind == 0 ? wide : kind == 1 ? floor(9 * u) : kind == 2 ? 2.5 : near;
      }
      memcpy(b, a, counts[k] * sizeof *b);
      testudo_i_sort_times(a, counts[k]);
      qsort(b, counts[k], sizeof *b, by_value);
      assert_true(counts[k] == 0 || memcmp(a, b, counts[k] * sizeof *b) == 0);
      free(a);
      free(b);
    }
}

/* However their sum is rounded; and of times that are hardly apart, what they are apart. */
static void times_that_are_alike_do_not_vary(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 12, TESTUDO_I_FOR_TEST, 0, 0);
  double t[1200];
  for (int64_t count = 1; count <= 1200; count += count < 60 ? 1 : 57)
    for (int round = 0; round < 20; round++) {
      double x = exp(40.0 * (testudo_i_random_uniform(&random) - 0.5));
      for (int64_t k = 0; k < count; k++)
        t[k] = x;
      testudo_i_moments same = testudo_i_finite_moments(t, count);
      assert_true(same.count == count && same.mean == x);
      assert_true(same.squares == 0.0 && same.cubes == 0.0 && same.fourths == 0.0);
      /* Half of them a unit in the last place later: about their mean half a unit each. */
      double unit = nextafter(x, HUGE_VAL) - x;
      for (int64_t k = 0; k < count; k += 2)
        t[k] = x + unit;
      testudo_i_moments two = testudo_i_finite_moments(t, count);
      if (count % 2 == 0) {
        assert_close(two.squares, (double)count * pow(unit / 2.0, 2), 1e-12);
        assert_true(fabs(two.cubes) <= 1e-12 * (double)count * pow(unit / 2.0, 3));
        assert_close(two.fourths, (double)count * pow(unit / 2.0, 4), 1e-12);
      }
    }
  const testudo_delay_model model = {.law = law_of("deterministic:3.079764443735515")};
  testudo_design *five = cyclic_design(TESTUDO_SCHEME_PARTIAL, 5, 2, 1, 0);
  const testudo_simulation_options options = {.trials = 7};
  testudo_simulation *found;
  assert_ok(testudo_simulate(five, &model, &options, &found, NULL));
  assert_true(found->stddev == 0.0 && found->stderr_mean == 0.0 && testudo_simulation_stderr_doubt(found) == NULL);
  testudo_simulation_free(found);
  testudo_design_free(five);
  testudo_law_free((testudo_law *)model.law);
}

/* Times so large that their cubes are not numbers: their standard error is not believed. */
static void moments_beyond_doubles_are_in_doubt(void **state)
{
  (void)state;
  const testudo_delay_model model = {.law = law_of("weibull:0.1,1e100")};
  testudo_design *five = cyclic_design(TESTUDO_SCHEME_PARTIAL, 5, 2, 1, 0);
  const testudo_simulation_options options = {.trials = 9};
  testudo_simulation *found;
  assert_ok(testudo_simulate(five, &model, &options, &found, NULL));
  assert_true(isnan(found->skewness) || found->skewness > 0.0);
  assert_non_null(testudo_simulation_stderr_doubt(found));
  testudo_simulation_free(found);
  testudo_design_free(five);
  testudo_law_free((testudo_law *)model.law);
}

static void moments_merge_as_if_never_parted(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 8, TESTUDO_I_FOR_TEST, 0, 0);
  double x[900], mean = 0.0, squares = 0.0, cubes = 0.0, fourths = 0.0;
  testudo_i_moments total = {0}, empty = {0};
  for (int k = 0; k < 900; k++)
    mean += (x[k] = 1e6 - log(testudo_i_random_uniform(&random))) / 900.0;
  for (int k = 0; k < 900; k++) {
    squares += (x[k] - mean) * (x[k] - mean);
    cubes += pow(x[k] - mean, 3);
    fourths += pow(x[k] - mean, 4);
  }
  for (int k = 0; k < 900; k += 100 + k % 3) {
    testudo_i_shifted part = {0};
    for (int q = k; q < 900 && q < k + 100 + k % 3; q++)
      testudo_i_shifted_add(&part, x[q]);
    testudo_i_moments m = testudo_i_shifted_moments(&part);
    testudo_i_moments_merge(&total, &m);
    testudo_i_moments_merge(&total, &empty);
  }
  assert_int_equal(total.count, 900);
  assert_close(total.mean, mean, 1e-14);
  assert_close(total.squares, squares, 1e-9);
  assert_close(total.cubes, cubes, 1e-8);
  assert_close(total.fourths, fourths, 1e-8);
  assert_close(testudo_i_moments_stddev(&total), sqrt(squares / 899.0), 1e-9);
  assert_close(testudo_i_moments_skewness(&total), cubes / 900.0 / pow(squares / 900.0, 1.5), 1e-8);
  assert_close(testudo_i_moments_kurtosis(&total), fourths * 900.0 / squares / squares, 1e-8);
  assert_true(isnan(testudo_i_moments_skewness(&empty)) && isnan(testudo_i_moments_kurtosis(&empty)));
  assert_true(isnan(testudo_i_moments_mean(&empty)) && isnan(testudo_i_moments_stderr(&empty)));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_number_is_the_same_for_1_2_and_7_threads),
      cmocka_unit_test(trials_do_not_depend_on_how_many_follow),
      cmocka_unit_test(seeds_differ),
      cmocka_unit_test(the_stopping_rule_stops_at_the_first_batch_that_is_precise_enough),
      cmocka_unit_test(quantiles_and_cdf_invert_each_other),
      cmocka_unit_test(an_interrupt_keeps_the_trials_that_ran),
      cmocka_unit_test(options_out_of_range_are_refused_with_their_name),
      cmocka_unit_test(sorting_is_that_of_the_standard_library),
      cmocka_unit_test(times_that_are_alike_do_not_vary),
      cmocka_unit_test(moments_beyond_doubles_are_in_doubt),
      cmocka_unit_test(moments_merge_as_if_never_parted),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
