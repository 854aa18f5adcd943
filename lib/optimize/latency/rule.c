/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The times and weights of a rule: Gauss-Legendre panels of a smooth law, steps of a discrete one, or one quantile. */
#include "optimize/latency/rule.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/order.h"

/* Panels of six Gauss-Legendre nodes each (three of a coarse rule), between these quantiles and the kinks of the law.
   */
#define NODES 6
#define KINKS 10
#define STEPS 400
#define COARSE_STEPS 60

static const double fine_edges[] = {1e-9, 1e-3, 0.15, 0.5, 0.85, 0.985, 0.9995, 1 - 1e-7};
static const double coarse_edges[] = {1e-4, 0.2, 0.6, 0.9, 0.99, 1 - 1e-4};
#define EDGES (sizeof fine_edges / sizeof *fine_edges)

static testudo_status allocate_rule(testudo_i_quadrature *rule, size_t count, testudo_error *error)
{
  rule->time = testudo_i_arena_alloc(&rule->arena, count, sizeof *rule->time);
  rule->weight = testudo_i_arena_alloc(&rule->arena, count, sizeof *rule->weight);
  return testudo_i_arena_check(&rule->arena, error);
}

static void add_time(testudo_i_quadrature *rule, double time, double weight)
{
  rule->time[rule->count] = time;
  rule->weight[rule->count++] = weight;
}

static void add_panel(testudo_i_quadrature *rule, double begin, double end, bool coarse)
{
  static const double node[NODES / 2] = {0.2386191860831969, 0.6612093864662645, 0.9324695142031521};
  static const double weight[NODES / 2] = {0.4679139345726910, 0.3607615730481386, 0.1713244923791704};
  double middle = (begin + end) / 2, half = (end - begin) / 2;
  if (coarse) {
    add_time(rule, middle, half * 8 / 9);
    add_time(rule, middle - half * 0.7745966692414834, half * 5 / 9);
    add_time(rule, middle + half * 0.7745966692414834, half * 5 / 9);
    return;
  }
  for (int k = 0; k < NODES / 2; k++) {
    add_time(rule, middle - half * node[k], half * weight[k]);
    add_time(rule, middle + half * node[k], half * weight[k]);
  }
}

/* Ascending edges within the law's reach, from 0 on, for better laws lie to the left; their number, 0 where T is never
   finite. */
static testudo_status find_edges(testudo_latency *latency, bool coarse, double *edge, size_t *count,
                                 testudo_error *error)
{
  double below, unused;
  const double *quantile = coarse ? coarse_edges : fine_edges;
  size_t edges = coarse ? sizeof coarse_edges / sizeof *coarse_edges : EDGES;
  edge[0] = 0;
  *count = 0;
  TESTUDO_I_TRY(testudo_latency_cdf(latency, HUGE_VAL, &below, &unused, error));
  for (size_t k = 0; below > 0 && k < edges; k++) {
    double q = below * quantile[k];
    TESTUDO_I_TRY(testudo_latency_quantile(latency, q, &edge[*count + 1], &unused, error));
    if (isfinite(edge[*count + 1]))
      ++*count;
  }
  *count += *count > 0;
  return TESTUDO_OK;
}

static testudo_status make_smooth(testudo_i_quadrature *rule, testudo_latency *latency, bool coarse,
                                  testudo_error *error)
{
  double edge[1 + EDGES + KINKS];
  size_t edges;
  TESTUDO_I_TRY(find_edges(latency, coarse, edge, &edges, error));
  if (edges == 0)
    return TESTUDO_OK;
  double first = edge[0], last = edge[edges - 1];
  for (size_t k = 0, kinks = 0; k < latency->point_count && kinks < KINKS; k++)
    if (latency->points[k] > first && latency->points[k] < last) {
      edge[edges++] = latency->points[k];
      kinks++;
    }
  qsort(edge, edges, sizeof *edge, testudo_i_ascending_reals);
  TESTUDO_I_TRY(allocate_rule(rule, NODES * edges, error));
  for (size_t k = 1; k < edges; k++)
    if (edge[k] > edge[k - 1])
      add_panel(rule, edge[k - 1], edge[k], coarse);
  return TESTUDO_OK;
}

/* Discrete: the tail is constant between jumps; where they are many, some stand for their neighbours. */
static testudo_status make_steps(testudo_i_quadrature *rule, testudo_latency *latency, bool coarse,
                                 testudo_error *error)
{
  double edge[1 + EDGES];
  size_t edges, end = latency->point_count;
  TESTUDO_I_TRY(find_edges(latency, coarse, edge, &edges, error));
  if (edges == 0)
    return TESTUDO_OK;
  while (end > 0 && latency->points[end - 1] > edge[edges - 1])
    end--;
  size_t count = end, most = coarse ? COARSE_STEPS : STEPS, steps = count < most ? count : most;
  TESTUDO_I_TRY(allocate_rule(rule, steps + 1, error));
  if (count == 0)
    return TESTUDO_OK;
  const double *point = latency->points;
  rule->base = point[0];
  for (size_t k = 1; k <= steps; k++) {
    size_t from = (k - 1) * (count - 1) / steps, to = k * (count - 1) / steps;
    if (to > from)
      add_time(rule, point[(from + to) / 2], point[to] - point[from]);
  }
  return TESTUDO_OK;
}

/* A discrete law below t has not reached t: the tail just before it decides. */
static testudo_status make_quantile(testudo_i_quadrature *rule, testudo_latency *latency, double q,
                                    testudo_error *error)
{
  double at, unused;
  TESTUDO_I_TRY(testudo_latency_quantile(latency, q, &at, &unused, error));
  TESTUDO_I_TRY(allocate_rule(rule, 1, error));
  if (isfinite(at))
    add_time(rule, latency->discrete ? nextafter(at, 0) : at, 1);
  return TESTUDO_OK;
}

void testudo_i_quadrature_free(testudo_i_quadrature *rule)
{
  testudo_i_arena_clear(&rule->arena);
  *rule = (testudo_i_quadrature){.count = 0};
}

testudo_status testudo_i_quadrature_of_design(testudo_i_quadrature *rule, const testudo_i_goal *goal,
                                              const testudo_design *design, bool coarse, testudo_error *error)
{
  const testudo_analysis_options options = {goal->report, INT64_MAX, 1e-9, goal->monitor};
  const testudo_i_delay delay = testudo_i_goal_delay(goal);
  TESTUDO_I_HELD(testudo_i_latency_drop) testudo_latency *latency = NULL;
  testudo_i_quadrature_free(rule);
  TESTUDO_I_TRY(testudo_i_latency_create_exact(design, &delay, &options, &latency, error));
  if (goal->objective.kind == TESTUDO_OBJECTIVE_QUANTILE)
    return make_quantile(rule, latency, goal->objective.at, error);
  return (latency->discrete ? make_steps : make_smooth)(rule, latency, coarse, error);
}
