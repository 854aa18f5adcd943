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

/* ---- recovery ---- */

enum { TRACES = 200, ROWS = 500 };

/* How far the estimates of 200 traces are from what was claimed: the largest |z| of one trace's regular parameters,
   |z| of each pooled over the traces, and the Kolmogorov-Smirnov statistic sqrt(200) D of the locations' own law. */
typedef struct distance {
  double worst, pooled[2], location;
  int right; /* traces whose best law is the one that was drawn */
} distance;

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* sqrt(n) D of values that should be exponential of mean 1. */
static double exponential_statistic(double *value, int count)
{
  double worst = 0;
  qsort(value, (size_t)count, sizeof *value, ascending);
  for (int k = 0; k < count; k++) {
    double below = value[k] > 0 ? -expm1(-value[k]) : 0;
    worst = fmax(worst, fmax((k + 1.0) / count - below, below - (double)k / count));
  }
  return worst * sqrt(count);
}

/* The standardised errors of the regular parameters of one trace, and the transformed location. */
static void standardise(const char *law, const double found[2], const double claimed[2], double z[2], double *location)
{
  double n = ROWS;
  z[0] = z[1] = *location = 0;
  if (strcmp(law, "exp") == 0)
    z[0] = (claimed[0] / found[0] - 1) * sqrt(n); /* n rate / estimate is Gamma(n) */
  else if (strcmp(law, "lognormal") == 0) {
    z[0] = (found[0] - claimed[0]) / claimed[1] * sqrt(n);
    z[1] = (found[1] * found[1] / claimed[1] / claimed[1] * n - (n - 1)) / sqrt(2 * (n - 1)); /* chi^2(n - 1) */
  } else {
    bool shifted = strcmp(law, "shifted-exp") == 0;
    z[1] = (claimed[1] / found[1] * n - (n - 1)) / sqrt(n - 1); /* n rate / estimate is Gamma(n - 1) */
    *location = n * claimed[1] * (shifted ? found[0] - claimed[0] : log(found[0] / claimed[0]));
  }
}

static distance recover(const char *law, const double drawn[2], const double claimed[2])
{
  distance d = {0};
  double *location = malloc(TRACES * sizeof *location), *x = malloc(ROWS * sizeof *x);
  char text[96];
  snprintf(text, sizeof text, strcmp(law, "exp") == 0 ? "%s:%.17g" : "%s:%.17g,%.17g", law, drawn[0], drawn[1]);
  testudo_law *parsed;
  assert_ok(testudo_law_parse(text, &parsed, NULL));
  for (int trace = 0; trace < TRACES; trace++) {
    testudo_i_random random;
    testudo_i_random_start(&random, 20, TESTUDO_I_FOR_TEST, (uint64_t)trace, 0);
    for (int k = 0; k < ROWS; k++)
      x[k] = testudo_i_law_draw(parsed, testudo_i_random_uniform(&random));
    testudo_fit fit = {.samples = ROWS};
    qsort(x, ROWS, sizeof *x, ascending);
    const testudo_i_fit_samples samples = {.exact = x, .exacts = ROWS};
    assert_ok(testudo_i_fit_laws(&samples, &(testudo_i_fit_effort){.resamples = -1}, &fit.model, &fit.models, NULL));
    double found[2], z[2];
    numbers_of(model_of(&fit, law), found);
    standardise(law, found, claimed, z, &location[trace]);
    d.right += model_of(&fit, law) == &fit.model[0];
    for (int i = 0; i < 2; i++) {
      d.worst = fmax(d.worst, fabs(z[i]));
      d.pooled[i] += z[i] / sqrt(TRACES);
    }
    free(fit.model);
  }
  d.location = exponential_statistic(location, TRACES);
  testudo_law_free(parsed);
  free(location);
  free(x);
  return d;
}

/* Fixed seeds. For fresh ones: |z| of one of the at most 400 estimates of a law beyond 4 has probability 0.03 (the
   claim is 4 standard errors); a pooled |z| beyond 5.5, at 100,000 rows, 4e-8; sqrt(n) D beyond 2.7 at most
   2 exp(-2 2.7^2) = 1e-6. A parameter 3 % off must be noticed by one of the pooled statistics. */
static bool recovered(const char *law, const distance *d)
{
  bool located = strcmp(law, "exp") == 0 || strcmp(law, "lognormal") == 0 || d->location < 2.7;
  return fabs(d->pooled[0]) < 5.5 && fabs(d->pooled[1]) < 5.5 && located;
}

static void check_recovery(const char *law, double a, double b, int least_right)
{
  const double drawn[2] = {a, b};
  distance d = recover(law, drawn, drawn);
  if (!(d.worst < 4) || !recovered(law, &d))
    fail_msg("%s: worst z %.2f, pooled %.2f and %.2f, location %.2f", law, d.worst, d.pooled[0], d.pooled[1],
             d.location);
  if (d.right < least_right)
    fail_msg("%s: best on %d of %d traces", law, d.right, TRACES);
  for (int wrong = 0; wrong < (b > 0 ? 2 : 1); wrong++) {
    double claimed[2] = {a, b};
    /* The scale of a lognormal is exp(mu). */
    claimed[wrong] = strcmp(law, "lognormal") == 0 && wrong == 0 ? a + log(1.03) : claimed[wrong] * 1.03;
    d = recover(law, drawn, claimed);
    if (recovered(law, &d))
      fail_msg("%s: parameter %d may be 3 %% off: pooled %.2f and %.2f, location %.2f", law, wrong, d.pooled[0],
               d.pooled[1], d.location);
  }
}

