/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of large samples, which are asked as if they were smooth, against sums over all their jumps. */
#include "cases.h"

#include <unistd.h>

#include "base/random.h"

enum { ROWS = 30000, WORKERS = 20, LOAD = 3 };

static int by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The rows, which are sorted afterwards, as a trace. */
static testudo_law *trace_of(double *row)
{
  char path[] = "/tmp/testudo-sample.XXXXXX", text[64];
  int file = mkstemp(path);
  FILE *stream = fdopen(file, "w");
  assert_non_null(stream);
  for (int k = 0; k < ROWS; k++) {
    row[k] = strtod((snprintf(text, sizeof text, "%.12g", row[k]), text), NULL);
    fprintf(stream, "%s\n", text);
  }
  assert_int_equal(fclose(stream), 0);
  snprintf(text, sizeof text, "trace:%s", path);
  testudo_law *law = law_of(text);
  unlink(path);
  qsort(row, ROWS, sizeof *row, by_value);
  return law;
}

/* Of a heavy law or of one in two clusters. */
static testudo_law *draw_sample(double *row, bool clusters, uint64_t seed)
{
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_TEST, 0, 0);
  for (int k = 0; k < ROWS; k++) {
    double u = testudo_i_random_uniform(&random);
    row[k] = clusters ? (u < 0.9 ? 1 + 0.01 * u : 5 + 3 * u * u) : pow(1 - u, -1 / 3.5);
  }
  return trace_of(row);
}

/* T = LOAD times the largest of WORKERS draws. */
static void the_last_of_many_equals_the_sum_over_all_jumps(void **state)
{
  (void)state;
  static double row[ROWS];
  for (int kind = 0; kind < 2; kind++) {
    testudo_law *law = draw_sample(row, kind == 1, 31 + (uint64_t)kind);
    testudo_delay_model model = {.law = law};
    testudo_design *design = uncoded(WORKERS, LOAD * WORKERS);
    testudo_latency *latency = latency_with(design, &model, &plain_options);
    testudo_summary summary;
    double mean = 0, square = 0, before = 0, levels[] = {0.01, 0.5, 0.9, 0.999}, lower, upper;
    for (int k = 0; k < ROWS; k++) {
      double reached = pow((k + 1.0) / ROWS, WORKERS), t = LOAD * row[k];
      mean += (reached - before) * t;
      square += (reached - before) * t * t;
      before = reached;
    }
    assert_ok(testudo_latency_summary(latency, &summary, NULL));
    assert_non_null(strstr(testudo_latency_method(latency), "; a large sample, to 0.0003 of the mean"));
    assert_int_equal(summary.status, TESTUDO_MEAN_EXACT);
    assert_true(fabs(summary.mean - mean) <= summary.abs_error);
    assert_true(fabs(summary.mean - mean) <= summary.abs_bound && summary.abs_bound < 0.2 * mean);
    assert_true(summary.abs_error <= 0.05 / sqrt(ROWS) * mean);
    assert_close(summary.mean, mean, 5e-5);
    assert_near(summary.stddev, sqrt(square - mean * mean), summary.stddev_error);
    assert_close(summary.stddev, sqrt(square - mean * mean), 5e-3);
    for (size_t q = 0; q < sizeof levels / sizeof *levels; q++) {
      int k = 0;
      while (pow((k + 1.0) / ROWS, WORKERS) < levels[q])
        k++;
      assert_ok(testudo_latency_quantile(latency, levels[q], &lower, &upper, NULL));
      assert_close(lower, LOAD * row[k], 1e-11);
      assert_true(lower == upper);
    }
    testudo_latency_free(latency);
    testudo_design_free(design);
    testudo_law_free(law);
  }
}

/* P(T <= t) = 1/2 exactly at a jump: that is the quantile, not a time between it and the next. */
static void quantiles_are_jumps(void **state)
{
  (void)state;
  static double row[ROWS];
  for (int k = 0; k < ROWS; k++)
    row[k] = k + 1;
  testudo_law *law = trace_of(row);
  testudo_delay_model model = {.law = law};
  testudo_design *design = uncoded(1, 1);
  testudo_latency *latency = latency_with(design, &model, &plain_options);
  double lower, upper;
  for (int part = 1; part < 10; part++) {
    assert_ok(testudo_latency_quantile(latency, part / 10.0, &lower, &upper, NULL));
    assert_true(lower == upper);
    assert_close(lower, ROWS / 10.0 * part, 1e-12);
  }
  testudo_latency_free(latency);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* Moments that hang on one row are summed over all jumps. */
static void one_row_far_out_is_not_missed(void **state)
{
  (void)state;
  static double row[ROWS];
  for (int k = 0; k < ROWS; k++)
    row[k] = k + 1 == ROWS ? 1e30 : 1 + 1e-5 * k;
  testudo_law *law = trace_of(row);
  testudo_delay_model model = {.law = law};
  testudo_design *design = uncoded(1, 1);
  testudo_summary summary = summary_with(design, &model, &plain_options);
  assert_close(summary.mean, 1e30 / ROWS, 1e-9);
  assert_close(summary.stddev, 1e30 / sqrt(ROWS), 1e-4);
  testudo_design_free(design);
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_last_of_many_equals_the_sum_over_all_jumps),
      cmocka_unit_test(quantiles_are_jumps),
      cmocka_unit_test(one_row_far_out_is_not_missed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
