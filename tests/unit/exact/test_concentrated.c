/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No stated error is below the true one: 39 laws, most of them narrow or of two scales, times five numbers of workers;
   the K-th of some; and mixtures of two narrow laws at random scales, 60 here and 2,000 where TESTUDO_LONG is set. The
   true values are those of truth.h. */
#include "check.h"

#include "base/random.h"
#include "unit/exact/cases.h"
#include "unit/exact/truth.h"

typedef struct tally {
  int cases, untrue;
  double largest_error, largest_spread, largest_bound; /* stated, relative to the mean or the deviation */
} tally;

static testudo_summary summary_of(const char *text, int m, int wait)
{
  testudo_law *law = law_of(text);
  const testudo_delay_model model = {.law = law};
  testudo_design *design = wait == m ? uncoded(m, m) : k_of_n(m, m, wait);
  testudo_summary summary = summary_with(design, &model, &plain_options);
  testudo_design_free(design);
  testudo_law_free(law);
  return summary;
}

/* own: relative error of what is taken for the truth. */
static void compare(tally *all, const char *text, int m, int wait, truth wanted, double own)
{
  testudo_summary found = summary_of(text, m, wait);
  double off = (double)fabsl(found.mean - wanted.mean), spread_off = (double)fabsl(found.stddev - wanted.stddev);
  double mean = (double)wanted.mean, stddev = (double)wanted.stddev;
  bool infinite = !isfinite(stddev);
  all->cases++;
  assert_int_equal(found.status, TESTUDO_MEAN_EXACT);
  if (off > found.abs_error + own * mean || off > found.abs_bound + own * mean ||
      (infinite ? found.stddev != HUGE_VAL : spread_off > found.stddev_error + own * stddev)) {
    print_error("%s, %d of %d: mean %.17g off by %.3g, stated %.3g, at most %.3g; deviation %.12g off by %.3g, stated "
                "%.3g\n", text, wait, m, found.mean, off, found.abs_error, found.abs_bound, found.stddev, spread_off,
                found.stddev_error);
    all->untrue++;
  }
  all->largest_error = fmax(all->largest_error, found.abs_error / mean);
  if (!infinite)
    all->largest_spread = fmax(all->largest_spread, found.stddev_error / (stddev + 1e-10 * mean));
  if (found.abs_bound < HUGE_VAL)
    all->largest_bound = fmax(all->largest_bound, found.abs_bound / mean);
}

static void end_of(const char *what, const tally *all)
{
  print_message("%s: %d cases, %d with a stated error below the true one; stated up to %.2g of the mean (proved "
                "%.2g), %.2g of the deviation\n", what, all->cases, all->untrue, all->largest_error, all->largest_bound,
                all->largest_spread);
  assert_int_equal(all->untrue, 0);
  assert_true(all->largest_error <= 1e-8 && all->largest_spread <= 1e-5);
}

static const truth_law laws[] = {
    {1, {{LOGNORMAL, 0, 0.001}}}, {1, {{LOGNORMAL, 0, 0.003}}}, {1, {{LOGNORMAL, 0, 0.01}}},
    {1, {{LOGNORMAL, 0, 0.03}}}, {1, {{LOGNORMAL, 0, 0.1}}}, {1, {{LOGNORMAL, 0, 0.3}}}, {1, {{LOGNORMAL, 0, 1}}},
    {1, {{LOGNORMAL, 0, 3}}}, {1, {{WEIBULL, 0.5, 1}}}, {1, {{WEIBULL, 1.5, 1}}}, {1, {{WEIBULL, 3, 1}}},
    {1, {{WEIBULL, 10, 1}}}, {1, {{WEIBULL, 30, 1}}}, {1, {{WEIBULL, 100, 1}}}, {1, {{WEIBULL, 300, 1}}},
    {1, {{WEIBULL, 1000, 1}}}, {1, {{GAMMA, 0.3, 1}}}, {1, {{GAMMA, 3, 1}}}, {1, {{GAMMA, 100, 0.01}}},
    {1, {{GAMMA, 1e4, 1e-4}}}, {1, {{GAMMA, 1e6, 1e-6}}}, {1, {{SHIFTED_EXP, 0, 1}}}, {1, {{SHIFTED_EXP, 1, 1}}},
    {1, {{SHIFTED_EXP, 1, 1000}}}, {1, {{SHIFTED_EXP, 1000, 1}}}, {1, {{SHIFTED_EXP, 1e6, 1}}},
    {1, {{SHIFTED_EXP, 1e6, 1e6}}}, {1, {{PARETO, 1, 1.05}}}, {1, {{PARETO, 1, 2.05}}}, {1, {{PARETO, 1, 3}}},
    {1, {{PARETO, 1, 30}}}, {1, {{PARETO, 1, 1000}}},
    {0.1, {{SHIFTED_EXP, 1000, 1}, {SHIFTED_EXP, 1, 1000}}}, {0.5, {{GAMMA, 1000, 1e-6}, {GAMMA, 1000, 1}}},
    {1e-6, {{LOGNORMAL, 13, 0.01}, {LOGNORMAL, 0, 0.01}}}, {0.01, {{WEIBULL, 100, 30}, {WEIBULL, 100, 1}}},
    {0.5, {{LOGNORMAL, 0, 0.001}, {LOGNORMAL, 0.1, 0.001}}}, {0.999, {{SHIFTED_EXP, 1, 1e4}, {SHIFTED_EXP, 0, 1e-3}}},
    {0.3, {{WEIBULL, 300, 1}, {SHIFTED_EXP, 1.01, 50}}}};

