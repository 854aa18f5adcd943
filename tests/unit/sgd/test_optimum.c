/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Optima and constants against gradient descent, closed forms and plain loops. */
#include "data_cases.h"

static testudo_optimum solve(const testudo_data *data, testudo_loss loss, double mu, double *w)
{
  testudo_problem *problem;
  testudo_optimum optimum;
  testudo_error error = {""};
  assert_ok(testudo_problem_create(data, loss, mu, &problem, NULL));
  testudo_status status = testudo_problem_solve(problem, NULL, w, &optimum, &error);
  if (status != TESTUDO_OK)
    print_error("%s\n", error.text);
  assert_ok(status);
  testudo_problem_free(problem);
  return optimum;
}

/* Steps of 1 / L from 0 with L from the plain bound mean ||x||^2 / 2 (1 for least squares). */
static void descend(const testudo_data *data, testudo_loss loss, double mu, int steps, double *w)
{
  int dim = data->features * columns_of(data, loss);
  double square = 0.0, *gradient = calloc((size_t)dim, sizeof *gradient);
  assert_non_null(gradient);
  for (int k = 0; k < data->samples * data->features; k++)
    square += data->feature[k] * data->feature[k] / data->samples;
  double step = 1.0 / (square * (loss == TESTUDO_LOSS_LEAST_SQUARES ? 1.0 : 0.5) + mu);
  memset(w, 0, (size_t)dim * sizeof *w);
  for (int t = 0; t < steps; t++) {
    plain_gradient(data, loss, mu, w, NULL, data->samples, gradient);
    for (int k = 0; k < dim; k++)
      w[k] -= step * gradient[k];
  }
  free(gradient);
}

static void agrees_with_gradient_descent(void **state)
{
  (void)state;
  for (int loss = 0; loss < 3; loss++) {
    double w[12] = {0}, plain[12] = {0};
    testudo_data *data = any_data(60, 3, loss == 0 ? 0 : loss == 1 ? 2 : 4, 21);
    for (double mu = 0.0; mu <= 0.11; mu += 0.1) {
      testudo_optimum optimum = solve(data, (testudo_loss)loss, mu, w);
      int dim = data->features * columns_of(data, (testudo_loss)loss);
      descend(data, (testudo_loss)loss, mu, 1500, plain);
      for (int k = 0; k < dim; k++)
        assert_near(w[k], plain[k], 1e-8);
      assert_close(optimum.value, plain_loss(data, (testudo_loss)loss, mu, plain), 1e-13);
      assert_true(optimum.relative <= 1e-10 && optimum.gradient_norm >= 0.0 && optimum.steps >= 1);
    }
    testudo_data_free(data);
  }
}

/* Two features by Cramer's rule, with a ridge. */
static void least_squares_has_a_closed_form(void **state)
{
  (void)state;
  testudo_data *data = any_data(37, 2, 0, 4);
  long double a = 0.05L, b = 0, c = 0.05L, p = 0, q = 0;
  for (int i = 0; i < 37; i++) {
    long double x = data->feature[2 * i], z = data->feature[2 * i + 1], y = data->label[i];
    a += x * x / 37;
    b += x * z / 37;
    c += z * z / 37;
    p += x * y / 37;
    q += z * y / 37;
  }
  double w[2];
  testudo_optimum optimum = solve(data, TESTUDO_LOSS_LEAST_SQUARES, 0.05, w);
  assert_close(w[0], (double)((c * p - b * q) / (a * c - b * b)), 1e-13);
  assert_close(w[1], (double)((a * q - b * p) / (a * c - b * b)), 1e-13);
  assert_close(optimum.value, plain_loss(data, TESTUDO_LOSS_LEAST_SQUARES, 0.05, w), 1e-14);

  /* Its constants: eigenvalues of a 2 x 2 matrix, noise by the definition. */
  testudo_problem *problem;
  testudo_problem_constants found;
  const double at[] = {0.3, -1.1};
  assert_ok(testudo_problem_create(data, TESTUDO_LOSS_LEAST_SQUARES, 0.05, &problem, NULL));
  assert_ok(testudo_problem_measure(problem, at, optimum.value, &found, NULL));
  long double middle = (a + c) / 2, root = sqrtl((a - c) * (a - c) / 4 + b * b);
  assert_close(found.smooth, (double)(middle + root), 1e-13);
  assert_close(found.convex, (double)(middle - root), 1e-13);
  assert_close(found.gradient_dominated, found.convex, 0);
  assert_true(found.smooth_exact && found.convex_exact);
  assert_close(found.gap, plain_loss(data, TESTUDO_LOSS_LEAST_SQUARES, 0.05, at) - optimum.value, 1e-12);
  testudo_problem_free(problem);
  testudo_data_free(data);
}

