/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server and its workers in one place: random chunk gradients are encoded on every worker that is asked, decoded, and
   compared with their true sum. The one loop of runtime.h, run by everything that measures decoding. */
#ifndef TESTUDO_ASSESS_ROUND_TRIP_H
#define TESTUDO_ASSESS_ROUND_TRIP_H

#include <testudo/runtime.h>

#include "base/arena.h"

typedef struct testudo_i_round_trip {
  const testudo_design *design;
  testudo_progress *progress;
  testudo_codec *codec;
  size_t dim, length;         /* numbers in a gradient, in a message; dim 0: no gradients, only progress and codec */
  double *gradient;           /* chunks x dim */
  double *sum;                /* dim: their true sum */
  double *message, *decoded;  /* workers x length; dim */
  float *gradient_float, *message_float, *decoded_float; /* the same in float; NULL unless asked for */
  const void **of_chunk;      /* max load: what a worker encodes */
  const void **of_worker;     /* the messages; NULL of those that send none */
  testudo_i_arena arena;
} testudo_i_round_trip;

/* Close it whatever the answer. */
TESTUDO_CHECKED testudo_status testudo_i_round_trip_open(testudo_i_round_trip *trip, const testudo_design *design,
                                                         testudo_decoder decoder, size_t dim, bool floats,
                                                         testudo_error *error);
void testudo_i_round_trip_close(testudo_i_round_trip *trip); /* fine on a zeroed one */

/* Standard normal gradients of a trial, from streams (seed, FOR_GRADIENT, trial, chunk); each exact in float where
   there are floats. */
void testudo_i_round_trip_draw(testudo_i_round_trip *trip, uint64_t seed, int64_t trial);

/* The message of one worker under the progress, in double; of_worker[worker] = NULL where nothing is asked of it. */
TESTUDO_CHECKED testudo_status testudo_i_round_trip_send(testudo_i_round_trip *trip, int32_t worker,
                                                         testudo_error *error);

/* All messages, decoded exactly, and how far the result is from the sum, relative to its norm (0 where both are 0):
   TESTUDO_UNDECODABLE where decode refuses. */
TESTUDO_CHECKED testudo_status testudo_i_round_trip_double(testudo_i_round_trip *trip, double *relative_error,
                                                           testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_round_trip_float(testudo_i_round_trip *trip, double *relative_error,
                                                          testudo_error *error);

/* How much rounding each chunk's gradient meets: the largest, over chunks and parts, of sum_j |weight_j coefficient_j|
   under this progress (docs/theory/decoders.md). coefficient: room for one number per chunk, weights: per worker. */
TESTUDO_CHECKED testudo_status testudo_i_magnification(testudo_i_round_trip *trip, double *weights, double *magnified,
                                                       double *largest, testudo_error *error);

/* The condition number of these workers' rows of the code; NAN for a scheme without (runtime/scheme/scheme.h). */
TESTUDO_CHECKED testudo_status testudo_i_condition_of_rows(const testudo_design *design, const int32_t *worker,
                                                           int32_t count, double *condition, testudo_error *error);

#endif
