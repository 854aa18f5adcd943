/* SPDX-License-Identifier: BSD-3-Clause */
/* Comparators for qsort and bsearch, one a type and direction. They are inline so that a sort of a few numbers in a hot
   loop costs no call more than it must. */
#ifndef TESTUDO_BASE_ORDER_H
#define TESTUDO_BASE_ORDER_H

#include <stdint.h>

/* -1, 0 or 1: for comparators of structs, key after key. NANs compare equal to everything: keep them out. */
#define TESTUDO_I_COMPARE(x, y) (((x) > (y)) - ((x) < (y)))

static inline int testudo_i_ascending_reals(const void *a, const void *b)
{
  return TESTUDO_I_COMPARE(*(const double *)a, *(const double *)b);
}

static inline int testudo_i_descending_reals(const void *a, const void *b)
{
  return TESTUDO_I_COMPARE(*(const double *)b, *(const double *)a);
}

static inline int testudo_i_ascending_int32(const void *a, const void *b)
{
  return TESTUDO_I_COMPARE(*(const int32_t *)a, *(const int32_t *)b);
}

static inline int testudo_i_descending_int32(const void *a, const void *b)
{
  return TESTUDO_I_COMPARE(*(const int32_t *)b, *(const int32_t *)a);
}

static inline int testudo_i_ascending_int64(const void *a, const void *b)
{
  return TESTUDO_I_COMPARE(*(const int64_t *)a, *(const int64_t *)b);
}

#endif
