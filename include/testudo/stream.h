/* SPDX-License-Identifier: BSD-3-Clause */
/* Workers with little memory: the message is summed as the gradients of the chunks come, and no gradient is kept.

   testudo_encode_double wants the gradients of all chunks that a worker has done, dim numbers each: in general the
   coefficients depend on who straggles, and are not known before the request. Of some codes they do not depend on it -
   plain sums, gradient codes with and without parts, block codes, and the approximate decoders keep ONE sum of the
   message's length, nested codes one for each tolerance. Scheme partial with its own decoder is not of them: such a
   worker keeps the gradients of its chunks.

       testudo_stream_create_float(codec, worker, dim, &stream, &error);
       every iteration:
         testudo_stream_begin(stream);
         for each chunk k of the order, as its gradient is there:
           testudo_stream_add_float(stream, k, gradient, 0, dim, &error);
         when the request has come:
           testudo_stream_message_float(stream, &request, message, &error);

   The message is the same to the last bit as that of testudo_encode_*, where chunks are added in their order; of a
   gradient code with parts but for rounding, for encode adds part after part.

   Buckets. Backward passes give a gradient piece by piece: a range of coordinates at a time may be added. And a
   gradient may be coded in buckets whatever the scheme: each bucket is a gradient of its own length, with its own calls
   of encode and decode under the same progress and request; what depends on the progress is computed once. */
#ifndef TESTUDO_STREAM_H
#define TESTUDO_STREAM_H

#include <testudo/runtime.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct testudo_stream testudo_stream;

/* Sums that a worker keeps, each of the message's length; 0: its coefficients depend on who straggles, and it keeps the
   gradients of its chunks, testudo_design_load of them. */
int32_t testudo_stream_sums(const testudo_codec *codec);
int32_t testudo_design_sums(const testudo_design *design); /* the same of the scheme's own decoder */

/* Sums of doubles, or of floats. The codec is borrowed for this call only; the design must stay. Memory: the sums.
   TESTUDO_ERROR_ARGUMENT where testudo_stream_sums is 0. */
TESTUDO_CHECKED testudo_status testudo_stream_create_double(testudo_codec *codec, int32_t worker, size_t dim,
                                                            testudo_stream **stream, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_stream_create_float(testudo_codec *codec, int32_t worker, size_t dim,
                                                           testudo_stream **stream, testudo_error *error);
void testudo_stream_free(testudo_stream *stream);

/* A new iteration: nothing added. O(sums x length). */
void testudo_stream_begin(testudo_stream *stream);

/* Adds numbers first .. first + count - 1 of the gradient of the worker's k-th chunk, k in 0..load-1; piece[0] is the
   first of them. Each number is to be added once: twice is not noticed. Scheme block: only what a block wants of a
   chunk is taken. Cost: count multiplications per sum that the chunk is in. bfloat16: into sums of floats. */
TESTUDO_CHECKED testudo_status testudo_stream_add_double(testudo_stream *stream, int32_t k, const double *piece,
                                                         size_t first, size_t count, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_stream_add_float(testudo_stream *stream, int32_t k, const float *piece,
                                                        size_t first, size_t count, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_stream_add_bfloat16(testudo_stream *stream, int32_t k,
                                                           const testudo_bfloat16 *piece, size_t first, size_t count,
                                                           testudo_error *error);

/* The message that `request` asks for, testudo_message_length numbers; of scheme block the finished blocks at their
   coordinates, the others left alone. TESTUDO_ERROR_ARGUMENT where it asks for chunks that have not been added whole,
   or - plain sums at a deadline - for fewer than were added: then nothing is written. */
TESTUDO_CHECKED testudo_status testudo_stream_message_double(const testudo_stream *stream,
                                                             const testudo_request *request, double *message,
                                                             testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_stream_message_float(const testudo_stream *stream,
                                                            const testudo_request *request, float *message,
                                                            testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_stream_message_bfloat16(const testudo_stream *stream,
                                                               const testudo_request *request,
                                                               testudo_bfloat16 *message, testudo_error *error);

#ifdef __cplusplus
}
#endif
#endif
