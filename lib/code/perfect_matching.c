/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Perfect matching of a regular bipartite multigraph by random walks: Goel, Kapralov and Khanna, Perfect matchings in
   O(n log n) time in regular bipartite graphs, SIAM J. Comput. 42, 2013. From a free left vertex walk a random edge,
   come back by the matching edge if there is one, and so on to a free right vertex; with k vertices free this takes
   at most about 2 + n/k steps on average in a regular graph, from any matching. The walk without its loops augments the
   matching. The random numbers are fixed, so the same graph always gets the same matching. */
#include "code/colouring.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"

/* Steps between two looks at the monitor. */
#define PATIENCE 1000000

struct matcher {
  const testudo_i_edge *edge;
  const uint32_t *bin;
  uint32_t bins, degree;
  uint32_t *by;     /* right bin -> its matching edge, or NONE */
  uint32_t *choice; /* left bin -> the edge by which the walk last left it */
  testudo_i_random random;
  int64_t patience;
  const testudo_monitor *monitor;
};

static inline uint32_t right_of(const struct matcher *matcher, uint32_t edge)
{
  return matcher->bin[matcher->edge[edge].right];
}

/* 0 .. bound-1. A bias of 2^-32 is of no consequence here. */
static inline uint32_t below(struct matcher *matcher, uint32_t bound)
{
  return (uint32_t)((testudo_i_random_word(&matcher->random) >> 32) * bound >> 32);
}

/* Every left vertex takes the first free neighbour; those that find none go to free_left. Returns how many. */
static uint32_t match_greedily(struct matcher *matcher, uint32_t *free_left)
{
  uint32_t left_over = 0;
  for (uint32_t u = 0; u < matcher->bins; u++) {
    uint32_t first = u * matcher->degree, e = first;
    while (e < first + matcher->degree && matcher->by[right_of(matcher, e)] != TESTUDO_I_NONE)
      e++;
    if (e < first + matcher->degree)
      matcher->by[right_of(matcher, e)] = e;
    else
      free_left[left_over++] = u;
  }
  return left_over;
}

/* False: the monitor asks to stop. */
static bool walk_to_a_free_vertex(struct matcher *matcher, uint32_t start)
{
  uint32_t degree = matcher->degree;
  uint32_t u = start;
  uint32_t e = start * degree + below(matcher, degree);
  for (;;) {
    matcher->choice[u] = e;
    uint32_t back = matcher->by[right_of(matcher, e)];
    if (back == TESTUDO_I_NONE)
      return true;
    if (--matcher->patience == 0) {
      matcher->patience = PATIENCE;
      if (testudo_i_stopped(matcher->monitor, -1.0))
        return false;
    }
    u = back / degree;
    uint32_t slot = below(matcher, degree - 1);
    e = u * degree + slot + (slot >= back - u * degree);
  }
}

/* A vertex that the walk visited again chose again, so the choices from start lead along the walk without loops. */
static void augment(struct matcher *matcher, uint32_t start)
{
  uint32_t u = start;
  for (;;) {
    uint32_t e = matcher->choice[u];
    uint32_t *by = &matcher->by[right_of(matcher, e)];
    uint32_t old = *by;
    *by = e;
    if (old == TESTUDO_I_NONE)
      return;
    u = old / matcher->degree;
  }
}

testudo_status testudo_i_perfect_matching(const testudo_i_padded *padded, const testudo_i_edge *edge, int32_t degree,
                                          uint32_t *matched, const testudo_monitor *monitor, testudo_error *error)
{
  uint32_t bins = (uint32_t)padded->bins;
  struct matcher matcher = {.edge = edge, .bin = padded->bin, .bins = bins, .degree = (uint32_t)degree,
                     .patience = PATIENCE, .monitor = monitor};
  testudo_i_random_start(&matcher.random, 0, TESTUDO_I_FOR_SEARCH, (uint64_t)degree, 0);
  matcher.by = testudo_i_alloc(bins, sizeof *matcher.by);
  matcher.choice = testudo_i_alloc(bins, sizeof *matcher.choice);
  testudo_status status = TESTUDO_OK;
  if (matcher.by == NULL || matcher.choice == NULL) {
    status = testudo_i_fail_memory(error);
    goto done;
  }
  for (uint32_t b = 0; b < bins; b++)
    matcher.by[b] = TESTUDO_I_NONE;
  uint32_t left_over = match_greedily(&matcher, matched);
  for (uint32_t k = 0; k < left_over; k++) {
    if (!walk_to_a_free_vertex(&matcher, matched[k])) {
      status = testudo_i_fail(error, TESTUDO_INTERRUPTED, "interrupted while looking for a perfect matching");
      goto done;
    }
    augment(&matcher, matched[k]);
  }
  for (uint32_t b = 0; b < bins; b++)
    matched[matcher.by[b] / matcher.degree] = matcher.by[b];
done:
  free(matcher.by);
  free(matcher.choice);
  return status;
}
