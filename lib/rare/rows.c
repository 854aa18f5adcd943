/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A row's pairs one after the other: table[k][d][h] is the mass with d of the first k done, d below the need, and h
   failed, to which the chance that the other failures are elsewhere is the weight. */
#include "rare/rows.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "numeric/integrate.h"

testudo_status testudo_i_rare_time_make(testudo_i_rare_time *at, testudo_i_arena *arena,
                                        const testudo_i_cluster *cluster, testudo_error *error)
{
  const testudo_i_rule *rule = &cluster->rule;
  size_t width = (size_t)cluster->max_load + 2;
  *at = (testudo_i_rare_time){.cluster = cluster, .failed = testudo_i_cluster_failed(cluster)};
  for (int32_t r = 0; r < rule->rows; r++) {
    int64_t pairs = testudo_i_rule_pairs(rule, r);
    at->longest = pairs > at->longest ? pairs : at->longest;
    at->need = testudo_i_rule_need(rule, r) > at->need ? testudo_i_rule_need(rule, r) : at->need;
  }
  if (at->failed > 0)
    at->log_factorial = testudo_i_arena_calloc(arena, (size_t)cluster->workers + 1, sizeof *at->log_factorial);
  for (int32_t k = 0; at->log_factorial != NULL && k <= cluster->workers; k++)
    at->log_factorial[k] = testudo_i_log_gamma(k + 1.0);
  at->begun = testudo_i_arena_calloc(arena, (size_t)cluster->classes * width, sizeof *at->begun);
  at->reached = testudo_i_arena_calloc(arena, (size_t)cluster->classes * width, sizeof *at->reached);
  return testudo_i_arena_check(arena, error);
}

/* The probabilities of every progress, summed from either end. */
void testudo_i_rare_time_set(testudo_i_rare_time *at, double t)
{
  const testudo_i_cluster *cluster = at->cluster;
  size_t width = (size_t)cluster->max_load + 2;
  for (int32_t k = 0; k < cluster->classes; k++) {
    double *begun = at->begun + (size_t)k * width, *reached = at->reached + (size_t)k * width;
    int32_t load = cluster->class_load[k];
    testudo_i_cluster_progress(cluster, k, t, begun + 1);
    reached[load + 1] = begun[0] = 0.0;
    for (int32_t c = load; c >= 0; c--)
      reached[c] = reached[c + 1] + begun[c + 1];
    for (int32_t c = 1; c <= load + 1; c++)
      begun[c] += begun[c - 1];
  }
}

testudo_status testudo_i_rare_row_make(testudo_i_rare_row *row, testudo_i_arena *arena, const testudo_i_rare_time *at,
                                       bool draws, testudo_error *error)
{
  size_t pairs = (size_t)at->longest, lines = draws ? pairs + 1 : 2;
  *row = (testudo_i_rare_row){.draws = draws};
  row->table = testudo_i_arena_alloc(arena, lines * (size_t)at->need, ((size_t)at->failed + 1) * sizeof(double));
  row->worker = testudo_i_arena_alloc(arena, pairs, sizeof *row->worker);
  row->step = testudo_i_arena_alloc(arena, pairs, sizeof *row->step);
  return testudo_i_arena_check(arena, error);
}

static void list_pairs(testudo_i_rare_row *row, const testudo_i_rule *rule, int32_t number)
{
  int64_t pairs = testudo_i_rule_pairs(rule, number);
  row->pairs = 0;
  row->need = testudo_i_rule_need(rule, number);
  for (int64_t k = 0; k < pairs; k++) {
    int32_t worker = testudo_i_rule_pair_worker(rule, number, k);
    if (testudo_i_rule_steps(rule, worker) == 0) {
      row->need--;
      continue;
    }
    row->worker[row->pairs] = worker;
    row->step[row->pairs++] = testudo_i_rule_pair_step(rule, number, k);
  }
}

/* P(of the pairs' workers a given set of `here` fails, and no other). */
static double elsewhere(const testudo_i_rare_time *at, int32_t pairs, int32_t here)
{
  int32_t workers = at->cluster->workers, rest = at->failed - here, others = workers - pairs;
  const double *log_of = at->log_factorial;
  if (at->failed == 0)
    return 1.0;
  if (rest < 0 || rest > others)
    return 0.0;
  return exp(log_of[others] - log_of[rest] - log_of[others - rest] - log_of[workers] + log_of[at->failed] +
             log_of[workers - at->failed]);
}

typedef struct pair_law {
  double done, late;
} pair_law;