/* An exponential trace is best fitted by exp unless n rate min, exponential of mean 1, exceeds half of log n: 4.5 %. */
static void recovers_exponential(void **state)
{
  (void)state;
  check_recovery("exp", 0.37, 0, 180);
}

static void recovers_shifted_exponential(void **state)
{
  (void)state;
  check_recovery("shifted-exp", 0.53, 2.1, TRACES);
}

static void recovers_lognormal(void **state)
{
  (void)state;
  check_recovery("lognormal", 1.395, 0.4, TRACES);
}

static void recovers_pareto(void **state)
{
  (void)state;
  check_recovery("pareto", 0.71, 2.3, TRACES);
}

/* ---- likelihoods ---- */

static long double log_density(const char *law, const long double p[2], long double x)
{
  if (strncmp(law, "exp", 3) == 0)
    return logl(p[0]) - p[0] * x;
  if (strncmp(law, "shifted-exp", 11) == 0)
    return x < p[0] ? -HUGE_VALL : logl(p[1]) - p[1] * (x - p[0]);
  if (strncmp(law, "pareto", 6) == 0)
    return x < p[0] ? -HUGE_VALL : logl(p[1]) + p[1] * logl(p[0]) - (p[1] + 1) * logl(x);
  long double z = (logl(x) - p[0]) / p[1];
  return -z * z / 2 - logl(x) - logl(p[1]) - 0.918938533204672741780329736405617640L;
}

static long double log_likelihood(const char *law, const long double p[2], const double *x, int64_t count)
{
  long double sum = 0;
  for (int64_t k = 0; k < count; k++)
    sum += log_density(law, p, x[k]);
  return sum;
}

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

static void likelihoods_are_sums_of_log_densities_and_maximal(void **state)
{
  (void)state;
  const int counts[] = {2, 3, 17, 1000};
  for (size_t c = 0; c < 4; c++) {
    testudo_fit *fit = sample_fit(counts[c], 31 + c, 0);
    assert_int_equal(fit->models, 4);
    double n = counts[c];
    for (size_t k = 0; k < fit->models; k++) {
      const testudo_fit_model *model = &fit->model[k];
      double number[2];
      numbers_of(model, number);
      const long double at[2] = {number[0], number[1]};
      long double best = log_likelihood(model->law, at, fit->sorted, fit->samples);
      assert_near(model->log_likelihood, (double)best, 1e-12 * (n + fabs((double)best)));
      assert_int_equal(model->parameters, number[1] > 0 ? 2 : 1);
      assert_near(model->aic, 2 * model->parameters - 2 * (double)best, 1e-11 * (n + fabs((double)best)));
      assert_near(model->bic, model->parameters * log(n) - 2 * (double)best, 1e-11 * (n + fabs((double)best)));
      assert_true(k == 0 || fit->model[k - 1].bic <= model->bic);
      for (int i = 0; i < model->parameters; i++)
        for (int sign = -1; sign <= 1; sign += 2) {
          long double off[2] = {at[0], at[1]};
          off[i] += sign * 1e-3L * (fabsl(off[i]) + 1e-3L);
          assert_true(log_likelihood(model->law, off, fit->sorted, fit->samples) < best);
        }
    }
    testudo_fit_free(fit);
  }
}

/* ---- distances ---- */

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
    double p = testudo_i_law_cdf(law, fit->sorted[k]), n = (double)fit->samples;
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
    assert_int_equal(fit->models, 4);
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
  assert_int_equal(fit->models, 3);
  for (size_t k = 0; k < 3; k++)
    assert_null(strstr(fit->model[k].law, "lognormal"));
  testudo_fit_free(fit);
  fit = fit_text("seconds\n1e-90\n1e90\n"); /* sigma above 10, alpha below 0.1 */
  assert_int_equal(fit->models, 2);
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
  assert_int_equal(fit->models, 4);
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
  assert_true(model_of(fit, "lognormal") == &fit->model[0] && model_of(fit, "shifted-exp") == &fit->model[1]);
  assert_true(model_of(fit, "pareto") == &fit->model[2]);
  numbers_of(&fit->model[0], number);
  assert_near(number[0], 1.395, 5e-4);
  assert_near(number[1], 0.139, 5e-4);
  numbers_of(&fit->model[1], number);
  assert_near(number[0], 3.068, 5e-4);
  assert_near(number[1], 0.992, 5e-4);
  testudo_fit_free(fit);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(recovers_exponential),
      cmocka_unit_test(recovers_shifted_exponential),
      cmocka_unit_test(recovers_lognormal),
      cmocka_unit_test(recovers_pareto),
      cmocka_unit_test(likelihoods_are_sums_of_log_densities_and_maximal),
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
