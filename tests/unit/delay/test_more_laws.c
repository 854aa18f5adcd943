/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gamma, Weibull, Lomax and mixtures, against closed forms, each other, and their own draws. */
#include "check.h"

#include <testudo/delay.h>

#include "base/random.h"
#include "delay/model.h"

static testudo_law *law_of(const char *text)
{
  testudo_law *law = NULL;
  testudo_error error = {""};
  if (testudo_law_parse(text, &law, &error) != TESTUDO_OK)
    print_error("%s: %s\n", text, error.text);
  assert_non_null(law);
  return law;
}

static void refuses(const char *text, const char *why)
{
  testudo_law *law;
  testudo_error error = {""};
  assert_status(testudo_law_parse(text, &law, &error), TESTUDO_ERROR_ARGUMENT);
  if (strstr(error.text, why) == NULL)
    fail_msg("%s: %s", text, error.text);
}

/* Half-integer shapes from erfc, integer ones from exp, upwards by Q(a+1, x) = Q(a, x) + x^a e^-x / Gamma(a+1). */
static double gamma_tail(double shape, double x)
{
  double a = fmod(shape, 1.0) == 0.0 ? 1.0 : 0.5, tail = a == 1.0 ? exp(-x) : erfc(sqrt(x));
  for (; a < shape - 0.25; a += 1.0)
    tail += exp(a * log(x) - x - lgamma(a + 1.0));
  return tail;
}

static void gamma_equals_closed_forms(void **state)
{
  (void)state;
  for (double shape = 0.5; shape < 40.0; shape += 0.5) {
    char text[64];
    snprintf(text, sizeof text, "gamma:%g,1.7", shape);
    testudo_law *law = law_of(text);
    assert_close(testudo_law_mean(law), 1.7 * shape, 1e-15);
    assert_close(testudo_law_variance(law), 1.7 * 1.7 * shape, 1e-15);
    for (double x = 0.03; x < 300.0; x *= 1.7) {
      double wanted = gamma_tail(shape, x);
      assert_near(testudo_law_survival(law, 1.7 * x), wanted, 1e-13 + 2e-12 * wanted);
      if (x > shape)
        assert_close(testudo_law_survival(law, 1.7 * x), wanted, 1e-11);
      assert_near(testudo_law_cdf(law, 1.7 * x), 1.0 - wanted, 2e-12);
    }
    assert_true(testudo_law_survival(law, 0.0) == 1.0 && testudo_law_cdf(law, -1.0) == 0.0);
    testudo_law_free(law);
  }
}

/* F is small: x^a / Gamma(a+1) times 1 - a x / (a + 1) + .. */
static void the_small_side_of_gamma_keeps_its_digits(void **state)
{
  (void)state;
  testudo_law *law = law_of("gamma:7.3,1");
  double x = 1e-4;
  assert_close(testudo_law_cdf(law, x), exp(7.3 * log(x) - lgamma(8.3)) * (1.0 - 7.3 * x / 8.3), 1e-7);
  assert_close(testudo_law_survival(law, 400.0),
               exp(6.3 * log(400.0) - 400.0 - lgamma(7.3)) *
                   (1 + 6.3 / 400 + 6.3 * 5.3 / 16e4 + 6.3 * 5.3 * 4.3 / 64e6),
               1e-7);
  testudo_law_free(law);
  law = law_of("gamma:250000.5,1"); /* nearly normal, and the series is long */
  assert_near(testudo_law_survival(law, 250000.5), 0.5, 1e-3);
  assert_near(testudo_law_survival(law, 250000.5 + 500.0), 0.1587, 1e-3);
  testudo_law_free(law);
}

static void the_laws_that_others_contain_agree(void **state)
{
  (void)state;
  testudo_law *exponential = law_of("exp:0.8"), *weibull = law_of("weibull:1,1.25"), *gamma = law_of("gamma:1,1.25");
  testudo_law *lomax = law_of("lomax:2.3,1.5"), *pareto = law_of("pareto:1.5,2.3");
  for (double x = 0.01; x < 60.0; x *= 1.4) {
    double wanted = testudo_law_survival(exponential, x);
    assert_close(testudo_law_survival(weibull, x), wanted, 1e-13);
    assert_close(testudo_law_survival(gamma, x), wanted, 1e-12);
    assert_close(testudo_law_survival(lomax, x), testudo_law_survival(pareto, x + 1.5), 1e-13);
  }
  assert_close(testudo_law_mean(lomax), testudo_law_mean(pareto) - 1.5, 1e-14);
  assert_close(testudo_law_variance(lomax), testudo_law_variance(pareto), 1e-13);
  assert_close(testudo_law_variance(weibull), 1.25 * 1.25, 1e-13);
  testudo_law_free(exponential);
  testudo_law_free(weibull);
  testudo_law_free(gamma);
  testudo_law_free(lomax);
  testudo_law_free(pareto);
}

