/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Losses and gradients, block by block: x W, the terms of every sample, X' of them. */
#include "sgd/problem/problem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/sum.h"
#include "linalg/products.h"

enum { BLOCK_NUMBERS = 32768, LEAST_BLOCK = 16, MOST_BLOCK = 1024 };
enum { AHEAD = 4, LINE = 8 }; /* rows; numbers of a cache line */

static const char *const loss_name[] = {"least-squares", "logistic", "softmax"};

const char *testudo_loss_name(testudo_loss loss)
{
  return loss_name[loss];
}

static testudo_status check_problem(const testudo_data *data, testudo_loss loss, double mu, testudo_error *error)
{
  if (!(mu >= 0.0) || !isfinite(mu))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "regulariser mu = %g, but it is at least 0", mu);
  if (loss == TESTUDO_LOSS_LEAST_SQUARES && data->classes > 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "least squares needs labels that are values, not classes");
  if (loss != TESTUDO_LOSS_LEAST_SQUARES && data->classes == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "loss %s needs labels that are classes, not values",
                          loss_name[loss]);
  if (loss == TESTUDO_LOSS_LOGISTIC && data->classes > 2)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "loss logistic separates 2 classes, but there are %d; use "
                          "softmax", (int)data->classes);
  if (loss == TESTUDO_LOSS_SOFTMAX && data->features > TESTUDO_MAX_DATA_NUMBERS / data->classes)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%d features of %d classes are too many: the limit is %d "
                          "parameters", (int)data->features, (int)data->classes, TESTUDO_MAX_DATA_NUMBERS);
  return TESTUDO_OK;
}

testudo_status testudo_problem_create(const testudo_data *data, testudo_loss loss, double mu, testudo_problem **problem,
                                      testudo_error *error)
{
  *problem = NULL;
  TESTUDO_I_TRY(check_problem(data, loss, mu, error));
  testudo_problem *made = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  int32_t columns = loss == TESTUDO_LOSS_SOFTMAX ? data->classes : 1;
  int32_t block = BLOCK_NUMBERS / data->features;
  block = block < LEAST_BLOCK ? LEAST_BLOCK : block > MOST_BLOCK ? MOST_BLOCK : block;
  *made = (testudo_problem){.data = data, .loss = loss, .mu = mu, .columns = columns,
                            .dim = (size_t)data->features * (size_t)columns,
                            .block = block > data->samples ? data->samples : block};
  *problem = made;
  return TESTUDO_OK;
}

void testudo_problem_free(testudo_problem *problem)
{
  free(problem);
}

size_t testudo_problem_dim(const testudo_problem *problem)
{
  return problem->dim;
}

int32_t testudo_problem_samples(const testudo_problem *problem)
{
  return problem->data->samples;
}

const testudo_data *testudo_problem_data(const testudo_problem *problem)
{
  return problem->data;
}

testudo_status testudo_problem_work_create(const testudo_problem *problem, testudo_problem_work **work,
                                           testudo_error *error)
{
  size_t block = (size_t)problem->block, numbers = block * (size_t)problem->columns;
  *work = NULL;
  testudo_problem_work *made = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  made->row = testudo_i_arena_alloc(&made->arena, block * (size_t)problem->data->features, sizeof *made->row);
  made->label = testudo_i_arena_alloc(&made->arena, block, sizeof *made->label);
  made->logit = testudo_i_arena_alloc(&made->arena, numbers, sizeof *made->logit);
  made->aside = testudo_i_arena_alloc(&made->arena, numbers, sizeof *made->aside);
  TESTUDO_I_HAND_OVER(testudo_i_arena_check(&made->arena, error), made, testudo_problem_work_free, work);
}

void testudo_problem_work_free(testudo_problem_work *work)
{
  if (work == NULL)
    return;
  testudo_i_arena_clear(&work->arena);
  free(work);
}

/* ---- blocks ---- */

static testudo_i_terms terms_of(const testudo_problem *problem, testudo_problem_work *work, const double *w,
                                const double *row, const double *label, int32_t count)
{
  testudo_i_rows_times(count, problem->data->features, problem->columns, row, w, work->logit);
  return (testudo_i_terms){problem->loss, count, problem->columns, label, work->logit, work->aside};
}

static const double *row_of(const testudo_problem *problem, int32_t sample)
{
  return problem->data->feature + (size_t)sample * (size_t)problem->data->features;
}

testudo_i_terms testudo_i_problem_terms(const testudo_problem *problem, testudo_problem_work *work, const double *w,
                                        int32_t first, int32_t count)
{
  return terms_of(problem, work, w, row_of(problem, first), problem->data->label + first, count);
}

static int32_t block_size(const testudo_problem *problem, int32_t left)
{
  return left < problem->block ? left : problem->block;
}

/* ---- loss ---- */

double testudo_problem_loss_range(const testudo_problem *problem, testudo_problem_work *work, const double *w,
                                  int32_t first, int32_t count)
{
  testudo_i_sum sum = {0.0, 0.0};
  for (int32_t done = 0, size; done < count; done += size) {
    size = block_size(problem, count - done);
    testudo_i_terms terms = testudo_i_problem_terms(problem, work, w, first + done, size);
    testudo_i_sum_add(&sum, testudo_i_terms_loss(&terms));
  }
  double mean = count == 0 ? 0.0 : testudo_i_sum_value(&sum) / count;
  return problem->mu == 0.0 ? mean : mean + 0.5 * problem->mu * testudo_i_dot(problem->dim, w, w);
}

