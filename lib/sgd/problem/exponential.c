/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exp(x) = 2^k exp(r) with |r| <= log(2)/2; exp(r) by its series to r^13, whose rest is below 5e-18. */
#include "sgd/problem/exponential.h"

#include "base/clones.h"

#include <stdint.h>

typedef union bits {
  double real;
  uint64_t word;
} bits;

TESTUDO_I_INLINED double exponential(double x)
{
  const double shift = 0x1.8p52; /* adding it rounds to whole numbers, which are then the low bits */
  double clamped = x < -708.0 ? -708.0 : x;
  bits whole = {.real = clamped * 0x1.71547652b82fep+0 + shift}, power;
  double k = whole.real - shift;
  /* log(2) in two parts, the first with trailing zeros so that k times it is exact. */
  double r = (clamped - k * 0x1.62e42fee00000p-1) - k * 0x1.a39ef35793c76p-33;
  double p = 1.0 / 6227020800.0;
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  p = p * (r * r) + r;
  power.word = (whole.word + 1023) << 52;
  return power.real + p * power.real;
}

TESTUDO_I_CLONES void testudo_i_exp_negative(size_t count, double *x)
{
  for (size_t k = 0; k < count; k++)
    x[k] = exponential(x[k]);
}
