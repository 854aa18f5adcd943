/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One search of block sizes, in the hands of its steps. */
#ifndef TESTUDO_OPTIMIZE_BLOCK_SEARCH_H
#define TESTUDO_OPTIMIZE_BLOCK_SEARCH_H

#include <testudo/block_search.h>

#include "optimize/block/objective.h"
#include "optimize/search/search.h"

typedef struct testudo_i_block_search {
  testudo_i_arena arena;
  int32_t workers;
  int64_t dim;
  const testudo_delay_model *model;
  const testudo_search_options *options;
  testudo_block_plan *plan;
  bool *allowed;        /* tolerances that may hold something */
  int32_t *every;       /* 0 .. workers - 1 */
  int32_t *among;       /* those allowed, increasing, `count` of them */
  int32_t count;
  int64_t *size;        /* the current sizes, one per tolerance */
  double *share;        /* of tolerances; 1 in all */
  bool alike;           /* workers are, so that `law` is there */
  testudo_i_block_law law;
  testudo_i_search_watch watch;
} testudo_i_block_search;

/* Is a less than b by the objective: smaller times, larger probabilities? */
static inline bool testudo_i_block_is_better(const testudo_i_block_search *search, double a, double b)
{
  return search->plan->objective.kind == TESTUDO_OBJECTIVE_DEADLINE ? a > b : a < b;
}

/* The monitor, for steps that know no best and bound; `done`: fraction of the search. */
const testudo_monitor *testudo_i_block_watch(testudo_i_block_search *search, double done);

/* exact.c: single redundancies, and the descent: share, plan->real, plan->bound. */
TESTUDO_CHECKED testudo_status testudo_i_block_singles(testudo_i_block_search *search, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_block_descend(testudo_i_block_search *search, testudo_error *error);

/* rounding.c: shares to sizes by largest remainders; and single coordinates moved while the law says that it helps. */
TESTUDO_CHECKED testudo_status testudo_i_block_round(testudo_i_block_search *search, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_block_exchange(testudo_i_block_search *search, testudo_error *error);

#endif
