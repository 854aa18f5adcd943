/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of classical gradient codes and of K-of-n against closed forms, independent quadrature, and enumeration. */
#include "cases.h"

static const testudo_analysis_options fine_options = {TESTUDO_REPORT_WHOLE, 200000, 1e-13, NULL};

static testudo_design *code_of(bool cyclic_one, int32_t workers, int32_t chunks, int32_t s)
{
  testudo_assignment assignment;
  testudo_design *design = NULL;
  if (cyclic_one)
    assert_ok(testudo_assignment_cyclic(workers, s + 1, &assignment, NULL));
  else
    assert_ok(testudo_assignment_frc(workers, chunks, s + 1, &assignment, NULL));
  assert_ok(testudo_design_create_gradient_code(&assignment, s, 17, "", &design, NULL));
  testudo_assignment_free(&assignment);
  return design;
}

static double harmonic(int from, int to)
{
  double sum = 0.0;
  for (int k = to; k > from; k--)
    sum += 1.0 / k;
  return sum;
}

static void cyclic_codes_are_order_statistics_of_exponentials(void **state)
{
  (void)state;
  static const int shapes[][2] = {{1, 0}, {5, 2}, {10, 9}, {12, 3}, {50, 7}, {200, 10}};
  int compared = 0;
  for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++)
    for (int shifted = 0; shifted < 2; shifted++) {
      int n = shapes[k][0], s = shapes[k][1];
      testudo_law *law = law_of(shifted ? "shifted-exp:0.37,1.9" : "exp:1.9");
      testudo_delay_model model = {.law = law};
      testudo_design *design = code_of(true, n, n, s);
      testudo_summary summary = summary_with(design, &model, &fine_options);
      double variance = 0.0, scale = (s + 1) / 1.9;
      for (int j = s + 1; j <= n; j++)
        variance += scale * scale / j / j;
      assert_int_equal(summary.status, TESTUDO_MEAN_EXACT);
      assert_close(summary.mean, (s + 1) * (shifted ? 0.37 : 0.0) + scale * harmonic(s, n), 1e-10);
      assert_close(summary.stddev, sqrt(variance), 1e-8);
      testudo_design_free(design);
      testudo_law_free(law);
      compared++;
    }
  assert_int_equal(compared, 12);
}

/* P(Erlang(k, 1) <= x). */
static long double erlang(int k, long double x)
{
  long double term = 1.0L, sum = 0.0L;
  for (int j = 0; j < k; j++) {
    sum += term;
    term *= x / (j + 1);
  }
  return x <= 0.0L ? 0.0L : 1.0L - expl(-x) * sum;
}

static long double at_least(int n, int k, long double p)
{
  long double sum = 0.0L;
  for (int j = k; j <= n; j++)
    sum += expl(lgammal(n + 1.0L) - lgammal(j + 1.0L) - lgammal(n - j + 1.0L)) * powl(p, j) * powl(1.0L - p, n - j);
  return sum;
}

/* Composite Simpson over the tail, far beyond where it is 1e-20. */
static long double erlang_mean(int n, int s, long double rate)
{
  const int steps = 40000;
  long double end = (60.0L + 6.0L * s) / rate, step = end / steps, sum = 0.0L;
  for (int k = 0; k <= steps; k++) {
    long double tail = 1.0L - at_least(n, n - s, erlang(s + 1, rate * k * step));
    sum += (k == 0 || k == steps ? 1.0L : k % 2 ? 4.0L : 2.0L) * tail;
  }
  return sum * step / 3.0L;
}

static void additive_cyclic_codes_are_order_statistics_of_erlang_sums(void **state)
{
  (void)state;
  static const int shapes[][2] = {{4, 1}, {6, 3}, {9, 2}};
  for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++)
    for (int shifted = 0; shifted < 2; shifted++) {
      int n = shapes[k][0], s = shapes[k][1];
      testudo_law *law = law_of(shifted ? "shifted-exp:0.21,1.3" : "exp:1.3");
      testudo_delay_model model = {.law = law, .structure = TESTUDO_STRUCTURE_ADDITIVE};
      testudo_design *design = code_of(true, n, n, s);
      testudo_latency *latency = latency_with(design, &model, &fine_options);
      double shift = shifted ? 0.21 * (s + 1) : 0.0;
      for (double t = 0.4; t < 9.0; t += 1.7) {
        double lower, upper;
        assert_ok(testudo_latency_cdf(latency, shift + t, &lower, &upper, NULL));
        assert_near(lower, (double)at_least(n, n - s, erlang(s + 1, 1.3L * t)), 1e-13);
        assert_true(upper == lower);
      }
      testudo_summary summary;
      assert_ok(testudo_latency_summary(latency, &summary, NULL));
      assert_close(summary.mean, shift + (double)erlang_mean(n, s, 1.3L), 1e-10);
      testudo_latency_free(latency);
      testudo_design_free(design);
      testudo_law_free(law);
    }
}

