/* SPDX-License-Identifier: BSD-3-Clause */
/* Vectors into messages (docs/theory/compression.md#compressors). */
#include <math.h>
#include <stdio.h>

#include "base/clones.h" /* for its loops that vectorise */
#include "base/error.h"
#include "base/random.h"
#include "base/sum.h"
#include "runtime/compress/compressor.h"

enum { CHECK_TILE = 1024, SUM_TILE = 512 };

/* ---- selection by counting ---- */

/* A pass looks at so many bits of the magnitudes. The highest bits of a number that is not finite fill bins of their
   own: 3 bits of the fraction are beside the 8 of a float's exponent, none beside the 11 of a double's. */
enum { DIGIT = 11, BINS = 1 << DIGIT };

/* Keys over `least` are taken, and of those that equal it the first `ties`. */
typedef struct selection {
  uint64_t least;
  size_t ties;
} selection;

/* What is known of the key of rank `wanted` from the top: its bits above `shift` are `prefix`; `wanted` is its rank
   among the keys that begin so. */
typedef struct narrowing {
  uint64_t prefix;
  int shift;
  size_t wanted;
} narrowing;

/* Takes over a count of the next `width` bits of the keys that begin with the prefix. True when every key that begins
   with the new prefix, or with a larger one, is to be taken, so that nothing is left to find. */
static bool narrow(narrowing *known, const uint32_t *count, int width)
{
  uint32_t bin = ((uint32_t)1 << width) - 1;
  for (; count[bin] < known->wanted; bin--)
    known->wanted -= count[bin];
  known->prefix = known->prefix << width | bin;
  known->shift -= width;
  return count[bin] == known->wanted;
}

/* How many indices to pass by when `wanted` of the next `left` are to be taken, all sets equally likely: the least s
   with P(more than s are passed by) = prod_{j <= s} (left - wanted - j) / (left - j) <= uniform. One multiplication per
   index, whose factor waits for nothing (Vitter, ACM TOMS 13, 1987, algorithm A). */
static size_t skip_of(size_t left, size_t wanted, double uniform)
{
  double others = (double)(left - wanted), all = (double)left, more = others / all;
  size_t skip = 0;
  for (; more > uniform; skip++) {
    others -= 1.0;
    all -= 1.0;
    more *= others / all;
  }
  return skip;
}

/* ---- what is refused ---- */

static testudo_status fail_number(size_t index, testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                        "vector[%zu] is not a finite number: only finite numbers can be compressed", index);
}

static testudo_status check_draw(const testudo_compressor *compressor, const testudo_compress_draw *draw,
                                 testudo_error *error)
{
  bool random = compressor->kind == TESTUDO_COMPRESSOR_RANDOM_K ||
                compressor->kind == TESTUDO_COMPRESSOR_STOCHASTIC_SIGN;
  if (!random || draw != NULL)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                        "draw: missing, but compressor %s needs the name of its random numbers",
                        testudo_compressor_name(compressor->kind));
}

static testudo_i_random start_drawing(const testudo_compress_draw *draw)
{
  testudo_i_random random;
  testudo_i_random_start(&random, draw->seed, TESTUDO_I_FOR_COMPRESSION, (uint64_t)draw->iteration,
                         (uint64_t)draw->worker);
  return random;
}

#define BODY "runtime/compress/compress_body.inc"
#include "base/both_numbers.inc"
