/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairs of chunks that share a worker, grouped by what the probability that neither is covered depends on. */
#ifndef TESTUDO_EXACT_BOUNDS_PAIRS_H
#define TESTUDO_EXACT_BOUNDS_PAIRS_H

#include <stdint.h>

#include "exact/chunk_types.h"

/* A later included chunk that shares a worker with an included one. */
typedef struct testudo_i_neighbour {
  int32_t member, type;
} testudo_i_neighbour;

/* Integers ahead of a key's slots. */
#define TESTUDO_I_PAIR_HEAD 3

typedef struct testudo_i_pairs {
  int32_t types;
  int64_t *count;        /* pairs of each type */
  int64_t *row;          /* where the type's key stands in `key` */
  int32_t *key;          /* shared, only_i, only_j; then (slot in i, slot in j) of the shared workers, then the slots of
                            the holders of one chunk alone, i's first */
  int32_t *chunk_type[2];
  int32_t members;       /* included chunks, numbered from 0 in their order */
  int32_t *member_type;  /* their chunk types */
  testudo_i_neighbour *neighbour; /* of member a: neighbour[neighbour_row[a]] ..; NULL where there are none or too many,
                                     and then there are no members */
  int64_t *neighbour_row;
  double *joint;         /* P(neither covered), by type: filled by testudo_i_pairs_evaluate */
  double *worst;         /* P(one is not covered | no holder of the other has finished that), the larger of the two;
                            where l > 1 and neighbours are kept */
  double *room;
  double *holder, *failed_room; /* where exactly so many workers fail, and l = 1: of the holders of two chunks */
  int64_t *holder_slot;
} testudo_i_pairs;

/* The pairs of included chunks (NULL: all). *fits = false, and nothing made, where there are too many (sum over them of
   their holders' loads over 1e8) or one evaluation would cost more than 5e6 multiplications. Neighbours are kept up to
   4e5 pairs. Everything is made in the arena. */
TESTUDO_CHECKED testudo_status testudo_i_pairs_init(testudo_i_pairs *pairs, testudo_i_arena *arena,
                                                    const testudo_i_chunk_types *types, const bool *included,
                                                    bool *fits, testudo_error *error);

/* joint[k] = P(|U_i| < l and |U_j| < l) of each pair type, workers independent with these survivals by slot. */
void testudo_i_pairs_evaluate(testudo_i_pairs *pairs, const double *survival, int32_t l);

/* The same for l = 1 where exactly `failed` of `workers` fail, drawn without replacement, and the others are
   independent with these survivals. */
void testudo_i_pairs_evaluate_failed(testudo_i_pairs *pairs, const double *survival, int32_t workers, int32_t failed);

#endif
