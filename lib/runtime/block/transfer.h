/* SPDX-License-Identifier: BSD-3-Clause */
/* encode and decode of block codes, as the calls of runtime.h pass them on. */
#ifndef TESTUDO_RUNTIME_BLOCK_TRANSFER_H
#define TESTUDO_RUNTIME_BLOCK_TRANSFER_H

#include "runtime/codec.h"

/* The first `done` blocks, each at its coordinates of message. */
TESTUDO_CHECKED testudo_status testudo_i_encode_blocks_double(testudo_codec *codec, int32_t worker, int32_t done,
                                                              const double *const *gradients, size_t dim,
                                                              double *message, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_encode_blocks_float(testudo_codec *codec, int32_t worker, int32_t done,
                                                             const float *const *gradients, size_t dim,
                                                             float *message, testudo_error *error);

/* Every block. Exactly: nothing is written unless all can be decoded. */
TESTUDO_CHECKED testudo_status testudo_i_decode_blocks_double(testudo_codec *codec, const testudo_progress *progress,
                                                              const double *const *messages, size_t dim,
                                                              bool approximate, double *gradient,
                                                              testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_decode_blocks_float(testudo_codec *codec, const testudo_progress *progress,
                                                             const float *const *messages, size_t dim,
                                                             bool approximate, float *gradient,
                                                             testudo_error *error);

#endif
