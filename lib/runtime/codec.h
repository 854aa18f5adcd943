/* SPDX-License-Identifier: BSD-3-Clause */
/* The inside of a codec: each chunk's solution Z (docs/theory 7), kept from one progress to the next, and the
   workspaces of encode and decode. */
#ifndef TESTUDO_RUNTIME_CODEC_H
#define TESTUDO_RUNTIME_CODEC_H

#include <testudo/runtime.h>

#include "runtime/gradient_code/ring.h"
#include "runtime/gradient_code/vector_cache.h"

struct testudo_codec {
  const testudo_design *design;
  size_t inputs;         /* room of input, weight */
  void *input;           /* pointers to numbers, of the type at hand */
  void *output;          /* one a part */
  void *weight;          /* parts * inputs doubles */
  /* Scheme partial only. */
  int32_t *slot;         /* entry row[j] + k: how many holders of chunk order[j][k] come before worker j */
  double *solution;      /* holder entry e: its `parts` numbers at e * parts; zero for holders that have not done it */
  unsigned char *solved; /* holder entry e: had it done the chunk when the solution was found? NEVER: not found yet */
  double *condition;     /* of R_{U_i}; 0 when |U_i| < parts */
  uint64_t *checked;     /* chunk i: the epoch in which solved was last compared with the progress */
  uint64_t epoch;        /* grows when a progress with another fingerprint comes */
  uint64_t fingerprint;
  /* Schemes gradient-code, nested and block: the decode vector a, what it was found for, and how good it is. */
  double *vector;
  bool vector_found;
  uint64_t vector_fingerprint;
  bool vector_announced;          /* nested: was its level announced when it was found? */
  testudo_i_vector_quality quality;
  int32_t *finished, *straggler, *pivot;
  int32_t level, levels;          /* nested: the level whose rows are sent; block: the one last looked at; a classical
                                     code has one level */
  const double *value;            /* of that level, one an entry of the orders */
  double *padded;                 /* nested, block: value, zero beyond the level's prefixes */
  testudo_i_ring **ring;          /* one a level; NULL where the code has no cyclic structure */
  testudo_i_vector_cache **cache; /* one a level */
  bool dense;                     /* is there room for the dense least squares? */
  double *columns, *inverse, *work;
};

/* To be called with the progress of each call; refuses one of another design. */
TESTUDO_CHECKED testudo_status testudo_i_codec_meet(testudo_codec *codec, const testudo_progress *progress,
                                                    testudo_error *error);

/* Makes the solution of a chunk the one of this progress (scheme partial, after meet). O(replication) when its holders
   have not changed, else one pseudo-inverse. */
TESTUDO_CHECKED testudo_status testudo_i_codec_solve(testudo_codec *codec, const testudo_progress *progress,
                                                     int32_t chunk, testudo_error *error);

/* Makes the weights of decode ready (scheme gradient-code; nothing to do for others). Unless approximate, refuses
   with TESTUDO_UNDECODABLE where the set of finished workers is too badly conditioned. */
TESTUDO_CHECKED testudo_status testudo_i_prepare_weights(testudo_codec *codec, const testudo_progress *progress,
                                                         bool approximate, testudo_error *error);

/* Schemes nested and block: makes the weights of one level the codec's vector, over the workers that have reached it
   (nested) or finished it (block), after meet. Unless approximate, refuses as above. */
TESTUDO_CHECKED testudo_status testudo_i_level_weights(testudo_codec *codec, const testudo_progress *progress,
                                                       int32_t level, bool approximate, testudo_error *error);

/* Is worker j's message of use? For nested and block after the weights are ready. */
bool testudo_i_codec_reads(const testudo_codec *codec, const testudo_progress *progress, int32_t worker);

/* Nested: settles which level is sent: the announced one, or the best of all by least squares. */
TESTUDO_CHECKED testudo_status testudo_i_settle_level(testudo_codec *codec, const testudo_progress *progress,
                                                      testudo_error *error);

/* Room for a gradient code. */
TESTUDO_CHECKED testudo_status testudo_i_vector_create(testudo_codec *codec, testudo_error *error);
void testudo_i_vector_free(testudo_codec *codec);

#endif
