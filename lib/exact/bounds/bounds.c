/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The best of the inequalities, as a method of the latency object. */
#include "exact/bounds/bounds.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/order.h"
#include "numeric/integrate.h"

#define GRID 48

/* ---- making ---- */

/* Chunks taken greedily in their numbering so that no two share a worker. */
static testudo_status choose_disjoint(testudo_i_bounds *bounds, testudo_i_arena *arena, testudo_error *error)
{
  const testudo_design *design = bounds->types.design;
  bool *taken = testudo_i_arena_calloc(arena, (size_t)bounds->types.workers, sizeof *taken);
  bounds->disjoint_count =
      testudo_i_arena_calloc(arena, (size_t)bounds->types.types, sizeof *bounds->disjoint_count);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (int32_t i = 0; i < testudo_design_chunks(design); i++) {
    const int32_t *holder = testudo_design_holders(design, i);
    int32_t holders = testudo_design_replication(design, i), k = 0;
    while (k < holders && !taken[holder[k]])
      k++;
    if (k < holders)
      continue;
    for (k = 0; k < holders; k++)
      taken[holder[k]] = true;
    bounds->disjoint_count[bounds->types.type_of[i]]++;
  }
  return TESTUDO_OK;
}

/* ---- pairs ---- */

/* Chunks by P(A_i) at a time when about one is missing: those at the end decide T. */
static void rank_chunks(testudo_i_bounds *bounds, testudo_i_ranked *rank)
{
  double begin = 0, end = testudo_i_cluster_scale(bounds->cluster, 0.5);
  for (int k = 0; k < 200 && testudo_i_bounds_late(bounds, end) > 1; k++)
    end *= 2;
  for (int k = 0; k < 30; k++) {
    double middle = begin + (end - begin) / 2;
    *(testudo_i_bounds_late(bounds, middle) > 1 ? &begin : &end) = middle;
  }
  (void)testudo_i_bounds_late(bounds, end);
  int32_t chunks = testudo_design_chunks(bounds->types.design);
  for (int32_t i = 0; i < chunks; i++)
    rank[i] = (testudo_i_ranked){bounds->missing[bounds->types.type_of[i]], i};
  qsort(rank, (size_t)chunks, sizeof *rank, testudo_i_falling_ranks);
}

/* Inequalities over some of the chunks are true of all; the largest number of chunks, halving, whose pairs fit. */
static testudo_status pair_the_likeliest(testudo_i_bounds *bounds, testudo_i_arena *arena, testudo_error *error)
{
  size_t chunks = (size_t)testudo_design_chunks(bounds->types.design);
  testudo_i_ranked *rank = testudo_i_arena_alloc(arena, chunks, sizeof *rank);
  bounds->included = testudo_i_arena_calloc(arena, chunks, sizeof *bounds->included);
  bounds->included_count =
      testudo_i_arena_calloc(arena, (size_t)bounds->types.types, sizeof *bounds->included_count);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  rank_chunks(bounds, rank);
  int32_t count = (int32_t)chunks / 2;
  for (int32_t k = 0; k < count; k++)
    bounds->included[rank[k].index] = true;
  while (!bounds->paired && count >= 2) {
    TESTUDO_I_TRY(
        testudo_i_pairs_init(&bounds->pairs, arena, &bounds->types, bounds->included, &bounds->paired, error));
    for (int32_t k = count / 2; !bounds->paired && k < count; k++)
      bounds->included[rank[k].index] = false;
    count = bounds->paired ? count : count / 2;
  }
  for (int32_t k = 0; k < count; k++)
    bounds->included_count[bounds->types.type_of[rank[k].index]]++;
  bounds->included_chunks = count;
  return TESTUDO_OK;
}

testudo_status testudo_i_bounds_init(testudo_i_bounds *bounds, testudo_i_arena *arena,
                                     const testudo_i_cluster *cluster, int64_t max_states,
                                     const testudo_monitor *monitor, testudo_error *error)
{
  *bounds = (testudo_i_bounds){.cluster = cluster};
  testudo_i_chunk_types *types = &bounds->types;
  TESTUDO_I_TRY(testudo_i_chunk_types_init(types, arena, cluster->design, &cluster->delay, cluster->whole, error));
  bounds->missing = testudo_i_arena_alloc(arena, (size_t)types->types, sizeof *bounds->missing);
  TESTUDO_I_TRY(choose_disjoint(bounds, arena, error));
  TESTUDO_I_TRY(testudo_i_pairs_init(&bounds->pairs, arena, types, NULL, &bounds->paired, error));
  if (!bounds->paired)
    TESTUDO_I_TRY(pair_the_likeliest(bounds, arena, error));
  if (bounds->paired && bounds->pairs.neighbour != NULL)
    TESTUDO_I_TRY(testudo_i_chain_init(&bounds->chain, arena, &bounds->pairs, error));
  TESTUDO_I_TRY(testudo_i_never_find(cluster, max_states, monitor, &bounds->end, error));
  TESTUDO_I_TRY(testudo_i_failed_sets_init(&bounds->sets, arena, types, monitor, error));
  TESTUDO_I_TRY(testudo_i_averaged_init(&bounds->averaged, arena, types, error));
  bounds->finite = bounds->end.known ? bounds->end.finite : fmax(0, 1 - testudo_i_bounds_sum(bounds, HUGE_VAL));
  return testudo_i_ideal_init(&bounds->ideal, arena, cluster, &bounds->balanced, error);
}

