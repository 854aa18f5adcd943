/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Survivals, progress laws, points and classes of a delay model. */
#include "check.h"

#include "base/random.h"
#include "delay/model.h"

static testudo_law *law_of(const char *text)
{
  testudo_law *law;
  testudo_error error;
  if (testudo_law_parse(text, &law, &error) != TESTUDO_OK)
    fail_msg("%s: %s", text, error.text);
  return law;
}

/* A discrete law through a file of its own, removed at once. */
static testudo_law *law_of_rows(const double *row, int rows)
{
  const char *path = "test_delay_rows.csv";
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fprintf(file, "seconds\n");
  for (int k = 0; k < rows; k++)
    fprintf(file, "%.17g\n", row[k]);
  assert_int_equal(fclose(file), 0);
  testudo_law *law = law_of("trace:test_delay_rows.csv");
  remove(path);
  return law;
}

static testudo_delay_model model_of(const testudo_law *law, testudo_structure structure)
{
  return (testudo_delay_model){.law = law, .structure = structure};
}

static void continuous_survivals_equal_their_formulas(void **state)
{
  (void)state;
  testudo_law *exponential = law_of("exp:1.37"), *shifted = law_of("shifted-exp:0.53,2.11");
  testudo_delay_model scaled = model_of(exponential, TESTUDO_STRUCTURE_SCALED);
  testudo_delay_model scaled_shifted = model_of(shifted, TESTUDO_STRUCTURE_SCALED);
  testudo_delay_model added = model_of(exponential, TESTUDO_STRUCTURE_ADDITIVE);
  testudo_delay_model added_shifted = model_of(shifted, TESTUDO_STRUCTURE_ADDITIVE);
  const double t = 4.7, r = 1.9;
  for (int k = 1; k <= 7; k++) {
    assert_close(testudo_delay_survival(&scaled, r, k, t), exp(-1.37 * t * r / k), 1e-14);
    double late = t * r / k - 0.53;
    assert_close(testudo_delay_survival(&scaled_shifted, r, k, t), exp(-2.11 * late), 1e-13);
    double x = 1.37 * t * r, y = 2.11 * (t * r - k * 0.53), term_x = 1.0, term_y = 1.0, sum_x = 0.0, sum_y = 0.0;
    for (int j = 0; j < k; j++) {
      sum_x += term_x;
      sum_y += term_y;
      term_x *= x / (j + 1);
      term_y *= y / (j + 1);
    }
    assert_close(testudo_delay_survival(&added, r, k, t), exp(-x) * sum_x, 1e-13);
    assert_close(testudo_delay_survival(&added_shifted, r, k, t), exp(-y) * sum_y, 1e-13);
  }
  assert_close(testudo_delay_survival(&scaled, 1.0, 2, 900.0), exp(-1.37 * 450.0), 1e-13);
  assert_true(testudo_delay_survival(&added_shifted, 1.0, 5, 2.65) == 1.0);
  testudo_law_free(exponential);
  testudo_law_free(shifted);
}

static void survival_is_0_of_no_chunk_and_1_before_time(void **state)
{
  (void)state;
  const char *const texts[] = {"exp:2", "shifted-exp:1,2", "deterministic:0.7"};
  for (size_t k = 0; k < 3; k++) {
    testudo_law *law = law_of(texts[k]);
    for (int structure = 0; structure < 2; structure++) {
      testudo_delay_model model = model_of(law, (testudo_structure)structure);
      assert_true(testudo_delay_survival(&model, 1.3, 0, 5.0) == 0.0);
      assert_true(testudo_i_delay_cdf(TESTUDO_I_ALONE(&model), 1.3, 0, 5.0) == 1.0);
      assert_true(testudo_delay_survival(&model, 1.3, 3, 0.0) == 1.0);
      assert_true(testudo_delay_survival(&model, 1.3, 3, -1.0) == 1.0);
      assert_true(testudo_delay_survival(&model, 1.3, 3, HUGE_VAL) == 0.0);
      assert_true(testudo_i_delay_cdf(TESTUDO_I_ALONE(&model), 1.3, 3, HUGE_VAL) == 1.0);
    }
    testudo_law_free(law);
  }
}