/* Shape 2 is Rayleigh's law; a large shape has variance near pi^2/6 / shape^2, on both roads to it. */
static void weibull_moments(void **state)
{
  (void)state;
  const double pi = 3.14159265358979323846;
  testudo_law *law = law_of("weibull:2,3");
  assert_close(testudo_law_mean(law), 3.0 * sqrt(pi) / 2.0, 1e-14);
  assert_close(testudo_law_variance(law), 9.0 * (1.0 - pi / 4.0), 1e-13);
  testudo_law_free(law);
  law = law_of("weibull:1000000,1");
  assert_close(testudo_law_variance(law), pi * pi / 6.0 * 1e-12, 1e-5);
  testudo_law_free(law);
  testudo_law *above = law_of("weibull:99.9999,1"), *below = law_of("weibull:100.0001,1");
  assert_close(testudo_law_variance(above), testudo_law_variance(below), 1e-5);
  testudo_law_free(above);
  testudo_law_free(below);
}

static const char *const all[] = {"gamma:0.3,2", "gamma:1.5,0.4", "gamma:12.25,1", "weibull:0.6,1", "weibull:3,2",
                                  "lomax:1.2,1", "mixture:0.3,exp:1,exp:0.1",
                                  "mixture:0.25,pareto:1,2,lognormal:0,0.5",
                                  "mixture:0.5,deterministic:1,exp:1"};

static void quantiles_turn_survivals_back(void **state)
{
  (void)state;
  static const double ps[] = {1e-9, 1e-4, 0.1, 0.37, 0.5, 0.73, 0.9, 0.9999, 0.999999999};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
    testudo_law *law = law_of(all[k]);
    for (size_t i = 0; i < sizeof ps / sizeof *ps; i++) {
      double x = testudo_law_quantile(law, ps[i]);
      bool atom = k == 8 && x == 1.0;
      if (atom) {
        assert_true(testudo_law_cdf(law, 1.0) >= ps[i] && testudo_law_cdf(law, 1.0 - 1e-9) < ps[i]);
        continue;
      }
      if (ps[i] < 0.5)
        assert_close(testudo_law_cdf(law, x), ps[i], 1e-9);
      else
        assert_close(testudo_law_survival(law, x), 1.0 - ps[i], 1e-6);
    }
    testudo_law_free(law);
  }
}

/* 200,000 draws: the share below each of nine quantiles, within 5.5 standard deviations (false alarms: 4e-8 each). */
static void draws_follow_the_law(void **state)
{
  (void)state;
  enum { COUNT = 200000 };
  double *u = malloc(COUNT * sizeof *u), *x = malloc(COUNT * sizeof *x);
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
    testudo_law *law = law_of(all[k]);
    testudo_i_random random;
    testudo_i_random_start(&random, 6, TESTUDO_I_FOR_TEST, k, 0);
    for (int i = 0; i < COUNT; i++)
      u[i] = testudo_i_random_uniform(&random);
    testudo_i_law_fill(law, u, x, COUNT);
    for (int i = 0; i < 50; i++)
      assert_true(x[i] == testudo_i_law_draw(law, u[i]));
    bool control = false;
    for (int q = 1; q < 10; q++) {
      double t = testudo_law_quantile(law, q / 10.0), p = testudo_law_cdf(law, t), shares = 0, late = 0;
      for (int i = 0; i < COUNT; i++) {
        shares += x[i] <= t;
        late += 1.03 * x[i] <= t;
      }
      double allowed = 5.5 * sqrt(p * (1.0 - p) / COUNT) + 1e-9;
      assert_near(shares / COUNT, p, allowed);
      control = control || fabs(late / COUNT - p) > allowed;
    }
    assert_true(control);
    testudo_law_free(law);
  }
  free(u);
  free(x);
}

