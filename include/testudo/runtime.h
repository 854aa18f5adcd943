/* SPDX-License-Identifier: BSD-3-Clause */
/* The runtime of a code inside a training job.

   Server and workers load the same design. A worker processes its chunks in its order and tells the server after
   each chunk (a progress signal, a few bits). The server marks these; as soon as the progress is decodable - or at a
   deadline - it fixes that progress, computes each worker's coefficients and asks for one message of
   ceil(dim / parts) numbers a worker; decode turns the messages into the gradient, the sum over all chunks.

       testudo_design_read("design.json", &design, &error);
       testudo_progress_create(design, &progress, &error);
       testudo_codec_create(design, &codec, &error);          one a thread
       every iteration:
         testudo_progress_reset(progress);
         as signals come: testudo_progress_mark(progress, worker, done, &error);
         when testudo_progress_decodable(progress):
           for every worker with done > 0:
             testudo_coefficients(codec, progress, worker, coefficients, &error);
             (worker:) testudo_encode_double(codec, worker, done, coefficients, gradients, dim, message, &error);
           testudo_decode_double(codec, progress, messages, dim, gradient, &error);

   No global state. A design may be shared by any number of threads; a progress object and a codec belong to one
   caller at a time. Nothing below allocates after the create calls. */
#ifndef TESTUDO_RUNTIME_H
#define TESTUDO_RUNTIME_H

#include <testudo/design.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- progress: c_j, the number of chunks that worker j has finished ---- */

typedef struct testudo_progress testudo_progress;

TESTUDO_CHECKED testudo_status testudo_progress_create(const testudo_design *design, testudo_progress **progress,
                                                       testudo_error *error);
void testudo_progress_free(testudo_progress *progress);

/* A new iteration: nothing done. Cost O(m + N). */
void testudo_progress_reset(testudo_progress *progress);

/* Worker `worker` has finished its first `done` chunks, done in (what was marked before)..load; going back is refused
   (TESTUDO_ERROR_ARGUMENT). Scheme block: its first `done` blocks, up to the number of blocks. Cost: O(1) a newly
   finished chunk. */
TESTUDO_CHECKED testudo_status testudo_progress_mark(testudo_progress *progress, int32_t worker, int32_t done,
                                                     testudo_error *error);

int32_t testudo_progress_done(const testudo_progress *progress, int32_t worker);   /* c_j in 0..load */
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

/* ---- codec: coefficients, encode, decode ---- */

typedef struct testudo_codec testudo_codec;

TESTUDO_CHECKED testudo_status testudo_codec_create(const testudo_design *design, testudo_codec **codec,
                                                    testudo_error *error);
void testudo_codec_free(testudo_codec *codec);

/* Numbers in a message for a gradient of dim >= 1 numbers: ceil(dim / parts); the last part is padded with zeros. */
size_t testudo_message_length(const testudo_design *design, size_t dim);

/* What worker must multiply with, given the cluster's progress: coefficients[k * parts + p] goes with part p of the
   gradient of its k-th chunk (order[worker][k]), k < done. Room for load * parts numbers. They are the pseudo-inverse
   of the columns of R of the chunk's holders that have done it (minimum norm; docs/theory 7). A chunk's solution is
   kept until the progress changes, so asking all workers in turn costs one small least-squares problem a chunk.
   nested: row `worker` of B^(s) on the first s + 1 chunks, zero beyond, and zero for a worker with fewer; s is the
   announced tolerance, before that the one with the least decode error. block: refused, a worker has a row a block
   (testudo_design_nested_coefficients). */
TESTUDO_CHECKED testudo_status testudo_coefficients(testudo_codec *codec, const testudo_progress *progress,
                                                    int32_t worker, double *coefficients, testudo_error *error);

/* The message of `worker`: gradients[k] points to the gradient (dim numbers) of its k-th chunk, k < done;
   message has testudo_message_length numbers. Cost: done * dim multiplications, one pass. block: the first `done`
   blocks, each at its coordinates, the others left alone; gradients[k] for the s + 1 chunks of the last of them;
   coefficients are not read and may be NULL. */
