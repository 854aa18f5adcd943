/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each inequality by itself. */
#include <math.h>

#include "base/sum.h"
#include "exact/bounds/bounds.h"

static const testudo_i_bound_terms nothing = {.union_bound = 1, .association = 1};

/* P(A_i) of every type; survivals of slots as given. */
static void set_missing(testudo_i_bounds *bounds, const double *survival, int32_t failed)
{
  for (int32_t k = 0; k < bounds->types.types; k++) {
    testudo_i_cover_law(survival, bounds->slot + bounds->slot_row[k],
                        (int32_t)(bounds->slot_row[k + 1] - bounds->slot_row[k]), bounds->parts, bounds->workers,
                        failed, bounds->law, bounds->room);
    bounds->missing[k] = 0;
    for (int32_t v = 0; v < bounds->parts; v++)
      bounds->missing[k] += bounds->law[v];
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

static void pair_terms(testudo_i_bounds *bounds, testudo_i_bound_terms *terms)
{
  testudo_i_pairs *pairs = &bounds->pairs;
  const int64_t *count = bounds->included == NULL ? bounds->types.type_count : bounds->included_count;
  testudo_i_pairs_evaluate(pairs, bounds->survival, bounds->parts);
  testudo_i_sum dependent = {0, 0}, products = {0, 0}, squares = {0, 0};
  for (int32_t k = 0; k < pairs->types; k++) {
    double both = bounds->missing[pairs->chunk_type[0][k]] * bounds->missing[pairs->chunk_type[1][k]];
    testudo_i_sum_add(&dependent, pairs->joint[k] * (double)pairs->count[k]);
    testudo_i_sum_add(&products, both * (double)pairs->count[k]);
  }
  for (int32_t k = 0; k < bounds->types.types; k++)
    testudo_i_sum_add(&squares, bounds->missing[k] * bounds->missing[k] * (double)count[k]);
  double first = sum_missing(bounds, count), near = testudo_i_sum_value(&dependent);
  double far = (first * first - testudo_i_sum_value(&squares)) / 2 - testudo_i_sum_value(&products);
  terms->janson = janson_tail(first, near);
  terms->bonferroni = fmax(0, first - near - fmax(0, far));
  if (pairs->neighbour != NULL)
    terms->chain = testudo_i_chain_tail(&bounds->chain, bounds->missing, bounds->parts);
}

void testudo_i_bounds_independent(testudo_i_bounds *bounds, double t, double fail_prob, int want,
                                  testudo_i_bound_terms *terms)
{
  *terms = nothing;
  testudo_i_slot_survivals(&bounds->types, t, bounds->base);
  for (int64_t k = 0; k < testudo_i_slots(&bounds->types); k++)
    bounds->survival[k] = fail_prob + (1 - fail_prob) * bounds->base[k];
  set_missing(bounds, bounds->survival, 0);
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
  if (bounds->failed == 0) {
    testudo_i_bounds_independent(bounds, t, bounds->fail_prob, want, terms);
  } else {
    *terms = nothing;
    testudo_i_slot_survivals(&bounds->types, t, bounds->base);
    set_missing(bounds, bounds->base, bounds->failed);
    terms->union_bound = fmin(1, sum_missing(bounds, bounds->types.type_count));
    terms->single = max_missing(bounds);
  }
  if ((want & TESTUDO_I_WANT_UPPER) != 0 && bounds->balanced) {
    double below;
    testudo_i_ideal_evaluate(&bounds->ideal, t, &below, &terms->ideal);
  }
}

double testudo_i_bounds_sum(testudo_i_bounds *bounds, double t)
{
  testudo_i_slot_survivals(&bounds->types, t, bounds->base);
  for (int64_t k = 0; k < testudo_i_slots(&bounds->types); k++)
    bounds->survival[k] = bounds->fail_prob + (1 - bounds->fail_prob) * bounds->base[k];
  set_missing(bounds, bounds->survival, bounds->failed);
  return sum_missing(bounds, bounds->types.type_count);
}

double testudo_i_bounds_late(testudo_i_bounds *bounds, double t)
{
  double never = testudo_i_bounds_sum(bounds, HUGE_VAL), late = testudo_i_bounds_sum(bounds, t) - never;
  /* What is left of the difference below its rounding is nothing. */
  return late > 1e-15 * bounds->workers * never ? late : 0;
}
