/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data of many digits for the tests, and the definitions of the losses by triple loops. */
#ifndef TESTUDO_TESTS_SGD_DATA_CASES_H
#define TESTUDO_TESTS_SGD_DATA_CASES_H

#include "check.h"

#include <testudo/problem.h>

/* Numbers in (-1, 1) with all 53 bits in use. */
static inline double next_number(uint64_t *state)
{
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  uint64_t mixed = (*state ^ (*state >> 29)) * UINT64_C(0xbf58476d1ce4e5b9);
  return (double)((int64_t)(mixed ^ (mixed >> 32)) >> 10) * 0x1p-53;
}

static inline double *numbers(size_t count, uint64_t seed, double size)
{
  double *x = malloc(count * sizeof *x);
  assert_non_null(x);
  for (size_t k = 0; k < count; k++)
    x[k] = size * next_number(&seed);
  return x;
}

/* classes 0: values. Every class occurs when there are enough samples. */
static inline testudo_data *any_data(int32_t samples, int32_t features, int32_t classes, uint64_t seed)
{
  testudo_data *data;
  double *x = numbers((size_t)samples * (size_t)features, seed, 1.5), *y = numbers((size_t)samples, seed + 1, 3.0);
  for (int32_t i = 0; i < samples && classes > 0; i++)
    y[i] = i < classes ? i : floor((y[i] + 3.0) / 6.0 * classes);
  assert_ok(testudo_data_create(samples, features, x, y, classes == 0 ? TESTUDO_LABELS_REAL : TESTUDO_LABELS_CLASSES,
                                &data, NULL));
  free(x);
  free(y);
  return data;
}

static inline int columns_of(const testudo_data *data, testudo_loss loss)
{
  return loss == TESTUDO_LOSS_SOFTMAX ? data->classes : 1;
}

/* f_i(w), and its gradient added to `gradient` (may be NULL), by the definitions in long double. */
static inline long double plain_term(const testudo_data *data, testudo_loss loss, int32_t sample, const double *w,
                                     long double *gradient)
{
  int columns = columns_of(data, loss), features = data->features;
  const double *x = data->feature + (size_t)sample * (size_t)features;
  long double z[16] = {0}, slope[16], y = data->label[sample], value, total = 0;
  for (int c = 0; c < columns; c++)
    for (int k = 0; k < features; k++)
      z[c] += (long double)x[k] * w[k * columns + c];
  if (loss == TESTUDO_LOSS_LEAST_SQUARES) {
    slope[0] = z[0] - y;
    value = slope[0] * slope[0] / 2;
  } else if (loss == TESTUDO_LOSS_LOGISTIC) {
    slope[0] = 1 / (1 + expl(-z[0])) - y;
    value = logl(1 + expl(z[0])) - y * z[0];
  } else {
    for (int c = 0; c < columns; c++)
      total += expl(z[c]);
    for (int c = 0; c < columns; c++)
      slope[c] = expl(z[c]) / total - (c == (int)data->label[sample]);
    value = logl(total) - z[(int)data->label[sample]];
  }
  for (int k = 0; k < features && gradient != NULL; k++)
    for (int c = 0; c < columns; c++)
      gradient[k * columns + c] += slope[c] * x[k];
  return value;
}

static inline double plain_loss(const testudo_data *data, testudo_loss loss, double mu, const double *w)
{
  long double sum = 0, square = 0;
  for (int32_t i = 0; i < data->samples; i++)
    sum += plain_term(data, loss, i, w, NULL);
  for (int k = 0; k < data->features * columns_of(data, loss); k++)
    square += (long double)w[k] * w[k];
  return (double)(sum / data->samples + mu / 2 * square);
}

/* Over the samples of the list; NULL: all. */
static inline void plain_gradient(const testudo_data *data, testudo_loss loss, double mu, const double *w,
                                  const int32_t *sample, int32_t count, double *gradient)
{
  int dim = data->features * columns_of(data, loss);
  long double *sum = calloc((size_t)dim, sizeof *sum);
  assert_non_null(sum);
  for (int32_t i = 0; i < count; i++)
    plain_term(data, loss, sample == NULL ? i : sample[i], w, sum);
  for (int k = 0; k < dim; k++)
    gradient[k] = (double)((count == 0 ? 0 : sum[k] / count) + (long double)mu * w[k]);
  free(sum);
}

#endif
