/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Given that a of n workers have reached a level, a + Binomial(n - a, p) have reached the next lower one. Only the mass
   that no level has stopped is carried on; what is stopped and what is left are both sums of positive terms, so that
   neither tail cancels. */
#include "exact/stepped/stepped.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "numeric/integrate.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

typedef struct chain_state {
  const testudo_i_cluster *cluster;
  const testudo_i_rule *rule;
  int32_t alive;
  double *progress;   /* max load + 1 */
  double *step;       /* levels + 1 */
  double *now, *next; /* alive + 1: mass by the number of workers that have reached the level */
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

/* mass * P(Bin(count, p) = b) goes to next[reached + b], or to the answer: with `every` below `limit`, otherwise from
   it on. Runs both ways from the largest term, where the probability is known to full accuracy. */
static double spread(double *next, double mass, int32_t reached, int32_t count, int32_t limit, bool every,
                     double p, double q)
{
  int32_t mode = p <= 0 ? 0 : q <= 0 ? count : (int32_t)fmin(count, floor((count + 1.0) * p));
  double stopped = 0, term = mass * testudo_i_binomial_mass(mode, count, p, q), first = term;
  for (int32_t b = mode; b >= 0 && term > 0; b--) {
    if ((reached + b >= limit) != every)
      stopped += term;
    else
      next[reached + b] += term;
    term *= b * q / ((count - b + 1.0) * p);
  }
  term = q > 0 ? first * ((count - mode) * p / ((mode + 1.0) * q)) : 0;
  for (int32_t b = mode + 1; b <= count && term > 0; b++) {
    if ((reached + b >= limit) != every)
      stopped += term;
    else
      next[reached + b] += term;
    term *= (count - b) * p / ((b + 1.0) * q);
  }
  return stopped;
}

/* The chain over `alive` workers, beside one more that has reached exactly the `marked` lowest levels (0: as if it were
   not there). Answers the mass that no level has stopped; *stopped is what some level has. */
static double run_chain(chain_state *chain, double t, int32_t alive, int32_t marked, double *stopped)
{
  const testudo_i_rule *rule = chain->rule;
  size_t room = ((size_t)chain->alive + 1) * sizeof *chain->now;
  bool every = chain->rule->join == TESTUDO_I_ALL;
  testudo_i_stepped_steps(chain->cluster, 0, t, chain->progress, chain->step);
  memset(chain->now, 0, room);
  chain->now[0] = 1;
  double left = 0;
  *stopped = 0;
  for (int32_t level = rule->rows - 1; level >= 0; level--) {
    double rest = 0;
    for (int32_t i = 0; i <= level; i++)
      rest += chain->step[i];
    double reached = chain->step[level + 1], all = rest + reached;
    double p = all > 0 ? reached / all : 1, q = all > 0 ? rest / all : 0;
    int32_t limit = testudo_i_rule_need(rule, level) - (level < marked);
    memset(chain->next, 0, room);
    for (int32_t a = 0; a <= alive; a++)
      if (chain->now[a] > 0)
        *stopped += spread(chain->next, chain->now[a], a, alive - a, limit, every, p, q);
    double *swapped = chain->now;
    chain->now = chain->next;
    chain->next = swapped;
  }
  for (int32_t a = 0; a <= alive; a++)
    left += chain->now[a];
  return left;
}

static testudo_status evaluate_chain(void *state, double t, int want, testudo_i_probability *probability,
                                     testudo_error *error)
{
  (void)want;
  (void)error;
  chain_state *chain = state;
  bool every = chain->rule->join == TESTUDO_I_ALL;
  double stopped, left = run_chain(chain, t, chain->alive, 0, &stopped);
  *probability = every ? testudo_i_exact(left, stopped) : testudo_i_exact(stopped, left);
  return TESTUDO_OK;
}

double testudo_i_stepped_chain_marked(void *state, int32_t worker, int32_t step, double t)
{
  (void)worker;
  chain_state *chain = state;
  double stopped;
  return run_chain(chain, t, chain->alive - 1, step, &stopped);
}

double testudo_i_stepped_chain_steps(const void *state)
{
  const chain_state *chain = state;
  return (double)chain->alive * chain->alive / 2 * chain->rule->rows;
}

testudo_status testudo_i_stepped_chain(const testudo_i_cluster *cluster, testudo_i_method *method,
                                      testudo_error *error)
{
  const testudo_i_rule *rule = &cluster->rule;
  int32_t alive = cluster->workers - testudo_i_cluster_failed(cluster);
  double steps = (double)alive * alive / 2 * rule->rows;
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
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  *chain = (chain_state){cluster, rule, alive, progress, step, now, next};
  method->exact = true;
  method->marked = rule->join == TESTUDO_I_ANY ? testudo_i_stepped_chain_marked : NULL;
  method->marked_steps = testudo_i_stepped_chain_steps;
  method->evaluate = evaluate_chain;
  snprintf(method->name, sizeof method->name, "%s%s, chain over %ld tolerances", cluster->design->scheme->name,
           cluster->design->scheme->working_model ? " working model" : "", (long)rule->rows);
  return TESTUDO_OK;
}
