/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every cyclic design of up to 6 workers and load 3: the exact law equals enumeration. */
#include "brute.h"

#define CLOSE 1e-12

static brute_design ring(int workers, int load, int parts)
{
  brute_design design = {.workers = workers, .chunks = workers, .parts = parts};
  for (int j = 0; j < workers; j++) {
    design.load[j] = load;
    for (int k = 0; k < load; k++)
      design.order[j][k] = (j + 2 + k) % workers;
  }
  return design;
}

static brute_model model_of(int atoms, int rated, int failures, bool whole, int workers)
{
  brute_model model = {.atoms = atoms, .value = {0.73, 1.91, 3.1}, .weight = {5, 3, 2}, .whole = whole};
  static const double rates[BRUTE_WORKERS] = {1, 2.25, 0.8, 1, 0.8, 1.7};
  for (int j = 0; j < BRUTE_WORKERS; j++)
    model.rate[j] = rated ? rates[j] : 1;
  if (failures == 1 || failures == 2) {
    model.failures = TESTUDO_FAILURES_EXACTLY;
    model.failed = failures > workers ? workers : failures;
  } else if (failures == 3) {
    model.failures = TESTUDO_FAILURES_EACH;
    model.fail_prob = 0.17;
  }
  return model;
}

/* How many of the comparisons fail; `said` prints the first. */
static int mismatches;
static bool said;

static void compare(const char *what, double t, double found, double wanted, double allowed)
{
  if (found == wanted || fabs(found - wanted) <= allowed)
    return;
  if (!said)
    print_error("%s at %.17g: %.17g, enumerated %.17g\n", what, t, found, wanted);
  said = true;
  mismatches++;
}

static void compare_at(testudo_latency *latency, const brute_law *law, double t)
{
  double lower, upper, wanted = brute_cdf(law, t);
  assert_ok(testudo_latency_cdf(latency, t, &lower, &upper, NULL));
  compare("P(T<=t)", t, lower, wanted, CLOSE);
  compare("P(T<=t), upper", t, upper, wanted, CLOSE);
  assert_ok(testudo_latency_tail(latency, t, &lower, &upper, NULL));
  compare("P(T>t)", t, lower, 1 - wanted, CLOSE);
  compare("P(T>t), upper", t, upper, 1 - wanted, CLOSE);
}

static void compare_curve(testudo_latency *latency, const brute_law *law)
{
  double before = 0;
  compare_at(latency, law, -1);
  compare_at(latency, law, 0);
  for (size_t k = 0; k < law->outcomes && !isinf(law->outcome[k].time); k++) {
    double t = law->outcome[k].time;
    if (t == before)
      continue;
    compare_at(latency, law, t);
    compare_at(latency, law, nextafter(t, 0));
    compare_at(latency, law, (t + before) / 2);
    before = t;
  }
  compare_at(latency, law, 2 * before + 1);
  compare_at(latency, law, HUGE_VAL);
}

static void compare_summary(testudo_latency *latency, const brute_law *law)
{
  testudo_summary summary;
  assert_ok(testudo_latency_summary(latency, &summary, NULL));
  compare("P(never)", HUGE_VAL, summary.p_never, 1 - law->finite, CLOSE);
  if (law->finite < 1e-9) {
    assert_int_equal(summary.status, TESTUDO_MEAN_INFINITE);
    return;
  }
  assert_int_equal(summary.status, TESTUDO_MEAN_EXACT);
  compare("mean", 0, summary.mean, law->mean, CLOSE * law->mean);
  compare("stddev", 0, summary.stddev, law->stddev, 1e-6 * law->mean);
  static const double wanted[] = {0.0317, 0.3713, 0.8419};
  for (int k = 0; k < 3; k++) {
    double lower, upper, least = brute_quantile(law, wanted[k]);
    assert_ok(testudo_latency_quantile(latency, wanted[k], &lower, &upper, NULL));
    compare("quantile", wanted[k], lower, least, 0);
    compare("quantile, upper", wanted[k], upper, least, 0);
  }
}

static void compare_error(const testudo_design *found, const testudo_delay_model *model, const brute_design *design,
                          const brute_model *wanted, const brute_law *law)
{
  const double times[] = {-1, 0, 0.73, 1, 1.91, 3.82, 6.2, 9.3, HUGE_VAL};
  enum { COUNT = sizeof times / sizeof *times };
  double mse[COUNT];
  assert_ok(testudo_expected_error(found, model, TESTUDO_REPORT_CHUNK, times, COUNT, mse, NULL));
  for (int k = 0; k < COUNT; k++) {
    double t = times[k] == HUGE_VAL ? 1e9 : times[k];
    compare("error", times[k], mse[k], brute_error(design, wanted, law, t), CLOSE * 20);
  }
}

/* The library computes `design`; `enumerated` is what it is compared with. */
static int compare_case(const brute_design *design, const brute_design *enumerated, const brute_model *model)
{
  mismatches = 0;
  brute_case made = brute_case_start(design, enumerated, model);
  testudo_analysis_options options = plain_options;
  options.report = made.report;
  options.rel_error = 1e-14;
  testudo_latency *latency = latency_with(made.design, &made.delay, &options);
  assert_true(testudo_latency_is_exact(latency));
  compare_curve(latency, &made.wanted);
  compare_summary(latency, &made.wanted);
  if (!model->whole)
    compare_error(made.design, &made.delay, enumerated, model, &made.wanted);
  testudo_latency_free(latency);
  brute_case_clear(&made);
  return mismatches;
}

