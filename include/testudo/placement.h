/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Placement: what an assignment may look like - loads, copies, failure domains, forbidden and costed places - and how
   small the largest overlap of two workers can be (docs/theory/placement.md). */
#ifndef TESTUDO_PLACEMENT_H
#define TESTUDO_PLACEMENT_H

#include <stdint.h>

#include <testudo/code.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a copy of `chunk` on `worker` costs: a finite number >= 0 of any unit, or HUGE_VAL: it may not lie there. */
typedef struct testudo_place_cost {
  int32_t worker, chunk;
  double cost;
} testudo_place_cost;

/* The placements that are allowed: chunk i lies on exactly replication[i] workers, worker j holds least[j] .. most[j]
   chunks, and no two copies of a chunk lie on workers of one domain. All arrays are lent. */
typedef struct testudo_placement_limits {
  int32_t workers, chunks;
  const int32_t *replication;     /* one per chunk, 1..workers */
  const int32_t *least, *most;    /* one per worker, 0 <= least <= most <= chunks */
  const int32_t *domain;          /* one per worker, 0..workers-1 (a rack, say); NULL: every worker is its own */
  const testudo_place_cost *cost; /* by worker, then by chunk, ascending, none twice; a place not named costs 0 */
  int64_t costs;
} testudo_placement_limits;

/* Are the numbers in range, and is there room at all - as many copies as the loads together, enough domains per chunk?
   TESTUDO_ERROR_ARGUMENT with the reason otherwise. O(N + m + costs). That a placement exists is not yet said. */
TESTUDO_CHECKED testudo_status testudo_placement_check(const testudo_placement_limits *limits, testudo_error *error);

/* No placement within the limits has a smaller largest overlap |W_j cap W_k| than *bound, by three counts
   (docs/theory/placement.md); forbidden places are not looked at. `reason` (96 characters) names the count that
   excludes bound - 1, "" when the bound is 0. TESTUDO_ERROR_ARGUMENT when the counts exclude every placement. Every
   claim of it can be proved again from the limits alone. O((N + m log m) log N). */
TESTUDO_CHECKED testudo_status testudo_overlap_bound(const testudo_placement_limits *limits, int32_t *bound,
                                                     char *reason, testudo_error *error);

/* The most copies of a chunk in one domain; domain[j] of worker j is 0..workers-1. 1 is what placements keep. O(entries
   + workers). */
TESTUDO_CHECKED testudo_status testudo_domain_copies(const testudo_design *design, const int32_t *domain,
                                                     int32_t *copies, testudo_error *error);

#ifdef __cplusplus
}
#endif
#endif
