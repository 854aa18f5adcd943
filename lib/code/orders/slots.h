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

/* May the pairing of this order be xor in groups of that size? */
bool testudo_i_xor_applies(const testudo_slot_order *order, int32_t size);

/* 1 where an order has no twins. */
int32_t testudo_i_twins(const testudo_slot_order *order);

/* Does every worker still hold all of its partners' blocks? */
bool testudo_i_slots_complete(const testudo_slots *slots);

#endif
