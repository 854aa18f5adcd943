/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Equal designs have equal numbers: canonical labelling of the graph of workers, chunks and places. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <testudo/best.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/order.h"
#include "runtime/design.h"

#ifndef HAVE_NAUTY

testudo_status testudo_best_canonical(const testudo_design *design, bool *known, uint64_t *number, char *by,
                                      testudo_error *error)
{
  (void)design;
  (void)error;
  *known = false;
  *number = 0;
  by[0] = '\0';
  return TESTUDO_OK;
}

#else

#include <nauty/nausparse.h>
#include <nauty/traces.h>

/* Of one component: a labelling of so many takes some seconds at most. */
#define MOST_ENTRIES 200000

/* nauty ends the process where it finds no memory: what it takes is asked for before. */
#define BYTES_PER_VERTEX ((size_t)1000)

/* ---- components: workers and the chunks that they share ---- */

typedef struct components {
  int32_t *root;    /* of each worker */
  int32_t *list;    /* workers, component after component */
  int32_t *begin;   /* count + 1 */
  int32_t count;
} components;

static int32_t component_root(int32_t *root, int32_t worker)
{
  while (root[worker] != worker)
    worker = root[worker] = root[root[worker]];
  return worker;
}

static testudo_status components_find(components *c, const testudo_design *design, testudo_i_arena *arena,
                                      testudo_error *error)
{
  size_t workers = (size_t)design->workers;
  c->root = testudo_i_arena_alloc(arena, workers, sizeof *c->root);
  c->list = testudo_i_arena_alloc(arena, workers, sizeof *c->list);
  c->begin = testudo_i_arena_alloc(arena, workers + 1, sizeof *c->begin);
  int32_t *number = testudo_i_arena_alloc(arena, workers, sizeof *number);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (int32_t j = 0; j < design->workers; j++)
    c->root[j] = j;
  for (int32_t i = 0; i < design->chunks; i++)
    for (int64_t e = design->chunk_row[i] + 1; e < design->chunk_row[i + 1]; e++)
      c->root[component_root(c->root, design->holder[e])] = component_root(c->root, design->holder[e - 1]);
  memset(c->begin, 0, (workers + 1) * sizeof *c->begin);
  for (int32_t j = 0; j < design->workers; j++) {
    if (component_root(c->root, j) == j)
      number[j] = c->count++;
  }
  for (int32_t j = 0; j < design->workers; j++)
    c->begin[number[component_root(c->root, j)] + 1]++;
  for (int32_t k = 0; k < c->count; k++)
    c->begin[k + 1] += c->begin[k];
  int32_t *next = testudo_i_arena_alloc(arena, workers, sizeof *next);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  memcpy(next, c->begin, workers * sizeof *next);
  for (int32_t j = 0; j < design->workers; j++)
    c->list[next[number[component_root(c->root, j)]]++] = j;
  return TESTUDO_OK;
}

/* ---- the graph of one component ---- */

/* Vertices: workers, chunks, then an entry for every chunk of a worker, whose colour is its place. */
typedef struct canonical_graph {
  const testudo_design *design;
  const int32_t *worker;    /* of the component */
  int32_t workers, chunks;
  int64_t entries, vertices;
  int32_t *chunk;           /* the component's number of each chunk of the design, once met; -1 */
  sparsegraph graph, canonical;
  int *label, *colour, *orbit;
  testudo_i_arena *arena;
} canonical_graph;

static void graph_count(canonical_graph *g)
{
  const testudo_design *design = g->design;
  g->chunks = 0;
  g->entries = 0;
  for (int32_t a = 0; a < g->workers; a++) {
    int32_t j = g->worker[a];
    for (int64_t e = design->row[j]; e < design->row[j + 1]; e++, g->entries++)
      if (g->chunk[design->order[e]] < 0)
        g->chunk[design->order[e]] = g->chunks++;
  }
  g->vertices = g->workers + g->chunks + g->entries;
}

static testudo_status graph_allocate(canonical_graph *g, sparsegraph *graph, testudo_error *error)
{
  size_t vertices = (size_t)g->vertices, edges = 4 * (size_t)g->entries;
  SG_INIT(*graph);
  graph->v = testudo_i_arena_calloc(g->arena, vertices, sizeof *graph->v);
  graph->d = testudo_i_arena_calloc(g->arena, vertices, sizeof *graph->d);
  graph->e = testudo_i_arena_calloc(g->arena, edges, sizeof *graph->e);
  graph->vlen = graph->dlen = vertices;
  graph->elen = edges;
  return testudo_i_arena_check(g->arena, error);
}

static void graph_join(sparsegraph *graph, int a, int b)
{
  graph->e[graph->v[a] + (size_t)graph->d[a]++] = b;
  graph->e[graph->v[b] + (size_t)graph->d[b]++] = a;
}

/* Where each vertex's neighbours stand: loads, replications, and two for every entry. */
static void graph_lay_out(canonical_graph *g)
{
  const testudo_design *design = g->design;
  size_t at = 0;
  sparsegraph *graph = &g->graph;
  for (int32_t a = 0; a < g->workers; a++) {
    graph->v[a] = at;
    at += (size_t)testudo_design_load(design, g->worker[a]);
  }
  for (int32_t i = 0; i < design->chunks; i++) {
    if (g->chunk[i] < 0)
      continue;
    graph->v[g->workers + g->chunk[i]] = at;
    at += (size_t)testudo_design_replication(design, i);
  }
  for (int64_t e = 0; e < g->entries; e++, at += 2)
    graph->v[g->workers + g->chunks + e] = at;
  graph->nv = (int)g->vertices;
  graph->nde = at;
}

