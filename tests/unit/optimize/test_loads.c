/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loads for rates against the trying of all, and arcs. */
#include "check.h"

#include <testudo/optimize.h>

#include "base/random.h"

enum { MOST = 6 };

/* The least makespan of loads that sum to `left` on workers j.., by trying all. */
static double best_of_all(const double *rates, int32_t workers, int32_t chunks, int32_t j, int32_t left)
{
  if (j == workers)
    return left == 0 ? 0.0 : HUGE_VAL;
  double best = HUGE_VAL;
  for (int32_t load = 0; load <= chunks && load <= left; load++) {
    double rest = best_of_all(rates, workers, chunks, j + 1, left - load);
    best = fmin(best, fmax(load / rates[j], rest));
  }
  return best;
}

/* The root of sum min(N, M r_j) = copies by bisection. */
static double level_by_bisection(const double *rates, int32_t workers, int32_t chunks, int32_t copies)
{
  double low = 0.0, high = 1e6;
  for (int k = 0; k < 200; k++) {
    double middle = 0.5 * (low + high), held = 0.0;
    for (int32_t j = 0; j < workers; j++)
      held += fmin(chunks, middle * rates[j]);
    if (held < copies)
      low = middle;
    else
      high = middle;
  }
  return high;
}

static void loads_equal_the_best_of_all(void **state)
{
  (void)state;
  int gaps = 0, full = 0;
  for (int k = 0; k < 400; k++) {
    testudo_i_random random;
    double rates[MOST];
    int32_t loads[MOST], sum = 0;
    testudo_makespan makespan;
    testudo_i_random_start(&random, 4, TESTUDO_I_FOR_TEST, (uint64_t)k, 2);
    int32_t workers = 1 + (int32_t)testudo_i_random_below(&random, 5);
    int32_t chunks = 1 + (int32_t)testudo_i_random_below(&random, 6);
    int32_t replication = 1 + (int32_t)testudo_i_random_below(&random, (uint64_t)workers);
    for (int32_t j = 0; j < workers; j++)
      rates[j] = k % 2 == 0 ? 0.1 + 5.0 * testudo_i_random_uniform(&random)
                            : (double)(1 << testudo_i_random_below(&random, 4));
    int32_t copies = chunks * replication;
    assert_ok(testudo_loads_for_rates(workers, chunks, replication, rates, loads, &makespan, NULL));
    for (int32_t j = 0; j < workers; j++) {
      assert_in_range(loads[j], 0, chunks);
      sum += loads[j];
      full += loads[j] == chunks;
    }
    assert_int_equal(sum, copies);
    assert_close(makespan.value, best_of_all(rates, workers, chunks, 0, copies), 1e-14);
    assert_close(makespan.bound, level_by_bisection(rates, workers, chunks, copies), 1e-12);
    assert_true(makespan.sooner < copies);
    gaps += makespan.value > makespan.bound * (1 + 1e-9);
    testudo_assignment arcs;
    assert_ok(testudo_assignment_arcs(workers, chunks, loads, &arcs, NULL));
    int32_t copies_of[MOST] = {0};
    for (int32_t j = 0; j < workers; j++) {
      unsigned seen = 0;
      assert_int_equal(arcs.row[j + 1] - arcs.row[j], loads[j]);
      for (int64_t e = arcs.row[j]; e < arcs.row[j + 1]; e++) {
        assert_true((seen >> arcs.chunk[e] & 1) == 0);
        seen |= 1u << arcs.chunk[e];
        copies_of[arcs.chunk[e]]++;
        assert_true(e == arcs.row[j] || arcs.chunk[e] == (arcs.chunk[e - 1] + 1) % chunks);
      }
    }
    for (int32_t i = 0; i < chunks; i++)
      assert_int_equal(copies_of[i], replication);
    testudo_assignment_free(&arcs);
  }
  assert_true(gaps > 100 && full > 100);
}

/* 24 workers of rates 1, 2, 4: 96 copies at level 96 / 56 = 12/7. A worker of rate 4 holds 7 by 1.75, one of rate 2
   three, one of rate 1 one: 88, so eight more are needed, which the workers of rate 1 or 2 finish at 2. */
static void rates_1_2_4(void **state)
{
  (void)state;
  double rates[24];
  int32_t loads[24];
  testudo_makespan makespan;
  for (int j = 0; j < 24; j++)
    rates[j] = 1 << j % 3;
  assert_ok(testudo_loads_for_rates(24, 24, 4, rates, loads, &makespan, NULL));
  assert_close(makespan.bound, 12.0 / 7.0, 1e-15);
  assert_true(makespan.value == 2.0);
  assert_int_equal(makespan.sooner, 8 * (1 + 3 + 7));
}

static void refusals_name_the_place(void **state)
{
  (void)state;
  double rates[3] = {1.0, 0.0, 2.0};
  int32_t loads[3] = {2, 4, 0};
  testudo_makespan makespan;
  testudo_assignment arcs;
  testudo_error error = {""};
  assert_status(testudo_loads_for_rates(3, 3, 2, rates, loads, &makespan, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "rate of worker 1: 0, but 1e-100 to 1e100 are allowed");
  assert_status(testudo_loads_for_rates(3, 3, 4, rates, loads, &makespan, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "replication: 4, but 3 workers allow 1..3");
  assert_status(testudo_loads_for_rates(0, 3, 1, rates, loads, &makespan, &error), TESTUDO_ERROR_ARGUMENT);
  loads[0] = 2;
  assert_status(testudo_assignment_arcs(3, 3, loads, &arcs, &error), TESTUDO_ERROR_ARGUMENT);
  assert_string_equal(error.text, "load of worker 1: 4, but an arc of 3 chunks allows 0..3");
  loads[1] = 3;
  assert_status(testudo_assignment_arcs(3, 3, loads, &arcs, &error), TESTUDO_ERROR_ARGUMENT);
  assert_non_null(strstr(error.text, "the loads sum to 5, but"));
  loads[0] = loads[1] = 0;
  assert_status(testudo_assignment_arcs(3, 3, loads, &arcs, &error), TESTUDO_ERROR_ARGUMENT);
  assert_null(arcs.row);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(loads_equal_the_best_of_all),
      cmocka_unit_test(rates_1_2_4),
      cmocka_unit_test(refusals_name_the_place),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
