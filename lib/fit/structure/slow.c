/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fit/structure/slow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/order.h"

enum { NORMAL, SLOW, STATES };

#define ROUNDS 200
#define LEAST_MEMORY 4.0 /* standard errors */
#define LEAST_DISTANCE 2.0
#define LEAST_LASTING 0.1
#define LEAST_MOVES 3.0 /* turns into each state that are seen */

typedef struct chain {
  double mean[STATES], deviation, begin, end;
  double likelihood;  /* logarithm */
} chain;

/* What one pass over the data adds up for the next round of EM. */
typedef struct tally {
  double weight[STATES], sum[STATES], squares;
  double left[STATES], moved[STATES]; /* steps from a state, and those into the other */
} tally;

typedef struct markov {
  int32_t workers, iterations;
  const double *y;      /* NAN of an empty cell: nothing is seen in it, but the chain goes on */
  double *slow;         /* posterior of each cell */
  double *forward, *seen; /* of one worker: STATES per iteration */
  double *scale;
} markov;

static double density(const chain *c, int state, double y)
{
  double z = (y - c->mean[state]) / c->deviation;
  return isnan(y) ? 1.0 : fmax(exp(-0.5 * z * z) / c->deviation, 1e-300);
}

static void stationary(const chain *c, double share[STATES])
{
  share[SLOW] = c->begin / (c->begin + c->end);
  share[NORMAL] = 1.0 - share[SLOW];
}

/* Forwards: P(state | what was seen so far), and the likelihood. */
static double look_forwards(const markov *m, const chain *c, const double *y)
{
  double log_likelihood = 0.0, at[STATES];
  stationary(c, at);
  for (int32_t i = 0; i < m->iterations; i++) {
    double *seen = m->seen + STATES * i, *forward = m->forward + STATES * i;
    double slow = i == 0 ? at[SLOW] : at[SLOW] * (1.0 - c->end) + at[NORMAL] * c->begin;
    for (int s = 0; s < STATES; s++)
      seen[s] = density(c, s, y[i]);
    forward[NORMAL] = (1.0 - slow) * seen[NORMAL];
    forward[SLOW] = slow * seen[SLOW];
    m->scale[i] = forward[NORMAL] + forward[SLOW];
    for (int s = 0; s < STATES; s++)
      at[s] = forward[s] /= m->scale[i];
    log_likelihood += log(m->scale[i]);
  }
  return log_likelihood;
}

static void count_steps(const chain *c, const double *forward, const double *seen, const double *after, double scale,
                        tally *to)
{
  double move[STATES] = {[NORMAL] = c->begin, [SLOW] = c->end};
  for (int s = 0; s < STATES; s++) {
    double stay = forward[s] * (1.0 - move[s]) * seen[s] * after[s] / scale;
    double go = forward[s] * move[s] * seen[1 - s] * after[1 - s] / scale;
    to->left[s] += stay + go;
    to->moved[s] += go;
  }
}

/* Backwards: posteriors, and what the next round needs. after[s]: likelihood of all that follows, over its scale. */
static void look_backwards(const markov *m, const chain *c, const double *y, double *slow, tally *to)
{
  double after[STATES] = {1.0, 1.0};
  for (int32_t i = m->iterations - 1; i >= 0; i--) {
    const double *forward = m->forward + STATES * i;
    double share = forward[SLOW] * after[SLOW], weight[STATES];
    share /= share + forward[NORMAL] * after[NORMAL];
    slow[i] = share;
    weight[SLOW] = share;
    weight[NORMAL] = 1.0 - share;
    for (int s = 0; s < STATES && !isnan(y[i]); s++) {
      to->weight[s] += weight[s];
      to->sum[s] += weight[s] * y[i];
      to->squares += weight[s] * (y[i] - c->mean[s]) * (y[i] - c->mean[s]);
    }
    if (i == 0)
      return;
    const double *seen = m->seen + STATES * i;
    count_steps(c, m->forward + STATES * (i - 1), seen, after, m->scale[i], to);
    double normal = seen[NORMAL] * after[NORMAL] / m->scale[i], late = seen[SLOW] * after[SLOW] / m->scale[i];
    after[NORMAL] = (1.0 - c->begin) * normal + c->begin * late;
    after[SLOW] = (1.0 - c->end) * late + c->end * normal;
  }
}

static tally pass(const markov *m, chain *c)
{
  tally t = {{0}, {0}, 0, {0}, {0}};
  c->likelihood = 0.0;
  for (int32_t w = 0; w < m->workers; w++) {
    const double *y = m->y + (int64_t)w * m->iterations;
    c->likelihood += look_forwards(m, c, y);
    look_backwards(m, c, y, m->slow + (int64_t)w * m->iterations, &t);
  }
  return t;
}

static double within(double x, double least, double most)
{
  return fmin(most, fmax(least, x));
}

/* EM until the likelihood stands still; false where a state empties. The tally of the end is in *last. */
static bool improve(const markov *m, chain *c, tally *last)
{
  double before = -HUGE_VAL;
  for (int round = 0; round < ROUNDS; round++) {
    *last = pass(m, c);
    double all = last->weight[NORMAL] + last->weight[SLOW];
    if (!(last->weight[NORMAL] > 2.0 && last->weight[SLOW] > 2.0 && last->squares > 0.0))
      return false;
    if (c->likelihood - before < 1e-9 * fabs(c->likelihood))
      return true;
    before = c->likelihood;
    for (int s = 0; s < STATES; s++)
      c->mean[s] = last->sum[s] / last->weight[s];
    c->deviation = sqrt(last->squares / all);
    c->begin = within(last->moved[NORMAL] / last->left[NORMAL], 1e-9, 1.0 - 1e-9);
    c->end = within(last->moved[SLOW] / last->left[SLOW], 1e-9, 1.0 - 1e-9);
  }
  return true;
}