static void equals_enumeration_up_to_6_workers_and_load_3(void **state)
{
  (void)state;
  int cases = 0;
  said = false;
  for (int workers = 1; workers <= 6; workers++)
    for (int load = 1; load <= workers && load <= 3; load++)
      for (int parts = 1; parts <= load; parts++)
        for (int kind = 0; kind < 32; kind++) {
          brute_design design = ring(workers, load, parts);
          brute_model model = model_of(2 + kind % 2, kind / 2 % 2, kind / 4 % 4, kind / 16 == 1, workers);
          if (compare_case(&design, &design, &model) != 0) {
            print_error("workers %d load %d parts %d kind %d\n", workers, load, parts, kind);
            fail();
          }
          cases++;
        }
  assert_int_equal(cases, 896);
}

/* Worker j starts at chunk turn + step * j and goes on at the distances of pattern. */
static brute_design shifted(int workers, int load, int parts, const int *pattern, int step)
{
  brute_design design = {.workers = workers, .chunks = workers, .parts = parts};
  for (int j = 0; j < workers; j++) {
    design.load[j] = load;
    for (int k = 0; k < load; k++)
      design.order[j][k] = (1 + step * j + pattern[k]) % workers;
  }
  return design;
}

/* Numbers 0 .. count-1 as patterns: 0, then load - 1 different distances; false for one that repeats. */
static bool nth_pattern(int workers, int load, int number, int *pattern)
{
  pattern[0] = 0;
  for (int k = 1; k < load; k++, number /= workers - 1) {
    pattern[k] = 1 + number % (workers - 1);
    for (int i = 1; i < k; i++)
      if (pattern[i] == pattern[k])
        return false;
  }
  return number == 0;
}

/* Every order that all workers share, of every circulant assignment, natural or not: with steps of 1 and -1 from worker
   to worker, and a model or two each. */
static void equals_enumeration_in_every_shared_order(void **state)
{
  (void)state;
  int cases = 0;
  said = false;
  for (int workers = 3; workers <= 6; workers++)
    for (int load = 2; load <= workers && load <= 4; load++)
      for (int number = 0, pattern[4]; number < 216; number++) {
        if (!nth_pattern(workers, load, number, pattern) || (workers == 6 && load == 4 && number % 3 != 0))
          continue;
        int parts = 1 + cases % load, kind = (cases * 7 + workers) % 32;
        brute_design design = shifted(workers, load, parts, pattern, cases % 2 == 0 ? 1 : workers - 1);
        int atoms = 2 + (workers < 6 && kind % 2);
        brute_model model = model_of(atoms, kind / 2 % 2, kind / 4 % 4, kind / 16 == 1, workers);
        if (compare_case(&design, &design, &model) != 0) {
          print_error("workers %d load %d parts %d pattern %d kind %d\n", workers, load, parts, number, kind);
          fail();
        }
        cases++;
      }
  print_message("%d shared orders\n", cases);
  assert_true(cases > 90);
}

/* The law of one order is not that of another. */
static void rejects_another_shared_order(void **state)
{
  (void)state;
  const int pattern[] = {0, 3, 1, 2}, other[] = {0, 1, 2, 3};
  brute_model model = model_of(2, 0, 0, false, 6);
  brute_design design = shifted(6, 4, 1, pattern, 1), natural = shifted(6, 4, 1, other, 1);
  said = true;
  assert_true(compare_case(&design, &design, &model) == 0);
  assert_true(compare_case(&design, &natural, &model) > 0);
}

static void rejects_a_wrong_l_and_a_swapped_order(void **state)
{
  (void)state;
  int cases = 0;
  for (int workers = 4; workers <= 5; workers++)
    for (int failures = 0; failures <= 3; failures += 3, cases++) {
      brute_model model = model_of(3, 0, failures, false, workers);
      brute_design design = ring(workers, 3, 1), other = ring(workers, 3, 2), swapped = design;
      swapped.order[1][1] = design.order[1][2];
      swapped.order[1][2] = design.order[1][1];
      said = true;
      assert_true(compare_case(&design, &design, &model) == 0);
      assert_true(compare_case(&design, &other, &model) > 0);
      assert_true(compare_case(&design, &swapped, &model) > 0);
      brute_model slower = model;
      slower.weight[2] = 3;
      brute_law wanted = brute_enumerate(&design, &slower), right = brute_enumerate(&design, &model);
      assert_true(fabs(wanted.mean - right.mean) > 1e-3);
      free(wanted.outcome);
      free(right.outcome);
    }
  assert_int_equal(cases, 4);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equals_enumeration_up_to_6_workers_and_load_3),
      cmocka_unit_test(equals_enumeration_in_every_shared_order),
      cmocka_unit_test(rejects_another_shared_order),
      cmocka_unit_test(rejects_a_wrong_l_and_a_swapped_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
