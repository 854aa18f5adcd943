/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making a bipartite graph regular with linear memory: consecutive vertices are merged as long as their degrees fit
   into one bin. Two neighbouring bins together exceed the degree, so a side has at most 2 E / degree + 1 bins. A proper
   colouring of the merged graph is a proper colouring of the graph. */
#include "code/colouring/colouring.h"

#include "base/error.h"

/* Bins for vertices of the given degrees, in their order; returns how many. bin may be NULL. */
static int32_t fill_bins(const int64_t *degree, int32_t vertices, int64_t room, uint32_t *bin)
{
  int32_t bins = 0;
  int64_t filled = room;
  for (int32_t v = 0; v < vertices; v++) {
    if (filled + degree[v] > room) {
      bins++;
      filled = 0;
    }
    filled += degree[v];
    if (bin != NULL)
      bin[v] = bins == 0 ? 0 : (uint32_t)bins - 1;
  }
  return bins;
}

/* The degrees of both sides: workers first, then chunks. */
static void count_degrees(const testudo_assignment *assignment, int64_t *degree)
{
  for (int32_t j = 0; j < assignment->workers; j++)
    degree[j] = assignment->row[j + 1] - assignment->row[j];
  int64_t *chunk_degree = degree + assignment->workers;
  for (int64_t e = 0; e < assignment->row[assignment->workers]; e++)
    chunk_degree[assignment->chunk[e]]++;
}

/* Padding of a left bin goes to the right bins in turn, as long as they have room. */
struct padding {
  int32_t bin;
  int64_t room; /* left in it */
  const int64_t *filled;
};

static uint32_t next_padding(struct padding *padding, const testudo_i_padded *padded, int32_t chunks)
{
  while (padding->room == 0) {
    padding->bin++;
    padding->room = padded->degree - padding->filled[padding->bin];
  }
  padding->room--;
  return (uint32_t)chunks + (uint32_t)padding->bin;
}

static void fill_edges(const testudo_assignment *assignment, const int64_t *filled, testudo_i_padded *padded)
{
  struct padding padding = {-1, 0, filled};
  int64_t at = 0, end = 0;
  for (int32_t j = 0; j <= assignment->workers; j++) {
    int64_t load = j < assignment->workers ? assignment->row[j + 1] - assignment->row[j] : 0;
    /* The same rule as in fill_bins: a worker that does not fit closes the bin; so does the end. */
    if (j == assignment->workers || at + load > end) {
      int64_t stop = j == assignment->workers ? padded->count : end;
      for (; at < stop; at++)
        padded->edge[at] = (testudo_i_edge){next_padding(&padding, padded, assignment->chunks), TESTUDO_I_NONE};
      end += padded->degree;
    }
    for (int64_t k = 0; k < load; k++, at++) {
      int64_t entry = assignment->row[j] + k;
      padded->edge[at] = (testudo_i_edge){(uint32_t)assignment->chunk[entry], (uint32_t)entry};
    }
  }
}

testudo_status testudo_i_pad(const testudo_assignment *assignment, testudo_i_arena *arena, testudo_i_padded *padded,
                             testudo_error *error)
{
  int32_t workers = assignment->workers, chunks = assignment->chunks;
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena scratch = {0};
  int64_t *degree = testudo_i_arena_calloc(&scratch, (size_t)workers + (size_t)chunks, sizeof *degree);
  TESTUDO_I_TRY(testudo_i_arena_check(&scratch, error));
  count_degrees(assignment, degree);
  int64_t most = 0;
  for (int32_t v = 0; v < workers + chunks; v++)
    most = degree[v] > most ? degree[v] : most;
  int32_t left = fill_bins(degree, workers, most, NULL), right = fill_bins(degree + workers, chunks, most, NULL);
  padded->degree = (int32_t)most;
  padded->bins = left > right ? left : right;
  padded->count = padded->bins * most;
  padded->rights = (uint32_t)chunks + (uint32_t)padded->bins;
  padded->edge = testudo_i_arena_alloc(arena, (size_t)padded->count, sizeof *padded->edge);
  padded->bin = testudo_i_arena_alloc(arena, padded->rights, sizeof *padded->bin);
  int64_t *filled = testudo_i_arena_calloc(arena, (size_t)padded->bins, sizeof *filled);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  fill_bins(degree + workers, chunks, most, padded->bin);
  for (int32_t i = 0; i < chunks; i++)
    filled[padded->bin[i]] += degree[workers + i];
  for (int32_t b = 0; b < padded->bins; b++)
    padded->bin[chunks + b] = (uint32_t)b;
  fill_edges(assignment, filled, padded);
  return TESTUDO_OK;
}