/* E of the maximum of independent exponentials, by inclusion and exclusion over sets. */
static double mean_maximum(const double *rate, int count)
{
  long double sum = 0.0L;
  for (unsigned set = 1; set < 1u << count; set++) {
    long double total = 0.0L;
    for (int g = 0; g < count; g++)
      total += set >> g & 1 ? (long double)rate[g] : 0.0L;
    sum += (__builtin_popcount(set) % 2 ? 1.0L : -1.0L) / total;
  }
  return (double)sum;
}

static void repetition_codes_are_maxima_of_minima_of_exponentials(void **state)
{
  (void)state;
  static const int shapes[][3] = {{1, 1, 0}, {6, 6, 1}, {12, 8, 2}, {20, 20, 1}, {24, 24, 3}, {8, 16, 7}};
  for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
    int m = shapes[k][0], s = shapes[k][2], groups = m / (s + 1), load = shapes[k][1] / groups;
    testudo_design *design = code_of(false, m, shapes[k][1], s);
    for (int v = 0; v < 3; v++) {
      testudo_law *law = law_of(v == 1 ? "shifted-exp:0.4,0.8" : "exp:0.8");
      double rates[24], of_group[12] = {0};
      for (int j = 0; j < m; j++) {
        rates[j] = v == 2 ? 0.5 + 0.137 * ((5 * j) % 11) : 1.0;
        of_group[j / (s + 1)] += 0.8 * rates[j] / load;
      }
      testudo_delay_model model = {.law = law, .rates = v == 2 ? rates : NULL, .workers = m};
      testudo_summary summary = summary_with(design, &model, &fine_options);
      assert_close(summary.mean, (v == 1 ? 0.4 * load : 0.0) + mean_maximum(of_group, groups), 1e-10);
      testudo_law_free(law);
    }
    testudo_design_free(design);
  }
}

/* E of the k-th smallest of n independent exponentials: sum over j > n - k of (-1)^(j-n+k-1) C(j-1, n-k) times the sum
   over sets of j of one over their total rate. */
static double mean_kth(const double *rate, int n, int k)
{
  long double sum = 0.0L;
  for (unsigned set = 1; set < 1u << n; set++) {
    int j = __builtin_popcount(set), from = n - k;
    if (j <= from)
      continue;
    long double total = 0.0L, ways = 1.0L;
    for (int i = 0; i < n; i++)
      total += set >> i & 1 ? (long double)rate[i] : 0.0L;
    for (int i = 0; i < from; i++)
      ways = ways * (j - 1 - i) / (i + 1);
    sum += ((j - from - 1) % 2 ? -1.0L : 1.0L) * ways / total;
  }
  return (double)sum;
}

static void unequal_rates_have_the_mean_of_inclusion_and_exclusion(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1.7");
  double rates[9], whole[9];
  int compared = 0;
  for (int n = 2; n <= 9; n++)
    for (int s = 0; s < n; s++)
      for (int estimate = 0; estimate < 2; estimate++) {
        testudo_design *design = estimate ? k_of_n(n, n, n - s) : code_of(true, n, n, s);
        for (int j = 0; j < n; j++) {
          rates[j] = 0.3 + 0.219 * ((7 * j) % 10);
          whole[j] = 1.7 * rates[j] / testudo_design_load(design, j);
        }
        testudo_delay_model model = {.law = law, .rates = rates, .workers = n};
        assert_close(summary_with(design, &model, &fine_options).mean, mean_kth(whole, n, n - s), 1e-10);
        testudo_design_free(design);
        compared++;
      }
  assert_int_equal(compared, 88);
  testudo_law_free(law);
}

/* ---- enumeration: every draw of a three-valued law, every set of failed workers ---- */

typedef struct world {
  const testudo_design *design;
  int groups;       /* of equal size: one finished worker in each; 0: `wait` finished workers */
  int32_t wait;
  double rates[6];
  int failed;       /* exactly so many; -1: each with fail_prob */
  double fail_prob;
} world;

static const double value[3] = {0.41, 0.93, 1.7};

