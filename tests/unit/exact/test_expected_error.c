/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cases.h"

#include "exact/chunk_types.h"

/* The check values of docs/theory/latency.md#check-values: delta = 8, matching order, exp:1, exactly 7 of 200 failed; t
   = 3, 6, 9, 12. */
static void equals_the_published_check_values(void **state)
{
  (void)state;
  const double times[] = {3, 6, 9, 12};
  static const double wanted[3][4] = {{0.1266, 0.00061, 1e-5, -1}, {2.6858, 0.03507, 0.00118, -1},
                                      {19.66498, 0.67532, 0.04033, 0.00404}};
  static const double digit[3][4] = {{1e-4, 1e-5, 1e-5, 0}, {1e-4, 1e-5, 1e-5, 0}, {1e-5, 1e-5, 1e-5, 1e-5}};
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 7};
  for (int32_t parts = 1; parts <= 3; parts++) {
    testudo_design *design = regular_matching(200, 8, parts, 3);
    double mse[4];
    assert_ok(testudo_expected_error(design, &model, TESTUDO_REPORT_CHUNK, times, 4, mse, NULL));
    for (int k = 0; k < 4; k++)
      if (wanted[parts - 1][k] >= 0)
        assert_near(mse[k], wanted[parts - 1][k], 0.51 * digit[parts - 1][k]);
    testudo_design_free(design);
  }
  testudo_law_free(law);
}

static void a_matching_order_is_one_type_however_many_chunks(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_design *design = regular_matching(500, 5, 2, 9);
  testudo_i_arena arena = {0};
  testudo_i_chunk_types types;
  assert_ok(testudo_i_chunk_types_init(&types, &arena, design, TESTUDO_I_ALONE(&model), false, NULL));
  assert_int_equal(types.types, 1);
  assert_int_equal(types.type_count[0], 500);
  assert_ok(testudo_i_chunk_types_init(&types, &arena, design, TESTUDO_I_ALONE(&model), true, NULL));
  assert_int_equal(types.types, 1);
  testudo_i_arena_clear(&arena);
  testudo_design_free(design);
  testudo_law_free(law);
}

/* Chunk 0 on workers 0, 1, 2 at places 1, 2, 2; chunk 1 on workers 1, 2 at places 1, 1: by all subsets of holders. */
static void unequal_replications_and_rates_equal_the_sum_over_subsets(void **state)
{
  (void)state;
  const int32_t load[] = {1, 2, 2}, order[] = {0, 1, 0, 1, 0};
  const double rates[] = {0.7, 1.9, 1.1}, times[] = {-2, 0, 0.31, 1.07, 5.5, HUGE_VAL};
  static const double place[2][3] = {{1, 2, 2}, {0, 1, 1}};
  testudo_law *law = law_of("exp:1.6");
  testudo_design *design = partial(3, 2, 2, load, order);
  int cases = 0;
  for (int failed = 0; failed <= 3; failed++) {
    testudo_delay_model model = {.law = law, .rates = rates, .workers = 3, .failures = TESTUDO_FAILURES_EXACTLY,
                                 .failed = failed};
    double mse[6];
    assert_ok(testudo_expected_error(design, &model, TESTUDO_REPORT_CHUNK, times, 6, mse, NULL));
    for (int k = 0; k < 6; k++, cases++) {
      double total = 0, sets = 0;
      for (int dead = 0; dead < 8; dead++) {
        if (__builtin_popcount((unsigned)dead) != failed)
          continue;
        sets++;
        for (int chunk = 0; chunk < 2; chunk++)
          for (int done = 0; done < 8; done++) {
            double chance = 1;
            for (int j = 0; j < 3; j++) {
              double x = place[chunk][j] == 0 || dead >> j & 1 ? 0
                         : times[k] <= 0 ? 0 : 1 - exp(-1.6 * rates[j] * times[k] / place[chunk][j]);
              chance *= done >> j & 1 ? x : 1 - x;
            }
            int missing = 2 - __builtin_popcount((unsigned)done);
            total += missing > 0 ? chance * missing : 0;
          }
      }
      assert_near(mse[k], total / sets, 1e-14);
    }
  }
  assert_int_equal(cases, 24);
  testudo_design_free(design);
  testudo_law_free(law);
}

