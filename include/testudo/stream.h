/* SPDX-License-Identifier: BSD-3-Clause */
/* Workers with little memory: the message is summed as the gradients of the chunks come, and no gradient is kept.

   testudo_encode_double wants the gradients of all chunks that a worker has done, dim numbers each: in general the
   coefficients depend on who straggles, and are not known before the request. Of some codes they do not depend on it -
   plain sums, gradient codes with and without parts, block codes, and the approximate decoders keep ONE sum of the
   message's length, nested codes one for each tolerance. Scheme partial with its own decoder is not of them: such a
   worker keeps the gradients of its chunks - unless the server asks for prefixes of its order, see below.

       testudo_stream_create_float(codec, worker, dim, &stream, &error);
       every iteration:
         testudo_stream_begin(stream);
         for each chunk k of the order, as its gradient is there:
           testudo_stream_add_float(stream, k, gradient, 0, dim, &error);
         when the request has come:
           testudo_stream_message_float(stream, &request, message, &error);

   The message is the same to the last bit as that of testudo_encode_*, where chunks are added in their order; of a
   gradient code with parts and of prefixes but for rounding, for they add in another sequence.

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

/* ---- prefixes: scheme partial of one part ---- */

/* A codec whose requests ask every worker for a PREFIX: the plain sum of the first k_j chunks of its order, the k_j
   such that every chunk that is done is in exactly one of the sums. It decodes whenever the scheme's own decoder does,
   so that times are the same, and a worker keeps a few sums:
     - orders that are arcs of one circle or line (the cyclic assignment in its natural order, groups with order rotated
       or natural, whatever the labels): an arc is cut where another worker's order starts, so that a worker keeps one
       sum from one such start to the next, however fine the chunks are. What has been added beyond the cut does no
       harm. (At a deadline, before all is done, an arc may end anywhere: the worker must not have gone on.)
     - mirrored pairs (two workers that go through the same chunks from opposite ends): cut where the two have met,
       which may be anywhere. A worker keeps its last `ahead` >= 1 chunks apart, and the sum of all before: 1 + ahead
       sums. So it may not add more than `ahead` chunks beyond those that the server has marked. The server says what
       it has marked, marks one step at a time, and asks as soon as testudo_codec_settled answers true.
   Other orders are refused with TESTUDO_ERROR_ARGUMENT: with helpers that begin elsewhere (orders steal and back in
   groups of three and more) there may be no such k_j although every chunk is done. Between requests for one gradient
   the progress must not change for workers that share chunks. */
TESTUDO_CHECKED testudo_status testudo_codec_create_prefix(const testudo_design *design, int32_t ahead,
                                                           testudo_codec **codec, testudo_error *error);

/* How many chunks the worker may add beyond those that the server has marked: `ahead`, or its load if that is less, in
   a mirrored pair; 0: any number, unless it is asked at a deadline. */
int32_t testudo_codec_ahead(const testudo_codec *codec, int32_t worker);

/* The workers that share chunks with `worker`, directly or through others, and itself: *count of them (count may be
   NULL), lent by the codec. NULL, and 0, for a worker without chunks and of other codecs than those of prefixes.
   O(1). */
const int32_t *testudo_codec_family(const testudo_codec *codec, int32_t worker, int32_t *count);

/* Is every chunk done that `worker` holds, or a worker that it is connected with through common chunks? Then they can
   be asked at once, and stop; what the others do changes nothing for them. Of other codecs than those of prefixes:
   testudo_progress_decodable. O(chunks of these workers) in an iteration, however often it is called, until true. */
bool testudo_codec_settled(const testudo_codec *codec, const testudo_progress *progress, int32_t worker);

/* Sums with a codec of prefixes of ahead 1; 0: there is none for this design. O(entries). */
int32_t testudo_design_prefix_sums(const testudo_design *design);

/* ---- streams ---- */

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
   chunk is taken. In mirrored pairs chunks are begun in their order, each once the one `ahead` before it is whole.
   Cost: count multiplications per sum that the chunk is in. bfloat16: into sums of floats. */
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
