/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The perfectly balanced limit: the law of a sum of progresses. */
#include "exact/ideal.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "numeric/convolved.h"

/* A class this large is raised to its power by squaring; a smaller one is added worker by worker. */
#define POWER_FROM 24

/* ---- what it costs ---- */

static double power_cost(double load, double size, double need)
{
  double cost = 0;
  for (double done = 1; done < size; done *= 2) {
    double length = fmin(done * load, need);
    cost += 2 * length * length;
  }
  return cost;
}

static double evaluation_cost(const testudo_i_ideal *ideal)
{
  const testudo_i_cluster *cluster = ideal->cluster;
  double cost = 0, need = ideal->need;
  for (int32_t k = 0; k < cluster->classes; k++) {
    double load = cluster->class_load[k], size = cluster->class_size[k];
    if (!ideal->by_classes)
      cost += size * (ideal->failed + 1.0) * need * (load + 2);
    else if (size >= POWER_FROM)
      cost += power_cost(load, size, need) + need * need / 2;
    else
      cost += size * need * (load + 1);
  }
  return cost;
}

testudo_status testudo_i_ideal_init(testudo_i_ideal *ideal, testudo_i_arena *arena, const testudo_i_cluster *cluster,
                                    bool *fits, testudo_error *error)
{
  *ideal = (testudo_i_ideal){0};
  *fits = false;
  double need = (double)testudo_design_chunks(cluster->design) * testudo_design_parts(cluster->design);
  if (need > TESTUDO_I_LIMIT_IDEAL_NEED)
    return TESTUDO_OK;
  ideal->cluster = cluster;
  ideal->need = (int32_t)need;
  ideal->failed = testudo_i_cluster_failed(cluster);
  ideal->by_classes = ideal->failed == 0 || cluster->classes == 1;
  if (evaluation_cost(ideal) > TESTUDO_I_LIMIT_IDEAL_COST)
    return TESTUDO_OK;
  size_t room = (size_t)need + 1, rows = ideal->by_classes ? 1 : (size_t)ideal->failed + 1;
  ideal->law = testudo_i_arena_alloc(arena, rows * room, sizeof(double));
  ideal->power = testudo_i_arena_alloc(arena, room, sizeof(double));
  ideal->square = testudo_i_arena_alloc(arena, room, sizeof(double));
  ideal->next = testudo_i_arena_alloc(arena, room, sizeof(double));
  ideal->suffix = testudo_i_arena_alloc(arena, room + 1, sizeof(double));
  ideal->q = testudo_i_arena_alloc(arena, (size_t)cluster->max_load + 1, sizeof(double));
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  *fits = true;
  return TESTUDO_OK;
}

/* ---- laws of sums on 0..need, where `need` stands for all that is at least need ---- */

static void set_point(double *law, int32_t need)
{
  memset(law, 0, ((size_t)need + 1) * sizeof *law);
  law[0] = 1;
}

static int32_t last_nonzero(const double *law, int32_t need)
{
  int32_t last = need;
  while (last > 0 && law[last] == 0)
    last--;
  return last;
}

/* next = the law of the sum of independent a and b. */
static void convolve(const testudo_i_ideal *ideal, const double *a, const double *restrict b, double *restrict next)
{
  int32_t need = ideal->need, last_a = last_nonzero(a, need), last_b = last_nonzero(b, need);
  double *suffix = ideal->suffix;
  suffix[need + 1] = 0;
  for (int32_t k = need; k >= 0; k--)
    suffix[k] = suffix[k + 1] + b[k];
  memset(next, 0, ((size_t)need + 1) * sizeof *next);
  testudo_i_add_convolved(b, 0, last_b, a, 0, last_a, next, need - 1, 0.0);
  for (int32_t k = 0; k <= last_a; k++)
    next[need] += a[k] * suffix[need - k];
}