static void mixtures_of_atoms_are_discrete(void **state)
{
  (void)state;
  testudo_law *law = law_of("mixture:0.2,deterministic:3,mixture:0.25,deterministic:1,deterministic:3");
  const double *value, *cumulated;
  int64_t count;
  testudo_law_atoms(law, &value, &cumulated, &count);
  assert_int_equal(count, 2);
  assert_true(value[0] == 1.0 && value[1] == 3.0 && cumulated[1] == 1.0);
  assert_close(cumulated[0], 0.2, 1e-15);
  assert_close(testudo_law_survival(law, 1.0), 0.8, 1e-15);
  assert_true(testudo_law_survival(law, 3.0) == 0.0 && testudo_law_survival(law, 0.99) == 1.0);
  assert_true(testudo_law_quantile(law, 0.2) == 1.0 && testudo_law_quantile(law, 0.21) == 3.0);
  assert_close(testudo_law_mean(law), 0.2 + 0.8 * 3.0, 1e-15);
  assert_close(testudo_law_variance(law), 4.0 * 0.2 * 0.8, 1e-14);
  testudo_delay_model model = {.law = law};
  assert_close(testudo_delay_survival(&model, 2.0, 4, 2.0), 0.8, 1e-15); /* 4 * 1 / 2 <= 2 < 4 * 3 / 2 */
  assert_true(testudo_delay_survival(&model, 2.0, 4, 6.0) == 0.0);
  testudo_law_free(law);
}

static void mixtures_add_up(void **state)
{
  (void)state;
  testudo_law *law = law_of("mixture:0.3,exp:2,pareto:1,3");
  assert_close(testudo_law_survival(law, 1.7), 0.3 * exp(-3.4) + 0.7 * pow(1.7, -3.0), 1e-14);
  assert_close(testudo_law_mean(law), 0.15 + 0.7 * 1.5, 1e-14);
  /* E X^2 is 0.3 * 2/4 + 0.7 * 3 */
  assert_close(testudo_law_variance(law), 0.15 + 2.1 - 1.2 * 1.2, 1e-13);
  assert_true(testudo_i_law_tail_index(law) == 3.0);
  testudo_law_free(law);
  law = law_of("mixture:0.3,exp:2,pareto:1,1.5");
  assert_true(isinf(testudo_law_variance(law)));
  testudo_law_free(law);
}

static void wrong_texts_are_refused(void **state)
{
  (void)state;
  refuses("gamma:1", "gamma takes 2 numbers");
  refuses("gamma:0.05,1", "gamma: shape '0.05'");
  refuses("gamma:2,0", "gamma: scale '0'");
  refuses("weibull:1,2,3", "weibull takes 2 numbers");
  refuses("lomax:0,1", "lomax: alpha '0'");
  refuses("mixture:", "p ''");
  refuses("mixture:0.5", "a number and two laws");
  refuses("mixture:0,exp:1,exp:2", "p '0'");
  refuses("mixture:1,exp:1,exp:2", "p '1'");
  refuses("mixture:0.5,exp:1", "a number and two laws");
  refuses("mixture:0.5,exp:1,", "'' is not a law");
  refuses("mixture:0.5,exp:1,exp:2,3", "exp takes 1 number");
  refuses("mixture:0.5,pareto:1,exp:2", "two laws");
  refuses("mixture:0.5,exp:1,trace:x.csv", "names a file");
  refuses("mixture:0.5,@d.json,exp:1", "names a file");
  refuses("mixture:0.5,gauss:1,exp:1", "'gauss' is not a law");
  char deep[400] = "";
  for (int k = 0; k < 12; k++)
    strcat(deep, "mixture:0.5,exp:1,");
  strcat(deep, "exp:1");
  refuses(deep, "8 at most");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gamma_equals_closed_forms),
      cmocka_unit_test(the_small_side_of_gamma_keeps_its_digits),
      cmocka_unit_test(the_laws_that_others_contain_agree),
      cmocka_unit_test(weibull_moments),
      cmocka_unit_test(quantiles_turn_survivals_back),
      cmocka_unit_test(draws_follow_the_law),
      cmocka_unit_test(mixtures_of_atoms_are_discrete),
      cmocka_unit_test(mixtures_add_up),
      cmocka_unit_test(wrong_texts_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
