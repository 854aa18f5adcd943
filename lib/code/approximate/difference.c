/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Difference sets modulo a prime, or a product of twin primes, from residues. */
#include "code/approximate/bibd.h"

#include <math.h>
#include <string.h>

#include "code/approximate/galois.h"

static int32_t root_of(int64_t v)
{
  int64_t root = (int64_t)sqrt((double)v);
  while (root * root > v)
    root--;
  while ((root + 1) * (root + 1) <= v)
    root++;
  return (int32_t)root;
}

/* v = p (p + 2) = (p + 1)^2 - 1 */
static int32_t lower_twin(int32_t v)
{
  int32_t p = root_of((int64_t)v + 1) - 1;
  return (int64_t)p * (p + 2) == v && testudo_i_is_prime(p) && testudo_i_is_prime(p + 2) ? p : 0;
}

bool testudo_i_difference_exists(testudo_i_difference kind, int32_t v)
{
  if (kind == TESTUDO_I_TWIN)
    return lower_twin(v) > 2;
  if (kind == TESTUDO_I_QUADRATIC)
    return v % 4 == 3 && v > 3 && testudo_i_is_prime(v);
  int32_t x = root_of((v - 1) / 4);
  return v > 5 && 4 * (int64_t)x * x + 1 == v && x % 2 == 1 && testudo_i_is_prime(v);
}

static void mark_powers(int32_t v, int32_t exponent, unsigned char *in)
{
  for (int64_t x = 1; x < v; x++) {
    int64_t square = x * x % v;
    in[exponent == 2 ? square : square * square % v] = 1;
  }
}

/* Quadratic character of r modulo the odd prime p, by Euler's criterion. */
static int character(int64_t r, int32_t p)
{
  int64_t power = 1, base = r % p;
  for (int32_t e = (p - 1) / 2; e > 0; e >>= 1) {
    if (e & 1)
      power = power * base % p;
    base = base * base % p;
  }
  return power == 0 ? 0 : power == 1 ? 1 : -1;
}

void testudo_i_difference_fill(testudo_i_difference kind, int32_t v, unsigned char *in)
{
  memset(in, 0, (size_t)v);
  if (kind != TESTUDO_I_TWIN) {
    mark_powers(v, kind == TESTUDO_I_QUADRATIC ? 2 : 4, in);
    return;
  }
  int32_t p = lower_twin(v);
  for (int32_t r = 0; r < v; r++)
    in[r] = r % (p + 2) == 0 || character(r, p) * character(r, p + 2) == 1;
}
