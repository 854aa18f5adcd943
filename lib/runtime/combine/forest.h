/* SPDX-License-Identifier: BSD-3-Clause */
/* Least squares on a graph scheme, in O(N + m): chunks are vertices, workers that hold two of them are edges (Glasgow
   and Wootters, Approximate gradient coding with optimal decoding, 2021). */
#ifndef TESTUDO_RUNTIME_FOREST_H
#define TESTUDO_RUNTIME_FOREST_H

#include <stdint.h>

#include <testudo/design.h>

#include "base/arena.h"

typedef struct testudo_i_forest {
  unsigned char *present; /* one per worker */
  int32_t *parent;   /* one per chunk: the worker that leads towards the root, ROOT or UNSEEN */
  int32_t *queue;    /* chunks, in the order of a breadth-first search */
  signed char *side; /* 1 or -1: the colour of the chunk */
  double *wanted;    /* one per chunk */
} testudo_i_forest;

/* Every worker holds at most two chunks. Everything is made in the arena. */
TESTUDO_CHECKED testudo_status testudo_i_forest_init(testudo_i_forest *forest, testudo_i_arena *arena,
                                                     const testudo_design *design, testudo_error *error);

/* The least error of the workers in `finished`, and weights (one per worker) that reach it, not of least norm: those of
   a spanning forest and, in a component that is not bipartite, of one more edge, or one worker of a single chunk. The
   error is the sum over the bipartite components without such a worker of (|L| - |R|)^2 / (|L| + |R|). */
double testudo_i_forest_solve(testudo_i_forest *forest, const testudo_design *design, const int32_t *finished,
                              int32_t count, double *weight);

#endif
