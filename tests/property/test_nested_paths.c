/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nested beside the fixed codes of its set and partial(l=1), path by path; and its costs, counted again. */
#include "../unit/exact/cases.h"

#include <testudo/sample.h>

#include "sample/draw.h"
#include "sample/kernels/kernel.h"

#define WORKERS 10
#define TRIALS 100000

static const int32_t tolerance[] = {0, 2, 3};
static const char *const laws[] = {"exp:1", "pareto:1,1.5", "shifted-exp:0.5,2"};

typedef struct world {
  testudo_design *nested, *partial;
  testudo_law *law;
  testudo_delay_model model;
  testudo_i_plan nested_plan, partial_plan;
  testudo_i_failures failures;
  double *time, *room;
} world;

static void open_world(world *w, const char *law, testudo_structure structure, int32_t failed)
{
  memset(w, 0, sizeof *w);
  assert_ok(testudo_design_create_nested(WORKERS, tolerance, 3, 1, "", &w->nested, NULL));
  w->partial = cyclic(WORKERS, 4, 1);
  w->law = law_of(law);
  w->model = (testudo_delay_model){.law = w->law, .structure = structure, .failed = failed,
                                   .failures = failed > 0 ? TESTUDO_FAILURES_EXACTLY : TESTUDO_FAILURES_NONE};
  testudo_simulation_options options = {.trials = 1};
  assert_ok(testudo_i_plan_make(&w->nested_plan, w->nested, &w->model, &options, NULL));
  assert_ok(testudo_i_plan_make(&w->partial_plan, w->partial, &w->model, &options, NULL));
  assert_ok(testudo_i_failures_make(&w->failures, WORKERS, NULL));
  w->time = malloc(sizeof(double) * (size_t)w->nested_plan.slots);
  w->room = malloc(sizeof(double) * (testudo_i_kernel_room(&w->nested_plan) +
                                     testudo_i_kernel_room(&w->partial_plan)));
}

static void close_world(world *w)
{
  testudo_i_plan_clear(&w->nested_plan);
  testudo_i_plan_clear(&w->partial_plan);
  testudo_i_failures_clear(&w->failures);
  free(w->time);
  free(w->room);
  testudo_law_free(w->law);
  testudo_design_free(w->nested);
  testudo_design_free(w->partial);
}

/* Own arithmetic: when worker j has done k chunks. */
static double own_time(const world *w, int32_t j, int32_t k)
{
  return w->nested_plan.timed ? w->time[j * 4 + k - 1] : k * w->time[j];
}

/* The time of the fixed code: the (n - s)-th smallest time of s + 1 chunks. */
static double fixed_time(const world *w, int32_t s)
{
  double sorted[WORKERS];
  for (int32_t j = 0; j < WORKERS; j++) {
    double own = own_time(w, j, s + 1);
    int32_t at = j;
    for (; at > 0 && sorted[at - 1] > own; at--)
      sorted[at] = sorted[at - 1];
    sorted[at] = own;
  }
  return sorted[WORKERS - s - 1];
}

static void nested_is_the_least_fixed_code_and_never_before_partial(void **state)
{
  (void)state;
  for (int structure = 0; structure < 2; structure++)
    for (size_t k = 0; k < sizeof laws / sizeof *laws; k++) {
      world w;
      open_world(&w, laws[k], structure == 1 ? TESTUDO_STRUCTURE_ADDITIVE : TESTUDO_STRUCTURE_SCALED, 0);
      long strictly_before[3] = {0}, later = 0;
      for (int64_t trial = 0; trial < TRIALS; trial++) {
        double nested, partial, least = HUGE_VAL;
        testudo_i_draw_base(&w.nested_plan, 17, trial, &w.failures, w.time);
        testudo_i_kernel_base(&w.nested_plan, w.time, &nested, NULL, w.room);
        testudo_i_kernel_base(&w.partial_plan, w.time, &partial, NULL, w.room);
        for (int level = 0; level < 3; level++) {
          double fixed = fixed_time(&w, tolerance[level]);
          if (!(nested <= fixed))
            fail_msg("trial %lld: nested %.17g after GC(%d) %.17g", (long long)trial, nested, (int)tolerance[level],
                     fixed);
          strictly_before[level] += nested < fixed;
          least = fmin(least, fixed);
        }
        assert_true(nested == least);
        if (!(nested >= partial))
          fail_msg("trial %lld: nested %.17g before partial %.17g", (long long)trial, nested, partial);
        later += nested > partial;
      }
      /* No inequality is an equality in disguise. */
      for (int level = 0; level < 3; level++)
        assert_true(strictly_before[level] > TRIALS / 1000);
      assert_true(later > TRIALS / 100);
      close_world(&w);
    }
}

