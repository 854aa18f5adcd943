/* SPDX-License-Identifier: BSD-3-Clause */
/* The one heavy operation of encode and decode: out[o][t] = sum over i of weight[o * inputs + i] in[i][t], for
   first <= t < last. One pass over the inputs, whatever the number of outputs. Outputs overlap nothing.

   The `_base` twins are the definition: the same additions in the same order, so equal to the last bit. */
#ifndef TESTUDO_RUNTIME_WEIGHTED_SUM_H
#define TESTUDO_RUNTIME_WEIGHTED_SUM_H

#include <stddef.h>

void testudo_i_weighted_sums_double(size_t outputs, double *const *out, size_t inputs, const double *const *in,
                                    const double *weight, size_t first, size_t last);
void testudo_i_weighted_sums_float(size_t outputs, float *const *out, size_t inputs, const float *const *in,
                                   const float *weight, size_t first, size_t last);
void testudo_i_weighted_sums_base_double(size_t outputs, double *const *out, size_t inputs, const double *const *in,
                                         const double *weight, size_t first, size_t last);
void testudo_i_weighted_sums_base_float(size_t outputs, float *const *out, size_t inputs, const float *const *in,
                                        const float *weight, size_t first, size_t last);

#endif
