/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws fitted to samples: parameters, likelihoods, which law is best, p-values, censored times. 20 samples per
   law, 200 where TESTUDO_LONG is set. */
#include "check.h"

#include <testudo/delay.h>

#include "base/random.h"
#include "delay/model.h"
#include "fit/laws/distance.h"

enum { ROWS = 500 };

static int traces(void)
{
  return getenv("TESTUDO_LONG") != NULL ? 200 : 20;
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void draw(const char *text, uint64_t seed, uint64_t trace, double *x, int count)
{
  testudo_law *law;
  testudo_i_random random;
  assert_ok(testudo_law_parse(text, &law, NULL));
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_TEST, trace, 0);
  for (int k = 0; k < count; k++)
    x[k] = testudo_i_law_draw(law, testudo_i_random_uniform(&random));
  qsort(x, (size_t)count, sizeof *x, ascending);
  testudo_law_free(law);
}

/* The family whose law's text begins like this one's: the same names in the same places. */
static const testudo_i_fit_family *family_of(const char *text)
{
  for (size_t k = 0; k < testudo_i_fit_family_count; k++) {
    const testudo_i_fit_family *family = &testudo_i_fit_families[k];
    const char *base = family->base->law, *rest = strchr(text, ',');
    bool plain = family->kind == TESTUDO_I_FIT_PLAIN || family->kind == TESTUDO_I_FIT_SHARP;
    if (strncmp(text, family->law, strlen(family->law)) == 0 &&
        (plain || strncmp(rest + 1, base, strlen(base)) == 0))
      return family;
  }
  fail_msg("no family has the law %s", text);
  return NULL;
}

/* The numbers that stand in a text, in their order. */
static int numbers_of(const char *text, double *number)
{
  int count = 0;
  for (const char *at = text; *at != '\0';) {
    bool begins = (at == text || at[-1] == ':' || at[-1] == ',') && strchr("-.0123456789", *at) != NULL;
    char *end = NULL;
    if (begins)
      number[count++] = strtod(at, &end);
    at = begins ? end : at + 1;
  }
  return count;
}

static bool fit_seeded(const char *law, const testudo_i_fit_samples *samples, int32_t resamples, uint64_t seed,
                       testudo_fit_model *model)
{
  testudo_i_fit_rows rows;
  bool found;
  assert_ok(testudo_i_fit_rows_make(&rows, samples->exacts + samples->censored, NULL));
  testudo_i_fit_rows_fill(&rows, samples);
  const testudo_i_fit_effort effort = {.resamples = resamples, .seed = seed};
  assert_ok(testudo_i_fit_family_model(family_of(law), &rows, samples, &effort, model, &found, NULL));
  testudo_i_fit_rows_clear(&rows);
  return found;
}

static bool fit_one(const char *law, const testudo_i_fit_samples *samples, int32_t resamples, testudo_fit_model *model)
{
  return fit_seeded(law, samples, resamples, 5, model);
}

/* ---- parameters ---- */

static const char *const laws[] = {"exp:0.37",
                                   "shifted-exp:0.53,2.1",
                                   "gamma:2.5,0.7",
                                   "gamma:0.6,3",
                                   "shift:2,gamma:3.5,0.4",
                                   "shift:2,gamma:0.7,1",
                                   "weibull:1.7,2",
                                   "weibull:0.6,1",
                                   "shift:1,weibull:3,2",
                                   "shift:1,weibull:0.7,0.5",
                                   "lognormal:1.395,0.4",
                                   "shift:3,lognormal:0,0.7",
                                   "pareto:0.71,2.3",
                                   "lomax:1.5,0.8",
                                   "shift:0.5,lomax:1.3,0.6",
                                   "mixture:0.7,exp:3,exp:0.2",
                                   "mixture:0.6,gamma:8,0.1,gamma:20,0.2",
                                   "mixture:0.7,weibull:4,1,weibull:6,3",
                                   "mixture:0.8,lognormal:0,0.1,lognormal:1,0.3"};

enum { LAWS = sizeof laws / sizeof *laws };

