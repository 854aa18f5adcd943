/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sequences x and y of N numbers, times w^j with w = exp(i pi / (2 N)), have the cyclic convolution
     w^k (c_k + i c_(k + N)),
   for w^N = i: one complex transform of N places has the whole convolution c, where real numbers with zeros behind them
   take 2 N places. GSL's mixed radices are used, seven times faster at 2^20 than its radix 2. */
#include "numeric/transform.h"

#include <gsl/gsl_fft_complex.h>
#include <math.h>

/* w^j = coarse[j / FINE] fine[j % FINE]. */
enum { FINE = 1024 };

struct testudo_i_transform {
  size_t count, size;
  gsl_fft_complex_wavetable wave; /* roots, scratch and `coarse` are one block */
  gsl_fft_complex_workspace room;
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

static void find_factors(gsl_fft_complex_wavetable *wave)
{
  static const size_t factor[] = {7, 5, 3, 4, 2};
  size_t left = wave->n;
  for (size_t k = 0; k < sizeof factor / sizeof *factor; k++)
    for (; left % factor[k] == 0; left /= factor[k])
      wave->factor[wave->nf++] = factor[k];
}

/* The tables as GSL's manual describes them. Its own calls end the process where they have no memory, unless a handler
   is off that all threads share. A pass of factor f, after passes whose factors have the product p, takes the powers
   j p k of the first root of unity, k = 1 .. n / (p f), for j = 1, then for j = 2, up to f - 1. */
static void fill_roots(gsl_fft_complex_wavetable *wave)
{
  double angle = -2.0 * acos(-1.0) / (double)wave->n;
  size_t at = 0, product = 1;
  for (size_t pass = 0; pass < wave->nf; pass++) {
    size_t rows = wave->n / (product * wave->factor[pass]);
    wave->twiddle[pass] = &wave->trig[at];
    for (size_t j = 1; j < wave->factor[pass]; j++)
      for (size_t k = 1; k <= rows; k++, at++) {
        double turn = angle * (double)(j * product * k % wave->n);
        GSL_SET_COMPLEX(&wave->trig[at], cos(turn), sin(turn));
      }
    product *= wave->factor[pass];
  }
}

static void fill_turns(testudo_i_transform *made)
{
  double angle = acos(-1.0) / 2.0 / (double)made->size;
  for (size_t j = 0; j < FINE; j++) {
    made->fine[2 * j] = cos(angle * (double)j);
    made->fine[2 * j + 1] = sin(angle * (double)j);
  }
  for (size_t j = 0; j <= made->size / FINE; j++) {
    made->coarse[2 * j] = cos(angle * (double)(j * FINE));
    made->coarse[2 * j + 1] = sin(angle * (double)(j * FINE));
  }
}

testudo_i_transform *testudo_i_transform_make(testudo_i_arena *arena, size_t count)
{
  size_t size = size_for(count);
  testudo_i_transform *made = testudo_i_arena_calloc(arena, 1, sizeof *made);
  double *numbers = testudo_i_arena_alloc(arena, 4 * size + 2 * (size / FINE + 1), sizeof *numbers);
  if (arena->failed)
    return NULL;
  made->count = count;
  made->size = size;
  made->coarse = numbers + 4 * size;
  made->room = (gsl_fft_complex_workspace){size, numbers + 2 * size};
  made->wave.n = size;
  made->wave.trig = (gsl_complex *)numbers;
  find_factors(&made->wave);
  fill_roots(&made->wave);
  fill_turns(made);
  return made;
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
  gsl_fft_complex_forward(spectrum, 1, transform->size, &transform->wave, &transform->room);
}

void testudo_i_transform_convolve(testudo_i_transform *transform, double *spectrum, const double *by, double *to)
{
  for (size_t k = 0; k < transform->size; k++) {
    double a = spectrum[2 * k], b = spectrum[2 * k + 1], c = by[2 * k], d = by[2 * k + 1];
    spectrum[2 * k] = a * c - b * d;
    spectrum[2 * k + 1] = a * d + b * c;
  }
  gsl_fft_complex_backward(spectrum, 1, transform->size, &transform->wave, &transform->room);
  double scale = 1.0 / (double)transform->size;
  for (size_t j = 0; j < transform->count; j++) {
    const double *a = &transform->coarse[2 * (j / FINE)], *b = &transform->fine[2 * (j % FINE)];
    double turn[2] = {a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]};
    to[j] = scale * (spectrum[2 * j] * turn[0] + spectrum[2 * j + 1] * turn[1]);
  }
}
