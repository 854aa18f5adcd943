/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums of times by numerical convolution: against Erlang and gamma laws, against each other, and against draws. */
#include "check.h"

#include <testudo/delay.h>

#include "base/random.h"
#include "delay/sums/sums.h"

static testudo_i_arena arena; /* of sums */

static testudo_law *law_of(const char *text)
{
  testudo_law *law = NULL;
  assert_ok(testudo_law_parse(text, &law, NULL));
  return law;
}

static testudo_sums *sums_of(const testudo_law *law, int32_t terms)
{
  testudo_sums *sums = NULL;
  testudo_error error = {""};
  if (testudo_i_sums_make(&arena, law, terms, false, &sums, &error) != TESTUDO_OK)
    print_error("%s\n", error.text);
  assert_non_null(sums);
  return sums;
}

/* P(Poisson(x) < k) and its complement, by their series. */
static void erlang(int k, double x, double *below, double *above)
{
  double term = exp(-x);
  *above = 0.0;
  for (int j = 0; j < k; j++, term *= x / j)
    *above += term;
  *below = 0.0;
  for (int j = k; j < k + 400; j++, term *= x / j)
    *below += term;
}

static void exponential_sums_equal_erlang_on_both_sides(void **state)
{
  (void)state;
  static const char *const texts[] = {"exp:1.3", "shifted-exp:0.7,1.3", "weibull:1,0.76923076923076927"};
  for (int which = 0; which < 3; which++) {
    testudo_law *law = law_of(texts[which]);
    testudo_sums *sums = sums_of(law, 12);
    double start = which == 1 ? 0.7 : 0.0;
    print_message("%s: error %.2g\n", texts[which], testudo_i_sums_error(sums));
    assert_true(testudo_i_sums_error(sums) < 1e-8);
    for (int k = 1; k <= 12; k++)
      for (double x = 0.05; x < 60.0; x *= 1.3) {
        double below, above, wanted_below, wanted_above;
        testudo_i_sums_sides(sums, k, k * start + x / 1.3, &below, &above);
        erlang(k, x, &wanted_below, &wanted_above);
        assert_near(below, wanted_below, 1e-8 * wanted_below + 1e-20);
        assert_near(above, wanted_above, 1e-8 * wanted_above + 1e-27);
      }
    testudo_i_arena_clear(&arena);
    testudo_law_free(law);
  }
}

static void gamma_sums_equal_gamma_laws(void **state)
{
  (void)state;
  testudo_law *law = law_of("gamma:0.4,2"), *mixed = law_of("mixture:0.3,gamma:0.4,2,gamma:0.4,2");
  testudo_sums *sums = sums_of(law, 8), *other = sums_of(mixed, 8);
  for (int k = 2; k <= 8; k++) {
    char text[64];
    snprintf(text, sizeof text, "gamma:%.17g,2", k * 0.4);
    testudo_law *whole = law_of(text);
    for (double t = 0.01; t < 90.0; t *= 1.5) {
      double below, above;
      testudo_i_sums_sides(sums, k, t, &below, &above);
      assert_close(above, testudo_law_survival(whole, t), 1e-8);
      assert_close(below, testudo_law_cdf(whole, t), 1e-8);
      testudo_i_sums_sides(other, k, t, &below, &above);
      assert_close(above, testudo_law_survival(whole, t), 1e-8);
    }
    testudo_law_free(whole);
  }
  testudo_i_arena_clear(&arena);
  testudo_law_free(law);
  testudo_law_free(mixed);
}

/* Nearly no spread: the sum of k is k times as large; and the tail of a heavy law is that of its largest term. */
static void narrow_and_heavy_laws_keep_their_shape(void **state)
{
  (void)state;
  testudo_law *narrow = law_of("lognormal:0,0.01"), *heavy = law_of("pareto:1,1.5");
  testudo_sums *sums = sums_of(narrow, 5), *far = sums_of(heavy, 5);
  double below, above, single;
  double mean = 5.0 * exp(0.5e-4), deviation = sqrt(5.0) * 0.01;
  testudo_i_sums_sides(sums, 5, mean, &below, &above);
  assert_near(above, 0.5, 2e-3);
  testudo_i_sums_sides(sums, 5, mean + 2.0 * deviation, &below, &above);
  assert_near(above, 0.02275, 1e-3);
  assert_near(below + above, 1.0, 1e-12);
  for (double t = 1e4; t < 1e40; t *= 1e3) {
    testudo_i_sums_sides(far, 5, t, &below, &above);
    single = testudo_law_survival(heavy, t);
    assert_true(above > 5.0 * single * (1.0 - 1e-9) && above < 5.0 * single * (1.0 + 30.0 / t + 1e-7));
  }
  testudo_i_sums_sides(far, 5, 5.0, &below, &above);
  assert_true(above == 1.0 && below == 0.0);
  testudo_i_arena_clear(&arena);
  testudo_law_free(narrow);
  testudo_law_free(heavy);
}

