/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include "base/random.h"
#include "numeric/integrate.h"

/* A function with a count of its calls; `failing`: the call at which it reports an error. */
typedef struct subject {
  double (*f)(const double *p, double x);
  double p[4];
  int calls, failing;
  double (*other)(const double *p, double x); /* the law's other side; NULL: not asked */
} subject;

static testudo_status call(void *context, double x, double *value, testudo_error *error)
{
  (void)error;
  subject *s = context;
  if (++s->calls == s->failing)
    return TESTUDO_INTERRUPTED;
  *value = s->f(s->p, x);
  return TESTUDO_OK;
}

/* Of subjects whose other side is known. */
static testudo_status call_sides(void *context, double x, testudo_i_sides *at, testudo_error *error)
{
  const subject *s = context;
  at->below = s->other(s->p, x);
  return call(context, x, &at->above, error);
}

static double exponential(const double *p, double x) { return exp(-p[0] * x); }
static double max_of(const double *p, double x) { return -expm1(p[0] * log1p(-exp(-x))); }
static double lomax(const double *p, double x) { return pow(1.0 + x / p[1], -p[0]); }
static double zero(const double *p, double x) { return 0.0 * p[0] * x; }
static double constant(const double *p, double x) { return x >= 0.0 ? p[0] : NAN; }
static double rising(const double *p, double x) { return -expm1(-p[0] * x); }

/* max of two shifted exponentials of unlike shift and rate: kinks at both shifts. */
static double shifted(double shift, double rate, double x) { return x <= shift ? 1.0 : exp(-rate * (x - shift)); }
static double two_shifted(const double *p, double x)
{
  return 1.0 - (1.0 - shifted(p[0], p[1], x)) * (1.0 - shifted(p[2], p[3], x));
}

static double max_other(const double *p, double x) { return x > 0.0 ? exp(p[0] * log1p(-exp(-x))) : 0.0; }
static double lomax_other(const double *p, double x) { return -expm1(-p[0] * log1p(x / p[1])); }

static double integrate(subject *s, const double *points, size_t count, double *doubt)
{
  double integral;
  assert_ok(testudo_i_integrate_tail(call, s, points, count, 1e-10, 0, &integral, doubt, NULL));
  return integral;
}

static testudo_i_integrals moments_of(subject *s, const double *points, size_t count)
{
  testudo_i_integrals found;
  assert_ok(testudo_i_tail_moments(call_sides, s, points, count, true, 1e-10, &found, NULL));
  return found;
}

static void check_moments(subject *s, const double *points, size_t count, double mean, double stddev)
{
  testudo_i_integrals found = moments_of(s, points, count);
  assert_near(found.mean, mean, found.mean_error);
  assert_true(found.mean_error <= 1e-10 * mean);
  assert_near(found.stddev, stddev, found.stddev_error);
  assert_true(found.stddev_error <= 1e-10 * stddev);
  assert_true(found.mean_bound >= found.mean_error && found.mean_bound <= 0.1 * mean);
  assert_in_range(s->calls, 1, 320);
}

static void exponentials_of_any_scale(void **state)
{
  (void)state;
  for (double rate = 3.7e-21; rate < 1e21; rate *= 1311.7) {
    subject s = {exponential, {rate}, 0, 0, rising};
    check_moments(&s, NULL, 0, 1.0 / rate, 1.0 / rate);
  }
}

static void the_largest_of_200_exponentials(void **state)
{
  (void)state;
  double harmonic = 0.0, squares = 0.0;
  for (int k = 200; k >= 1; k--) {
    harmonic += 1.0 / k;
    squares += 1.0 / k / k;
  }
  subject s = {max_of, {200.0}, 0, 0, max_other};
  check_moments(&s, NULL, 0, harmonic, sqrt(squares));
}