double testudo_problem_loss(const testudo_problem *problem, testudo_problem_work *work, const double *w)
{
  return testudo_problem_loss_range(problem, work, w, 0, problem->data->samples);
}

/* ---- gradient ---- */

static void begin_gradient(const testudo_problem *problem, const double *w, double *gradient)
{
  for (size_t k = 0; k < problem->dim; k++)
    gradient[k] = problem->mu * w[k];
}

static void add_block(const testudo_problem *problem, const testudo_i_terms *terms, const double *row, double by,
                      double *gradient)
{
  testudo_i_terms_residual(terms);
  testudo_i_rows_gather(terms->count, problem->data->features, problem->columns, by, row, terms->logit, gradient);
}

/* Copies the rows of some samples side by side. Rows to come are asked for in time: where the samples lie apart,
   no machine foresees them. */
static void gather_rows(const testudo_problem *problem, testudo_problem_work *work, const int32_t *sample,
                        int32_t count)
{
  size_t width = (size_t)problem->data->features;
  for (int32_t i = 0; i < count; i++) {
#if defined(__GNUC__)
    const double *ahead = row_of(problem, sample[i + AHEAD < count ? i + AHEAD : i]);
    for (size_t k = 0; k < width; k += LINE)
      __builtin_prefetch(ahead + k);
#endif
    memcpy(work->row + (size_t)i * width, row_of(problem, sample[i]), width * sizeof *work->row);
    work->label[i] = problem->data->label[sample[i]];
  }
}

void testudo_problem_gradient(const testudo_problem *problem, testudo_problem_work *work, const double *w,
                              const int32_t *sample, int32_t count, double *gradient)
{
  begin_gradient(problem, w, gradient);
  for (int32_t done = 0, size; done < count; done += size) {
    size = block_size(problem, count - done);
    gather_rows(problem, work, sample + done, size);
    testudo_i_terms terms = terms_of(problem, work, w, work->row, work->label, size);
    add_block(problem, &terms, work->row, 1.0 / count, gradient);
  }
}

void testudo_problem_gradient_range(const testudo_problem *problem, testudo_problem_work *work, const double *w,
                                    int32_t first, int32_t count, double *gradient)
{
  begin_gradient(problem, w, gradient);
  for (int32_t done = 0, size; done < count; done += size) {
    size = block_size(problem, count - done);
    testudo_i_terms terms = testudo_i_problem_terms(problem, work, w, first + done, size);
    add_block(problem, &terms, row_of(problem, first + done), 1.0 / count, gradient);
  }
}

/* ---- accuracy ---- */

static int32_t likeliest(const testudo_i_terms *terms, int32_t sample)
{
  const double *logit = terms->logit + (size_t)sample * (size_t)terms->columns;
  int32_t best = 0;
  for (int32_t c = 1; c < terms->columns; c++)
    best = logit[c] > logit[best] ? c : best;
  return terms->loss == TESTUDO_LOSS_LOGISTIC ? logit[0] > 0.0 : best;
}

double testudo_problem_accuracy(const testudo_problem *problem, testudo_problem_work *work, const double *w)
{
  int64_t right = 0;
  if (problem->loss == TESTUDO_LOSS_LEAST_SQUARES)
    return (double)NAN;
  for (int32_t done = 0, size; done < problem->data->samples; done += size) {
    size = block_size(problem, problem->data->samples - done);
    testudo_i_terms terms = testudo_i_problem_terms(problem, work, w, done, size);
    for (int32_t i = 0; i < size; i++)
      right += likeliest(&terms, i) == (int32_t)terms.label[i];
  }
  return (double)right / problem->data->samples;
}

/* ---- second derivatives ---- */

void testudo_i_curvature_set(const testudo_i_curvature *curvature, const double *w)
{
  const testudo_problem *problem = curvature->problem;
  for (int32_t done = 0, size; done < problem->data->samples; done += size) {
    size = block_size(problem, problem->data->samples - done);
    testudo_i_terms terms = testudo_i_problem_terms(problem, curvature->work, w, done, size);
    testudo_i_terms_curvature(&terms);
    memcpy(curvature->at + (size_t)done * (size_t)terms.columns, terms.logit,
           (size_t)size * (size_t)terms.columns * sizeof *terms.logit);
  }
}

void testudo_i_curvature_product(const testudo_i_curvature *curvature, const double *x, double *y)
{
  const testudo_problem *problem = curvature->problem;
  begin_gradient(problem, x, y);
  for (int32_t done = 0, size; done < problem->data->samples; done += size) {
    size = block_size(problem, problem->data->samples - done);
    testudo_i_terms terms = testudo_i_problem_terms(problem, curvature->work, x, done, size);
    testudo_i_terms_apply(problem->loss, size, terms.columns, curvature->at + (size_t)done * (size_t)terms.columns,
                          terms.logit);
    testudo_i_rows_gather(size, problem->data->features, terms.columns, 1.0 / problem->data->samples,
                          row_of(problem, done), terms.logit, y);
  }
}

double testudo_i_problem_mean_square(const testudo_problem *problem)
{
  size_t width = (size_t)problem->data->features;
  testudo_i_sum sum = {0.0, 0.0};
  for (int32_t i = 0; i < problem->data->samples; i++)
    testudo_i_sum_add(&sum, testudo_i_dot(width, row_of(problem, i), row_of(problem, i)) / problem->data->samples);
  return testudo_i_sum_value(&sum);
}
