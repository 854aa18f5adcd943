/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Worker after worker. ANY: a state is (N_1, .., N_k), the workers so far that have reached each row, N_i less than it
   needs, in mixed radix; a worker that has reached i of them raises N_1 .. N_i. ALL: the state counts the workers that
   have NOT, and such a worker raises what is beyond i. What reaches a limit is stopped and summed. Rows by the number
   of failures so far, as in order_statistic.c. */
#include "exact/stepped/stepped.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

typedef struct counts_state {
  const testudo_i_cluster *cluster;
  const testudo_i_rule *rule;
  int32_t failed, levels;
  int64_t states;
  bool every;        /* ALL */
  int64_t *raise;    /* levels + 1: how far a worker in step i moves the index */
  double *progress;  /* max load + 1 */
  double *step;      /* classes x (levels + 1) */
  double *table;     /* (failed + 1) x states */
} counts_state;

static int32_t limit_of(const counts_state *counts, int32_t level)
{
  int32_t need = testudo_i_rule_need(counts->rule, level);
  return counts->every ? counts->cluster->workers - need + 1 : need;
}

/* The steps in which a worker stops no level: those up to the lowest level that is full, or with `every` those from the
   highest one on. */
static void open_steps(const counts_state *counts, int64_t index, int32_t *first, int32_t *last)
{
  *first = 0;
  *last = counts->levels;
  for (int32_t level = 0; level < counts->levels; level++) {
    int32_t limit = limit_of(counts, level);
    bool full = index % limit == limit - 1;
    if (full && !counts->every) {
      *last = level;
      return;
    }
    if (full)
      *first = level + 1;
    index /= limit;
  }
}

/* A living worker: from the highest index down, so that no mass moves twice. Answers what is stopped. */
static double add_living(const counts_state *counts, double *row, const double *step, double lives)
{
  double stopped = 0;
  for (int64_t x = counts->states - 1; x >= 0; x--) {
    double mass = row[x] * lives;
    row[x] = 0;
    if (mass == 0)
      continue;
    int32_t first, last;
    open_steps(counts, x, &first, &last);
    for (int32_t i = 0; i <= counts->levels; i++)
      if (i >= first && i <= last)
        row[x + counts->raise[i]] += mass * step[i];
      else
        stopped += mass * step[i];
  }
  return stopped;
}

/* A worker that fails is in step 0 for ever: its mass moves from the row of one failure less. Answers what is stopped.
   */
static double add_failing(const counts_state *counts, double *row, const double *before, double fails)
{
  double stopped = 0;
  for (int64_t x = 0; x < counts->states; x++) {
    int32_t first, last;
    double mass = before[x] * fails;
    if (mass == 0)
      continue;
    open_steps(counts, x, &first, &last);
    if (first == 0)
      row[x + counts->raise[0]] += mass;
    else
      stopped += mass;
  }
  return stopped;
}

/* All workers but `without` (-1: all), the table being filled with where they begin. Answers the mass that nothing has
   stopped; *stopped is the rest. */
static double run_counts(counts_state *counts, double t, int32_t without, double *stopped)
{
  const testudo_i_cluster *cluster = counts->cluster;
  size_t states = (size_t)counts->states, width = (size_t)counts->levels + 1;
  for (int32_t k = 0; k < cluster->classes; k++)
    testudo_i_stepped_steps(cluster, k, t, counts->progress, counts->step + (size_t)k * width);
  double left = 0, remaining = cluster->workers - (without >= 0);
  *stopped = 0;
  for (int32_t j = 0; j < cluster->workers; j++) {
    if (j == without)
      continue;
    const double *step = counts->step + (size_t)cluster->class_of[j] * width;
    for (int32_t v = counts->failed; v >= 0; v--) {
      double *row = counts->table + (size_t)v * states;
      *stopped += add_living(counts, row, step, fmax(0, remaining - (counts->failed - v)) / remaining);
      double fails = (counts->failed - (v - 1)) / remaining;
      if (v > 0)
        *stopped += add_failing(counts, row, row - states, fails);
    }
    remaining--;
  }
  for (size_t x = 0; x < states; x++)
    left += counts->table[(size_t)counts->failed * states + x];
  return left;
}