static void heavy_polynomial_tails(void **state)
{
  (void)state;
  /* No variance, and with exponent 0.9 no mean either. */
  subject s = {lomax, {1.5, 0.731}, 0, 0, lomax_other};
  testudo_i_integrals found = moments_of(&s, NULL, 0);
  assert_close(found.mean, 0.731 / 0.5, 1e-10);
  assert_true(found.stddev == HUGE_VAL && found.mean_bound == HUGE_VAL);
  assert_in_range(s.calls, 1, 600);
  subject heavier = {lomax, {0.9, 0.731}, 0, 0, lomax_other};
  assert_true(moments_of(&heavier, NULL, 0).mean == HUGE_VAL);
  subject lighter = {lomax, {2.5, 0.731}, 0, 0, lomax_other};
  found = moments_of(&lighter, NULL, 0);
  assert_near(found.stddev, 0.731 / 1.5 * sqrt(2.5 / 0.5), found.stddev_error);
  assert_true(found.stddev_error <= 1e-10);
}

/* E max(a + E/r, b + E'/s), a <= b: b + E e^-.. worked out by hand below. */
static double mean_of_two_shifted(double a, double r, double b, double s)
{
  double tail = exp(-r * (b - a)); /* the first one still runs at b */
  return b + 1.0 / s + tail / r - tail / (r + s);
}

static void kinks_at_the_shifts(void **state)
{
  (void)state;
  const double cases[][4] = {{0.37, 1.3, 2.11, 0.7}, {1.0, 5.1, 1.03, 2.2}, {12345.6, 1.7, 12346.1, 0.9}};
  for (size_t k = 0; k < 3; k++) {
    const double *p = cases[k];
    subject s = {two_shifted, {p[0], p[1], p[2], p[3]}, 0, 0, NULL};
    const double points[] = {p[0], p[2]};
    double doubt;
    assert_close(integrate(&s, points, 2, &doubt), mean_of_two_shifted(p[0], p[1], p[2], p[3]), 1e-10);
    assert_in_range(s.calls, 1, 900);
  }
}

static void functions_without_a_fall(void **state)
{
  (void)state;
  double integral = -1.0, doubt;
  subject nothing = {zero, {1.0}, 0, 0, NULL};
  assert_true(integrate(&nothing, NULL, 0, &doubt) == 0.0);
  subject stays = {constant, {1.0}, 0, 0, NULL};
  testudo_error error;
  assert_status(testudo_i_integrate_tail(call, &stays, NULL, 0, 1e-9, 0, &integral, &doubt, &error),
                TESTUDO_ERROR_LIMIT);
  assert_non_null(strstr(error.text, "no integral"));
}

static void errors_of_the_function_come_out(void **state)
{
  (void)state;
  double integral, doubt, x;
  const double points[] = {0.5, 1.0, 3.0, 4.0, 9.0};
  for (int failing = 1; failing < 100; failing += 9) {
    subject s = {exponential, {1.0}, 0, failing, NULL};
    assert_status(testudo_i_integrate_tail(call, &s, NULL, 0, 1e-9, 0, &integral, &doubt, NULL),
                  TESTUDO_INTERRUPTED);
    assert_int_equal(s.calls, failing);
  }
  for (int failing = 1; failing <= 3; failing++) {
    subject s = {exponential, {4.0}, 0, failing, NULL};
    assert_status(testudo_i_integrate_tail(call, &s, points, 5, 0.0, 99, &integral, &doubt, NULL),
                  TESTUDO_INTERRUPTED);
    subject g = {rising, {1.0}, 0, failing, NULL};
    assert_status(testudo_i_invert(call, &g, 0.9, NULL, 0, &x, NULL), TESTUDO_INTERRUPTED);
  }
}

/* ---- step functions ---- */

typedef struct stairs {
  const double *points, *values; /* values[0] before the first point */
  size_t count;
  int calls;
} stairs;

static testudo_status climb(void *context, double x, double *value, testudo_error *error)
{
  (void)error;
  stairs *s = context;
  s->calls++;
  size_t k = 0;
  while (k < s->count && s->points[k] <= x)
    k++;
  *value = s->values[k];
  return TESTUDO_OK;
}

static testudo_status climb_sides(void *context, double x, testudo_i_sides *at, testudo_error *error)
{
  testudo_status status = climb(context, x, &at->above, error);
  at->below = 1.0 - at->above;
  return status;
}

