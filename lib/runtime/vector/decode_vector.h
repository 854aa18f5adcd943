/* SPDX-License-Identifier: BSD-3-Clause */
/* The decode vector of a family of gradient codes, as the state of a codec: the weights a with a^T B_F = 1^T over the
   rows of the workers F that count (docs/theory/decoders.md#how-decode-vectors-are-found), for one level of the family
   at a time. What the schemes with such a vector (one for the gradient, or one per level or block) build their codec
   classes from. */
#ifndef TESTUDO_RUNTIME_DECODE_VECTOR_H
#define TESTUDO_RUNTIME_DECODE_VECTOR_H

#include "runtime/codec.h"
#include "runtime/family.h"
#include "runtime/vector/groups.h"
#include "runtime/vector/ring.h"
#include "runtime/vector/vector_cache.h"

typedef struct testudo_i_vector {
  const testudo_design *design;
  const testudo_i_family *family;
  const testudo_i_groups *repetition; /* the first finished worker of every group decodes; NULL: by equations */
  double *number;                 /* the vector, one per worker */
  uint64_t epoch;                 /* of the codec, when it was found; 0: never */
  bool best;                      /* as the level with the least residual */
  testudo_i_vector_quality quality;
  int32_t level;                  /* whose rows are sent, -1: none yet */
  int32_t *finished, *straggler, *pivot;
  const double *value;            /* of that level, one per entry of the orders */
  double *padded;                 /* room for it, zero beyond the level's prefixes; NULL where rows are whole orders */
  testudo_i_ring **ring;          /* one per level; NULL where the code has no cyclic structure */
  testudo_i_vector_cache **cache; /* one per level */
  bool dense;                     /* is there room for the dense least squares? */
  double *columns, *right, *work; /* of the least squares */
} testudo_i_vector;

/* codec->state = a new testudo_i_vector. The family and the groups are lent. TESTUDO_ERROR_ARGUMENT for a code too
   large for any decoder. */
TESTUDO_CHECKED testudo_status testudo_i_vector_open(testudo_codec *codec, const testudo_i_family *family,
                                                     const testudo_i_groups *repetition, testudo_error *error);

/* Makes the vector that of `level`, over the workers that the codec's class reads for it; -1: that of the level with
   the least residual, the smallest of equal ones. The error is its squared residual. `exact` refuses with
   TESTUDO_UNDECODABLE where the set of workers is too badly conditioned. */
TESTUDO_CHECKED testudo_status testudo_i_vector_settle(testudo_codec *codec, const testudo_progress *progress,
                                                       int32_t level, bool exact, testudo_error *error);

int32_t testudo_i_vector_level(const testudo_codec *codec);

/* Of the vector that was settled last: hooks of codec classes. */
const double *testudo_i_vector_weights(const testudo_codec *codec, int32_t part);
testudo_status testudo_i_vector_amplification(testudo_codec *codec, const testudo_progress *progress,
                                              double *amplification, double *condition, testudo_error *error);

#endif
