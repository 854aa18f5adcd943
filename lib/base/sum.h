/* SPDX-License-Identifier: BSD-3-Clause */
/* Compensated summation (Neumaier, ZAMM 54, 1974): the error does not grow with the number of terms. */
#ifndef TESTUDO_BASE_SUM_H
#define TESTUDO_BASE_SUM_H

#include <math.h>

typedef struct testudo_i_sum {
  double total;
  double lost;
} testudo_i_sum;

static inline void testudo_i_sum_add(testudo_i_sum *sum, double term)
{
  double next = sum->total + term;
  sum->lost += fabs(sum->total) >= fabs(term) ? (sum->total - next) + term : (term - next) + sum->total;
  sum->total = next;
}

static inline double testudo_i_sum_value(const testudo_i_sum *sum)
{
  return sum->total + sum->lost;
}

#endif
