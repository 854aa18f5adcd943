/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Local search on any assignment: annealing by exchanges, restarts, then a descent on a larger sample, and a choice
   among the restarts' ends on trials that none of them has seen (docs/theory/search-latency.md#the-objective). */
#ifndef TESTUDO_OPTIMIZE_LOCAL_LOCAL_H
#define TESTUDO_OPTIMIZE_LOCAL_LOCAL_H

#include "optimize/latency/shared.h"

/* Where a search of the goal's stream takes its trials; testudo_simulate begins at 0. What one step chooses on, the
   next has not seen. */
#define TESTUDO_I_TRIALS_ANNEAL ((int64_t)1 << 40)
#define TESTUDO_I_TRIALS_DESCEND ((int64_t)2 << 40)
#define TESTUDO_I_TRIALS_CHOOSE ((int64_t)3 << 40)
#define TESTUDO_I_TRIALS_REPORT ((int64_t)4 << 40)
#define TESTUDO_I_TRIALS_SLOTS ((int64_t)9 << 40)

typedef struct testudo_i_local_options {
  const testudo_search_options *search; /* tries: restarts, 0 for 6 */
  bool reassign;       /* chunks may change workers: loads and copies stay */
  bool keep_start;     /* every restart begins at the design itself, which is then only varied */
  double from, to;     /* the part of the whole search, for the monitor */
  int64_t few_trials;  /* on which the best is measured after a stop */
} testudo_i_local_options;

/* Starts: the order as it is, the matching order, then random ones. The design found may be worse than the one given:
   its measure is on the trials of CHOOSE. Stopped: the best so far. The same for any number of threads. */
TESTUDO_CHECKED testudo_status testudo_i_local_search(const testudo_i_goal *goal, const testudo_design *design,
                                                      const testudo_i_local_options *options, testudo_i_found *found,
                                                      int64_t *moves, testudo_error *error);

#endif
