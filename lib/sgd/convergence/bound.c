/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bounds against updates and time (docs/theory/convergence.md#the-bounds). */
#include <math.h>

#include "base/error.h"
#include "sgd/convergence/choose.h"

double testudo_i_bound_after(const testudo_assumptions *a, const testudo_bound_limits *limits, double gap,
                             double updates)
{
  if (isnan(limits->factor))
    return 2.0 * gap / ((updates + 1.0) * a->step * limits->gain) + limits->floor;
  /* log1p: a factor near 1 to a high power */
  return limits->floor + (gap - limits->floor) * exp(updates * log1p(-a->step * a->convexity * limits->gain));
}

testudo_status testudo_bound_curve(const testudo_assumptions *a, testudo_bound bound, double update_time,
                                   const double *at, int64_t count, double *value, testudo_error *error)
{
  testudo_bound_limits limits;
  TESTUDO_I_TRY(testudo_bound_limits_of(a, bound, &limits, error));
  if (!(update_time > 0.0 && isfinite(update_time)))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "time per update: %g, but it must be positive and finite",
                          update_time);
  for (int64_t k = 0; k < count; k++) {
    if (!(at[k] >= 0.0))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "at[%lld]: %g, but updates and times are >= 0",
                            (long long)k, at[k]);
    value[k] = testudo_i_bound_after(a, &limits, a->gap, at[k] / update_time);
  }
  return TESTUDO_OK;
}

testudo_status testudo_bound_updates(const testudo_assumptions *a, testudo_bound bound, double target, double *updates,
                                     testudo_error *error)
{
  testudo_bound_limits limits;
  TESTUDO_I_TRY(testudo_bound_limits_of(a, bound, &limits, error));
  if (!(target > 0.0 && isfinite(target)))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "target: %g, but it must be positive and finite", target);
  if (testudo_i_bound_after(a, &limits, a->gap, 0.0) <= target)
    *updates = 0.0;
  else if (limits.floor >= target)
    *updates = HUGE_VAL;
  else if (isnan(limits.factor))
    *updates = 2.0 * a->gap / (a->step * limits.gain * (target - limits.floor)) - 1.0;
  else
    *updates = log((target - limits.floor) / (a->gap - limits.floor)) / log1p(-a->step * a->convexity * limits.gain);
  return TESTUDO_OK;
}

testudo_status testudo_staleness_curve(const testudo_assumptions *given, double spread, const double *steps,
                                       int64_t count, double *value, testudo_error *error)
{
  testudo_assumptions a = *given;
  a.staleness = 0.0; /* the theorem needs none */
  if (a.wait != 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "wait: %d, but the bound of the step against staleness is for "
                          "one gradient per update", (int)a.wait);
  if (!(spread >= 0.0 && isfinite(spread)))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "spread: C = %g, but it must be >= 0", spread);
  double constant = spread * a.smoothness * a.smoothness / 2.0;
  a.step = testudo_step_limit(&a);
  TESTUDO_I_TRY(testudo_assumptions_check(&a, TESTUDO_BOUND_ASYNC, error));
  value[0] = a.gap;
  for (int64_t j = 0; j < count; j++) {
    if (!(steps[j] > 0.0 && steps[j] <= a.step))
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "steps[%lld]: eta = %g, but the bound needs 0 < eta <= "
                            "1 / (2 L (M_G / m + 1)) = %g", (long long)j, steps[j], a.step);
    double noise = steps[j] * steps[j] * a.smoothness * a.variance / (2.0 * a.batch);
    value[j + 1] = (1.0 - steps[j] * (1.0 + a.fresh / 2.0) * a.convexity) * value[j] + noise + constant;
  }
  return TESTUDO_OK;
}
