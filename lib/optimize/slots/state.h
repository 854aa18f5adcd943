/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One table of slots while it is searched: the same order for all workers of a group, and so for all groups. A move
   changes some places; only the chunks that stand there are looked at again. */
#ifndef TESTUDO_OPTIMIZE_SLOTS_STATE_H
#define TESTUDO_OPTIMIZE_SLOTS_STATE_H

#include <stdbool.h>

#include <testudo/code.h>

#include "base/arena.h"
#include "optimize/slots/law.h"
#include "optimize/search/draws.h"
#include "optimize/slots/sample.h"

enum { TESTUDO_I_SLOT_CHUNKS = 64 }; /* the most of a block */

/* What tables are searched. Twins count as one: a slot (s,q) is then one of each of the `twins` workers of set s,
   one after the other, and `places` and copies count such sets. */
typedef struct testudo_i_slot_shape {
  int32_t workers;            /* in all */
  int32_t group;              /* workers of a group, a multiple of twins */
  int32_t chunks;             /* of a block */
  int32_t places;             /* slots of the table */
  int32_t parts;
  int32_t least, most;        /* copies of every chunk */
  int32_t twins;              /* 1: none */
  testudo_pairing pairing;
} testudo_i_slot_shape;

/* s < partners of a slot. */
static inline int32_t testudo_i_slot_partners(const testudo_i_slot_shape *shape)
{
  return shape->group / shape->twins;
}

typedef struct testudo_i_slot_state {
  testudo_i_slot_shape shape;
  const testudo_i_slot_sample *sample;  /* lent */
  testudo_i_slot_grid grid;
  testudo_i_slot_aim aim;
  int32_t groups;             /* whole ones in the sample */
  int64_t size;               /* times: of every group in every trial */
  testudo_slot *slot, *kept;  /* places; those before the move */
  int32_t *copies;            /* by chunk */
  bool *used;                 /* by partner, chunk */
  int32_t *holder;            /* by block b and s: the rank whose partner s is b */
  float **done, **next;       /* by chunk: when the last block's is done; what the move makes of it */
  bool *changed;              /* by chunk */
  int32_t *place_row, *place; /* the places of each chunk's slots */
  float *room;
  uint32_t *points;
  double *law;
  double value, glance;       /* of what is accepted; the same in a part of the trials, .. */
  double glance_next;         /* .. and of the move */
} testudo_i_slot_state;

/* In the arena; the sample is lent. */
TESTUDO_CHECKED testudo_status testudo_i_slot_state_make(testudo_i_slot_state *state, testudo_i_arena *arena,
                                                         const testudo_i_slot_shape *shape,
                                                         const testudo_i_slot_sample *sample,
                                                         const testudo_i_slot_aim *aim, testudo_error *error);

/* Begins with a table of `places` slots that keeps the shape's copies. */
void testudo_i_slot_state_start(testudo_i_slot_state *state, const testudo_slot *slot);

/* Changes the table at random: two slots change places, one goes elsewhere, a row of them is turned round, or a slot
   becomes another one; false where what was drawn is no change. Then its value, or HUGE_VAL where a part of the trials
   says that it is far above `limit`; and take it, or put it back. */
bool testudo_i_slot_state_move(testudo_i_slot_state *state, testudo_i_draws *draws);
double testudo_i_slot_state_try(testudo_i_slot_state *state, double limit);
void testudo_i_slot_state_accept(testudo_i_slot_state *state, double value);
void testudo_i_slot_state_undo(testudo_i_slot_state *state);

/* ---- starts.c: tables that a search begins with ---- */

enum { TESTUDO_I_SLOT_STARTS = 4 };

/* Has the shape the start-th of them? */
bool testudo_i_slot_has_start(const testudo_i_slot_shape *shape, int32_t start);

/* The start-th table of a shape that has it, its copies within the shape's limits. */
TESTUDO_CHECKED testudo_status testudo_i_slot_start(const testudo_i_slot_shape *shape, int32_t start,
                                                    testudo_slot *slot, testudo_error *error);

#endif
