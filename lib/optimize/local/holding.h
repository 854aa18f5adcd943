/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who does which chunk at which place, so that two of them can be exchanged: the state of a local search. A slot is a
   (worker, place), numbered row after row; exchanging the chunks of two slots of one worker changes its order, of two
   workers the assignment, and either touches two chunks only. */
#ifndef TESTUDO_OPTIMIZE_LOCAL_HOLDING_H
#define TESTUDO_OPTIMIZE_LOCAL_HOLDING_H

#include <testudo/code.h>

#include "base/arena.h"

typedef struct testudo_i_holding {
  int32_t workers, chunks;
  int64_t slots;
  int64_t *row;        /* workers + 1: first slot of each */
  int32_t *worker;     /* of each slot */
  int32_t *chunk;      /* in each slot */
  int64_t *holder_row; /* chunks + 1 */
  int64_t *holder;     /* the slots that hold each chunk */
  int64_t *at;         /* of each slot: its index in `holder` */
} testudo_i_holding;

/* Made in the arena, as are the scores of one. */
TESTUDO_CHECKED testudo_status testudo_i_holding_make(testudo_i_holding *holding, testudo_i_arena *arena,
                                                      const testudo_assignment *orders, testudo_error *error);

/* No worker would hold a chunk twice, and something changes. O(load). */
bool testudo_i_holding_may_exchange(const testudo_i_holding *holding, int64_t one, int64_t other);
void testudo_i_holding_exchange(testudo_i_holding *holding, int64_t one, int64_t other);

/* The chunks of all slots: as many numbers as there are slots. */
void testudo_i_holding_set(testudo_i_holding *holding, const int32_t *chunk);

#endif
