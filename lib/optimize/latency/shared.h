/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every order that all workers of a ring share, by its exact law (docs/theory/latency.md#transfer-matrix,
   docs/theory/search-latency.md#what-is-searched). */
#ifndef TESTUDO_OPTIMIZE_LATENCY_SHARED_H
#define TESTUDO_OPTIMIZE_LATENCY_SHARED_H

#include "optimize/latency/objective.h"
#include "optimize/search/search.h"

/* What was found: the better design (the caller frees it), its measure, and how many orders were looked at. */
typedef struct testudo_i_found {
  testudo_design *design; /* NULL: nothing */
  testudo_i_measure measure;
  int64_t tries;
  bool complete;          /* nothing that was searched is better */
  bool all;               /* complete, and what was searched are all orders of the assignment */
  char range[64];         /* what was searched: "all 12 orders that the workers share", .. */
} testudo_i_found;

void testudo_i_found_clear(testudo_i_found *found);

/* Takes design and measure of `next` where they are better, and frees the design that is not kept. */
void testudo_i_found_keep(testudo_i_found *found, testudo_i_found *next, bool better);

/* Is the design's assignment a ring (the workers hold the same chunks, shifted), and are its shared orders few and
   their states enough for going through all? `why` (160 characters) says what is in the way. */
TESTUDO_CHECKED testudo_status testudo_i_shared_applies(const testudo_i_goal *goal, const testudo_design *design,
                                                        bool *applies, char *why, testudo_error *error);

/* The best of them; objectives mean, quantile and deadline. Equal ones: the first in lexicographic order of the places.
   Stopped: TESTUDO_OK and nothing found. */
TESTUDO_CHECKED testudo_status testudo_i_shared_search(const testudo_i_goal *goal, const testudo_design *design,
                                                       const testudo_search_monitor *monitor, testudo_i_found *found,
                                                       testudo_error *error);

#endif
