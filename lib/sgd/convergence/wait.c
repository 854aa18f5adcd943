/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The best number of learners to wait for (docs/theory/convergence.md#how-many-to-wait-for). */
#include <math.h>

#include <testudo/design.h>

#include "base/error.h"
#include "sgd/convergence/choose.h"

testudo_status testudo_i_wait_costs_check(const testudo_wait_costs *costs, testudo_error *error)
{
  if (costs->workers < 1 || costs->workers > TESTUDO_MAX_WORKERS)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "workers: %d; allowed: 1..%d", (int)costs->workers,
                          TESTUDO_MAX_WORKERS);
  bool some = false;
  for (int32_t k = 0; k < costs->workers; k++) {
    if (!(costs->update_time[k] > 0.0))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "time per update for a wait of %d: %g, but it must be"
                            " positive", (int)k + 1, costs->update_time[k]);
    some = some || isfinite(costs->update_time[k]);
  }
  return some ? TESTUDO_OK
              : testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "no number of workers to wait for has a finite time per "
                               "update");
}

testudo_assumptions testudo_i_waiting_for(const testudo_assumptions *assumptions, const testudo_wait_costs *costs,
                                          int32_t wait)
{
  testudo_assumptions a = *assumptions;
  a.wait = wait;
  if (costs->staleness != NULL)
    a.staleness = costs->staleness[wait - 1];
  if (costs->fresh != NULL)
    a.fresh = costs->fresh[wait - 1];
  if (costs->variance != NULL)
    a.variance = costs->variance[wait - 1];
  return a;
}

/* What K is worth: the bound at the time `goal`, or the time until it reaches the target. */
static testudo_status wait_choose(const testudo_assumptions *assumptions, testudo_bound bound,
                                  const testudo_wait_costs *costs, double goal, bool target, double *value,
                                  testudo_wait_choice *choice, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_wait_costs_check(costs, error));
  *choice = (testudo_wait_choice){.wait = 0, .value = HUGE_VAL, .floor = HUGE_VAL};
  testudo_status last = TESTUDO_OK;
  bool some = false;
  for (int32_t k = 1; k <= costs->workers; k++) {
    testudo_assumptions a = testudo_i_waiting_for(assumptions, costs, k);
    double update_time = costs->update_time[k - 1], found = HUGE_VAL;
    testudo_bound_limits limits;
    last = testudo_bound_limits_of(&a, bound, &limits, error);
    if (value != NULL)
      value[k - 1] = last == TESTUDO_OK ? HUGE_VAL : NAN;
    some = some || last == TESTUDO_OK;
    if (last != TESTUDO_OK || !isfinite(update_time))
      continue;
    TESTUDO_I_TRY(target ? testudo_bound_updates(&a, bound, goal, &found, error)
                         : testudo_bound_curve(&a, bound, update_time, &goal, 1, &found, error));
    if (target)
      found *= update_time;
    if (value != NULL)
      value[k - 1] = found;
    choice->floor = fmin(choice->floor, limits.floor);
    if (found < choice->value) {
      choice->value = found;
      choice->wait = k;
    }
  }
  return some ? TESTUDO_OK : last;
}

testudo_status testudo_wait_for_time(const testudo_assumptions *assumptions, testudo_bound bound,
                                     const testudo_wait_costs *costs, double time, double *value,
                                     testudo_wait_choice *choice, testudo_error *error)
{
  if (!(time >= 0.0 && isfinite(time)))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "time: %g, but it must be >= 0 and finite", time);
  return wait_choose(assumptions, bound, costs, time, false, value, choice, error);
}

testudo_status testudo_wait_for_target(const testudo_assumptions *assumptions, testudo_bound bound,
                                       const testudo_wait_costs *costs, double target, double *value,
                                       testudo_wait_choice *choice, testudo_error *error)
{
  if (!(target > 0.0 && isfinite(target)))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "target: %g, but it must be positive and finite", target);
  return wait_choose(assumptions, bound, costs, target, true, value, choice, error);
}
