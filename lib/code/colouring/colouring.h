/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Proper edge colouring of bipartite graphs with max-degree colours (Koenig 1916), by halving degrees: Gabow, Using
   Euler partitions to edge color bipartite multigraphs, 1976; Cole and Hopcroft, On edge coloring bipartite graphs,
   1982. */
#ifndef TESTUDO_CODE_COLOURING_COLOURING_H
#define TESTUDO_CODE_COLOURING_COLOURING_H

#include <testudo/code.h>

#include "base/arena.h"

/* colour[e] in 0..*colours-1 for every entry e of the assignment, *colours = the largest degree of a worker or chunk (0
   without entries): the entries of one worker have distinct colours, and so have those of one chunk. Memory linear
   in the entries, recursion none. Deterministic. TESTUDO_ERROR_LIMIT beyond 2^29 entries. */
TESTUDO_CHECKED testudo_status testudo_i_edge_colouring(const testudo_assignment *assignment, int32_t *colour,
                                                        int32_t *colours, const testudo_monitor *monitor,
                                                        testudo_error *error);

/* ---- the parts of it ---- */

/* Asks for what will be read (write: 0) or written (1) soon. */
#if defined(__GNUC__)
#define TESTUDO_I_PREFETCH(address, write) __builtin_prefetch((address), (write))
#else
#define TESTUDO_I_PREFETCH(address, write) (void)(address)
#endif

#define TESTUDO_I_NONE UINT32_MAX

/* An edge of a multigraph in which every left vertex has the same degree; edges lie left vertex after left vertex. */
typedef struct testudo_i_edge {
  uint32_t right; /* right vertex, before merging */
  uint32_t id;    /* entry of the assignment, TESTUDO_I_NONE for padding */
} testudo_i_edge;

/* The regular multigraph made of an assignment: small vertices of a side are merged into bins of at most `degree`
   edges, and padding fills every bin up to it. At most three times the entries. */
typedef struct testudo_i_padded {
  int32_t bins;      /* of each side */
  int32_t degree;
  int64_t count;     /* bins * degree edges */
  testudo_i_edge *edge;
  uint32_t rights;   /* right vertices: the chunks, then one a bin for its padding */
  uint32_t *bin;     /* right vertex -> bin */
} testudo_i_padded;

/* In the arena. */
TESTUDO_CHECKED testudo_status testudo_i_pad(const testudo_assignment *assignment, testudo_i_arena *arena,
                                             testudo_i_padded *padded, testudo_error *error);

/* Halves: of `count` edges of an even-regular multigraph, every left and every right bin gives half its edges to `low`
   and half to `high`, in their order; and so does every right vertex, up to one edge. `workspace` serves any number
   of splits of (parts of) one padded graph. */
typedef struct testudo_i_splitter testudo_i_splitter;

TESTUDO_CHECKED testudo_status testudo_i_splitter_create(const testudo_i_padded *padded, testudo_i_splitter **splitter,
                                                         testudo_error *error);
void testudo_i_splitter_free(testudo_i_splitter *splitter);
TESTUDO_CHECKED testudo_status testudo_i_split(testudo_i_splitter *splitter, const testudo_i_edge *edge, int64_t count,
                                               testudo_i_edge *low, testudo_i_edge *high, testudo_error *error);

/* Perfect matching of a regular multigraph of `size` vertices on each side and degree >= 2: edge e goes from left
   vertex e / degree to right vertex to[e]; matched[u] is the edge of left vertex u. */
TESTUDO_CHECKED testudo_status testudo_i_perfect_matching(const uint32_t *to, int32_t size, int32_t degree,
                                                          uint32_t *matched, const testudo_monitor *monitor,
                                                          testudo_error *error);

#endif
