/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lognormal and Pareto laws against tables, closed forms and long doubles. */
#include "check.h"

#include "base/random.h"
#include "delay/laws/table.h"
#include "numeric/integrate.h"

static testudo_law *law_of(const char *text)
{
  testudo_law *law;
  testudo_error error;
  if (testudo_law_parse(text, &law, &error) != TESTUDO_OK)
    fail_msg("%s: %s", text, error.text);
  return law;
}

/* P(normal > z) by Laplace's continued fraction for z > 2 and by the power series of the distribution function below
   in size: neither uses the library's erfc. */
static long double normal_above(long double z)
{
  const long double root = 0.398942280401432677939946059934381868L; /* 1 / sqrt(2 pi) */
  if (z < -2)
    return 1 - normal_above(-z);
  if (z > 2) {
    long double fraction = z;
    for (int k = 400; k > 0; k--)
      fraction = z + k / fraction;
    return root * expl(-z * z / 2) / fraction;
  }
  long double term = z, sum = z;
  for (int k = 1; k < 80; k++) {
    term *= z * z / (2 * k + 1);
    sum += term;
  }
  return 0.5L - root * expl(-z * z / 2) * sum;
}

static void the_reference_itself_equals_published_values(void **state)
{
  (void)state;
  /* Abramowitz and Stegun, table 26.1 and 26.2 (P(normal > z)). */
  const struct {
    double z, above;
  } table[] = {{0, 0.5}, {1, 0.158655253931457}, {2, 0.0227501319481792}, {3, 1.34989803163009e-3},
               {5, 2.86651571879194e-7}, {10, 7.61985302416053e-24}, {20, 2.75362411860623e-89}};
  for (size_t k = 0; k < sizeof table / sizeof *table; k++)
    assert_close((double)normal_above(table[k].z), table[k].above, 1e-13);
}

static void lognormal_probabilities_equal_the_reference_in_both_tails(void **state)
{
  (void)state;
  const double parameter[][2] = {{0, 1}, {1.3951679221849946, 0.13896192319724418}, {-7.3, 4.1}, {225.5, 9.9}};
  for (size_t k = 0; k < 4; k++) {
    testudo_law law = {.row = testudo_i_law_row_of("lognormal:"), .a = parameter[k][0], .b = parameter[k][1]};
    for (double z = -36.7; z < 37; z += 0.713) {
      double x = exp(law.a + law.b * z);
      long double exact = (logl(x) - law.a) / law.b;
      /* The rounding of log x is magnified by |z| / sigma, in the exponent by |z|. */
      double slack = 1e-13 + 4e-16 * fabs(z) * (fabs(log(x)) + fabs(law.a)) / law.b;
      assert_close(testudo_law_survival(&law, x), (double)normal_above(exact), slack);
      assert_close(testudo_law_cdf(&law, x), (double)normal_above(-exact), slack);
    }
    assert_true(testudo_law_survival(&law, 0) == 1 && testudo_law_survival(&law, -3) == 1);
    assert_true(testudo_law_cdf(&law, 0) == 0 && testudo_law_survival(&law, HUGE_VAL) == 0);
    assert_true(testudo_law_cdf(&law, HUGE_VAL) == 1);
  }
}

static void pareto_probabilities_equal_powers_in_both_tails(void **state)
{
  (void)state;
  const double parameter[][2] = {{1, 1.5}, {3.067638, 3.6461746594676536}, {1e-9, 0.1}, {7e20, 31}};
  for (size_t k = 0; k < 4; k++) {
    testudo_law law = {.row = testudo_i_law_row_of("pareto:"), .a = parameter[k][0], .b = parameter[k][1]};
    for (double over = 1e-9; over < 1e9; over *= 7.31) {
      double x = law.a * (1 + over);
      long double above = powl((long double)law.a / x, law.b);
      /* x carries a relative rounding of 1e-16: nothing beside x, but not beside x - x_min. */
      assert_close(testudo_law_survival(&law, x), (double)above, 1e-15 * (2 + law.b * log1p(over) + law.b));
      assert_close(testudo_law_cdf(&law, x), (double)-expm1l(law.b * logl((long double)law.a / x)),
                   1e-14 + 3e-16 / over);
    }
    assert_true(testudo_law_survival(&law, law.a) == 1 && testudo_law_cdf(&law, law.a) == 0);
    assert_true(testudo_law_survival(&law, 0) == 1 && testudo_law_survival(&law, HUGE_VAL) == 0);
  }
}

