/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws that count finished workers: the maximum (uncoded) and K of n. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "exact/latency.h"
#include "numeric/integrate.h"

typedef struct order_state {
  const testudo_i_cluster *cluster;
  int32_t wait, failed;
  double possible;   /* all_finish: P(no worker with work to do fails) under exactly-f failures */
  double *table;     /* K of n with unequal workers: (failed + 1) x (spare + 2) */
  double *unfinished;
} order_state;

static testudo_status order_init(const testudo_i_cluster *cluster, testudo_i_method *method, order_state **made,
                                 testudo_error *error)
{
  order_state *order = *made = method->state = testudo_i_arena_calloc(&method->arena, 1, sizeof *order);
  TESTUDO_I_TRY(testudo_i_arena_check(&method->arena, error));
  order->cluster = cluster;
  order->failed = testudo_i_cluster_failed(cluster);
  method->exact = true;
  return TESTUDO_OK;
}

/* ---- everyone ---- */

static testudo_status evaluate_all(void *state, double t, int want, testudo_i_probability *probability,
                                   testudo_error *error)
{
  (void)want;
  (void)error;
  const order_state *order = state;
  const testudo_i_cluster *cluster = order->cluster;
  double log_below = 0;
  for (int32_t k = 0; k < cluster->classes; k++) {
    double unfinished = testudo_i_cluster_unfinished(cluster, k, t);
    log_below += cluster->class_size[k] *
                 (unfinished < 0.5 ? log1p(-unfinished) : log(testudo_i_cluster_finished(cluster, k, t)));
  }
  *probability = testudo_i_exact(order->possible * exp(log_below),
                                 (1 - order->possible) - order->possible * expm1(log_below));
  return TESTUDO_OK;
}

/* P(all f failures fall on workers that hold nothing) = C(idle, f) / C(m, f). */
static double spared(const testudo_i_cluster *cluster, int32_t failed)
{
  int32_t idle = 0;
  for (int32_t k = 0; k < cluster->classes; k++)
    if (cluster->class_load[k] == 0)
      idle += cluster->class_size[k];
  double product = 1;
  for (int32_t a = 0; a < failed && product > 0; a++)
    product *= a < idle ? (double)(idle - a) / (cluster->workers - a) : 0;
  return product;
}

testudo_status testudo_i_all_finish(const testudo_i_cluster *cluster, testudo_i_method *method, testudo_error *error)
{
  order_state *order;
  TESTUDO_I_TRY(order_init(cluster, method, &order, error));
  order->possible = spared(cluster, order->failed);
  method->evaluate = evaluate_all;
  snprintf(method->name, sizeof method->name, "order statistic, the last of %ld workers", (long)cluster->workers);
  return TESTUDO_OK;
}

/* ---- K of n ---- */

/* With n equal workers alive, T > t when more than n - K of them are unfinished. Both sides are binomial tails of the
   number unfinished, so neither cancels. */
static testudo_status evaluate_equal(void *state, double t, int want, testudo_i_probability *probability,
                                     testudo_error *error)
{
  (void)want;
  (void)error;
  const order_state *order = state;
  int32_t alive = order->cluster->workers - order->failed;
  if (alive < order->wait) {
    *probability = testudo_i_exact(0, 1);
    return TESTUDO_OK;
  }
  double unfinished = testudo_i_cluster_unfinished(order->cluster, 0, t);
  int32_t spare = alive - order->wait;
  *probability = testudo_i_exact(testudo_i_binomial_below(spare, alive, unfinished),
                                 testudo_i_binomial_above(spare + 1, alive, unfinished));
  return TESTUDO_OK;
}

/* One more worker: row v holds the law of the number of workers that have not finished (capped at spare + 1, from
   where there is no return) after v failures. A failed worker never finishes, unless it is idle: then it has nothing
   to do. */
static void add_unfinished(double *table, int32_t failed, int32_t spare, double unfinished, bool idle, double remaining)
{
  int32_t width = spare + 2;
  for (int32_t v = failed; v >= 0; v--) {
    double *row = table + (size_t)v * (size_t)width;
    double lives = (remaining - (failed - v)) / remaining;
    row[spare + 1] = lives * (row[spare + 1] + row[spare] * unfinished);
    for (int32_t u = spare; u > 0; u--)
      row[u] = lives * (row[u] * (1 - unfinished) + row[u - 1] * unfinished);
    row[0] *= lives * (1 - unfinished);
    if (v == 0)
      continue;
    const double *before = row - width;
    double fails = (failed - (v - 1)) / remaining;
    for (int32_t u = 0; u < width; u++)
      row[u] += fails * (idle ? before[u] : u > 0 ? before[u - 1] : 0);
    if (!idle)
      row[spare + 1] += fails * before[spare + 1];
  }
}

static testudo_status evaluate_unequal(void *state, double t, int want, testudo_i_probability *probability,
                                       testudo_error *error)
{
  (void)want;
  (void)error;
  const order_state *order = state;
  const testudo_i_cluster *cluster = order->cluster;
  int32_t spare = cluster->workers - order->wait;
  for (int32_t k = 0; k < cluster->classes; k++)
    order->unfinished[k] = testudo_i_cluster_unfinished(cluster, k, t);
  size_t width = (size_t)spare + 2;
  memset(order->table, 0, ((size_t)order->failed + 1) * width * sizeof *order->table);
  order->table[0] = 1;
  for (int32_t j = 0; j < cluster->workers; j++)
    add_unfinished(order->table, order->failed, spare, order->unfinished[cluster->class_of[j]],
               cluster->class_load[cluster->class_of[j]] == 0, cluster->workers - j);
  const double *row = order->table + (size_t)order->failed * width;
  double below = 0;
  for (int32_t u = 0; u <= spare; u++)
    below += row[u];
  *probability = testudo_i_exact(below, row[spare + 1]);
  return TESTUDO_OK;
}

static testudo_status prepare_unequal(order_state *order, testudo_i_arena *arena, testudo_error *error)
{
  const testudo_i_cluster *cluster = order->cluster;
  size_t room = ((size_t)order->failed + 1) * ((size_t)(cluster->workers - order->wait) + 2);
  if ((double)room * cluster->workers > 1e9)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "the exact law needs %.1g steps per time point (%ld of %ld workers of %ld kinds); the limit "
                          "is 1e9",
                          (double)room * cluster->workers, (long)order->wait, (long)cluster->workers,
                          (long)cluster->classes);
  order->table = testudo_i_arena_alloc(arena, room, sizeof *order->table);
  order->unfinished = testudo_i_arena_alloc(arena, (size_t)cluster->classes, sizeof *order->unfinished);
  return testudo_i_arena_check(arena, error);
}

testudo_status testudo_i_order_statistic(const testudo_i_cluster *cluster, testudo_i_method *method,
                                         testudo_error *error)
{
  int32_t wait = testudo_i_rule_need(&cluster->rule, 0);
  if (wait < 1 || wait > cluster->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "wait is %ld, but workers are 1..%ld", (long)wait,
                          (long)cluster->workers);
  order_state *order;
  TESTUDO_I_TRY(order_init(cluster, method, &order, error));
  order->wait = wait;
  bool equal = cluster->classes == 1;
  if (!equal)
    TESTUDO_I_TRY(prepare_unequal(order, &method->arena, error));
  method->evaluate = equal ? evaluate_equal : evaluate_unequal;
  snprintf(method->name, sizeof method->name, "order statistic, %ld of %ld workers", (long)wait,
           (long)cluster->workers);
  return TESTUDO_OK;
}
