/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error at deadlines where only finished workers count and share chunks, trial by trial, against dense least
   squares of the finished workers' rows. */
#include "designs.h"

#include <testudo/code.h>

#include "linalg/solve.h"
#include "runtime/combine/combiner.h"
#include "sample/batch.h"

#define DEADLINES 6

static const double deadline[DEADLINES] = {0.0, 0.9, 2.1, 3.7, 6.0, 30.0};

static testudo_design *cyclic_code(int32_t n, int32_t s)
{
  testudo_assignment assignment;
  testudo_design *design = NULL;
  assert_ok(testudo_assignment_cyclic(n, s + 1, &assignment, NULL));
  assert_ok(testudo_design_create_gradient_code(&assignment, s, 11, "", &design, NULL));
  testudo_assignment_free(&assignment);
  return design;
}

static testudo_design *repetition(testudo_scheme scheme, int32_t n, int32_t chunks, int32_t copies)
{
  testudo_assignment assignment;
  testudo_design *design = NULL;
  assert_ok(testudo_assignment_frc(n, chunks, copies, &assignment, NULL));
  if (scheme == TESTUDO_SCHEME_GRADIENT_CODE)
    assert_ok(testudo_design_create_gradient_code(&assignment, copies - 1, 1, "", &design, NULL));
  else
    assert_ok(testudo_design_create(scheme, &assignment, 1, 1, "", &design, NULL));
  testudo_assignment_free(&assignment);
  return design;
}

/* min_x ||A_S x - 1||^2 by dense least squares, with the code's coefficients where it has any. */
static double dense_error(const testudo_design *design, const bool *finished)
{
  int32_t chunks = design->chunks, workers = design->workers, count = 0;
  size_t rows = (size_t)chunks, longest = (size_t)(chunks > workers ? chunks : workers);
  double *a = calloc(rows * (size_t)workers, sizeof *a), *kept = malloc(rows * (size_t)workers * sizeof *kept);
  double *b = malloc(longest * sizeof *b), error = 0.0;
  double *room = malloc(testudo_i_least_squares_room(chunks, workers) * sizeof *room);
  int32_t *pivot = malloc((size_t)workers * sizeof *pivot);
  for (int32_t j = 0; j < workers; j++)
    if (finished[j]) {
      const double *own = testudo_design_coefficients(design, j);
      for (int32_t k = 0; k < testudo_design_load(design, j); k++)
        a[(size_t)count * rows + (size_t)testudo_design_order(design, j)[k]] = own == NULL ? 1.0 : own[k];
      count++;
    }
  memcpy(kept, a, rows * (size_t)count * sizeof *a);
  for (size_t i = 0; i < longest; i++)
    b[i] = 1.0;
  if (count > 0)
    assert_ok(testudo_i_least_squares(chunks, count, a, b, 1e-13, pivot, room, NULL));
  for (size_t i = 0; i < rows; i++) {
    double left = -1.0;
    for (int32_t k = 0; k < count; k++)
      left += kept[(size_t)k * rows + i] * b[k];
    error += left * left;
  }
  free(a);
  free(kept);
  free(b);
  free(room);
  free(pivot);
  return error;
}

typedef struct trial {
  double error[DEADLINES];
} trial;

/* What trial `number` leaves at every deadline, from its plainly drawn times. */
static trial defined_trial(const testudo_i_plan *plan, uint64_t seed, int64_t number, testudo_i_failures *failures)
{
  const testudo_design *design = plan->design;
  double *time = malloc((size_t)plan->slots * sizeof *time);
  bool *finished = malloc((size_t)design->workers * sizeof *finished);
  trial found;
  testudo_i_draw_base(plan, seed, number, failures, time);
  for (int d = 0; d < DEADLINES; d++) {
    for (int32_t j = 0; j < design->workers; j++) {
      int32_t load = testudo_design_load(design, j);
      double rate = plan->model->rates == NULL ? 1.0 : plan->model->rates[j];
      if (load == 0)
        finished[j] = false;
      else
        finished[j] = (plan->timed ? time[design->row[j + 1] - 1] : load * time[j] / rate) <= deadline[d];
    }
    found.error[d] = dense_error(design, finished);
  }
  free(time);
  free(finished);
  return found;
}