static void quantiles_invert_the_laws(void **state)
{
  (void)state;
  testudo_law *lognormal = law_of("lognormal:-0.4,0.83"), *pareto = law_of("pareto:0.37,2.2");
  for (double p = 1e-300; p < 1; p = p < 0.1 ? p * 613 : p + 0.0471) {
    assert_close(testudo_law_cdf(lognormal, testudo_law_quantile(lognormal, p)), p, 1e-12);
    if (p > 1e-12) /* x_min (1 + tiny) is x_min */
      assert_close(testudo_law_cdf(pareto, testudo_law_quantile(pareto, p)), p, 1e-3 * 1e-12 / p + 1e-12);
  }
  assert_close(testudo_law_quantile(lognormal, 0.5), exp(-0.4), 1e-14);
  assert_close(testudo_law_quantile(lognormal, 0.975), exp(-0.4 + 0.83 * 1.95996398454005), 1e-13);
  assert_close(testudo_law_quantile(pareto, 0.75), 0.37 * pow(4, 1 / 2.2), 1e-14);
  testudo_law_free(lognormal);
  testudo_law_free(pareto);
}

/* The moments again as sums over z = (log x - mu) / sigma: the trapezoidal rule converges geometrically there. */
static void lognormal_moments_equal_a_sum_over_the_density(void **state)
{
  (void)state;
  const double parameter[][2] = {{0, 1}, {1.395, 0.139}, {-3, 2.5}, {20, 10}};
  for (size_t k = 0; k < 4; k++) {
    testudo_law law = {.row = testudo_i_law_row_of("lognormal:"), .a = parameter[k][0], .b = parameter[k][1]};
    long double first = 0, second = 0, weight = 0;
    for (int i = -10000; i <= 20000; i++) {
      long double z = i / 400.0L, mass = expl(-z * z / 2), x = expl(law.b * z);
      weight += mass;
      first += mass * x;
      second += mass * x * x;
    }
    long double mean = first / weight, variance = second / weight - mean * mean, scale = expl(law.a);
    assert_close(testudo_law_mean(&law), (double)(mean * scale), 1e-13);
    if (law.b < 5) /* at 10 the sum for the square would have to reach z = 30 */
      assert_close(testudo_law_variance(&law), (double)(variance * scale * scale), law.b < 0.5 ? 1e-13 : 1e-12);
  }
}

static void pareto_moments_are_finite_where_they_should_be(void **state)
{
  (void)state;
  const double alpha[] = {0.1, 0.999, 1, 1.001, 1.5, 2, 2.001, 3.5, 40};
  for (size_t k = 0; k < sizeof alpha / sizeof *alpha; k++) {
    testudo_law law = {.row = testudo_i_law_row_of("pareto:"), .a = 2.7, .b = alpha[k]};
    double a = alpha[k], mean = testudo_law_mean(&law), variance = testudo_law_variance(&law);
    if (a <= 1)
      assert_true(mean == HUGE_VAL);
    else
      assert_close(mean, 2.7 * a / (a - 1), 1e-15);
    if (a <= 2)
      assert_true(variance == HUGE_VAL);
    else
      assert_close(variance, 2.7 * 2.7 * a / (a - 2) / (a - 1) / (a - 1), 1e-14);
  }
}

/* ---- draws ---- */

static double least_p_value(const testudo_law *drawn, const testudo_law *claimed, uint64_t seed)
{
  enum { DRAWS = 200000, PLACES = 9 };
  int64_t below[PLACES] = {0};
  double place[PLACES], least = 1.0;
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_TEST, 8, 0);
  for (int p = 0; p < PLACES; p++)
    place[p] = testudo_law_quantile(claimed, p == 0 ? 0.001 : p == 8 ? 0.999 : p / 8.0);
  for (int k = 0; k < DRAWS; k++) {
    double x = testudo_i_law_draw(drawn, testudo_i_random_uniform(&random));
    for (int p = 0; p < PLACES; p++)
      below[p] += x <= place[p];
  }
  for (int p = 0; p < PLACES; p++) {
    double chance = testudo_law_cdf(claimed, place[p]);
    least = fmin(least, 2.0 * fmin(testudo_i_binomial_below(below[p], DRAWS, chance),
                                   testudo_i_binomial_above(below[p], DRAWS, chance)));
  }
  return least;
}

