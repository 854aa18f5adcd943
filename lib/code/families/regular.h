/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random simple bipartite graphs with given degrees: the parts that tests drive one by one. */
#ifndef TESTUDO_CODE_FAMILIES_REGULAR_H
#define TESTUDO_CODE_FAMILIES_REGULAR_H

#include <testudo/code.h>

#include "base/arena.h"
#include "base/random.h"

/* Chunk i's workers are stub[i * replication] .. ; a stub that is a second copy of a worker is kept as ~worker until
   it is repaired. */
typedef struct testudo_i_pairing {
  testudo_i_arena arena; /* of all but the second copies */
  int32_t workers, chunks, replication;
  int64_t entries;
  int32_t *stub;
  int32_t *label; /* a random permutation of the workers: the first ones get the larger loads */
  uint64_t *bits; /* chunks x workers, who is held; NULL when the graph is so sparse that scanning a chunk is cheaper */
  int64_t *bad;   /* positions of second copies */
  size_t bads, bad_room;
  testudo_i_random random;
} testudo_i_pairing;

/* Needs replication <= workers / 2 or so to be quick. After start the pairing is simple, and regular in the randomly
   relabelled workers. */
TESTUDO_CHECKED testudo_status testudo_i_pairing_start(testudo_i_pairing *pairing, int32_t workers, int32_t chunks,
                                                       int32_t replication, uint64_t seed, testudo_error *error);
void testudo_i_pairing_free(testudo_i_pairing *pairing);

/* A random pairing, then switches, at most `tries` per double edge: *simple says whether no double edge is left. If one
   is, deal before anything else. */
TESTUDO_CHECKED testudo_status testudo_i_pairing_draw(testudo_i_pairing *pairing, int tries, bool *simple,
                                                      testudo_error *error);

/* From a simple start: `proposals` random switches, each made if the graph stays simple (an irreducible chain on the
   graphs of these degrees). Always ends. */
void testudo_i_pairing_scramble(testudo_i_pairing *pairing, int64_t proposals);

/* Back to the regular start. */
void testudo_i_pairing_deal(testudo_i_pairing *pairing);

#endif