/* How improbable it is that a start is `away` from the true one, by its own law: exponential of mean 1. */
static double start_score(const char *law, const double *number, double away)
{
  double moved[2] = {number[1], number[2]};
  const testudo_i_fit_family *family = family_of(law);
  if (family->kind == TESTUDO_I_FIT_SHARP)
    return family->ratio ? ROWS * number[1] * log1p(away / number[0]) : ROWS * number[1] * away;
  testudo_law base = testudo_i_fit_base_law(family->base, moved);
  return -ROWS * log(testudo_law_survival(&base, fabs(away)));
}

/* A regular |z| beyond 4 has probability 6e-5, one of 40 estimates 0.3 %; a start that is off by 14 of the exponential
   law of its own, 1e-6. Seeds are fixed. Pooled over the traces |z|
   must be below 4 too, beside a bias of 0.4 standard errors, which 500 rows allow shifted laws. */
static void parameters_are_within_four_standard_errors(void **state)
{
  (void)state;
  double x[ROWS];
  for (int l = 0; l < LAWS; l++) {
    double truth[8], pooled[8] = {0};
    int count = numbers_of(laws[l], truth), far = 0, missing = 0, estimates = 0;
    for (int trace = 0; trace < traces(); trace++) {
      draw(laws[l], 100 + (uint64_t)l, (uint64_t)trace, x, ROWS);
      const testudo_i_fit_samples samples = {.exact = x, .exacts = ROWS};
      testudo_fit_model model;
      if (!fit_one(laws[l], &samples, -1, &model)) {
        missing++;
        continue;
      }
      double found[8];
      assert_int_equal(numbers_of(model.law, found), count);
      assert_int_equal(model.parameters, count);
      for (int k = 0; k < count; k++) {
        assert_close(found[k], model.number[k], 1e-15);
        double z = (model.number[k] - truth[k]) / model.standard_error[k];
        if (isnan(model.standard_error[k])) {
          assert_int_equal(k, 0);
          far += start_score(laws[l], truth, model.number[0] - truth[0]) > 14;
          continue;
        }
        estimates++;
        far += fabs(z) > 4;
        pooled[k] += z / sqrt(traces());
      }
    }
    if (far * 100 > estimates + 50 || missing * 20 > traces())
      fail_msg("%s: %d of %d estimates are off, %d not found", laws[l], far, estimates, missing);
    for (int k = 0; k < count; k++)
      if (fabs(pooled[k]) > 4 + 0.4 * sqrt(traces()))
        fail_msg("%s: pooled z of number %d is %.2f", laws[l], k, pooled[k]);
  }
}

/* ---- which law is best ---- */

static const char *const nests[][8] = {
    {"exp:0.37", "shifted-exp:", "gamma:", "weibull:", "lomax:", "shift:1,gamma:", "shift:1,weibull:",
     "mixture:1,exp:"},
    {"shifted-exp:0.53,2.1", "shift:1,gamma:", "shift:1,weibull:", "shift:1,lomax:"},
    {"gamma:2.5,0.7", "shift:1,gamma:", "mixture:1,gamma:"},
    {"gamma:0.6,3", "shift:1,gamma:", "mixture:1,gamma:"},
    {"weibull:1.7,2", "shift:1,weibull:", "mixture:1,weibull:"},
    {"lognormal:1.395,0.4", "shift:1,lognormal:", "mixture:1,lognormal:"},
    {"pareto:0.71,2.3", "shift:1,lomax:"},
    {"lomax:1.5,0.8", "shift:1,lomax:"},
};