static void draws_follow_their_law_and_no_other(void **state)
{
  (void)state;
  const char *const claims[][3] = {
      {"lognormal:1.395,0.7", "lognormal:1.425,0.7", "lognormal:1.395,0.721"}, /* a scale, a sigma 3 % off */
      {"pareto:1,1.5", "pareto:1.03,1.5", "pareto:1,1.545"},
  };
  /* Fixed seeds; for fresh ones the 18 tests at 1e-8 would fail with probability below 2e-7. */
  for (int l = 0; l < 2; l++) {
    testudo_law *law = law_of(claims[l][0]);
    assert_true(least_p_value(law, law, (uint64_t)l) > 1e-8);
    for (int wrong = 1; wrong < 3; wrong++) {
      testudo_law *other = law_of(claims[l][wrong]);
      assert_true(least_p_value(other, law, (uint64_t)l) < 1e-8);
      testudo_law_free(other);
    }
    testudo_law_free(law);
  }
}

static void many_draws_equal_single_draws_bit_for_bit(void **state)
{
  (void)state;
  enum { MOST = 70 };
  testudo_law *laws[] = {law_of("lognormal:0.3,1.7"), law_of("pareto:0.3,1.7")};
  double u[MOST], x[MOST];
  testudo_i_random random;
  testudo_i_random_start(&random, 6, TESTUDO_I_FOR_TEST, 0, 0);
  for (int l = 0; l < 2; l++) {
    for (size_t count = 0; count <= MOST; count++) {
      for (size_t k = 0; k < count; k++)
        u[k] = testudo_i_random_uniform(&random);
      testudo_i_law_fill(laws[l], u, x, count);
      for (size_t k = 0; k < count; k++)
        assert_true(x[k] == testudo_i_law_draw(laws[l], u[k]));
    }
    testudo_law_free(laws[l]);
  }
}

static void draws_and_moments_are_numbers_at_the_ends_of_the_ranges(void **state)
{
  (void)state;
  const char *const texts[] = {"lognormal:230,10", "lognormal:-230,10", "lognormal:0,1e-100", "pareto:1e100,0.1",
                               "pareto:1e-100,0.1", "pareto:1e100,1e100"};
  const double ends[] = {0x1p-54, 1 - 0x1p-53, 0.5};
  for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
    testudo_law *law = law_of(texts[k]);
    for (int e = 0; e < 3; e++) {
      double x = testudo_i_law_draw(law, ends[e]);
      assert_true(x > 0 && x < HUGE_VAL);
      assert_true(!testudo_i_law_is_power(law) || x >= law->a);
    }
    if (strncmp(texts[k], "lognormal:", 10) == 0)
      assert_true(testudo_law_mean(law) < HUGE_VAL && testudo_law_variance(law) < HUGE_VAL);
    testudo_law_free(law);
  }
}

/* ---- the progress law ---- */

/* The integral of the normal density from z to z + gap, by midpoints with the second derivative. */
static long double normal_between(long double z, long double gap)
{
  long double sum = 0, above = normal_above(z), rest = normal_above(z + gap);
  if (rest < above / 2 && z > 0)
    return above - rest;
  int pieces = 2000;
  for (int k = 0; k < pieces; k++) {
    long double at = z + gap * (k + 0.5L) / pieces;
    sum += expl(-at * at / 2) * (1 + (at * at - 1) * gap * gap / pieces / pieces / 24);
  }
  return sum * gap / pieces * 0.398942280401432677939946059934381868L;
}

static void lognormal_progress_keeps_its_digits_in_both_tails(void **state)
{
  (void)state;
  enum { LOAD = 9 };
  double q[LOAD + 1];
  testudo_law law = {.row = testudo_i_law_row_of("lognormal:"), .a = 0.21, .b = 0.83};
  testudo_delay_model model = {.law = &law, .structure = TESTUDO_STRUCTURE_SCALED};
  for (double t = 1e-8; t < 1e9; t *= 3.7) {
    testudo_i_progress_law(TESTUDO_I_ALONE(&model), 1.7, LOAD, false, t, q);
    double sum = 0;
    for (int c = 0; c <= LOAD; c++)
      sum += q[c];
    assert_near(sum, 1, 1e-14);
    for (int c = 1; c < LOAD; c++) {
      long double z = (logl(t * 1.7L / (c + 1)) - law.a) / law.b, gap = logl((c + 1.0L) / c) / law.b;
      assert_close(q[c], (double)normal_between(z, gap), 1e-11);
    }
    assert_close(q[0], (double)normal_above((logl(t * 1.7L) - law.a) / law.b), 1e-11);
    assert_close(q[LOAD], (double)normal_above(-(logl(t * 1.7L / LOAD) - law.a) / law.b), 1e-11);
  }
}

