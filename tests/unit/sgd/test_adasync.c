/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AdaSync: closed forms against the objective that they minimise, schedules against the choice at every loss. */
#include "check.h"

#include <testudo/convergence.h>

#include "base/random.h"

enum { WORKERS = 20 };

static testudo_assumptions problem(void)
{
  return (testudo_assumptions){.smoothness = 2.0, .convexity = 0.4, .variance = 6.0, .batch = 3, .wait = 1,
                               .step = 0.05, .staleness = 0.3, .fresh = 0.1, .gap = 40.0};
}

static double objective(const testudo_assumptions *a, double gap, double time, double interval, double wait)
{
  return 2.0 * gap * time / (interval * a->step) + a->smoothness * a->step * a->variance / (wait * a->batch);
}

/* E T of a real K: proportional, or -log(1 - K/P), of which the exponential order statistic is the discrete form. */
static double real_time(testudo_adasync_rule rule, double wait)
{
  return rule == TESTUDO_ADASYNC_PROPORTIONAL ? wait / WORKERS : -log1p(-wait / WORKERS);
}

/* With the interval for which K_0 is best at the start, the closed form is best at every other gap. */
static void closed_forms_minimise_the_objective(void **state)
{
  (void)state;
  testudo_assumptions a = problem();
  for (testudo_adasync_rule rule = TESTUDO_ADASYNC_PROPORTIONAL; rule <= TESTUDO_ADASYNC_EXPONENTIAL; rule++)
    for (int32_t first = 1; first < WORKERS; first += 3) {
      double slope = rule == TESTUDO_ADASYNC_PROPORTIONAL ? 1.0 / WORKERS : 1.0 / (WORKERS - first);
      double interval = 2.0 * a.gap * slope * first * first * a.batch /
                        (a.step * a.step * a.smoothness * a.variance);
      for (double ratio = 1.0; ratio > 1e-4; ratio *= 0.6) {
        double wait;
        assert_ok(testudo_adasync_real(rule, WORKERS, first, ratio, &wait, NULL));
        double gap = a.gap * ratio, best = objective(&a, gap, real_time(rule, wait), interval, wait);
        for (double other = 0.01; other < WORKERS; other += 0.01)
          assert_true(objective(&a, gap, real_time(rule, other), interval, other) >= best * (1.0 - 1e-12));
        if (rule == TESTUDO_ADASYNC_EXPONENTIAL)
          assert_close(wait * wait / (WORKERS - wait), (double)first * first / (WORKERS - first) / ratio, 1e-9);
        else
          assert_close(wait, fmin(WORKERS, first / sqrt(ratio)), 1e-14);
      }
    }
}

static void closed_forms_end_where_they_must(void **state)
{
  (void)state;
  double wait;
  assert_ok(testudo_adasync_real(TESTUDO_ADASYNC_EXPONENTIAL, 8, 8, 0.5, &wait, NULL));
  assert_true(wait == 8.0);
  assert_ok(testudo_adasync_real(TESTUDO_ADASYNC_EXPONENTIAL, 8, 4, 1e-320, &wait, NULL));
  assert_true(wait == 8.0);
  assert_ok(testudo_adasync_real(TESTUDO_ADASYNC_PROPORTIONAL, 8, 4, 1e-320, &wait, NULL));
  assert_true(wait == 8.0);
  assert_ok(testudo_adasync_real(TESTUDO_ADASYNC_EXPONENTIAL, 8, 4, 4.0, &wait, NULL)); /* the loss has risen */
  assert_true(wait < 4.0);
}

static void some_times(testudo_i_random *draws, double *time, int kind)
{
  double sum = 0.0;
  for (int k = 1; k <= WORKERS; k++) {
    sum += 1.0 / (WORKERS - k + 1);
    time[k - 1] = kind == 0 ? sum : kind == 1 ? k / (double)WORKERS : 0.2 + 2.0 * testudo_i_random_uniform(draws);
  }
  if (kind == 2)
    time[6] = HUGE_VAL;
}

static int32_t plan_at(const testudo_wait_plan *plan, double loss)
{
  int32_t wait = plan->wait[0];
  for (int32_t i = 1; i < plan->count && loss <= plan->at[i]; i++)
    wait = plan->wait[i];
  return wait;
}