static double by_hand(const stairs *s)
{
  double sum = 0.0;
  for (size_t k = 0; k < s->count; k++)
    sum += s->values[k] * (s->points[k] - (k == 0 ? 0.0 : s->points[k - 1]));
  return sum;
}

static double deviation_by_hand(const stairs *s)
{
  double mean = by_hand(s), sum = 0.0;
  for (size_t k = 0; k < s->count; k++)
    sum += (s->values[k] - s->values[k + 1]) * (s->points[k] - mean) * (s->points[k] - mean);
  return sqrt(sum);
}

enum { STAIRS = 3000 };

static void random_stairs(double *points, double *values, size_t count, uint64_t seed)
{
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_TEST, 1, 0);
  double x = 0.0;
  for (size_t k = 0; k < count; k++) {
    x += -log(testudo_i_random_uniform(&random));
    points[k] = x;
    values[k + 1] = exp(-40.0 * (double)(k + 1) / (double)count) * (k + 1 < count);
  }
  values[0] = 1.0;
}

static void steps_equal_the_sum_by_hand(void **state)
{
  (void)state;
  static double points[STAIRS], values[STAIRS + 1];
  for (size_t count = 1; count <= STAIRS; count = count * 3 + 1)
    for (double shift = 0.0; shift < 1e7; shift = shift * 1e3 + 11.0) {
      random_stairs(points, values, count, count);
      for (size_t k = 0; k < count; k++)
        points[k] += shift;
      stairs s = {points, values, count, 0};
      testudo_i_integrals found;
      assert_ok(testudo_i_step_moments(climb_sides, &s, points, count, true, 1e-12, SIZE_MAX, &found, NULL));
      assert_close(found.mean, by_hand(&s), 2e-12);
      assert_near(found.mean, by_hand(&s), found.mean_error + 1e-14 * found.mean);
      assert_true(found.mean_bound == found.mean_error);
      assert_near(found.stddev, deviation_by_hand(&s), found.stddev_error + 1e-12 * (found.stddev + shift * 1e-4));
      assert_true(found.stddev_error <= 1e-7 * found.stddev);
    }
}

static void steps_bound_their_error_within_any_budget(void **state)
{
  (void)state;
  static double points[STAIRS], values[STAIRS + 1];
  random_stairs(points, values, STAIRS, 5);
  double before = HUGE_VAL;
  for (size_t budget = 32; budget < 5000; budget *= 2) {
    stairs s = {points, values, STAIRS, 0};
    double integral, doubt;
    assert_ok(testudo_i_integrate_tail(climb, &s, points, STAIRS, 0.0, budget, &integral, &doubt, NULL));
    assert_true(fabs(integral - by_hand(&s)) <= doubt + 1e-13 * integral);
    assert_true(doubt <= before);
    assert_true((size_t)s.calls <= budget);
    before = doubt;
  }
  assert_true(before < 1e-9);
}

static void steps_evaluate_only_where_the_function_falls(void **state)
{
  (void)state;
  static double points[STAIRS], values[STAIRS + 1];
  for (size_t k = 0; k < STAIRS; k++) {
    points[k] = (double)k + 0.5;
    values[k + 1] = k < 2000 ? 1.0 : k < 2040 ? 1.0 - (double)(k - 1999) / 41.0 : 0.0;
  }
  values[0] = 1.0;
  stairs s = {points, values, STAIRS, 0};
  testudo_i_integrals found;
  assert_ok(testudo_i_step_moments(climb_sides, &s, points, STAIRS, true, 0.0, SIZE_MAX, &found, NULL));
  assert_close(found.mean, by_hand(&s), 1e-13);
  assert_close(found.stddev, deviation_by_hand(&s), 1e-12);
  assert_in_range(s.calls, 40, 120);
}

