/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fits: parameters recovered, likelihoods, distances, shares of variance, degenerate traces. */
#include "check.h"

#include <locale.h>

#include <testudo/fit.h>

#include "base/random.h"
#include "fit/laws/distance.h"
#include "delay/model.h"

#define TRACE "test_fit_rows.csv"

static testudo_fit *fit_file(const char *path)
{
  testudo_fit *fit;
  testudo_error error;
  if (testudo_fit_trace(path, NULL, &fit, &error) != TESTUDO_OK)
    fail_msg("%s", error.text);
  return fit;
}

static testudo_fit *fit_text(const char *bytes)
{
  FILE *file = fopen(TRACE, "w");
  assert_non_null(file);
  fputs(bytes, file);
  assert_int_equal(fclose(file), 0);
  testudo_fit *fit = fit_file(TRACE);
  remove(TRACE);
  return fit;
}

static testudo_fit *fit_values(const double *x, int count)
{
  FILE *file = fopen(TRACE, "w");
  assert_non_null(file);
  fputs("seconds\n", file);
  for (int k = 0; k < count; k++)
    fprintf(file, "%.17g\n", x[k]);
  assert_int_equal(fclose(file), 0);
  testudo_fit *fit = fit_file(TRACE);
  remove(TRACE);
  return fit;
}

static const testudo_fit_model *model_of(const testudo_fit *fit, const char *law)
{
  for (size_t k = 0; k < fit->models; k++)
    if (strncmp(fit->model[k].law, law, strlen(law)) == 0 && fit->model[k].law[strlen(law)] == ':')
      return &fit->model[k];
  fail_msg("%s is not among the %zu models", law, fit->models);
  return NULL;
}

/* The two numbers of a law's text; the second stays 0 where there is one. */
static void numbers_of(const testudo_fit_model *model, double number[2])
{
  char *end;
  number[1] = 0;
  number[0] = strtod(strchr(model->law, ':') + 1, &end);
  if (*end == ',')
    number[1] = strtod(end + 1, &end);
  assert_true(*end == '\0');
}

/* ---- distances ---- */

static testudo_fit *sample_fit(int count, uint64_t seed, double grain)
{
  double *x = malloc((size_t)count * sizeof *x);
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_TEST, 1, 0);
  for (int k = 0; k < count; k++) {
    double u = testudo_i_random_uniform(&random), v = testudo_i_random_uniform(&random);
    x[k] = 0.3 + u * u - log(v) * (u < 0.2 ? 2.7 : 0.4);
    x[k] = grain > 0 ? grain * ceil(x[k] / grain) : x[k];
  }
  testudo_fit *fit = fit_values(x, count);
  free(x);
  return fit;
}

static double brute_distance(const testudo_fit_model *model, const testudo_fit *fit)
{
  testudo_law *law;
  double worst = 0;
  assert_ok(testudo_law_parse(model->law, &law, NULL));
  for (int64_t k = 0; k < fit->samples; k++) {
    int64_t below = 0, upto = 0;
    for (int64_t i = 0; i < fit->samples; i++) {
      below += fit->sorted[i] < fit->sorted[k];
      upto += fit->sorted[i] <= fit->sorted[k];
    }
    double p = testudo_law_cdf(law, fit->sorted[k]), n = (double)fit->samples;
    worst = fmax(worst, fmax(fabs((double)below / n - p), fabs((double)upto / n - p)));
  }
  testudo_law_free(law);
  return worst;
}

static void distances_equal_the_supremum_by_counting(void **state)
{
  (void)state;
  const double grains[] = {0, 0.05, 0.7}; /* the last two make ties */
  for (int g = 0; g < 3; g++) {
    testudo_fit *fit = sample_fit(700, 41, grains[g]);
    for (size_t k = 0; k < fit->models; k++)
      assert_near(fit->model[k].ks, brute_distance(&fit->model[k], fit), 1e-14);
    testudo_fit_free(fit);
  }
}