/* 200,000 drawn sums, at nine quantiles of theirs: 5.5 standard deviations (false alarms: 4e-8 each). */
static void sums_follow_the_draws(void **state)
{
  (void)state;
  enum { COUNT = 200000, TERMS = 4 };
  static const char *const texts[] = {"lognormal:0,0.8", "pareto:1,1.2", "weibull:0.5,1", "lomax:2.5,1",
                                      "mixture:0.2,exp:0.2,exp:3"};
  for (size_t which = 0; which < sizeof texts / sizeof *texts; which++) {
    testudo_law *law = law_of(texts[which]);
    testudo_sums *sums = sums_of(law, TERMS);
    static const double levels[] = {3.0, 4.5, 5.5, 7.0, 9.0, 14.0, 25.0};
    long done[7] = {0};
    testudo_i_random random;
    testudo_i_random_start(&random, 12, TESTUDO_I_FOR_TEST, which, 0);
    for (int i = 0; i < COUNT; i++) {
      double sum = 0;
      for (int k = 0; k < TERMS; k++)
        sum += testudo_i_law_draw(law, testudo_i_random_uniform(&random));
      for (int q = 0; q < 7; q++)
        done[q] += sum <= levels[q];
    }
    print_message("%s: error %.2g\n", texts[which], testudo_i_sums_error(sums));
    assert_true(testudo_i_sums_error(sums) < 1e-7);
    for (int q = 0; q < 7; q++) {
      double below, above;
      testudo_i_sums_sides(sums, TERMS, levels[q], &below, &above);
      assert_near((double)done[q] / COUNT, below, 5.5 * sqrt(below * above / COUNT) + 1e-12);
      assert_near(below + above, 1.0, 1e-9);
    }
    testudo_i_arena_clear(&arena);
    testudo_law_free(law);
  }
}

/* By doubling, and one after the other, and where known in closed form: within the stated errors. */
static void the_last_sum_alone_is_the_same(void **state)
{
  (void)state;
  static const char *const texts[] = {"gamma:0.7,1.5", "lognormal:0,0.5", "pareto:1,1.5", "weibull:0.5,1",
                                      "lognormal:0,0.01"};
  static const int terms[] = {2, 7, 12};
  for (size_t which = 0; which < sizeof texts / sizeof *texts; which++) {
    testudo_law *law = law_of(texts[which]);
    testudo_sums *all = sums_of(law, 12), *last = NULL;
    for (int k = 0; k < 3; k++) {
      assert_ok(testudo_i_sums_make(&arena, law, terms[k], true, &last, NULL));
      double stated = testudo_i_sums_error(all) + testudo_i_sums_error(last) + 1e-9, worst = 0.0;
      assert_true(stated < 2e-8);
      double middle = terms[k] * testudo_law_quantile(law, 0.5);
      for (double t = middle / 20.0; t < 1000.0 * middle; t *= which == 4 ? 1.0005 : 1.02) {
        double below[2], above[2];
        testudo_i_sums_sides(all, terms[k], t, &below[0], &above[0]);
        testudo_i_sums_sides(last, terms[k], t, &below[1], &above[1]);
        if (below[0] > 1e-13 && above[0] > 1e-13) {
          double apart = fmax(fabs(below[1] / below[0] - 1.0), fabs(above[1] / above[0] - 1.0));
          if (apart > stated)
            print_error("k = %d, t = %g: %g and %g\n", terms[k], t, below[0], above[0]);
          worst = fmax(worst, apart);
          if (which == 0) {
            char text[64];
            snprintf(text, sizeof text, "gamma:%.17g,1.5", terms[k] * 0.7);
            testudo_law *whole = law_of(text);
            assert_close(below[1], testudo_law_cdf(whole, t), stated);
            assert_close(above[1], testudo_law_survival(whole, t), stated);
            assert_close(above[0], testudo_law_survival(whole, t), stated);
            testudo_law_free(whole);
          }
        }
      }
      print_message("%s, %d: %.2g of the stated %.2g\n", texts[which], terms[k], worst, stated);
      assert_true(worst <= stated);
    }
    testudo_i_arena_clear(&arena);
    testudo_law_free(law);
  }
}

static void laws_that_start_several_times_are_a_limit(void **state)
{
  (void)state;
  static const char *const texts[] = {"deterministic:1", "mixture:0.5,deterministic:1,exp:1",
                                      "mixture:0.5,pareto:1,2,exp:1"};
  for (size_t k = 0; k < 3; k++) {
    testudo_law *law = law_of(texts[k]);
    testudo_sums *sums = (testudo_sums *)&law;
    testudo_error error = {""};
    assert_status(testudo_i_sums_make(&arena, law, 3, false, &sums, &error), TESTUDO_ERROR_LIMIT);
    assert_null(sums);
    assert_non_null(strstr(error.text, "it can be simulated"));
    assert_null(arena.last);
    testudo_law_free(law);
  }
  testudo_law *law = law_of("lomax:2,1");
  testudo_sums *sums;
  assert_status(testudo_i_sums_make(&arena, law, 65, false, &sums, NULL), TESTUDO_ERROR_LIMIT);
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exponential_sums_equal_erlang_on_both_sides),
      cmocka_unit_test(gamma_sums_equal_gamma_laws),
      cmocka_unit_test(narrow_and_heavy_laws_keep_their_shape),
      cmocka_unit_test(sums_follow_the_draws),
      cmocka_unit_test(the_last_sum_alone_is_the_same),
      cmocka_unit_test(laws_that_start_several_times_are_a_limit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
