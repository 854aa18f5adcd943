/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What runs record for the theory: the mean squared gradient, the variance of sums, the bound of Theorem 4; and runs
   that end when their bits are spent. */
#include "learn_cases.h"

#include <testudo/code.h>
#include <testudo/convergence.h>

#include "sgd/learn/learn.h"

enum { WORKERS = 4, SAMPLES = 40, POINTS = 9 };

static double square_of(const double *x)
{
  double sum = 0.0;
  for (int k = 0; k < DIM; k++)
    sum += x[k] * x[k];
  return sum;
}

/* An update per second, recorded at each: the mean is that of the squares but for halves of the first and last. */
static void the_mean_square_is_that_of_the_updates(void **state)
{
  (void)state;
  small s;
  double times[POINTS], square[POINTS];
  small_make(&s, WORKERS, SAMPLES, "deterministic:1");
  for (int k = 0; k < POINTS; k++)
    times[k] = k;
  const testudo_sgd_method method = {.kind = TESTUDO_SGD_SYNC, .step = 0.2};
  const testudo_sgd_options options = {.times = times, .time_count = POINTS, .seed = 1, .runs = 1};
  double *w = parameters_of(&s.setting, &method, &options), sum = 0.0;
  testudo_sgd *sgd = simulate(&s.setting, &method, 1, &options);
  for (int j = 0; j < POINTS; j++) {
    double gradient[DIM];
    small_full(&s, w + j * DIM, gradient);
    square[j] = square_of(gradient);
    sum += square[j];
    double ends = j == 0 ? 0.0 : (square[j] - square[0]) / 2.0;
    assert_close(curve_of(sgd, 0, 0, TESTUDO_SGD_GRADIENT)[j], (sum - ends) / (j + 1.0), 1e-8);
    assert_true(isnan(curve_of(sgd, 0, 0, TESTUDO_SGD_VARIANCE)[j]));
    assert_true(isnan(curve_of(sgd, 0, 0, TESTUDO_SGD_BOUND)[j]));
  }
  assert_true(square[POINTS - 1] < square[0] / 2.0);
  free(w);
  testudo_sgd_free(sgd);
  small_free(&s);
}

/* At the start, against the Gram matrix of the chunks' gradients. */
static void the_variance_is_that_of_the_gram_matrix(void **state)
{
  (void)state;
  small s;
  const double start = 0.0;
  double part[WORKERS][DIM] = {{0.0}}, gram[WORKERS * WORKERS], spread;
  small_make(&s, WORKERS, SAMPLES, "exp:1");
  for (int32_t k = 0; k < WORKERS; k++)
    for (int32_t i = s.first[k]; i < s.first[k + 1]; i++)
      small_sample(&s, s.w0, i, 1.0 / SAMPLES, part[k]);
  for (int a = 0; a < WORKERS * WORKERS; a++) {
    gram[a] = 0.0;
    for (int k = 0; k < DIM; k++)
      gram[a] += part[a / WORKERS][k] * part[a % WORKERS][k];
  }
  for (int32_t copies = 1; copies <= 3; copies++) {
    testudo_assignment assignment;
    testudo_design *design;
    assert_ok(testudo_assignment_cyclic(WORKERS, copies, &assignment, NULL));
    assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &assignment, 1, 1, "", &design, NULL));
    testudo_assignment_free(&assignment);
    assert_ok(testudo_coded_spread(design, gram, &spread, NULL));
    const testudo_sgd_method method = {.kind = TESTUDO_SGD_STOCHASTIC_CODE, .step = 0.1, .design = design, .wait = 3};
    const testudo_sgd_options options = {.times = &start, .time_count = 1, .seed = 1, .runs = 1};
    testudo_sgd *sgd = simulate(&s.setting, &method, 1, &options);
    assert_close(curve_of(sgd, 0, 0, TESTUDO_SGD_VARIANCE)[0], spread / 3.0, 1e-12);
    testudo_sgd_free(sgd);
    testudo_design_free(design);
  }
  small_free(&s);
}

/* The library's Gram matrix against plain loops; copies dealt by its diagonal: as many as testudo_coded_copies says, on
   different workers, loads that differ by at most one. */
