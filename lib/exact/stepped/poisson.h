/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts of a multinomial are independent Poisson variables given their sum, so that a step from level to level is a
   convolution with one row of Poisson probabilities, whatever the count so far; all terms are positive. */
#ifndef TESTUDO_EXACT_POISSON_H
#define TESTUDO_EXACT_POISSON_H

#include <stdint.h>

/* row[b] = P(Poisson(mean) = b) for b = *first..*last, the part of 0..most where it is at least `least` (never empty);
   the rest of the row is not written. Relative error about 1e-16 per step from the mode. */
void testudo_i_poisson_row(double *row, double mean, int32_t most, double least, int32_t *first, int32_t *last);

/* 1 / P(Poisson(n) = n), n >= 1. */
double testudo_i_poisson_norm(int32_t n);

#endif
