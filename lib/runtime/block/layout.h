/* SPDX-License-Identifier: BSD-3-Clause */
/* How a block gradient code cuts the gradient (docs/theory/block): consecutive blocks of coordinates, block b coded for
   the b-th tolerance of the family. */
#ifndef TESTUDO_RUNTIME_LAYOUT_H
#define TESTUDO_RUNTIME_LAYOUT_H

#include <stdint.h>

#include <testudo/status.h>

typedef struct testudo_i_layout {
  int32_t blocks; /* 0: the design is not a block code, and the arrays are NULL */
  int64_t dim;    /* of the gradient that the sizes are stated for */
  int64_t *size;  /* each at least 1, dim in all */
  int64_t *edge;  /* blocks + 1: block b has the coordinates edge[b] .. edge[b+1] - 1 */
  double *work;   /* W_b, chunk times until block b is done; 0 before testudo_i_layout_weigh */
} testudo_i_layout;

/* Blocks of the given sizes (copied). Refused with TESTUDO_ERROR_INPUT, naming the place in `code`: dim not in
   1..TESTUDO_MAX_DIM, a size below 1, sizes that are not dim in all. */
TESTUDO_CHECKED testudo_status testudo_i_layout_make(testudo_i_layout *layout, int64_t dim, int32_t blocks,
                                                     const int64_t *size, testudo_error *error);
/* Fills work from the tolerances, one a block. */
void testudo_i_layout_weigh(testudo_i_layout *layout, const int32_t *tolerance);
void testudo_i_layout_free(testudo_i_layout *layout); /* fine on a zeroed layout */

#endif