static void the_gain_is_counted_trial_by_trial(int32_t failed)
{
  enum { COUNT = 4000 };
  world w;
  open_world(&w, "exp:1", TESTUDO_STRUCTURE_SCALED, failed);
  testudo_simulation_options options = {.trials = COUNT, .seed = 5, .threads = 2};
  testudo_partial_gain *gain;
  assert_ok(testudo_simulate_partial_gain(w.nested, &w.model, &options, &gain, NULL));
  double sum = 0, squares = 0, largest = 0;
  long both = 0, equal = 0, never = 0, only = 0;
  for (int64_t trial = 0; trial < COUNT; trial++) {
    double nested, partial;
    testudo_i_draw_base(&w.nested_plan, 5, trial, &w.failures, w.time);
    testudo_i_kernel_base(&w.nested_plan, w.time, &nested, NULL, w.room);
    testudo_i_kernel_base(&w.partial_plan, w.time, &partial, NULL, w.room);
    if (isinf(nested)) {
      never += isinf(partial) != 0;
      only += !isinf(partial);
      continue;
    }
    both++;
    equal += nested == partial;
    sum += nested - partial;
    squares += (nested - partial) * (nested - partial);
    largest = fmax(largest, nested - partial);
  }
  assert_int_equal(gain->trials, COUNT);
  assert_int_equal(gain->count, both);
  assert_int_equal(gain->never, never);
  assert_int_equal(gain->only_partial, only);
  if (both > 0) {
    double mean = sum / (double)both;
    assert_close(gain->mean, mean, 1e-10);
    assert_close(gain->mean_stderr, sqrt((squares / (double)both - mean * mean) / ((double)both - 1)), 1e-6);
    assert_close(gain->equal, (double)equal / (double)both, 1e-12);
    assert_true(testudo_partial_gain_quantile(gain, 0.9999999) == largest);
    assert_true(testudo_partial_gain_quantile(gain, 0.5) <= testudo_partial_gain_quantile(gain, 0.9));
  } else
    assert_true(isnan(gain->mean) && isnan(testudo_partial_gain_quantile(gain, 0.5)));
  testudo_partial_gain_free(gain);
  close_world(&w);
}

static void the_gain_over_partial_is_the_difference_on_the_same_draws(void **state)
{
  (void)state;
  the_gain_is_counted_trial_by_trial(0);
  the_gain_is_counted_trial_by_trial(3);
  the_gain_is_counted_trial_by_trial(5); /* nested never ends, partial sometimes does */
}

static void only_nested_designs_have_a_gain(void **state)
{
  (void)state;
  world w;
  open_world(&w, "exp:1", TESTUDO_STRUCTURE_SCALED, 0);
  testudo_simulation_options options = {.trials = 10};
  testudo_partial_gain *gain = (testudo_partial_gain *)&w;
  testudo_error error = {""};
  assert_status(testudo_simulate_partial_gain(w.partial, &w.model, &options, &gain, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "scheme partial is not nested: there is no gain to measure");
  assert_null(gain);
  options.report = TESTUDO_REPORT_WHOLE;
  testudo_simulation *simulation;
  assert_status(testudo_simulate(w.nested, &w.model, &options, &simulation, &error), TESTUDO_ERROR_ARGUMENT);
  close_world(&w);
}

static void work_counts_chunks_and_the_rows_that_are_sent(void **state)
{
  (void)state;
  enum { COUNT = 2000 };
  world w;
  open_world(&w, "exp:1", TESTUDO_STRUCTURE_SCALED, 0);
  testudo_simulation_options options = {.trials = COUNT, .seed = 9};
  testudo_work work;
  assert_ok(testudo_simulate_work(w.nested, &w.model, &options, &work, NULL));
  double chunks = 0, messages = 0;
  for (int64_t trial = 0; trial < COUNT; trial++) {
    testudo_i_draw_base(&w.nested_plan, 9, trial, &w.failures, w.time);
    double t = HUGE_VAL;
    int32_t announced = -1;
    for (int level = 2; level >= 0; level--)
      if (fixed_time(&w, tolerance[level]) <= t) {
        t = fixed_time(&w, tolerance[level]);
        announced = tolerance[level];
      }
    for (int32_t j = 0; j < WORKERS; j++) {
      for (int32_t k = 1; k <= 4; k++)
        chunks += own_time(&w, j, k) <= t;
      messages += own_time(&w, j, announced + 1) <= t;
    }
  }
  assert_close(work.chunks, chunks / COUNT, 1e-12);
  assert_close(work.messages, messages / COUNT, 1e-12);
  close_world(&w);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nested_is_the_least_fixed_code_and_never_before_partial),
      cmocka_unit_test(the_gain_over_partial_is_the_difference_on_the_same_draws),
      cmocka_unit_test(only_nested_designs_have_a_gain),
      cmocka_unit_test(work_counts_chunks_and_the_rows_that_are_sent),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