/* True laws of which at most 5 % may lose to one that they are a case of. */
static void the_simpler_law_wins_where_it_is_true(void **state)
{
  (void)state;
  double x[ROWS];
  int lost = 0, all = 0;
  for (size_t l = 0; l < sizeof nests / sizeof *nests; l++) {
    int here = 0;
    for (int trace = 0; trace < traces(); trace++, all++) {
      draw(nests[l][0], 200 + l, (uint64_t)trace, x, ROWS);
      const testudo_i_fit_samples samples = {.exact = x, .exacts = ROWS};
      testudo_fit_model simple, other;
      bool wins = fit_one(nests[l][0], &samples, -1, &simple);
      for (int k = 1; k < 8 && nests[l][k] != NULL; k++)
        wins = wins && (!fit_one(nests[l][k], &samples, -1, &other) ||
                        testudo_i_fit_charge(&simple, ROWS) <= testudo_i_fit_charge(&other, ROWS));
      here += !wins;
    }
    lost += here;
    if (here * 20 > traces())
      fail_msg("%s loses %d of %d traces", nests[l][0], here, traces());
  }
  assert_true(lost * 20 <= all);
}

static void two_parts_are_found_where_there_are_two(void **state)
{
  (void)state;
  double x[ROWS];
  draw("mixture:0.8,lognormal:0,0.1,lognormal:1,0.3", 300, 0, x, ROWS);
  const testudo_i_fit_samples samples = {.exact = x, .exacts = ROWS};
  testudo_fit_model *model;
  size_t models;
  assert_ok(testudo_i_fit_laws(&samples, &(testudo_i_fit_effort){0}, &model, &models, NULL));
  assert_non_null(strstr(model[0].law, "mixture:"));
  assert_false(model[0].refuted);
  for (size_t k = 0; k < models; k++) {
    if (strncmp(model[k].law, "mixture", 7) != 0)
      assert_true(model[k].refuted && model[k].ks_p < 0.01 && model[k].ad_p < 0.01);
    assert_true(k == 0 || testudo_i_fit_charge(&model[k - 1], ROWS) <= testudo_i_fit_charge(&model[k], ROWS));
    testudo_law *law;
    assert_ok(testudo_law_parse(model[k].law, &law, NULL));
    assert_true(model[k].tail_index == testudo_i_law_tail_index(law));
    testudo_law_free(law);
  }
  free(model);
}

/* ---- likelihoods ---- */

static long double base_density(const char *name, const double *a, long double x)
{
  if (x < 0)
    return -HUGE_VALL;
  if (strncmp(name, "exp:", 4) == 0)
    return logl(a[0]) - a[0] * x;
  if (strncmp(name, "gamma:", 6) == 0)
    return (a[0] - 1) * logl(x) - x / a[1] - a[0] * logl(a[1]) - lgammal(a[0]);
  if (strncmp(name, "weibull:", 8) == 0)
    return logl(a[0]) - a[0] * logl(a[1]) + (a[0] - 1) * logl(x) - powl(x / a[1], a[0]);
  if (strncmp(name, "lomax:", 6) == 0)
    return logl(a[0]) + a[0] * logl(a[1]) - (a[0] + 1) * logl(a[1] + x);
  long double z = (logl(x) - a[0]) / a[1];
  return -z * z / 2 - logl(x) - logl(a[1]) - 0.918938533204672741780329736405617640L;
}

static long double law_density(const testudo_i_fit_family *family, const double *a, long double x)
{
  const char *name = family->base->law;
  if (family->kind == TESTUDO_I_FIT_SHARP && family->ratio)
    return logl(a[1]) + a[1] * logl(a[0]) - (a[1] + 1) * logl(x);
  if (family->kind == TESTUDO_I_FIT_SHARP || family->kind == TESTUDO_I_FIT_SHIFTED)
    return base_density(name, a + 1, x - a[0]);
  if (family->kind == TESTUDO_I_FIT_PLAIN)
    return base_density(name, a, x);
  return logl(a[0] * expl(base_density(name, a + 1, x)) +
              (1 - a[0]) * expl(base_density(name, a + 1 + family->base->numbers, x)));
}

static long double direct_sum(const testudo_i_fit_family *family, const double *a, const double *x, int count)
{
  long double sum = 0;
  for (int k = 0; k < count; k++)
    sum += law_density(family, a, x[k]);
  return sum;
}

