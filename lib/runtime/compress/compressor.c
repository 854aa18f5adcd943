/* SPDX-License-Identifier: BSD-3-Clause */
/* Compressors: what there is, and what a message costs and loses (docs/theory/compression.md). */
#include "runtime/compress/compressor.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

static const char *const compressor_names[] = {
    [TESTUDO_COMPRESSOR_NONE] = "none",
    [TESTUDO_COMPRESSOR_TOP_K] = "top-k",
    [TESTUDO_COMPRESSOR_GROUPED_SIGN] = "grouped-sign",
    [TESTUDO_COMPRESSOR_RANDOM_K] = "random-k",
    [TESTUDO_COMPRESSOR_STOCHASTIC_SIGN] = "stochastic-sign",
};

const char *testudo_compressor_name(testudo_compressor_kind kind)
{
  return (unsigned)kind < sizeof compressor_names / sizeof *compressor_names ? compressor_names[kind] : NULL;
}

static testudo_status check_compressor(testudo_compressor_kind kind, size_t dim, size_t size, testudo_error *error)
{
  if (testudo_compressor_name(kind) == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "compressor %d, but compressors are none (0) to stochastic-sign (4)", (int)kind);
  if (dim < 1 || dim > TESTUDO_MAX_COMPRESSED)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "dim: %zu, but it must be in 1..%d", dim,
                          TESTUDO_MAX_COMPRESSED);
  if (kind == TESTUDO_COMPRESSOR_NONE && size != 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "size: %zu, but compressor none takes 0", size);
  if (kind != TESTUDO_COMPRESSOR_NONE && (size < 1 || size > dim))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "size: %zu, but for %s of %zu numbers it must be in 1..%zu",
                          size, testudo_compressor_name(kind), dim, dim);
  return TESTUDO_OK;
}

static int index_bits_of(size_t dim)
{
  int bits = 0;
  while (((size_t)1 << bits) < dim)
    bits++;
  return bits;
}

static void lay_out(testudo_compressor *compressor)
{
  size_t dim = compressor->dim, size = compressor->size;
  compressor->index_bits = index_bits_of(dim);
  switch (compressor->kind) {
  case TESTUDO_COMPRESSOR_NONE:
    compressor->numbers = dim;
    break;
  case TESTUDO_COMPRESSOR_TOP_K:
  case TESTUDO_COMPRESSOR_RANDOM_K:
    compressor->numbers = size;
    compressor->tail_bits = (uint64_t)size * (uint64_t)compressor->index_bits;
    break;
  case TESTUDO_COMPRESSOR_GROUPED_SIGN:
  case TESTUDO_COMPRESSOR_STOCHASTIC_SIGN:
    compressor->numbers = (dim - 1) / size + 1;
    compressor->tail_bits = dim;
    break;
  }
}

testudo_status testudo_compressor_create(testudo_compressor_kind kind, size_t dim, size_t size,
                                         testudo_compressor **compressor, testudo_error *error)
{
  TESTUDO_I_NEED(compressor);
  *compressor = NULL;
  TESTUDO_I_TRY(check_compressor(kind, dim, size, error));
  testudo_compressor *made = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  *made = (testudo_compressor){.kind = kind, .dim = dim, .size = size};
  lay_out(made);
  *compressor = made;
  return TESTUDO_OK;
}

void testudo_compressor_free(testudo_compressor *compressor)
{
  free(compressor);
}

testudo_compressor_kind testudo_compressor_kind_of(const testudo_compressor *compressor)
{
  return compressor == NULL ? (testudo_compressor_kind)-1 : compressor->kind;
}

size_t testudo_compressor_dim(const testudo_compressor *compressor)
{
  return compressor == NULL ? 0 : compressor->dim;
}

size_t testudo_compressor_size(const testudo_compressor *compressor)
{
  return compressor == NULL ? 0 : compressor->size;
}

bool testudo_compressor_unbiased(const testudo_compressor *compressor)
{
  return compressor != NULL && compressor->kind != TESTUDO_COMPRESSOR_TOP_K &&
         compressor->kind != TESTUDO_COMPRESSOR_GROUPED_SIGN;
}

double testudo_compressor_contraction(const testudo_compressor *compressor)
{
  if (compressor == NULL)
    return NAN;
  switch (compressor->kind) {
  case TESTUDO_COMPRESSOR_NONE:
    return 0.0;
  case TESTUDO_COMPRESSOR_TOP_K:
    return (double)(compressor->dim - compressor->size) / (double)compressor->dim;
  case TESTUDO_COMPRESSOR_GROUPED_SIGN:
    return (double)(compressor->size - 1) / (double)compressor->size;
  default:
    return NAN;
  }
}

double testudo_compressor_variance(const testudo_compressor *compressor)
{
  if (compressor == NULL)
    return NAN;
  switch (compressor->kind) {
  case TESTUDO_COMPRESSOR_NONE:
    return 0.0;
  case TESTUDO_COMPRESSOR_RANDOM_K:
    return (double)(compressor->dim - compressor->size) / (double)compressor->size;
  case TESTUDO_COMPRESSOR_STOCHASTIC_SIGN:
    return (double)(compressor->size - 1);
  default:
    return NAN;
  }
}

#define BODY "runtime/compress/compressor_body.inc"
#include "base/both_numbers.inc"