static void pareto_progress_keeps_its_digits_in_both_tails(void **state)
{
  (void)state;
  enum { LOAD = 9 };
  double q[LOAD + 1];
  testudo_law law = {.row = testudo_i_law_row_of("pareto:"), .a = 0.6, .b = 1.3};
  testudo_delay_model model = {.law = &law, .structure = TESTUDO_STRUCTURE_SCALED};
  const long double rate = 1.7;
  for (double t = 0.01; t < 1e200; t *= t < 10 ? 1.0317 : 713) {
    testudo_i_progress_law(TESTUDO_I_ALONE(&model), 1.7, LOAD, false, t, q);
    double sum = 0;
    for (int c = 0; c <= LOAD; c++) {
      long double later = c == LOAD ? 1 : t * rate / (c + 1) <= law.a ? 1 : powl(law.a * (c + 1) / t / rate, law.b);
      long double done = c == 0 ? 0 : t * rate / c <= law.a ? 1 : powl(law.a * c / t / rate, law.b);
      assert_near(q[c], (double)(later - done), (double)(later - done) * 1e-13 + 1e-15 * (later == 1));
      assert_true(q[c] >= 0);
      sum += q[c];
    }
    assert_near(sum, 1, 1e-14);
  }
  testudo_i_progress_law(TESTUDO_I_ALONE(&model), 1.7, LOAD, true, 30, q);
  assert_close(q[0], pow(0.6 * 9 / 30 / 1.7, 1.3), 1e-14);
  assert_near(q[0] + q[LOAD], 1, 1e-15);
}

static void kinks_of_pareto_are_where_it_begins(void **state)
{
  (void)state;
  double begin = 0.6;
  testudo_law law = {.row = testudo_i_law_row_of("pareto:"), .a = 0.6, .b = 1.3, .kink = &begin, .kinks = 1};
  testudo_law smooth = {.row = testudo_i_law_row_of("lognormal:"), .b = 1};
  testudo_delay_model model = {.law = &law, .structure = TESTUDO_STRUCTURE_SCALED};
  const double rate[] = {1, 2};
  const int32_t load[] = {2, 4};
  const testudo_law *of[] = {&law, &law};
  double *points;
  size_t count;
  assert_ok(testudo_i_delay_points(TESTUDO_I_ALONE(&model), of, rate, load, 2, 100, &points, &count, NULL));
  const double wanted[] = {0.3, 0.6, 3 * 0.6 / 2, 1.2};
  assert_int_equal(count, 4);
  for (int k = 0; k < 4; k++)
    assert_true(points[k] == wanted[k]);
  free(points);
  model.law = of[0] = of[1] = &smooth;
  assert_ok(testudo_i_delay_points(TESTUDO_I_ALONE(&model), of, rate, load, 2, 100, &points, &count, NULL));
  assert_int_equal(count, 0);
  free(points);
}

/* ---- texts ---- */

static void seventeen_digits_are_read_back(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 9, TESTUDO_I_FOR_TEST, 0, 0);
  for (int k = 0; k < 2000; k++) {
    double mu = 460 * testudo_i_random_uniform(&random) - 230, sigma = 10 * testudo_i_random_uniform(&random);
    double least = exp(mu), alpha = 0.1 + 1 / testudo_i_random_uniform(&random);
    char text[96];
    snprintf(text, sizeof text, "lognormal:%.17g,%.17g", mu, sigma);
    testudo_law *law = law_of(text);
    assert_true(law->a == mu && law->b == sigma && strcmp(testudo_law_text(law), text) == 0);
    assert_true(testudo_law_named(law) == testudo_law_text(law));
    testudo_law_free(law);
    snprintf(text, sizeof text, "pareto:%.17g,%.17g", least, alpha);
    law = law_of(text);
    assert_true(law->a == least && law->b == alpha);
    testudo_law_free(law);
  }
}