static void kolmogorov_p_values_equal_published_ones(void **state)
{
  (void)state;
  /* The limit law: Smirnov, Ann. Math. Statist. 19 (1948), 279-281. */
  const struct {
    double x, p;
  } limit[] = {{0.5, 0.963945}, {0.8, 0.544142}, {1.0, 0.270000}, {1.36, 0.049486}, {1.63, 0.009846}, {2.0, 0.000671}};
  for (size_t k = 0; k < sizeof limit / sizeof *limit; k++)
    assert_near(testudo_i_kolmogorov_p(limit[k].x / (1e7 + 0.12), 1e14), limit[k].p, 1e-6);
  /* Critical distances of level 0.05 for few samples: Miller, J. Amer. Statist. Assoc. 51 (1956), 111-121. */
  const struct {
    double n, distance;
  } few[] = {{10, 0.40925}, {20, 0.29408}, {50, 0.18845}, {100, 0.13403}};
  for (size_t k = 0; k < sizeof few / sizeof *few; k++)
    assert_near(testudo_i_kolmogorov_p(few[k].distance, few[k].n), 0.05, 0.0015);
  assert_true(testudo_i_kolmogorov_p(0, 10) == 1 && testudo_i_kolmogorov_p(0.05, 30) == 1);
  assert_true(testudo_i_kolmogorov_p(1, 1e6) == 0);
  double last = 1;
  for (double ks = 0.001; ks < 1; ks += 0.001) {
    double p = testudo_i_kolmogorov_p(ks, 40);
    assert_true(p <= last + 1e-15 && p >= 0);
    last = p;
  }
}

/* ---- who and when ---- */

enum { SHARE_ROWS = 600, SHARE_GROUPS = 40 };

static double naive_share(const double *x, const int *group, double *largest_mean)
{
  double mean = 0, between = 0, total = 0, largest_sum = 0;
  int groups = 0;
  for (int k = 0; k < SHARE_ROWS; k++)
    mean += x[k] / SHARE_ROWS;
  for (int k = 0; k < SHARE_ROWS; k++)
    total += (x[k] - mean) * (x[k] - mean);
  for (int g = 0; g < SHARE_GROUPS; g++) {
    double sum = 0, largest = 0;
    int count = 0;
    for (int k = 0; k < SHARE_ROWS; k++)
      if (group[k] == g) {
        sum += x[k];
        largest = fmax(largest, x[k]);
        count++;
      }
    if (count == 0)
      continue;
    between += count * (sum / count - mean) * (sum / count - mean);
    largest_sum += largest;
    groups++;
  }
  *largest_mean = largest_sum / groups;
  return between / total;
}

static void shares_of_variance_equal_direct_sums(void **state)
{
  (void)state;
  double x[SHARE_ROWS], unused, largest;
  int worker[SHARE_ROWS], iteration[SHARE_ROWS];
  testudo_i_random random;
  testudo_i_random_start(&random, 51, TESTUDO_I_FOR_TEST, 0, 0);
  FILE *file = fopen(TRACE, "w");
  assert_non_null(file);
  fprintf(file, "iteration,worker,seconds\n");
  for (int k = 0; k < SHARE_ROWS; k++) {
    worker[k] = (int)(7 * testudo_i_random_uniform(&random)); /* unequal groups, numbered with gaps in the file */
    iteration[k] = (int)(SHARE_GROUPS * testudo_i_random_uniform(&random));
    x[k] = (1 + 0.1 * worker[k]) * (0.5 - log(testudo_i_random_uniform(&random)));
    fprintf(file, "%d,%d,%.17g\n", iteration[k] * 3, 1000000007 + worker[k], x[k]);
  }
  assert_int_equal(fclose(file), 0);
  testudo_fit *fit = fit_file(TRACE);
  remove(TRACE);
  assert_close(fit->worker_variance_share, naive_share(x, worker, &unused), 1e-12);
  assert_close(fit->iteration_variance_share, naive_share(x, iteration, &largest), 1e-12);
  assert_close(fit->largest_mean, largest, 1e-14);
  assert_int_equal(fit->workers, 7);
  assert_int_equal(fit->iterations, SHARE_GROUPS);
  assert_close(fit->worker_share_expected, 6.0 / 599, 1e-15);
  assert_close(fit->iteration_share_expected, 39.0 / 599, 1e-15);
  testudo_fit_free(fit);
}