/* ---- the best ---- */

static double best_lower_tail(const testudo_i_bound_terms *terms)
{
  double best = fmax(fmax(terms->single, terms->ideal), terms->disjoint);
  return fmin(1, fmax(best, fmax(fmax(terms->janson, terms->chain), terms->second_order)));
}

/* Independent failures a little more frequent than f of m, for upper bounds of the tail. */
static void upper_through_independent(testudo_i_bounds *bounds, double t, testudo_i_probability *probability)
{
  static const double deviations[] = {0.5, 1, 1.5, 2, 2.7, 3.5};
  double m = bounds->types.workers, f = bounds->types.failed;
  for (size_t k = 0; k < sizeof deviations / sizeof *deviations; k++) {
    double phi = fmin(1, (f + deviations[k] * sqrt(f) + 0.5) / m);
    double enough = testudo_i_binomial_above(bounds->types.failed, bounds->types.workers, phi);
    testudo_i_bound_terms terms;
    testudo_i_bounds_independent(bounds, t, phi, TESTUDO_I_WANT_LOWER, &terms);
    probability->above_upper = fmin(probability->above_upper, terms.association / enough);
  }
}

/* Association given the failed workers, their average in the exponent. */
static void upper_through_average(testudo_i_bounds *bounds, double t, testudo_i_probability *probability)
{
  testudo_i_chunk_types_at(&bounds->types, t, 0);
  double below = testudo_i_averaged_below(&bounds->averaged, &bounds->types, bounds->finite) * (1 - 1e-12);
  probability->below_lower = fmax(probability->below_lower, below);
  probability->above_upper = fmin(probability->above_upper, 1 - below);
}

/* A little less frequent, down to none, for lower bounds of the tail. */
static void lower_through_independent(testudo_i_bounds *bounds, double t, testudo_i_probability *probability)
{
  static const double deviations[] = {1, 2};
  double m = bounds->types.workers, f = bounds->types.failed;
  for (size_t k = bounds->end.known ? 1 : 0; k <= sizeof deviations / sizeof *deviations; k++) {
    double phi = k == 0 ? 0 : (f - deviations[k - 1] * sqrt(f)) / m;
    if (phi < 0)
      continue;
    double few = testudo_i_binomial_below(bounds->types.failed, bounds->types.workers, phi);
    testudo_i_bound_terms terms;
    testudo_i_bounds_independent(bounds, t, phi, TESTUDO_I_WANT_UPPER, &terms);
    double tail = k == 0 ? best_lower_tail(&terms) : 1 - (1 - best_lower_tail(&terms)) / few;
    probability->above_lower = fmax(probability->above_lower, tail);
  }
}

/* Association given each set of failed workers. */
static void upper_through_sets(testudo_i_bounds *bounds, double t, testudo_i_probability *probability)
{
  testudo_i_chunk_types_at(&bounds->types, t, 0);
  double below = testudo_i_failed_sets_below(&bounds->sets, &bounds->types);
  probability->below_lower = fmax(probability->below_lower, below);
  probability->above_upper = fmin(probability->above_upper, 1 - below);
}

/* Failures only delay: given some that are not fatal, T is later than without any. */
static void lower_through_end(testudo_i_bounds *bounds, double t, testudo_i_probability *probability)
{
  testudo_i_bound_terms terms;
  if (bounds->types.failed == 0 && bounds->types.fail_prob == 0)
    return;
  testudo_i_bounds_independent(bounds, t, 0, TESTUDO_I_WANT_UPPER, &terms);
  double tail = bounds->end.never + bounds->end.finite * best_lower_tail(&terms);
  probability->above_lower = fmax(probability->above_lower, tail);
}

void testudo_i_bounds_best(testudo_i_bounds *bounds, double t, int want, testudo_i_probability *probability)
{
  testudo_i_bound_terms terms;
  if (t == HUGE_VAL && bounds->end.known) {
    *probability = testudo_i_exact(bounds->end.finite, bounds->end.never);
    return;
  }
  testudo_i_bounds_direct(bounds, t, want, &terms);
  *probability = (testudo_i_probability){0, 1, 0, 1};
  if ((want & TESTUDO_I_WANT_LOWER) != 0) {
    probability->above_upper = fmin(terms.union_bound, terms.association);
    if (bounds->types.failed > 0 && bounds->sets.sets == 0)
      upper_through_independent(bounds, t, probability);
    probability->below_lower = fmax(terms.below, 1 - probability->above_upper);
    if (bounds->sets.sets > 0)
      upper_through_sets(bounds, t, probability);
    else if (bounds->averaged.fits)
      upper_through_average(bounds, t, probability);
  }
  if ((want & TESTUDO_I_WANT_UPPER) != 0) {
    probability->above_lower = best_lower_tail(&terms);
    if (bounds->types.failed > 0)
      lower_through_independent(bounds, t, probability);
    if (bounds->end.known)
      lower_through_end(bounds, t, probability);
    for (size_t k = bounds->grid_count; k > 0 && bounds->grid[k - 1] >= t; k--)
      probability->above_lower = fmax(probability->above_lower, bounds->grid_tail[k - 1]);
    /* A tail that rounds to 1 must not hide a small chance that is known. */
    probability->below_upper = 1 - probability->above_lower;
    if ((want & TESTUDO_I_WANT_LOWER) != 0)
      probability->below_upper = fmax(probability->below_upper, probability->below_lower);
  }
}

