/* SPDX-License-Identifier: BSD-3-Clause */
/* The approximate decoders, as the state of a codec: weights for the plain sums of the finished workers
   (docs/theory/approximate.md#decoders). */
#ifndef TESTUDO_RUNTIME_COMBINER_H
#define TESTUDO_RUNTIME_COMBINER_H

#include "runtime/codec.h"
#include "runtime/combine/forest.h"

typedef struct testudo_i_combiner {
  const testudo_design *design;
  testudo_decoder decoder;
  int32_t busy;         /* workers that hold anything */
  double *weight;       /* one per worker; zero for those that have not finished */
  double error;         /* that these leave */
  uint64_t epoch;       /* of the codec, when they were found for its progress; 0: never */
  int32_t *finished;    /* workers, in ascending order */
  double *cover;        /* one per chunk: the coefficient that it gets */
  double *right, *x, *room; /* optimal */
  int32_t limit;        /* its steps, at most */
  double enough;        /* its error is not followed below this; 0 */
  double tolerance;     /* of its gradient, relative: docs/theory/approximate.md#worst-stragglers */
  const double *from;   /* lent: weights, one per worker, that it begins with; NULL: zeros */
  testudo_i_forest forest; /* component */
} testudo_i_combiner;

/* The combiner of a codec with an approximate decoder. */
testudo_i_combiner *testudo_i_combiner_of(const testudo_codec *codec);

/* Weights and error for a set of `count` finished workers, ascending. TESTUDO_ERROR_LIMIT where the least squares does
   not converge. optimal: O(entries) per step of LSQR; one-step: O(entries); component: O(N + m). */
TESTUDO_CHECKED testudo_status testudo_i_combine_set(testudo_i_combiner *combiner, const int32_t *finished,
                                                     int32_t count, testudo_error *error);

/* Does no worker hold more than two chunks? O(m). */
bool testudo_i_is_graph_scheme(const testudo_design *design);

#endif