static void steps_that_never_end_have_no_integral(void **state)
{
  (void)state;
  const double points[] = {1.0, 2.0}, stays[] = {1.0, 0.5, 0.25}, nothing[] = {0.0};
  double integral, doubt;
  stairs s = {points, stays, 2, 0};
  assert_ok(testudo_i_integrate_tail(climb, &s, points, 2, 1e-9, 99, &integral, &doubt, NULL));
  assert_true(integral == HUGE_VAL);
  stairs empty = {points, stays, 0, 0};
  assert_ok(testudo_i_integrate_tail(climb, &empty, NULL, 0, 1e-9, 99, &integral, &doubt, NULL));
  assert_true(integral == HUGE_VAL);
  stairs none = {points, nothing, 0, 0};
  assert_ok(testudo_i_integrate_tail(climb, &none, NULL, 0, 1e-9, 99, &integral, &doubt, NULL));
  assert_true(integral == 0.0);
}

/* The jumps are not among the points: the law is taken for a smooth one. */
static void jumps_that_are_not_known_are_found(void **state)
{
  (void)state;
  static double points[40], values[41];
  testudo_i_random random;
  testudo_i_random_start(&random, 8, TESTUDO_I_FOR_TEST, 0, 0);
  for (int round = 0; round < 300; round++) {
    size_t count = 1 + (size_t)(39.0 * testudo_i_random_uniform(&random));
    double x = 0.0, left = 1.0, spread = pow(10.0, -4.0 * testudo_i_random_uniform(&random));
    for (size_t k = 0; k < count; k++) {
      x += k == 0 ? testudo_i_random_uniform(&random) : -spread * log(testudo_i_random_uniform(&random));
      points[k] = x;
      left *= testudo_i_random_uniform(&random);
      values[k + 1] = k + 1 < count ? left : 0.0;
    }
    values[0] = 1.0;
    stairs s = {points, values, count, 0};
    testudo_i_integrals found;
    assert_ok(testudo_i_tail_moments(climb_sides, &s, NULL, 0, true, 1e-9, &found, NULL));
    assert_near(found.mean, by_hand(&s), found.mean_error + 1e-15 * found.mean);
    assert_near(found.stddev, deviation_by_hand(&s), found.stddev_error + 1e-12 * found.mean);
    assert_true(found.mean_error <= 1.001e-9 * found.mean && found.mean_error <= found.mean_bound);
    assert_in_range(s.calls, 1, 6000);
  }
}

/* Mixtures of up to 40 lognormal laws, as narrow as 1e-4, at random scales: moments in closed form. */
typedef struct mixture {
  int parts, calls;
  double weight[40], mu[40], sigma[40];
} mixture;

static testudo_status mixture_sides(void *context, double x, testudo_i_sides *at, testudo_error *error)
{
  (void)error;
  mixture *m = context;
  m->calls++;
  *at = (testudo_i_sides){0.0, 0.0};
  for (int k = 0; k < m->parts; k++) {
    double z = x > 0.0 ? (log(x) - m->mu[k]) / m->sigma[k] / sqrt(2.0) : -HUGE_VAL;
    at->above += 0.5 * m->weight[k] * erfc(z);
    at->below += 0.5 * m->weight[k] * erfc(-z);
  }
  return TESTUDO_OK;
}

static void random_mixture(mixture *m, testudo_i_random *random)
{
  double u = testudo_i_random_uniform(random), spread = pow(10.0, 4.0 * testudo_i_random_uniform(random) - 2.0);
  double power = 9.0 * testudo_i_random_uniform(random), sum = 0.0;
  *m = (mixture){.parts = 1 + (int)(39.9 * u * u)};
  for (int k = 0; k < m->parts; k++) {
    m->mu[k] = (testudo_i_random_uniform(random) - 0.5) * spread;
    m->sigma[k] = pow(10.0, 3.7 * testudo_i_random_uniform(random) - 4.0);
    sum += m->weight[k] = pow(testudo_i_random_uniform(random), power);
  }
  for (int k = 0; k < m->parts; k++)
    m->weight[k] /= sum;
}

