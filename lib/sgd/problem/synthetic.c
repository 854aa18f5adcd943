/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Synthetic data: normal features of a given covariance, labels of the model itself. */
#include "sgd/problem/data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "linalg/products.h"

enum { MOST_IN_BASIS = 4096, BLOCK = 256 };

/* What a stream of synthetic data is for; b is the sample or the column. */
enum { OF_FEATURES = 0, OF_LABEL = 1, OF_BASIS = 2, OF_TRUTH = 3 };

typedef struct maker {
  const testudo_synthetic *want;
  testudo_data *data;
  double *deviation;        /* square roots of the eigenvalues */
  double *basis;            /* features x features, row k the k-th eigenvector; NULL for axes */
  double *raw;              /* BLOCK x features */
  double *logit;            /* BLOCK x columns */
  int32_t columns;
} maker;

static testudo_status check_synthetic(const testudo_synthetic *want, testudo_error *error)
{
  if (!(want->condition >= 1.0) || !isfinite(want->condition))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "condition number %g, but it is at least 1", want->condition);
  if (!(want->signal > 0.0) || !isfinite(want->signal))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "signal %g, but it is positive", want->signal);
  if (!(want->noise >= 0.0) || !isfinite(want->noise))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "noise %g, but it is at least 0", want->noise);
  if (want->classes < 0 || want->classes == 1 || want->classes > TESTUDO_MAX_CLASSES)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%d classes, but 0 (labels are values) or 2 to %d are allowed",
                          (int)want->classes, TESTUDO_MAX_CLASSES);
  if (want->classes > 0 && want->noise > 0.0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "noise applies to labels that are values; classes are drawn "
                          "from the model");
  if (!want->axis && want->features > MOST_IN_BASIS)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%d features in a random basis; the limit is %d, except along "
                          "the axes", (int)want->features, MOST_IN_BASIS);
  return TESTUDO_OK;
}

static void draw_normals(const maker *m, uint64_t purpose, uint64_t which, size_t count, double *out)
{
  testudo_i_random random;
  testudo_i_random_start(&random, m->want->seed, TESTUDO_I_FOR_DATA, purpose, which);
  for (size_t k = 0; k < count; k++)
    out[k] = testudo_i_random_normal(&random);
}

/* Normal vectors made orthonormal, twice (Gram and Schmidt): uniform over the orthogonal group. */
static void draw_basis(maker *m)
{
  size_t n = (size_t)m->want->features;
  for (size_t k = 0; k < n; k++) {
    double *v = m->basis + k * n;
    draw_normals(m, OF_BASIS, k, n, v);
    for (int pass = 0; pass < 2; pass++) {
      for (size_t j = 0; j < k; j++)
        testudo_i_add_times(n, -testudo_i_dot(n, m->basis + j * n, v), m->basis + j * n, v);
      double norm = sqrt(testudo_i_dot(n, v, v));
      for (size_t e = 0; e < n; e++)
        v[e] /= norm;
    }
  }
}

/* Normal columns, each scaled so that the variance of x.w is signal^2. */
static void draw_truth(maker *m)
{
  size_t n = (size_t)m->want->features, columns = (size_t)m->columns;
  for (size_t c = 0; c < columns; c++) {
    double *w = m->raw, variance = 0.0;
    draw_normals(m, OF_TRUTH, c, n, w);
    for (size_t k = 0; k < n; k++) {
      double along = m->basis == NULL ? w[k] : testudo_i_dot(n, m->basis + k * n, w);
      variance += pow(along * m->deviation[k], 2.0);
    }
    for (size_t k = 0; k < n; k++)
      m->data->truth[k * columns + c] = w[k] * (m->want->signal / sqrt(variance));
  }
}

static double draw_class(const double *logit, int32_t classes, double uniform)
{
  double most = logit[0], total = 0.0;
  for (int32_t c = 1; c < classes; c++)
    most = fmax(most, logit[c]);
  for (int32_t c = 0; c < classes; c++)
    total += exp(logit[c] - most);
  double left = uniform * total;
  for (int32_t c = 0; c < classes - 1; c++) {
    left -= exp(logit[c] - most);
    if (left < 0.0)
      return c;
  }
  return classes - 1;
}

