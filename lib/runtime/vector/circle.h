/* SPDX-License-Identifier: BSD-3-Clause */
/* The cyclic assignment, whatever its workers and chunks are called: as many chunks as workers, and places on a circle
   such that the worker at place p holds the chunks at p, p+1, .., p+load-1. */
#ifndef TESTUDO_RUNTIME_CIRCLE_H
#define TESTUDO_RUNTIME_CIRCLE_H

#include <stdbool.h>
#include <stdint.h>

#include <testudo/status.h>

#include "base/arena.h"

typedef struct testudo_i_circle {
  int32_t size, load;     /* 0 where there is no circle; the arrays are then NULL */
  int32_t *worker, *chunk; /* their places, 0 .. size - 1 */
  testudo_i_arena arena;
} testudo_i_circle;

/* Exact: where there are such places, some are found (docs/theory/orders.md#cyclic-whatever-the-numbers); those of
   worker j and chunk j are j where that is one of the ways. O(entries). */
TESTUDO_CHECKED testudo_status testudo_i_circle_find(int32_t workers, int32_t chunks, const int64_t *row,
                                                     const int32_t *chunk, testudo_i_circle *circle,
                                                     testudo_error *error);
void testudo_i_circle_free(testudo_i_circle *circle);

/* How far along a worker's arc a chunk of it lies, 0 .. load - 1. */
static inline int32_t testudo_i_circle_step(const testudo_i_circle *circle, int32_t worker, int32_t chunk)
{
  int32_t apart = circle->chunk[chunk] - circle->worker[worker];
  return apart < 0 ? apart + circle->size : apart;
}

#endif