static void fill_errors(const chain *c, const tally *t, testudo_i_slow_states *to)
{
  to->state = (testudo_slow_state){c->begin, c->end, exp(c->mean[SLOW] - c->mean[NORMAL])};
  to->begin_error = sqrt(c->begin * (1.0 - c->begin) / t->left[NORMAL]);
  to->end_error = sqrt(c->end * (1.0 - c->end) / t->left[SLOW]);
  to->factor_error = c->deviation * sqrt(1.0 / t->weight[SLOW] + 1.0 / t->weight[NORMAL]);
}

/* The values that are there, ascending. */
static int64_t sort_values(const double *y, int64_t cells, double *sorted)
{
  int64_t count = 0;
  for (int64_t c = 0; c < cells; c++)
    if (!isnan(y[c]))
      sorted[count++] = y[c];
  qsort(sorted, (size_t)count, sizeof *sorted, testudo_i_ascending_reals);
  return count;
}

static double mean_of(const double *value, int64_t count)
{
  double sum = 0.0;
  for (int64_t k = 0; k < count; k++)
    sum += value[k];
  return sum / (double)count;
}

/* Both states on the two sides of a quantile. */
static chain start_at(const double *sorted, int64_t count, double quantile, double deviation)
{
  int64_t cut = (int64_t)(quantile * (double)count);
  cut = cut < 1 ? 1 : cut >= count ? count - 1 : cut;
  return (chain){{mean_of(sorted, cut), mean_of(sorted + cut, count - cut)}, 0.5 * deviation,
                 0.2 * (1.0 - quantile), 0.2 * quantile, -HUGE_VAL};
}

static double deviation_of(const double *value, int64_t count)
{
  double mean = mean_of(value, count), squares = 0.0;
  for (int64_t k = 0; k < count; k++)
    squares += (value[k] - mean) * (value[k] - mean);
  return sqrt(squares / (double)count);
}

static bool is_worth_it(const chain *c, double alone, double count)
{
  double distance = c->mean[SLOW] - c->mean[NORMAL];
  return 2.0 * (c->likelihood - alone) > 3.0 * log(count) && distance >= log(TESTUDO_I_NAMED_FACTOR) &&
         distance >= LEAST_DISTANCE * c->deviation && 1.0 - c->begin - c->end > LEAST_LASTING;
}

static void find_states(const markov *m, const double *sorted, int64_t count, testudo_i_slow_states *found)
{
  static const double starts[] = {0.5, 0.75, 0.9, 0.97};
  double deviation = deviation_of(sorted, count);
  double alone = -(double)count * (log(deviation) + 0.5); /* the constant of the densities is left out in both */
  chain best = {.likelihood = -HUGE_VAL};
  tally t;
  for (size_t k = 0; deviation > 0.0 && k < sizeof starts / sizeof *starts; k++) {
    chain c = start_at(sorted, count, starts[k], deviation);
    if (improve(m, &c, &t) && c.likelihood > best.likelihood)
      best = c;
  }
  if (best.likelihood == -HUGE_VAL || !is_worth_it(&best, alone, (double)count))
    return;
  t = pass(m, &best);
  if (!(t.moved[NORMAL] >= LEAST_MOVES && t.moved[SLOW] >= LEAST_MOVES))
    return; /* a change that comes once is no chain */
  found->found = true;
  fill_errors(&best, &t, found);
}

testudo_status testudo_i_slow_states_of(const testudo_i_cells *cells, const testudo_i_components *log_times,
                                        const testudo_i_workers *workers, testudo_i_arena *arena,
                                        testudo_i_slow_states *found, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena scratch = {0};
  *found = (testudo_i_slow_states){.found = false};
  if (!(workers->memory > LEAST_MEMORY * workers->memory_error))
    return TESTUDO_OK;
  size_t count = (size_t)cells->workers * (size_t)cells->iterations, length = (size_t)cells->iterations;
  double *y = testudo_i_arena_alloc(&scratch, count, sizeof *y);
  double *sorted = testudo_i_arena_alloc(&scratch, count, sizeof *sorted);
  markov m = {.workers = cells->workers, .iterations = cells->iterations, .y = y,
              .forward = testudo_i_arena_alloc(&scratch, STATES * length, sizeof *m.forward),
              .seen = testudo_i_arena_alloc(&scratch, STATES * length, sizeof *m.seen),
              .scale = testudo_i_arena_alloc(&scratch, length, sizeof *m.scale)};
  found->slow = m.slow = testudo_i_arena_calloc(arena, count, sizeof *m.slow);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  TESTUDO_I_TRY(testudo_i_arena_check(&scratch, error));
  /* An effect that is none takes part of every spell away: a slow worker raises the mean of its iteration. */
  bool iterations_differ = log_times->iteration_p < TESTUDO_I_FALSE_ALARM;
  for (int32_t w = 0; w < cells->workers; w++)
    for (int32_t i = 0; i < cells->iterations; i++) {
      size_t c = (size_t)w * length + (size_t)i;
      y[c] = log_times->cell[c] + log(workers->rate[w]) - (iterations_differ ? log_times->iteration_effect[i] : 0.0);
    }
  int64_t seen = sort_values(y, (int64_t)count, sorted);
  if (seen >= 20)
    find_states(&m, sorted, seen, found);
  return TESTUDO_OK;
}
