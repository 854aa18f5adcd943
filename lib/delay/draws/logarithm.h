/* SPDX-License-Identifier: GPL-3.0-or-later */
/* -log(u) for u > 0 that is not subnormal, branch-free, so that a loop over it becomes vector code: libm's logarithm is
   most of the cost of an exponential draw.

   u = 2^e (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); log(1+f) = 2 atanh(s), s = f/(2+f), written as f - s (f - R) so
   that the large term is exact; R(s^2) = 2 s^2/3 + 2 s^4/5 + .. by a polynomial that interpolates it at eight Chebyshev
   nodes (error below 2e-18). Within 1.5 units in the last place of the true value. Only + - * / and bit operations:
   without contraction every instruction set gives the same bits. */
#ifndef TESTUDO_DELAY_LOGARITHM_H
#define TESTUDO_DELAY_LOGARITHM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline double testudo_i_negative_log(double u)
{
  const uint64_t one = UINT64_C(0x3ff0000000000000), root_half = UINT64_C(0x3fe6a09e667f3bcd);
  uint64_t bits, mantissa_bits, exponent_bits;
  memcpy(&bits, &u, sizeof bits);
  bits += one - root_half;
  mantissa_bits = (bits & UINT64_C(0x000fffffffffffff)) + root_half;
  /* The biased exponent in the low bits of 2^52: a conversion that every instruction set has. */
  exponent_bits = (bits >> 52) | UINT64_C(0x4330000000000000);
  double mantissa, exponent;
  memcpy(&mantissa, &mantissa_bits, sizeof mantissa);
  memcpy(&exponent, &exponent_bits, sizeof exponent);
  exponent -= 0x1p52 + 1023.0;
  double f = mantissa - 1.0, s = f / (2.0 + f), z = s * s, w = z * z;
  double even = 0x1.745cf9048dd95p-3 + w * 0x1.0fbe95d716020p-3, odd = 0x1.3b1c355a8f7a2p-3 + w * 0x1.0c039c49989c6p-3;
  even = 0x1.5555555555555p-1 + w * (0x1.2492492476cccp-2 + w * even);
  odd = 0x1.9999999999a38p-2 + w * (0x1.c71c720159177p-3 + w * odd);
  double r = z * (even + z * odd);
  /* log 2 in two pieces; the first has 42 bits, so that its product with the exponent is exact. */
  return ((s * (f - r) - exponent * 0x1.ef35793c76730p-45) - f) - exponent * 0x1.62e42fefa3800p-1;
}

/* x[k] = factor log(x[k]), of x > 0 that is not subnormal. */
void testudo_i_logarithms(double *x, size_t count, double factor);

/* x[k] = shift - log(u[k]) / rate. */
void testudo_i_exponentials(const double *restrict u, double *restrict x, size_t count, double shift, double rate);

#endif
