/* SPDX-License-Identifier: BSD-3-Clause */
/* The inside of a compressor, and how its messages lie in bytes: first `numbers` values, then a tail of bits
   (docs/theory/compression.md#messages). */
#ifndef TESTUDO_RUNTIME_COMPRESSOR_H
#define TESTUDO_RUNTIME_COMPRESSOR_H

#include <float.h>
#include <string.h>

#include <testudo/compress.h>

struct testudo_compressor {
  testudo_compressor_kind kind;
  size_t dim, size;
  size_t numbers;     /* values in a message: dim, K or groups */
  int index_bits;     /* ceil(log2 dim) */
  uint64_t tail_bits; /* behind the values: of indices or of signs */
};

/* A message that this library wrote, taken from `vector`: a - C(a). */
void testudo_i_decompress_minus_float(const testudo_compressor *compressor, const void *bytes, float *vector);
void testudo_i_decompress_minus_double(const testudo_compressor *compressor, const void *bytes, double *vector);

/* ---- bytes: little endian, the first bit of a byte is its lowest ---- */

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

/* ---- fields of up to 32 bits, one after the other ---- */

typedef struct testudo_i_bits {
  unsigned char *at;        /* written to */
  const unsigned char *from; /* read from */
  uint64_t word;
  int held;                 /* bits in word */
} testudo_i_bits;

static inline void testudo_i_bits_put(testudo_i_bits *bits, uint32_t field, int width)
{
  bits->word |= (uint64_t)field << bits->held;
  bits->held += width;
  for (; bits->held >= 8; bits->held -= 8) {
    *bits->at++ = (unsigned char)bits->word;
    bits->word >>= 8;
  }
}

/* The last byte, with zeros behind the last bit. */
static inline void testudo_i_bits_end(testudo_i_bits *bits)
{
  if (bits->held > 0)
    *bits->at = (unsigned char)bits->word;
}

static inline uint32_t testudo_i_bits_get(testudo_i_bits *bits, int width)
{
  for (; bits->held < width; bits->held += 8)
    bits->word |= (uint64_t)*bits->from++ << bits->held;
  uint32_t field = (uint32_t)(bits->word & (((uint64_t)1 << width) - 1));
  bits->word >>= width;
  bits->held -= width;
  return field;
}

/* ---- numbers ---- */

typedef uint32_t testudo_i_word_float;
typedef uint64_t testudo_i_word_double;

#define BODY "runtime/compress/number_body.inc"
#include "base/both_numbers.inc"

#endif
