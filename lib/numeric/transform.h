/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Convolution of real sequences by Fourier transforms, in place: the only home of GSL's. */
#ifndef TESTUDO_NUMERIC_TRANSFORM_H
#define TESTUDO_NUMERIC_TRANSFORM_H

#include <stddef.h>

/* Least power of two that is at least `count`. */
size_t testudo_i_transform_size(size_t count);

/* x to its spectrum and back; size is a power of two. */
void testudo_i_transform(double *x, size_t size);
void testudo_i_transform_back(double *x, size_t size);

/* The spectrum x times the spectrum y, into x; y may be x. */
void testudo_i_transform_multiply(double *x, const double *y, size_t size);

#endif
