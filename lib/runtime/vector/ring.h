/* SPDX-License-Identifier: BSD-3-Clause */
/* Decode vectors of a code on the cyclic assignment, by a small system over the stragglers: with a0 the least-norm
   vector of all workers (B^T a0 = 1) and K an orthonormal basis of {a : B^T a = 0}, the vector that leaves the
   stragglers out is a0 - K y, with y of least norm such that it vanishes on them. K has s columns for s + 1 chunks a
   worker (docs/theory/decoders.md). */
#ifndef TESTUDO_RUNTIME_RING_H
#define TESTUDO_RUNTIME_RING_H

#include <stdint.h>

#include <testudo/status.h>

#include "base/arena.h"

typedef struct testudo_i_ring testudo_i_ring;

/* band[p * (spare + 1) + k]: the coefficient that the worker at place p of the circle has of the chunk at place (p + k)
   mod workers; 0 <= spare < workers. place: of each worker; NULL: worker j is at j. *ring = NULL, and no error, where
   the first workers - spare columns are dependent: then there is no such K.
   The ring is made in the arena. O(workers spare^2) time, O(workers spare) room. */
TESTUDO_CHECKED testudo_status testudo_i_ring_create(testudo_i_arena *arena, int32_t workers, int32_t spare,
                                                     const double *band, const int32_t *place,
                                                     testudo_i_ring **ring, testudo_error *error);

/* vector (workers numbers) for `count` <= spare stragglers, ascending. How exact it is, the caller measures: the
   system may be badly conditioned, and B need not have the rank it should have. O(workers spare + spare^3). */
TESTUDO_CHECKED testudo_status testudo_i_ring_solve(testudo_i_ring *ring, const int32_t *straggler, int32_t count,
                                                    double *vector, testudo_error *error);

int32_t testudo_i_ring_spare(const testudo_i_ring *ring);

#endif