static void independent_failures_leave_their_share_for_ever(void **state)
{
  (void)state;
  testudo_law *law = law_of("deterministic:2");
  testudo_design *design = cyclic(9, 3, 1);
  testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EACH, .fail_prob = 0.3};
  const double times[] = {2, HUGE_VAL};
  double mse[2];
  assert_ok(testudo_expected_error(design, &model, TESTUDO_REPORT_CHUNK, times, 2, mse, NULL));
  assert_close(mse[0], 9 * 0.3, 1e-14);
  assert_close(mse[1], 9 * 0.3 * 0.3 * 0.3, 1e-14);
  assert_ok(testudo_expected_error(design, &model, TESTUDO_REPORT_CHUNK, times, 0, mse, NULL));
  testudo_design_free(design);
  testudo_law_free(law);
}

/* ---- only finished workers count ---- */

/* Every draw of a three-valued law and every set of failed workers of the right size or weight: chunks that no finished
   worker holds, read off the orders. */
typedef struct world {
  const testudo_design *design;
  const double *value, *rates;
  int failed;       /* exactly so many; -1: each with fail_prob */
  double fail_prob;
} world;

static double lost_chunks(const world *w, const int *draw, unsigned dead, double t)
{
  double lost = 0.0;
  for (int32_t i = 0; i < testudo_design_chunks(w->design); i++) {
    bool held = false;
    for (int32_t j = 0; j < testudo_design_workers(w->design); j++)
      for (int32_t k = 0; k < testudo_design_load(w->design, j); k++)
        held = held || (testudo_design_order(w->design, j)[k] == i && !(dead >> j & 1) &&
                        testudo_design_load(w->design, j) * w->value[draw[j]] / w->rates[j] <= t);
    lost += held ? 0.0 : 1.0;
  }
  return lost;
}

static double enumerate(const world *w, double t)
{
  int32_t m = testudo_design_workers(w->design);
  long double sum = 0.0L, weights = 0.0L;
  for (unsigned dead = 0; dead < 1u << m; dead++) {
    int count = __builtin_popcount(dead);
    if (w->failed >= 0 && count != w->failed)
      continue;
    double weight = w->failed >= 0 ? 1.0 : pow(w->fail_prob, count) * pow(1.0 - w->fail_prob, m - count);
    int draw[6] = {0}, j = 0;
    while (j < m) {
      weights += weight;
      sum += weight * lost_chunks(w, draw, dead, t);
      for (j = 0; j < m && ++draw[j] == 3; j++)
        draw[j] = 0;
    }
  }
  return (double)(sum / weights);
}

static int compare_finished(const testudo_design *design, testudo_report report)
{
  const char *path = "test_expected_error_trace.csv";
  static const double value[] = {0.31, 0.77, 1.9}, rates[] = {1.0, 0.6, 1.7, 1.1, 0.83, 1.31};
  static const double equal[] = {1, 1, 1, 1, 1, 1};
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fprintf(file, "seconds\n%.17g\n%.17g\n%.17g\n", value[0], value[1], value[2]);
  assert_int_equal(fclose(file), 0);
  testudo_law *law = law_of("trace:test_expected_error_trace.csv");
  remove(path);
  int compared = 0;
  for (int k = 0; k < 8; k++) {
    world w = {.design = design, .value = value, .rates = k % 2 ? rates : equal, .failed = k / 2 == 3 ? -1 : k / 2,
               .fail_prob = 0.23};
    if (w.failed > testudo_design_workers(design))
      continue;
    testudo_delay_model model = {.law = law, .rates = k % 2 ? rates : NULL, .workers = testudo_design_workers(design)};
    model.failures = w.failed < 0 ? TESTUDO_FAILURES_EACH
                     : w.failed > 0 ? TESTUDO_FAILURES_EXACTLY : TESTUDO_FAILURES_NONE;
    model.failed = w.failed > 0 ? w.failed : 0;
    model.fail_prob = w.failed < 0 ? w.fail_prob : 0.0;
    for (int a = 0; a < 7; a++, compared++) {
      double t = 0.58 * a, found;
      assert_ok(testudo_expected_error(design, &model, report, &t, 1, &found, NULL));
      assert_near(found, enumerate(&w, t), 1e-12);
    }
  }
  testudo_law_free(law);
  return compared;
}

