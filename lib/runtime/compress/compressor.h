/* SPDX-License-Identifier: BSD-3-Clause */
/* The inside of a compressor, and how its messages lie in bytes: first `numbers` values, then a tail of bits
   (docs/theory/compression.md#messages). */
#ifndef TESTUDO_RUNTIME_COMPRESSOR_H
#define TESTUDO_RUNTIME_COMPRESSOR_H

#include <testudo/compress.h>

#include "runtime/bytes.h"

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

/* ---- fields of up to 32 bits, one after the other, the first bit of a byte being its lowest ---- */

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

#endif