static void copies_are_dealt_by_the_gram_matrix(void **state)
{
  (void)state;
  small s;
  double part[WORKERS][DIM] = {{0.0}}, gram[WORKERS * WORKERS], square[WORKERS];
  int32_t wanted[WORKERS];
  small_make(&s, WORKERS, SAMPLES, "exp:1");
  assert_ok(testudo_i_chunk_gram(s.problem, s.first, WORKERS, s.w0, NULL, gram, NULL));
  for (int32_t k = 0; k < WORKERS; k++)
    for (int32_t i = s.first[k]; i < s.first[k + 1]; i++)
      small_sample(&s, s.w0, i, 1.0 / SAMPLES, part[k]);
  for (int a = 0; a < WORKERS * WORKERS; a++) {
    double sum = 0.0;
    for (int k = 0; k < DIM; k++)
      sum += part[a / WORKERS][k] * part[a % WORKERS][k];
    assert_near(gram[a], sum, 1e-12 * square_of(part[3]));
    if (a % (WORKERS + 1) == 0)
      square[a / WORKERS] = sum;
  }
  for (int64_t entries = WORKERS; entries <= 3 * WORKERS; entries++) {
    testudo_assignment assignment;
    int32_t copies[WORKERS] = {0};
    assert_ok(testudo_coded_copies(WORKERS, WORKERS, square, entries, wanted, NULL));
    assert_ok(testudo_i_deal_copies(WORKERS, WORKERS, gram, entries, &assignment, NULL));
    assert_true(assignment.row[WORKERS] == entries);
    for (int32_t j = 0; j < WORKERS; j++) {
      int64_t load = assignment.row[j + 1] - assignment.row[j];
      assert_true(load == entries / WORKERS || load == (entries + WORKERS - 1) / WORKERS);
      for (int64_t e = assignment.row[j]; e < assignment.row[j + 1]; e++) {
        copies[assignment.chunk[e]]++;
        assert_true(e == assignment.row[j] || assignment.chunk[e] > assignment.chunk[e - 1]);
      }
    }
    assert_memory_equal(copies, wanted, sizeof copies);
    testudo_assignment_free(&assignment);
  }
  small_free(&s);
}

/* With a large C every step is eta, and the bound a geometric sum; with a small one the stale steps are shorter, so
   that it falls less; a step over the limit has none. */
static void the_bound_of_theorem_4_follows_the_steps(void **state)
{
  (void)state;
  small s;
  const double end = 1e9;
  small_make(&s, WORKERS, SAMPLES, "exp:1");
  const testudo_assumptions assumed = {.smoothness = 4.0, .convexity = 0.5, .variance = 2.0, .batch = 3, .wait = 1,
                                       .step = 0.1, .fresh = 0.2, .gap = 7.0};
  testudo_sgd_method method = {.kind = TESTUDO_SGD_STALENESS_STEP, .step = 0.1, .spread = 1e6, .assumed = &assumed};
  const testudo_sgd_options options = {.times = &end, .time_count = 1, .seed = 1, .runs = 1, .updates = 30};
  double rho = 0.1 * 1.1 * 0.5, add = 0.01 * 4.0 * 2.0 / 6.0 + 1e6 * 8.0, plain = 7.0, bound[3];
  for (int j = 0; j < 30; j++)
    plain = (1.0 - rho) * plain + add;
  for (int k = 0; k < 3; k++) {
    method.spread = k == 1 ? 1e-9 : 1e6;
    method.step = k == 2 ? 0.2 : 0.1;
    testudo_sgd *sgd = simulate(&s.setting, &method, 1, &options);
    bound[k] = curve_of(sgd, 0, 0, TESTUDO_SGD_BOUND)[0];
    testudo_sgd_free(sgd);
  }
  assert_close(bound[0], plain, 1e-12);
  double shortest = 7.0; /* if all steps were eta */
  for (int j = 0; j < 30; j++)
    shortest = (1.0 - rho) * shortest + 0.01 * 4.0 * 2.0 / 6.0 + 1e-9 * 8.0;
  assert_true(bound[1] > 1.1 * shortest && bound[1] < 7.0);
  assert_true(isnan(bound[2]));
  small_free(&s);
}

static void runs_end_when_their_bits_are_spent(void **state)
{
  (void)state;
  small s;
  const double times[2] = {2.5, 50.0};
  small_make(&s, WORKERS, SAMPLES, "deterministic:1");
  const testudo_sgd_method method = {.kind = TESTUDO_SGD_SYNC, .step = 0.2};
  for (int exactly = 0; exactly < 2; exactly++) {
    const testudo_sgd_options options = {.times = times, .time_count = 2, .seed = 1, .runs = 1,
                                         .bits = 32.0 * DIM * WORKERS * (exactly ? 4.0 : 4.9)};
    testudo_sgd *sgd = simulate(&s.setting, &method, 1, &options);
    assert_true(curve_of(sgd, 0, 0, TESTUDO_SGD_UPDATES)[0] == 2.0);
    assert_true(curve_of(sgd, 0, 0, TESTUDO_SGD_UPDATES)[1] == 4.0 && sgd->run[0].ended == 4.0 && !sgd->run[0].stuck);
    testudo_sgd_free(sgd);
  }
  small_free(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_mean_square_is_that_of_the_updates),
      cmocka_unit_test(the_variance_is_that_of_the_gram_matrix),
      cmocka_unit_test(copies_are_dealt_by_the_gram_matrix),
      cmocka_unit_test(the_bound_of_theorem_4_follows_the_steps),
      cmocka_unit_test(runs_end_when_their_bits_are_spent),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
