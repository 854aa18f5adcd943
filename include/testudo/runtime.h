/* SPDX-License-Identifier: BSD-3-Clause */
/* The runtime of a code inside a training job: one loop, whatever the scheme of the design file is.

   Server and workers load the same design. A worker processes its chunks in its order and reports each step to the
   server (a progress signal, a few bits). The server marks these; as soon as the progress is decodable - or at a
   deadline - it fixes that progress, answers every worker with a request (which of its chunks to combine, by what
   coefficients), and takes one message of ceil(dim / parts) numbers per worker; decode turns the messages into the
   gradient, the sum over all chunks.

       testudo_design_read("design.json", &design, &error);
       testudo_progress_create(design, &progress, &error);
       testudo_codec_create(design, TESTUDO_DECODER_EXACT, &codec, &error);      one per thread
       every iteration:
         testudo_progress_reset(progress);
         as signals come, until testudo_progress_decodable(progress):
           testudo_progress_mark(progress, worker, done, &error);
         for every worker:
           testudo_request_make(codec, progress, worker, &request, &error);
           if request.chunks > 0:
             (worker:) testudo_encode_double(codec, &request, gradients, dim, message, &error);
         testudo_decode_double(codec, progress, messages, dim, gradient, &error);

   At a deadline, decodable or not, testudo_decode_approximate_double gives the best estimate that there is. The same
   loop runs approximate codes: only the decoder of testudo_codec_create differs. docs/examples/c has it as programs,
   the workers in threads.

   A pointer that a call needs and that is NULL: TESTUDO_ERROR_ARGUMENT, and the sentence names it; calls without a
   status answer 0, false, NULL or, of progress, -1, as they do for workers and chunks that there are not. A call that
   fails has written nothing of its result.

   No global state. A design may be shared by any number of threads; a progress object and a codec belong to one
   caller at a time. Nothing below allocates after the create calls. */
#ifndef TESTUDO_RUNTIME_H
#define TESTUDO_RUNTIME_H

#include <testudo/design.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- progress: how many steps each worker has done ---- */

typedef struct testudo_progress testudo_progress;

TESTUDO_CHECKED testudo_status testudo_progress_create(const testudo_design *design, testudo_progress **progress,
                                                       testudo_error *error);
void testudo_progress_free(testudo_progress *progress);

/* A new iteration: nothing done. Cost O(m + N). */
void testudo_progress_reset(testudo_progress *progress);

/* Worker `worker` has finished its first `done` steps, done in (what was marked before)..testudo_design_steps; going
   back is refused (TESTUDO_ERROR_ARGUMENT). A step is a chunk of its order; scheme block: a block. Cost: O(1) per
   newly finished chunk. */
TESTUDO_CHECKED testudo_status testudo_progress_mark(testudo_progress *progress, int32_t worker, int32_t done,
                                                     testudo_error *error);

/* -1 for a worker beyond 0..m-1 or a chunk beyond 0..N-1. */
int32_t testudo_progress_done(const testudo_progress *progress, int32_t worker);   /* steps, 0..testudo_design_steps */
int32_t testudo_progress_cover(const testudo_progress *progress, int32_t chunk);   /* |U_i| */

/* Can the gradient be decoded exactly from what is marked? partial: every |U_i| >= l. uncoded: every worker finished.
   gradient-code: n - s workers finished (frc: one of every group). ignore-stragglers: `wait` workers finished - the
   scheme's estimate is then ready, though it is not the gradient. nested: a tolerance is announced. block: of every
   block workers - s_b have finished it. O(1). */
bool testudo_progress_decodable(const testudo_progress *progress);

/* Scheme nested: the tolerance s that is announced, -1 before and for other schemes. At the first mark after which, for
   some s of the set, n - s workers have at least s + 1 chunks done, that s is announced and stays so until reset; where
   one mark makes several true, the smallest of them, which uses the most workers. The gradient is then decodable: the
   workers with at least s + 1 chunks done send row i of B^(s). O(1). */
int32_t testudo_progress_announced(const testudo_progress *progress);