static void noise_is_the_variance_of_gradients(void **state)
{
  (void)state;
  for (int loss = 0; loss < 3; loss++) {
    testudo_data *data = any_data(1300, 3, loss == 0 ? 0 : loss == 1 ? 2 : 4, 2);
    int dim = data->features * columns_of(data, (testudo_loss)loss);
    double *w = numbers((size_t)dim, 3, 1.0), mean[12], one[12];
    long double sum = 0;
    plain_gradient(data, (testudo_loss)loss, 0.3, w, NULL, data->samples, mean);
    for (int32_t i = 0; i < data->samples; i++) {
      plain_gradient(data, (testudo_loss)loss, 0.3, w, &i, 1, one);
      for (int k = 0; k < dim; k++)
        sum += (long double)(one[k] - mean[k]) * (one[k] - mean[k]) / data->samples;
    }
    testudo_problem *problem;
    testudo_problem_constants found;
    assert_ok(testudo_problem_create(data, (testudo_loss)loss, 0.3, &problem, NULL));
    assert_ok(testudo_problem_measure(problem, w, NAN, &found, NULL));
    assert_close(found.noise, (double)sum, 1e-12);
    assert_true(isnan(found.gap));
    if (loss > 0) {
      assert_close(found.convex, 0.3, 0);
      assert_true(!found.smooth_exact && !found.convex_exact);
    }
    testudo_problem_free(problem);
    testudo_data_free(data);
    free(w);
  }
}

/* Gradients change by at most L times the step, and somewhere near it for least squares. */
static void smoothness_bounds_differences(void **state)
{
  (void)state;
  for (int loss = 0; loss < 3; loss++) {
    testudo_data *data = any_data(50, 3, loss == 0 ? 0 : loss == 1 ? 2 : 4, 13);
    int dim = data->features * columns_of(data, (testudo_loss)loss);
    testudo_problem *problem;
    testudo_problem_constants found;
    assert_ok(testudo_problem_create(data, (testudo_loss)loss, 0.0, &problem, NULL));
    double most = 0.0, zero[12] = {0}, least = HUGE_VAL;
    assert_ok(testudo_problem_measure(problem, zero, NAN, &found, NULL));
    for (uint64_t seed = 1; seed < 400; seed++) {
      double *w = numbers((size_t)dim, seed, 0.3), one[12], two[12], change = 0, step = 0;
      plain_gradient(data, (testudo_loss)loss, 0.0, w, NULL, 50, one);
      plain_gradient(data, (testudo_loss)loss, 0.0, zero, NULL, 50, two);
      for (int k = 0; k < dim; k++) {
        change += (one[k] - two[k]) * (one[k] - two[k]);
        step += w[k] * w[k];
      }
      most = fmax(most, sqrt(change / step));
      least = fmin(least, sqrt(change / step));
      free(w);
    }
    assert_true(most <= found.smooth * (1 + 1e-12));
    assert_true(least >= found.convex * (1 - 1e-12));
    assert_true(loss > 0 || most > 0.98 * found.smooth);
    testudo_problem_free(problem);
    testudo_data_free(data);
  }
}