static void make_block(maker *m, int32_t first, int32_t count)
{
  size_t n = (size_t)m->want->features;
  double *x = m->data->feature + (size_t)first * n, *raw = m->basis == NULL ? x : m->raw;
  for (int32_t i = 0; i < count; i++) {
    draw_normals(m, OF_FEATURES, (uint64_t)first + (uint64_t)i, n, raw + (size_t)i * n);
    for (size_t k = 0; k < n; k++)
      raw[(size_t)i * n + k] *= m->deviation[k];
  }
  if (m->basis != NULL)
    testudo_i_rows_times(count, m->want->features, m->want->features, raw, m->basis, x);
  testudo_i_rows_times(count, m->want->features, m->columns, x, m->data->truth, m->logit);
  for (int32_t i = 0; i < count; i++) {
    testudo_i_random random;
    testudo_i_random_start(&random, m->want->seed, TESTUDO_I_FOR_DATA, OF_LABEL, (uint64_t)first + (uint64_t)i);
    m->data->label[first + i] = m->want->classes == 0
                                    ? m->logit[i] + m->want->noise * testudo_i_random_normal(&random)
                                    : draw_class(m->logit + (size_t)i * (size_t)m->columns, m->columns,
                                                 testudo_i_random_uniform(&random));
  }
}

static testudo_status allocate_maker(maker *m, testudo_i_arena *arena, testudo_error *error)
{
  size_t n = (size_t)m->want->features, columns = (size_t)m->columns;
  m->data->truth = testudo_i_alloc(n * columns, sizeof *m->data->truth);
  m->data->class_label = m->want->classes == 0 ? NULL : testudo_i_alloc(columns, sizeof *m->data->class_label);
  m->deviation = testudo_i_arena_alloc(arena, n, sizeof *m->deviation);
  m->raw = testudo_i_arena_alloc(arena, BLOCK * n, sizeof *m->raw);
  m->logit = testudo_i_arena_alloc(arena, BLOCK * columns, sizeof *m->logit);
  if (!m->want->axis && n > 1)
    m->basis = testudo_i_arena_alloc(arena, n * n, sizeof *m->basis);
  bool had = m->data->truth != NULL && (columns == 1 || m->data->class_label != NULL);
  TESTUDO_I_TRY(testudo_i_memory_check(had, error));
  return testudo_i_arena_check(arena, error);
}

static testudo_status fill_synthetic(maker *m, testudo_i_arena *arena, testudo_error *error)
{
  int32_t n = m->want->features;
  TESTUDO_I_TRY(allocate_maker(m, arena, error));
  m->data->classes = m->want->classes;
  for (int32_t c = 0; c < m->want->classes; c++)
    m->data->class_label[c] = c;
  for (int32_t k = 0; k < n; k++)
    m->deviation[k] = n == 1 ? 1.0 : pow(m->want->condition, -0.5 * k / (n - 1));
  if (m->basis != NULL)
    draw_basis(m);
  draw_truth(m);
  for (int32_t first = 0; first < m->want->samples; first += BLOCK)
    make_block(m, first, m->want->samples - first < BLOCK ? m->want->samples - first : BLOCK);
  return TESTUDO_OK;
}

testudo_status testudo_data_make(const testudo_synthetic *synthetic, testudo_data **data, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_data_drop) testudo_data *made = NULL;
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  *data = NULL;
  TESTUDO_I_TRY(check_synthetic(synthetic, error));
  TESTUDO_I_TRY(testudo_i_data_new(synthetic->samples, synthetic->features, TESTUDO_ERROR_ARGUMENT, &made, error));
  maker m = {.want = synthetic, .data = made, .columns = synthetic->classes == 0 ? 1 : synthetic->classes};
  TESTUDO_I_TRY(fill_synthetic(&m, &arena, error));
  *data = made;
  made = NULL;
  return TESTUDO_OK;
}
