/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Convolution of real sequences by Fourier transforms: the only home of GSL's. */
#ifndef TESTUDO_NUMERIC_TRANSFORM_H
#define TESTUDO_NUMERIC_TRANSFORM_H

#include <stddef.h>

#include "base/arena.h"

/* What the transforms of sequences of one length need. */
typedef struct testudo_i_transform testudo_i_transform;

/* For the first `count` numbers of convolutions. NULL: the arena has failed. About 4 count to 5 count numbers. */
testudo_i_transform *testudo_i_transform_make(testudo_i_arena *arena, size_t count);

/* Numbers in a spectrum: 2 count to 2.5 count. */
size_t testudo_i_transform_numbers(const testudo_i_transform *transform);

/* O(count log count) for either; one caller at a time, for the scratch memory in it. The spectrum of x; and the first
   `count` numbers of the convolution of two sequences of such spectra, into `to`: `spectrum` is overwritten, and `by`
   may be the same. */
void testudo_i_transform_spectrum(testudo_i_transform *transform, const double *x, double *spectrum);
void testudo_i_transform_convolve(testudo_i_transform *transform, double *spectrum, const double *by, double *to);

#endif
