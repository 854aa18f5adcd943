/* SPDX-License-Identifier: BSD-3-Clause */
/* The inside of a compressor, and how its messages lie in bytes: first `numbers` values, then a tail of bits
   (docs/theory/compression.md#messages). */
#ifndef TESTUDO_RUNTIME_COMPRESSOR_H
#define TESTUDO_RUNTIME_COMPRESSOR_H

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

static inline void testudo_i_put_float(unsigned char *at, float number)
{
  uint32_t word;
  memcpy(&word, &number, sizeof word);
  testudo_i_put_word(at, word, sizeof word);
}

static inline void testudo_i_put_double(unsigned char *at, double number)
{
  uint64_t word;
  memcpy(&word, &number, sizeof word);
  testudo_i_put_word(at, word, sizeof word);
}

static inline float testudo_i_get_float(const unsigned char *at)
{
  uint32_t word = (uint32_t)testudo_i_get_word(at, sizeof word);
  float number;
  memcpy(&number, &word, sizeof number);
  return number;
}

static inline double testudo_i_get_double(const unsigned char *at)
{
  uint64_t word = testudo_i_get_word(at, sizeof word);
  double number;
  memcpy(&number, &word, sizeof number);
  return number;
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

/* ---- numbers as integers that rise with the magnitude ---- */

typedef uint32_t testudo_i_word_float;
typedef uint64_t testudo_i_word_double;

static inline uint32_t testudo_i_key_float(float number)
{
  uint32_t word;
  memcpy(&word, &number, sizeof word);
  return word & UINT32_C(0x7fffffff);
}

static inline uint64_t testudo_i_key_double(double number)
{
  uint64_t word;
  memcpy(&word, &number, sizeof word);
  return word & UINT64_C(0x7fffffffffffffff);
}

/* Added to a key it sets the highest bit exactly where the number is not finite. */
#define TESTUDO_I_CARRY_FLOAT UINT32_C(0x00800000)
#define TESTUDO_I_CARRY_DOUBLE UINT64_C(0x0010000000000000)

static inline bool testudo_i_is_finite_float(float number)
{
  return (testudo_i_key_float(number) + TESTUDO_I_CARRY_FLOAT) >> 31 == 0;
}

static inline bool testudo_i_is_finite_double(double number)
{
  return (testudo_i_key_double(number) + TESTUDO_I_CARRY_DOUBLE) >> 63 == 0;
}

/* Are all of them? No early end, so that it vectorises. */
static inline bool testudo_i_all_finite_float(const float *number, size_t count)
{
  uint32_t any = 0;
  for (size_t i = 0; i < count; i++)
    any |= testudo_i_key_float(number[i]) + TESTUDO_I_CARRY_FLOAT;
  return any >> 31 == 0;
}

static inline bool testudo_i_all_finite_double(const double *number, size_t count)
{
  uint64_t any = 0;
  for (size_t i = 0; i < count; i++)
    any |= testudo_i_key_double(number[i]) + TESTUDO_I_CARRY_DOUBLE;
  return any >> 63 == 0;
}

#endif
