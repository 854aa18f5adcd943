/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sequences of the workers of a component in which few states are to be expected. */
#ifndef TESTUDO_EXACT_ELIMINATION_SEQUENCE_H
#define TESTUDO_EXACT_ELIMINATION_SEQUENCE_H

#include "exact/elimination/cover.h"

/* The best few that were found, best first. */
enum { TESTUDO_I_SEQUENCES = 4 };

typedef struct testudo_i_sequences {
  int32_t count;
  int32_t *worker[TESTUDO_I_SEQUENCES]; /* of the cover, all of the component */
  double states[TESTUDO_I_SEQUENCES];   /* at most so many: sum over the steps of min(prod over the open rows of the
                                           counts that they may have, prod over the workers seen of steps + 1) */
} testudo_i_sequences;

/* Greedy and breadth-first ones from several workers, and the best of these annealed; none where every one passes
   2^bits states at a step. Everything is made in the arena. */
TESTUDO_CHECKED testudo_status testudo_i_sequences_find(const testudo_i_cover *cover, int32_t component, double bits,
                                                        testudo_i_arena *arena, testudo_i_sequences *sequences,
                                                        testudo_error *error);

#endif