static void stated_errors_of_39_laws_of_five_sizes_are_true(void **state)
{
  (void)state;
  static const int size[] = {1, 10, 100, 1000, 10000};
  tally all = {0};
  for (size_t k = 0; k < sizeof laws / sizeof *laws; k++) {
    char text[200];
    truth_text(&laws[k], text, sizeof text);
    truth_table table = truth_tabulate(&laws[k], 1);
    for (int s = 0; s < 5; s++) {
      truth wanted = truth_of_table(&table, size[s], size[s]);
      if (laws[k].part[0].kind == PARETO) {
        long double mean = truth_pareto(&laws[k].part[0], size[s], 1);
        long double square = truth_pareto(&laws[k].part[0], size[s], 2);
        wanted.mean = mean;
        wanted.stddev = square < HUGE_VALL ? wanted.stddev : HUGE_VALL;
        if (square < HUGE_VALL && laws[k].part[0].b < 10)
          wanted.stddev = sqrtl(square - mean * mean);
      }
      compare(&all, text, size[s], size[s], wanted, 1e-17);
    }
    truth_free(&table);
  }
  assert_int_equal(all.cases, 195);
  end_of("195 laws", &all);
}

static void stated_errors_of_the_kth_are_true(void **state)
{
  (void)state;
  static const int size[][2] = {{10, 9}, {10, 1}, {100, 90}, {1000, 900}};
  tally all = {0};
  for (size_t k = 0; k < sizeof laws / sizeof *laws; k += 5) {
    char text[200];
    truth_text(&laws[k], text, sizeof text);
    if (laws[k].part[0].kind == PARETO)
      continue;
    truth_table table = truth_tabulate(&laws[k], 8);
    for (int s = 0; s < 4; s++)
      compare(&all, text, size[s][0], size[s][1], truth_of_table(&table, size[s][0], size[s][1]), 1e-13);
    truth_free(&table);
  }
  end_of("the K-th", &all);
}

/* Laws that were once far off in silence; values in closed form, or to all digits given. */
static void laws_that_were_once_wrong_are_right(void **state)
{
  (void)state;
  static const struct {
    const char *law;
    int32_t workers, wait; /* of a gradient code too, which waits for so many of ten chunks each */
    double mean, mean_digits, stddev, stddev_digits;
    int32_t load;
  } cases[] = {{"mixture:0.1,shifted-exp:1000,1,shifted-exp:1,1000", 1, 1, 101.0009, 1e-10, NAN, 0, 1},
               {"mixture:0.5,gamma:1000,1e-6,gamma:1000,1", 1, 1, 500.0005, 1e-10, NAN, 0, 1},
               {"weibull:300,1", 100, 100, NAN, 0, 0.00078192, 5e-9, 1},
               {"weibull:100,1", 10000, 10000, 1.02299194, 5e-9, NAN, 0, 1},
               {"lognormal:0,0.01", 1000, 900, 1.0128652080, 5e-11, NAN, 0, 1},
               {"lognormal:0,0.003", 100, 90, 11.0413124, 5e-8, NAN, 0, 11},
               {"shifted-exp:1e6,1e6", 10, 10, 1e6 + 2.9289682539682538e-6, 1e-9, 1.2448966748965683e-6, 1e-17, 1}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    testudo_law *law = law_of(cases[k].law);
    const testudo_delay_model model = {.law = law};
    testudo_assignment assignment;
    testudo_design *design = NULL;
    int32_t m = cases[k].workers;
    if (cases[k].load > 1)
      assert_ok(testudo_assignment_cyclic(m, cases[k].load, &assignment, NULL));
    else
      assert_ok(testudo_assignment_uncoded(m, m, &assignment, NULL));
    if (cases[k].load > 1)
      assert_ok(testudo_design_create_gradient_code(&assignment, m - cases[k].wait, 1, "", &design, NULL));
    else
      assert_ok(testudo_design_create_waiting(&assignment, cases[k].wait, "", &design, NULL));
    testudo_assignment_free(&assignment);
    testudo_summary found = summary_with(design, &model, &plain_options);
    if (!isnan(cases[k].mean))
      assert_near(found.mean, cases[k].mean, found.abs_error + cases[k].mean_digits);
    if (!isnan(cases[k].stddev))
      assert_near(found.stddev, cases[k].stddev, found.stddev_error + cases[k].stddev_digits);
    assert_true(found.abs_error < 1e-9 * found.mean && found.stddev_error < 1e-3 * found.stddev);
    testudo_design_free(design);
    testudo_law_free(law);
  }
}

