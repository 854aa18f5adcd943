/* SPDX-License-Identifier: BSD-3-Clause */
/* The one heavy operation of encode and decode: out[o][t] = sum over i of weight[o * inputs + i] in[i][t], for
   first <= t < last, added in the order of the inputs. One pass over them, whatever the number of outputs. Outputs
   overlap nothing. Of upper halves of floats the sums are floats, rounded to the nearest (ties to even) at the end. */
#ifndef TESTUDO_RUNTIME_WEIGHTED_SUM_H
#define TESTUDO_RUNTIME_WEIGHTED_SUM_H

#include <string.h>

#include <testudo/runtime.h>

#define BODY "runtime/weighted_sum_calls.inc"
#include "runtime/all_numbers.inc"

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

#endif
