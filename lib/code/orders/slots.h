/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of slots behind all orders by blocks: which chunk of which partner's block comes when. */
#ifndef TESTUDO_CODE_SLOTS_H
#define TESTUDO_CODE_SLOTS_H

#include <testudo/code.h>

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

/* Does every worker still hold all of its partners' blocks? */
bool testudo_i_slots_complete(const testudo_slots *slots);

/* Draft, the chunk that is most likely still undone comes next: fills a table with all of its slots; `slots` has the
   partners of one twin each. */
TESTUDO_CHECKED testudo_status testudo_i_slots_draft(const testudo_slot_order *order, testudo_slots *slots,
                                                     testudo_error *error);

#endif
