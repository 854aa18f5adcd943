/* SPDX-License-Identifier: BSD-3-Clause */
/* How a codec finds decode vectors: by the cyclic structure where the code has it, else by least squares. */
#ifndef TESTUDO_RUNTIME_SOLVERS_H
#define TESTUDO_RUNTIME_SOLVERS_H

#include "runtime/codec.h"

/* *ring = NULL, and no error, for a design that is not on the cyclic assignment (its orders do not matter), and where
   the structure would cost more than it saves. level: of a nested code. */
TESTUDO_CHECKED testudo_status testudo_i_ring_of(const testudo_design *design, int32_t level, testudo_i_ring **ring,
                                                 testudo_error *error);

/* Room for the least squares: dense while it is small, or while there is nothing else; beside a ring LSQR takes over at
   2,000 workers. TESTUDO_ERROR_ARGUMENT for a code too large for any decoder. */
TESTUDO_CHECKED testudo_status testudo_i_fallback_create(testudo_codec *codec, testudo_error *error);

/* codec->vector = the least-norm solution over codec->finished[0 .. count-1]. */
TESTUDO_CHECKED testudo_status testudo_i_fallback_solve(testudo_codec *codec, int32_t count, testudo_error *error);

#endif