/* And nothing beside the numbers that have a standard error is more likely. */
static void likelihoods_are_direct_sums_and_maximal(void **state)
{
  (void)state;
  double x[ROWS];
  for (int l = 0; l < LAWS; l++) {
    const testudo_i_fit_family *family = family_of(laws[l]);
    draw(laws[l], 400, (uint64_t)l, x, ROWS);
    const testudo_i_fit_samples samples = {.exact = x, .exacts = ROWS};
    testudo_fit_model model;
    assert_true(fit_one(laws[l], &samples, -1, &model));
    double best = (double)direct_sum(family, model.number, x, ROWS);
    assert_near(model.log_likelihood, best, 1e-9 * (ROWS + fabs(best)));
    assert_near(model.aic, 2 * model.parameters - 2 * best, 1e-8 * (ROWS + fabs(best)));
    assert_near(model.bic, model.parameters * log(ROWS) - 2 * best, 1e-8 * (ROWS + fabs(best)));
    for (int k = 0; k < model.parameters; k++)
      for (int sign = -1; sign <= 1 && !isnan(model.standard_error[k]); sign += 2) {
        double beside[8];
        memcpy(beside, model.number, sizeof beside);
        beside[k] += sign * 0.3 * model.standard_error[k];
        if (!(direct_sum(family, beside, x, ROWS) < best))
          fail_msg("%s: number %d is not the most likely", model.law, k);
      }
  }
}

/* ---- EM ---- */

static void em_climbs_to_the_best_of_many_starts(void **state)
{
  (void)state;
  double x[ROWS];
  for (int l = 0; l < LAWS; l++) {
    const testudo_i_fit_family *family = family_of(laws[l]);
    if (family->kind != TESTUDO_I_FIT_MIXED)
      continue;
    draw(laws[l], 500, (uint64_t)l, x, ROWS);
    const testudo_i_fit_samples samples = {.exact = x, .exacts = ROWS};
    testudo_fit_model model;
    assert_true(fit_one(laws[l], &samples, -1, &model));
    testudo_i_fit_rows rows;
    assert_ok(testudo_i_fit_rows_make(&rows, ROWS, NULL));
    testudo_i_fit_rows_fill(&rows, &samples);
    testudo_i_random random;
    testudo_i_random_start(&random, 501, TESTUDO_I_FOR_TEST, (uint64_t)l, 0);
    for (int start = 0; start < 10; start++) {
      double number[8] = {0.0}, last = -HUGE_VAL, truth[8];
      int count = numbers_of(laws[l], truth);
      number[0] = testudo_i_random_uniform(&random);
      for (int k = 1; k < count; k++)
        number[k] = truth[k] + (testudo_i_random_uniform(&random) - 0.4) * (0.1 + fabs(truth[k]));
      for (int round = 0; round < 30; round++) {
        assert_true(testudo_i_fit_family_estimate(family, &rows, number, true));
        double height = testudo_i_fit_family_likelihood(family, number, &rows);
        assert_true(height >= last - 1e-6);
        last = height;
      }
      if (last > model.log_likelihood + 0.01)
        fail_msg("%s: %.6f, but from start %d %.6f", model.law, model.log_likelihood, start, last);
    }
    testudo_i_fit_rows_clear(&rows);
  }
}

/* ---- censored times ---- */

static long double log_survival(const char *name, const double *a, long double x)
{
  if (strncmp(name, "exp:", 4) == 0)
    return -a[0] * x;
  if (strncmp(name, "weibull:", 8) == 0)
    return -powl(x / a[1], a[0]);
  if (strncmp(name, "lomax:", 6) == 0)
    return -a[0] * log1pl(x / a[1]);
  if (strncmp(name, "lognormal:", 10) == 0)
    return logl(erfcl((logl(x) - a[0]) / a[1] / sqrtl(2)) / 2);
  /* gamma of shape 2 and near: Simpson's rule over the density in the logarithm */
  long double sum = 0, span = logl(80 * a[1]) - logl(x), h = span / 2000;
  for (int k = 0; k <= 2000; k++) {
    long double y = x * expl(k * h), weight = k == 0 || k == 2000 ? 1 : k % 2 == 1 ? 4 : 2;
    sum += weight * expl(base_density(name, a, y)) * y;
  }
  return logl(sum * h / 3);
}

