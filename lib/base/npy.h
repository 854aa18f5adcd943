/* SPDX-License-Identifier: BSD-3-Clause */
/* Arrays of numbers that NumPy's save writes: format 1, 2 and 3; bool, int8 to int64, uint8 to uint64, float32 and
   float64 in either byte order; rows first or columns first. */
#ifndef TESTUDO_BASE_NPY_H
#define TESTUDO_BASE_NPY_H

#include "base/source.h"

#define TESTUDO_I_NPY_DIMENSIONS 3

typedef struct testudo_i_npy {
  int dimensions;          /* 1..3 */
  int64_t shape[TESTUDO_I_NPY_DIMENSIONS]; /* each at least 0, 1 beyond the last */
  int64_t count;           /* of all elements */
  int64_t step[TESTUDO_I_NPY_DIMENSIONS];  /* elements between neighbours of a dimension */
  char kind;               /* 'b', 'i', 'u', 'f' */
  int bytes;               /* of an element */
  bool swapped;            /* in the other byte order than this machine's */
  const unsigned char *data; /* the source's */
} testudo_i_npy;

/* Does the source begin like such a file? */
bool testudo_i_npy_is(const testudo_i_source *source);

/* Reads it; the source must outlive the array. Every refusal begins with the name. */
TESTUDO_CHECKED testudo_status testudo_i_npy_read(testudo_i_npy *array, testudo_i_source *source, testudo_error *error);

/* Element (i, j, k); indices beyond the array's dimensions are 0. Integers beyond 2^53 are rounded. */
double testudo_i_npy_at(const testudo_i_npy *array, int64_t i, int64_t j, int64_t k);

#endif
