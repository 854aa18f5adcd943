/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The few smallest of many times, trial by trial, over a block of trials. Include it before other headers: the loops
   below, and those of whoever includes it, are compiled as base/clones.h says. */
#ifndef TESTUDO_OPTIMIZE_LOCAL_LEAST_H
#define TESTUDO_OPTIMIZE_LOCAL_LEAST_H

#include "base/clones.h"
#include "optimize/local/times.h"

#include <math.h>

TESTUDO_I_INLINED void testudo_i_least_start(float *restrict least)
{
  for (int r = 0; r < TESTUDO_I_TIMES_BLOCK; r++)
    least[r] = HUGE_VALF;
}

/* The least of all factor * time that were joined. */
TESTUDO_I_INLINED void testudo_i_least_join(float *restrict least, const float *restrict time, float factor)
{
  for (int r = 0; r < TESTUDO_I_TIMES_BLOCK; r++) {
    float t = factor * time[r];
    least[r] = t < least[r] ? t : least[r];
  }
}

TESTUDO_I_INLINED void testudo_i_least_scale(float *restrict carry, const float *restrict time, float factor)
{
  for (int r = 0; r < TESTUDO_I_TIMES_BLOCK; r++)
    carry[r] = factor * time[r];
}

/* What is not the least goes on, in `carry`, to the next row. */
TESTUDO_I_INLINED void testudo_i_least_pass(float *restrict least, float *restrict carry)
{
  for (int r = 0; r < TESTUDO_I_TIMES_BLOCK; r++) {
    float low = carry[r] < least[r] ? carry[r] : least[r], high = carry[r] < least[r] ? least[r] : carry[r];
    least[r] = low;
    carry[r] = high;
  }
}

#endif
