/* SPDX-License-Identifier: BSD-3-Clause */
/* The one heavy operation of encode and decode: out[o][t] = sum over i of weight[o * inputs + i] in[i][t], for
   first <= t < last. One pass over the inputs, whatever the number of outputs. Outputs overlap nothing.

   The `_base` twins are the definition: the same additions in the same order, so equal to the last bit. */
#ifndef TESTUDO_RUNTIME_WEIGHTED_SUM_H
#define TESTUDO_RUNTIME_WEIGHTED_SUM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

void testudo_i_weighted_sums_double(size_t outputs, double *const *out, size_t inputs, const double *const *in,
                                    const double *weight, size_t first, size_t last);
void testudo_i_weighted_sums_float(size_t outputs, float *const *out, size_t inputs, const float *const *in,
                                   const float *weight, size_t first, size_t last);
void testudo_i_weighted_sums_base_double(size_t outputs, double *const *out, size_t inputs, const double *const *in,
                                         const double *weight, size_t first, size_t last);
void testudo_i_weighted_sums_base_float(size_t outputs, float *const *out, size_t inputs, const float *const *in,
                                        const float *weight, size_t first, size_t last);

/* The upper halves of floats: sums in floats, rounded to the nearest (ties to even) at the end. */
void testudo_i_weighted_sums_bfloat16(size_t outputs, uint16_t *const *out, size_t inputs, const uint16_t *const *in,
                                      const float *weight, size_t first, size_t last);

static inline float testudo_i_float_of(uint16_t upper)
{
  uint32_t bits = (uint32_t)upper << 16;
  float number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

static inline uint16_t testudo_i_bfloat16_of(float number)
{
  uint32_t bits;
  memcpy(&bits, &number, sizeof bits);
  if ((bits & 0x7fffffff) > 0x7f800000)
    return (uint16_t)(bits >> 16 | 0x40); /* stays no number when its lower half goes */
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/* out[t] += weight in[t], the additions of the sums above, one input at a time. */
void testudo_i_add_scaled_double(double *out, const double *in, double weight, size_t count);
void testudo_i_add_scaled_float(float *out, const float *in, float weight, size_t count);
void testudo_i_add_scaled_bfloat16(float *out, const uint16_t *in, float weight, size_t count);

#endif