/* The mean share over all 24 orders of four times between two workers is the expected one, whatever the times. */
static void the_expected_share_is_the_mean_over_all_orders(void **state)
{
  (void)state;
  const char *const times[] = {"0.31", "2", "2.5", "17.25"};
  double sum = 0;
  int orders = 0;
  for (int a = 0; a < 4; a++)
    for (int b = 0; b < 4; b++)
      for (int c = 0; c < 4; c++) {
        int d = 6 - a - b - c;
        if (a == b || a == c || b == c)
          continue;
        char text[128];
        snprintf(text, sizeof text, "worker,seconds\n0,%s\n1,%s\n1,%s\n1,%s\n", times[a], times[b], times[c], times[d]);
        testudo_fit *fit = fit_text(text);
        sum += fit->worker_variance_share;
        assert_close(fit->worker_share_expected, 1.0 / 3, 1e-15);
        testudo_fit_free(fit);
        orders++;
      }
  assert_int_equal(orders, 24);
  assert_close(sum / orders, 1.0 / 3, 1e-14);
}

/* ---- the ends ---- */

static void equal_times_are_deterministic_whoever_measured_them(void **state)
{
  (void)state;
  const char *const texts[] = {"seconds\n0.1\n0.1\n0.1\n", "worker,iteration,seconds\n0,0,0.1\n1,0,0.1\n",
                               "seconds\n0.1", "worker,iteration,chunk,seconds\n5,7,9,0.1\n"};
  for (int k = 0; k < 4; k++) {
    testudo_fit *fit = fit_text(texts[k]);
    assert_int_equal(fit->models, 1);
    assert_string_equal(fit->model[0].law, "deterministic:0.10000000000000001");
    assert_true(fit->model[0].log_likelihood == HUGE_VAL && fit->model[0].bic == -HUGE_VAL);
    assert_true(fit->model[0].ks == 0 && fit->model[0].ks_p == 1);
    assert_true(fit->mean == 0.1 && fit->stddev == 0);
    assert_true(isnan(fit->worker_variance_share) && isnan(fit->worker_share_expected));
    assert_true(isnan(fit->iteration_variance_share) && isnan(fit->iteration_share_expected));
    assert_true(k % 2 == 0 ? isnan(fit->largest_mean) : fit->largest_mean == 0.1);
    testudo_fit_free(fit);
  }
}

static void absent_columns_give_no_shares(void **state)
{
  (void)state;
  testudo_fit *fit = fit_text("seconds,worker\n1,0\n2,0\n4,1\n");
  assert_true(isnan(fit->iteration_variance_share) && isnan(fit->largest_mean) && fit->iterations == 0);
  assert_close(fit->worker_variance_share, (2 * pow(1.5 - 7.0 / 3, 2) +
                                            pow(4 - 7.0 / 3, 2)) / (14.0 / 3), 1e-14);
  testudo_fit_free(fit);
  fit = fit_text("seconds,iteration\n1,0\n2,0\n4,1\n");
  assert_true(isnan(fit->worker_variance_share) && fit->workers == 0 && fit->iterations == 2);
  assert_true(fit->largest_mean == 3);
  testudo_fit_free(fit);
}

static void times_that_differ_in_the_last_digit_have_finite_parameters(void **state)
{
  (void)state;
  const double bases[] = {1, 1e10, 3.7e-5};
  for (int b = 0; b < 3; b++) {
    double next = nextafter(bases[b], HUGE_VAL), x[3] = {bases[b], next, bases[b]}, number[2];
    testudo_fit *fit = fit_values(x, 3);
    numbers_of(model_of(fit, "shifted-exp"), number);
    assert_close(number[1], 3 / (next - bases[b]), 1e-14);
    numbers_of(model_of(fit, "pareto"), number);
    assert_close(number[1], 3 * bases[b] / (next - bases[b]), 1e-14);
    numbers_of(model_of(fit, "lognormal"), number);
    assert_close(number[1], sqrt(2) / 3 * (next - bases[b]) / bases[b], 1e-14);
    testudo_fit_free(fit);
  }
}

static void models_out_of_the_range_of_their_law_are_left_out(void **state)
{
  (void)state;
  testudo_fit *fit = fit_text("seconds\n9e99\n1e100\n"); /* mu above 230 */
  for (size_t k = 0; k < fit->models; k++)
    assert_null(strstr(fit->model[k].law, "lognormal"));
  testudo_fit_free(fit);
  fit = fit_text("seconds\n1e-90\n1e90\n"); /* sigma above 10, alpha below 0.1 */
  for (size_t k = 0; k < fit->models; k++)
    assert_true(strstr(fit->model[k].law, "lognormal") == NULL && strstr(fit->model[k].law, "pareto") == NULL);
  assert_true(model_of(fit, "exp")->ks > 0 && model_of(fit, "shifted-exp")->ks > 0);
  testudo_fit_free(fit);
}

