/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much a placement stretches weights: the largest singular values of its matrix of workers and chunks. */
#include "code/approximate/spectrum.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include <testudo/approximate.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/random.h"
#include "linalg/symmetric.h"
#include "runtime/design.h"

enum { LEAST_STEPS = 40 };

/* B x = sum of columns, those of workers that hold something. */
typedef struct rectangle {
  int32_t workers, chunks, busy;
  const int64_t *row;
  const int32_t *chunk;
  const double *scale;
  bool balanced;
  double *image, *weight; /* chunks, workers */
  testudo_i_arena *arena;
  const testudo_monitor *monitor;
} rectangle;

/* Subtracts the mean of the busy workers; idle ones are 0. */
static void balance(const rectangle *b, double *x)
{
  double sum = 0.0;
  for (int32_t j = 0; j < b->workers; j++)
    if (b->row[j + 1] > b->row[j])
      sum += x[j];
  double mean = b->balanced ? sum / b->busy : 0.0;
  for (int32_t j = 0; j < b->workers; j++)
    x[j] = b->row[j + 1] > b->row[j] ? x[j] - mean : 0.0;
}

/* y = P B' B P x */
static void multiply(void *context, const double *x, double *y)
{
  const rectangle *b = context;
  memcpy(b->weight, x, (size_t)b->workers * sizeof *x);
  balance(b, b->weight);
  memset(b->image, 0, (size_t)b->chunks * sizeof *b->image);
  for (int32_t j = 0; j < b->workers; j++)
    for (int64_t e = b->row[j]; e < b->row[j + 1]; e++)
      b->image[b->chunk[e]] += b->weight[j];
  for (int32_t i = 0; b->scale != NULL && i < b->chunks; i++)
    b->image[i] *= b->scale[i] * b->scale[i];
  for (int32_t j = 0; j < b->workers; j++) {
    y[j] = 0.0;
    for (int64_t e = b->row[j]; e < b->row[j + 1]; e++)
      y[j] += b->image[b->chunk[e]];
  }
  balance(b, y);
}

static testudo_status by_lanczos(rectangle *b, testudo_i_stretch *stretch, testudo_error *error)
{
  int32_t limit = TESTUDO_I_LIMIT_KRYLOV_NUMBERS / b->workers;
  limit = limit > TESTUDO_I_LIMIT_KRYLOV_STEPS ? TESTUDO_I_LIMIT_KRYLOV_STEPS
          : limit < LEAST_STEPS                ? LEAST_STEPS
                                               : limit;
  double *start = testudo_i_arena_alloc(b->arena, (size_t)b->workers, sizeof *start);
  TESTUDO_I_TRY(testudo_i_arena_check(b->arena, error));
  testudo_i_random random;
  testudo_i_random_start(&random, 1, TESTUDO_I_FOR_SEARCH, 0, UINT64_C(1) << 59);
  for (int32_t j = 0; j < b->workers; j++)
    start[j] = testudo_i_random_normal(&random);
  balance(b, start);
  testudo_i_largest largest;
  TESTUDO_I_TRY(testudo_i_lanczos(b->workers, multiply, b, limit, start, b->monitor, &largest, error));
  *stretch = (testudo_i_stretch){sqrt(fmax(largest.value, 0.0)), sqrt(fmax(largest.upper, 0.0)), largest.fails};
  return TESTUDO_OK;
}

/* Column after column of P B' B P. */
static testudo_status by_dense(rectangle *b, testudo_i_stretch *stretch, testudo_error *error)
{
  size_t n = (size_t)b->workers;
  double *a = testudo_i_arena_alloc(b->arena, n * n + 6 * n, sizeof *a);
  TESTUDO_I_TRY(testudo_i_arena_check(b->arena, error));
  double *unit = a + n * n, *value = unit + n;
  memset(unit, 0, n * sizeof *unit);
  for (size_t j = 0; j < n; j++) {
    unit[j] = 1.0;
    multiply(b, unit, a + j * n);
    unit[j] = 0.0;
  }
  TESTUDO_I_TRY(testudo_i_eigenvalues(b->workers, a, value, value + n, error));
  double largest = fmax(value[n - 1], 0.0);
  /* The eigenvalues of a matrix that differs from ours by rounding of its size. */
  double size = fmax(largest, -value[0]) + DBL_MIN;
  *stretch = (testudo_i_stretch){sqrt(largest), sqrt(largest + 64.0 * (double)n * DBL_EPSILON * size), 0.0};
  return TESTUDO_OK;
}

testudo_status testudo_i_stretch_of(int32_t workers, int32_t chunks, const int64_t *row, const int32_t *chunk,
                                    const double *scale, bool balanced, const testudo_monitor *monitor,
                                    testudo_i_stretch *stretch, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  rectangle b = {.workers = workers, .chunks = chunks, .row = row, .chunk = chunk, .scale = scale,
                 .balanced = balanced, .arena = &arena, .monitor = monitor};
  *stretch = (testudo_i_stretch){0};
  for (int32_t j = 0; j < workers; j++)
    b.busy += row[j + 1] > row[j];
  if (b.busy == 0)
    return TESTUDO_OK;
  b.image = testudo_i_arena_alloc(&arena, (size_t)chunks, sizeof *b.image);
  b.weight = testudo_i_arena_alloc(&arena, (size_t)workers, sizeof *b.weight);
  return (workers <= TESTUDO_I_LIMIT_DENSE_SPECTRUM ? by_dense : by_lanczos)(&b, stretch, error);
}

testudo_status testudo_spectrum_measure(const testudo_design *design, testudo_spectrum *spectrum, testudo_error *error)
{
  *spectrum = (testudo_spectrum){0};
  testudo_i_stretch first, second = {0};
  int32_t d = design->max_replication, load = design->max_load;
  bool regular = d == design->min_replication;
  for (int32_t j = 0; j < design->workers; j++)
    regular = regular && testudo_design_load(design, j) == load;
  TESTUDO_I_TRY(testudo_i_stretch_of(design->workers, design->chunks, design->row, design->order, NULL, true, NULL,
                                     &second, error));
  first.found = first.upper = sqrt((double)d * load);
  if (!regular)
    TESTUDO_I_TRY(testudo_i_stretch_of(design->workers, design->chunks, design->row, design->order, NULL, false, NULL,
                                       &first, error));
  *spectrum = (testudo_spectrum){.regular = regular, .first = first.found, .second = second.found,
                                 .second_upper = second.upper, .fails = second.fails,
                                 .gap = first.found - second.found,
                                 .ramanujan = regular ? sqrt(d - 1.0) + sqrt(load - 1.0) : NAN};
  return TESTUDO_OK;
}
