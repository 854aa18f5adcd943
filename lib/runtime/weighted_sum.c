/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/weighted_sum.h"

#include "base/clones.h"

/* Numbers handled between one look at an input and the next: the outputs' stay in the first-level cache, and of several
   outputs the inputs' too. */
enum { TILE = 512 };

/* Bytes of one output alone: longer runs of its inputs come from memory faster. */
enum { LONG_TILE = 16384 };

#define BODY "runtime/weighted_sum_body.inc"
#include "base/both_numbers.inc"

/* ---- upper halves of floats ---- */

TESTUDO_I_INLINED void add_halves(float *restrict out, const uint16_t *restrict in, float weight, size_t count)
{
  for (size_t t = 0; t < count; t++)
    out[t] = out[t] + weight * testudo_i_float_of(in[t]);
}

TESTUDO_I_CLONES
void testudo_i_weighted_sums_bfloat16(size_t outputs, uint16_t *const *out, size_t inputs, const uint16_t *const *in,
                                      const float *weight, size_t first, size_t last)
{
  float sum[TILE];
  for (size_t at = first; at < last; at += TILE) {
    size_t count = last - at < TILE ? last - at : TILE;
    for (size_t o = 0; o < outputs; o++) {
      memset(sum, 0, sizeof sum);
      for (size_t i = 0; i < inputs; i++)
        add_halves(sum, in[i] + at, weight[o * inputs + i], count);
      for (size_t t = 0; t < count; t++)
        out[o][at + t] = testudo_i_bfloat16_of(sum[t]);
    }
  }
}

TESTUDO_I_CLONES
void testudo_i_add_scaled_bfloat16(float *out, const uint16_t *in, float weight, size_t count)
{
  add_halves(out, in, weight, count);
}
