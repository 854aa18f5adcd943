/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delay/draws/logarithm.h"

/* Two compilations of one loop, the better one chosen when the program starts. Clang vectorises the plain one well
   enough; sanitizers and C libraries other than glibc do not go well with the choosing. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__) && \
    !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#define FOR_EVERY_MACHINE __attribute__((target_clones("avx2", "default")))
#else
#define FOR_EVERY_MACHINE
#endif

/* Blocks of a fixed length need no remainder loop: compilers vectorise them at their ordinary setting. */
#define BLOCK 16

FOR_EVERY_MACHINE
void testudo_i_exponentials(const double *restrict u, double *restrict x, size_t count, double shift, double rate)
{
  size_t whole = count - count % BLOCK;
  for (size_t start = 0; start < whole; start += BLOCK)
    for (size_t k = 0; k < BLOCK; k++)
      x[start + k] = shift + testudo_i_negative_log(u[start + k]) / rate;
  for (size_t k = whole; k < count; k++)
    x[k] = shift + testudo_i_negative_log(u[k]) / rate;
}
