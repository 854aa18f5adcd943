/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Very late iterations against exact laws, down to 1e-100, and against plain trials where no law is exact. */
#include "check.h"

#include <testudo/code.h>
#include <testudo/exact.h>
#include <testudo/rare.h>
#include <testudo/sample.h>


static testudo_law *law_of(const char *text)
{
  testudo_law *law = NULL;
  assert_ok(testudo_law_parse(text, &law, NULL));
  return law;
}

static testudo_design *cyclic_design(int32_t workers, int32_t load, int32_t parts)
{
  testudo_assignment assignment;
  testudo_design *design;
  assert_ok(testudo_assignment_cyclic(workers, load, &assignment, NULL));
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &assignment, parts, 1, "", &design, NULL));
  testudo_assignment_free(&assignment);
  return design;
}

/* The time at which the exact tail is p, or so. */
static double time_of_tail(testudo_latency *latency, double p)
{
  double low = -20, high = 40, tail, unused;
  for (int k = 0; k < 60; k++) {
    double middle = (low + high) / 2;
    assert_ok(testudo_latency_tail(latency, exp(middle), &tail, &unused, NULL));
    if (tail > p)
      low = middle;
    else
      high = middle;
  }
  return exp(high);
}

typedef struct tally {
  int intervals, missed;
  double widest; /* relative standard error where p < 1e-6 */
} tally;

static void compare(const testudo_design *design, const testudo_delay_model *model, testudo_report report,
                    uint64_t seed, tally *seen)
{
  static const double tail[] = {0.7, 0.1, 1e-3, 1e-6, 1e-9, 1e-14, 1e-40, 1e-100};
  enum { TIMES = sizeof tail / sizeof *tail };
  const testudo_analysis_options options = {report, 200000, 1e-9, NULL};
  const testudo_rare_options rare = {report, 4000, seed, 1, NULL};
  testudo_latency *latency;
  testudo_rare found[TIMES];
  double times[TIMES], exact[TIMES], unused, end;
  assert_ok(testudo_latency_create(design, model, &options, &latency, NULL));
  assert_true(testudo_latency_is_exact(latency));
  assert_ok(testudo_latency_tail(latency, HUGE_VAL, &end, &unused, NULL));
  size_t count = 0;
  for (size_t k = 0; k < TIMES; k++)
    if (tail[k] > 2 * end) {
      times[count] = time_of_tail(latency, tail[k]);
      assert_ok(testudo_latency_tail(latency, times[count], &exact[count], &unused, NULL));
      count++;
    }
  assert_ok(testudo_rare_tail(design, model, &rare, times, count, found, NULL));
  for (size_t k = 0; k < count; k++) {
    const testudo_rare *at = &found[k];
    assert_true(at->t == times[k] && at->low <= at->p && at->p <= at->high && at->high <= 1);
    assert_true(exact[k] <= at->union_bound * (1 + 1e-9));
    assert_true(fabs(at->p - exact[k]) <= 6.5 * at->stderr_p + 0.005 * exact[k]); /* 1e-10 a time, or rounding */
    seen->intervals++;
    seen->missed += !(at->low <= exact[k] * (1 + 1e-9) && exact[k] * (1 - 1e-9) <= at->high);
    if (exact[k] < 1e-6 && exact[k] > 1000 * end)
      seen->widest = fmax(seen->widest, at->stderr_p / exact[k]);
  }
  testudo_latency_free(latency);
}

static void agrees_with_exact_laws(void **state)
{
  (void)state;
  static const char *const law[] = {"exp:1", "shifted-exp:0.3,2", "pareto:1,2.5", "gamma:2,0.5", "lognormal:0,1"};
  tally seen = {0, 0, 0.0};
  uint64_t seed = 5;
  for (int32_t parts = 1; parts <= 3; parts++)
    for (size_t l = 0; l < sizeof law / sizeof *law; l++)
      for (int failures = 0; failures < 3; failures++) {
        testudo_law *of = law_of(law[l]);
        double rates[12];
        for (int j = 0; j < 12; j++)
          rates[j] = 0.5 + 0.1 * j;
        testudo_delay_model model = {.law = of, .rates = l == 1 ? rates : NULL, .workers = 12};
        model.failures = (testudo_failure_kind)failures;
        model.failed = failures == TESTUDO_FAILURES_EXACTLY ? 2 : 0;
        model.fail_prob = failures == TESTUDO_FAILURES_EACH ? 0.02 : 0.0;
        testudo_design *design = cyclic_design(12, 5, parts);
        compare(design, &model, TESTUDO_REPORT_CHUNK, seed++, &seen);
        compare(design, &model, TESTUDO_REPORT_WHOLE, seed++, &seen);
        testudo_design_free(design);
        testudo_law_free(of);
      }
  assert_true(seen.intervals > 300);
  /* Of so many intervals of confidence .95 more than this miss with probability 1e-6 at most. */
  assert_true(seen.missed <= seen.intervals * 0.05 + 4.8 * sqrt(seen.intervals * 0.05 * 0.95) + 1);
  assert_true(seen.widest < 0.05);
}