/* Twice as many panels change nothing: the truth is as true as it is taken for. */
static void the_truth_is_true(void **state)
{
  (void)state;
  for (size_t k = 0; k < sizeof laws / sizeof *laws; k += 6) {
    truth_table table = truth_tabulate(&laws[k], 1), finer = truth_tabulate(&laws[k], 2);
    for (int m = 1; m <= 10000; m *= 100) {
      truth a = truth_of_table(&table, m, m), b = truth_of_table(&finer, m, m);
      assert_true(fabsl(a.mean - b.mean) <= 1e-16L * b.mean && fabsl(a.stddev - b.stddev) <= 1e-14L * b.stddev);
    }
    truth_free(&table);
    truth_free(&finer);
  }
  const truth_law exponential = {1, {{SHIFTED_EXP, 1e6, 1e6}}};
  truth_table table = truth_tabulate(&exponential, 1);
  truth found = truth_of_table(&table, 10, 10);
  long double harmonic = 0, squares = 0;
  for (int k = 10; k > 0; k--) {
    harmonic += 1.0L / k;
    squares += 1.0L / k / k;
  }
  assert_true(fabsl(found.mean - (1e6L + 1e-6L * harmonic)) < 1e-12L);
  assert_true(fabsl(found.stddev - 1e-6L * sqrtl(squares)) < 2e-13L); /* times have 19 digits */
  truth_free(&table);
}

static double between(testudo_i_random *random, double a, double b)
{
  return a + (b - a) * testudo_i_random_uniform(random);
}

/* Narrow, near 1. */
static truth_part narrow_part(testudo_i_random *random, double scale)
{
  double width = pow(10, between(random, -3, -0.5));
  switch ((int)between(random, 0, 3)) {
  case 0:
    return (truth_part){SHIFTED_EXP, scale, 1 / (width * scale)};
  case 1:
    return (truth_part){WEIBULL, 1 / width, scale};
  default:
    return (truth_part){LOGNORMAL, log(scale), width};
  }
}

static void stated_errors_of_random_laws_of_two_scales_are_true(void **state)
{
  (void)state;
  int rounds = getenv("TESTUDO_LONG") != NULL ? 2000 : 60;
  testudo_i_random random;
  tally all = {0};
  testudo_i_random_start(&random, 16, TESTUDO_I_FOR_TEST, 1, 0);
  for (int k = 0; k < rounds; k++) {
    static const int size[] = {1, 1, 10, 100, 1000};
    double far = pow(10, between(&random, -6, 6)), weight = pow(10, between(&random, -6, -0.3));
    int m = size[(int)between(&random, 0, 5)];
    truth_law law = {weight, {narrow_part(&random, far), narrow_part(&random, 1)}};
    char text[250];
    truth_text(&law, text, sizeof text);
    truth_table table = truth_tabulate(&law, 1);
    compare(&all, text, m, m, truth_of_table(&table, m, m), 1e-17);
    truth_free(&table);
  }
  end_of("laws of two scales", &all);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(laws_that_were_once_wrong_are_right),
      cmocka_unit_test(the_truth_is_true),
      cmocka_unit_test(stated_errors_of_39_laws_of_five_sizes_are_true),
      cmocka_unit_test(stated_errors_of_the_kth_are_true),
      cmocka_unit_test(stated_errors_of_random_laws_of_two_scales_are_true),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