static void the_locale_changes_nothing(void **state)
{
  (void)state;
  const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "fr_FR.utf8"};
  bool found = false;
  for (size_t k = 0; k < 4 && !found; k++)
    found = setlocale(LC_ALL, names[k]) != NULL && strcmp(localeconv()->decimal_point, ",") == 0;
  if (!found)
    skip();
  testudo_fit *fit = fit_text("seconds\n1.5\n2.5\n");
  setlocale(LC_ALL, "C");
  assert_string_equal(model_of(fit, "exp")->law, "exp:0.5");
  testudo_fit_free(fit);
}

static void broken_traces_are_refused_with_their_place(void **state)
{
  (void)state;
  testudo_fit *fit;
  testudo_error error = {""};
  assert_status(testudo_fit_trace("no-such.csv", NULL, &fit, &error), TESTUDO_ERROR_INPUT);
  assert_int_equal(strncmp(error.text, "no-such.csv: ", 13), 0);
  assert_null(fit);
  FILE *file = fopen(TRACE, "w");
  assert_non_null(file);
  fputs("seconds\n1\n-1\n", file);
  assert_int_equal(fclose(file), 0);
  assert_status(testudo_fit_trace(TRACE, NULL, &fit, &error), TESTUDO_ERROR_INPUT);
  remove(TRACE);
  assert_int_equal(strncmp(error.text, TRACE ": line 3: ", strlen(TRACE) + 10), 0);
  assert_null(fit);
  testudo_fit_free(NULL);
}

static void fits_the_training_trace_where_it_is(void **state)
{
  (void)state;
  char path[2048];
  const char *source = getenv("srcdir");
  snprintf(path, sizeof path, "%s/../shared/data/traces/llm-dp32-steps.csv", source == NULL ? "." : source);
  FILE *file = fopen(path, "r");
  if (file == NULL)
    skip();
  fclose(file);
  testudo_fit *fit = fit_file(path);
  double number[2];
  assert_int_equal(fit->samples, 1440);
  assert_near(fit->mean, 4.076, 5e-4);
  assert_near(fit->stddev, 0.595, 5e-4);
  assert_near(fit->sorted[0], 3.068, 5e-4);
  assert_near(fit->worker_variance_share, 0.02, 5e-3);
  assert_near(fit->iteration_variance_share, 0.05, 5e-3);
  assert_near(fit->largest_mean, 5.625, 5e-4);
  assert_true(fit->workers == 32 && fit->iterations == 45);
  /* The best, two lognormal parts, is refuted all the same, and so is every other. */
  assert_non_null(strstr(fit->model[0].law, "mixture:"));
  for (size_t k = 0; k < fit->models; k++)
    assert_true(fit->model[k].refuted && fit->model[k].ks > 0.04);
  numbers_of(model_of(fit, "lognormal"), number);
  assert_near(number[0], 1.395, 5e-4);
  assert_near(number[1], 0.139, 5e-4);
  numbers_of(model_of(fit, "shifted-exp"), number);
  assert_near(number[0], 3.068, 5e-4);
  assert_near(number[1], 0.992, 5e-4);
  testudo_fit_free(fit);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(distances_equal_the_supremum_by_counting),
      cmocka_unit_test(kolmogorov_p_values_equal_published_ones),
      cmocka_unit_test(shares_of_variance_equal_direct_sums),
      cmocka_unit_test(the_expected_share_is_the_mean_over_all_orders),
      cmocka_unit_test(equal_times_are_deterministic_whoever_measured_them),
      cmocka_unit_test(absent_columns_give_no_shares),
      cmocka_unit_test(times_that_differ_in_the_last_digit_have_finite_parameters),
      cmocka_unit_test(models_out_of_the_range_of_their_law_are_left_out),
      cmocka_unit_test(the_locale_changes_nothing),
      cmocka_unit_test(broken_traces_are_refused_with_their_place),
      cmocka_unit_test(fits_the_training_trace_where_it_is),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