/* Values with rounding errors of their own: 0.1, 1/3, 0.7 times k over a rate seldom equals what t*rate/k would say. */
static void ties_count_as_done_on_the_drawn_double(void **state)
{
  (void)state;
  const double row[] = {0.1, 1.0 / 3.0, 0.7, 0.7, 1.1, 2.3, 2.3, 2.3};
  testudo_law *trace = law_of_rows(row, 8), *constant = law_of("deterministic:0.1");
  testudo_delay_model scaled = model_of(trace, TESTUDO_STRUCTURE_SCALED);
  testudo_delay_model added = model_of(constant, TESTUDO_STRUCTURE_ADDITIVE);
  testudo_i_random random;
  testudo_i_random_start(&random, 3, TESTUDO_I_FOR_TEST, 0, 0);
  for (int c = 0; c < 2000; c++) {
    double rate = 0.1 + 3.0 * testudo_i_random_uniform(&random);
    int k = 1 + (int)testudo_i_random_below(&random, 9);
    volatile double tie = k * row[testudo_i_random_below(&random, 8)];
    tie = tie / rate;
    for (int side = -1; side <= 1; side++) {
      double t = side == 0 ? tie : nextafter(tie, side * HUGE_VAL);
      int done = 0;
      for (int j = 0; j < 8; j++) {
        volatile double product = k * row[j];
        volatile double finish = product / rate;
        done += finish <= t;
      }
      assert_true(testudo_delay_survival(&scaled, rate, k, t) == (8 - done) / 8.0);
      assert_true(testudo_i_delay_cdf(TESTUDO_I_ALONE(&scaled), rate, k, t) == done / 8.0);
    }
    volatile double product = k * 0.1;
    double last = product / rate;
    assert_true(testudo_delay_survival(&added, rate, k, last) == 0.0);
    assert_true(testudo_delay_survival(&added, rate, k, nextafter(last, 0.0)) == 1.0);
  }
  testudo_law_free(trace);
  testudo_law_free(constant);
}

/* P(X_1 + .. + X_k > t) of shifted exponentials by a Riemann sum over the last draw, halved steps extrapolated. */
static double convolved(double shift, double rate, int k, double t, int steps)
{
  if (t <= k * shift)
    return 1.0;
  if (k == 1)
    return exp(-rate * (t - shift));
  double width = t - k * shift, h = width / steps, sum = 0.0;
  for (int j = 0; j < steps; j++) {
    double draw = shift + (j + 0.5) * h;
    sum += h * rate * exp(-rate * (draw - shift)) * convolved(shift, rate, k - 1, t - draw, steps);
  }
  return sum + exp(-rate * width);
}

static void additive_survivals_equal_a_convolution(void **state)
{
  (void)state;
  testudo_law *law = law_of("shifted-exp:0.31,1.7");
  testudo_delay_model model = model_of(law, TESTUDO_STRUCTURE_ADDITIVE);
  for (double t = 0.2; t < 5.0; t += 0.371)
    for (int k = 1; k <= 3; k++) {
      double coarse = convolved(0.31, 1.7, k, t * 1.3, 100), fine = convolved(0.31, 1.7, k, t * 1.3, 200);
      assert_near(testudo_delay_survival(&model, 1.3, k, t), (4.0 * fine - coarse) / 3.0, 1e-7);
    }
  testudo_law_free(law);
}

static double sum_of(const double *q, int load)
{
  double sum = 0.0;
  for (int c = 0; c <= load; c++) {
    assert_true(q[c] >= 0.0);
    sum += q[c];
  }
  return sum;
}