static long double censored_sum(const char *name, const double *a, const testudo_i_fit_samples *samples)
{
  long double sum = 0;
  for (int64_t k = 0; k < samples->exacts; k++)
    sum += base_density(name, a, samples->exact[k]);
  for (int64_t k = 0; k < samples->censored; k++)
    sum += log_survival(name, a, samples->least[k]);
  return sum;
}

/* The estimates are the top of a likelihood that is summed here, and near the truth; without the censored rows they
   would not be. */
static void censored_times_count_as_at_least(void **state)
{
  (void)state;
  const char *const censored[] = {"exp:0.5", "weibull:1.5,2", "lognormal:0.5,0.7", "gamma:2,1", "lomax:2.5,2"};
  double x[ROWS], exact[ROWS], least[ROWS];
  for (int l = 0; l < 5; l++) {
    testudo_i_fit_samples samples = {.exact = exact, .least = least};
    testudo_i_random random;
    testudo_i_random_start(&random, 601, TESTUDO_I_FOR_TEST, (uint64_t)l, 0);
    draw(censored[l], 600, (uint64_t)l, x, ROWS);
    for (int k = 0; k < ROWS; k++) {
      double limit = 0.5 + 4 * testudo_i_random_uniform(&random);
      if (x[k] <= limit)
        exact[samples.exacts++] = x[k];
      else
        least[samples.censored++] = limit;
    }
    qsort(least, (size_t)samples.censored, sizeof *least, ascending);
    testudo_fit_model model;
    assert_true(samples.censored > ROWS / 10);
    assert_true(fit_one(censored[l], &samples, 20, &model));
    assert_true(model.ks_p > 0.04);
    const char *name = family_of(censored[l])->base->law;
    double best = (double)censored_sum(name, model.number, &samples), truth[8];
    assert_near(model.log_likelihood, best, 1e-6 * fabs(best));
    numbers_of(censored[l], truth);
    for (int k = 0; k < model.parameters; k++) {
      assert_true(fabs(model.number[k] - truth[k]) < 4 * model.standard_error[k]);
      for (int sign = -1; sign <= 1; sign += 2) {
        double beside[8];
        memcpy(beside, model.number, sizeof beside);
        beside[k] += sign * 0.02 * model.standard_error[k];
        assert_true(censored_sum(name, beside, &samples) < best);
      }
    }
    samples.censored = 0;
    testudo_fit_model without;
    assert_true(!fit_one(censored[l], &samples, -1, &without) ||
                fabs(without.number[0] - truth[0]) > 4 * without.standard_error[0] ||
                fabs(without.number[1] - truth[1]) > 4 * without.standard_error[1]);
  }
}

/* ---- p-values ---- */

/* sqrt(n) D of 100 p-values that should be uniform: beyond 2.7 with probability 1e-6. Those of a law that is not the
   rows' are all small. */
static void p_values_are_uniform_under_the_law(void **state)
{
  (void)state;
  enum { SAMPLES = 100, FEW = 60 };
  const char *const fitted[] = {"exp:0.5", "shifted-exp:1,2", "lognormal:0,1", "gamma:2,1", "weibull:1.3,1"};
  double x[FEW], p[2][SAMPLES];
  for (int l = 0; l < 5; l++) {
    for (int trace = 0; trace < SAMPLES; trace++) {
      draw(fitted[l], 700 + (uint64_t)l, (uint64_t)trace, x, FEW);
      const testudo_i_fit_samples samples = {.exact = x, .exacts = FEW};
      testudo_fit_model model;
      assert_true(fit_seeded(fitted[l], &samples, 99, (uint64_t)trace, &model));
      p[0][trace] = model.ks_p;
      p[1][trace] = model.ad_p;
    }
    for (int which = 0; which < 2; which++) {
      double worst = 0;
      qsort(p[which], SAMPLES, sizeof p[which][0], ascending);
      for (int k = 0; k < SAMPLES; k++)
        worst = fmax(worst, fmax((k + 1.0) / SAMPLES - p[which][k], p[which][k] - (double)k / SAMPLES));
      if (worst * sqrt(SAMPLES) > 2.7)
        fail_msg("%s: p-values of %s are not uniform: %.2f", fitted[l], which == 0 ? "KS" : "AD",
                 worst * sqrt(SAMPLES));
    }
  }
  for (int trace = 0; trace < 20; trace++) {
    draw("lognormal:0,1", 800, (uint64_t)trace, x, FEW);
    const testudo_i_fit_samples samples = {.exact = x, .exacts = FEW};
    testudo_fit_model model;
    assert_true(fit_one("shifted-exp:1,1", &samples, 99, &model) || trace < 0);
    p[0][trace] = fit_one("pareto:1,1", &samples, 99, &model) ? model.ad_p : 1;
    assert_true(p[0][trace] < 0.05);
  }
}

