/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shift-invariant designs: N = m, and worker j goes through the chunks b + p_1, b + p_2, .. (mod N), with its own b and
   the same p for all. */
#ifndef TESTUDO_EXACT_CYCLIC_SHIFT_H
#define TESTUDO_EXACT_CYCLIC_SHIFT_H

#include <testudo/design.h>

#include "base/arena.h"

/* The numbering of chunks may be turned, and multiplied by a number that has no factor in common with N (which makes
   neighbours of chunks that are steps apart): of these the one that is natural, or else spans least. */
typedef struct testudo_i_shift {
  int32_t span;         /* the largest offset */
  bool natural;         /* offset[k] = k */
  int32_t *offset;      /* load of them, all different, 0 among them */
  int32_t *position;    /* of each worker: it covers chunks position + offset (in the new numbering); all different */
  testudo_i_arena arena;
} testudo_i_shift;

/* set_only: the order of a worker's chunks does not matter, and offset ascends. Multiples are tried up to 4096 chunks,
   beyond only 1 and -1. O(N load) where the design is not of the kind. */
TESTUDO_CHECKED testudo_status testudo_i_shift_find(const testudo_design *design, bool set_only, testudo_i_shift *shift,
                                                   bool *found, testudo_error *error);
void testudo_i_shift_free(testudo_i_shift *shift);

#endif
