/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose block is whose: what orders by blocks go by, found in an assignment. */
#ifndef TESTUDO_CODE_BLOCKS_H
#define TESTUDO_CODE_BLOCKS_H

#include <testudo/code.h>

#include "base/arena.h"

typedef struct testudo_i_blocks {
  int32_t partners;  /* of every worker, itself included */
  int64_t *first;    /* the block of partner s of worker j: size[j * partners + s] chunks of .. */
  int32_t *size;
  int32_t *list;     /* .. from list[first[j * partners + s]] on */
  bool *flipped;     /* this worker goes through blocks backwards; NULL: nobody does */
  testudo_i_arena arena;
} testudo_i_blocks;

/* Of a zeroed value. TESTUDO_ERROR_ARGUMENT where there are none or the order's pairing does not apply. O(entries). */
TESTUDO_CHECKED testudo_status testudo_i_blocks_find(const testudo_assignment *assignment,
                                                     const testudo_slot_order *order, testudo_i_blocks *blocks,
                                                     testudo_error *error);
void testudo_i_blocks_free(testudo_i_blocks *blocks);

#endif