static void threads_change_nothing(void **state)
{
  (void)state;
  double x[ROWS];
  draw("lognormal:0,0.5", 900, 0, x, ROWS);
  const testudo_i_fit_samples samples = {.exact = x, .exacts = ROWS};
  testudo_fit_model *model[2];
  size_t models[2];
  for (int t = 0; t < 2; t++)
    assert_ok(testudo_i_fit_laws(&samples, &(testudo_i_fit_effort){.threads = 1 + 2 * t}, &model[t], &models[t], NULL));
  assert_int_equal(models[0], models[1]);
  for (size_t k = 0; k < models[0]; k++) {
    assert_string_equal(model[0][k].law, model[1][k].law);
    assert_true(model[0][k].ks_p == model[1][k].ks_p && model[0][k].ad_p == model[1][k].ad_p);
  }
  free(model[0]);
  free(model[1]);
}

static bool never(void *context, double fraction)
{
  (void)context;
  (void)fraction;
  return false;
}

static void a_monitor_stops_it(void **state)
{
  (void)state;
  double x[ROWS];
  draw("gamma:2,1", 901, 0, x, ROWS);
  const testudo_i_fit_samples samples = {.exact = x, .exacts = ROWS};
  const testudo_monitor monitor = {never, NULL};
  testudo_fit_model *model;
  size_t models;
  assert_status(testudo_i_fit_laws(&samples, &(testudo_i_fit_effort){.monitor = &monitor}, &model, &models, NULL),
                TESTUDO_INTERRUPTED);
  assert_null(model);
}

/* Groups of rows that hardly differ stand for them. */
static void many_rows_are_fitted_by_groups(void **state)
{
  (void)state;
  enum { MANY = 100000 };
  double *x = malloc(MANY * sizeof *x);
  draw("shift:1,gamma:2.5,0.3", 902, 0, x, MANY);
  const testudo_i_fit_samples samples = {.exact = x, .exacts = MANY};
  testudo_i_fit_rows rows;
  double by_group[8], by_row[8];
  const testudo_i_fit_family *family = family_of("shift:1,gamma:2,1");
  for (int k = 0; k < 2; k++) {
    assert_ok(testudo_i_fit_rows_make(&rows, k == 0 ? TESTUDO_I_FIT_GROUPS : MANY, NULL));
    testudo_i_fit_rows_fill(&rows, &samples);
    assert_true(testudo_i_fit_family_estimate(family, &rows, k == 0 ? by_group : by_row, false));
    assert_true(rows.ended == MANY);
    testudo_i_fit_rows_clear(&rows);
  }
  for (int k = 0; k < 3; k++)
    assert_close(by_group[k], by_row[k], 1e-3);
  free(x);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parameters_are_within_four_standard_errors),
      cmocka_unit_test(the_simpler_law_wins_where_it_is_true),
      cmocka_unit_test(two_parts_are_found_where_there_are_two),
      cmocka_unit_test(likelihoods_are_direct_sums_and_maximal),
      cmocka_unit_test(em_climbs_to_the_best_of_many_starts),
      cmocka_unit_test(censored_times_count_as_at_least),
      cmocka_unit_test(p_values_are_uniform_under_the_law),
      cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(a_monitor_stops_it),
      cmocka_unit_test(many_rows_are_fitted_by_groups),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
