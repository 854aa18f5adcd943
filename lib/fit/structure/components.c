/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fit/structure/components.h"

#include <math.h>

#include "base/error.h"
#include "base/sum.h"
#include "numeric/integrate.h"

typedef struct table {
  const testudo_i_cells *cells;
  testudo_i_components *to;
  double filled, inverse;   /* cells with rows; the sum of 1 / rows over them */
  double mean;
} table;

/* Means of cells; the sum of squares within them. */
static double average_cells(table *t, const double *y)
{
  const testudo_i_cells *cells = t->cells;
  testudo_i_sum within = {0, 0};
  for (int64_t c = 0; c < (int64_t)cells->workers * cells->iterations; c++) {
    int64_t size = testudo_i_cell_size(cells, c);
    testudo_i_sum sum = {0, 0};
    t->to->cell[c] = NAN;
    if (size == 0)
      continue;
    for (int64_t r = cells->start[c]; r < cells->start[c + 1]; r++)
      testudo_i_sum_add(&sum, y[r]);
    double mean = testudo_i_sum_value(&sum) / (double)size;
    for (int64_t r = cells->start[c]; r < cells->start[c + 1]; r++)
      testudo_i_sum_add(&within, (y[r] - mean) * (y[r] - mean));
    t->to->cell[c] = mean;
    t->filled++;
    t->inverse += 1.0 / (double)size;
  }
  return testudo_i_sum_value(&within);
}

/* The mean over its cells of what the other effects leave, for worker (or iteration) k of a table of so many lines. */
static double effect_of(const table *t, int32_t k, bool worker)
{
  int32_t others = worker ? t->cells->iterations : t->cells->workers, count = 0;
  const double *other = worker ? t->to->iteration_effect : t->to->worker_effect;
  double sum = 0.0;
  for (int32_t o = 0; o < others; o++) {
    int64_t c = worker ? (int64_t)k * t->cells->iterations + o : (int64_t)o * t->cells->iterations + k;
    if (isnan(t->to->cell[c]))
      continue;
    sum += t->to->cell[c] - t->mean - other[o];
    count++;
  }
  return count > 0 ? sum / count : 0.0;
}

/* Alternating least squares: one round of a full table, a few where cells are missing. */
#define MOST_ROUNDS 100

static void fit_effects(table *t)
{
  double scale = 0.0;
  for (int round = 0; round < MOST_ROUNDS; round++) {
    double moved = 0.0;
    for (int worker = 0; worker < 2; worker++) {
      double *effects = worker ? t->to->worker_effect : t->to->iteration_effect;
      for (int32_t k = 0; k < (worker ? t->cells->workers : t->cells->iterations); k++) {
        double effect = effect_of(t, k, worker);
        moved = fmax(moved, fabs(effect - effects[k]));
        scale = fmax(scale, fabs(effect));
        effects[k] = effect;
      }
    }
    if (moved <= 1e-12 * scale)
      return;
  }
}

static double centre(double *effect, int32_t count)
{
  double mean = 0.0;
  for (int32_t k = 0; k < count; k++)
    mean += effect[k] / count;
  for (int32_t k = 0; k < count; k++)
    effect[k] -= mean;
  return mean;
}

static double sum_of_squares(const double *effect, int32_t count)
{
  double sum = 0.0;
  for (int32_t k = 0; k < count; k++)
    sum += effect[k] * effect[k];
  return sum;
}

static double interaction(const table *t)
{
  testudo_i_sum sum = {0, 0};
  for (int32_t w = 0; w < t->cells->workers; w++)
    for (int32_t i = 0; i < t->cells->iterations; i++) {
      double cell = t->to->cell[(int64_t)w * t->cells->iterations + i];
      double away = cell - t->mean - t->to->worker_effect[w] - t->to->iteration_effect[i];
      if (!isnan(cell))
        testudo_i_sum_add(&sum, away * away);
    }
  return testudo_i_sum_value(&sum);
}

/* Variance of an effect whose squares add up so, given the mean square `noise` (of `freedom` degrees) of the mean of
   one cell; each effect is the mean of `each` cells. */
static double variance_of(double squares, int32_t count, double each, double noise, double freedom, double *p)
{
  *p = NAN;
  if (count < 2)
    return NAN;
  double mean_square = squares / (count - 1) * each;
  if (freedom >= 1.0)
    *p = noise > 0.0 ? testudo_i_variance_ratio_above(mean_square / noise, count - 1, freedom)
                     : mean_square > 0.0 ? 0.0 : 1.0;
  return fmax(0.0, (mean_square - noise) / each);
}

/* All that lies between the cells. The mean of a cell has variance worker_iteration + residual * inverse / filled. */
static void part_variance(table *t, double within)
{
  testudo_i_components *to = t->to;
  int32_t workers = t->cells->workers, iterations = t->cells->iterations;
  double inside = (double)t->cells->rows - t->filled, between = t->filled - workers - iterations + 1.0;
  double share = t->inverse / t->filled; /* of the residual's variance in a cell's mean */
  double noise = between >= 1.0 ? interaction(t) / between : NAN;
  to->residual = inside >= 1.0 ? within / inside : NAN;
  to->noise = noise / share;
  to->noise_freedom = between;
  if (inside >= 1.0 && between >= 1.0) {
    double own = to->residual * share;
    to->worker_iteration = fmax(0.0, noise - own);
    to->worker_iteration_p = own > 0.0 ? testudo_i_variance_ratio_above(noise / own, between, inside)
                                       : noise > 0.0 ? 0.0 : 1.0;
  } else if (between >= 1.0)
    to->residual = noise;
  double least = between >= 1.0 ? noise : inside >= 1.0 ? to->residual * share : NAN;
  double freedom = between >= 1.0 ? between : inside;
  to->worker = variance_of(sum_of_squares(to->worker_effect, workers), workers, t->filled / workers, least, freedom,
                           &to->worker_p);
  to->iteration = variance_of(sum_of_squares(to->iteration_effect, iterations), iterations, t->filled / iterations,
                              least, freedom, &to->iteration_p);
}

testudo_status testudo_i_components_of(const testudo_i_cells *cells, const double *y, testudo_i_arena *arena,
                                       testudo_i_components *found, testudo_error *error)
{
  *found = (testudo_i_components){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, 0.0, NULL, NULL, NULL};
  found->worker_effect = testudo_i_arena_calloc(arena, (size_t)cells->workers, sizeof *found->worker_effect);
  found->iteration_effect = testudo_i_arena_calloc(arena, (size_t)cells->iterations, sizeof *found->iteration_effect);
  found->cell = testudo_i_arena_alloc(arena, (size_t)cells->workers * (size_t)cells->iterations, sizeof *found->cell);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  table t = {.cells = cells, .to = found};
  double within = average_cells(&t, y);
  testudo_i_sum all = {0, 0};
  for (int64_t r = 0; r < cells->rows; r++)
    testudo_i_sum_add(&all, y[r]);
  t.mean = testudo_i_sum_value(&all) / (double)cells->rows;
  fit_effects(&t);
  t.mean += centre(found->worker_effect, cells->workers) + centre(found->iteration_effect, cells->iterations);
  part_variance(&t, within);
  return TESTUDO_OK;
}