static void refuses_parameters_out_of_range_and_says_the_range(void **state)
{
  (void)state;
  const char *const cases[][2] = {
      {"lognormal:231,1", "lognormal: mu '231' is not a number from -230 to 230"},
      {"lognormal:-230.5,1", "lognormal: mu '-230.5' is not a number from -230 to 230"},
      {"lognormal:0,0", "lognormal: sigma '0' is not a number from 1e-100 to 10"},
      {"lognormal:0,-1", "lognormal: sigma '-1' is not a number from 1e-100 to 10"},
      {"lognormal:0,10.01", "lognormal: sigma '10.01' is not a number from 1e-100 to 10"},
      {"lognormal:nan,1", "lognormal: mu 'nan' is not a number from -230 to 230"},
      {"lognormal:1", "lognormal takes 2 numbers: lognormal:mu,sigma"},
      {"lognormal:1,2,3", "lognormal takes 2 numbers: lognormal:mu,sigma"},
      {"pareto:0,1", "pareto: xmin '0' is not a number from 1e-100 to 1e+100"},
      {"pareto:-1,1", "pareto: xmin '-1' is not a number from 1e-100 to 1e+100"},
      {"pareto:1,0.09", "pareto: alpha '0.09' is not a number from 0.1 to 1e+100"},
      {"pareto:1,0", "pareto: alpha '0' is not a number from 0.1 to 1e+100"},
      {"pareto:1,", "pareto: alpha '' is not a number from 0.1 to 1e+100"},
      {"pareto:1", "pareto takes 2 numbers: pareto:xmin,alpha"},
      {"shifted-exp:-1,1", "shifted-exp: shift '-1' is not a number from 1e-100 to 1e+100, or 0"},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    testudo_law *law;
    testudo_error error = {""};
    assert_status(testudo_law_parse(cases[k][0], &law, &error), TESTUDO_ERROR_ARGUMENT);
    assert_string_equal(error.text, cases[k][1]);
    assert_null(law);
  }
  testudo_law *zero = law_of("lognormal:0,1");
  assert_true(zero->a == 0);
  testudo_law_free(zero);
}

/* No wrong law where none is made: no number, not that of scaled structure. */
static void sums_that_are_not_convolved_have_no_number(void **state)
{
  (void)state;
  const char *const texts[] = {"lognormal:0,1", "pareto:1,2", "weibull:2,1", "lomax:2,1", "mixture:0.5,exp:1,exp:2",
                               "mixture:0.5,deterministic:1,deterministic:2"};
  for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
    testudo_law *law = law_of(texts[k]);
    testudo_delay_model model = {.law = law, .structure = TESTUDO_STRUCTURE_ADDITIVE};
    testudo_i_delay own;
    testudo_i_arena arena = {0};
    testudo_error error = {""};
    assert_ok(testudo_delay_check(&model, 3, NULL));
    assert_true(isnan(testudo_delay_survival(&model, 1.0, 2, 1.5)));
    assert_true(isnan(testudo_i_delay_cdf(TESTUDO_I_ALONE(&model), 1.0, 2, 1.5)));
    testudo_status status = testudo_i_delay_complete(TESTUDO_I_ALONE(&model), 2, &arena, &own, &error);
    if (k == 5) {
      assert_status(status, TESTUDO_ERROR_LIMIT);
      assert_non_null(strstr(error.text, texts[k]));
    } else {
      assert_ok(status);
      assert_true(testudo_i_delay_survival(&own, 1.0, 2, 2.5) > testudo_i_delay_survival(&own, 1.0, 1, 2.5));
      assert_near(testudo_i_delay_survival(&own, 2.0, 2, 1.7), testudo_i_delay_survival(&own, 1.0, 2, 3.4), 1e-15);
      assert_near(testudo_i_delay_survival(&own, 1.0, 2, 2.5) + testudo_i_delay_cdf(&own, 1.0, 2, 2.5), 1.0, 1e-9);
      assert_true(isnan(testudo_i_delay_survival(&own, 1.0, 3, 2.5)));
    }
    testudo_i_arena_clear(&arena);
    testudo_law_free(law);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_reference_itself_equals_published_values),
      cmocka_unit_test(lognormal_probabilities_equal_the_reference_in_both_tails),
      cmocka_unit_test(pareto_probabilities_equal_powers_in_both_tails),
      cmocka_unit_test(quantiles_invert_the_laws),
      cmocka_unit_test(lognormal_moments_equal_a_sum_over_the_density),
      cmocka_unit_test(pareto_moments_are_finite_where_they_should_be),
      cmocka_unit_test(draws_follow_their_law_and_no_other),
      cmocka_unit_test(many_draws_equal_single_draws_bit_for_bit),
      cmocka_unit_test(draws_and_moments_are_numbers_at_the_ends_of_the_ranges),
      cmocka_unit_test(lognormal_progress_keeps_its_digits_in_both_tails),
      cmocka_unit_test(pareto_progress_keeps_its_digits_in_both_tails),
      cmocka_unit_test(kinks_of_pareto_are_where_it_begins),
      cmocka_unit_test(seventeen_digits_are_read_back),
      cmocka_unit_test(refuses_parameters_out_of_range_and_says_the_range),
      cmocka_unit_test(sums_that_are_not_convolved_have_no_number),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
