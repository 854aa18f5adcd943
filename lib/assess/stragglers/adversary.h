/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sets of stragglers, and what they leave. */
#ifndef TESTUDO_ASSESS_ADVERSARY_H
#define TESTUDO_ASSESS_ADVERSARY_H

#include <stdint.h>

#include "base/arena.h"
#include "base/random.h"
#include "runtime/combine/combiner.h"

typedef struct testudo_i_adversary {
  const testudo_design *design;
  testudo_codec *codec;
  int32_t busy, stragglers;
  int32_t *worker;          /* the busy workers: the first `stragglers` of them straggle, in any order */
  unsigned char *straggles; /* one per worker */
  int32_t *finished;        /* room for evaluate */
  int32_t *cover;           /* room: one per chunk */
  int32_t *worst_set;
  double *weight;           /* room: one per worker, of the set that climbs */
  double worst;             /* -1 before any */
  int64_t visited;
  testudo_i_random random;
  testudo_i_arena arena;
} testudo_i_adversary;

/* stragglers is at most the number of workers that hold anything, otherwise TESTUDO_ERROR_ARGUMENT. Clear whatever the
   answer. The exact decoder stands for the optimal one; of a graph scheme the least error is found by components. */
TESTUDO_CHECKED testudo_status testudo_i_adversary_make(testudo_i_adversary *adversary, const testudo_design *design,
                                                        testudo_decoder decoder, int32_t stragglers, uint64_t seed,
                                                        testudo_error *error);
void testudo_i_adversary_clear(testudo_i_adversary *adversary);

/* What the current set leaves; keeps it where it is the worst so far. */
TESTUDO_CHECKED testudo_status testudo_i_adversary_evaluate(testudo_i_adversary *adversary, double *left,
                                                            testudo_error *error);

/* Makes a set of workers the current one; a uniformly random one; one that leaves much to one-step decoding, worker
   after worker; all holders of as many chunks as can be, those with the fewest other holders first. */
void testudo_i_adversary_take(testudo_i_adversary *adversary, const int32_t *set);
void testudo_i_adversary_draw(testudo_i_adversary *adversary);
void testudo_i_adversary_greedy(testudo_i_adversary *adversary);
void testudo_i_adversary_uncover(testudo_i_adversary *adversary);

/* Exchanges one straggler as long as that leaves more, looking at `allowance` sets at most. */
TESTUDO_CHECKED testudo_status testudo_i_adversary_climb(testudo_i_adversary *adversary, int64_t allowance,
                                                         const testudo_monitor *monitor, testudo_error *error);

#endif
