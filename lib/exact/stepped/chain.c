/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the highest level down, the mass by the number of workers that have reached it; how many more reach the next
   lower one is Poisson, given their sum. Only the mass that no level has stopped is carried on; what is stopped and
   what is left are both sums of positive terms, so that neither tail cancels. */
#include "exact/stepped/stepped.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "exact/stepped/poisson.h"
#include "numeric/convolved.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

typedef struct chain_state {
  const testudo_i_cluster *cluster;
  const testudo_i_rule *rule;
  int32_t alive;
  double *progress;   /* max load + 1 */
  double *step;       /* levels + 1 */
  double *now, *next; /* alive + 1: mass by the number of workers that have reached the level */
  double *row;        /* alive + 1: Poisson probabilities */
} chain_state;

void testudo_i_stepped_steps(const testudo_i_cluster *cluster, int32_t class_, double t, double *q, double *step)
{
  const testudo_i_rule *rule = &cluster->rule;
  testudo_i_cluster_progress(cluster, class_, t, q);
  int32_t c = 0;
  for (int32_t i = 0; i <= rule->rows; i++) {
    int32_t end = i < rule->rows ? rule->step_of_row[i] - 1 : rule->step_of_row[rule->rows - 1];
    step[i] = 0;
    for (; c <= end; c++)
      step[i] += q[c];
  }
}

/* Terms that are smaller than the first are left out, or than the next ones where that matters: all that is left out
   comes to less than 1e10 times as much. */
static const double least_term[] = {1e-40, 1e-120, 1e-290};
enum { LEASTS = sizeof least_term / sizeof *least_term };
#define LEFT_OUT 1e10
#define NEGLIGIBLE 1e-15

typedef struct two_sides {
  double left, stopped; /* the mass that no level has stopped; that some level has */
} two_sides;

/* The masses chain->now[low..high] come to a level; those that it stops go to *sides, weighted by the chance that all
   other workers stay below it; low..high is what is left. */
static void stop_at(chain_state *chain, int32_t level, int32_t alive, int32_t limit, double least, int32_t *low,
                    int32_t *high, two_sides *sides)
{
  bool every = chain->rule->join == TESTUDO_I_ALL;
  int32_t first, last;
  double below = 0;
  for (int32_t i = 0; i <= level; i++)
    below += chain->step[i];
  testudo_i_poisson_row(chain->row, alive * below, alive, least, &first, &last);
  sides->left = 0;
  for (int32_t a = *low > alive - last ? *low : alive - last; a <= *high && a <= alive - first; a++) {
    double mass = chain->now[a] * chain->row[alive - a];
    *((a >= limit) == every ? &sides->left : &sides->stopped) += mass;
  }
  if (every && *low < limit)
    *low = limit;
  if (!every && *high >= limit)
    *high = limit - 1;
}

/* From one level, where chain->now is low..high, to the next lower one. */
static void go_down(chain_state *chain, double reached, int32_t alive, double least, int32_t *low, int32_t *high)
{
  int32_t first, last;
  testudo_i_poisson_row(chain->row, alive * reached, alive, least, &first, &last);
  int32_t begin = *low + first < alive ? *low + first : alive, end = *high + last < alive ? *high + last : alive;
  memset(chain->next + begin, 0, (size_t)(end - begin + 1) * sizeof *chain->next);
  testudo_i_add_convolved(chain->now, *low, *high, chain->row, first, last, chain->next, alive, least);
  *low = begin;
  *high = end;
  double *swapped = chain->now;
  chain->now = chain->next;
  chain->next = swapped;
}

/* The chain over `alive` workers, beside one more that has reached exactly the `marked` lowest levels (0: as if it were
   not there), without terms below `least`. */
