/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The orders by blocks that searches begin with where chunks are finer than workers
   (docs/theory/orders.md#chunks-finer-than-workers). */
#ifndef TESTUDO_OPTIMIZE_LATENCY_BLOCKS_H
#define TESTUDO_OPTIMIZE_LATENCY_BLOCKS_H

#include <testudo/code.h>
#include <testudo/optimize.h>

/* Is every worker's share of the chunks several whole ones? */
bool testudo_i_is_finer(int32_t workers, int32_t chunks);

/* The k-th of them, k = 0, 1, .., for designs of so many parts, with its name for people; false behind the last. law:
   for drafts by it; NULL: none of those. Not every order suits every assignment. */
bool testudo_i_block_order(int32_t k, int32_t parts, const testudo_draft_law *law, testudo_slot_order *order);

/* The law for drafts of an assignment; NULL where the model has none, or the assignment no blocks. */
TESTUDO_CHECKED testudo_status testudo_i_block_law(const testudo_assignment *assignment, int32_t parts,
                                                   const testudo_delay_model *model, const testudo_monitor *monitor,
                                                   testudo_draft_law **law, testudo_error *error);

/* testudo_draft_law_free of what a pointer points to, for TESTUDO_I_HELD. */
static inline void testudo_i_block_law_drop(testudo_draft_law **law)
{
  testudo_draft_law_free(*law);
}

#endif