static void progress_is_a_law_and_equals_survival_differences(void **state)
{
  (void)state;
  const double row[] = {0.21, 0.9, 0.9, 1.7, 0.33, 2.9, 4.4};
  testudo_law *laws[] = {law_of("exp:0.83"), law_of("shifted-exp:0.4,1.3"), law_of("deterministic:0.9"),
                         law_of_rows(row, 7)};
  double q[21];
  for (int l = 0; l < 4; l++)
    for (int structure = 0; structure < (l < 3 ? 2 : 1); structure++) {
      testudo_delay_model model = model_of(laws[l], (testudo_structure)structure);
      for (double t = 1e-9; t < 300.0; t *= 2.37)
        for (int load = 0; load <= 20; load += 1 + load / 3) {
          testudo_i_progress_law(TESTUDO_I_ALONE(&model), 1.61, load, false, t, q);
          assert_near(sum_of(q, load), 1.0, 1e-13);
          for (int c = 0; c < load; c++)
            assert_near(q[c], testudo_delay_survival(&model, 1.61, c + 1, t) -
                        testudo_delay_survival(&model, 1.61, c, t), 1e-14);
          testudo_i_progress_law(TESTUDO_I_ALONE(&model), 1.61, load, true, t, q);
          assert_near(sum_of(q, load), 1.0, 1e-15);
          assert_near(q[load], load == 0 ? 1.0 : 1.0 - testudo_delay_survival(&model, 1.61, load, t), 1e-14);
          for (int c = 1; c < load; c++)
            assert_true(q[c] == 0.0);
        }
      testudo_i_progress_law(TESTUDO_I_ALONE(&model), 1.61, 5, false, HUGE_VAL, q);
      assert_true(q[5] == 1.0 && sum_of(q, 5) == 1.0);
      testudo_i_progress_law(TESTUDO_I_ALONE(&model), 1.61, 5, false, 0.0, q);
      assert_true(q[0] == 1.0 && sum_of(q, 5) == 1.0);
    }
  for (int l = 0; l < 4; l++)
    testudo_law_free(laws[l]);
}

static void small_progress_probabilities_keep_their_digits(void **state)
{
  (void)state;
  testudo_law *exponential = law_of("exp:1"), *shifted = law_of("shifted-exp:0.5,1");
  testudo_delay_model scaled = model_of(exponential, TESTUDO_STRUCTURE_SCALED);
  testudo_delay_model scaled_shifted = model_of(shifted, TESTUDO_STRUCTURE_SCALED);
  testudo_delay_model added = model_of(exponential, TESTUDO_STRUCTURE_ADDITIVE);
  testudo_delay_model added_shifted = model_of(shifted, TESTUDO_STRUCTURE_ADDITIVE);
  double q[9];
  for (double t = 1e-12; t < 1e4; t *= 7.1) {
    testudo_i_progress_law(TESTUDO_I_ALONE(&scaled), 1.0, 8, false, t, q);
    for (int c = 1; c < 8; c++) {
      long double wanted = expl(-(long double)t / (c + 1)) * -expm1l(-(long double)t / ((long double)c * (c + 1)));
      if (wanted > 1e-290L)
        assert_close(q[c], (double)wanted, 1e-12);
    }
    assert_close(q[8], (double)-expm1l(-(long double)t / 8), 1e-13);
    testudo_i_progress_law(TESTUDO_I_ALONE(&added), 1.0, 8, false, t, q);
    for (int c = 0; c < 8; c++) {
      long double wanted = expl(c * logl(t) - (long double)t - lgammal(c + 1.0L));
      if (wanted > 1e-290L)
        assert_close(q[c], (double)wanted, 1e-12);
    }
  }
  assert_close(q[8], 1.0, 1e-15);
  testudo_i_progress_law(TESTUDO_I_ALONE(&added), 1.0, 8, false, 1e-9, q);
  assert_close(q[8], 1e-72 / 40320.0, 1e-8);
  testudo_i_progress_law(TESTUDO_I_ALONE(&scaled_shifted), 1.0, 4, false, 2.0 + 0x1p-30, q);
  assert_close(q[4], 0x1p-32, 1e-9);
  assert_close(q[3], -expm1(-(2.0 / 3.0 - 0.5)), 1e-8);
  testudo_i_progress_law(TESTUDO_I_ALONE(&added_shifted), 1.0, 4, false, 700.0, q);
  assert_close(q[0], exp(-699.5), 1e-12);
  assert_close(q[1], exp(-699.0) * 700.0 - exp(-699.5), 1e-11);
  testudo_law_free(exponential);
  testudo_law_free(shifted);
}