/* More features than samples: the solution of least norm, and the constant of gradient dominance. */
static void solves_what_is_underdetermined(void **state)
{
  (void)state;
  const double x[] = {3, 0, 4, 0, 0, 5}, y[] = {10, 5};
  testudo_data *data;
  double w[3];
  assert_ok(testudo_data_create(2, 3, x, y, TESTUDO_LABELS_REAL, &data, NULL));
  testudo_optimum optimum = solve(data, TESTUDO_LOSS_LEAST_SQUARES, 0.0, w);
  /* 3 a + 4 c = 10, 5 c = 5. */
  assert_near(w[0], 2, 1e-12);
  assert_near(w[1], 0, 1e-12);
  assert_near(w[2], 1, 1e-12);
  assert_near(optimum.value, 0, 1e-20);
  testudo_problem *problem;
  testudo_problem_constants found;
  assert_ok(testudo_problem_create(data, TESTUDO_LOSS_LEAST_SQUARES, 0.0, &problem, NULL));
  assert_ok(testudo_problem_measure(problem, w, 0.0, &found, NULL));
  /* X X'/2 = [[12.5, 10], [10, 12.5]]: eigenvalues 22.5 and 2.5. */
  assert_close(found.smooth, 22.5, 1e-13);
  assert_near(found.convex, 0, 0);
  assert_close(found.gradient_dominated, 2.5, 1e-12);
  assert_near(found.noise, 0, 1e-20);
  testudo_problem_free(problem);
  testudo_data_free(data);
}

static void refuse_separable(const testudo_data *data, testudo_loss loss)
{
  testudo_problem *problem;
  testudo_optimum optimum;
  testudo_error error = {""};
  double w[64];
  assert_ok(testudo_problem_create(data, loss, 0.0, &problem, NULL));
  assert_status(testudo_problem_solve(problem, NULL, w, &optimum, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "the loss has no minimum: w can separate classes"));
  testudo_problem_free(problem);
  solve(data, loss, 1e-3, w); /* with a regulariser there is one */
}

static void knows_when_there_is_no_minimum(void **state)
{
  (void)state;
  testudo_data *data;
  const double apart[] = {-2, -1, 1, 3}, y[] = {0, 0, 1, 1}, three[] = {0, 1, 2, 2};
  assert_ok(testudo_data_create(4, 1, apart, y, TESTUDO_LABELS_CLASSES, &data, NULL));
  refuse_separable(data, TESTUDO_LOSS_LOGISTIC);
  refuse_separable(data, TESTUDO_LOSS_SOFTMAX);
  testudo_data_free(data);
  /* Separated but for two equal samples of different classes at the border. */
  const double touch[] = {-2, 1, 0, 1, 0, 1, 3, 1};
  assert_ok(testudo_data_create(4, 2, touch, y, TESTUDO_LABELS_CLASSES, &data, NULL));
  refuse_separable(data, TESTUDO_LOSS_LOGISTIC);
  refuse_separable(data, TESTUDO_LOSS_SOFTMAX);
  testudo_data_free(data);
  /* One class of three apart, two mixed. */
  const double mixed[] = {-9, 1, 2, 1, 2, 1, 3, 1};
  assert_ok(testudo_data_create(4, 2, mixed, three, TESTUDO_LABELS_CLASSES, &data, NULL));
  refuse_separable(data, TESTUDO_LOSS_SOFTMAX);
  testudo_data_free(data);
  /* All of one class, with a bias: separated for logistic; softmax of one class is 0 everywhere. */
  const double same[] = {5, 5, 5, 5};
  double w[2];
  assert_ok(testudo_data_create(4, 2, touch, same, TESTUDO_LABELS_CLASSES, &data, NULL));
  refuse_separable(data, TESTUDO_LOSS_LOGISTIC);
  testudo_optimum optimum = solve(data, TESTUDO_LOSS_SOFTMAX, 0.0, w);
  assert_near(optimum.value, 0, 0);
  testudo_data_free(data);
}

