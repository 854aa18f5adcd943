/* SPDX-License-Identifier: BSD-3-Clause */
/* Sums over lists of places, one list after the other. */
#ifndef TESTUDO_LINALG_GATHER_H
#define TESTUDO_LINALG_GATHER_H

#include <stdbool.h>
#include <stdint.h>

/* Some of the lists of a sparse matrix of ones, list c being index[first[c]] .. index[last[c] - 1]: the lists use[k]
   (NULL: k), each with its result at place use[k] (`placed`) or k. */
typedef struct testudo_i_lists {
  const int64_t *first, *last;
  const int32_t *index, *use;
  int32_t count, degree;  /* degree: all have this length and lie behind one another; 0: not so */
  bool placed;
} testudo_i_lists;

/* What belongs into `degree`. */
int32_t testudo_i_lists_degree(const testudo_i_lists *lists);

/* y <- (the sums of x over the lists) - scale y. */
void testudo_i_gather(const testudo_i_lists *lists, const double *x, double scale, double *y);

#endif
