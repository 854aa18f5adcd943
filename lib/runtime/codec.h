/* SPDX-License-Identifier: BSD-3-Clause */
/* The inside of a codec. What depends on the scheme, or on the decoder that the caller chose, is a class of hooks; the
   calls of runtime.h stand on these. */
#ifndef TESTUDO_RUNTIME_CODEC_H
#define TESTUDO_RUNTIME_CODEC_H

#include <float.h>
#include <math.h>

#include <testudo/runtime.h>

#include "base/arena.h"

extern const char *const testudo_i_decoder_names[]; /* by enum; NULL at the end */

typedef struct testudo_i_codec_class {
  /* codec->state, all of it in codec->arena. */
  testudo_status (*open)(testudo_codec *codec, testudo_error *error);
  /* Makes reads and weights those of the progress (stripe: see below, else 0). `exact` refuses with TESTUDO_UNDECODABLE
     where what there is does not give the gradient. NULL: nothing to prepare. */
  testudo_status (*settle)(testudo_codec *codec, const testudo_progress *progress, int32_t stripe, bool exact,
                           testudo_error *error);
  /* Is the message of this worker of use? After settle. */
  bool (*reads)(const testudo_codec *codec, const testudo_progress *progress, int32_t worker);
  /* What the messages are multiplied with for one part: a number per worker; NULL: 1. After settle, if the class has
     one, those of workers that are not read are 0. */
  const double *(*weights)(const testudo_codec *codec, int32_t part);
  /* A code whose gradient is cut in stripes of coordinates that are decoded on their own, each with weights of its own:
     where stripe `index` lies in a gradient, and in the messages. NULL: parts. */
  void (*stripe)(const testudo_design *design, size_t dim, int32_t index, size_t *first, size_t *count);
  /* The server's answer to request->worker, whose done steps are filled in: rows, chunks and coefficients, by
     testudo_i_request_shape first. Left alone, nothing is to be sent. */
  testudo_status (*request)(testudo_codec *codec, const testudo_progress *progress, testudo_request *request,
                            testudo_error *error);
  /* testudo_amplification after settle: both numbers are 1 before; condition NULL: it is not asked for. NULL: the
     weights are 1. */
  testudo_status (*amplification)(testudo_codec *codec, const testudo_progress *progress, double *amplification,
                                  double *condition, testudo_error *error);
  /* testudo_decode_error after settle. NULL: `decode_error` of the codec where settle finds it, else that of the cover
     (progress). */
  testudo_status (*error)(testudo_codec *codec, const testudo_progress *progress, double *decode_error,
                          testudo_error *error);
  bool finds_error; /* does settle? */
  bool fixed;     /* what a worker sends, once it has finished, does not depend on who straggles; of scheme nested there
                     is one such message for each tolerance (stream.h) */
  bool estimates; /* decodes any progress: an approximate decoder, which is exact where its error is 0 */
} testudo_i_codec_class;

struct testudo_codec {
  const testudo_design *design;
  const testudo_i_codec_class *class;
  testudo_decoder decoder;
  double straggle_prob;  /* of stochastic codes */
  int32_t ahead;         /* of prefixes (stream/prefix.c) */
  testudo_i_arena arena;
  void *state;           /* of the class */
  double decode_error;   /* of what was settled last */
  int32_t stripes;       /* 0: parts */
  size_t inputs;         /* room of input, weight */
  void *input;           /* pointers to numbers of the current type */
  void *output;          /* one per part */
  void *weight;          /* max(parts, 1) * inputs doubles */
  double *coefficient;   /* of the request answered last */
  size_t coefficients;   /* room */
  uint64_t epoch;        /* grows when a progress with another fingerprint comes */
  uint64_t fingerprint;
};

/* A codec like `wanted`; of the class that its decoder asks for where it has none. */
TESTUDO_CHECKED testudo_status testudo_i_codec_make(testudo_codec wanted, testudo_codec **codec, testudo_error *error);

/* To be called with the progress of each call; refuses one of another design. */
TESTUDO_CHECKED testudo_status testudo_i_codec_meet(testudo_codec *codec, const testudo_progress *progress,
                                                    testudo_error *error);

/* meet, then the class's settle. */
TESTUDO_CHECKED testudo_status testudo_i_codec_settle(testudo_codec *codec, const testudo_progress *progress,
                                                      int32_t stripe, bool exact, testudo_error *error);

/* How far weights may be from decoding, at a chunk's coefficient, and count as exact: rounding, not a wrong code. */
static inline double testudo_i_allowed_residual(double norm)
{
  return fmax(1e-9, 100.0 * DBL_EPSILON * norm);
}

/* Refuses with TESTUDO_UNDECODABLE what amplifies too much, and a residual beyond the one above; the workers then
   `fail_how` ("are badly conditioned"). */
TESTUDO_CHECKED testudo_status testudo_i_check_exact(double norm, double residual, const char *fail_how,
                                                     testudo_error *error);

/* Sets rows, chunks and count; the coefficients are row after row. */
static inline void testudo_i_request_shape(testudo_request *request, int32_t rows, int32_t chunks)
{
  request->rows = rows;
  request->chunks = chunks;
  request->count = (size_t)rows * (size_t)chunks;
}

/* Can it be the answer to a worker of this codec's design? `refused` where not: bytes from a wire, or a request put
   together by hand. */
TESTUDO_CHECKED testudo_status testudo_i_request_check(const testudo_codec *codec, const testudo_request *request,
                                                       testudo_status refused, testudo_error *error);

/* `reads` of the classes whose workers send one message, at their end. A worker without chunks has none: it would be
   0. */
bool testudo_i_reads_finished(const testudo_codec *codec, const testudo_progress *progress, int32_t worker);

/* Plain sums of the finished workers, all with weight 1: uncoded, ignore-stragglers. */
extern const testudo_i_codec_class testudo_i_codec_of_sums;

/* The approximate decoders (docs/theory/approximate.md#decoders). */
extern const testudo_i_codec_class testudo_i_codec_of_combiner;

/* Plain sums of what has arrived, the chunks weighted so that the mean is right. */
extern const testudo_i_codec_class testudo_i_codec_of_stochastic;

#endif
