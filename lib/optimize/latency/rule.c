/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The times and weights of a rule: Gauss-Legendre panels of a smooth law, steps of a discrete one, one quantile, or a
   deadline. */
#include "optimize/latency/rule.h"

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

/* The law that the rule is made from, and that of the same workers when every one answers for all its chunks at once:
   no order is later than that. An order whose mean is larger than the first one's may well end sooner in nearly all
   cases, and one whose mean is smaller may end later. */
typedef struct rule_laws {
  testudo_latency *own, *latest;
} rule_laws;

static void clear_laws(rule_laws *laws)
{
  testudo_latency_free(laws->own);
  testudo_latency_free(laws->latest);
}

/* Ascending times from 0 on within the law's reach, `own` of them, for better laws lie to the left; then, where it is
   later, the end of the latest of all laws. None where T is never finite. */
typedef struct rule_edges {
  double at[2 + EDGES + KINKS];
  size_t own, count;
} rule_edges;

static testudo_status find_edges(const rule_laws *laws, bool coarse, rule_edges *edge, testudo_error *error)
{
  double below, unused, end;
  const double *quantile = coarse ? coarse_edges : fine_edges;
  size_t edges = coarse ? sizeof coarse_edges / sizeof *coarse_edges : EDGES;
  *edge = (rule_edges){.own = 0};
  TESTUDO_I_TRY(testudo_latency_cdf(laws->own, HUGE_VAL, &below, &unused, error));
  for (size_t k = 0; below > 0 && k < edges; k++) {
    TESTUDO_I_TRY(testudo_latency_quantile(laws->own, below * quantile[k], &end, &unused, error));
    if (isfinite(end))
      edge->at[++edge->own] = end;
  }
  if (edge->own == 0)
    return TESTUDO_OK;
  edge->count = ++edge->own;
  if (laws->latest == NULL) /* not known exactly */
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_latency_quantile(laws->latest, below * quantile[edges - 1], &end, &unused, error));
  if (isfinite(end) && end > edge->at[edge->own - 1])
    edge->at[edge->count++] = end;
  return TESTUDO_OK;
}

static testudo_status make_smooth(testudo_i_quadrature *rule, const testudo_latency *latency, rule_edges *edge,
                                  bool coarse, testudo_error *error)
{
  double first = edge->at[0], last = edge->at[edge->own - 1];
  for (size_t k = 0, kinks = 0; k < latency->point_count && kinks < KINKS; k++)
    if (latency->points[k] > first && latency->points[k] < last) {
      edge->at[edge->count++] = latency->points[k];
      kinks++;
    }
  qsort(edge->at, edge->count, sizeof *edge->at, testudo_i_ascending_reals);
  TESTUDO_I_TRY(allocate_rule(rule, NODES * edge->count, error));
  for (size_t k = 1; k < edge->count; k++)
    if (edge->at[k] > edge->at[k - 1])
      add_panel(rule, edge->at[k - 1], edge->at[k], coarse);
  return TESTUDO_OK;
}

/* The tail is constant between jumps; of many, `most` stand for their neighbours. */
static void add_steps(testudo_i_quadrature *rule, const double *point, size_t count, size_t most)
{
  size_t steps = count - 1 < most ? count - 1 : most;
  for (size_t k = 1; k <= steps; k++) {
    size_t from = (k - 1) * (count - 1) / steps, to = k * (count - 1) / steps;
    add_time(rule, point[(from + to) / 2], point[to] - point[from]);
  }
}

static size_t points_until(const testudo_latency *latency, double end)
{
  size_t count = latency->point_count;
  while (count > 0 && latency->points[count - 1] > end)
    count--;
  return count;
}

/* Discrete: many steps where the law has its jumps, and as many again beyond. */
static testudo_status make_steps(testudo_i_quadrature *rule, const testudo_latency *latency, rule_edges *edge,
                                 bool coarse, testudo_error *error)
{
  const double *point = latency->points;
  size_t most = coarse ? COARSE_STEPS : STEPS;
  size_t own = points_until(latency, edge->at[edge->own - 1]), all = points_until(latency, edge->at[edge->count - 1]);
  TESTUDO_I_TRY(allocate_rule(rule, 2 * most, error));
  if (own == 0)
    return TESTUDO_OK;
  rule->base = point[0];
  add_steps(rule, point, own, most);
  add_steps(rule, point + own - 1, all - own + 1, most);
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

static testudo_status make_laws(rule_laws *laws, const testudo_i_goal *goal, const testudo_design *design,
                                testudo_error *error)
{
  testudo_analysis_options options = {goal->report, INT64_MAX, 1e-9, goal->monitor};
  const testudo_i_delay delay = testudo_i_goal_delay(goal);
  TESTUDO_I_TRY(testudo_i_latency_create_exact(design, &delay, &options, &laws->own, error));
  options.report = TESTUDO_REPORT_WHOLE;
  return goal->objective.kind == TESTUDO_OBJECTIVE_QUANTILE
             ? TESTUDO_OK : testudo_i_latency_create_exact(design, &delay, &options, &laws->latest, error);
}

testudo_status testudo_i_quadrature_of_design(testudo_i_quadrature *rule, const testudo_i_goal *goal,
                                              const testudo_design *design, bool coarse, testudo_error *error)
{
  TESTUDO_I_HELD(clear_laws) rule_laws laws = {NULL, NULL};
  testudo_i_quadrature_free(rule);
  rule_edges edge;
  if (goal->objective.kind == TESTUDO_OBJECTIVE_DEADLINE) {
    TESTUDO_I_TRY(allocate_rule(rule, 1, error));
    add_time(rule, goal->objective.at, 1);
    return TESTUDO_OK;
  }
  TESTUDO_I_TRY(make_laws(&laws, goal, design, error));
  if (goal->objective.kind == TESTUDO_OBJECTIVE_QUANTILE)
    return make_quantile(rule, laws.own, goal->objective.at, error);
  TESTUDO_I_TRY(find_edges(&laws, coarse, &edge, error));
  if (edge.count == 0)
    return TESTUDO_OK;
  return (laws.own->discrete ? make_steps : make_smooth)(rule, laws.own, &edge, coarse, error);
}