static testudo_design *code_on(bool repetition, int32_t workers, int32_t chunks, int32_t s)
{
  testudo_assignment assignment;
  testudo_design *design;
  if (repetition)
    assert_ok(testudo_assignment_frc(workers, chunks, s + 1, &assignment, NULL));
  else
    assert_ok(testudo_assignment_cyclic(workers, s + 1, &assignment, NULL));
  assert_ok(testudo_design_create_gradient_code(&assignment, s, 3, "", &design, NULL));
  testudo_assignment_free(&assignment);
  return design;
}

static testudo_design *waiting(int32_t workers, int32_t chunks, int32_t wait)
{
  testudo_assignment assignment;
  testudo_design *design;
  assert_ok(testudo_assignment_uncoded(workers, chunks, &assignment, NULL));
  assert_ok(testudo_design_create_waiting(&assignment, wait, "", &design, NULL));
  testudo_assignment_free(&assignment);
  return design;
}

static testudo_design *repeated_partial(int32_t workers, int32_t chunks, int32_t replication)
{
  testudo_assignment assignment;
  assert_ok(testudo_assignment_frc(workers, chunks, replication, &assignment, NULL));
  return design_of(TESTUDO_SCHEME_PARTIAL, &assignment, 1);
}

/* The report changes nothing where a worker has one message only, of all its chunks. */
static void finished_workers_leave_what_enumeration_says(void **state)
{
  (void)state;
  testudo_design *design[] = {code_on(true, 6, 6, 1), code_on(true, 6, 4, 2), code_on(true, 4, 4, 3),
                              code_on(true, 3, 6, 0), waiting(5, 7, 3), waiting(1, 2, 1), uncoded(4, 6),
                              uncoded(6, 6), repeated_partial(6, 6, 3), repeated_partial(3, 6, 1)};
  int compared = 0;
  for (size_t k = 0; k < sizeof design / sizeof *design; k++) {
    compared += compare_finished(design[k], TESTUDO_REPORT_WHOLE);
    if (k < 6)
      compared += compare_finished(design[k], TESTUDO_REPORT_CHUNK);
    testudo_design_free(design[k]);
  }
  assert_true(compared > 750);
}

static void a_least_squares_has_no_expected_error(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_design *code = code_on(false, 5, 5, 2), *part = cyclic(6, 2, 1), *two = repeated_partial(4, 4, 2);
  const double time = 1.0;
  double mse;
  bool known;
  testudo_error error = {""};
  assert_status(testudo_expected_error(code, &model, TESTUDO_REPORT_CHUNK, &time, 1, &mse, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text,
                      "the expected error of scheme gradient-code has no closed form, it is simulated only");
  assert_status(testudo_expected_error(part, &model, TESTUDO_REPORT_WHOLE, &time, 1, &mse, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "partial with report whole"));
  assert_ok(testudo_expected_error_known(part, TESTUDO_REPORT_CHUNK, &known, NULL));
  assert_true(known);
  assert_ok(testudo_expected_error_known(part, TESTUDO_REPORT_WHOLE, &known, NULL));
  assert_false(known);
  assert_ok(testudo_expected_error_known(two, TESTUDO_REPORT_WHOLE, &known, NULL));
  assert_true(known);
  assert_status(testudo_expected_error_known(two, (testudo_report)7, &known, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "report: 7"));
  testudo_design_free(code);
  testudo_design_free(part);
  testudo_design_free(two);
  testudo_law_free(law);
}

static void refuses_a_broken_model_and_a_broken_time(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_design *design = cyclic(3, 2, 1);
  testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EACH, .fail_prob = 1.5};
  const double times[] = {1, NAN};
  double mse[2];
  testudo_error error = {""};
  assert_status(testudo_expected_error(design, &model, TESTUDO_REPORT_CHUNK, times, 1, mse, &error),
                TESTUDO_ERROR_ARGUMENT);
  model.fail_prob = 0.5;
  assert_status(testudo_expected_error(design, &model, TESTUDO_REPORT_CHUNK, times, 2, mse, &error),
                TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "time 1 is not a number");
  testudo_design_free(design);
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equals_the_published_check_values),
      cmocka_unit_test(a_matching_order_is_one_type_however_many_chunks),
      cmocka_unit_test(unequal_replications_and_rates_equal_the_sum_over_subsets),
      cmocka_unit_test(independent_failures_leave_their_share_for_ever),
      cmocka_unit_test(finished_workers_leave_what_enumeration_says),
      cmocka_unit_test(a_least_squares_has_no_expected_error),
      cmocka_unit_test(refuses_a_broken_model_and_a_broken_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