/* ---- points ---- */

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void points_are_all_jumps_once(void **state)
{
  (void)state;
  const double row[] = {1.0, 2.0, 3.0, 2.0, 0.7};
  const double atoms[] = {1.0, 2.0, 3.0, 0.7}, rates[] = {1.0, 1.7, 2.0};
  const int32_t loads[] = {4, 2, 8};
  testudo_law *law = law_of_rows(row, 5);
  testudo_delay_model model = model_of(law, TESTUDO_STRUCTURE_SCALED);
  double wanted[64], *points;
  size_t all = 0, distinct = 0, count;
  for (int g = 0; g < 3; g++)
    for (int k = 1; k <= loads[g]; k++)
      for (int a = 0; a < 4; a++)
        wanted[all++] = k * atoms[a] / rates[g];
  qsort(wanted, all, sizeof *wanted, ascending);
  for (size_t k = 0; k < all; k++)
    if (k == 0 || wanted[k] != wanted[k - 1])
      wanted[distinct++] = wanted[k];
  assert_true(distinct < all);
  const testudo_law *of[] = {law, law, law};
  assert_ok(testudo_i_delay_points(TESTUDO_I_ALONE(&model), of, rates, loads, 3, distinct, &points, &count, NULL));
  assert_int_equal(count, distinct);
  assert_memory_equal(points, wanted, distinct * sizeof *points);
  free(points);
  testudo_error error;
  for (size_t limit = 0; limit < distinct; limit++) {
    assert_status(testudo_i_delay_points(TESTUDO_I_ALONE(&model), of, rates, loads, 3, limit, &points, &count,
                                         &error),
                  TESTUDO_ERROR_LIMIT);
    assert_null(points);
  }
  assert_non_null(strstr(error.text, "more than"));
  testudo_law_free(law);
}

static void points_of_continuous_laws_are_the_kinks(void **state)
{
  (void)state;
  const double rates[] = {2.0};
  const int32_t loads[] = {3};
  double *points;
  size_t count;
  const char *const texts[] = {"exp:1", "shifted-exp:0,1", "shifted-exp:0.3,1"};
  for (int l = 0; l < 3; l++) {
    testudo_law *law = law_of(texts[l]);
    testudo_delay_model model = model_of(law, TESTUDO_STRUCTURE_ADDITIVE);
    const testudo_law *of[] = {law};
    assert_ok(testudo_i_delay_points(TESTUDO_I_ALONE(&model), of, rates, loads, 1, 10, &points, &count, NULL));
    assert_int_equal(count, l == 2 ? 3 : 0);
    for (size_t k = 0; k < count; k++)
      assert_close(points[k], (double)(k + 1) * 0.3 / 2.0, 1e-15);
    free(points);
    testudo_law_free(law);
  }
}

/* ---- classes ---- */

static void check_classes(int32_t workers, int kinds, uint64_t seed, bool with_rates)
{
  enum { MOST = 500 };
  static double rates[MOST], class_rate[MOST];
  static const testudo_law *class_law[MOST];
  static int32_t load[MOST], class_of[MOST], class_load[MOST], class_size[MOST];
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_TEST, 2, 0);
  for (int32_t j = 0; j < workers; j++) {
    rates[j] = 0.5 + (double)testudo_i_random_below(&random, (uint64_t)kinds) / 7.0;
    load[j] = (int32_t)testudo_i_random_below(&random, (uint64_t)kinds);
  }
  testudo_delay_model model = {.rates = with_rates ? rates : NULL, .workers = workers};
  int32_t classes, sizes = 0;
  assert_ok(testudo_i_worker_classes(&model, load, workers, class_of, class_law, class_rate, class_load, class_size,
                                     &classes, NULL));
  for (int32_t j = 0; j < workers; j++) {
    assert_in_range(class_of[j], 0, classes - 1);
    assert_true(class_rate[class_of[j]] == (with_rates ? rates[j] : 1.0));
    assert_int_equal(class_load[class_of[j]], load[j]);
  }
  for (int32_t g = 0; g < classes; g++) {
    int32_t members = 0;
    for (int32_t j = 0; j < workers; j++)
      members += class_of[j] == g;
    assert_int_equal(members, class_size[g]);
    sizes += class_size[g];
    for (int32_t h = 0; h < g; h++)
      assert_true(class_rate[g] != class_rate[h] || class_load[g] != class_load[h]);
  }
  assert_int_equal(sizes, workers);
}