/* A random graph, with start-up time and rates, has no exact law here: against plain trials. */
static void agrees_with_plain_trials(void **state)
{
  (void)state;
  testudo_assignment assignment;
  testudo_design *design;
  testudo_law *law = law_of("lognormal:0,0.8"), *startup = law_of("exp:4");
  assert_ok(testudo_assignment_regular(40, 40, 4, 3, &assignment, NULL));
  assert_ok(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &assignment, 2, 1, "", &design, NULL));
  testudo_delay_model model = {.law = law, .startup = startup, .failures = TESTUDO_FAILURES_EXACTLY, .failed = 1};
  const double times[] = {6.0, 9.0, 13.0, 20.0};
  testudo_rare found[4], again[4];
  const testudo_rare_options rare = {TESTUDO_REPORT_CHUNK, 20000, 3, 2, NULL};
  const testudo_simulation_options plain = {.trials = 200000, .seed = 8, .threads = 2};
  testudo_simulation *simulation;
  assert_ok(testudo_rare_tail(design, &model, &rare, times, 4, found, NULL));
  assert_ok(testudo_simulate(design, &model, &plain, &simulation, NULL));
  for (int k = 0; k < 4; k++) {
    double p = 1 - testudo_simulation_cdf(simulation, times[k]);
    double off = sqrt(p * (1 - p) / 200000 + found[k].stderr_p * found[k].stderr_p);
    assert_true(p > 1e-4 && p < 0.95);
    assert_near(found[k].p, p, 6.2 * off);
  }
  /* Whatever the threads. */
  const testudo_rare_options alone = {TESTUDO_REPORT_CHUNK, 20000, 3, 1, NULL};
  assert_ok(testudo_rare_tail(design, &model, &alone, times, 4, again, NULL));
  for (int k = 0; k < 4; k++)
    assert_true(found[k].p == again[k].p && found[k].stderr_p == again[k].stderr_p);
  testudo_simulation_free(simulation);
  testudo_design_free(design);
  testudo_assignment_free(&assignment);
  testudo_law_free(law);
  testudo_law_free(startup);
}

static void one_row_is_exact_and_what_cannot_be_is_refused(void **state)
{
  (void)state;
  testudo_assignment assignment;
  testudo_design *design;
  testudo_law *law = law_of("exp:1");
  testudo_delay_model model = {.law = law};
  testudo_rare_options options = {TESTUDO_REPORT_WHOLE, 100, 1, 1, NULL};
  const double times[] = {0.0, 30.0}, wrong[] = {-1.0};
  const int32_t tolerance[] = {0, 1};
  testudo_rare found[2];
  testudo_error error = {""};
  assert_ok(testudo_assignment_uncoded(3, 3, &assignment, NULL));
  assert_ok(testudo_design_create_waiting(&assignment, 2, "", &design, NULL));
  assert_ok(testudo_rare_tail(design, &model, &options, times, 2, found, NULL));
  assert_true(found[0].p == 1 && found[0].low == 1);
  assert_close(found[1].p, 3 * exp(-60.0), 1e-9); /* two of three are late */
  assert_true(found[1].stderr_p == 0 && found[1].low == found[1].p && found[1].high == found[1].p);
  assert_status(testudo_rare_tail(design, &model, &options, wrong, 1, found, &error), TESTUDO_ERROR_ARGUMENT);
  options.trials = 99;
  assert_status(testudo_rare_tail(design, &model, &options, times, 2, found, &error), TESTUDO_ERROR_ARGUMENT);
  options.trials = 100;
  testudo_design_free(design);
  testudo_assignment_free(&assignment);
  options.report = TESTUDO_REPORT_CHUNK;
  assert_ok(testudo_design_create_nested(3, tolerance, 2, 1, "", &design, NULL));
  assert_status(testudo_rare_tail(design, &model, &options, times, 2, found, &error), TESTUDO_ERROR_LIMIT);
  assert_non_null(strstr(error.text, "nested"));
  testudo_design_free(design);
  testudo_law_free(law);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(agrees_with_exact_laws),
      cmocka_unit_test(agrees_with_plain_trials),
      cmocka_unit_test(one_row_is_exact_and_what_cannot_be_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