/* The error of stopping now, in coefficients: sum_i max(0, l - |U_i|) (scheme partial; uncoded is l = 1), in chunks:
   it equals E||ghat - g||^2 per unit of chunk-gradient energy when chunk gradients are uncorrelated with equal norm.
   gradient-code and ignore-stragglers: the chunks that no finished worker holds, which is the error of frc and
   ignore-stragglers and a lower bound of any gradient code's (testudo_decode_error computes that). nested: the chunks
   that no worker has done, which is what scheme partial(l=1) would miss on the same progress, and a lower bound too.
   block: the chunks that no worker has done in any block, a lower bound. O(1). */
int64_t testudo_progress_error(const testudo_progress *progress);

/* ---- codec: what is sent, encode, decode ---- */

typedef struct testudo_codec testudo_codec;

/* How messages become the gradient. The approximate decoders are for scheme partial of one part: a worker that has
   finished all its chunks sends one sum that does not depend on who straggles, and the server weights the sums it has.
   What is left is the error sum_i (c_i - 1)^2, c_i the coefficient that chunk i gets
   (docs/theory/approximate.md#decoders). */
typedef enum testudo_decoder {
  TESTUDO_DECODER_EXACT,     /* the scheme's own */
  TESTUDO_DECODER_OPTIMAL,   /* the least error there is: sparse least squares (LSQR), weights of least norm */
  TESTUDO_DECODER_ONE_STEP,  /* the weight m / |S| for all of the |S| finished workers (Charles et al., 2017), m
                                those that hold anything; chunks enter with 1 / d_i, d_i their copies */
  TESTUDO_DECODER_COMPONENT  /* graphs (at most 2 chunks per worker): the least error in O(N + m), by a spanning forest;
                                weights up to the size of a component */
} testudo_decoder;

const char *testudo_decoder_name(testudo_decoder decoder); /* "exact", "optimal", "one-step", "component" */

/* TESTUDO_ERROR_ARGUMENT for an approximate decoder and a design that it is not for, and for a gradient code too large
   for any decoder. */
TESTUDO_CHECKED testudo_status testudo_codec_create(const testudo_design *design, testudo_decoder decoder,
                                                    testudo_codec **codec, testudo_error *error);
void testudo_codec_free(testudo_codec *codec);

/* The codec of stochastic gradient codes and of compressed gradient codes (COCO-EF), for scheme partial of one part:
   the workers straggle, each with probability straggle_prob in [0, 1). A worker that has finished sends the sum over
   its chunks k of their gradients times 1 / (d_k (1 - straggle_prob)), d_k the copies of chunk k, and the server sums
   what has arrived: unbiased. It is read with testudo_decode_approximate_*. Messages may be compressed on their way:
   between encode and decode, testudo_compress_with_memory_* and testudo_decompress_* of compress.h
   (docs/theory/compression.md#in-the-loop-of-the-runtime). */
TESTUDO_CHECKED testudo_status testudo_codec_create_stochastic(const testudo_design *design, double straggle_prob,
                                                               testudo_codec **codec, testudo_error *error);

/* Numbers in a message for a gradient of dim >= 1 numbers: ceil(dim / parts); the last part is padded with zeros. */
size_t testudo_message_length(const testudo_design *design, size_t dim);

/* The server's answer to a worker: combine the gradients of the first `chunks` chunks of your order. */
typedef struct testudo_request {
  int32_t worker;
  int32_t done;         /* the steps that are marked */
  int32_t rows;         /* of coefficients: one per part; scheme block: one per finished block */
  int32_t chunks;       /* numbers in a row: number k goes with chunk order[worker][k]. 0: nothing is to be sent */
  size_t count;         /* rows x chunks */
  double *coefficient;  /* row after row; lent by the codec until its next request */
} testudo_request;

/* The request for `worker` under this progress. partial: row p goes with part p of the gradients; the numbers are the
   pseudo-inverse of the columns of R of the chunk's holders that have done it (minimum norm;
   docs/theory/partial.md#decoding). A chunk's solution is kept until the progress changes, so asking all workers in
   turn costs one small least-squares problem per chunk. gradient-code: the worker's row once it has finished. nested:
   row `worker` of B^(s), s the announced tolerance, before that the one with the least decode error. block: row b for
   block b, zeros beyond its s_b + 1 chunks. Plain sums have coefficients 1. */
TESTUDO_CHECKED testudo_status testudo_request_make(testudo_codec *codec, const testudo_progress *progress,
                                                    int32_t worker, testudo_request *request, testudo_error *error);

