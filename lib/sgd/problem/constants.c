/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the convergence bounds ask of a problem. */
#include "sgd/problem/problem.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "base/sum.h"
#include "linalg/products.h"
#include "linalg/symmetric.h"

#define COUNTS_AS_ZERO 1e-12 /* of the largest eigenvalue */

enum { LANCZOS_STEPS = 200 };

typedef struct gauge {
  const testudo_problem *problem;
  testudo_i_arena arena;
  testudo_problem_work *work;
  double largest, smallest, smallest_above; /* eigenvalues of X'X/n; the last above COUNTS_AS_ZERO */
  bool exact;
} gauge;

/* ---- eigenvalues ---- */

static testudo_status measure_dense(gauge *g, testudo_error *error)
{
  const testudo_data *data = g->problem->data;
  size_t d = (size_t)data->features;
  double *gram = testudo_i_arena_calloc(&g->arena, d * d, sizeof *gram);
  double *value = testudo_i_arena_alloc(&g->arena, d, sizeof *value);
  double *room = testudo_i_arena_alloc(&g->arena, 4 * d, sizeof *room);
  TESTUDO_I_TRY(testudo_i_arena_check(&g->arena, error));
  testudo_i_rows_gram(data->samples, data->features, 1.0 / data->samples, data->feature, gram);
  TESTUDO_I_TRY(testudo_i_eigenvalues(data->features, gram, value, room, error));
  g->exact = true;
  g->largest = fmax(value[d - 1], 0.0);
  g->smallest = value[0] > COUNTS_AS_ZERO * g->largest ? value[0] : 0.0;
  size_t above = 0;
  while (above < d - 1 && !(value[above] > COUNTS_AS_ZERO * g->largest))
    above++;
  g->smallest_above = fmax(value[above], 0.0);
  return TESTUDO_OK;
}

/* y = X'X x / n. */
static void multiply_gram(void *context, const double *x, double *y)
{
  const gauge *g = context;
  const testudo_data *data = g->problem->data;
  memset(y, 0, (size_t)data->features * sizeof *y);
  for (int32_t first = 0, size; first < data->samples; first += size) {
    const double *row = data->feature + (size_t)first * (size_t)data->features;
    size = data->samples - first < g->problem->block ? data->samples - first : g->problem->block;
    testudo_i_rows_times(size, data->features, 1, row, x, g->work->logit);
    testudo_i_rows_gather(size, data->features, 1, 1.0 / data->samples, row, g->work->logit, y);
  }
}

static testudo_status measure_wide(gauge *g, testudo_error *error)
{
  int32_t d = g->problem->data->features;
  double *start = testudo_i_arena_alloc(&g->arena, (size_t)d, sizeof *start);
  TESTUDO_I_TRY(testudo_i_arena_check(&g->arena, error));
  testudo_i_random random;
  testudo_i_random_start(&random, 0, TESTUDO_I_FOR_DATA, 32, 0);
  for (int32_t k = 0; k < d; k++)
    start[k] = testudo_i_random_normal(&random);
  testudo_i_largest largest;
  TESTUDO_I_TRY(testudo_i_lanczos(d, multiply_gram, g, LANCZOS_STEPS, start, NULL, &largest, error));
  double bound = testudo_i_problem_mean_square(g->problem);
  g->largest = fmin(largest.upper, bound);
  return TESTUDO_OK;
}

/* ---- noise ---- */

/* The sum over samples of ||grad f_i - mean||^2, difference by difference: squares do not cancel. */
static double measure_noise(const gauge *g, const double *w, double *mean)
{
  const testudo_problem *problem = g->problem;
  size_t columns = (size_t)problem->columns, width = (size_t)problem->data->features;
  testudo_i_sum sum = {0.0, 0.0};
  testudo_problem_gradient_range(problem, g->work, w, 0, problem->data->samples, mean);
  testudo_i_add_times(problem->dim, -problem->mu, w, mean);
  for (int32_t first = 0, size; first < problem->data->samples; first += size) {
    size = problem->data->samples - first < problem->block ? problem->data->samples - first : problem->block;
    testudo_i_terms terms = testudo_i_problem_terms(problem, g->work, w, first, size);
    testudo_i_terms_residual(&terms);
    for (int32_t i = 0; i < size; i++) {
      const double *x = problem->data->feature + ((size_t)first + (size_t)i) * width;
      const double *r = terms.logit + (size_t)i * columns;
      double square = 0.0;
      for (size_t k = 0; k < width; k++)
        for (size_t c = 0; c < columns; c++) {
          double off = x[k] * r[c] - mean[k * columns + c];
          square += off * off;
        }
      testudo_i_sum_add(&sum, square);
    }
  }
  return testudo_i_sum_value(&sum) / problem->data->samples;
}

static testudo_status run_gauge(gauge *g, const double *w, double optimum, testudo_problem_constants *constants,
                                testudo_error *error)
{
  const testudo_problem *problem = g->problem;
  bool squares = problem->loss == TESTUDO_LOSS_LEAST_SQUARES;
  double *mean = testudo_i_arena_alloc(&g->arena, problem->dim, sizeof *mean);
  TESTUDO_I_TRY(testudo_i_arena_check(&g->arena, error));
  TESTUDO_I_TRY(testudo_problem_work_create(problem, &g->work, error));
  TESTUDO_I_TRY(problem->data->features <= TESTUDO_I_DENSE_FEATURES ? measure_dense(g, error) : measure_wide(g, error));
  double bend = squares ? 1.0 : problem->loss == TESTUDO_LOSS_LOGISTIC ? 0.25 : 0.5;
  constants->smooth = bend * g->largest + problem->mu;
  constants->smooth_exact = squares && g->exact;
  constants->convex = problem->mu + (squares ? g->smallest : 0.0);
  constants->convex_exact = squares && g->exact;
  constants->gradient_dominated = squares ? problem->mu + g->smallest_above : constants->convex;
  constants->noise = measure_noise(g, w, mean);
  constants->gap = testudo_problem_loss(problem, g->work, w) - optimum;
  return TESTUDO_OK;
}

testudo_status testudo_problem_measure(const testudo_problem *problem, const double *w, double optimum,
                                       testudo_problem_constants *constants, testudo_error *error)
{
  gauge g = {.problem = problem};
  *constants = (testudo_problem_constants){0};
  testudo_status status = run_gauge(&g, w, optimum, constants, error);
  testudo_problem_work_free(g.work);
  testudo_i_arena_clear(&g.arena);
  return status;
}
