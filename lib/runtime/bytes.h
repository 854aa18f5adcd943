/* SPDX-License-Identifier: BSD-3-Clause */
/* Words and numbers in bytes, little endian on every machine. */
#ifndef TESTUDO_RUNTIME_BYTES_H
#define TESTUDO_RUNTIME_BYTES_H

#include <float.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define TESTUDO_I_LITTLE_ENDIAN 1
#else
#define TESTUDO_I_LITTLE_ENDIAN 0
#endif

static inline void testudo_i_put_word(unsigned char *at, uint64_t word, size_t bytes)
{
  if (TESTUDO_I_LITTLE_ENDIAN)
    memcpy(at, &word, bytes);
  else
    for (size_t k = 0; k < bytes; k++)
      at[k] = (unsigned char)(word >> 8 * k);
}

static inline uint64_t testudo_i_get_word(const unsigned char *at, size_t bytes)
{
  uint64_t word = 0;
  if (TESTUDO_I_LITTLE_ENDIAN)
    memcpy(&word, at, bytes);
  else
    for (size_t k = 0; k < bytes; k++)
      word |= (uint64_t)at[k] << 8 * k;
  return word;
}

typedef uint32_t testudo_i_word_float;
typedef uint64_t testudo_i_word_double;

#define BODY "runtime/bytes_body.inc"
#include "base/both_numbers.inc"

#endif