/* A request as bytes for a wire, the same on every machine: how many, and at most how many for any request of this
   codec; pack writes so many. unpack refuses bytes that are no request for this codec's design with
   TESTUDO_ERROR_INPUT; the coefficients are lent by the codec until its next request. */
size_t testudo_request_bytes(const testudo_request *request);
size_t testudo_request_bytes_most(const testudo_codec *codec);
void testudo_request_pack(const testudo_request *request, void *bytes);
TESTUDO_CHECKED testudo_status testudo_request_unpack(testudo_codec *codec, const void *bytes, size_t length,
                                                      testudo_request *request, testudo_error *error);

/* What a worker keeps: the gradients of all chunks that it has done, at most testudo_design_max_load x dim numbers,
   since for scheme partial the coefficients are not known before the request. Codes whose coefficients do not depend on
   who straggles need one sum in their place: testudo/stream.h. */

/* The message of a worker: gradients[k] points to the gradient (dim numbers) of its k-th chunk, k < request->chunks;
   message has testudo_message_length numbers. Cost: count * dim / parts multiplications, one pass. block: every
   finished block at its coordinates, the others left alone. */
TESTUDO_CHECKED testudo_status testudo_encode_double(testudo_codec *codec, const testudo_request *request,
                                                     const double *const *gradients, size_t dim, double *message,
                                                     testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_encode_float(testudo_codec *codec, const testudo_request *request,
                                                    const float *const *gradients, size_t dim, float *message,
                                                    testudo_error *error);

/* bfloat16: the upper half of a float, as bits. Encode and decode sum in floats, and round to the nearest (ties to
   even) once at the end: by 2^-9 of the number at most. */
typedef uint16_t testudo_bfloat16;
TESTUDO_CHECKED testudo_status testudo_encode_bfloat16(testudo_codec *codec, const testudo_request *request,
                                                       const testudo_bfloat16 *const *gradients, size_t dim,
                                                       testudo_bfloat16 *message, testudo_error *error);

/* Threads that share one message: numbers first .. first + count - 1 of it, the same bits as above, and nothing else of
   it is written; message and gradients point to their beginnings. Each thread has a codec of its own, of the same
   design and decoder, and a range of its own; the request may be one for all, made or unpacked by any codec that makes
   no other meanwhile. One thread seldom moves as much as memory can. Ranges that begin at multiples of 64 bytes of the
   message write no line of the caches together. TESTUDO_ERROR_ARGUMENT for numbers that the message has not. */
TESTUDO_CHECKED testudo_status testudo_encode_range_double(testudo_codec *codec, const testudo_request *request,
                                                           const double *const *gradients, size_t dim, size_t first,
                                                           size_t count, double *message, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_encode_range_float(testudo_codec *codec, const testudo_request *request,
                                                          const float *const *gradients, size_t dim, size_t first,
                                                          size_t count, float *message, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_encode_range_bfloat16(testudo_codec *codec, const testudo_request *request,
                                                             const testudo_bfloat16 *const *gradients, size_t dim,
                                                             size_t first, size_t count, testudo_bfloat16 *message,
                                                             testudo_error *error);

/* The gradient (dim numbers) from messages[0..m-1]; messages of workers whose request had no chunks are not read and
   may be NULL. TESTUDO_UNDECODABLE, with nothing written, when the progress is not decodable, when an approximate
   decoder leaves an error, and where ||a||_2 of a gradient code's decode vector is over TESTUDO_MAX_AMPLIFICATION or
   its residual max_i |(a^T B_F - 1)_i| over max(1e-9, 100 eps ||a||_2): the workers are too badly conditioned. The same
   of a chunk of scheme partial, with the amplification of its solution and the largest number of R_U Z - I. */
#define TESTUDO_MAX_AMPLIFICATION 1e8
TESTUDO_CHECKED testudo_status testudo_decode_double(testudo_codec *codec, const testudo_progress *progress,
                                                     const double *const *messages, size_t dim, double *gradient,
                                                     testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_decode_float(testudo_codec *codec, const testudo_progress *progress,
                                                    const float *const *messages, size_t dim, float *gradient,
                                                    testudo_error *error);

TESTUDO_CHECKED testudo_status testudo_decode_bfloat16(testudo_codec *codec, const testudo_progress *progress,
                                                       const testudo_bfloat16 *const *messages, size_t dim,
                                                       testudo_bfloat16 *gradient, testudo_error *error);

/* The same at a deadline: the best estimate the messages give, decodable or not. TESTUDO_ERROR_LIMIT where the least
   squares of decoder optimal does not converge. */
TESTUDO_CHECKED testudo_status testudo_decode_approximate_double(testudo_codec *codec,
                                                                 const testudo_progress *progress,
                                                                 const double *const *messages, size_t dim,
                                                                 double *gradient, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_decode_approximate_float(testudo_codec *codec,
                                                                const testudo_progress *progress,
                                                                const float *const *messages, size_t dim,
                                                                float *gradient, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_decode_approximate_bfloat16(testudo_codec *codec,
                                                                   const testudo_progress *progress,
                                                                   const testudo_bfloat16 *const *messages,
                                                                   size_t dim, testudo_bfloat16 *gradient,
                                                                   testudo_error *error);

/* Threads that share one gradient: the part of it that numbers first .. first + count - 1 of the messages say (with l
   parts these numbers of every part, so that ranges are counted over testudo_message_length), the same bits as
   testudo_decode_*, and nothing else of it is written. Each thread has a codec of its own, and a range of its own; the
   progress may be one for all that nobody marks meanwhile. TESTUDO_ERROR_ARGUMENT for numbers that the messages have
   not. */
TESTUDO_CHECKED testudo_status testudo_decode_range_double(testudo_codec *codec, const testudo_progress *progress,
                                                           const double *const *messages, size_t dim, size_t first,
                                                           size_t count, double *gradient, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_decode_range_float(testudo_codec *codec, const testudo_progress *progress,
                                                          const float *const *messages, size_t dim, size_t first,
                                                          size_t count, float *gradient, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_decode_range_bfloat16(testudo_codec *codec, const testudo_progress *progress,
                                                             const testudo_bfloat16 *const *messages, size_t dim,
                                                             size_t first, size_t count, testudo_bfloat16 *gradient,
                                                             testudo_error *error);

/* ---- for experts ---- */

/* The error of stopping now, in coefficients, of any scheme and decoder: for gradient-code min_a ||B_F^T a - 1||^2 over
   the rows of the finished workers F (least squares); for nested the same over the workers with at least s + 1 chunks
   done, s the announced tolerance, before that the s of the set with the least; for block the sum over the blocks, each
   weighted with its share of the coordinates, of the same over the workers that have finished it; for an approximate
   decoder the error that its weights leave, 0..N for optimal and component (under 1e-12 N it is rounding and given as
   0); otherwise testudo_progress_error. */
TESTUDO_CHECKED testudo_status testudo_decode_error(testudo_codec *codec, const testudo_progress *progress,
                                                    double *decode_error, testudo_error *error);

/* What decode multiplies the messages with for part `part` (scheme block: block `part`): m numbers into weights, 0 for
   workers that are not read. partial: a row of R. gradient-code and nested: the least-squares solution of a^T B_F = 1^T
   of least norm; frc: 1 for the first finished worker of every group. Plain sums: 1, or what the approximate decoder
   found. Kept until the progress changes. Cost beside O(m): O(m s + s^3) on the cyclic assignment; otherwise, and where
   too few have finished, one least squares of N x |F| (nested before the announcement: one per tolerance). */
TESTUDO_CHECKED testudo_status testudo_decode_weights(testudo_codec *codec, const testudo_progress *progress,
                                                      int32_t part, double *weights, testudo_error *error);

/* How much the code may magnify rounding under this progress: for partial the largest, over chunks and parts, of sum
   over done holders j of |R_kj| |A_ikj|, >= 1; for gradient-code and nested ||a||_2 of the decode vector, for block the
   largest over its blocks; for an approximate decoder ||weights||_2; 1 for the others; dimensionless. And the largest
   condition number of R_{U_i} over the chunks that at least `parts` workers have done. Either pointer may be NULL. */
TESTUDO_CHECKED testudo_status testudo_amplification(testudo_codec *codec, const testudo_progress *progress,
                                                     double *amplification, double *condition,
                                                     testudo_error *error);

#ifdef __cplusplus
}
#endif
#endif
