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

/* Rows in a file, of a heavy law or of one in two clusters, and sorted. */
static testudo_law *draw_sample(double *row, bool clusters, uint64_t seed)
{
  char path[] = "/tmp/testudo-sample.XXXXXX", text[64];
  int file = mkstemp(path);
  FILE *stream = fdopen(file, "w");
  testudo_i_random random;
  assert_non_null(stream);
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_TEST, 0, 0);
  for (int k = 0; k < ROWS; k++) {
    double u = testudo_i_random_uniform(&random);
    row[k] = clusters ? (u < 0.9 ? 1 + 0.01 * u : 5 + 3 * u * u) : pow(1 - u, -1 / 3.5);
    row[k] = strtod((snprintf(text, sizeof text, "%.9f", row[k]), text), NULL);
    fprintf(stream, "%s\n", text);
  }
  assert_int_equal(fclose(stream), 0);
  snprintf(text, sizeof text, "trace:%s", path);
  testudo_law *law = law_of(text);
  unlink(path);
  qsort(row, ROWS, sizeof *row, by_value);
  return law;
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

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_last_of_many_equals_the_sum_over_all_jumps),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
