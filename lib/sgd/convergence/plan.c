/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AdaSync's schedules: the rule's K by loss and by predicted time (docs/theory/convergence.md#adasync). */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "sgd/convergence/choose.h"

#define MOST_INTERVALS 1e6

void testudo_wait_plan_clear(testudo_wait_plan *plan)
{
  free(plan->at);
  free(plan->wait);
  *plan = (testudo_wait_plan){.count = 0};
}

/* K rises strictly, so there are at most as many entries as workers. */
static testudo_status plan_begin(testudo_wait_plan *plan, int32_t workers, testudo_error *error)
{
  *plan = (testudo_wait_plan){.at = malloc((size_t)workers * sizeof *plan->at),
                              .wait = malloc((size_t)workers * sizeof *plan->wait)};
  return testudo_i_memory_check(plan->at != NULL && plan->wait != NULL, error);
}

/* Two thresholds that rounding makes one: the later K holds. */
static void plan_add(testudo_wait_plan *plan, double at, int32_t wait)
{
  if (plan->count > 0 && at == plan->at[plan->count - 1])
    plan->count--;
  plan->at[plan->count] = at;
  plan->wait[plan->count++] = wait;
}

/* The gap at which the objective's line of a later K crosses that of `wait`, the largest of all later K: there the
   lower envelope goes on. Equal ones: the largest K. Lines: gap slope + noise. */
static double plan_next_crossing(const testudo_assumptions *a, const testudo_wait_costs *costs, double slope,
                                 int32_t wait, int32_t *next)
{
  double largest = 0.0, noise = testudo_i_wait_noise(a, costs, wait);
  for (int32_t k = wait + 1; k <= costs->workers; k++) {
    double steeper = slope * (costs->update_time[k - 1] - costs->update_time[wait - 1]);
    if (!isfinite(steeper) || steeper <= 0.0)
      continue;
    double gap = (noise - testudo_i_wait_noise(a, costs, k)) / steeper;
    if (gap >= largest && gap > 0.0) {
      largest = gap;
      *next = k;
    }
  }
  return largest;
}

static void plan_search(const testudo_assumptions *a, const testudo_wait_costs *costs, const testudo_adasync *adasync,
                        int32_t wait, testudo_wait_plan *plan)
{
  double slope = 2.0 / (adasync->interval * a->step), last = a->gap;
  int32_t next = wait;
  plan_add(plan, adasync->optimum + a->gap, wait);
  for (;;) {
    double gap = plan_next_crossing(a, costs, slope, wait, &next);
    if (gap <= 0.0)
      return;
    wait = next;
    last = fmin(last, gap);
    plan_add(plan, adasync->optimum + last, wait);
  }
}

/* Where the closed forms reach K + 1: K_0 + 1, K_0 + 2, .. The exponential one comes to P at the optimum only. */
static void plan_closed(const testudo_assumptions *a, const testudo_wait_costs *costs, const testudo_adasync *adasync,
                        testudo_wait_plan *plan)
{
  double first = adasync->first, most = costs->workers;
  bool exponential = adasync->rule == TESTUDO_ADASYNC_EXPONENTIAL;
  plan_add(plan, adasync->optimum + a->gap, adasync->first);
  for (int32_t k = adasync->first + 1; k <= costs->workers - exponential; k++) {
    double ratio = first * first / ((double)k * k) * (exponential ? (most - k) / (most - first) : 1.0);
    plan_add(plan, adasync->optimum + a->gap * ratio, k);
  }
}

testudo_status testudo_adasync_by_loss(const testudo_assumptions *assumptions, const testudo_wait_costs *costs,
                                       const testudo_adasync *adasync, testudo_wait_plan *plan, testudo_error *error)
{
  int32_t wait;
  *plan = (testudo_wait_plan){.count = 0};
  TESTUDO_I_TRY(testudo_adasync_wait(assumptions, costs, adasync, assumptions->gap, &wait, error));
  TESTUDO_I_HELD(testudo_wait_plan_clear) testudo_wait_plan made = {.count = 0};
  TESTUDO_I_TRY(plan_begin(&made, costs->workers, error));
  if (adasync->rule == TESTUDO_ADASYNC_SEARCH)
    plan_search(assumptions, costs, adasync, wait, &made);
  else
    plan_closed(assumptions, costs, adasync, &made);
  *plan = made;
  made = (testudo_wait_plan){.count = 0};
  return TESTUDO_OK;
}

static testudo_status plan_check_time(testudo_bound bound, const testudo_adasync *adasync, double horizon,
                                      testudo_error *error)
{
  if (bound != TESTUDO_BOUND_SYNC && bound != TESTUDO_BOUND_ASYNC)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "bound: a schedule by time needs one of F(w) - F*, for the"
                          " loss that it predicts");
  if (!(adasync->interval > 0.0 && isfinite(adasync->interval)))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "interval: %g seconds, but it must be positive",
                          adasync->interval);
  if (!(horizon > 0.0 && horizon / adasync->interval <= MOST_INTERVALS))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "horizon: %g seconds in intervals of %g; allowed: up to %g "
                          "intervals", horizon, adasync->interval, MOST_INTERVALS);
  return TESTUDO_OK;
}

testudo_status testudo_adasync_by_time(const testudo_assumptions *assumptions, testudo_bound bound,
                                       const testudo_wait_costs *costs, const testudo_adasync *adasync,
                                       double horizon, testudo_wait_plan *plan, testudo_error *error)
{
  *plan = (testudo_wait_plan){.count = 0};
  TESTUDO_I_TRY(testudo_i_adasync_check(assumptions, costs, adasync, error));
  TESTUDO_I_TRY(plan_check_time(bound, adasync, horizon, error));
  TESTUDO_I_HELD(testudo_wait_plan_clear) testudo_wait_plan made = {.count = 0};
  TESTUDO_I_TRY(plan_begin(&made, costs->workers, error));
  double gap = assumptions->gap;
  int64_t intervals = (int64_t)ceil(horizon / adasync->interval);
  for (int64_t i = 0; i < intervals; i++) {
    int32_t wait, last = made.count == 0 ? 0 : made.wait[made.count - 1];
    TESTUDO_I_TRY(testudo_adasync_wait(assumptions, costs, adasync, gap, &wait, error));
    if (wait > last && isfinite(costs->update_time[wait - 1]))
      plan_add(&made, (double)i * adasync->interval, last = wait);
    if (last == 0)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "time per update for a wait of %d is not finite, and the"
                            " rule begins there", (int)wait);
    testudo_assumptions a = testudo_i_waiting_for(assumptions, costs, last);
    testudo_bound_limits limits;
    TESTUDO_I_TRY(testudo_bound_limits_of(&a, bound, &limits, error));
    gap = testudo_i_bound_after(&a, &limits, gap, adasync->interval / costs->update_time[last - 1]);
  }
  *plan = made;
  made = (testudo_wait_plan){.count = 0};
  return TESTUDO_OK;
}
