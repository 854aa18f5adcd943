/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sequences x and y of N numbers, times w^j with w = exp(i pi / (2 N)), have the cyclic convolution
     w^k (c_k + i c_(k + N)),
   for w^N = i: one complex transform of N places has the whole convolution c, where real numbers with zeros behind them
   take 2 N places. GSL's mixed radices are used, seven times faster at 2^20 than its radix 2. */
#include "numeric/transform.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_fft_complex.h>
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "parallel/lock.h"

/* w^j = coarse[j / FINE] fine[j % FINE]. */
enum { FINE = 1024 };

struct testudo_i_transform {
  size_t count, size;
  gsl_fft_complex_wavetable *wave;
  gsl_fft_complex_workspace *room;
  double *coarse, fine[2 * FINE];
};

/* The least such number of a small odd factor: GSL has its own code for it. */
static size_t size_for(size_t count)
{
  size_t size = 1, least = 0;
  while (size < count)
    size *= 2;
  for (size_t part = 4; part < 8; part++) /* 4/8 .. 7/8 of it */
    if (size % 8 == 0 && least == 0 && size / 8 * part >= count)
      least = size / 8 * part;
  return least > 0 ? least : size;
}

/* GSL ends the process where it has no memory, unless its handler, which all threads share, is off. */
static void allocate_tables(testudo_i_transform *made)
{
  static testudo_i_lock lock = ATOMIC_FLAG_INIT;
  testudo_i_lock_take(&lock);
  gsl_error_handler_t *handler = gsl_set_error_handler_off();
  made->wave = gsl_fft_complex_wavetable_alloc(made->size);
  made->room = gsl_fft_complex_workspace_alloc(made->size);
  gsl_set_error_handler(handler);
  testudo_i_lock_give(&lock);
}

testudo_i_transform *testudo_i_transform_create(size_t count)
{
  testudo_i_transform *made = testudo_i_calloc(1, sizeof *made);
  if (made == NULL)
    return NULL;
  made->count = count;
  made->size = size_for(count);
  made->coarse = testudo_i_alloc(made->size / FINE + 1, 2 * sizeof *made->coarse);
  allocate_tables(made);
  if (made->coarse == NULL || made->wave == NULL || made->room == NULL) {
    testudo_i_transform_free(made);
    return NULL;
  }
  double angle = acos(-1.0) / 2.0 / (double)made->size;
  for (size_t j = 0; j < FINE; j++) {
    made->fine[2 * j] = cos(angle * (double)j);
    made->fine[2 * j + 1] = sin(angle * (double)j);
  }
  for (size_t j = 0; j <= made->size / FINE; j++) {
    made->coarse[2 * j] = cos(angle * (double)(j * FINE));
    made->coarse[2 * j + 1] = sin(angle * (double)(j * FINE));
  }
  return made;
}

void testudo_i_transform_free(testudo_i_transform *transform)
{
  if (transform == NULL)
    return;
  if (transform->wave != NULL)
    gsl_fft_complex_wavetable_free(transform->wave);
  if (transform->room != NULL)
    gsl_fft_complex_workspace_free(transform->room);
  free(transform->coarse);
  free(transform);
}

size_t testudo_i_transform_numbers(const testudo_i_transform *transform)
{
  return 2 * transform->size;
}

void testudo_i_transform_spectrum(testudo_i_transform *transform, const double *x, double *spectrum)
{
  for (size_t j = 0; j < transform->count; j++) {
    const double *a = &transform->coarse[2 * (j / FINE)], *b = &transform->fine[2 * (j % FINE)];
    spectrum[2 * j] = x[j] * (a[0] * b[0] - a[1] * b[1]);
    spectrum[2 * j + 1] = x[j] * (a[0] * b[1] + a[1] * b[0]);
  }
  for (size_t j = 2 * transform->count; j < 2 * transform->size; j++)
    spectrum[j] = 0.0;
  gsl_fft_complex_forward(spectrum, 1, transform->size, transform->wave, transform->room);
}

void testudo_i_transform_convolve(testudo_i_transform *transform, double *spectrum, const double *by, double *to)
{
  for (size_t k = 0; k < transform->size; k++) {
    double a = spectrum[2 * k], b = spectrum[2 * k + 1], c = by[2 * k], d = by[2 * k + 1];
    spectrum[2 * k] = a * c - b * d;
    spectrum[2 * k + 1] = a * d + b * c;
  }
  gsl_fft_complex_backward(spectrum, 1, transform->size, transform->wave, transform->room);
  double scale = 1.0 / (double)transform->size;
  for (size_t j = 0; j < transform->count; j++) {
    const double *a = &transform->coarse[2 * (j / FINE)], *b = &transform->fine[2 * (j % FINE)];
    double turn[2] = {a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]};
    to[j] = scale * (spectrum[2 * j] * turn[0] + spectrum[2 * j + 1] * turn[1]);
  }
}
