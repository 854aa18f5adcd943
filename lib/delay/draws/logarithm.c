/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delay/draws/logarithm.h"

#include "base/clones.h"

/* Blocks of a fixed length need no remainder loop: compilers vectorise them at their ordinary setting. */
#define BLOCK 16

TESTUDO_I_CLONES
void testudo_i_logarithms(double *x, size_t count, double factor)
{
  size_t whole = count - count % BLOCK;
  for (size_t start = 0; start < whole; start += BLOCK)
    for (size_t k = 0; k < BLOCK; k++)
      x[start + k] = -factor * testudo_i_negative_log(x[start + k]);
  for (size_t k = whole; k < count; k++)
    x[k] = -factor * testudo_i_negative_log(x[k]);
}

TESTUDO_I_CLONES
void testudo_i_exponentials(const double *restrict u, double *restrict x, size_t count, double shift, double rate)
{
  size_t whole = count - count % BLOCK;
  for (size_t start = 0; start < whole; start += BLOCK)
    for (size_t k = 0; k < BLOCK; k++)
      x[start + k] = shift + testudo_i_negative_log(u[start + k]) / rate;
  for (size_t k = whole; k < count; k++)
    x[k] = shift + testudo_i_negative_log(u[k]) / rate;
}