static bool ended(const world *w, const int *draw, unsigned dead, double t)
{
  int32_t m = testudo_design_workers(w->design);
  int finished = 0, in_group[6] = {0}, open = w->groups;
  for (int32_t j = 0; j < m; j++)
    if (!(dead >> j & 1) && testudo_design_load(w->design, j) * value[draw[j]] / w->rates[j] <= t) {
      finished++;
      if (w->groups > 0 && in_group[j / (m / w->groups)]++ == 0)
        open--;
    }
  return w->groups > 0 ? open == 0 : finished >= w->wait;
}

static double enumerate(const world *w, double t)
{
  int32_t m = testudo_design_workers(w->design);
  long double sum = 0.0L, weights = 0.0L;
  for (unsigned dead = 0; dead < 1u << m; dead++) {
    int count = __builtin_popcount(dead);
    if (w->failed >= 0 && count != w->failed)
      continue;
    long double weight = w->failed >= 0 ? 1.0L : powl(w->fail_prob, count) * powl(1.0L - w->fail_prob, m - count);
    int draw[6] = {0}, j = 0;
    while (j < m) {
      weights += weight;
      sum += ended(w, draw, dead, t) ? weight : 0.0L;
      for (j = 0; j < m && ++draw[j] == 3; j++)
        draw[j] = 0;
    }
  }
  return (double)(sum / weights);
}

static int compare_with_enumeration(const testudo_design *design, const testudo_law *law, int groups, int32_t wait)
{
  int32_t m = testudo_design_workers(design);
  int compared = 0;
  for (int k = 0; k < 10; k++) {
    world w = {.design = design, .groups = groups, .wait = wait, .failed = k / 2 == 4 ? -1 : k / 2, .fail_prob = 0.29};
    for (int j = 0; j < 6; j++)
      w.rates[j] = k % 2 ? 0.6 + 0.23 * ((5 * j) % 6) : 1.0;
    if (w.failed > m)
      continue;
    testudo_delay_model model = {.law = law, .rates = k % 2 ? w.rates : NULL, .workers = m};
    model.failures = w.failed < 0 ? TESTUDO_FAILURES_EACH
                     : w.failed > 0 ? TESTUDO_FAILURES_EXACTLY : TESTUDO_FAILURES_NONE;
    model.failed = w.failed > 0 ? w.failed : 0;
    model.fail_prob = w.failed < 0 ? w.fail_prob : 0.0;
    testudo_latency *latency = latency_with(design, &model, &fine_options);
    assert_true(testudo_latency_is_exact(latency));
    for (int a = 0; a < 7; a++, compared++) {
      double t = a == 6 ? 1e6 : 0.37 + 0.83 * a, lower, upper, wanted = enumerate(&w, t);
      assert_ok(testudo_latency_cdf(latency, t, &lower, &upper, NULL));
      assert_near(lower, wanted, 1e-12);
      assert_near(upper, wanted, 1e-12);
      assert_ok(testudo_latency_tail(latency, t, &lower, &upper, NULL));
      assert_near(upper, 1.0 - wanted, 1e-12);
    }
    testudo_latency_free(latency);
  }
  return compared;
}

static void failures_of_both_kinds_equal_enumeration(void **state)
{
  (void)state;
  const char *path = "test_gradient_code_trace.csv";
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fprintf(file, "seconds\n%.17g\n%.17g\n%.17g\n", value[0], value[1], value[2]);
  assert_int_equal(fclose(file), 0);
  testudo_law *law = law_of("trace:test_gradient_code_trace.csv");
  remove(path);
  int compared = 0;
  for (int32_t n = 1; n <= 6; n++)
    for (int32_t s = 0; s < n; s++) {
      testudo_design *design[3] = {code_of(true, n, n, s), k_of_n(n, n + s, n - s), NULL};
      /* All n hold everything at s = n - 1: the cyclic code is then one group of repetition. */
      compared += compare_with_enumeration(design[0], law, 0, n - s);
      compared += compare_with_enumeration(design[1], law, 0, n - s);
      if (n % (s + 1) == 0) {
        design[2] = code_of(false, n, 2 * n, s);
        compared += compare_with_enumeration(design[2], law, n / (s + 1), 0);
      }
      for (int k = 0; k < 3; k++)
        testudo_design_free(design[k]);
    }
  assert_true(compared > 3000);
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cyclic_codes_are_order_statistics_of_exponentials),
      cmocka_unit_test(additive_cyclic_codes_are_order_statistics_of_erlang_sums),
      cmocka_unit_test(repetition_codes_are_maxima_of_minima_of_exponentials),
      cmocka_unit_test(unequal_rates_have_the_mean_of_inclusion_and_exclusion),
      cmocka_unit_test(failures_of_both_kinds_equal_enumeration),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