static void mixtures_of_many_narrow_laws_are_true_to_their_errors(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 21, TESTUDO_I_FOR_TEST, 1, 0);
  for (int round = 0; round < 250; round++) {
    mixture m;
    random_mixture(&m, &random);
    long double mean = 0, variance = 0;
    for (int k = 0; k < m.parts; k++)
      mean += m.weight[k] * expl(m.mu[k] + m.sigma[k] * m.sigma[k] / 2.0L);
    for (int k = 0; k < m.parts; k++) {
      long double square = (long double)m.sigma[k] * m.sigma[k], own = expl(m.mu[k] + square / 2.0L);
      variance += m.weight[k] * (own * own * expm1l(square) + (own - mean) * (own - mean));
    }
    double stddev = (double)sqrtl(variance);
    testudo_i_integrals found;
    assert_ok(testudo_i_tail_moments(mixture_sides, &m, NULL, 0, true, 1e-9, &found, NULL));
    assert_near(found.mean, (double)mean, found.mean_error + 1e-15 * found.mean);
    assert_near(found.stddev, stddev, found.stddev_error + 3e-15 * stddev + 1e-16 * found.mean);
    assert_true(found.mean_error <= 1e-7 * found.mean && found.mean_bound >= found.mean_error);
    assert_in_range(m.calls, 1, 8000);
  }
}

/* ---- inversion ---- */

static double find(subject *s, double target)
{
  double x;
  assert_ok(testudo_i_invert(call, s, target, NULL, 0, &x, NULL));
  return x;
}

static void inverts_to_the_last_bit(void **state)
{
  (void)state;
  for (double rate = 1.37e-200; rate < 1e200; rate *= 7.7e33) {
    subject s = {rising, {rate}, 0, 0, NULL};
    for (double target = 1e-12; target < 1.0; target = target < 0.1 ? target * 173.0 : target + 0.2171) {
      double x = find(&s, target);
      assert_close(x, -log1p(-target) / rate, 1e-12);
      assert_true(rising(s.p, x) >= target && rising(s.p, nextafter(x, 0.0)) < target);
    }
  }
}

static void inverts_at_the_ends(void **state)
{
  (void)state;
  subject s = {constant, {0.5}, 0, 0, NULL};
  assert_true(find(&s, 0.5) == 0.0);
  assert_true(find(&s, 0.50001) == HUGE_VAL);
}

static testudo_status stairs_up(void *context, double x, double *value, testudo_error *error)
{
  testudo_status status = climb(context, x, value, error);
  *value = 1.0 - *value;
  return status;
}

static void inverts_steps_to_a_step(void **state)
{
  (void)state;
  static double points[STAIRS], values[STAIRS + 1];
  random_stairs(points, values, STAIRS, 9);
  values[STAIRS] = 0.001;
  for (double target = 0.01; target < 1.0; target += 0.0371) {
    size_t k = 0;
    while (k < STAIRS && 1.0 - values[k + 1] < target)
      k++;
    stairs s = {points, values, STAIRS, 0};
    double x;
    assert_ok(testudo_i_invert(stairs_up, &s, target, points, STAIRS, &x, NULL));
    assert_true(x == (k == STAIRS ? HUGE_VAL : points[k]));
    assert_in_range(s.calls, 1, 15);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exponentials_of_any_scale),
      cmocka_unit_test(the_largest_of_200_exponentials),
      cmocka_unit_test(heavy_polynomial_tails),
      cmocka_unit_test(kinks_at_the_shifts),
      cmocka_unit_test(functions_without_a_fall),
      cmocka_unit_test(errors_of_the_function_come_out),
      cmocka_unit_test(steps_equal_the_sum_by_hand),
      cmocka_unit_test(steps_bound_their_error_within_any_budget),
      cmocka_unit_test(steps_evaluate_only_where_the_function_falls),
      cmocka_unit_test(steps_that_never_end_have_no_integral),
      cmocka_unit_test(jumps_that_are_not_known_are_found),
      cmocka_unit_test(mixtures_of_many_narrow_laws_are_true_to_their_errors),
      cmocka_unit_test(inverts_to_the_last_bit),
      cmocka_unit_test(inverts_at_the_ends),
      cmocka_unit_test(inverts_steps_to_a_step),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
