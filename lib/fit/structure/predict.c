/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fit/structure/predict.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "delay/model.h"
#include "numeric/integrate.h"

/* The mean of values that come one after the other. */
typedef struct running {
  double count, mean, squares, products, last;
} running;

static void add_value(running *r, double x)
{
  double away = x - r->mean;
  r->count++;
  r->mean += away / r->count;
  r->squares += away * (x - r->mean);
  r->products += r->count > 1.0 ? away * (r->last - r->mean) : 0.0;
  r->last = x;
}

static double error_of(const running *r)
{
  return r->count > 1.0 ? sqrt(r->squares / (r->count - 1.0) / r->count) : NAN;
}

/* How many times the variance of the mean is that of independent values. */
static double widened(const running *r)
{
  double memory = r->squares > 0.0 ? r->products / r->squares : 0.0;
  memory = memory > 2.0 / sqrt(r->count) ? fmin(memory, 0.9) : 0.0;
  return (1.0 + memory) / (1.0 - memory);
}

typedef struct two_largest {
  double first, second;
  double sum, count;
} two_largest;

static void take_time(two_largest *of, double time)
{
  of->sum += time;
  of->count++;
  of->second = fmax(of->second, fmin(of->first, time));
  of->first = fmax(of->first, time);
}

/* The three means of iterations. */
typedef struct tallies {
  running first, second, waiting;
} tallies;

static void add_iteration(tallies *t, const two_largest *of)
{
  add_value(&t->first, of->first);
  add_value(&t->second, of->count > 1.0 ? of->second : NAN);
  add_value(&t->waiting, of->first - of->sum / of->count);
}

static testudo_fit_times times_of(const tallies *tally, bool measured)
{
  const running *first = &tally->first, *second = &tally->second, *waiting = &tally->waiting;
  double error = error_of(first), other = error_of(second), excess = error_of(waiting), t = 1.96;
  if (measured && first->count > 1.0) {
    error *= sqrt(widened(first));
    other *= sqrt(widened(second));
    excess *= sqrt(widened(waiting));
    t = testudo_i_student_quantile(0.975, first->count - 1.0);
  }
  return (testudo_fit_times){first->count, first->mean, error, first->mean - t * error, first->mean + t * error,
                             second->mean, other, second->mean - t * other, second->mean + t * other,
                             waiting->mean, excess};
}

/* The seconds of a cell, or NAN where it has none to sum up. */
static double total_of(const testudo_i_cells *cells, int64_t cell)
{
  double sum = testudo_i_cell_size(cells, cell) > 0 ? 0.0 : NAN;
  for (int64_t r = cells->start[cell]; r < cells->start[cell + 1]; r++)
    sum += testudo_i_cells_saw(cells, r) ? cells->seconds[r] : NAN;
  return sum;
}