static testudo_simulation_options timed(int64_t trials, uint64_t seed, int32_t threads)
{
  return (testudo_simulation_options){.report = TESTUDO_REPORT_WHOLE, .trials = trials, .seed = seed,
                                      .threads = threads, .times = deadline, .time_count = DEADLINES};
}

/* Mean, mean of the square root, largest and count of errors, over the trials of a simulation. */
static int compare_simulation(const testudo_design *design, const testudo_delay_model *model, uint64_t seed,
                              bool solved)
{
  enum { TRIALS = 27 };
  testudo_simulation_options options = timed(TRIALS, seed, 1);
  testudo_i_plan plan;
  testudo_i_failures failures;
  assert_ok(testudo_i_plan_make(&plan, design, model, &options, NULL));
  assert_true(plan.least_squares == solved);
  assert_ok(testudo_i_failures_make(&failures, design->workers, NULL));
  double sum[DEADLINES] = {0}, norm[DEADLINES] = {0}, most[DEADLINES] = {0};
  int64_t nonzero[DEADLINES] = {0};
  for (int64_t k = 0; k < TRIALS; k++) {
    trial one = defined_trial(&plan, seed, k, &failures);
    for (int d = 0; d < DEADLINES; d++) {
      sum[d] += one.error[d];
      norm[d] += one.error[d] > 1e-12 ? sqrt(one.error[d]) : 0.0;
      most[d] = fmax(most[d], one.error[d]);
      nonzero[d] += one.error[d] > 1e-12;
    }
  }
  testudo_simulation *found = simulate(design, model, &options);
  for (int d = 0; d < DEADLINES; d++) {
    assert_near(found->mse[d], sum[d] / TRIALS, 1e-9);
    assert_near(found->mean_norm[d], norm[d] / TRIALS, 1e-9);
    assert_near(found->error_max[d], most[d], 1e-9);
    assert_int_equal(found->error_trials[d], nonzero[d]);
  }
  testudo_simulation_free(found);
  testudo_i_failures_clear(&failures);
  testudo_i_plan_clear(&plan);
  return DEADLINES;
}

static void equals_dense_least_squares_trial_by_trial(void **state)
{
  (void)state;
  testudo_i_random random;
  testudo_i_random_start(&random, 40, TESTUDO_I_FOR_TEST, 0, 0);
  struct {
    testudo_design *design;
    bool solved;
  } all[] = {{irregular_design(&random, TESTUDO_SCHEME_PARTIAL, 12, 15, 3, 1, 0), true},
             {irregular_design(&random, TESTUDO_SCHEME_PARTIAL, 9, 5, 4, 1, 0), true},
             {cyclic_design(TESTUDO_SCHEME_PARTIAL, 14, 2, 1, 0), true},
             {cyclic_design(TESTUDO_SCHEME_PARTIAL, 24, 5, 1, 0), true},
             {cyclic_design(TESTUDO_SCHEME_PARTIAL, 1, 1, 1, 0), false},
             {repetition(TESTUDO_SCHEME_PARTIAL, 12, 12, 3), false},
             {repetition(TESTUDO_SCHEME_GRADIENT_CODE, 12, 8, 3), false},
             {cyclic_code(11, 3), true},
             {cyclic_code(24, 2), true},
             {cyclic_code(5, 4), false},
             {irregular_design(&random, TESTUDO_SCHEME_IGNORE_STRAGGLERS, 8, 13, 1, 1, 5), false},
             {irregular_design(&random, TESTUDO_SCHEME_UNCODED, 8, 13, 1, 1, 0), false}};
  static const char *const text[2] = {"exp:1.1", "shifted-exp:0.2,2.3"};
  double rates[24];
  int compared = 0;
  for (int j = 0; j < 24; j++)
    rates[j] = 0.5 + testudo_i_random_uniform(&random);
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
    for (int v = 0; v < 12; v++) {
      testudo_law *law = law_of(text[v % 2]);
      testudo_delay_model model = {.law = law, .rates = v / 2 % 2 ? rates : NULL, .workers = all[k].design->workers,
                                   .failures = (testudo_failure_kind)(v % 3)};
      model.structure = v / 6 ? TESTUDO_STRUCTURE_ADDITIVE : TESTUDO_STRUCTURE_SCALED;
      model.failed = model.failures == TESTUDO_FAILURES_EXACTLY ? 1 : 0;
      model.fail_prob = model.failures == TESTUDO_FAILURES_EACH ? 0.15 : 0.0;
      compared += compare_simulation(all[k].design, &model, 100 + (uint64_t)v, all[k].solved);
      testudo_law_free(law);
    }
    testudo_design_free(all[k].design);
  }
  assert_int_equal(compared, 12 * 12 * DEADLINES);
}