static void classes_are_the_distinct_pairs(void **state)
{
  (void)state;
  for (int32_t workers = 1; workers <= 500; workers += 1 + workers / 2)
    for (int kinds = 1; kinds <= 40; kinds += 13) {
      check_classes(workers, kinds, (uint64_t)workers, true);
      check_classes(workers, kinds, (uint64_t)workers, false);
    }
}

/* ---- the check ---- */

static void refuse(const testudo_delay_model *model, int32_t workers, const char *what)
{
  testudo_error error = {""};
  assert_status(testudo_delay_check(model, workers, &error), TESTUDO_ERROR_ARGUMENT);
  if (strstr(error.text, what) == NULL)
    fail_msg("'%s' does not say '%s'", error.text, what);
}

static void refuses_models_out_of_range(void **state)
{
  (void)state;
  const double row[] = {1.0, 2.0};
  testudo_law *law = law_of("exp:1"), *trace = law_of_rows(row, 2);
  double rates[] = {1.0, 2.0, 3.0};
  testudo_delay_model good = {.law = law, .rates = rates, .workers = 3};
  assert_ok(testudo_delay_check(&good, 3, NULL));
  testudo_delay_model bad = good;
  bad.law = NULL;
  refuse(&bad, 3, "no law");
  bad = good;
  bad.structure = (testudo_structure)7;
  refuse(&bad, 3, "structure 7");
  refuse(&good, 4, "3 rates, but the design has 4 workers");
  const double wrong[] = {0.0, -1.0, HUGE_VAL, NAN, 1e-200};
  for (int k = 0; k < 5; k++) {
    rates[1] = wrong[k];
    refuse(&good, 3, "rate 1 is");
  }
  rates[1] = 2.0;
  bad = model_of(trace, TESTUDO_STRUCTURE_ADDITIVE);
  assert_ok(testudo_delay_check(&bad, 3, NULL)); /* it can be simulated */
  bad.structure = TESTUDO_STRUCTURE_SCALED;
  assert_ok(testudo_delay_check(&bad, 3, NULL));
  testudo_law_free(law);
  testudo_law_free(trace);
}

static void refuses_failures_out_of_range(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY};
  for (model.failed = -1; model.failed <= 4; model.failed++)
    if (model.failed < 0 || model.failed > 3)
      refuse(&model, 3, "0..3 can fail");
    else
      assert_ok(testudo_delay_check(&model, 3, NULL));
  model.failures = TESTUDO_FAILURES_EACH;
  const double wrong[] = {-1e-9, 1.0, NAN, HUGE_VAL};
  for (int k = 0; k < 4; k++) {
    model.fail_prob = wrong[k];
    refuse(&model, 3, "failure probability");
  }
  model.fail_prob = 0.999;
  assert_ok(testudo_delay_check(&model, 3, NULL));
  model.failures = (testudo_failure_kind)9;
  refuse(&model, 3, "kind of failures 9");
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(continuous_survivals_equal_their_formulas),
      cmocka_unit_test(survival_is_0_of_no_chunk_and_1_before_time),
      cmocka_unit_test(ties_count_as_done_on_the_drawn_double),
      cmocka_unit_test(additive_survivals_equal_a_convolution),
      cmocka_unit_test(progress_is_a_law_and_equals_survival_differences),
      cmocka_unit_test(small_progress_probabilities_keep_their_digits),
      cmocka_unit_test(points_are_all_jumps_once),
      cmocka_unit_test(points_of_continuous_laws_are_the_kinks),
      cmocka_unit_test(classes_are_the_distinct_pairs),
      cmocka_unit_test(refuses_models_out_of_range),
      cmocka_unit_test(refuses_failures_out_of_range),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
