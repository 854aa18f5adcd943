/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rule of 17 or 33 places against integrals in closed form, and what its last coefficients say of its error. */
#include "check.h"

#include "base/random.h"
#include "numeric/moments/chebyshev.h"

static const int sizes[] = {TESTUDO_I_CHEBYSHEV_FEW, TESTUDO_I_CHEBYSHEV_MANY};

static double place(const testudo_i_chebyshev *rule, int n, int k)
{
  return rule->place[k * (TESTUDO_I_CHEBYSHEV_MANY / n)];
}

static void powers_up_to_the_degree_are_exact(void **state)
{
  (void)state;
  testudo_i_chebyshev rule;
  testudo_i_chebyshev_init(&rule);
  for (int s = 0; s < 2; s++)
    for (int degree = 0; degree <= sizes[s]; degree++) {
      double value[TESTUDO_I_CHEBYSHEV_MANY + 1], trail;
      for (int k = 0; k <= sizes[s]; k++)
        value[k] = pow(place(&rule, sizes[s], k), degree);
      assert_near(testudo_i_chebyshev_integral(&rule, value, sizes[s], &trail, NULL), 1.0 / (degree + 1), 3e-16);
      assert_true(degree >= sizes[s] - 2 || trail < 1e-15);
    }
}

static void the_coefficients_of_one_polynomial_stand_where_they_belong(void **state)
{
  (void)state;
  testudo_i_chebyshev rule;
  testudo_i_chebyshev_init(&rule);
  for (int s = 0; s < 2; s++)
    for (int degree = 0; degree <= sizes[s]; degree++) {
      double value[TESTUDO_I_CHEBYSHEV_MANY + 1], trail, ahead;
      for (int k = 0; k <= sizes[s]; k++)
        value[k] = 0.7 * cos(degree * acos(1.0 - 2.0 * place(&rule, sizes[s], k)));
      testudo_i_chebyshev_integral(&rule, value, sizes[s], &trail, &ahead);
      assert_near(trail, degree >= sizes[s] - 2 ? 0.7 : 0.0, 1e-13);
      assert_near(ahead, abs(degree - sizes[s] / 2) <= 1 ? 0.7 : 0.0, 1e-13);
    }
}

static double between(testudo_i_random *random, double a, double b)
{
  return a + (b - a) * testudo_i_random_uniform(random);
}

/* What the safety of tail.c stands on: on top of e^-ax, a fall of any height between any two neighbouring places is
   seen. Four times the trail is never less than the error; once, as a control, is. */
static void a_narrow_fall_anywhere_is_seen(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_chebyshev rule;
  int unseen = 0, short_of = 0, cases = 200000;
  testudo_i_chebyshev_init(&rule);
  testudo_i_random_start(&random, 3, TESTUDO_I_FOR_TEST, 0, 0);
  for (int k = 0; k < cases; k++) {
    int n = sizes[k % 2];
    double a = between(&random, 1e-3, 7.5), height = pow(10.0, between(&random, -9.0, 2.0));
    double at = testudo_i_random_uniform(&random), value[TESTUDO_I_CHEBYSHEV_MANY + 1], trail;
    for (int j = 0; j <= n; j++)
      value[j] = exp(-a * place(&rule, n, j)) + (place(&rule, n, j) < at ? height : 0.0);
    double error = fabs(testudo_i_chebyshev_integral(&rule, value, n, &trail, NULL) - height * at + expm1(-a) / a);
    unseen += error > 4.0 * trail + 1e-15 * (1.0 + height);
    short_of += error > trail + 1e-15 * (1.0 + height);
  }
  assert_int_equal(unseen, 0);
  assert_true(short_of > cases / 100);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(powers_up_to_the_degree_are_exact),
      cmocka_unit_test(the_coefficients_of_one_polynomial_stand_where_they_belong),
      cmocka_unit_test(a_narrow_fall_anywhere_is_seen),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
