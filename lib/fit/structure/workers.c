/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fit/structure/workers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/order.h"
#include "numeric/integrate.h"

/* Ways to sum a worker up. The iteration's effect is taken off each. Of normal logarithms the first is efficient, of
   exponential times the last is nearly so (its variance is 1.09 times the least, that of the first 1.64). */
typedef enum way { MEAN_OF_LOGS, LOG_OF_MEAN, ROOT_OF_MEAN, WAYS } way;

typedef struct table {
  const testudo_i_cells *cells;
  const testudo_i_components *log;
  double *log_mean;     /* log of the mean time of each cell */
} table;

/* NAN of an empty cell. */
static double value_at(const table *t, way how, int32_t w, int32_t i)
{
  int64_t c = (int64_t)w * t->cells->iterations + i;
  double effect = t->log->iteration_effect[i];
  if (how == MEAN_OF_LOGS)
    return t->log->cell[c] - effect;
  double left = t->log_mean[c] - effect;
  return how == LOG_OF_MEAN ? left : exp(0.5 * left);
}

typedef struct series {
  double mean, variance; /* of the location, a logarithm, and of one iteration's */
  int32_t count;
} series;

static series series_of(const table *t, way how, int32_t w)
{
  series s = {0.0, 0.0, 0};
  for (int32_t i = 0; i < t->cells->iterations; i++) {
    double value = value_at(t, how, w, i);
    if (isnan(value))
      continue;
    s.count++;
    double away = value - s.mean; /* Welford */
    s.mean += away / s.count;
    s.variance += away * (value - s.mean);
  }
  s.variance = s.count > 1 ? s.variance / (s.count - 1) : NAN;
  if (how == ROOT_OF_MEAN) {
    s.variance *= 4.0 / (s.mean * s.mean);
    s.mean = 2.0 * log(s.mean);
  }
  return s;
}

static double pooled_variance(const series *of, int32_t workers, double *freedom)
{
  double pooled = 0.0;
  *freedom = 0.0;
  for (int32_t w = 0; w < workers; w++)
    if (of[w].count > 1) {
      pooled += of[w].variance * (of[w].count - 1);
      *freedom += of[w].count - 1;
    }
  return *freedom > 0.0 ? pooled / *freedom : NAN;
}

/* The way that is the sharpest over all workers; it does not look at who is slow. */
static void sum_up(const table *t, series *of)
{
  double least = HUGE_VAL, freedom;
  way best = MEAN_OF_LOGS;
  for (way how = MEAN_OF_LOGS; how < WAYS; how++) {
    for (int32_t w = 0; w < t->cells->workers; w++)
      of[w] = series_of(t, how, w);
    double variance = pooled_variance(of, t->cells->workers, &freedom);
    if (variance < least) {
      least = variance;
      best = how;
    }
  }
  for (int32_t w = 0; w < t->cells->workers; w++)
    of[w] = series_of(t, best, w);
}

/* Correlation of neighbouring iterations over all workers, each about its own mean, which takes 1 / iterations away. */
static void find_memory(const table *t, testudo_i_workers *found)
{
  double products = 0.0, squares = 0.0, pairs = 0.0, all = 0.0;
  for (int32_t w = 0; w < t->cells->workers; w++) {
    double mean = series_of(t, MEAN_OF_LOGS, w).mean;
    for (int32_t i = 0; i < t->cells->iterations; i++) {
      double here = value_at(t, MEAN_OF_LOGS, w, i) - mean;
      double next = i + 1 < t->cells->iterations ? value_at(t, MEAN_OF_LOGS, w, i + 1) - mean : NAN;
      squares += isnan(here) ? 0.0 : here * here;
      all += !isnan(here);
      products += isnan(here * next) ? 0.0 : here * next;
      pairs += !isnan(here * next);
    }
  }
  if (!(squares > 0.0) || pairs < 10.0)
    return;
  found->memory = products / pairs / (squares / all) + 1.0 / t->cells->iterations;
  found->memory_error = 1.0 / sqrt(pairs);
}

static double median_of(double *value, int32_t count)
{
  qsort(value, (size_t)count, sizeof *value, testudo_i_ascending_reals);
  return count % 2 == 1 ? value[count / 2] : 0.5 * (value[count / 2 - 1] + value[count / 2]);
}

/* How many times the variance of a mean is that of independent iterations. */
static double inflation(const testudo_i_workers *found)
{
  double memory = found->memory > 3.0 * found->memory_error ? fmin(found->memory, 0.95) : 0.0;
  return (1.0 + memory) / (1.0 - memory);
}

