/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Erlang and binomial tails against plain sums of logarithms in long double, those of gamma laws against GSL. */
#include "check.h"

#include <gsl/gsl_cdf.h>

#include "base/random.h"
#include "numeric/integrate.h"

static long double log_poisson(int j, long double mean)
{
  return j * logl(mean) - mean - lgammal(j + 1.0L);
}

static long double slow_erlang(int k, long double x, bool upper)
{
  long double sum = 0.0L;
  if (upper)
    for (int j = 0; j < k; j++)
      sum += expl(log_poisson(j, x));
  else
    for (int j = k + 12000; j >= k; j--)
      sum += expl(log_poisson(j, x));
  return sum;
}

static void erlang_tails_equal_poisson_sums(void **state)
{
  (void)state;
  const int shapes[] = {1, 2, 3, 7, 23, 160, 900};
  const double ratios[] = {1e-3, 0.0371, 0.43, 0.931, 1.0, 1.0713, 1.93, 5.17};
  for (size_t a = 0; a < 7; a++)
    for (size_t b = 0; b < 8; b++) {
      double x = shapes[a] * ratios[b];
      /* The long double sums lose the magnitude of the logarithm times 5e-20. */
      assert_close(testudo_i_erlang_survival(shapes[a], x), (double)slow_erlang(shapes[a], x, true), 2e-12);
      assert_close(testudo_i_erlang_cdf(shapes[a], x), (double)slow_erlang(shapes[a], x, false), 2e-12);
    }
}

static void erlang_edges(void **state)
{
  (void)state;
  assert_true(testudo_i_erlang_survival(0, 3.0) == 0.0 && testudo_i_erlang_cdf(0, 3.0) == 1.0);
  for (int k = 1; k < 400; k += 57) {
    assert_true(testudo_i_erlang_survival(k, 0.0) == 1.0 && testudo_i_erlang_cdf(k, 0.0) == 0.0);
    assert_true(testudo_i_erlang_survival(k, HUGE_VAL) == 0.0 && testudo_i_erlang_cdf(k, HUGE_VAL) == 1.0);
    assert_true(testudo_i_erlang_survival(k, 1e-300) == 1.0);
    assert_true(testudo_i_erlang_survival(k, 1e300) == 0.0);
  }
  assert_close(testudo_i_erlang_cdf(3, 1e-60), 1e-180 / 6.0, 1e-12);
  assert_true(testudo_i_poisson(0, 0.0) == 1.0 && testudo_i_poisson(4, 0.0) == 0.0);
  assert_true(testudo_i_poisson(-1, 2.0) == 0.0);
}

/* Convolution by the trapezium rule of e^-x with the shape below: a road without any series. */
static void erlang_equals_a_numerical_convolution(void **state)
{
  (void)state;
  enum { STEPS = 4000 };
  static double density[STEPS + 1], next[STEPS + 1];
  const double h = 6.83 / STEPS;
  for (int k = 0; k <= STEPS; k++)
    density[k] = exp(-k * h);
  for (int shape = 2; shape <= 3; shape++) {
    for (int n = 0; n <= STEPS; n++) {
      double sum = 0.0;
      for (int j = 1; j < n; j++)
        sum += density[j] * exp(-(n - j) * h);
      next[n] = n == 0 ? 0.0 : h * (sum + 0.5 * (density[0] * exp(-n * h) + density[n]));
    }
    memcpy(density, next, sizeof density);
    double below = 0.0;
    for (int n = 0; n < STEPS; n++)
      below += 0.5 * h * (density[n] + density[n + 1]);
    assert_near(testudo_i_erlang_cdf(shape, STEPS * h), below, 2e-6);
  }
}

static long double slow_binomial(int from, int to, int n, long double p)
{
  long double sum = 0.0L;
  for (int j = from; j <= to; j++)
    sum += expl(lgammal(n + 1.0L) - lgammal(j + 1.0L) - lgammal(n - j + 1.0L) + j * logl(p) + (n - j) * logl(1.0L - p));
  return sum;
}

