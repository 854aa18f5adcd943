/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Losses and gradients against triple loops in long double and against differences of losses. */
#include "data_cases.h"

#include "sgd/problem/exponential.h"

typedef struct bench {
  testudo_data *data;
  testudo_loss loss;
  double mu;
  testudo_problem *problem;
  testudo_problem_work *work;
  size_t dim;
  double *w, *found, *wanted;
} bench;

static bench begin(testudo_data *data, testudo_loss loss, double mu, double size)
{
  bench b = {.data = data, .loss = loss, .mu = mu};
  assert_ok(testudo_problem_create(data, loss, mu, &b.problem, NULL));
  assert_ok(testudo_problem_work_create(b.problem, &b.work, NULL));
  b.dim = testudo_problem_dim(b.problem);
  assert_int_equal(b.dim, data->features * columns_of(data, loss));
  assert_int_equal(testudo_problem_samples(b.problem), data->samples);
  assert_ptr_equal(testudo_problem_data(b.problem), data);
  b.w = numbers(b.dim, 77, size);
  b.found = numbers(b.dim, 1, 1.0);
  b.wanted = numbers(b.dim, 1, 1.0);
  return b;
}

static void end(bench *b)
{
  testudo_problem_free(b->problem);
  testudo_problem_work_free(b->work);
  testudo_data_free(b->data);
  free(b->w);
  free(b->found);
  free(b->wanted);
}

static void compare(const bench *b, double absolute)
{
  for (size_t k = 0; k < b->dim; k++)
    assert_near(b->found[k], b->wanted[k], absolute);
}

static int classes_for(testudo_loss loss)
{
  return loss == TESTUDO_LOSS_LEAST_SQUARES ? 0 : loss == TESTUDO_LOSS_LOGISTIC ? 2 : 5;
}

/* Sizes around those of a block: 2100 samples of 3 features are more than two, 400 features make them short. */
static void equals_the_definitions(void **state)
{
  (void)state;
  const int sizes[][2] = {{1, 1}, {2, 1}, {7, 3}, {1024, 3}, {1025, 3}, {2100, 3}, {173, 400}, {6, 40}};
  for (int loss = 0; loss < 3; loss++)
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
      bench b = begin(any_data(sizes[k][0], sizes[k][1], classes_for((testudo_loss)loss), 11 * k + 3),
                      (testudo_loss)loss, k % 2 == 0 ? 0.0 : 0.37, 0.8);
      double wanted = plain_loss(b.data, b.loss, b.mu, b.w);
      assert_near(testudo_problem_loss(b.problem, b.work, b.w), wanted, 1e-13 * wanted + 1e-18);
      testudo_problem_gradient_range(b.problem, b.work, b.w, 0, b.data->samples, b.found);
      plain_gradient(b.data, b.loss, b.mu, b.w, NULL, b.data->samples, b.wanted);
      compare(&b, 1e-12);
      end(&b);
    }
}

static void takes_any_list_of_samples(void **state)
{
  (void)state;
  for (int loss = 0; loss < 3; loss++) {
    bench b = begin(any_data(1500, 30, classes_for((testudo_loss)loss), 5), (testudo_loss)loss, 0.01, 0.5);
    int32_t list[2500], range[1200];
    for (int32_t k = 0; k < 2500; k++)
      list[k] = (int32_t)((int64_t)k * 7919 % 1500); /* some repeat */
    for (int32_t k = 0; k < 1200; k++)
      range[k] = 250 + k;
    testudo_problem_gradient(b.problem, b.work, b.w, list, 2500, b.found);
    plain_gradient(b.data, b.loss, b.mu, b.w, list, 2500, b.wanted);
    compare(&b, 1e-12);
    testudo_problem_gradient_range(b.problem, b.work, b.w, 250, 1200, b.found);
    plain_gradient(b.data, b.loss, b.mu, b.w, range, 1200, b.wanted);
    compare(&b, 1e-12);
    testudo_problem_gradient(b.problem, b.work, b.w, list, 1, b.found);
    plain_gradient(b.data, b.loss, b.mu, b.w, list, 1, b.wanted);
    compare(&b, 1e-12);
    testudo_problem_gradient(b.problem, b.work, b.w, NULL, 0, b.found);
    plain_gradient(b.data, b.loss, b.mu, b.w, NULL, 0, b.wanted);
    compare(&b, 1e-15);
    double sum = 0.0;
    for (int32_t k = 0; k < 1200; k++)
      sum += (double)plain_term(b.data, b.loss, range[k], b.w, NULL);
    double penalty = testudo_problem_loss_range(b.problem, b.work, b.w, 3, 0);
    assert_close(testudo_problem_loss_range(b.problem, b.work, b.w, 250, 1200), sum / 1200 + penalty, 1e-13);
    end(&b);
  }
}

