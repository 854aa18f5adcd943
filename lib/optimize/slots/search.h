/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search of tables of slots: groups of every size, all workers of all groups in the same order
   (docs/theory/search-latency.md#tables-of-slots). */
#ifndef TESTUDO_OPTIMIZE_SLOTS_SEARCH_H
#define TESTUDO_OPTIMIZE_SLOTS_SEARCH_H

#include "optimize/latency/objective.h"
#include "optimize/search/search.h"

typedef struct testudo_i_slot_request {
  int32_t workers, chunks;    /* chunks of a block */
  int32_t places;             /* chunks that a worker holds at most, .. */
  int32_t most_places;        /* .. or on average, and single ones at most so many; 0: places */
  int32_t parts, least, most; /* copies of every chunk */
  uint64_t seed;
  int64_t tries;              /* runs from each shape; 0: the default */
  double effort;              /* moves of a run, times the default; 0: 1 */
  const testudo_assignment *start; /* its tables, where its groups have some, are begun with too; NULL: none */
} testudo_i_slot_request;

/* Can there be tables: blocks of several chunks, not too many, and an objective of the completion time? */
bool testudo_i_slots_apply(const testudo_i_goal *goal, const testudo_i_slot_request *request);

/* What was found, best first. */
enum { TESTUDO_I_SLOT_FINALISTS = 3 };

typedef struct testudo_i_slot_designs {
  int32_t count;
  testudo_assignment orders[TESTUDO_I_SLOT_FINALISTS];
  char name[TESTUDO_I_SLOT_FINALISTS][80];
} testudo_i_slot_designs;

void testudo_i_slot_designs_free(testudo_i_slot_designs *designs);

/* *moves grows by the moves tried. Stopped by the watch: what was found until then, and TESTUDO_OK. The threads do not
   matter. Free the designs whatever the answer. */
TESTUDO_CHECKED testudo_status testudo_i_slots_search(const testudo_i_goal *goal, const testudo_i_slot_request *request,
                                                      testudo_i_search_watch *watch, testudo_i_slot_designs *designs,
                                                      int64_t *moves, testudo_error *error);

#endif
