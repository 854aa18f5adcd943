/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantiles of a law, and the times between which a picture of it stands. */
#include <float.h>
#include <math.h>

#include "base/error.h"
#include "delay/model.h"
#include "delay/sums/lattice.h"
#include "exact/answered.h"
#include "exact/latency.h"
#include "numeric/integrate.h"

/* A quantile is where the law's log-odds, log P(T <= t) / P(T > t), pass those of q: as accurate as the smaller side,
   and nearly straight, so that the inversion asks for little. */
typedef struct quantile_context {
  testudo_latency *latency;
  bool upper; /* of a law between bounds: by the upper one of P(T <= t) */
} quantile_context;

static testudo_status odds_at(void *context, double t, double *value, testudo_error *error)
{
  const quantile_context *of = context;
  testudo_i_probability at = {0, 1, 0, 1};
  TESTUDO_I_TRY(testudo_i_latency_at(of->latency, t, of->upper ? TESTUDO_I_WANT_UPPER : TESTUDO_I_WANT_LOWER, &at,
                                     error));
  double below = of->upper ? at.below_upper : at.below_lower, above = of->upper ? at.above_lower : at.above_upper;
  *value = below <= 0 ? -HUGE_VAL : above <= 0 ? HUGE_VAL : log(below / above);
  return TESTUDO_OK;
}

/* By how much the log-odds may be off: those of a sum of many terms, or of tables. A discrete law reaches q at a jump,
   where its sum may round to just below q: it is then taken as reached; so is a q that was rounded itself. */
static double odds_rounding(const testudo_latency *latency, double q)
{
  const testudo_i_cluster *cluster = &latency->cluster;
  if (latency->discrete || latency->sample)
    return 1e-14 * (cluster->workers + 16) + 2 * DBL_EPSILON / (1 - q);
  return 16 * DBL_EPSILON + cluster->tables_error * cluster->workers;
}

/* Of a continuous law no time reaches P(T finite) itself: a q that is it, but for rounding, is never reached. */
static testudo_status invert_odds(testudo_latency *latency, bool upper, double odds, double *t, testudo_error *error)
{
  quantile_context context = {latency, upper};
  double end = HUGE_VAL;
  if (!latency->discrete)
    TESTUDO_I_TRY(odds_at(&context, HUGE_VAL, &end, error));
  if (isfinite(end) && odds >= end - 4 * DBL_EPSILON * (latency->cluster.workers + 16)) {
    *t = HUGE_VAL;
    return TESTUDO_OK;
  }
  return testudo_i_invert(odds_at, &context, odds, latency->discrete ? latency->points : NULL,
                          latency->discrete ? latency->point_count : 0, t, error);
}

/* Where the law is so flat that its rounding moves the quantile, all that it can be. */
static testudo_status widen_quantile(testudo_latency *latency, double odds, double rounding, double *lower,
                                     double *upper, testudo_error *error)
{
  quantile_context context = {latency, false};
  double before, behind, t = *lower;
  if (!(t > 0 && t < HUGE_VAL))
    return TESTUDO_OK;
  TESTUDO_I_TRY(odds_at(&context, t * (1 - 5e-13), &before, error));
  TESTUDO_I_TRY(odds_at(&context, t * (1 + 5e-13), &behind, error));
  if (before > odds - rounding)
    TESTUDO_I_TRY(invert_odds(latency, false, odds - rounding, lower, error));
  if (behind < odds + rounding)
    TESTUDO_I_TRY(invert_odds(latency, false, odds + rounding, upper, error));
  return TESTUDO_OK;
}

/* A side of a bracketed law may jump anywhere between two of its points: *lower has not reached the odds, *upper, a
   point, has. */
static testudo_status narrow_jump(testudo_latency *latency, double odds, double *lower, double *upper,
                                  testudo_error *error)
{
  quantile_context context = {latency, false};
  double distance = latency->points[1] - latency->points[0], at;
  if (!(*upper < HUGE_VAL))
    return TESTUDO_OK;
  *lower = fmax(0, *upper - distance);
  while (*upper - *lower > 1e-13 * *upper) {
    double middle = *lower + (*upper - *lower) / 2;
    TESTUDO_I_TRY(odds_at(&context, middle, &at, error));
    *(at >= odds ? upper : lower) = middle;
  }
  *upper += 2 * TESTUDO_I_LATTICE_SNAP * *upper; /* what counts as reached may lie so much later */
  return TESTUDO_OK;
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
    TESTUDO_I_TRY(testudo_latency_quantile(latency->side[1], q, &between, upper, error));
    if (*upper - *lower <= 1e-12 * *upper) /* one place, but for rounding */
      *lower = *upper;
    return TESTUDO_OK;
  }
  double odds = log(q / (1 - q)), rounding = odds_rounding(latency, q);
  bool jumps = latency->discrete || latency->sample;
  TESTUDO_I_TRY(invert_odds(latency, false, odds - (jumps ? rounding : 0), upper, error));
  if (!latency->method.exact || latency->answered != NULL)
    return invert_odds(latency, true, odds - (jumps ? rounding : 0), lower, error);
  *lower = *upper;
  if (latency->is_side && !latency->all_places)
    return narrow_jump(latency, odds - rounding, lower, upper, error);
  return jumps ? TESTUDO_OK : widen_quantile(latency, odds, rounding, lower, upper, error);
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
