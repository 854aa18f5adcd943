/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spectra lie as GSL's radix-2 transforms leave them: real parts at 0 .. size/2, imaginary ones at size - k. */
#include "numeric/transform.h"

#include <gsl/gsl_fft_halfcomplex.h>
#include <gsl/gsl_fft_real.h>

size_t testudo_i_transform_size(size_t count)
{
  size_t size = 1;
  while (size < count)
    size *= 2;
  return size;
}

void testudo_i_transform(double *x, size_t size)
{
  gsl_fft_real_radix2_transform(x, 1, size);
}

void testudo_i_transform_back(double *x, size_t size)
{
  gsl_fft_halfcomplex_radix2_inverse(x, 1, size);
}

void testudo_i_transform_multiply(double *x, const double *y, size_t size)
{
  x[0] *= y[0];
  if (size > 1)
    x[size / 2] *= y[size / 2];
  for (size_t k = 1; k < size - k; k++) {
    double a = x[k], b = x[size - k], c = y[k], d = y[size - k];
    x[k] = a * c - b * d;
    x[size - k] = a * d + b * c;
  }
}
