/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A placement that changes copy by copy, with the overlaps of all pairs of workers. */
#ifndef TESTUDO_OPTIMIZE_PLACEMENT_OVERLAPS_H
#define TESTUDO_OPTIMIZE_PLACEMENT_OVERLAPS_H

#include <testudo/placement.h>

#include "base/arena.h"
#include "optimize/search/anneal.h"

typedef struct testudo_i_overlaps {
  const testudo_placement_limits *limits;
  const unsigned char *forbidden; /* worker after worker, a byte a chunk; NULL: none is (lent) */
  int32_t aim;            /* overlaps above it count */
  int64_t excess;         /* sum over pairs of workers of max(0, overlap - aim) */
  int32_t *slot;          /* [worker][chunk]: where it stands in the worker's list, -1: not held */
  int32_t *held, *load;   /* [worker][0 .. load-1]: its chunks */
  int64_t *held_row, *holder_row;
  int32_t *holder, *copies; /* [chunk][0 .. copies-1]: its workers */
  int32_t *of_domain;     /* [chunk][domain]: copies in it; NULL without domains */
  int32_t *shared;        /* [worker][worker] */
  int32_t *place_of_pair; /* [lower][higher]: where it stands among the pairs above the aim, -1: it does not */
  int32_t *pair, pairs;   /* lower * workers + higher */
} testudo_i_overlaps;

/* In the arena. Sizes as in TESTUDO_I_LIMIT_PLACES, and at most TESTUDO_I_LIMIT_OVERLAP_WORKERS workers. */
TESTUDO_CHECKED testudo_status testudo_i_overlaps_make(const testudo_placement_limits *limits,
                                                       const unsigned char *forbidden, testudo_i_arena *arena,
                                                       testudo_i_overlaps *overlaps, testudo_error *error);

/* Takes a placement over; the aim is kept. */
void testudo_i_overlaps_set(testudo_i_overlaps *overlaps, const testudo_assignment *placement);

/* Counts anew for another aim. */
void testudo_i_overlaps_aim(testudo_i_overlaps *overlaps, int32_t aim);

/* The placement as an assignment whose arrays are there already; rows ascend. */
void testudo_i_overlaps_get(const testudo_i_overlaps *overlaps, testudo_assignment *placement);

/* ---- annealing ---- */

/* Anneals until the excess is 0; of `looks`, moves, stopped and context are taken. *moves grows by those made. */
void testudo_i_overlaps_anneal(testudo_i_overlaps *overlaps, const testudo_i_annealing *looks, testudo_i_draws *draws,
                               int64_t *moves);

/* Mixes by moves at random, whatever the overlaps. */
void testudo_i_overlaps_shake(testudo_i_overlaps *overlaps, testudo_i_draws *draws, int64_t count);

#endif
