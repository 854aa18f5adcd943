/* SPDX-License-Identifier: BSD-3-Clause */
/* How decode vectors are found: by the cyclic structure where the code has it, else by least squares. */
#ifndef TESTUDO_RUNTIME_SOLVERS_H
#define TESTUDO_RUNTIME_SOLVERS_H

#include "runtime/vector/decode_vector.h"

/* *ring = NULL, and no error, for a design that is not on the cyclic assignment (its orders do not matter), and where
   the structure would cost more than it saves. */
TESTUDO_CHECKED testudo_status testudo_i_ring_of(const testudo_i_vector *vector, testudo_i_arena *arena, int32_t level,
                                                 testudo_i_ring **ring, testudo_error *error);

/* Room for the least squares: dense while it is small, or while there is nothing else; beside a ring LSQR takes over at
   2,000 workers. TESTUDO_ERROR_ARGUMENT for a code too large for any decoder. */
TESTUDO_CHECKED testudo_status testudo_i_fallback_open(testudo_i_vector *vector, testudo_i_arena *arena,
                                                       testudo_error *error);

/* vector->number = the least-norm solution over vector->finished[0 .. count-1]. */
TESTUDO_CHECKED testudo_status testudo_i_fallback_solve(testudo_i_vector *vector, int32_t count, testudo_error *error);

#endif
