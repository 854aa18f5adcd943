/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AdaSync's choice of K for one interval (docs/theory/convergence.md#adasync). */
#include <math.h>

#include "base/error.h"
#include "sgd/convergence/choose.h"

testudo_status testudo_i_adasync_check(const testudo_assumptions *assumptions, const testudo_wait_costs *costs,
                                       const testudo_adasync *adasync, testudo_error *error)
{
  testudo_assumptions a = *assumptions;
  a.wait = costs->workers; /* the largest step that any K allows: a smaller K may be outside the theorem, and serves */
  TESTUDO_I_TRY(testudo_i_wait_costs_check(costs, error));
  TESTUDO_I_TRY(testudo_assumptions_check(&a, TESTUDO_BOUND_GRADIENT_SYNC, error));
  if (adasync->rule < TESTUDO_ADASYNC_SEARCH || adasync->rule > TESTUDO_ADASYNC_EXPONENTIAL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "rule: %d is none of the three", (int)adasync->rule);
  if (!isfinite(adasync->optimum))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "optimum: F* = %g, but it must be finite", adasync->optimum);
  if (adasync->rule == TESTUDO_ADASYNC_SEARCH) {
    if (!(adasync->interval > 0.0 && isfinite(adasync->interval)))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "interval: %g seconds, but it must be positive",
                            adasync->interval);
  } else if (adasync->first < 1 || adasync->first > costs->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "first: K_0 = %d, but %d workers allow 1..%d",
                          (int)adasync->first, (int)costs->workers, (int)costs->workers);
  else if (!(a.gap > 0.0))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "gap: 0, but the closed forms compare with F(w_0) - F* > 0");
  return TESTUDO_OK;
}

testudo_status testudo_adasync_real(testudo_adasync_rule rule, int32_t workers, int32_t first, double gap_ratio,
                                    double *wait, testudo_error *error)
{
  if (rule != TESTUDO_ADASYNC_PROPORTIONAL && rule != TESTUDO_ADASYNC_EXPONENTIAL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "rule: %d has no closed form", (int)rule);
  if (first < 1 || first > workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "first: K_0 = %d, but %d workers allow 1..%d", (int)first,
                          (int)workers, (int)workers);
  if (!(gap_ratio > 0.0))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "gap ratio: %g, but it must be positive", gap_ratio);
  double most = workers;
  if (rule == TESTUDO_ADASYNC_PROPORTIONAL) {
    *wait = fmin(most, first / sqrt(gap_ratio));
    return TESTUDO_OK;
  }
  if (first == workers) {
    *wait = most;
    return TESTUDO_OK;
  }
  /* K^2 = r (P - K): the root in (0, P), written without cancellation. */
  double r = (double)first * first / ((workers - first) * gap_ratio);
  *wait = isfinite(r) ? 2.0 * most / (1.0 + sqrt(1.0 + 4.0 * most / r)) : most;
  return TESTUDO_OK;
}

double testudo_i_wait_noise(const testudo_assumptions *assumptions, const testudo_wait_costs *costs, int32_t wait)
{
  testudo_assumptions a = testudo_i_waiting_for(assumptions, costs, wait);
  return a.smoothness * a.step * a.variance / ((double)wait * a.batch);
}

/* The smallest K of least 2 gap E[T(K)] / (interval eta) + L eta sigma^2 / (K m). */
static int32_t adasync_search(const testudo_assumptions *a, const testudo_wait_costs *costs, double interval,
                              double gap)
{
  double best = HUGE_VAL;
  int32_t wait = 1;
  for (int32_t k = 1; k <= costs->workers; k++) {
    if (!isfinite(costs->update_time[k - 1]))
      continue;
    double value = 2.0 * gap * costs->update_time[k - 1] / (interval * a->step) + testudo_i_wait_noise(a, costs, k);
    if (value < best) {
      best = value;
      wait = k;
    }
  }
  return wait;
}

testudo_status testudo_adasync_wait(const testudo_assumptions *assumptions, const testudo_wait_costs *costs,
                                    const testudo_adasync *adasync, double gap, int32_t *wait, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_adasync_check(assumptions, costs, adasync, error));
  if (!(gap >= 0.0 && isfinite(gap)))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "gap: %g, but it must be >= 0", gap);
  if (adasync->rule == TESTUDO_ADASYNC_SEARCH) {
    *wait = adasync_search(assumptions, costs, adasync->interval, gap);
    return TESTUDO_OK;
  }
  double real = costs->workers;
  if (gap > 0.0)
    TESTUDO_I_TRY(testudo_adasync_real(adasync->rule, costs->workers, adasync->first, gap / assumptions->gap, &real,
                                       error));
  /* A threshold computed from K must give that K again. */
  *wait = (int32_t)fmax(1.0, floor(real * (1.0 + 1e-12)));
  return TESTUDO_OK;
}
