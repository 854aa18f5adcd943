/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exactly f failed workers, one set after the other. Given the set, the workers are independent, and association holds:
   the average over the sets of prod (1 - P(A_i | set)) is at most P(T <= t), and at infinity it is equal. */
#ifndef TESTUDO_EXACT_BOUNDS_FAILED_SETS_H
#define TESTUDO_EXACT_BOUNDS_FAILED_SETS_H

#include "exact/chunk_types.h"
#include "exact/latency.h"

/* How many of the sets leave a chunk without copies enough. O(sets). */
TESTUDO_CHECKED testudo_status testudo_i_failed_sets_fatal(const testudo_i_cluster *cluster, int32_t failed,
                                                           const testudo_monitor *monitor, double *fatal,
                                                           testudo_error *error);

typedef struct testudo_i_failed_sets {
  double sets;           /* all of them; 0: there are too many to be looked at one by one */
  int64_t count;         /* those that are not fatal */
  int64_t *row;          /* count + 1 */
  int32_t *hit;          /* what set k hits: hit[row[k]] .., places in `change` */
  int64_t hits;
  int32_t *chunk;        /* of each place: the chunk, and which of its holders failed */
  uint32_t *lost;
  double *change;        /* of each place: log(1 - P(A_i | those failed)) - log(1 - P(A_i | none failed)) */
  int64_t *slot;         /* of a chunk's holders */
} testudo_i_failed_sets;

/* Everything is made in the arena. */
TESTUDO_CHECKED testudo_status testudo_i_failed_sets_init(testudo_i_failed_sets *sets, testudo_i_arena *arena,
                                                          const testudo_i_chunk_types *types,
                                                          const testudo_monitor *monitor, testudo_error *error);

/* The average over all sets of prod (1 - P(A_i | set)), from the survivals of the types, failures apart. O(hits). */
double testudo_i_failed_sets_below(testudo_i_failed_sets *sets, testudo_i_chunk_types *types);

#endif
