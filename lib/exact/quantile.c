/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantiles of a law, and the times between which a picture of it stands. */
#include <math.h>

#include "base/error.h"
#include "delay/model.h"
#include "exact/answered.h"
#include "exact/latency.h"
#include "numeric/integrate.h"

static testudo_status below_lower(void *context, double t, double *value, testudo_error *error)
{
  testudo_i_probability at = {0, 1, 0, 1};
  testudo_status status =
      testudo_i_latency_at(context, t, TESTUDO_I_WANT_LOWER | TESTUDO_I_WANT_NO_TAIL, &at, error);
  *value = at.below_lower;
  return status;
}

static testudo_status below_upper(void *context, double t, double *value, testudo_error *error)
{
  testudo_i_probability at = {0, 1, 0, 1};
  testudo_status status =
      testudo_i_latency_at(context, t, TESTUDO_I_WANT_UPPER | TESTUDO_I_WANT_NO_TAIL, &at, error);
  *value = at.below_upper;
  return status;
}

/* A discrete law reaches q at a jump, where its sum may round to just below q: it is then taken as reached. */
static testudo_status invert_law(testudo_latency *latency, testudo_i_function below, double q, double *t,
                             testudo_error *error)
{
  if (latency->discrete)
    q *= 1 - 1e-14 * (latency->cluster.workers + 16);
  return testudo_i_invert(below, latency, q, latency->discrete ? latency->points : NULL,
                          latency->discrete ? latency->point_count : 0, t, error);
}

/* The bounds need not be monotone: whatever t the inversion of a lower bound of P(T <= t) finds, the bound has reached
   q there; and just before the t of an upper bound it has not. */
testudo_status testudo_latency_quantile(testudo_latency *latency, double q, double *lower, double *upper,
                                        testudo_error *error)
{
  if (!(q > 0 && q < 1))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the quantile %g is not between 0 and 1", q);
  if (latency->side[0] != NULL) {
    double between;
    TESTUDO_I_TRY(testudo_latency_quantile(latency->side[0], q, lower, &between, error));
    return testudo_latency_quantile(latency->side[1], q, &between, upper, error);
  }
  TESTUDO_I_TRY(invert_law(latency, below_lower, q, upper, error));
  if (latency->method.exact && latency->answered == NULL) {
    *lower = *upper;
    return TESTUDO_OK;
  }
  return invert_law(latency, below_upper, q, lower, error);
}

/* The times between which a picture of the law stands; false where T is (as far as is known) never finite. */
static testudo_status grid_ends(testudo_latency *latency, double *begin, double *end, bool *known,
                                testudo_error *error)
{
  testudo_i_probability at;
  double unused;
  *known = false;
  TESTUDO_I_TRY(testudo_i_latency_at(latency, HUGE_VAL, TESTUDO_I_WANT_BOTH, &at, error));
  if (at.below_lower <= 0)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_latency_quantile(latency, 1e-4 * at.below_lower, begin, &unused, error));
  TESTUDO_I_TRY(testudo_latency_quantile(latency, 0.9999 * at.below_lower, &unused, end, error));
  *known = isfinite(*begin) && isfinite(*end);
  return TESTUDO_OK;
}

testudo_status testudo_latency_grid(testudo_latency *latency, int32_t count, double *times, testudo_error *error)
{
  if (count < 2)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "a grid of %ld times, but at least 2 are needed", (long)count);
  double begin, end;
  bool known;
  if (latency->side[0] != NULL)
    latency = latency->side[1];
  TESTUDO_I_TRY(grid_ends(latency, &begin, &end, &known, error));
  if (!known && latency->answered != NULL)
    return testudo_latency_grid(testudo_i_answered_rule(latency->answered), count, times, error);
  if (!known) {
    begin = 0;
    end = testudo_i_delay_scale(&latency->cluster.delay, 1, 0.9999) * fmax(1, latency->cluster.max_load);
    end += latency->shift;
  } else if (!(end > begin)) {
    double middle = end;
    begin = 0.5 * middle;
    end = middle > 0 ? 1.5 * middle : 1;
  }
  for (int32_t k = 0; k < count; k++)
    times[k] = k == count - 1 ? end : begin + (end - begin) * ((double)k / (count - 1));
  return TESTUDO_OK;
}