/* Which differ from `centre`; the mean of those that do not. */
static double tell_apart(const series *of, const double *limit, int32_t workers, double centre,
                         testudo_i_workers *found)
{
  double sum = 0.0;
  int32_t alike = 0;
  found->differing = 0;
  for (int32_t w = 0; w < workers; w++) {
    found->differs[w] = fabs(of[w].mean - centre) > limit[w];
    found->differing += found->differs[w];
    if (!found->differs[w]) {
      sum += of[w].mean;
      alike++;
    }
  }
  return alike > 0 ? sum / alike : centre;
}

typedef struct room {
  series *of;
  double *limit, *sorted;
} room;

/* Standard errors: the larger of a worker's own and that of all, so that a worker whose times happen to agree is not
   called out for it. */
static void set_limits(const testudo_i_cells *cells, const room *r, testudo_i_workers *found)
{
  double freedom, pooled = pooled_variance(r->of, cells->workers, &freedom);
  double p = 1.0 - 0.5 * TESTUDO_I_FALSE_ALARM / cells->workers, more = inflation(found);
  for (int32_t w = 0; w < cells->workers; w++) {
    const series *s = &r->of[w];
    bool own = s->variance > pooled;
    found->error[w] = sqrt(more * (own ? s->variance : pooled) / s->count);
    r->limit[w] = s->count < 3 ? HUGE_VAL
                               : found->error[w] * testudo_i_student_quantile(p, own ? s->count - 1 : freedom);
  }
}

static void average_times(const testudo_i_cells *cells, const double *y, double *log_mean)
{
  for (int64_t c = 0; c < (int64_t)cells->workers * cells->iterations; c++) {
    double sum = 0.0;
    for (int64_t r = cells->start[c]; r < cells->start[c + 1]; r++)
      sum += exp(y[r]);
    int64_t size = testudo_i_cell_size(cells, c);
    log_mean[c] = size > 0 ? log(sum / (double)size) : NAN;
  }
}

/* Room for what is found, and for what is needed on the way. */
static testudo_status make_room(const testudo_i_cells *cells, testudo_i_arena *arena, testudo_i_arena *scratch,
                                testudo_i_workers *found, room *r, table *t, testudo_error *error)
{
  size_t count = (size_t)cells->workers;
  *found = (testudo_i_workers){.memory = NAN, .memory_error = NAN};
  found->factor = testudo_i_arena_calloc(arena, count, sizeof *found->factor);
  found->error = testudo_i_arena_calloc(arena, count, sizeof *found->error);
  found->differs = testudo_i_arena_calloc(arena, count, sizeof *found->differs);
  found->named = testudo_i_arena_calloc(arena, count, sizeof *found->named);
  found->rate = testudo_i_arena_calloc(arena, count, sizeof *found->rate);
  r->of = testudo_i_arena_alloc(scratch, count, sizeof *r->of);
  r->limit = testudo_i_arena_alloc(scratch, count, sizeof *r->limit);
  r->sorted = testudo_i_arena_alloc(scratch, count, sizeof *r->sorted);
  t->log_mean = testudo_i_arena_alloc(scratch, count * (size_t)cells->iterations, sizeof *t->log_mean);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  return testudo_i_arena_check(scratch, error);
}

testudo_status testudo_i_workers_of(const testudo_i_cells *cells, const double *y, const testudo_i_components *log,
                                    testudo_i_arena *arena, testudo_i_workers *found, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena scratch = {0};
  room r = {NULL, NULL, NULL};
  table t = {cells, log, NULL};
  int32_t count = cells->workers;
  TESTUDO_I_TRY(make_room(cells, arena, &scratch, found, &r, &t, error));
  average_times(cells, y, t.log_mean);
  sum_up(&t, r.of);
  find_memory(&t, found);
  set_limits(cells, &r, found);
  for (int32_t w = 0; w < count; w++)
    r.sorted[w] = r.of[w].mean;
  double median = median_of(r.sorted, count), centre = tell_apart(r.of, r.limit, count, median, found);
  centre = tell_apart(r.of, r.limit, count, centre, found);
  for (int32_t w = 0; w < count; w++) {
    found->factor[w] = exp(r.of[w].mean - median);
    found->named[w] = found->differs[w] && found->factor[w] >= TESTUDO_I_NAMED_FACTOR;
    found->rate[w] = found->differs[w] ? exp(centre - r.of[w].mean) : 1.0;
  }
  return TESTUDO_OK;
}
