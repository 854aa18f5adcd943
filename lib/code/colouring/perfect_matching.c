/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random walks: Goel, Kapralov and Khanna, Perfect matchings in O(n log n) time in regular bipartite graphs, SIAM J.
   Comput. 42, 2013. From a free left vertex walk a random edge, come back by the matching edge if there is one, and so
   on to a free right vertex; with k vertices free this takes at most about 2 + n/k steps on average in a regular graph,
   from any matching. The walk without its loops augments the matching. The random numbers are fixed, so the same graph
   always gets the same matching. */
#include "code/colouring/perfect_matching.h"


#include "base/error.h"

/* Steps between two looks at the monitor. */
#define PATIENCE 1000000

/* Phases of Hopcroft and Karp: random graphs of a million vertices need about ten. */
#define PHASES 24

testudo_status testudo_i_matcher_start(testudo_i_matcher *matcher, testudo_i_arena *arena, const uint32_t *to,
                                       uint32_t size, uint32_t degree, uint32_t *free_left, testudo_error *error)
{
  *matcher = (testudo_i_matcher){.to = to, .size = size, .degree = degree, .free_left = free_left, .free_lefts = size,
                                 .patience = PATIENCE};
  testudo_i_random_start(&matcher->random, 0, TESTUDO_I_FOR_SEARCH, degree, 0);
  matcher->by = testudo_i_arena_alloc(arena, size, sizeof *matcher->by);
  matcher->next = testudo_i_arena_alloc(arena, size, sizeof *matcher->next);
  matcher->level = testudo_i_arena_alloc(arena, size, sizeof *matcher->level);
  matcher->queue = testudo_i_arena_alloc(arena, size, sizeof *matcher->queue);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (uint32_t b = 0; b < size; b++) {
    matcher->by[b] = TESTUDO_I_NONE;
    free_left[b] = b;
  }
  return TESTUDO_OK;
}

void testudo_i_match_greedily(testudo_i_matcher *matcher)
{
  uint32_t kept = 0;
  for (uint32_t k = 0; k < matcher->free_lefts; k++) {
    uint32_t u = matcher->free_left[k], e = u * matcher->degree, end = e + matcher->degree;
    while (e < end && matcher->by[matcher->to[e]] != TESTUDO_I_NONE)
      e++;
    if (e < end)
      matcher->by[matcher->to[e]] = e;
    else
      matcher->free_left[kept++] = u;
  }
  matcher->free_lefts = kept;
}

/* 0 .. bound-1. A bias of 2^-32 is of no consequence here. */
static inline uint32_t draw_below(testudo_i_matcher *matcher, uint32_t bound)
{
  return (uint32_t)((testudo_i_random_word(&matcher->random) >> 32) * bound >> 32);
}

/* False: the monitor asks to stop. */
static bool walk_to_a_free_vertex(testudo_i_matcher *matcher, uint32_t start, const testudo_monitor *monitor)
{
  uint32_t degree = matcher->degree, u = start;
  uint32_t e = start * degree + draw_below(matcher, degree);
  for (;;) {
    matcher->next[u] = e;
    uint32_t back = matcher->by[matcher->to[e]];
    if (back == TESTUDO_I_NONE)
      return true;
    if (--matcher->patience == 0) {
      matcher->patience = PATIENCE;
      if (testudo_i_stopped(monitor, -1.0))
        return false;
    }
    u = back / degree;
    uint32_t slot = draw_below(matcher, degree - 1);
    e = u * degree + slot + (slot >= back - u * degree);
  }
}

/* A vertex that the walk visited again was left again, so the edges from start lead along the walk without loops. */
static void augment(testudo_i_matcher *matcher, uint32_t start)
{
  uint32_t u = start;
  for (;;) {
    uint32_t e = matcher->next[u];
    uint32_t *by = &matcher->by[matcher->to[e]];
    uint32_t old = *by;
    *by = e;
    if (old == TESTUDO_I_NONE)
      return;
    u = old / matcher->degree;
  }
}

bool testudo_i_match_by_walks(testudo_i_matcher *matcher, const testudo_monitor *monitor)
{
  while (matcher->free_lefts > 0) {
    uint32_t start = matcher->free_left[matcher->free_lefts - 1];
    if (!walk_to_a_free_vertex(matcher, start, monitor))
      return false;
    augment(matcher, start);
    matcher->free_lefts--;
  }
  return true;
}

/* False: stopped. */
static bool match_all(testudo_i_matcher *matcher, const testudo_monitor *monitor)
{
  testudo_i_match_greedily(matcher);
  for (int phase = 0; phase < PHASES && matcher->free_lefts > 0; phase++) {
    testudo_i_match_phase(matcher);
    if (testudo_i_stopped(monitor, -1.0))
      return false;
  }
  return testudo_i_match_by_walks(matcher, monitor);
}

testudo_status testudo_i_perfect_matching(const uint32_t *to, int32_t size, int32_t degree, uint32_t *matched,
                                          const testudo_monitor *monitor, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  testudo_i_matcher matcher;
  TESTUDO_I_TRY(testudo_i_matcher_start(&matcher, &arena, to, (uint32_t)size, (uint32_t)degree, matched, error));
  if (!match_all(&matcher, monitor))
    return testudo_i_fail(error, TESTUDO_INTERRUPTED, "interrupted while looking for a perfect matching");
  for (uint32_t v = 0; v < matcher.size; v++)
    matched[matcher.by[v] / matcher.degree] = matcher.by[v];
  return TESTUDO_OK;
}
