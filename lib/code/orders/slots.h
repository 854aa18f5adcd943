/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of slots behind all orders by blocks: which chunk of which partner's block comes when. */
#ifndef TESTUDO_CODE_SLOTS_H
#define TESTUDO_CODE_SLOTS_H

#include <testudo/code.h>

#include "base/arena.h"

/* What an order is called in a sentence about it. */
const char *testudo_i_slot_order_name(const testudo_slot_order *order);

/* The partner s of the worker of this rank in a group of `size`. Twins, `twins` consecutive ranks (1: there are none),
   have the same partners: those of the s / twins-th set of twins, counted by the pairing. */
int32_t testudo_i_partner(testudo_pairing pairing, int32_t twins, int32_t rank, int32_t s, int32_t size);

/* Can so many workers that share be twins, and paired by xor where the order asks for that? TESTUDO_ERROR_ARGUMENT. */
TESTUDO_CHECKED testudo_status testudo_i_twins_check(const testudo_slot_order *order, int32_t size,
                                                     testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_xor_check(const testudo_slot_order *order, int32_t size,
                                                   testudo_error *error);

/* 1 where an order has no twins. */
int32_t testudo_i_twins(const testudo_slot_order *order);

/* ---- whose block is whose: what orders by blocks go by, found in an assignment ---- */

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
