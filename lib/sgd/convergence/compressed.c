/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much to compress: the bound of coded gradients with error feedback, and the size that makes it least for a
   number of bits (docs/theory/convergence.md#compressed-coded-gradients). */
#include <math.h>

#include <testudo/convergence.h>

#include "base/error.h"
#include "numeric/integrate.h"

#define MOST_NUMBERS 100000000 /* tried one by one */
#define PI 3.14159265358979323846

int64_t testudo_compression_bits(testudo_compression compression, int64_t dim, int64_t size)
{
  if (size < 1 || size > dim || dim > INT64_MAX / 128)
    return -1;
  if (compression == TESTUDO_COMPRESSION_GROUPED_SIGN)
    return dim + 32 * ((dim - 1) / size + 1);
  int index = 0;
  while ((INT64_C(1) << index) < dim)
    index++;
  return size * (32 + index);
}

/* Of independent normal numbers: Top-K keeps 2 int_z^inf x^2 phi(x) dx = f + 2 z phi(z) with 2 Q(z) = f = K/D; of a
   group of n, E ||x||_1^2 / (n ||x||^2) = (1 + (n - 1) 2/pi) / n, since direction and length are independent. */
static double contraction_typical(testudo_compression compression, int64_t dim, int64_t size)
{
  if (compression == TESTUDO_COMPRESSION_GROUPED_SIGN)
    return (1.0 + ((double)size - 1.0) * 2.0 / PI) / (double)size;
  if (size == dim)
    return 1.0;
  double kept = (double)size / (double)dim, z = -testudo_i_normal_quantile(kept / 2.0);
  return kept + 2.0 * z * exp(-z * z / 2.0) / sqrt(2.0 * PI);
}

double testudo_compression_contraction(testudo_compression compression, int64_t dim, int64_t size, bool typical)
{
  if (size < 1 || size > dim)
    return NAN;
  if (typical)
    return contraction_typical(compression, dim, size);
  return compression == TESTUDO_COMPRESSION_GROUPED_SIGN ? 1.0 / (double)size : (double)size / (double)dim;
}

static testudo_status coco_check(const testudo_coco *c, testudo_error *error)
{
  if (c->workers < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "workers: %d, but there must be one", (int)c->workers);
  if (!(c->straggle >= 0.0 && c->straggle < 1.0))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "straggle: p = %g, but it must be in [0, 1)", c->straggle);
  if (!(c->spread >= 0.0 && isfinite(c->spread) && c->gap >= 0.0 && isfinite(c->gap)))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "spread %g and gap %g: both must be >= 0 and finite",
                          c->spread, c->gap);
  if (!(c->smoothness > 0.0 && isfinite(c->smoothness)))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "smoothness: L = %g, but it must be positive", c->smoothness);
  if (!(c->step > 0.0 && c->step * c->smoothness <= 0.5))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "step: eta = %g, but the bound needs 0 < eta <= 1 / (2 L) ="
                          " %g", c->step, 0.5 / c->smoothness);
  if (c->dim < 1 || c->dim > MOST_NUMBERS)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "dim: %lld numbers; allowed: 1..%d", (long long)c->dim,
                          MOST_NUMBERS);
  if (!(c->bits > 0.0) || c->message_bits < 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "bits: %g in all and %lld per message, but there must be some",
                          c->bits, (long long)c->message_bits);
  return TESTUDO_OK;
}

static testudo_coco_choice coco_measure(const testudo_coco *c, int64_t size)
{
  double sent = 1.0 - c->straggle;
  testudo_coco_choice f = {.size = size, .message_bits = testudo_compression_bits(c->compression, c->dim, size)};
  f.updates = c->bits / (sent * c->workers * (double)f.message_bits);
  f.contraction = testudo_compression_contraction(c->compression, c->dim, size, c->typical);
  double held_back = 2.0 * c->smoothness * c->step / (f.contraction * sent);
  f.start = 2.0 * c->gap / (c->step * f.updates);
  f.variance = c->smoothness * c->step * testudo_coded_variance(c->straggle, c->spread);
  f.memory = held_back * held_back * c->workers * (1.0 - f.contraction) * c->spread;
  f.bound = f.updates >= 1.0 ? (f.start + f.variance + f.memory) / (1.0 - c->step * c->smoothness) : HUGE_VAL;
  return f;
}

testudo_status testudo_coco_bound(const testudo_coco *coco, int64_t size, testudo_coco_choice *choice,
                                  testudo_error *error)
{
  TESTUDO_I_TRY(coco_check(coco, error));
  if (size < 1 || size > coco->dim)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "size: %lld of %lld numbers; allowed: 1..%lld",
                          (long long)size, (long long)coco->dim, (long long)coco->dim);
  *choice = coco_measure(coco, size);
  return TESTUDO_OK;
}

testudo_status testudo_coco_choose(const testudo_coco *coco, testudo_coco_choice *choice, testudo_error *error)
{
  TESTUDO_I_TRY(coco_check(coco, error));
  int64_t most = coco->message_bits == 0 ? INT64_MAX : coco->message_bits, least = INT64_MAX;
  *choice = (testudo_coco_choice){.bound = HUGE_VAL};
  for (int64_t size = 1; size <= coco->dim; size++) {
    int64_t bits = testudo_compression_bits(coco->compression, coco->dim, size);
    least = bits < least ? bits : least;
    testudo_coco_choice found = bits <= most ? coco_measure(coco, size) : (testudo_coco_choice){.bound = HUGE_VAL};
    if (found.bound < choice->bound)
      *choice = found;
  }
  return choice->size > 0 ? TESTUDO_OK
                          : testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "bits: %g in all, and %lld per message, do "
                                           "not pay for one update: the shortest message of %lld numbers has %lld",
                                           coco->bits, (long long)coco->message_bits, (long long)coco->dim,
                                           (long long)least);
}
