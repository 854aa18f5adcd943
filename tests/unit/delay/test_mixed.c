/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Z (E_1 + .. + E_k) against closed forms, in both tails. */
#include "check.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_sf_bessel.h>
#include <math.h>

#include <testudo/delay.h>

#include "delay/sums/mixed.h"

static testudo_i_arena arena; /* of mixed laws */

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
  assert_ok(testudo_i_mixed_make(&arena, law, law, 64, false, &mixed, NULL));
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
  testudo_i_arena_clear(&arena);
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
    assert_ok(testudo_i_mixed_make(&arena, outer, chunk, 2, false, &mixed, NULL));
    double deviation = hypot(deviations[c][0], deviations[c][1]), worst = 0.0;
    for (double z = -6.5; z <= 6.5; z += 0.13)
      for (int above = 0; above < 2; above++)
        worst = fmax(worst, relative(testudo_i_mixed_side(mixed, 1, exp(0.4 + deviation * z), above == 1),
                                     0.5 * erfc((above ? z : -z) / sqrt(2.0))));
    print_message("%s, %s: %.2g, stated %.2g\n", text[0], text[1], worst, testudo_i_mixed_error(mixed));
    assert_true(worst < 1e-10);
    testudo_i_arena_clear(&arena);
    testudo_law_free(outer);
    testudo_law_free(chunk);
  }
}

/* Pareto times: P(Z E > x) = x^-a (1 + a log x) from 1 on. */
static void pareto_products_have_their_closed_form(void **state)
{
  (void)state;
  testudo_law *law = law_of("pareto:1,2.5");
  testudo_i_mixed *mixed = NULL;
  assert_ok(testudo_i_mixed_make(&arena, law, law, 1, false, &mixed, NULL));
  for (double x = 1.01; x < 1e5; x *= 1.3)
    assert_true(relative(testudo_i_mixed_side(mixed, 1, x, true), pow(x, -2.5) * (1.0 + 2.5 * log(x))) < 1e-9);
  assert_true(testudo_i_mixed_side(mixed, 1, 0.99, true) == 1.0);
  /* log x is gamma of shape 2: next to the start, too, where hardly anything is done. */
  for (int bits = 2; bits < 29; bits++) {
    double y = ldexp(1.0, -bits), exact = gsl_cdf_gamma_P(log1p(y), 2.0, 1.0 / 2.5);
    assert_true(relative(testudo_i_mixed_side(mixed, 1, 1.0 + y, false), exact) < 1e-9);
  }
  testudo_i_arena_clear(&arena);
  testudo_law_free(law);
}

/* A time from `start` on: gamma beyond it, or lognormal where shape is 0. */
typedef struct plain_law {
  const char *text;
  double start, shape, scale; /* lognormal: sigma */
} plain_law;

static double plain_density(const plain_law *law, double y)
{
  double z = log(y) / law->scale;
  if (law->shape == 0.0)
    return exp(-z * z / 2.0) / (sqrt(2.0 * acos(-1.0)) * law->scale * y);
  return exp((law->shape - 1.0) * log(y / law->scale) - y / law->scale - lgamma(law->shape)) / law->scale;
}

typedef struct plain_product {
  const plain_law *outer, *chunk;
  int k;
  double x;
  bool above;
} plain_product;

static double plain_integrand(double w, void *context)
{
  const plain_product *p = context;
  double y = exp(w), e = p->x / (p->outer->start + y) - p->k * p->chunk->start;
  double side = (p->above ? gsl_cdf_gamma_Q : gsl_cdf_gamma_P)(fmax(0.0, e), p->k * p->chunk->shape, p->chunk->scale);
  return side * plain_density(p->outer, y) * y;
}

/* P(Z (E_1 + .. + E_k) <= x), or its complement: GSL's quadrature over Z in twenty pieces, up to where E cannot be so
   small. */
