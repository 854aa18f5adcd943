/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Perfect matching of a regular bipartite multigraph: greedy, then a few phases of Hopcroft and Karp, then random walks
   for what is left. Phases touch many vertices at once and find nearly everything; walks bound the time whatever
   the graph. */
#ifndef TESTUDO_CODE_COLOURING_PERFECT_MATCHING_H
#define TESTUDO_CODE_COLOURING_PERFECT_MATCHING_H

#include <testudo/status.h>

#include "base/arena.h"
#include "base/random.h"
#include "code/colouring/colouring.h"

typedef struct testudo_i_matcher {
  const uint32_t *to;  /* edge -> right vertex; the edges of left vertex u are u * degree .. */
  uint32_t size;       /* vertices of each side */
  uint32_t degree;
  uint32_t *by;        /* right vertex -> its matching edge, or NONE */
  uint32_t *free_left; /* left vertices without a matching edge */
  uint32_t free_lefts;
  uint32_t *next;      /* left vertex -> the edge by which it was last left */
  uint32_t *level, *queue; /* of a phase; by left vertex */
  testudo_i_random random;
  int64_t patience;    /* steps until the next look at the monitor */
} testudo_i_matcher;

/* In the arena; free_left is the caller's array of `size`. Nothing is matched yet. */
TESTUDO_CHECKED testudo_status testudo_i_matcher_start(testudo_i_matcher *matcher, testudo_i_arena *arena,
                                                       const uint32_t *to, uint32_t size, uint32_t degree,
                                                       uint32_t *free_left, testudo_error *error);

/* Every free left vertex takes the first free neighbour, if it has one. */
void testudo_i_match_greedily(testudo_i_matcher *matcher);

/* One phase: a maximal set of disjoint shortest augmenting paths. O(edges). */
void testudo_i_match_phase(testudo_i_matcher *matcher);

/* Until all are matched. False: the monitor asks to stop. */
bool testudo_i_match_by_walks(testudo_i_matcher *matcher, const testudo_monitor *monitor);

#endif