/* Vertices by colour: workers, chunks, and the entries place by place; a 0 ends a colour. */
static void graph_colour(canonical_graph *g)
{
  const testudo_design *design = g->design;
  int at = 0, vertex = 0;
  for (int k = 0; k < 2; k++) {
    int32_t count = k == 0 ? g->workers : g->chunks;
    for (int32_t a = 0; a < count; a++, at++, vertex++) {
      g->label[at] = vertex;
      g->colour[at] = a + 1 < count;
    }
  }
  int32_t places = 0;
  for (int32_t a = 0; a < g->workers; a++) {
    int32_t load = testudo_design_load(design, g->worker[a]);
    places = load > places ? load : places;
  }
  for (int32_t place = 0; place < places; place++) {
    int entry = g->workers + g->chunks;
    for (int32_t a = 0; a < g->workers; a++) {
      int32_t load = testudo_design_load(design, g->worker[a]);
      if (place < load) {
        g->label[at] = entry + place;
        g->colour[at++] = 1;
      }
      entry += load;
    }
    g->colour[at - 1] = 0;
  }
}

static void graph_fill(canonical_graph *g)
{
  const testudo_design *design = g->design;
  int entry = g->workers + g->chunks;
  graph_lay_out(g);
  for (int32_t a = 0; a < g->workers; a++) {
    int32_t j = g->worker[a];
    for (int64_t e = design->row[j]; e < design->row[j + 1]; e++, entry++) {
      graph_join(&g->graph, a, entry);
      graph_join(&g->graph, g->workers + g->chunk[design->order[e]], entry);
    }
  }
  graph_colour(g);
}

static uint64_t graph_hash(const canonical_graph *g, uint64_t hash)
{
  const sparsegraph *graph = &g->canonical;
  hash = testudo_i_hash_word(hash, (uint64_t)g->workers);
  hash = testudo_i_hash_word(hash, (uint64_t)g->chunks);
  for (int x = 0; x < graph->nv; x++) {
    hash = testudo_i_hash_word(hash, (uint64_t)graph->d[x]);
    for (int k = 0; k < graph->d[x]; k++)
      hash = testudo_i_hash_word(hash, (uint64_t)graph->e[graph->v[x] + (size_t)k]);
  }
  /* How many entries have each place: the colours. */
  for (int64_t at = 0; at < g->vertices; at++)
    hash = testudo_i_hash_word(hash, (uint64_t)(g->colour[at] != 0));
  return hash;
}

static testudo_status graph_number(canonical_graph *g, uint64_t *number, testudo_error *error)
{
  size_t vertices = (size_t)g->vertices;
  TESTUDO_I_TRY(graph_allocate(g, &g->graph, error));
  TESTUDO_I_TRY(graph_allocate(g, &g->canonical, error));
  g->label = testudo_i_arena_calloc(g->arena, vertices, sizeof *g->label);
  g->colour = testudo_i_arena_calloc(g->arena, vertices, sizeof *g->colour);
  g->orbit = testudo_i_arena_calloc(g->arena, vertices, sizeof *g->orbit);
  TESTUDO_I_TRY(testudo_i_arena_check(g->arena, error));
  void *room = malloc(vertices * BYTES_PER_VERTEX);
  TESTUDO_I_TRY(testudo_i_memory_check(room != NULL, error));
  free(room);
  graph_fill(g);
  DEFAULTOPTIONS_TRACES(options);
  TracesStats stats;
  options.getcanon = TRUE;
  options.defaultptn = FALSE;
  uint64_t hash = TESTUDO_I_WORDS_START;
  /* The sizes of the colours, before the labelling changes them. */
  for (size_t at = 0; at < vertices; at++)
    hash = testudo_i_hash_word(hash, (uint64_t)(g->colour[at] != 0));
  Traces(&g->graph, g->label, g->colour, g->orbit, &options, &stats, &g->canonical);
  sortlists_sg(&g->canonical);
  *number = graph_hash(g, hash);
  return TESTUDO_OK;
}

/* ---- all components ---- */

static testudo_status canonical_one(const testudo_design *design, const components *c, int32_t k, int32_t *chunk,
                                    bool *known, uint64_t *number, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  canonical_graph g = {.design = design, .worker = c->list + c->begin[k], .workers = c->begin[k + 1] - c->begin[k],
                       .chunk = chunk, .arena = &arena};
  for (int32_t i = 0; i < design->chunks; i++)
    chunk[i] = -1;
  graph_count(&g);
  *known = g.entries <= MOST_ENTRIES;
  return *known ? graph_number(&g, number, error) : TESTUDO_OK;
}

testudo_status testudo_best_canonical(const testudo_design *design, bool *known, uint64_t *number, char *by,
                                      testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  components c = {0};
  *known = false;
  *number = 0;
  snprintf(by, 32, "nauty %.*s", (int)strcspn(NAUTYVERSION, " "), NAUTYVERSION);
  TESTUDO_I_TRY(components_find(&c, design, &arena, error));
  int32_t *chunk = testudo_i_arena_alloc(&arena, (size_t)design->chunks, sizeof *chunk);
  uint64_t *each = testudo_i_arena_calloc(&arena, (size_t)c.count, sizeof *each);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  for (int32_t k = 0; k < c.count; k++) {
    TESTUDO_I_TRY(canonical_one(design, &c, k, chunk, known, &each[k], error));
    if (!*known)
      return TESTUDO_OK;
  }
  qsort(each, (size_t)c.count, sizeof *each, testudo_i_ascending_uint64);
  uint64_t hash = testudo_i_hash_word(TESTUDO_I_WORDS_START, (uint64_t)design->parts);
  for (int32_t k = 0; k < c.count; k++)
    hash = testudo_i_hash_word(hash, each[k]);
  *number = testudo_i_mix(hash);
  return TESTUDO_OK;
}

#endif