TESTUDO_CHECKED testudo_status testudo_encode_double(testudo_codec *codec, int32_t worker, int32_t done,
                                                     const double *coefficients, const double *const *gradients,
                                                     size_t dim, double *message, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_encode_float(testudo_codec *codec, int32_t worker, int32_t done,
                                                    const double *coefficients, const float *const *gradients,
                                                    size_t dim, float *message, testudo_error *error);

/* The gradient (dim numbers) from messages[0..m-1]; messages of workers that have done nothing are not read and may be
   NULL. TESTUDO_UNDECODABLE, with nothing written, when the progress is not decodable. */
TESTUDO_CHECKED testudo_status testudo_decode_double(testudo_codec *codec, const testudo_progress *progress,
                                                     const double *const *messages, size_t dim, double *gradient,
                                                     testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_decode_float(testudo_codec *codec, const testudo_progress *progress,
                                                    const float *const *messages, size_t dim, float *gradient,
                                                    testudo_error *error);

/* gradient-code, nested: TESTUDO_UNDECODABLE also where ||a||_2 is over TESTUDO_MAX_AMPLIFICATION or the residual
   max_i |(a^T B_F - 1)_i| over max(1e-9, 100 eps ||a||_2): the set of finished workers is too badly conditioned. */
#define TESTUDO_MAX_AMPLIFICATION 1e8

/* The same at a deadline: the best estimate the messages give, decodable or not. */
TESTUDO_CHECKED testudo_status testudo_decode_approximate_double(testudo_codec *codec,
                                                                 const testudo_progress *progress,
                                                                 const double *const *messages, size_t dim,
                                                                 double *gradient, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_decode_approximate_float(testudo_codec *codec,
                                                                const testudo_progress *progress,
                                                                const float *const *messages, size_t dim,
                                                                float *gradient, testudo_error *error);

/* The error of stopping now, in coefficients, of any scheme: for gradient-code min_a ||B_F^T a - 1||^2 over the rows of
   the finished workers F (least squares); for nested the same over the workers with at least s + 1 chunks done, s the
   announced tolerance, before that the s of the set with the least; for block the sum over the blocks, each weighted
   with its share of the coordinates, of the same over the workers that have finished it; otherwise
   testudo_progress_error. */
TESTUDO_CHECKED testudo_status testudo_decode_error(testudo_codec *codec, const testudo_progress *progress,
                                                    double *decode_error, testudo_error *error);

/* Schemes gradient-code and nested: the weights a[0..m-1] (lent until the next call) that decode gives the messages:
   least squares solution of a^T B_F = 1^T of least norm, zero for workers that do not count. frc: 1 for the first
   finished worker of every group. Kept until the progress changes. Cost: O(m) for frc, O(m s + s^3) on the cyclic
   assignment, otherwise, and where too few are at hand, one least squares of N x |F| (nested before the announcement:
   one a tolerance). */
TESTUDO_CHECKED testudo_status testudo_decode_vector(testudo_codec *codec, const testudo_progress *progress,
                                                     const double **vector, testudo_error *error);

/* How much the code may magnify rounding under this progress: for partial the largest, over chunks and parts, of sum
   over done holders j of |R_kj| |A_ikj|, >= 1; for gradient-code and nested ||a||_2 of the decode vector, for block the
   largest over its blocks; 1 for the others; dimensionless. And the largest condition number of R_{U_i} over the chunks
   that at least `parts` workers have done. Either pointer may be NULL. */
TESTUDO_CHECKED testudo_status testudo_amplification(testudo_codec *codec, const testudo_progress *progress,
                                                     double *amplification, double *condition,
                                                     testudo_error *error);

/* ---- approximate codes: plain sums of the workers that have finished (docs/theory/approximate) ---- */

/* An approximate gradient code knows no coefficients: a worker that has finished all its chunks sends one message, a
   sum that does not depend on who straggles, and the server weights the messages it has. What is left is the error
   sum_i (c_i - 1)^2, c_i the coefficient that chunk i gets. It is scheme partial of one part with report whole.

       testudo_combiner_create(design, TESTUDO_DECODER_OPTIMAL, &combiner, &error);
       (worker:) testudo_combiner_coefficients(combiner, worker, coefficients, &error);     once
                 testudo_encode_double(codec, worker, load, coefficients, gradients, dim, message, &error);
       testudo_combine_double(combiner, progress, messages, dim, gradient, &error);         at any time */
typedef enum testudo_decoder {
  TESTUDO_DECODER_OPTIMAL,   /* the least error there is: sparse least squares (LSQR), weights of least norm */
  TESTUDO_DECODER_ONE_STEP,  /* the weight m / |S| for all of the |S| finished workers (Charles et al., 2017), m
                                those that hold anything */
  TESTUDO_DECODER_COMPONENT  /* graphs (at most 2 chunks a worker): the least error in O(N + m), by a spanning forest */
} testudo_decoder;

const char *testudo_decoder_name(testudo_decoder decoder); /* "optimal", "one-step", "component" */

typedef struct testudo_combiner testudo_combiner;

/* For scheme partial of one part, and for decoder component at most two chunks a worker; otherwise
   TESTUDO_ERROR_ARGUMENT. Nothing below allocates afterwards. One caller at a time. */
TESTUDO_CHECKED testudo_status testudo_combiner_create(const testudo_design *design, testudo_decoder decoder,
                                                       testudo_combiner **combiner, testudo_error *error);
void testudo_combiner_free(testudo_combiner *combiner);

/* What a worker multiplies its chunks' gradients with, in its order (load numbers): 1, and for one-step 1 / d_i, d_i
   the copies of chunk i, so that every c_i has mean 1 over the sets of finished workers of one size. */
TESTUDO_CHECKED testudo_status testudo_combiner_coefficients(const testudo_combiner *combiner, int32_t worker,
                                                             double *coefficients, testudo_error *error);

/* The weights of all workers' messages (m numbers, lent until the next call; 0 for those not finished) and the error
   that they leave, in chunks, 0..N for optimal and component; under 1e-12 N it is rounding and given as 0. Either
   pointer may be NULL. optimal: O(entries) a step of LSQR, TESTUDO_ERROR_LIMIT when it does not converge;
   one-step: O(entries); component: O(N + m), exact but for rounding, weights up to the size of a component. */
TESTUDO_CHECKED testudo_status testudo_combiner_weights(testudo_combiner *combiner, const testudo_progress *progress,
                                                        const double **weights, double *combined_error,
                                                        testudo_error *error);

/* The estimate of the gradient (dim >= 1 numbers): the weighted sum of the messages of the finished workers. */
TESTUDO_CHECKED testudo_status testudo_combine_double(testudo_combiner *combiner, const testudo_progress *progress,
                                                      const double *const *messages, size_t dim, double *gradient,
                                                      testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_combine_float(testudo_combiner *combiner, const testudo_progress *progress,
                                                     const float *const *messages, size_t dim, float *gradient,
                                                     testudo_error *error);

#ifdef __cplusplus
}
#endif
#endif