static void start_at(counts_state *counts, int64_t index)
{
  memset(counts->table, 0, ((size_t)counts->failed + 1) * (size_t)counts->states * sizeof *counts->table);
  counts->table[index] = 1;
}

static testudo_status evaluate_counts(void *state, double t, int want, testudo_i_probability *probability,
                                      testudo_error *error)
{
  (void)want;
  (void)error;
  counts_state *counts = state;
  start_at(counts, 0);
  double stopped, left = run_counts(counts, t, -1, &stopped);
  *probability = counts->every ? testudo_i_exact(left, stopped) : testudo_i_exact(stopped, left);
  return TESTUDO_OK;
}

/* ANY only. */
static double counts_marked(void *state, int32_t worker, int32_t step, double t)
{
  counts_state *counts = state;
  int32_t first, last;
  open_steps(counts, 0, &first, &last);
  if (last < step)
    return 0; /* it completes a tolerance alone */
  start_at(counts, counts->raise[step]);
  double stopped;
  return run_counts(counts, t, worker, &stopped);
}

static double counts_steps(const void *state)
{
  const counts_state *counts = state;
  return (double)counts->states * (counts->failed + 1.0) * counts->cluster->workers * (counts->levels + 1.0);
}

static testudo_status check_cost(counts_state *counts, int64_t max_states, testudo_error *error)
{
  double states = 1, rows = counts->failed + 1.0;
  for (int32_t level = 0; level < counts->levels; level++)
    states *= limit_of(counts, level);
  double steps = states * rows * counts->cluster->workers * (counts->levels + 1.0);
  if (states * rows > (double)max_states || steps > 1e9)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "%s: the exact law needs %.3g states (%ld workers of %ld kinds, %ld tolerances); the limit "
                          "is %lld states, and 1e9 steps per time point",
                          counts->cluster->design->scheme->name, states * rows, (long)counts->cluster->workers,
                          (long)counts->cluster->classes, (long)counts->levels, (long long)max_states);
  counts->states = (int64_t)states;
  return TESTUDO_OK;
}

static testudo_status reserve_counts(counts_state *counts, testudo_i_arena *arena, testudo_error *error)
{
  size_t width = (size_t)counts->levels + 1;
  counts->raise = testudo_i_arena_calloc(arena, width, sizeof *counts->raise);
  counts->progress = testudo_i_arena_calloc(arena, (size_t)counts->cluster->max_load + 1, sizeof *counts->progress);
  counts->step = testudo_i_arena_calloc(arena, (size_t)counts->cluster->classes, width * sizeof *counts->step);
  counts->table =
      testudo_i_arena_calloc(arena, (size_t)counts->states, ((size_t)counts->failed + 1) * sizeof *counts->table);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  int64_t stride = 1;
  for (int32_t level = 0; level < counts->levels; level++) {
    for (int32_t i = 0; i <= counts->levels; i++)
      if ((i > level) != counts->every)
        counts->raise[i] += stride;
    stride *= limit_of(counts, level);
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_stepped_counts(const testudo_i_cluster *cluster, int64_t max_states,
                                       testudo_i_method *method, testudo_error *error)
{
  counts_state *counts = method->state = testudo_i_arena_alloc(&method->arena, 1, sizeof *counts);
  TESTUDO_I_TRY(testudo_i_arena_check(&method->arena, error));
  *counts = (counts_state){.cluster = cluster, .rule = &cluster->rule, .failed = testudo_i_cluster_failed(cluster),
                           .levels = cluster->rule.rows, .every = cluster->rule.join == TESTUDO_I_ALL};
  TESTUDO_I_TRY(check_cost(counts, max_states, error));
  TESTUDO_I_TRY(reserve_counts(counts, &method->arena, error));
  method->exact = true;
  method->marked = counts->every ? NULL : counts_marked;
  method->marked_steps = counts_steps;
  method->evaluate = evaluate_counts;
  snprintf(method->name, sizeof method->name, "%s%s, %lld states over the workers", cluster->design->scheme->name,
           cluster->design->scheme->working_model ? " working model" : "", (long long)counts->states);
  return TESTUDO_OK;
}