static void schedules_by_loss_are_the_choice_at_every_loss(void **state)
{
  (void)state;
  testudo_i_random draws;
  testudo_i_random_start(&draws, 5, TESTUDO_I_FOR_TEST, 0, 0);
  testudo_assumptions a = problem();
  for (int c = 0; c < 90; c++) {
    double time[WORKERS], variance[WORKERS], offset = 0.05 * (c % 4); /* sigma^2 by K, of what an average leaves */
    some_times(&draws, time, c % 3);
    for (int k = 0; k < WORKERS; k++)
      variance[k] = a.variance + offset * (k + 1);
    testudo_wait_costs costs = {WORKERS, time, NULL, NULL, c % 4 == 0 ? NULL : variance};
    testudo_adasync adasync = {.rule = (testudo_adasync_rule)(c / 3 % 3), .optimum = 1.5, .first = 1 + c % WORKERS,
                               .interval = exp(6.0 * testudo_i_random_uniform(&draws) + 2.0)};
    testudo_wait_plan plan;
    assert_ok(testudo_adasync_by_loss(&a, &costs, &adasync, &plan, NULL));
    assert_close(plan.at[0], a.gap + 1.5, 1e-14);
    for (int32_t i = 1; i < plan.count; i++) {
      assert_true(plan.wait[i] > plan.wait[i - 1]);
      assert_true(plan.at[i] < plan.at[i - 1]);
    }
    for (double gap = a.gap; gap > 1e-5; gap *= 0.97) {
      int32_t wait;
      assert_ok(testudo_adasync_wait(&a, &costs, &adasync, gap, &wait, NULL));
      if (adasync.rule == TESTUDO_ADASYNC_SEARCH) {
        double best = HUGE_VAL; /* brute force here too */
        for (int k = 1; k <= WORKERS; k++)
          best = fmin(best, objective(&a, gap, time[k - 1], adasync.interval, k));
        best += a.smoothness * a.step * offset / a.batch; /* the same whatever K */
        double chosen = objective(&a, gap, time[wait - 1], adasync.interval, wait);
        assert_close(chosen + a.smoothness * a.step * offset / a.batch, best, 1e-13);
      }
      assert_int_equal(plan_at(&plan, gap + 1.5), wait);
    }
    testudo_wait_plan_clear(&plan);
    assert_null(plan.at);
  }
}

/* Thresholds that fall into one by rounding leave the largest K. */
static void thresholds_fall_strictly(void **state)
{
  (void)state;
  testudo_assumptions a = problem();
  double time[WORKERS];
  some_times(NULL, time, 1);
  testudo_wait_costs costs = {WORKERS, time, NULL, NULL, NULL};
  for (testudo_adasync_rule rule = TESTUDO_ADASYNC_SEARCH; rule <= TESTUDO_ADASYNC_EXPONENTIAL; rule++) {
    testudo_adasync adasync = {.rule = rule, .optimum = 1e16, .first = 2, .interval = 500.0};
    testudo_wait_plan plan;
    assert_ok(testudo_adasync_by_loss(&a, &costs, &adasync, &plan, NULL));
    assert_true(plan.count > 1 && plan.count < WORKERS - 3);
    for (int32_t i = 1; i < plan.count; i++)
      assert_true(plan.at[i] < plan.at[i - 1] && plan.wait[i] > plan.wait[i - 1]);
    assert_true(plan.wait[plan.count - 1] >= WORKERS - 1);
    testudo_wait_plan_clear(&plan);
  }
}

/* The published closed form's thresholds: K + 1 from the loss F(w_0) (K_0 / (K + 1))^2 on. */
static void thresholds_of_the_closed_forms(void **state)
{
  (void)state;
  testudo_assumptions a = problem();
  double time[4] = {1.0, 2.0, 3.0, 4.0};
  testudo_wait_costs costs = {4, time, NULL, NULL, NULL};
  testudo_adasync adasync = {.rule = TESTUDO_ADASYNC_PROPORTIONAL, .first = 2};
  testudo_wait_plan plan;
  assert_ok(testudo_adasync_by_loss(&a, &costs, &adasync, &plan, NULL));
  assert_int_equal(plan.count, 3);
  assert_close(plan.at[1], 40.0 * 4.0 / 9.0, 1e-14);
  assert_close(plan.at[2], 10.0, 1e-14);
  assert_int_equal(plan.wait[2], 4);
  testudo_wait_plan_clear(&plan);
  adasync.rule = TESTUDO_ADASYNC_EXPONENTIAL; /* 4 of 4 at the optimum only, which has no place in a schedule */
  assert_ok(testudo_adasync_by_loss(&a, &costs, &adasync, &plan, NULL));
  assert_int_equal(plan.count, 2);
  assert_close(plan.at[1], 40.0 * 2.0 / 9.0, 1e-14); /* K^2 / (4 - K) from 2 to 9 */
  testudo_wait_plan_clear(&plan);
}

