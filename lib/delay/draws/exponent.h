/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exp(x), branch-free like logarithm.h, so that a loop over it becomes vector code.

   x = n log 2 + r, |r| <= log(2) / 2, with log 2 in two pieces of which the first has so few bits that n times it is
   exact; exp(r) = 1 + (r + r^2 (1/2 + r/6 + ..)) by its series to r^13 (error below 5e-18), and 2^n in two factors, so
   that what overflows is infinite and what is below the least numbers loses bits, then is 0. Within 1.5 units in the
   last place, but there. Only + - * and bit operations: every instruction set gives the same bits. */
#ifndef TESTUDO_DELAY_EXPONENT_H
#define TESTUDO_DELAY_EXPONENT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* 2^n of a whole n in -1022 .. 1023. */
static inline double testudo_i_power_of_two(double n)
{
  double placed = n + (0x1.8p52 + 1023.0), power;
  uint64_t bits;
  memcpy(&bits, &placed, sizeof bits);
  bits <<= 52;
  memcpy(&power, &bits, sizeof power);
  return power;
}

/* exp(r) - 1, |r| <= log(2) / 2; relative to r. */
static inline double testudo_i_exponent_rest(double r)
{
  double s = r * r, w = s * s;
  /* The coefficients 1/2!, 1/3!, .. in pairs. */
  double low = (0x1p-1 + r * 0x1.5555555555555p-3) + s * (0x1.5555555555555p-5 + r * 0x1.1111111111111p-7);
  double middle = (0x1.6c16c16c16c17p-10 + r * 0x1.a01a01a01a01ap-13) +
                  s * (0x1.a01a01a01a01ap-16 + r * 0x1.71de3a556c734p-19);
  double high = (0x1.27e4fb7789f5cp-22 + r * 0x1.ae64567f544e4p-26) +
                s * (0x1.1eed8eff8d898p-29 + r * 0x1.6124613a86d09p-33);
  return r + s * (low + w * (middle + w * high));
}

/* n and r of x. */
static inline double testudo_i_exponent_whole(double x)
{
  return (x * 0x1.71547652b82fep+0 + 0x1.8p52) - 0x1.8p52;
}

static inline double testudo_i_exponent_part(double x, double n)
{
  return (x - n * 0x1.62e42fefa3800p-1) - n * 0x1.ef35793c76730p-45;
}

static inline double testudo_i_exponent(double x)
{
  x = x > 710.0 ? 710.0 : x;
  x = x < -746.0 ? -746.0 : x;
  double n = testudo_i_exponent_whole(x);
  double value = 1.0 + testudo_i_exponent_rest(testudo_i_exponent_part(x, n));
  double half = (n * 0.5 + 0x1.8p52) - 0x1.8p52;
  return value * testudo_i_power_of_two(half) * testudo_i_power_of_two(n - half);
}

/* exp(x) - 1 of 0 <= x <= 700, within two units in the last place: 2^n - 1 is exact or beyond what could be seen. */
static inline double testudo_i_exponent_less_1(double x)
{
  double n = testudo_i_exponent_whole(x), power = testudo_i_power_of_two(n);
  return (power - 1.0) + power * testudo_i_exponent_rest(testudo_i_exponent_part(x, n));
}

/* x[k] = factor (exp(x[k]) - 1), of 0 <= x <= 700. */
void testudo_i_exponents_less_1(double *x, size_t count, double factor);

/* x[k] = factor exp(x[k]). */
void testudo_i_exponents(double *x, size_t count, double factor);

#endif
