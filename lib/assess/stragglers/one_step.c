/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mean error of one-step decoding. Chunk i gets c_i = (m / r) |U_i| / d_i where r of the m workers have
   finished, and |U_i| is hypergeometric: its variance is d_i (m - d_i) r (m - r) / (m^2 (m - 1)), and two of them
   have the covariance r (m - r) / (m (m - 1)) (o_ik - d_i d_k / m), o_ik the workers that hold both. */
#include <math.h>

#include <testudo/approximate.h>

#include "base/error.h"
#include "base/sum.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

/* What the means depend on: s / (r (m - 1)) times `spread`, and m s / (r (m - 1)) times `imbalance`. */
typedef struct moments {
  int32_t busy;
  double spread;    /* sum_i (m / d_i - 1) */
  double imbalance; /* sum_j w_j^2 - N^2 / m, w_j = sum over the chunks of worker j of 1 / d_i */
} moments;

static testudo_status check_one_step(const testudo_design *design, testudo_error *error)
{
  if (testudo_i_takes_plain_sums(design))
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                        "one-step decoding applies only to scheme partial with 1 part, not to scheme %s with parts %d",
                        testudo_i_scheme_of(design)->name, (int)design->parts);
}

static moments moments_of(const testudo_design *design)
{
  moments found = {testudo_i_design_busy(design), 0.0, 0.0};
  testudo_i_sum spread = {0.0, 0.0}, imbalance = {0.0, 0.0};
  double m = found.busy, mean = design->chunks / m;
  for (int32_t i = 0; i < design->chunks; i++)
    testudo_i_sum_add(&spread, m / testudo_design_replication(design, i) - 1.0);
  for (int32_t j = 0; j < design->workers; j++) {
    double weight = 0.0;
    for (int64_t e = design->row[j]; e < design->row[j + 1]; e++)
      weight += 1.0 / testudo_design_replication(design, design->order[e]);
    /* Summed, (w - mean)^2 is w^2 less that of the mean; equal weights differ by rounding only. */
    if (testudo_design_load(design, j) > 0 && fabs(weight - mean) > 1e-13 * mean)
      testudo_i_sum_add(&imbalance, (weight - mean) * (weight - mean));
  }
  found.spread = testudo_i_sum_value(&spread);
  found.imbalance = testudo_i_sum_value(&imbalance);
  return found;
}

static void error_of(const moments *of, double chunks, int32_t stragglers, double *coefficients, double *aligned)
{
  double m = of->busy, s = stragglers, r = m - s;
  *coefficients = *aligned = 0.0;
  if (stragglers == of->busy) {
    *coefficients = chunks;
    *aligned = chunks * chunks;
  } else if (stragglers > 0) {
    *coefficients = s / (r * (m - 1.0)) * of->spread;
    *aligned = m * s / (r * (m - 1.0)) * of->imbalance;
  }
}

testudo_status testudo_one_step_error(const testudo_design *design, int32_t stragglers, double *coefficients,
                                      double *aligned, testudo_error *error)
{
  TESTUDO_I_TRY(check_one_step(design, error));
  moments of = moments_of(design);
  if (stragglers < 0 || stragglers > of.busy)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "stragglers: %d, but %d workers hold chunks; allowed: 0..%d",
                          (int)stragglers, (int)of.busy, (int)of.busy);
  error_of(&of, design->chunks, stragglers, coefficients, aligned);
  return TESTUDO_OK;
}

testudo_status testudo_one_step_error_independent(const testudo_design *design, double straggle, double *coefficients,
                                                  double *aligned, testudo_error *error)
{
  TESTUDO_I_TRY(check_one_step(design, error));
  if (!(straggle >= 0.0 && straggle <= 1.0))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "straggle: %g, but a probability is in 0..1", straggle);
  moments of = moments_of(design);
  if (straggle == 0.0 || straggle == 1.0) {
    error_of(&of, design->chunks, straggle == 0.0 ? 0 : of.busy, coefficients, aligned);
    return TESTUDO_OK;
  }
  testudo_i_sum one = {0.0, 0.0}, two = {0.0, 0.0};
  double log_chance = of.busy * log1p(-straggle), log_odds = log(straggle) - log1p(-straggle);
  for (int32_t s = 0; s <= of.busy; s++) {
    double here, there, chance = exp(log_chance);
    error_of(&of, design->chunks, s, &here, &there);
    testudo_i_sum_add(&one, chance * here);
    testudo_i_sum_add(&two, chance * there);
    log_chance += log((double)(of.busy - s) / (s + 1)) + log_odds;
  }
  *coefficients = testudo_i_sum_value(&one);
  *aligned = testudo_i_sum_value(&two);
  return TESTUDO_OK;
}