/* The predicted loss, computed again: each interval goes on by interval / E T updates of the bound's recursion. */
static void schedules_by_time_follow_the_bound(void **state)
{
  (void)state;
  testudo_i_random draws;
  testudo_i_random_start(&draws, 6, TESTUDO_I_FOR_TEST, 0, 0);
  testudo_assumptions a = problem();
  int rises = 0;
  for (int c = 0; c < 12; c++) {
    double time[WORKERS];
    some_times(&draws, time, c % 2);
    testudo_wait_costs costs = {WORKERS, time, NULL, NULL, NULL};
    testudo_adasync adasync = {.rule = (testudo_adasync_rule)(c / 2 % 3), .first = 2, .interval = 3.0};
    testudo_bound bound = c < 6 ? TESTUDO_BOUND_SYNC : TESTUDO_BOUND_ASYNC;
    testudo_wait_plan plan;
    assert_ok(testudo_adasync_by_time(&a, bound, &costs, &adasync, 300.0, &plan, NULL));
    double gap = a.gap, gain = c < 6 ? 1.0 : 1.0 - a.staleness + a.fresh / 2.0, rho = a.step * a.convexity * gain;
    int32_t last = 0, entry = 0;
    for (int i = 0; i < 100; i++) {
      int32_t wait;
      assert_ok(testudo_adasync_wait(&a, &costs, &adasync, gap, &wait, NULL));
      if (wait > last) {
        assert_true(entry < plan.count);
        assert_close(plan.at[entry], 3.0 * i, 1e-14);
        assert_int_equal(plan.wait[entry++], wait);
        last = wait;
      }
      double floor = a.step * a.step * a.smoothness * a.variance / (2.0 * rho * last * a.batch);
      gap = floor + (gap - floor) * pow(1.0 - rho, 3.0 / time[last - 1]);
    }
    assert_int_equal(plan.count, entry);
    rises += entry - 1;
    testudo_wait_plan_clear(&plan);
  }
  assert_true(rises > 12);
}

static void refusals(void **state)
{
  (void)state;
  testudo_assumptions a = problem(), none = a, steep = a;
  none.gap = 0.0;
  steep.step = 1.0;
  double time[2] = {1.0, 2.0}, endless[2] = {HUGE_VAL, 2.0}, wait;
  testudo_wait_costs costs = {2, time, NULL, NULL, NULL}, bad = {0, time, NULL, NULL, NULL},
                     late = {2, endless, NULL, NULL, NULL};
  testudo_adasync search = {.rule = TESTUDO_ADASYNC_SEARCH, .interval = 1.0};
  testudo_adasync still = {.rule = TESTUDO_ADASYNC_SEARCH}, closed = {.rule = TESTUDO_ADASYNC_EXPONENTIAL, .first = 1};
  testudo_adasync over = {.rule = TESTUDO_ADASYNC_PROPORTIONAL, .first = 3}, other = {.rule = (testudo_adasync_rule)7};
  testudo_adasync nowhere = {.rule = TESTUDO_ADASYNC_SEARCH, .interval = 1.0, .optimum = NAN};
  const struct {
    const testudo_assumptions *a;
    const testudo_wait_costs *costs;
    const testudo_adasync *adasync;
    const char *reason;
  } cases[] = {{&a, &bad, &search, "workers: 0"},
               {&steep, &costs, &search, "step: eta = 1"},
               {&a, &costs, &still, "interval: 0 seconds"},
               {&a, &costs, &over, "first: K_0 = 3, but 2 workers allow 1..2"},
               {&none, &costs, &closed, "gap: 0"},
               {&a, &costs, &other, "rule: 7"},
               {&a, &costs, &nowhere, "optimum: F* = nan"}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    testudo_wait_plan plan;
    testudo_error error;
    assert_status(testudo_adasync_by_loss(cases[k].a, cases[k].costs, cases[k].adasync, &plan, &error),
                  TESTUDO_ERROR_ARGUMENT);
    if (strstr(error.text, cases[k].reason) == NULL)
      fail_msg("'%s' has no '%s'", error.text, cases[k].reason);
    assert_null(plan.at);
  }
  testudo_wait_plan plan;
  int32_t whole;
  assert_status(testudo_adasync_by_time(&a, TESTUDO_BOUND_GRADIENT_SYNC, &costs, &search, 9.0, &plan, NULL),
                TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_adasync_by_time(&a, TESTUDO_BOUND_SYNC, &costs, &search, 1e7, &plan, NULL),
                TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_adasync_by_time(&a, TESTUDO_BOUND_SYNC, &costs, &closed, 9.0, &plan, NULL),
                TESTUDO_ERROR_ARGUMENT); /* no interval */
  closed.interval = 1.0;
  assert_status(testudo_adasync_by_time(&a, TESTUDO_BOUND_SYNC, &late, &closed, 9.0, &plan, NULL),
                TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_adasync_wait(&a, &costs, &search, -1.0, &whole, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_adasync_real(TESTUDO_ADASYNC_SEARCH, 2, 1, 1.0, &wait, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_adasync_real(TESTUDO_ADASYNC_EXPONENTIAL, 2, 3, 1.0, &wait, NULL), TESTUDO_ERROR_ARGUMENT);
  assert_status(testudo_adasync_real(TESTUDO_ADASYNC_EXPONENTIAL, 2, 1, 0.0, &wait, NULL), TESTUDO_ERROR_ARGUMENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(closed_forms_minimise_the_objective),
      cmocka_unit_test(closed_forms_end_where_they_must),
      cmocka_unit_test(schedules_by_loss_are_the_choice_at_every_loss),
      cmocka_unit_test(thresholds_fall_strictly),
      cmocka_unit_test(thresholds_of_the_closed_forms),
      cmocka_unit_test(schedules_by_time_follow_the_bound),
      cmocka_unit_test(refusals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
