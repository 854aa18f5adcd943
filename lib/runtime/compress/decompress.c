/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages into vectors, first judged whole, then read (docs/theory/compression.md#messages). */
#include <math.h>

#include "base/clones.h" /* for its loops that vectorise */
#include "base/error.h"
#include "runtime/compress/compressor.h"

/* What becomes of the numbers of a message. */
typedef enum reading { SET, ADD, SUBTRACT } reading;

static const unsigned char *tail_of(const testudo_compressor *compressor, const unsigned char *bytes,
                                    size_t value_bytes)
{
  return bytes + compressor->numbers * value_bytes;
}

static bool holds_indices(const testudo_compressor *compressor)
{
  return compressor->kind == TESTUDO_COMPRESSOR_TOP_K || compressor->kind == TESTUDO_COMPRESSOR_RANDOM_K;
}

static bool holds_signs(const testudo_compressor *compressor)
{
  return compressor->kind == TESTUDO_COMPRESSOR_GROUPED_SIGN ||
         compressor->kind == TESTUDO_COMPRESSOR_STOCHASTIC_SIGN;
}

static testudo_status check_length(const testudo_compressor *compressor, size_t length, size_t wanted,
                                   testudo_error *error)
{
  if (length == wanted)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "message: %zu bytes, but %s of %zu numbers takes %zu", length,
                        testudo_compressor_name(compressor->kind), compressor->dim, wanted);
}

static testudo_status fail_value(bool infinite, size_t k, testudo_error *error)
{
  if (infinite)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "message: number %zu is not finite", k);
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "message: scale %zu is negative", k);
}

static testudo_status check_indices(const testudo_compressor *compressor, const unsigned char *tail,
                                    testudo_error *error)
{
  testudo_i_bits bits = {.from = tail};
  for (size_t k = 0, next = 0; k < compressor->numbers; k++) {
    size_t index = testudo_i_bits_get(&bits, compressor->index_bits);
    if (index >= compressor->dim)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "message: index %zu is %zu, but indices are 0..%zu", k, index,
                            compressor->dim - 1);
    if (index < next)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "message: index %zu is %zu, but indices must rise", k, index);
    next = index + 1;
  }
  return TESTUDO_OK;
}

static testudo_status check_tail(const testudo_compressor *compressor, const unsigned char *tail,
                                 testudo_error *error)
{
  if (holds_indices(compressor))
    TESTUDO_I_TRY(check_indices(compressor, tail, error));
  unsigned last = (unsigned)(compressor->tail_bits % 8);
  if (last == 0 || tail[compressor->tail_bits / 8] >> last == 0)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "message: the bits behind the last one must be 0");
}

#define BODY "runtime/compress/decompress_body.inc"
#include "base/both_numbers.inc"
