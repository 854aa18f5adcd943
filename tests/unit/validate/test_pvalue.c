/* SPDX-License-Identifier: GPL-3.0-or-later */
/* p-values against enumeration: the chance of a p-value <= a is at most a, for every a. */
#include "check.h"

#include "base/random.h"
#include "sample/moments.h"
#include "validate/pvalue.h"

static double choose(int n, int k)
{
  double ways = 1.0;
  for (int q = 0; q < k; q++)
    ways = ways * (n - q) / (q + 1);
  return ways;
}

static double tail(int from, int to, int n, double p)
{
  double sum = 0.0;
  for (int k = from; k <= to; k++)
    sum += choose(n, k) * pow(p, k) * pow(1.0 - p, n - k);
  return sum;
}

static void binomial_doubles_the_smaller_tail(void **state)
{
  (void)state;
  static const double p[4] = {0.037, 0.31, 0.5, 0.913};
  for (int n = 1; n <= 13; n += 4)
    for (int k = 0; k <= n; k++)
      for (int q = 0; q < 4; q++) {
        double want = fmin(1.0, 2.0 * fmin(tail(0, k, n, p[q]), tail(k, n, n, p[q])));
        assert_close(testudo_i_p_binomial(k, n, p[q], p[q]), want, 1e-11);
      }
}

static void binomial_against_bounds_takes_the_kindest_value_between(void **state)
{
  (void)state;
  for (int k = 0; k <= 20; k++) {
    double want = fmin(1.0, 2.0 * fmin(tail(0, k, 20, 0.4), tail(k, 20, 20, 0.6)));
    assert_close(testudo_i_p_binomial(k, 20, 0.4, 0.6), want, 1e-11);
    assert_true(testudo_i_p_binomial(k, 20, 0.0, 1.0) == 1.0);
  }
  /* Bounds a rounding beyond [0,1] are [0,1]. */
  assert_true(testudo_i_p_binomial(20, 20, -1e-17, 1.0 + 1e-15) == 1.0);
}

static void certain_events_must_happen(void **state)
{
  (void)state;
  assert_true(testudo_i_p_binomial(0, 9, 0.0, 0.0) == 1.0);
  assert_true(testudo_i_p_binomial(9, 9, 1.0, 1.0) == 1.0);
  assert_true(testudo_i_p_binomial(1, 9, 0.0, 0.0) == 0.0);
  assert_true(testudo_i_p_binomial(8, 9, 1.0, 1.0) == 0.0);
}

/* Three workers, cyclic (3, 2), l = 1: worker j is done with nothing, its first chunk j, or both (j + 1 too). The law
   of one trial's error, then every sequence of six trials: `reads` is 2, and 3 for the bound that forgets the workers'
   independence. */
static void errors_keep_their_level_over_all_sequences(void **state)
{
  (void)state;
  static const double reach[3][3] = {{0.2, 0.3, 0.5}, {0.02, 0.08, 0.9}, {0.7, 0.2, 0.1}};
  enum { TRIALS = 6, SEQUENCES = 4 * 4 * 4 * 4 * 4 * 4 };
  for (int law = 0; law < 3; law++) {
    double chance[4] = {0}, expected = 0.0;
    for (int s = 0; s < 27; s++) {
      const int c[3] = {s % 3, s / 3 % 3, s / 9};
      int missing = 0;
      for (int i = 0; i < 3; i++)
        missing += c[i] < 1 && c[(i + 2) % 3] < 2;
      chance[missing] += reach[law][c[0]] * reach[law][c[1]] * reach[law][c[2]];
      expected += missing * reach[law][c[0]] * reach[law][c[1]] * reach[law][c[2]];
    }
    for (int reads = 2; reads <= 3; reads++) {
      static double p[SEQUENCES], weight[SEQUENCES];
      for (int s = 0; s < SEQUENCES; s++) {
        double sum = 0.0, squares = 0.0;
        weight[s] = 1.0;
        for (int r = 0, rest = s; r < TRIALS; r++, rest /= 4) {
          weight[s] *= chance[rest % 4];
          sum += rest % 4;
          squares += (rest % 4) * (rest % 4);
        }
        double mean = sum / TRIALS, spread = sqrt((squares - sum * mean) / (TRIALS - 1) / TRIALS);
        p[s] = testudo_i_p_error(mean, spread, expected, TRIALS, 3.0, 1.0, reads);
      }
      int telling = 0;
      for (int s = 0; s < SEQUENCES; s += 5) {
        double alarm = 0.0;
        telling += p[s] < 0.5;
        for (int q = 0; q < SEQUENCES; q++)
          alarm += p[q] <= p[s] ? weight[q] : 0.0;
        if (alarm > p[s] + 1e-12)
          print_error("law %d, reads %d: P(p <= %g) = %g\n", law, reads, p[s], alarm);
        assert_true(alarm <= p[s] + 1e-12);
      }
      assert_true(telling > 10);
    }
  }
}

