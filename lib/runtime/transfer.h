/* SPDX-License-Identifier: BSD-3-Clause */
/* One stripe of coordinates, for the scheme whose stripes are public: encoded and decoded by itself. `offset` is where
   the stripe starts in what the pointers point to. */
#ifndef TESTUDO_RUNTIME_TRANSFER_H
#define TESTUDO_RUNTIME_TRANSFER_H

#include "runtime/codec.h"

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
