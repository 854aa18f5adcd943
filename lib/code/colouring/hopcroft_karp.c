/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One phase of Hopcroft and Karp, An n^(5/2) algorithm for maximum matchings in bipartite graphs, SIAM J. Comput. 2,
   1973. */
#include "code/colouring/perfect_matching.h"

#define AHEAD 16

static void start_level(testudo_i_matcher *matcher, uint32_t left, uint32_t level, uint32_t *end)
{
  matcher->level[left] = level;
  matcher->next[left] = left * matcher->degree;
  matcher->queue[(*end)++] = left;
}

/* Levels of the left vertices by alternating breadth-first search from the free ones, down to the first level with a
   free neighbour. */
static void find_levels(testudo_i_matcher *matcher)
{
  uint32_t end = 0, degree = matcher->degree, last = TESTUDO_I_NONE;
  for (uint32_t u = 0; u < matcher->size; u++)
    matcher->level[u] = TESTUDO_I_NONE;
  for (uint32_t k = 0; k < matcher->free_lefts; k++)
    start_level(matcher, matcher->free_left[k], 0, &end);
  for (uint32_t head = 0; head < end; head++) {
    uint32_t u = matcher->queue[head], level = matcher->level[u];
    if (level > last)
      break;
    if (head + AHEAD < end)
      TESTUDO_I_PREFETCH(&matcher->to[matcher->queue[head + AHEAD] * degree], 0);
    for (uint32_t e = u * degree; e < (u + 1) * degree; e++) {
      uint32_t back = matcher->by[matcher->to[e]];
      if (back == TESTUDO_I_NONE)
        last = level;
      else if (matcher->level[back / degree] == TESTUDO_I_NONE)
        start_level(matcher, back / degree, level + 1, &end);
    }
  }
}

/* Turns the path around: every vertex of it takes the edge by which it was left. The path's vertices are used up. */
static void augment(testudo_i_matcher *matcher, const uint32_t *path, uint32_t depth)
{
  for (uint32_t k = 0; k <= depth; k++) {
    uint32_t e = matcher->next[path[k]];
    matcher->by[matcher->to[e]] = e;
    matcher->level[path[k]] = TESTUDO_I_NONE;
  }
}

/* Depth-first search along the levels. A vertex that leads nowhere loses its level. */
static bool find_path(testudo_i_matcher *matcher, uint32_t start)
{
  uint32_t *path = matcher->queue, degree = matcher->degree, depth = 0;
  path[0] = start;
  for (;;) {
    uint32_t u = path[depth], e = matcher->next[u];
    if (e == (u + 1) * degree) {
      matcher->level[u] = TESTUDO_I_NONE;
      if (depth == 0)
        return false;
      matcher->next[path[--depth]]++;
      continue;
    }
    uint32_t back = matcher->by[matcher->to[e]];
    if (back == TESTUDO_I_NONE) {
      augment(matcher, path, depth);
      return true;
    }
    if (matcher->level[back / degree] == matcher->level[u] + 1)
      path[++depth] = back / degree;
    else
      matcher->next[u]++;
  }
}

void testudo_i_match_phase(testudo_i_matcher *matcher)
{
  find_levels(matcher);
  uint32_t kept = 0;
  for (uint32_t k = 0; k < matcher->free_lefts; k++)
    if (!find_path(matcher, matcher->free_left[k]))
      matcher->free_left[kept++] = matcher->free_left[k];
  matcher->free_lefts = kept;
}