static void binomial_tails_equal_plain_sums(void **state)
{
  (void)state;
  const int sizes[] = {1, 2, 13, 200, 5000};
  const double chances[] = {1e-9, 0.00371, 0.2713, 0.5, 0.8391, 0.99973};
  int cases = 0;
  for (size_t a = 0; a < 5; a++)
    for (size_t b = 0; b < 6; b++)
      for (int k = 0; k <= sizes[a]; k += 1 + sizes[a] / 23, cases++) {
        long double below = slow_binomial(0, k, sizes[a], chances[b]);
        long double above = slow_binomial(k, sizes[a], sizes[a], chances[b]);
        if (below > 1e-290L)
          assert_close(testudo_i_binomial_below(k, sizes[a], chances[b]), (double)below, 1e-11);
        if (above > 1e-290L)
          assert_close(testudo_i_binomial_above(k, sizes[a], chances[b]), (double)above, 1e-11);
      }
  assert_true(cases >= 380);
}

static void binomial_edges(void **state)
{
  (void)state;
  assert_true(testudo_i_binomial_below(-1, 5, 0.3) == 0.0 && testudo_i_binomial_above(6, 5, 0.3) == 0.0);
  assert_true(testudo_i_binomial_below(5, 5, 0.3) == 1.0 && testudo_i_binomial_above(0, 5, 0.3) == 1.0);
  assert_true(testudo_i_binomial_below(0, 0, 0.3) == 1.0 && testudo_i_binomial_above(0, 0, 0.3) == 1.0);
  assert_true(testudo_i_binomial_below(2, 5, 0.0) == 1.0 && testudo_i_binomial_above(1, 5, 0.0) == 0.0);
  assert_true(testudo_i_binomial_below(4, 5, 1.0) == 0.0 && testudo_i_binomial_above(5, 5, 1.0) == 1.0);
  assert_close(testudo_i_binomial_above(3, 3, 1e-40), 1e-120, 1e-12);
  assert_close(testudo_i_binomial_below(0, 100000, 1e-3), exp(1e5 * log1p(-1e-3)), 1e-12);
}

static void complements_add_to_one(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 11, TESTUDO_I_FOR_TEST, 0, 0);
  for (int k = 0; k < 200; k++) {
    long long n = 1 + (long long)testudo_i_random_below(&random, 1000000);
    double p = testudo_i_random_uniform(&random);
    long long at = (long long)testudo_i_random_below(&random, (uint64_t)n);
    assert_near(testudo_i_binomial_below(at, n, p) + testudo_i_binomial_above(at + 1, n, p), 1.0, 1e-10);
  }
}

static void gamma_tails_equal_those_of_gsl(void **state)
{
  (void)state;
  const double shapes[] = {0.1, 0.37, 1.0, 1.5, 4.25, 33.3, 700.5, 20000.25};
  const double places[] = {-6.0, -2.5, -0.4, 0.3, 2.0, 7.0};
  for (size_t a = 0; a < sizeof shapes / sizeof *shapes; a++)
    for (size_t b = 0; b < sizeof places / sizeof *places; b++) {
      double shape = shapes[a], x = shape * exp(places[b] / sqrt(shape + 1.0));
      assert_close(testudo_i_gamma_survival(shape, x), gsl_cdf_gamma_Q(x, shape, 1.0), 1e-9);
      assert_close(testudo_i_gamma_cdf(shape, x), gsl_cdf_gamma_P(x, shape, 1.0), 1e-9);
      double p = testudo_i_gamma_cdf(shape, x), q = testudo_i_gamma_survival(shape, x);
      assert_close(testudo_i_gamma_quantile(shape, p, q), x, 1e-9);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(erlang_tails_equal_poisson_sums),
      cmocka_unit_test(erlang_edges),
      cmocka_unit_test(erlang_equals_a_numerical_convolution),
      cmocka_unit_test(binomial_tails_equal_plain_sums),
      cmocka_unit_test(binomial_edges),
      cmocka_unit_test(complements_add_to_one),
      cmocka_unit_test(gamma_tails_equal_those_of_gsl),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
