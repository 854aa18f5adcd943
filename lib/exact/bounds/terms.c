/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each inequality by itself. */
#include <math.h>

#include "base/sum.h"
#include "exact/bounds/bounds.h"

static const testudo_i_bound_terms nothing = {.union_bound = 1, .association = 1};

/* P(A_i) of every type at t. */
static void set_missing(testudo_i_bounds *bounds, double t, double fail_prob, int32_t failed)
{
  testudo_i_chunk_types_at(&bounds->types, t, fail_prob);
  for (int32_t k = 0; k < bounds->types.types; k++) {
    const double *law = testudo_i_type_law(&bounds->types, k, failed);
    bounds->missing[k] = 0;
    for (int32_t v = 0; v < bounds->types.parts; v++)
      bounds->missing[k] += law[v];
  }
}

static double sum_missing(const testudo_i_bounds *bounds, const int64_t *count)
{
  testudo_i_sum sum = {0, 0};
  for (int32_t k = 0; k < bounds->types.types; k++)
    testudo_i_sum_add(&sum, bounds->missing[k] * (double)count[k]);
  return testudo_i_sum_value(&sum);
}

static double max_missing(const testudo_i_bounds *bounds)
{
  double most = 0;
  for (int32_t k = 0; k < bounds->types.types; k++)
    most = fmax(most, bounds->missing[k]);
  return fmin(1, most);
}

/* log of prod (1 - P(A_i))^count. */
static double log_product(const testudo_i_bounds *bounds, const int64_t *count)
{
  testudo_i_sum sum = {0, 0};
  for (int32_t k = 0; k < bounds->types.types; k++)
    if (count[k] > 0)
      testudo_i_sum_add(&sum, (double)count[k] * log1p(-fmin(1, bounds->missing[k])));
  double value = testudo_i_sum_value(&sum);
  return isnan(value) ? -HUGE_VAL : value;
}

static double janson_tail(double first, double dependent)
{
  double q = 2 * dependent > first ? first / (2 * dependent) : 1;
  return -expm1(-fmax(0, q * first - q * q * dependent));
}

/* Of S1 and S2, or more than S2: the best multiple of both that no probability is under (Dawson and Sankoff, Proc. AMS
   18, 1967). */
static double second_order(double first, double second)
{
  double k = 1 + floor(2 * second / first);
  return first > 0 ? fmax(0, 2 / (k + 1) * (first - second / k)) : 0;
}

/* joint[k] of the pairs is set. Chunks without common workers are independent; where exactly f workers fail both are
   missing at most as often as if they were, for failures drawn without replacement are negatively associated (Joag-Dev
   and Proschan, Ann. Statist. 11, 1983). *near: the sum over the pairs that share a worker. */
static void moment_terms(const testudo_i_bounds *bounds, testudo_i_bound_terms *terms, double *first, double *near)
{
  const testudo_i_pairs *pairs = &bounds->pairs;
  const int64_t *count = bounds->included == NULL ? bounds->types.type_count : bounds->included_count;
  testudo_i_sum dependent = {0, 0}, products = {0, 0}, squares = {0, 0};
  for (int32_t k = 0; k < pairs->types; k++) {
    double both = bounds->missing[pairs->chunk_type[0][k]] * bounds->missing[pairs->chunk_type[1][k]];
    testudo_i_sum_add(&dependent, pairs->joint[k] * (double)pairs->count[k]);
    testudo_i_sum_add(&products, both * (double)pairs->count[k]);
  }
  for (int32_t k = 0; k < bounds->types.types; k++)
    testudo_i_sum_add(&squares, bounds->missing[k] * bounds->missing[k] * (double)count[k]);
  *first = sum_missing(bounds, count);
  *near = testudo_i_sum_value(&dependent);
  double far = (*first * *first - testudo_i_sum_value(&squares)) / 2 - testudo_i_sum_value(&products);
  terms->second_order = second_order(*first, *near + fmax(0, far));
}

static void pair_terms(testudo_i_bounds *bounds, testudo_i_bound_terms *terms)
{
  double first, near;
  testudo_i_pairs_evaluate(&bounds->pairs, bounds->types.survival, bounds->types.parts);
  moment_terms(bounds, terms, &first, &near);
  terms->janson = janson_tail(first, near);
  if (bounds->pairs.neighbour != NULL)
    terms->chain = testudo_i_chain_tail(&bounds->chain, bounds->missing, bounds->types.parts);
}

void testudo_i_bounds_independent(testudo_i_bounds *bounds, double t, double fail_prob, int want,
                                  testudo_i_bound_terms *terms)
{
  *terms = nothing;
  set_missing(bounds, t, fail_prob, 0);
  terms->union_bound = fmin(1, sum_missing(bounds, bounds->types.type_count));
  double log_below = log_product(bounds, bounds->types.type_count);
  terms->below = exp(log_below);
  terms->association = -expm1(log_below);
  if ((want & TESTUDO_I_WANT_UPPER) == 0)
    return;
  terms->single = max_missing(bounds);
  terms->disjoint = -expm1(log_product(bounds, bounds->disjoint_count));
  if (bounds->paired)
    pair_terms(bounds, terms);
}

void testudo_i_bounds_direct(testudo_i_bounds *bounds, double t, int want, testudo_i_bound_terms *terms)
{
  if (bounds->types.failed == 0) {
    testudo_i_bounds_independent(bounds, t, bounds->types.fail_prob, want, terms);
  } else {
    *terms = nothing;
    set_missing(bounds, t, 0, bounds->types.failed);
    terms->union_bound = fmin(1, sum_missing(bounds, bounds->types.type_count));
    terms->single = max_missing(bounds);
    if ((want & TESTUDO_I_WANT_UPPER) != 0 && bounds->paired && bounds->types.parts == 1) {
      double first, near;
      testudo_i_pairs_evaluate_failed(&bounds->pairs, bounds->types.survival, bounds->types.workers,
                                      bounds->types.failed);
      moment_terms(bounds, terms, &first, &near);
    }
  }
  if ((want & TESTUDO_I_WANT_UPPER) != 0 && bounds->balanced) {
    double below;
    testudo_i_ideal_evaluate(&bounds->ideal, t, &below, &terms->ideal);
  }
}

double testudo_i_bounds_sum(testudo_i_bounds *bounds, double t)
{
  set_missing(bounds, t, bounds->types.fail_prob, bounds->types.failed);
  return sum_missing(bounds, bounds->types.type_count);
}

double testudo_i_bounds_late(testudo_i_bounds *bounds, double t)
{
  double never = testudo_i_bounds_sum(bounds, HUGE_VAL), late = testudo_i_bounds_sum(bounds, t) - never;
  /* What is left of the difference below its rounding is nothing. */
  return late > 1e-15 * bounds->types.workers * never ? late : 0;
}