/* Condition numbers of 10^4 and features that depend on others have a minimum: no false alarm. */
static void solves_what_is_ill_conditioned(void **state)
{
  (void)state;
  for (int classes = 0; classes <= 3; classes += classes == 0 ? 2 : 1)
    for (uint64_t seed = 1; seed <= 3; seed++) {
      testudo_synthetic wanted = {.samples = 800, .features = 12, .classes = classes, .condition = 1e4, .signal = 1.0,
                                  .noise = classes == 0 ? 0.5 : 0.0, .seed = seed};
      testudo_data *data;
      double w[48];
      assert_ok(testudo_data_make(&wanted, &data, NULL));
      for (int32_t i = 0; i < 800; i++) /* the last feature: a sum of others */
        data->feature[12 * i + 11] = data->feature[12 * i] - 2 * data->feature[12 * i + 3];
      testudo_loss loss = classes == 0 ? TESTUDO_LOSS_LEAST_SQUARES
                                       : classes == 2 ? TESTUDO_LOSS_LOGISTIC : TESTUDO_LOSS_SOFTMAX;
      testudo_optimum optimum = solve(data, loss, 0.0, w);
      assert_true(optimum.relative <= 1e-9);
      testudo_data_free(data);
    }
}

static bool stop_at_once(void *context, double fraction)
{
  assert_true(fraction < 0.0);
  ++*(int *)context;
  return false;
}

static void stops_when_asked(void **state)
{
  (void)state;
  for (int loss = 0; loss < 3; loss++) {
    testudo_data *data = any_data(60, 3, loss == 0 ? 0 : loss == 1 ? 2 : 4, 21);
    testudo_problem *problem;
    testudo_optimum optimum;
    int asked = 0;
    double w[12];
    testudo_monitor monitor = {stop_at_once, &asked};
    assert_ok(testudo_problem_create(data, (testudo_loss)loss, 0.1, &problem, NULL));
    assert_status(testudo_problem_solve(problem, &monitor, w, &optimum, NULL), TESTUDO_INTERRUPTED);
    assert_int_equal(asked, 1);
    testudo_problem_free(problem);
    testudo_data_free(data);
  }
}

/* More features than are squared: Newton's method and Lanczos, against the one sample's closed form. */
static void solves_wide_problems(void **state)
{
  (void)state;
  enum { WIDE = 4100 };
  testudo_data *data = any_data(2, WIDE, 0, 31);
  double *w = calloc(WIDE, sizeof *w), largest = 0.0, a = 0.0, b = 0.0, c = 0.0;
  assert_non_null(w);
  for (int k = 0; k < WIDE; k++) {
    double x = data->feature[k], z = data->feature[WIDE + k];
    a += x * x / 2;
    b += x * z / 2;
    c += z * z / 2;
  }
  largest = (a + c) / 2 + sqrt((a - c) * (a - c) / 4 + b * b);
  testudo_optimum optimum = solve(data, TESTUDO_LOSS_LEAST_SQUARES, 0.0, w);
  assert_near(optimum.value, 0.0, 1e-16);
  testudo_problem *problem;
  testudo_problem_constants found;
  assert_ok(testudo_problem_create(data, TESTUDO_LOSS_LEAST_SQUARES, 0.5, &problem, NULL));
  assert_ok(testudo_problem_measure(problem, w, NAN, &found, NULL));
  assert_true(!found.smooth_exact && found.smooth >= (largest + 0.5) * (1 - 1e-12) && found.smooth < 1.1 * largest);
  assert_near(found.convex, 0.5, 0);
  testudo_problem_free(problem);
  testudo_data_free(data);
  free(w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(agrees_with_gradient_descent),   cmocka_unit_test(least_squares_has_a_closed_form),
      cmocka_unit_test(noise_is_the_variance_of_gradients), cmocka_unit_test(smoothness_bounds_differences),
      cmocka_unit_test(solves_what_is_underdetermined), cmocka_unit_test(knows_when_there_is_no_minimum),
      cmocka_unit_test(solves_what_is_ill_conditioned), cmocka_unit_test(stops_when_asked),
      cmocka_unit_test(solves_wide_problems),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