static double plain_side(const plain_law *outer, const plain_law *chunk, int k, double x, bool above)
{
  enum { PIECES = 20, ROOM = 200 };
  plain_product product = {outer, chunk, k, x, above};
  gsl_function f = {plain_integrand, &product};
  double begun = chunk->start > 0.0 ? x / (k * chunk->start) - outer->start : 1e5, sum = 0.0, part, error;
  gsl_integration_workspace *room = gsl_integration_workspace_alloc(ROOM);
  for (int i = 0; i < PIECES; i++) {
    double last = log(begun) - 45.0 * i / PIECES;
    gsl_integration_qag(&f, last - 45.0 / PIECES, last, 0.0, 1e-11, ROOM, GSL_INTEG_GAUSS31, room, &part, &error);
    sum += part;
  }
  gsl_integration_workspace_free(room);
  return !above                ? sum
         : outer->shape == 0.0 ? sum + gsl_cdf_lognormal_Q(begun, 0.0, outer->scale)
                               : sum + gsl_cdf_gamma_Q(begun, outer->shape, outer->scale);
}

/* Neither law need begin at 0. */
static void products_of_late_laws_equal_a_plain_integral(void **state)
{
  (void)state;
  static const plain_law outer[] = {{"lognormal:0,0.2", 0.0, 0.0, 0.2}, {"shifted-exp:1,5", 1.0, 1.0, 0.2},
                                    {"shift:0.01,gamma:2,1", 0.01, 2.0, 1.0}};
  static const plain_law chunk[] = {{"shifted-exp:1,1", 1.0, 1.0, 1.0}, {"gamma:0.7,2", 0.0, 0.7, 2.0},
                                    {"shift:3,exp:0.5", 3.0, 1.0, 2.0}};
  gsl_error_handler_t *before = gsl_set_error_handler_off(); /* parts that are nearly nothing never converge */
  for (int c = 0; c < 9; c++) {
    const plain_law *z = &outer[c / 3], *e = &chunk[c % 3];
    testudo_law *outer_law = law_of(z->text), *chunk_law = law_of(e->text);
    testudo_i_mixed *mixed = NULL;
    assert_ok(testudo_i_mixed_make(&arena, outer_law, chunk_law, 16, false, &mixed, NULL));
    double worst = 0.0;
    for (int k = 1; k <= 16; k *= 16) {
      double start = testudo_i_mixed_start(mixed, k);
      for (double y = 1e-4; y < 1e4; y *= 5.3)
        for (int above = 0; above < 2; above++) {
          double exact = plain_side(z, e, k, start + y, above == 1);
          if (exact > 1e-13 && exact < 0.9)
            worst = fmax(worst, relative(testudo_i_mixed_side(mixed, k, start + y, above == 1), exact));
        }
    }
    print_message("%s, %s: %.2g, stated %.2g\n", z->text, e->text, worst, testudo_i_mixed_error(mixed));
    assert_true(worst < 1e-10);
    testudo_i_arena_clear(&arena);
    testudo_law_free(outer_law);
    testudo_law_free(chunk_law);
  }
  gsl_set_error_handler(before);
}

/* A factor so narrow that the quadrature misses it, and tails of which no table knows enough: better no law than a
   wrong one. */
static void laws_that_are_not_found_are_refused(void **state)
{
  (void)state;
  static const char *const of[][2] = {{"lognormal:0,0.0001", "pareto:1,3"}, {"lognormal:0,0.001", "pareto:1,3"},
                                      {"pareto:1,1.01", "pareto:1,1.02"}};
  for (int c = 0; c < 3; c++) {
    testudo_law *outer = law_of(of[c][0]), *chunk = law_of(of[c][1]);
    testudo_i_mixed *mixed = NULL;
    testudo_error error;
    assert_status(testudo_i_mixed_make(&arena, outer, chunk, 1, false, &mixed, &error), TESTUDO_ERROR_LIMIT);
    assert_null(mixed);
    assert_non_null(strstr(error.text, "does not settle"));
    testudo_i_arena_clear(&arena);
    testudo_law_free(outer);
    testudo_law_free(chunk);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exponential_products_are_bessel_functions),
      cmocka_unit_test(lognormal_products_are_lognormal),
      cmocka_unit_test(pareto_products_have_their_closed_form),
      cmocka_unit_test(products_of_late_laws_equal_a_plain_integral),
      cmocka_unit_test(laws_that_are_not_found_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
