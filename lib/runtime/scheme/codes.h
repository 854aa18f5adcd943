/* SPDX-License-Identifier: BSD-3-Clause */
/* What stands behind design->code, scheme by scheme. For the scheme's own file here and for its half in code/making/;
   everybody else asks the scheme (scheme.h) or the public header. All of it lies in the design's arena, unless said. */
#ifndef TESTUDO_RUNTIME_CODES_H
#define TESTUDO_RUNTIME_CODES_H

#include "runtime/design.h"
#include "runtime/scheme/family.h"
#include "runtime/scheme/scheme.h"
#include "runtime/vector/groups.h"

typedef struct testudo_i_ignore_stragglers_code {
  int32_t wait;           /* K */
} testudo_i_ignore_stragglers_code;

typedef struct testudo_i_partial_code {
  double *matrix;         /* R, parts x workers, row after row */
} testudo_i_partial_code;

/* A nested code is a testudo_i_family alone; in the codes that hold more it comes first, for testudo_i_family_of. */

/* A family of one level whose rows are as long as the workers' orders. */
typedef struct testudo_i_gradient_code {
  testudo_i_family family;
  char *name;             /* of the construction, as the file has it */
  testudo_i_construction construction;
  testudo_i_groups groups; /* frc: who stands in for whom; else empty. Not in the arena */
} testudo_i_gradient_code;

/* Consecutive blocks of coordinates, block b coded for the b-th tolerance of the family. */
typedef struct testudo_i_block_code {
  testudo_i_family family;
  int64_t dim;             /* of the gradient that the sizes are stated for */
  int32_t blocks;
  int64_t *size;           /* each at least 1, dim in all */
  int64_t *edge;           /* blocks + 1: block b has the coordinates edge[b] .. edge[b+1] - 1 */
  double *work;            /* W_b, chunk times until block b is done */
  double *starts, *sent;   /* beginnings of (chunk, block) pairs until then; shares of a whole message */
  int32_t *step_of_row;    /* 1, 2, .. */
  int32_t *hit;            /* 0, 1, .. */
} testudo_i_block_code;

/* Takes over `design->code` of the given size, zeroed. */
TESTUDO_CHECKED testudo_status testudo_i_code_make(testudo_design *design, size_t size, testudo_error *error);

/* A gradient code without coefficients yet; the name of the construction is copied. */
TESTUDO_CHECKED testudo_status testudo_i_gradient_code_make(testudo_design *design, int32_t stragglers,
                                                            const char *name, testudo_error *error);

/* Blocks of the given sizes (copied), one per tolerance of the family. TESTUDO_ERROR_INPUT, naming the place in `code`:
   dim not in 1..TESTUDO_MAX_DIM, a size below 1, sizes that are not dim in all. */
TESTUDO_CHECKED testudo_status testudo_i_block_sizes_make(testudo_design *design, int64_t dim, int32_t blocks,
                                                          const int64_t *size, testudo_error *error);

#endif
