/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Z (E_1 + .. + E_k) against closed forms, in both tails. */
#include "check.h"

#include <gsl/gsl_sf_bessel.h>
#include <math.h>

#include <testudo/delay.h>

#include "delay/sums/mixed.h"

static testudo_law *law_of(const char *text)
{
  testudo_law *law = NULL;
  assert_ok(testudo_law_parse(text, &law, NULL));
  return law;
}

static double relative(double found, double exact)
{
  return fabs(found - exact) / exact;
}

/* Z and E exponential: P(Z (E_1 + .. + E_k) > x) = 2 x^(k/2) K_k(2 sqrt x) / (k - 1)!. */
static double exponential_tail(int k, double x)
{
  double y = 2.0 * sqrt(x);
  return exp(log(2.0) + 0.5 * k * log(x) + log(gsl_sf_bessel_Kn_scaled(k, y)) - y - lgamma(k));
}

static void exponential_products_are_bessel_functions(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_i_mixed *mixed = NULL;
  assert_ok(testudo_i_mixed_create(law, law, 64, false, &mixed, NULL));
  double worst = 0.0;
  for (int k = 1; k <= 64; k *= 2)
    for (double x = 1e-6; x < 1e4; x *= 1.37) {
      double exact = exponential_tail(k, x);
      if (exact < 1e-14)
        break;
      worst = fmax(worst, relative(testudo_i_mixed_side(mixed, k, x, true), exact));
      if (exact < 0.9)
        worst = fmax(worst, relative(testudo_i_mixed_side(mixed, k, x, false), 1.0 - exact));
    }
  print_message("exponential: %.2g, stated %.2g\n", worst, testudo_i_mixed_error(mixed));
  assert_true(worst < 3e-11 && testudo_i_mixed_error(mixed) < 1e-9);
  testudo_i_mixed_free(mixed);
  testudo_law_free(law);
}

/* P(Z E <= x) of lognormal laws: the logarithms add up. */
static void lognormal_products_are_lognormal(void **state)
{
  (void)state;
  static const double deviations[][2] = {{1.0, 0.5}, {0.05, 2.0}, {2.0, 0.02}, {0.3, 0.3}};
  for (size_t c = 0; c < sizeof deviations / sizeof *deviations; c++) {
    char text[2][40];
    for (int side = 0; side < 2; side++)
      snprintf(text[side], sizeof text[side], "lognormal:%g,%g", side - 0.3, deviations[c][side]);
    testudo_law *outer = law_of(text[0]), *chunk = law_of(text[1]);
    testudo_i_mixed *mixed = NULL;
    assert_ok(testudo_i_mixed_create(outer, chunk, 2, false, &mixed, NULL));
    double deviation = hypot(deviations[c][0], deviations[c][1]), worst = 0.0;
    for (double z = -6.5; z <= 6.5; z += 0.13)
      for (int above = 0; above < 2; above++)
        worst = fmax(worst, relative(testudo_i_mixed_side(mixed, 1, exp(0.4 + deviation * z), above == 1),
                                     0.5 * erfc((above ? z : -z) / sqrt(2.0))));
    print_message("%s, %s: %.2g, stated %.2g\n", text[0], text[1], worst, testudo_i_mixed_error(mixed));
    assert_true(worst < 1e-10);
    testudo_i_mixed_free(mixed);
    testudo_law_free(outer);
    testudo_law_free(chunk);
  }
}

/* Laws that begin later than 0 go another road; Pareto times: P(Z E > x) = x^-a (1 + a log x) from 1 on. */
static void pareto_products_have_their_closed_form(void **state)
{
  (void)state;
  testudo_law *law = law_of("pareto:1,2.5");
  testudo_i_mixed *mixed = NULL;
  assert_ok(testudo_i_mixed_create(law, law, 1, false, &mixed, NULL));
  for (double x = 1.01; x < 1e5; x *= 1.3)
    assert_true(relative(testudo_i_mixed_side(mixed, 1, x, true), pow(x, -2.5) * (1.0 + 2.5 * log(x))) < 1e-9);
  assert_true(testudo_i_mixed_side(mixed, 1, 0.99, true) == 1.0);
  testudo_i_mixed_free(mixed);
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exponential_products_are_bessel_functions),
      cmocka_unit_test(lognormal_products_are_lognormal),
      cmocka_unit_test(pareto_products_have_their_closed_form),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
