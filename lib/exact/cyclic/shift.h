/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shift-invariant designs: N = m, and with places on a circle for workers and chunks, the worker at b goes through the
   chunks at b + p_1, b + p_2, .. (mod N), with the same p for all. The places are found, whatever the numbers. */
#ifndef TESTUDO_EXACT_CYCLIC_SHIFT_H
#define TESTUDO_EXACT_CYCLIC_SHIFT_H

#include <testudo/status.h>

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* Places may be turned, and multiplied by a number that has no factor in common with N (which makes neighbours of
   chunks that are steps apart): of these the one that is natural, or else spans least. */
typedef struct testudo_i_shift {
  int32_t span;         /* the largest offset */
  bool natural;         /* offset[k] = k */
  int32_t *offset;      /* load of them, all different, 0 among them */
  int32_t *position;    /* of each worker: it covers the chunks at position + offset; all different */
  testudo_i_arena arena;
} testudo_i_shift;

/* Worker j goes through order[row[j]] .. order[row[j+1] - 1]. set_only: that order does not matter, and offset ascends.
   Multiples are tried up to 4096 chunks, beyond only 1 and -1. Orders that fall into rings side by side are found where
   the numbers of workers and chunks are the places, else only those that form one ring
   (docs/theory/latency.md#transfer-matrix). O(N load) where the design is not of the kind. */
TESTUDO_CHECKED testudo_status testudo_i_shift_find(int32_t workers, int32_t chunks, const int64_t *row,
                                                   const int32_t *order, bool set_only, testudo_i_shift *shift,
                                                   bool *found, testudo_error *error);
void testudo_i_shift_free(testudo_i_shift *shift);

#endif