static void errors_are_told_apart_where_the_sample_is_large(void **state)
{
  (void)state;
  /* 200 chunks, l = 2, load 8, mean error 2.7 with deviation 3: 2 % off at 10^6 trials. */
  assert_true(testudo_i_p_error(2.7 * 1.02, 3e-3, 2.7, 1000000, 200.0, 2.0, 8.0) < 1e-9);
  assert_true(testudo_i_p_error(2.7 * 1.001, 3e-3, 2.7, 1000000, 200.0, 2.0, 8.0) > 1e-3);
  /* A rare one, tenfold too frequent at 10^5 trials. */
  assert_true(testudo_i_p_error(0.01, 3e-4, 0.001, 100000, 200.0, 1.0, 8.0) < 1e-9);
  assert_true(testudo_i_p_error(0.0013, 1e-4, 0.001, 100000, 200.0, 1.0, 8.0) > 1e-3);
  /* What cannot be, and what must be. */
  assert_true(testudo_i_p_error(1e-5, 1e-5, 0.0, 100000, 200.0, 1.0, 8.0) == 0.0);
  assert_true(testudo_i_p_error(0.0, 0.0, 0.0, 100000, 200.0, 1.0, 8.0) == 1.0);
  assert_true(testudo_i_p_error(400.0, 0.0, 400.0, 10, 200.0, 2.0, 8.0) == 1.0);
  assert_true(testudo_i_p_error(399.0, 0.1, 400.0, 10, 200.0, 2.0, 8.0) == 0.0);
  assert_true(testudo_i_p_error(1.0, NAN, 2.0, 1, 200.0, 1.0, 8.0) > 0.0);
}

/* What a p-value of a sample's mean says against what really happens: means of n exponentials, 10^5 times. */
static void sample_means_keep_their_level_where_the_normal_law_is_used(void **state)
{
  (void)state;
  /* Too lopsided for the level, or too few: no answer. */
  assert_true(isnan(testudo_i_p_sample_mean(1.0, 100, 2.0, 9.0, 1e-8)));
  assert_true(isnan(testudo_i_p_sample_mean(1.0, 100000, 1.0, 1e9, 1e-8)));
  assert_true(isnan(testudo_i_p_sample_mean(1.0, 100000, NAN, NAN, 1e-8)));
  /* The normal law itself; the side that the skewness makes likelier. */
  assert_close(testudo_i_p_sample_mean(-5.0, 1000000, 0.0, 3.0, 1e-8), erfc(5.0 / sqrt(2.0)), 1e-12);
  double right = testudo_i_p_sample_mean(5.0, 1000000, 2.0, 9.0, 1e-8);
  double left = testudo_i_p_sample_mean(-5.0, 1000000, 2.0, 9.0, 1e-8);
  assert_close(left / right, exp(2.0 * 125.0 / 3000.0), 1e-12);
  enum { N = 400, RUNS = 20000 };
  testudo_i_random random;
  testudo_i_random_start(&random, 8, TESTUDO_I_FOR_TEST, 3, 1);
  int below = 0;
  for (int run = 0; run < RUNS; run++) {
    testudo_i_shifted sample = {0};
    for (int k = 0; k < N; k++)
      testudo_i_shifted_add(&sample, -log(testudo_i_random_uniform(&random)));
    testudo_i_moments moments = testudo_i_shifted_moments(&sample);
    double z = (moments.mean - 1.0) / testudo_i_moments_stderr(&moments);
    double p = testudo_i_p_sample_mean(z, N, testudo_i_moments_skewness(&moments),
                                       testudo_i_moments_kurtosis(&moments), 0.01);
    below += p < 0.01; /* NAN is not */
  }
  /* 0.01 of 20,000 is 200; six standard deviations more would be a level that is not kept. */
  assert_in_range(below, 80, 285);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(binomial_doubles_the_smaller_tail),
      cmocka_unit_test(binomial_against_bounds_takes_the_kindest_value_between),
      cmocka_unit_test(certain_events_must_happen),
      cmocka_unit_test(errors_keep_their_level_over_all_sequences),
      cmocka_unit_test(errors_are_told_apart_where_the_sample_is_large),
      cmocka_unit_test(sample_means_keep_their_level_where_the_normal_law_is_used),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