/* law = lives * (law + an independent draw of q). */
static void add_draw(testudo_i_ideal *ideal, double *law, int32_t load, double lives)
{
  const double *q = ideal->q;
  int32_t need = ideal->need, most = load < need ? load : need;
  double reached = law[need], beyond = 0; /* P(the draw is at least c) */
  for (int32_t c = load; c > most; c--)
    beyond += q[c];
  for (int32_t c = most; c > 0; c--) {
    beyond += q[c];
    reached += law[need - c] * beyond;
  }
  law[need] = 0; /* so that what is found below it is all that is left */
  memset(ideal->next, 0, (size_t)need * sizeof *ideal->next);
  testudo_i_add_convolved(law, 0, last_nonzero(law, need), q, 0, most, ideal->next, need - 1, 0.0);
  for (int32_t x = 0; x < need; x++)
    law[x] = lives * ideal->next[x];
  law[need] = lives * reached;
}

static void swap_laws(double **a, double **b)
{
  double *kept = *a;
  *a = *b;
  *b = kept;
}

/* law = law * q^size by squaring. */
static void add_power(testudo_i_ideal *ideal, int32_t load, int32_t size)
{
  int32_t need = ideal->need;
  memset(ideal->power, 0, ((size_t)need + 1) * sizeof(double));
  for (int32_t c = 0; c <= load; c++)
    ideal->power[c < need ? c : need] += ideal->q[c];
  for (int32_t rest = size; rest > 0; rest /= 2) {
    if (rest % 2 == 1) {
      convolve(ideal, ideal->law, ideal->power, ideal->next);
      swap_laws(&ideal->law, &ideal->next);
    }
    if (rest > 1) {
      convolve(ideal, ideal->power, ideal->power, ideal->square);
      swap_laws(&ideal->power, &ideal->square);
    }
  }
}

static void sum_by_classes(testudo_i_ideal *ideal, double t)
{
  const testudo_i_cluster *cluster = ideal->cluster;
  set_point(ideal->law, ideal->need);
  for (int32_t k = 0; k < cluster->classes; k++) {
    int32_t alive = cluster->class_size[k] - ideal->failed;
    testudo_i_cluster_progress(cluster, k, t, ideal->q);
    if (alive >= POWER_FROM)
      add_power(ideal, cluster->class_load[k], alive);
    else
      for (int32_t j = 0; j < alive; j++)
        add_draw(ideal, ideal->law, cluster->class_load[k], 1);
  }
}

/* Unequal workers, exactly f failures: rows by failures so far, the workers asked one by one. */
static void sum_with_failures(testudo_i_ideal *ideal, double t)
{
  const testudo_i_cluster *cluster = ideal->cluster;
  int32_t need = ideal->need, failed = ideal->failed, asked = 0;
  size_t width = (size_t)need + 1;
  memset(ideal->law, 0, ((size_t)failed + 1) * width * sizeof(double));
  ideal->law[0] = 1;
  for (int32_t k = 0; k < cluster->classes; k++) {
    testudo_i_cluster_progress(cluster, k, t, ideal->q);
    for (int32_t j = 0; j < cluster->class_size[k]; j++, asked++) {
      double remaining = cluster->workers - asked;
      for (int32_t v = failed; v >= 0; v--) {
        double *row = ideal->law + (size_t)v * width;
        add_draw(ideal, row, cluster->class_load[k], (remaining - (failed - v)) / remaining);
        for (size_t x = 0; v > 0 && x < width; x++)
          row[x] += (failed - (v - 1)) / remaining * (row - width)[x];
      }
    }
  }
  memmove(ideal->law, ideal->law + (size_t)failed * width, width * sizeof(double));
}

void testudo_i_ideal_evaluate(testudo_i_ideal *ideal, double t, double *below, double *above)
{
  if (ideal->by_classes)
    sum_by_classes(ideal, t);
  else
    sum_with_failures(ideal, t);
  double sum = 0;
  for (int32_t x = 0; x < ideal->need; x++)
    sum += ideal->law[x];
  *below = fmin(1, ideal->law[ideal->need]);
  *above = fmin(1, sum);
}