/* ---- the method ---- */

/* A time by which few workers have done anything, and one after which hardly a chunk is missing that will ever come. */
static void find_grid_span(testudo_i_bounds *bounds, double *soon, double *far)
{
  *soon = testudo_i_cluster_scale(bounds->cluster, 0.01);
  *far = testudo_i_cluster_scale(bounds->cluster, 0.5);
  double late = 1;
  for (int k = 0; k < 1000 && late > 1e-6; k++) {
    late = testudo_i_bounds_late(bounds, *far);
    *far *= late <= 1e-6 ? 1 : late > 1e-2 ? 1.5 : 4;
  }
}

/* Time k of `count` that span a law: evenly spread, or by equal ratios where the law is wide. */
static double grid_time(double soon, double far, size_t k, size_t count)
{
  double share = (double)(k + 1) / (double)count;
  return far > 100 * soon && soon > 0 ? soon * pow(far / soon, share) : far * share;
}

/* Times for the running maximum; for a discrete law they must be among its jumps. */
static testudo_status make_grid(testudo_i_bounds *bounds, testudo_i_arena *arena, const double *points, size_t count,
                                testudo_error *error)
{
  bounds->grid = testudo_i_arena_alloc(arena, 2 * GRID, sizeof *bounds->grid);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  bounds->grid_tail = bounds->grid + GRID;
  double soon = 0, far = 0;
  if (points == NULL)
    find_grid_span(bounds, &soon, &far);
  double *grid = bounds->grid, *tail = bounds->grid_tail;
  size_t size = points == NULL || count > GRID ? GRID : count;
  for (size_t k = 0; k < size; k++) {
    grid[k] = points == NULL ? grid_time(soon, far, k, GRID) : points[(k + 1) * count / size - 1];
    testudo_i_probability probability;
    testudo_i_bounds_best(bounds, grid[k], TESTUDO_I_WANT_UPPER, &probability);
    tail[k] = probability.above_lower;
  }
  bounds->grid_count = size;
  return TESTUDO_OK;
}

static testudo_status evaluate_bounds(void *state, double t, int want, testudo_i_probability *probability,
                                      testudo_error *error)
{
  (void)error;
  testudo_i_bounds_best(state, t, want, probability);
  return TESTUDO_OK;
}

static testudo_status bounds_uncovered(void *state, double t, double *sum, testudo_error *error)
{
  (void)error;
  *sum = testudo_i_bounds_sum(state, t);
  return TESTUDO_OK;
}

static void name_bounds(const testudo_i_bounds *bounds, testudo_i_method *method)
{
  const char *above = bounds->types.failed > 0 ? "union, association given failures" : "association";
  const char *below = !bounds->paired                   ? "disjoint chunks (too many pairs of chunks for Janson)"
                      : bounds->pairs.neighbour != NULL ? "conditional chain, Janson, Dawson-Sankoff, disjoint chunks"
                                                        : "Janson, Dawson-Sankoff, disjoint chunks";
  char some[80] = "";
  if (bounds->paired && bounds->included != NULL)
    snprintf(some, sizeof some, " (pairs of the %d likeliest late chunks)", (int)bounds->included_chunks);
  snprintf(method->name, sizeof method->name, "bounds: %s above; %s%s%s below%s%s", above, below, some,
           bounds->balanced ? ", perfect balancing" : "", bounds->end.how[0] == '\0' ? "" : "; P(never) exact, ",
           bounds->end.how);
}

testudo_status testudo_i_bounded(const testudo_i_cluster *cluster, int64_t max_states,
                                 const testudo_monitor *monitor, const double *points, size_t count,
                                 testudo_i_method *method, testudo_error *error)
{
  testudo_i_bounds *bounds = method->state = testudo_i_arena_alloc(&method->arena, 1, sizeof *bounds);
  TESTUDO_I_TRY(testudo_i_arena_check(&method->arena, error));
  TESTUDO_I_TRY(testudo_i_bounds_init(bounds, &method->arena, cluster, max_states, monitor, error));
  TESTUDO_I_TRY(make_grid(bounds, &method->arena, points, count, error));
  method->evaluate = evaluate_bounds;
  method->uncovered = bounds_uncovered;
  name_bounds(bounds, method);
  return TESTUDO_OK;
}
