/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of sums of whole numbers, term by term: for laws that are too short, or whose ends matter too much, for a
   Fourier transform. */
#ifndef TESTUDO_NUMERIC_CONVOLVED_H
#define TESTUDO_NUMERIC_CONVOLVED_H

#include <stdint.h>

/* to[a] += sum of from[a - b] row[b] over from's low..high, without its ends that are below `least`, and row's
   first..last, for a up to `most`. Answers the last a that may have something. */
int32_t testudo_i_add_convolved(const double *restrict from, int32_t low, int32_t high, const double *row,
                                int32_t first, int32_t last, double *restrict to, int32_t most, double least);

#endif
