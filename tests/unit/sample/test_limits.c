/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What trials know: intervals of quantiles by enumeration, limits of what was not seen, standard errors in doubt. */
#include "designs.h"

static double choose(int n, int k)
{
  double ways = 1.0;
  for (int q = 0; q < k; q++)
    ways = ways * (n - q) / (q + 1);
  return ways;
}

/* P(at least `from` and at most `to` of n). */
static double between(int from, int to, int n, double p)
{
  double sum = 0.0;
  for (int k = from < 0 ? 0 : from; k <= to; k++)
    sum += choose(n, k) * pow(p, k) * pow(1.0 - p, n - k);
  return sum;
}

/* Trials 1, 2, .., n, of which the last `never` do not end: an end of an interval is its rank. */
static void intervals_of_quantiles_are_the_narrowest_that_keep_their_level(void **state)
{
  (void)state;
  static const double quantile[] = {0.02, 0.1, 0.5, 0.9, 0.99};
  double time[60];
  for (int k = 0; k < 60; k++)
    time[k] = k + 1.0;
  for (int n = 1; n <= 60; n += n < 8 ? 1 : 13)
    for (int never = 0; never < n; never += 7)
      for (int k = 0; k < 5; k++) {
        double q = quantile[k];
        testudo_simulation simulation = {.trials = n, .never = never, .completion = time};
        testudo_interval found = testudo_simulation_quantile_interval(&simulation, q);
        int finite = n - never;
        if (isinf(found.low)) {
          assert_true(between(0, finite, n, q) <= 0.025);
          assert_true(isinf(found.value));
          continue;
        }
        int low = (int)found.low, high = isinf(found.high) ? n + 1 : (int)found.high;
        /* The quantile is below the trial of rank low when fewer than low trials are; low + 1 is too much. */
        assert_true(low == 0 || between(0, low - 1, n, q) <= 0.025);
        assert_true(between(0, low, n, q) > 0.025 || low == finite);
        if (high <= finite)
          assert_true(between(high, n, n, q) <= 0.025 && between(high - 1, n, n, q) > 0.025);
        else
          assert_true(between(finite, n, n, q) > 0.025);
        bool known = n * fmin(q, 1.0 - q) >= 3.0 - 1e-6;
        assert_true(known != isnan(found.value));
        if (known)
          assert_true(found.value >= found.low && found.value <= found.high);
      }
}

static void what_was_not_seen_has_a_limit(void **state)
{
  (void)state;
  assert_close(testudo_unseen_limit(1), 0.95, 1e-14);
  for (int64_t n = 2; n <= 1000000000; n *= 7)
    assert_close(exp((double)n * log1p(-testudo_unseen_limit(n))), 0.05, 1e-9);
  assert_close(testudo_unseen_limit(1000000), 2.9957e-6, 1e-4);
}

/* How many of ten runs of one worker are in doubt. */
static int in_doubt(const char *text, int64_t trials)
{
  testudo_law *law = law_of(text);
  testudo_delay_model model = {.law = law};
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_UNCODED, 1, 1, 1, 0);
  int count = 0;
  for (uint64_t seed = 1; seed <= 10; seed++) {
    testudo_simulation_options options = {.trials = trials, .seed = seed, .threads = 1};
    testudo_simulation *simulation = simulate(design, &model, &options);
    count += testudo_simulation_stderr_doubt(simulation) != NULL;
    testudo_simulation_free(simulation);
  }
  testudo_design_free(design);
  testudo_law_free(law);
  return count;
}

/* 95 % intervals of lognormal:0,3 cover 62 % at 1,000 trials, 72 % at 10,000, 82 % at 100,000. */
static void standard_errors_under_heavy_tails_are_in_doubt(void **state)
{
  (void)state;
  for (int64_t trials = 1000; trials <= 100000; trials *= 10) {
    assert_int_equal(in_doubt("lognormal:0,3", trials), 10);
    assert_int_equal(in_doubt("pareto:1,1.1", trials), 10);
    assert_int_equal(in_doubt("exp:1", trials), 0);
    assert_int_equal(in_doubt("shifted-exp:1,1", trials), 0);
    assert_int_equal(in_doubt("lognormal:0,0.5", trials), 0);
    assert_int_equal(in_doubt("mixture:0.5,deterministic:1,deterministic:2", trials), 0);
    assert_int_equal(in_doubt("deterministic:1", trials), 0);
  }
  assert_in_range(in_doubt("lognormal:0,2", 10000), 6, 10); /* 91 % */
  assert_in_range(in_doubt("lognormal:0,1", 10000), 0, 1);  /* 95 % */
  assert_int_equal(in_doubt("exp:1", 1), 10);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(intervals_of_quantiles_are_the_narrowest_that_keep_their_level),
      cmocka_unit_test(what_was_not_seen_has_a_limit),
      cmocka_unit_test(standard_errors_under_heavy_tails_are_in_doubt),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