static void gradients_are_slopes(void **state)
{
  (void)state;
  for (int loss = 0; loss < 3; loss++) {
    bench b = begin(any_data(90, 6, classes_for((testudo_loss)loss), 8), (testudo_loss)loss, 0.2, 0.7);
    testudo_problem_gradient_range(b.problem, b.work, b.w, 0, 90, b.found);
    for (size_t k = 0; k < b.dim; k++) {
      const double step = 1e-5;
      double kept = b.w[k];
      b.w[k] = kept + step;
      double above = testudo_problem_loss(b.problem, b.work, b.w);
      b.w[k] = kept - step;
      b.wanted[k] = (above - testudo_problem_loss(b.problem, b.work, b.w)) / (2 * step);
      b.w[k] = kept;
    }
    compare(&b, 1e-9);
    end(&b);
  }
}

/* Logits of thousands. */
static void survives_large_logits(void **state)
{
  (void)state;
  const double x[] = {1, 1, 1}, y[] = {0, 1, 2}, w[] = {5000, -4000, 300}, big[] = {-3000}, far[] = {40};
  testudo_data *data;
  assert_ok(testudo_data_create(3, 1, x, y, TESTUDO_LABELS_CLASSES, &data, NULL));
  bench b = begin(data, TESTUDO_LOSS_SOFTMAX, 0, 1);
  assert_close(testudo_problem_loss(b.problem, b.work, w), (0 + 9000 + 4700) / 3.0, 1e-15);
  testudo_problem_gradient_range(b.problem, b.work, w, 0, 3, b.found);
  assert_near(b.found[0], 2.0 / 3, 1e-15);
  assert_near(b.found[1], -1.0 / 3, 1e-15);
  assert_near(b.found[2], -1.0 / 3, 1e-15);
  end(&b);
  assert_ok(testudo_data_create(2, 1, x, y, TESTUDO_LABELS_CLASSES, &data, NULL));
  b = begin(data, TESTUDO_LOSS_LOGISTIC, 0, 1);
  assert_near(testudo_problem_loss(b.problem, b.work, big), 1500, 1e-11);
  /* The loss of the sample on the right side keeps its digits: log(1 + e^-40) = 4.2e-18. */
  assert_close(testudo_problem_loss_range(b.problem, b.work, far, 1, 1), 4.248354255291589e-18, 1e-14);
  end(&b);
}

static void counts_what_is_right(void **state)
{
  (void)state;
  const double x[] = {1, 1, 1, -2}, y[] = {0, 1, 2, 0}, w[] = {1, 3, 2}, equal[] = {1, 1, 0}, up[] = {1};
  testudo_data *data;
  assert_ok(testudo_data_create(4, 1, x, y, TESTUDO_LABELS_CLASSES, &data, NULL));
  bench b = begin(data, TESTUDO_LOSS_SOFTMAX, 0, 1);
  assert_near(testudo_problem_accuracy(b.problem, b.work, w), 0.5, 0);     /* the second and the last */
  assert_near(testudo_problem_accuracy(b.problem, b.work, equal), 0.25, 0);/* the first of equals */
  end(&b);
  const double two[] = {7, 7, 9, 7};
  assert_ok(testudo_data_create(4, 1, x, two, TESTUDO_LABELS_CLASSES, &data, NULL));
  b = begin(data, TESTUDO_LOSS_LOGISTIC, 0, 1);
  assert_near(testudo_problem_accuracy(b.problem, b.work, up), 0.5, 0);
  end(&b);
  b = begin(any_data(3, 1, 0, 1), TESTUDO_LOSS_LEAST_SQUARES, 0, 1);
  assert_true(isnan(testudo_problem_accuracy(b.problem, b.work, up)));
  end(&b);
}

