/* SPDX-License-Identifier: BSD-3-Clause */
/* Where parts and stripes lie; and one stripe of coordinates, for the scheme whose stripes are public, encoded and
   decoded by itself. `offset` is where the stripe starts in what the pointers point to. */
#ifndef TESTUDO_RUNTIME_TRANSFER_H
#define TESTUDO_RUNTIME_TRANSFER_H

#include "runtime/codec.h"

/* Where part `part` lies in a gradient; *count is 0 of parts behind its end. */
void testudo_i_part_range(const testudo_design *design, size_t dim, int32_t part, size_t *first, size_t *count);

/* The zeros at the end of a stripe's row stand for chunks that it has not: their gradients are not read. */
int32_t testudo_i_chunks_of_stripe(const testudo_request *request, int32_t stripe);

/* The combination of the first `chunks` gradients by `coefficient`. */
TESTUDO_CHECKED testudo_status testudo_i_encode_stripe_double(testudo_codec *codec, const double *coefficient,
                                                              int32_t chunks, const double *const *gradients,
                                                              size_t offset, size_t count, double *message,
                                                              testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_encode_stripe_float(testudo_codec *codec, const double *coefficient,
                                                             int32_t chunks, const float *const *gradients,
                                                             size_t offset, size_t count, float *message,
                                                             testudo_error *error);

TESTUDO_CHECKED testudo_status testudo_i_encode_stripe_bfloat16(testudo_codec *codec, const double *coefficient,
                                                                int32_t chunks,
                                                                const testudo_bfloat16 *const *gradients,
                                                                size_t offset, size_t count,
                                                                testudo_bfloat16 *message, testudo_error *error);

/* By the weights that were settled last. */
TESTUDO_CHECKED testudo_status testudo_i_decode_stripe_double(testudo_codec *codec, const testudo_progress *progress,
                                                              const double *const *messages, size_t offset,
                                                              size_t count, double *gradient, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_decode_stripe_float(testudo_codec *codec, const testudo_progress *progress,
                                                             const float *const *messages, size_t offset, size_t count,
                                                             float *gradient, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_decode_stripe_bfloat16(testudo_codec *codec,
                                                                const testudo_progress *progress,
                                                                const testudo_bfloat16 *const *messages,
                                                                size_t offset, size_t count,
                                                                testudo_bfloat16 *gradient, testudo_error *error);

#endif