testudo_fit_times testudo_i_times_measured(const testudo_i_cells *cells, double *slowest)
{
  tallies tally = {0};
  for (int32_t i = 0; i < cells->iterations; i++) {
    two_largest of = {0};
    double all = 0.0;
    for (int32_t w = 0; w < cells->workers; w++) {
      double total = total_of(cells, (int64_t)w * cells->iterations + i);
      all += total;
      take_time(&of, total);
    }
    if (isnan(all))
      continue;
    slowest[(int64_t)tally.first.count] = of.first;
    add_iteration(&tally, &of);
  }
  if (tally.first.count < 2.0)
    return (testudo_fit_times){tally.first.count, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
  return times_of(&tally, true);
}

/* ---- predicted ---- */

typedef struct drawing {
  const testudo_i_draws *draws;
  testudo_i_random random;
  double mean;              /* of a chunk's time */
} drawing;

#define MOST_SUMMED 1000.0

static double draw_from(drawing *d, const testudo_law *law, const double *pool, int64_t pooled)
{
  double u = testudo_i_random_uniform(&d->random);
  if (pool == NULL)
    return testudo_i_law_draw(law, u);
  int64_t k = (int64_t)(u * (double)pooled);
  return pool[k < pooled ? k : pooled - 1];
}

static double draw_chunk(drawing *d)
{
  return draw_from(d, d->draws->law, d->draws->pool, d->draws->pooled);
}

static double draw_startup(drawing *d)
{
  const testudo_i_draws *of = d->draws;
  if (of->startup_law == NULL && of->startup_pool == NULL)
    return of->startup;
  return draw_from(d, of->startup_law, of->startup_pool, of->startup_pooled);
}

/* Of `chunks` independent times, the first of them x. Of very many the sum has the mean and variance of all of them and
   the shape of MOST_SUMMED. */
static double draw_sum(drawing *d, double x, double chunks)
{
  double summed = fmin(chunks, MOST_SUMMED), sum = 0.0;
  for (double k = 0.0; k < summed; k++, x = draw_chunk(d))
    sum += x;
  if (chunks <= MOST_SUMMED)
    return sum;
  double mean = isfinite(d->mean) ? d->mean : sum / summed;
  return chunks * mean + (sum - summed * mean) * sqrt(chunks / summed);
}

/* chunks: how many of them, in units of rows or of loads. */
static double draw_worker(drawing *d, double chunks, double rate)
{
  double x = draw_chunk(d), sum = 0.0;
  if (d->draws->structure == TESTUDO_STRUCTURE_SCALED)
    sum = x * chunks;
  else if (d->draws->structure == TESTUDO_STRUCTURE_MIXED)
    for (double k = 0.0; k < chunks; k++)
      sum += x * draw_from(d, d->draws->chunk_law, d->draws->chunk_pool, d->draws->chunk_pooled);
  else
    sum = draw_sum(d, x, chunks);
  const testudo_slow_state *slow = &d->draws->slow;
  double share = slow->factor > 0.0 ? slow->begin / (slow->begin + slow->end) : 0.0;
  if (share > 0.0 && testudo_i_random_uniform(&d->random) < share)
    sum *= slow->factor;
  return draw_startup(d) + sum / rate;
}

static double chunks_of(const testudo_i_cells *cells, int64_t cell)
{
  double sum = 0.0;
  for (int64_t r = cells->start[cell]; r < cells->start[cell + 1]; r++)
    sum += cells->load == NULL ? 1.0 : cells->load[r];
  return sum;
}

static double mean_of(const testudo_i_draws *draws)
{
  double sum = 0.0;
  if (draws->pool == NULL)
    return testudo_law_mean(draws->law);
  for (int64_t k = 0; k < draws->pooled; k++)
    sum += draws->pool[k];
  return sum / (double)draws->pooled;
}

/* c of P(X > x) ~ x^-c, for what a worker's time is drawn from; HUGE_VAL for lighter tails. */
static double tail_of_draws(const testudo_i_draws *draws)
{
  double tail = draws->pool == NULL ? testudo_i_law_tail_index(draws->law) : HUGE_VAL;
  if (draws->structure == TESTUDO_STRUCTURE_MIXED && draws->chunk_pool == NULL)
    tail = fmin(tail, testudo_i_law_tail_index(draws->chunk_law));
  if (draws->startup_law != NULL)
    tail = fmin(tail, testudo_i_law_tail_index(draws->startup_law));
  return tail;
}

/* A mean that does not exist has a simulated value all the same, which says nothing. The k-th slowest worker's tail is
   the k-th power of one worker's. */
static void admit_infinite(testudo_fit_times *times, double tail)
{
  if (tail <= 1.0) {
    times->slowest = times->slowest_low = times->slowest_high = HUGE_VAL;
    times->waiting = HUGE_VAL;
    times->slowest_error = times->waiting_error = NAN;
  }
  if (2.0 * tail <= 1.0 && isfinite(times->but_one)) {
    times->but_one = times->but_one_low = times->but_one_high = HUGE_VAL;
    times->but_one_error = NAN;
  }
}

#define DRAWS 5e6
#define LEAST_TRIALS 400
#define MOST_TRIALS 40000

testudo_status testudo_i_times_predicted(const testudo_i_cells *cells, const testudo_i_draws *draws, uint64_t seed,
                                         testudo_fit_times *times, testudo_error *error)
{
  int64_t count = (int64_t)cells->workers * cells->iterations;
  TESTUDO_I_HELD(testudo_i_free_held) double *chunks = testudo_i_alloc((size_t)count, sizeof *chunks);
  TESTUDO_I_TRY(testudo_i_memory_check(chunks != NULL, error));
  double all = 0.0;
  for (int64_t c = 0; c < count; c++)
    all += chunks[c] = chunks_of(cells, c);
  double each = draws->structure == TESTUDO_STRUCTURE_SCALED ? cells->workers : all / cells->iterations;
  int64_t trials = (int64_t)fmin(MOST_TRIALS, fmax(LEAST_TRIALS, DRAWS / fmax(each, 1.0)));
  drawing d = {.draws = draws, .mean = mean_of(draws)};
  tallies tally = {0};
  for (int64_t trial = 0; trial < trials; trial++) {
    two_largest of = {0};
    testudo_i_random_start(&d.random, seed, TESTUDO_I_FOR_BOOTSTRAP, (uint64_t)trial, 1);
    int64_t i = trial % cells->iterations;
    for (int32_t w = 0; w < cells->workers; w++) {
      double work = chunks[(int64_t)w * cells->iterations + i];
      if (work > 0.0)
        take_time(&of, draw_worker(&d, work, draws->rates == NULL ? 1.0 : draws->rates[w]));
    }
    if (of.count > 0.0)
      add_iteration(&tally, &of);
  }
  *times = times_of(&tally, false);
  admit_infinite(times, tail_of_draws(draws));
  return TESTUDO_OK;
}