static two_sides run_chain(chain_state *chain, int32_t alive, int32_t marked, double least)
{
  const testudo_i_rule *rule = chain->rule;
  two_sides sides = {0, 0};
  int32_t low = 0, high = 0;
  chain->now[0] = 1;
  for (int32_t level = rule->rows - 1; level >= 0; level--) {
    go_down(chain, chain->step[level + 1], alive, least, &low, &high);
    int32_t limit = testudo_i_rule_need(rule, level) - (level < marked);
    stop_at(chain, level, alive, limit, least, &low, &high, &sides);
    if (low > high)
      break;
  }
  double norm = testudo_i_poisson_norm(alive);
  return (two_sides){fmin(1, sides.left * norm), fmin(1, sides.stopped * norm)};
}

/* Of a time, the smaller side to full accuracy. */
static two_sides accurate_chain(chain_state *chain, double t)
{
  two_sides sides = {0, 0};
  testudo_i_stepped_steps(chain->cluster, 0, t, chain->progress, chain->step);
  for (int k = 0; k < LEASTS; k++) {
    sides = run_chain(chain, chain->alive, 0, least_term[k]);
    if (fmin(sides.left, sides.stopped) * NEGLIGIBLE > least_term[k] * LEFT_OUT)
      break;
  }
  return sides;
}

static testudo_status evaluate_chain(void *state, double t, int want, testudo_i_probability *probability,
                                     testudo_error *error)
{
  (void)want;
  (void)error;
  chain_state *chain = state;
  bool every = chain->rule->join == TESTUDO_I_ALL;
  two_sides sides = accurate_chain(chain, t);
  *probability = every ? testudo_i_exact(sides.left, sides.stopped) : testudo_i_exact(sides.stopped, sides.left);
  return TESTUDO_OK;
}

/* ANY only. The workers are alike, so that it does not ask which. */
static double chain_marked(void *state, int32_t worker, int32_t step, double t)
{
  (void)worker;
  chain_state *chain = state;
  testudo_i_stepped_steps(chain->cluster, 0, t, chain->progress, chain->step);
  return run_chain(chain, chain->alive - 1, step, least_term[0]).left;
}

/* Both the mass of a level and a row of Poisson probabilities span some 14 deviations either way, sqrt(workers) / 2 at
   most and sqrt(workers / levels) or so. */
static double steps_of(double alive, double levels)
{
  return levels * fmin(alive * alive / 2, 400 * alive);
}

static double chain_steps(const void *state)
{
  const chain_state *chain = state;
  return steps_of(chain->alive, chain->rule->rows);
}

testudo_status testudo_i_stepped_chain(const testudo_i_cluster *cluster, testudo_i_method *method,
                                      testudo_error *error)
{
  const testudo_i_rule *rule = &cluster->rule;
  int32_t alive = cluster->workers - testudo_i_cluster_failed(cluster);
  double steps = steps_of(alive, rule->rows);
  if (steps > 1e9)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "%s: the exact law needs %.1g steps per time point (%ld workers, %ld tolerances); the limit "
                          "is 1e9",
                          cluster->design->scheme->name, steps, (long)cluster->workers, (long)rule->rows);
  testudo_i_arena *arena = &method->arena;
  chain_state *chain = method->state = testudo_i_arena_alloc(arena, 1, sizeof *chain);
  double *progress = testudo_i_arena_calloc(arena, (size_t)cluster->max_load + 1, sizeof *progress);
  double *step = testudo_i_arena_calloc(arena, (size_t)rule->rows + 1, sizeof *step);
  double *now = testudo_i_arena_calloc(arena, (size_t)alive + 1, sizeof *now);
  double *next = testudo_i_arena_calloc(arena, (size_t)alive + 1, sizeof *next);
  double *row = testudo_i_arena_calloc(arena, (size_t)alive + 1, sizeof *row);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  *chain = (chain_state){cluster, rule, alive, progress, step, now, next, row};
  method->exact = true;
  method->marked = rule->join == TESTUDO_I_ANY ? chain_marked : NULL;
  method->marked_steps = chain_steps;
  method->evaluate = evaluate_chain;
  snprintf(method->name, sizeof method->name, "%s%s, chain over %ld tolerances", cluster->design->scheme->name,
           cluster->design->scheme->working_model ? " working model" : "", (long)rule->rows);
  return TESTUDO_OK;
}