/* theory: f_i(w) = (w - i)^2 / 2. */
static void holds_the_toy(void **state)
{
  (void)state;
  const double x[] = {1, 1, 1, 1, 1, 1}, y[] = {0, 1, 2, 3, 4, 5}, w[] = {1.7};
  testudo_data *data;
  assert_ok(testudo_data_create(6, 1, x, y, TESTUDO_LABELS_REAL, &data, NULL));
  int32_t first[7];
  testudo_split split = {.shards = 6, .label_skew = 1.0, .seed = 3};
  assert_ok(testudo_data_split(data, &split, first, NULL));
  bench b = begin(data, TESTUDO_LOSS_LEAST_SQUARES, 0, 1);
  for (int32_t i = 0; i < 6; i++) {
    assert_int_equal(first[i], i);
    assert_close(testudo_problem_loss_range(b.problem, b.work, w, i, 1), (1.7 - i) * (1.7 - i) / 2, 1e-15);
    testudo_problem_gradient_range(b.problem, b.work, w, i, 1, b.found);
    assert_close(b.found[0], 1.7 - i, 1e-15);
  }
  end(&b);
}

static void refuse(const testudo_data *data, testudo_loss loss, double mu, const char *sentence)
{
  testudo_problem *problem;
  testudo_error error;
  assert_status(testudo_problem_create(data, loss, mu, &problem, &error), TESTUDO_ERROR_ARGUMENT);
  assert_null(problem);
  assert_string_equal(error.text, sentence);
}

static void refuses_what_does_not_fit(void **state)
{
  (void)state;
  testudo_data *values = any_data(9, 2, 0, 1), *classes = any_data(9, 2, 3, 1);
  refuse(values, TESTUDO_LOSS_LEAST_SQUARES, -0.5, "regulariser mu = -0.5, but it is at least 0");
  refuse(values, TESTUDO_LOSS_LEAST_SQUARES, NAN, "regulariser mu = nan, but it is at least 0");
  refuse(classes, TESTUDO_LOSS_LEAST_SQUARES, 0, "least squares needs labels that are values, not classes");
  refuse(values, TESTUDO_LOSS_SOFTMAX, 0, "loss softmax needs labels that are classes, not values");
  refuse(classes, TESTUDO_LOSS_LOGISTIC, 0,
         "loss logistic separates 2 classes, but there are 3; use softmax");
  assert_string_equal(testudo_loss_name(TESTUDO_LOSS_LEAST_SQUARES), "least-squares");
  testudo_data_free(values);
  testudo_data_free(classes);
}

static void exponentials_are_right(void **state)
{
  (void)state;
  enum { COUNT = 20011 };
  double *x = numbers(COUNT, 4, 1.0), worst = 0.0;
  double *e = malloc(COUNT * sizeof *e);
  assert_non_null(e);
  for (int k = 0; k < COUNT; k++)
    e[k] = x[k] = -fabs(x[k]) * (k % 4 == 0 ? 708 : k % 4 == 1 ? 30 : k % 4 == 2 ? 1 : 1e-8);
  testudo_i_exp_negative(COUNT, e);
  for (int k = 0; k < COUNT; k++)
    worst = fmax(worst, fabs(e[k] / (double)expl((long double)x[k]) - 1));
  assert_true(worst < 4.5e-16);
  double special[] = {0.0, -0.0, -708.0, -1e4, -HUGE_VAL, NAN};
  testudo_i_exp_negative(6, special);
  assert_true(special[0] == 1.0 && special[1] == 1.0 && special[3] == special[2] && special[4] == special[2]);
  assert_close(special[2], exp(-708.0), 1e-15);
  assert_true(isnan(special[5]));
  free(x);
  free(e);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equals_the_definitions), cmocka_unit_test(takes_any_list_of_samples),
      cmocka_unit_test(gradients_are_slopes),   cmocka_unit_test(survives_large_logits),
      cmocka_unit_test(counts_what_is_right),   cmocka_unit_test(holds_the_toy),
      cmocka_unit_test(refuses_what_does_not_fit), cmocka_unit_test(exponentials_are_right),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
