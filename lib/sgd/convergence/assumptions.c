/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the bounds assume, and what they tend to (docs/theory/convergence.md#what-is-assumed). */
#include <math.h>

#include <testudo/convergence.h>

#include "base/error.h"

static bool assumes_convexity(testudo_bound bound)
{
  return bound == TESTUDO_BOUND_SYNC || bound == TESTUDO_BOUND_ASYNC;
}

static bool assumes_staleness(testudo_bound bound)
{
  return bound == TESTUDO_BOUND_ASYNC || bound == TESTUDO_BOUND_GRADIENT_ASYNC;
}

double testudo_step_limit(const testudo_assumptions *a)
{
  return 1.0 / (2.0 * a->smoothness * (a->variance_growth / ((double)a->wait * a->batch) + 1.0));
}

static bool is_amount(double x)
{
  return x >= 0.0 && isfinite(x);
}

static testudo_status check_problem(const testudo_assumptions *a, testudo_error *error)
{
  if (!is_amount(a->smoothness) || a->smoothness == 0.0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "smoothness: L = %g, but it must be positive", a->smoothness);
  if (!is_amount(a->variance))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "variance: sigma^2 = %g, but it must be >= 0", a->variance);
  if (!is_amount(a->variance_growth))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "variance growth: M_G = %g, but it must be >= 0",
                          a->variance_growth);
  if (!is_amount(a->gap))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "gap: F(w_0) - F* = %g, but it must be >= 0", a->gap);
  if (a->batch < 1 || a->wait < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "a mini-batch of %d and a wait for %d: both must be >= 1",
                          (int)a->batch, (int)a->wait);
  return TESTUDO_OK;
}

static testudo_status check_convexity(const testudo_assumptions *a, testudo_error *error)
{
  if (!(a->convexity > 0.0))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "convexity: c = %g, but the bound of F(w) - F* needs c > 0"
                          " with 2 c (F - F*) <= ||grad F||^2; without, there is only the bound of the gradient",
                          a->convexity);
  if (a->convexity > a->smoothness)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "convexity: c = %g is above L = %g, which no function allows",
                          a->convexity, a->smoothness);
  return TESTUDO_OK;
}

static testudo_status check_staleness(const testudo_assumptions *a, testudo_error *error)
{
  if (!(a->staleness >= 0.0 && a->staleness <= 1.0))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "staleness: gamma = %g, but the asynchronous bounds need it in"
                          " [0, 1]: the gradients that arrive are too stale for them", a->staleness);
  if (!(a->fresh >= 0.0 && a->fresh <= 1.0))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "fresh: p0 = %g is no probability in [0, 1]", a->fresh);
  if (a->staleness == 1.0 && a->fresh == 0.0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "staleness: gamma = 1 with p0 = 0 makes gamma' = 1 - gamma + "
                          "p0 / 2 = 0: nothing is then known to fall");
  return TESTUDO_OK;
}

testudo_status testudo_assumptions_check(const testudo_assumptions *a, testudo_bound bound, testudo_error *error)
{
  if (bound < TESTUDO_BOUND_SYNC || bound > TESTUDO_BOUND_GRADIENT_ASYNC)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "bound: %d is none of the four", (int)bound);
  TESTUDO_I_TRY(check_problem(a, error));
  if (assumes_convexity(bound))
    TESTUDO_I_TRY(check_convexity(a, error));
  if (assumes_staleness(bound))
    TESTUDO_I_TRY(check_staleness(a, error));
  if (!(a->step > 0.0 && a->step <= testudo_step_limit(a)))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "step: eta = %g, but the bound needs 0 < eta <= "
                          "1 / (2 L (M_G / (K m) + 1)) = %g", a->step, testudo_step_limit(a));
  return TESTUDO_OK;
}

testudo_status testudo_bound_limits_of(const testudo_assumptions *a, testudo_bound bound, testudo_bound_limits *limits,
                                       testudo_error *error)
{
  TESTUDO_I_TRY(testudo_assumptions_check(a, bound, error));
  double gain = assumes_staleness(bound) ? 1.0 - a->staleness + a->fresh / 2.0 : 1.0;
  double noise = a->step * a->smoothness * a->variance / ((double)a->wait * a->batch * gain);
  bool convex = assumes_convexity(bound);
  *limits = (testudo_bound_limits){.gain = gain, .floor = convex ? noise / (2.0 * a->convexity) : noise,
                                   .factor = convex ? 1.0 - a->step * a->convexity * gain : NAN};
  return TESTUDO_OK;
}
