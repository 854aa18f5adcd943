/* SPDX-License-Identifier: BSD-3-Clause */
/* Spanning forests of the finished workers, and the weights on their edges. */
#include "runtime/combine/forest.h"

#include <string.h>

#include "base/sum.h"
#include "runtime/design.h"

enum { ROOT = -1, UNSEEN = -2 };

testudo_status testudo_i_forest_init(testudo_i_forest *forest, testudo_i_arena *arena, const testudo_design *design,
                                     testudo_error *error)
{
  size_t chunks = (size_t)design->chunks;
  forest->present = testudo_i_arena_alloc(arena, (size_t)design->workers, 1);
  forest->parent = testudo_i_arena_alloc(arena, chunks, sizeof *forest->parent);
  forest->queue = testudo_i_arena_alloc(arena, chunks, sizeof *forest->queue);
  forest->side = testudo_i_arena_alloc(arena, chunks, 1);
  forest->wanted = testudo_i_arena_alloc(arena, chunks, sizeof *forest->wanted);
  return testudo_i_arena_check(arena, error);
}

/* The chunk at the other end of a worker that holds `chunk`; the chunk itself where it is the only one. */
static int32_t other_end(const testudo_design *design, int32_t worker, int32_t chunk)
{
  const int32_t *end = design->order + design->row[worker];
  if (design->row[worker + 1] - design->row[worker] == 1 || end[0] != chunk)
    return end[0];
  return end[1];
}

/* One component: its chunks queue[0..count-1], how the colours differ in number, and the worker that no spanning tree
   with two colours has room for, if any. */
typedef struct component {
  int32_t *queue;
  int32_t count;
  int64_t excess; /* chunks of side 1 less those of side -1 */
  int32_t odd;    /* the worker, or -1 */
  int32_t odd_at; /* a chunk of its */
} component;

static component explore_component(testudo_i_forest *forest, const testudo_design *design, int32_t root, int32_t *queue)
{
  component found = {.queue = queue, .count = 1, .odd = -1};
  forest->parent[root] = ROOT;
  forest->side[root] = 1;
  queue[0] = root;
  for (int32_t at = 0; at < found.count; at++) {
    int32_t chunk = queue[at];
    found.excess += forest->side[chunk];
    for (int64_t e = design->chunk_row[chunk]; e < design->chunk_row[chunk + 1]; e++) {
      int32_t worker = design->holder[e];
      if (!forest->present[worker])
        continue;
      int32_t next = other_end(design, worker, chunk);
      if (forest->parent[next] == UNSEEN) {
        forest->parent[next] = worker;
        forest->side[next] = (signed char)-forest->side[chunk];
        queue[found.count++] = next;
      } else if (found.odd < 0 && forest->side[next] == forest->side[chunk]) {
        found.odd = worker;
        found.odd_at = chunk;
      }
    }
  }
  return found;
}

/* With every edge between the colours, what reaches one side reaches the other: the sides can only differ by what the
   odd worker adds, which is twice its weight for an edge within one colour and once for a single chunk. Without it each
   chunk of side c misses c (|L| - |R|) / (|L| + |R|). */
static double settle_component(testudo_i_forest *forest, const testudo_design *design, const component *found,
                               double *weight)
{
  double missed = 0.0;
  if (found->odd < 0)
    missed = (double)found->excess / found->count;
  for (int32_t k = 0; k < found->count; k++)
    forest->wanted[found->queue[k]] = 1.0 - forest->side[found->queue[k]] * missed;
  if (found->odd >= 0) {
    int32_t end = other_end(design, found->odd, found->odd_at);
    double by = (double)(forest->side[found->odd_at] * found->excess);
    weight[found->odd] = end == found->odd_at ? by : 0.5 * by;
    forest->wanted[found->odd_at] -= weight[found->odd];
    if (end != found->odd_at)
      forest->wanted[end] -= weight[found->odd];
  }
  /* From the leaves on: the edge to the parent brings what the children have not. */
  for (int32_t k = found->count - 1; k > 0; k--) {
    int32_t chunk = found->queue[k], edge = forest->parent[chunk];
    weight[edge] = forest->wanted[chunk];
    forest->wanted[other_end(design, edge, chunk)] -= weight[edge];
  }
  return (double)found->excess * missed;
}

double testudo_i_forest_solve(testudo_i_forest *forest, const testudo_design *design, const int32_t *finished,
                              int32_t count, double *weight)
{
  testudo_i_sum error = {0.0, 0.0};
  int32_t *queue = forest->queue;
  memset(forest->present, 0, (size_t)design->workers);
  memset(weight, 0, (size_t)design->workers * sizeof *weight);
  for (int32_t k = 0; k < count; k++)
    forest->present[finished[k]] = 1;
  for (int32_t i = 0; i < design->chunks; i++)
    forest->parent[i] = UNSEEN;
  for (int32_t i = 0; i < design->chunks; i++) {
    if (forest->parent[i] != UNSEEN)
      continue;
    component found = explore_component(forest, design, i, queue);
    testudo_i_sum_add(&error, settle_component(forest, design, &found, weight));
    queue += found.count;
  }
  return testudo_i_sum_value(&error);
}
