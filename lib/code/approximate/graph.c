/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random regular graphs: chunks are vertices, workers are edges. A circulant graph is mixed by random switches, each of
   which takes two edges {a,b}, {c,e} to {a,e}, {c,b} if the graph stays simple: an irreducible, symmetric chain on the
   simple graphs of these degrees (Taylor, Constrained switchings in graphs, 1981), so that its limit is uniform. */
#include <stdlib.h>

#include <testudo/approximate.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/order.h"
#include "base/random.h"
#include "code/assignment.h"

/* Proposals an edge. */
#define PROPOSALS 30

typedef struct graph {
  testudo_i_arena *arena;
  int32_t vertices, degree;
  int64_t edges;
  int32_t *end;       /* 2 * edges: the ends of each */
  int32_t *neighbour; /* degree a vertex */
} graph;

static testudo_status check_degree(int32_t chunks, int32_t degree, testudo_error *error)
{
  if (degree < 1 || degree >= chunks)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "replication: %d, but a simple graph of %d chunks allows 1..%d",
                          (int)degree, (int)chunks, (int)chunks - 1);
  if ((int64_t)chunks * degree % 2 != 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "replication: %d for %d chunks, but a graph has chunks times replication / 2 edges, which "
                          "must be whole",
                          (int)degree, (int)chunks);
  if ((int64_t)chunks * degree / 2 > TESTUDO_MAX_WORKERS)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "replication: %d for %d chunks make more than %d workers",
                          (int)degree, (int)chunks, TESTUDO_MAX_WORKERS);
  return TESTUDO_OK;
}

static void join(graph *g, int32_t a, int32_t b, int32_t *filled)
{
  g->end[2 * g->edges] = a;
  g->end[2 * g->edges + 1] = b;
  g->edges++;
  g->neighbour[(int64_t)a * g->degree + filled[a]++] = b;
  g->neighbour[(int64_t)b * g->degree + filled[b]++] = a;
}

/* Vertex v with v + 1, .., v + degree / 2, and with the opposite one where the degree is odd. */
static testudo_status make_circulant(graph *g, testudo_error *error)
{
  int64_t n = g->vertices, stubs = n * g->degree;
  int32_t *filled = testudo_i_arena_calloc(g->arena, (size_t)n, sizeof *filled);
  g->end = testudo_i_arena_alloc(g->arena, (size_t)stubs, sizeof *g->end);
  g->neighbour = testudo_i_arena_alloc(g->arena, (size_t)stubs, sizeof *g->neighbour);
  TESTUDO_I_TRY(testudo_i_arena_check(g->arena, error));
  for (int64_t v = 0; v < n; v++)
    for (int64_t step = 1; step <= g->degree / 2; step++)
      join(g, (int32_t)v, (int32_t)((v + step) % n), filled);
  for (int64_t v = 0; g->degree % 2 != 0 && v < n / 2; v++)
    join(g, (int32_t)v, (int32_t)(v + n / 2), filled);
  return TESTUDO_OK;
}

static int32_t *find(const graph *g, int32_t a, int32_t b)
{
  int32_t *first = g->neighbour + (int64_t)a * g->degree;
  for (int32_t k = 0; k < g->degree; k++)
    if (first[k] == b)
      return first + k;
  return NULL;
}

static void propose_switch(graph *g, testudo_i_random *random)
{
  int64_t one = (int64_t)testudo_i_random_below(random, (uint64_t)(2 * g->edges));
  int64_t two = (int64_t)testudo_i_random_below(random, (uint64_t)(2 * g->edges));
  int32_t a = g->end[one], b = g->end[one ^ 1], c = g->end[two], e = g->end[two ^ 1];
  if (one / 2 == two / 2 || a == e || c == b || find(g, a, e) != NULL || find(g, c, b) != NULL)
    return;
  *find(g, a, b) = e;
  *find(g, e, c) = a;
  *find(g, c, e) = b;
  *find(g, b, a) = c;
  g->end[one ^ 1] = e;
  g->end[two ^ 1] = b;
}

static testudo_status mix(graph *g, uint64_t seed, const testudo_monitor *monitor)
{
  testudo_i_random random;
  testudo_i_random_start(&random, seed, TESTUDO_I_FOR_ASSIGNMENT, 0, UINT64_C(1) << 62);
  int64_t proposals = g->edges == 0 ? 0 : PROPOSALS * (g->edges + 16);
  for (int64_t k = 0; k < proposals; k++) {
    if (k % 1000000 == 0 && testudo_i_stopped(monitor, (double)k / (double)proposals))
      return TESTUDO_INTERRUPTED;
    propose_switch(g, &random);
  }
  return TESTUDO_OK;
}

/* Workers in the order of their lower chunk, then of the other; of the pairs that are not edges when `complement`. */
static void fill_workers(graph *g, bool complement, testudo_assignment *assignment)
{
  int64_t worker = 0;
  for (int32_t v = 0; v < g->vertices; v++) {
    int32_t *first = g->neighbour + (int64_t)v * g->degree, at = 0;
    qsort(first, (size_t)g->degree, sizeof *first, testudo_i_ascending_int32);
    for (int32_t w = v + 1; w < g->vertices; w++) {
      while (at < g->degree && first[at] < w)
        at++;
      bool edge = at < g->degree && first[at] == w;
      if (!complement && !edge) {
        if (at == g->degree)
          break;
        w = first[at] - 1;
        continue;
      }
      if (edge == complement)
        continue;
      assignment->chunk[2 * worker] = v;
      assignment->chunk[2 * worker + 1] = w;
      worker++;
      assignment->row[worker] = 2 * worker;
    }
  }
}

testudo_status testudo_assignment_graph(int32_t chunks, int32_t replication, uint64_t seed,
                                        const testudo_monitor *monitor, testudo_assignment *assignment,
                                        testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_assignment_begin(assignment, 1, chunks, error));
  TESTUDO_I_TRY(check_degree(chunks, replication, error));
  int64_t workers = (int64_t)chunks * replication / 2;
  bool complement = replication > (chunks - 1) / 2;
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  graph g = {.arena = &arena, .vertices = chunks, .degree = complement ? chunks - 1 - replication : replication};
  TESTUDO_I_TRY(make_circulant(&g, error));
  TESTUDO_I_TRY(mix(&g, seed, monitor));
  TESTUDO_I_TRY(testudo_i_assignment_allocate(assignment, (int32_t)workers, chunks, 2 * workers, error));
  fill_workers(&g, complement, assignment);
  return TESTUDO_OK;
}