static pair_law law_of(const testudo_i_rare_time *at, const testudo_i_rare_row *row, int32_t k)
{
  const testudo_i_cluster *cluster = at->cluster;
  size_t of = (size_t)cluster->class_of[row->worker[k]] * ((size_t)cluster->max_load + 2) + (size_t)row->step[k];
  return (pair_law){at->reached[of], at->begun[of]};
}

/* Line k of the table. */
static double *line_of(const testudo_i_rare_row *row, int32_t k, size_t size)
{
  return row->table + (size_t)(row->draws ? k : k % 2) * size;
}

double testudo_i_rare_row_late(testudo_i_rare_row *row, const testudo_i_rare_time *at, int32_t number,
                               const testudo_monitor *monitor)
{
  list_pairs(row, &at->cluster->rule, number);
  row->weight = 0.0;
  if (row->need <= 0)
    return 0.0;
  size_t fails = (size_t)at->failed + 1, size = (size_t)row->need * fails;
  memset(row->table, 0, size * sizeof *row->table);
  row->table[0] = 1.0;
  for (int32_t k = 0; k < row->pairs; k++) {
    const double *from = line_of(row, k, size);
    double *to = line_of(row, k + 1, size);
    pair_law law = law_of(at, row, k);
    if (k % 64 == 63 && size > 4096 && testudo_i_stopped(monitor, -1.0))
      return row->weight;
    for (size_t d = 0; d < (size_t)row->need; d++)
      for (size_t h = 0; h < fails; h++)
        to[d * fails + h] = from[d * fails + h] * law.late + (d > 0 ? from[(d - 1) * fails + h] * law.done : 0.0) +
                            (h > 0 ? from[d * fails + h - 1] : 0.0);
  }
  const double *last = line_of(row, row->pairs, size);
  for (size_t h = 0; h < fails; h++) {
    double sum = 0.0;
    for (size_t d = 0; d < (size_t)row->need; d++)
      sum += last[d * fails + h];
    row->weight += sum * elsewhere(at, row->pairs, (int32_t)h);
  }
  return row->weight;
}

/* Where the last pair leaves it: (done, failed), as one index. */
static size_t draw_end(const testudo_i_rare_row *row, const testudo_i_rare_time *at, testudo_i_random *random)
{
  size_t fails = (size_t)at->failed + 1, size = (size_t)row->need * fails, found = 0;
  const double *last = row->table + (size_t)row->pairs * size;
  double left = testudo_i_random_uniform(random) * row->weight;
  for (size_t h = 0; h < fails; h++) {
    double by = elsewhere(at, row->pairs, (int32_t)h);
    for (size_t d = 0; d < (size_t)row->need; d++) {
      double mass = last[d * fails + h] * by;
      if (mass <= 0.0)
        continue;
      found = d * fails + h;
      left -= mass;
      if (left < 0.0)
        return found;
    }
  }
  return found;
}

int32_t testudo_i_rare_row_draw(const testudo_i_rare_row *row, const testudo_i_rare_time *at, testudo_i_random *random,
                                testudo_i_fate *fate)
{
  size_t fails = (size_t)at->failed + 1, size = (size_t)row->need * fails, end = draw_end(row, at, random);
  size_t d = end / fails, h = end % fails;
  for (int32_t k = row->pairs; k-- > 0;) {
    const double *from = row->table + (size_t)k * size;
    pair_law law = law_of(at, row, k);
    double late = from[d * fails + h] * law.late, done = d > 0 ? from[(d - 1) * fails + h] * law.done : 0.0;
    double failing = h > 0 ? from[d * fails + h - 1] : 0.0;
    double u = testudo_i_random_uniform(random) * (late + done + failing);
    if (u < done || (late <= 0.0 && failing <= 0.0)) {
      fate[k] = TESTUDO_I_FATE_DONE;
      d--;
    } else if (u < done + failing || late <= 0.0) {
      fate[k] = TESTUDO_I_FATE_FAILED;
      h--;
    } else
      fate[k] = TESTUDO_I_FATE_LATE;
  }
  return (int32_t)(end % fails);
}

int32_t testudo_i_rare_progress(const testudo_i_rare_time *at, int32_t worker, int32_t first, int32_t last,
                                testudo_i_random *random)
{
  const testudo_i_cluster *cluster = at->cluster;
  size_t of = (size_t)cluster->class_of[worker] * ((size_t)cluster->max_load + 2);
  const double *begun = at->begun + of, *reached = at->reached + of;
  double u = testudo_i_random_uniform(random);
  int32_t c = first;
  if (first > 0) { /* the upper end, whose probabilities are accurate from above: first .. load */
    double wanted = u * reached[first];
    while (c < last && reached[c + 1] > wanted)
      c++;
    return c;
  }
  double wanted = u * begun[last + 1];
  while (c < last && begun[c + 1] <= wanted)
    c++;
  return c;
}
