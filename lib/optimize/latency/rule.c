/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "optimize/latency/rule.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

/* Panels of six Gauss-Legendre nodes each, between these quantiles and the kinks of the law. */
#define NODES 6
#define MOST_KINKS 10
#define MOST_STEPS 400

static const double edge_quantile[] = {1e-9, 1e-3, 0.15, 0.5, 0.85, 0.985, 0.9995, 1 - 1e-7};
#define EDGES (sizeof edge_quantile / sizeof *edge_quantile)

static testudo_status allocate(testudo_i_rule *rule, size_t count, testudo_error *error)
{
  rule->time = testudo_i_alloc(count, sizeof *rule->time);
  rule->weight = testudo_i_alloc(count, sizeof *rule->weight);
  return rule->time == NULL || rule->weight == NULL ? testudo_i_fail_memory(error) : TESTUDO_OK;
}

static void add(testudo_i_rule *rule, double time, double weight)
{
  rule->time[rule->count] = time;
  rule->weight[rule->count++] = weight;
}

static void add_panel(testudo_i_rule *rule, double begin, double end)
{
  static const double node[NODES / 2] = {0.2386191860831969, 0.6612093864662645, 0.9324695142031521};
  static const double weight[NODES / 2] = {0.4679139345726910, 0.3607615730481386, 0.1713244923791704};
  double middle = (begin + end) / 2, half = (end - begin) / 2;
  for (int k = 0; k < NODES / 2; k++) {
    add(rule, middle - half * node[k], half * weight[k]);
    add(rule, middle + half * node[k], half * weight[k]);
  }
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Ascending edges within the law's reach; their number, 0 where T is never finite. */
static testudo_status find_edges(testudo_latency *latency, double *edge, size_t *count, testudo_error *error)
{
  double below, unused;
  *count = 0;
  testudo_status status = testudo_latency_cdf(latency, HUGE_VAL, &below, &unused, error);
  for (size_t k = 0; status == TESTUDO_OK && below > 0 && k < EDGES; k++) {
    double q = below * edge_quantile[k];
    status = testudo_latency_quantile(latency, q, &edge[*count], &unused, error);
    if (isfinite(edge[*count]))
      ++*count;
  }
  return status;
}

static testudo_status make_smooth(testudo_i_rule *rule, testudo_latency *latency, testudo_error *error)
{
  double edge[EDGES + MOST_KINKS];
  size_t edges;
  testudo_status status = find_edges(latency, edge, &edges, error);
  if (status != TESTUDO_OK || edges == 0)
    return status;
  double first = edge[0], last = edge[edges - 1];
  for (size_t k = 0, kinks = 0; k < latency->point_count && kinks < MOST_KINKS; k++)
    if (latency->points[k] > first && latency->points[k] < last) {
      edge[edges++] = latency->points[k];
      kinks++;
    }
  qsort(edge, edges, sizeof *edge, ascending);
  status = allocate(rule, NODES * edges, error);
  if (status != TESTUDO_OK)
    return status;
  rule->base = edge[0];
  for (size_t k = 1; k < edges; k++)
    if (edge[k] > edge[k - 1])
      add_panel(rule, edge[k - 1], edge[k]);
  return TESTUDO_OK;
}

/* Discrete: the tail is constant between jumps; where they are many, some stand for their neighbours. */
static testudo_status make_steps(testudo_i_rule *rule, testudo_latency *latency, testudo_error *error)
{
  double edge[EDGES];
  size_t edges, begin = 0, end = latency->point_count;
  testudo_status status = find_edges(latency, edge, &edges, error);
  if (status != TESTUDO_OK || edges == 0)
    return status;
  while (begin < end && latency->points[begin] < edge[0])
    begin++;
  while (end > begin && latency->points[end - 1] > edge[edges - 1])
    end--;
  size_t count = end - begin, steps = count < MOST_STEPS ? count : MOST_STEPS;
  status = allocate(rule, steps + 1, error);
  if (status != TESTUDO_OK || count == 0)
    return status;
  const double *point = latency->points + begin;
  rule->base = point[0];
  for (size_t k = 1; k <= steps; k++) {
    size_t from = (k - 1) * (count - 1) / steps, to = k * (count - 1) / steps;
    if (to > from)
      add(rule, point[(from + to) / 2], point[to] - point[from]);
  }
  return TESTUDO_OK;
}

/* A discrete law below t has not reached t: the tail just before it decides. */
static testudo_status make_quantile(testudo_i_rule *rule, testudo_latency *latency, double q, testudo_error *error)
{
  double at, unused;
  testudo_status status = testudo_latency_quantile(latency, q, &at, &unused, error);
  if (status == TESTUDO_OK)
    status = allocate(rule, 1, error);
  if (status == TESTUDO_OK && isfinite(at))
    add(rule, latency->discrete ? nextafter(at, 0) : at, 1);
  return status;
}

testudo_status testudo_i_rule_make(testudo_i_rule *rule, testudo_latency *latency, const testudo_objective *objective,
                                   testudo_error *error)
{
  *rule = (testudo_i_rule){.count = 0};
  testudo_status status = objective->kind == TESTUDO_OBJECTIVE_QUANTILE
                              ? make_quantile(rule, latency, objective->at, error)
                          : latency->discrete ? make_steps(rule, latency, error)
                                              : make_smooth(rule, latency, error);
  if (status != TESTUDO_OK)
    testudo_i_rule_free(rule);
  return status;
}

void testudo_i_rule_free(testudo_i_rule *rule)
{
  free(rule->time);
  free(rule->weight);
  *rule = (testudo_i_rule){.count = 0};
}

double testudo_i_rule_value(const testudo_i_rule *rule, const double *above)
{
  double value = rule->base;
  for (size_t k = 0; k < rule->count; k++)
    value += rule->weight[k] * above[k];
  return value;
}