static void no_thread_changes_a_bit(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 2};
  testudo_design *design[] = {cyclic_design(TESTUDO_SCHEME_PARTIAL, 30, 4, 1, 0), cyclic_code(20, 3)};
  for (int k = 0; k < 2; k++) {
    testudo_simulation_options options = timed(333, 5, 1);
    testudo_simulation *one = simulate(design[k], &model, &options);
    options.threads = 3;
    testudo_simulation *three = simulate(design[k], &model, &options);
    assert_true(one->mse[1] > one->mse[3] && one->mse[3] > 0.0);
    assert_memory_equal(one->mse, three->mse, DEADLINES * sizeof(double));
    assert_memory_equal(one->mse_stderr, three->mse_stderr, DEADLINES * sizeof(double));
    assert_memory_equal(one->mean_norm, three->mean_norm, DEADLINES * sizeof(double));
    assert_memory_equal(one->completion, three->completion, (size_t)(333 - one->never) * sizeof(double));
    testudo_simulation_free(one);
    testudo_simulation_free(three);
    testudo_design_free(design[k]);
  }
  testudo_law_free(law);
}

static void a_least_squares_that_does_not_converge_is_said(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_design *design = cyclic_design(TESTUDO_SCHEME_PARTIAL, 60, 2, 1, 0);
  testudo_simulation_options options = timed(8, 5, 1);
  testudo_i_plan plan;
  testudo_i_workspace workspace;
  testudo_i_tally tally;
  double completion[8];
  assert_ok(testudo_i_plan_make(&plan, design, &model, &options, NULL));
  assert_ok(testudo_i_workspace_make(&workspace, &plan, NULL));
  assert_ok(testudo_i_tally_make(&tally, DEADLINES, NULL));
  assert_int_equal(testudo_i_batch_trials(&plan, TESTUDO_I_BATCH_ENTRIES), 8);
  testudo_i_combiner *combiner = testudo_i_combiner_of(workspace.solver.codec);
  assert_true(combiner->limit > 1000);
  assert_ok(testudo_i_batch_run(&plan, 5, 0.0, 0, 8, &workspace, completion, &tally));
  combiner->limit = 3;
  assert_status(testudo_i_batch_run(&plan, 5, 0.0, 0, 8, &workspace, completion, &tally), TESTUDO_ERROR_LIMIT);
  assert_non_null(strstr(workspace.failure.text, "did not converge in 3 steps"));
  testudo_i_tally_clear(&tally);
  testudo_i_workspace_clear(&workspace);
  testudo_i_plan_clear(&plan);
  testudo_design_free(design);
  testudo_law_free(law);
}

static void several_parts_and_huge_codes_are_refused(void **state)
{
  (void)state;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_simulation_options options = timed(8, 5, 2);
  testudo_simulation *found = NULL;
  testudo_error error = {""};
  testudo_design *two = cyclic_design(TESTUDO_SCHEME_PARTIAL, 6, 3, 2, 0), *huge = cyclic_code(1500, 1);
  assert_status(testudo_simulate(two, &model, &options, &found, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "one part only, the design has 2"));
  assert_status(testudo_simulate(huge, &model, &options, &found, &error), TESTUDO_ERROR_LIMIT);
  assert_non_null(strstr(error.text, "1500 workers"));
  assert_null(found);
  options.time_count = 0;
  testudo_simulation_free(simulate(two, &model, &options));
  testudo_simulation_free(simulate(huge, &model, &options));
  testudo_design_free(two);
  testudo_design_free(huge);
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equals_dense_least_squares_trial_by_trial),
      cmocka_unit_test(no_thread_changes_a_bit),
      cmocka_unit_test(a_least_squares_that_does_not_converge_is_said),
      cmocka_unit_test(several_parts_and_huge_codes_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
