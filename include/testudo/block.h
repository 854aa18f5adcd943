/* SPDX-License-Identifier: BSD-3-Clause */
/* Block gradient codes inside a training job (docs/theory/block.md; a working model). The coordinates of the gradient
   are cut into consecutive blocks; block b is coded for tolerance s_b, the tolerances increasing. A worker computes the
   coordinates of block 0 for the first s_0 + 1 chunks of its order, sends their combination at once, goes on with block
   1 for its first s_1 + 1 chunks, and so on. The server decodes block b from the messages of any workers - s_b workers.

   Progress counts blocks, not chunks: testudo_progress_mark(progress, worker, done) says that the worker has finished
   its first `done` blocks, done in 0..blocks. A block can be decoded as soon as testudo_progress_block_decodable says
   so, while the others are still being waited for:

       testudo_block_range(design, dim, block, &first, &count);
       (worker:) testudo_block_encode_double(codec, worker, block, parts, dim, message, &error);
       (server:) testudo_progress_mark(progress, worker, block + 1, &error);
       when testudo_progress_block_decodable(progress, block):
         testudo_block_decode_double(codec, progress, block, messages, dim, gradient + first, &error);

   The calls of runtime.h know these codes too: testudo_encode_* and testudo_decode_* take whole gradients and messages
   of dim numbers, in which every block stands at its coordinates. */
#ifndef TESTUDO_BLOCK_H
#define TESTUDO_BLOCK_H

#include <testudo/runtime.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The gradient length that sizes may be stated for. */
#define TESTUDO_MAX_DIM ((int64_t)2147483647)

/* Scheme block: the sizes of the blocks for a gradient of *dim numbers, each >= 1, *dim in all (lent); *count blocks,
   as many as testudo_design_tolerances. NULL, 0 and 0 for other schemes. Either pointer may be NULL. */
const int64_t *testudo_design_block_sizes(const testudo_design *design, int32_t *count, int64_t *dim);

/* W_b = sum_{i <= b} (s_i + 1) size_i / dim, one per block: the work until a worker has sent block b, in chunk times
   (lent; NULL for other schemes). */
const double *testudo_design_block_work(const testudo_design *design);

/* Where block `block` lies in a gradient of any length: its numbers *first .. *first + *count - 1. With e_b the sum of
   the sizes before block b, it starts at floor(e_b dim / dim_of_the_design), in whole numbers: the ranges follow each
   other without gap, are the sizes themselves at the design's own length, and differ by less than one number from the
   exact share otherwise. Of a short gradient a block may be empty. 0 and 0 where there is no such block. */
void testudo_block_range(const testudo_design *design, size_t dim, int32_t block, size_t *first, size_t *count);

/* Have workers - s_b workers finished block `block`? O(1). False for other schemes and where there is no such block.
   testudo_progress_decodable: have all? */
bool testudo_progress_block_decodable(const testudo_progress *progress, int32_t block);

/* The message of `worker` for one block: the combination, by row `worker` of B^(s), of the block's numbers of its first
   s + 1 chunks. gradients[k] points to the first number of the block in the gradient of chunk order[worker][k], k =
   0..s; `dim` is the length of the whole gradient, and as many numbers as the block has are read and written. */
TESTUDO_CHECKED testudo_status testudo_block_encode_double(testudo_codec *codec, int32_t worker, int32_t block,
                                                           const double *const *gradients, size_t dim,
                                                           double *message, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_block_encode_float(testudo_codec *codec, int32_t worker, int32_t block,
                                                          const float *const *gradients, size_t dim, float *message,
                                                          testudo_error *error);

/* The block's numbers of the gradient from messages[0..m-1], those of workers that have not finished it may be NULL.
   TESTUDO_UNDECODABLE, with nothing written, when too few have, or where they are too badly conditioned
   (TESTUDO_MAX_AMPLIFICATION). */
TESTUDO_CHECKED testudo_status testudo_block_decode_double(testudo_codec *codec, const testudo_progress *progress,
                                                           int32_t block, const double *const *messages, size_t dim,
                                                           double *gradient, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_block_decode_float(testudo_codec *codec, const testudo_progress *progress,
                                                          int32_t block, const float *const *messages, size_t dim,
                                                          float *gradient, testudo_error *error);

/* The weights a[0..m-1] (lent until the next call) that decoding gives the messages of one block: the least-squares
   solution of least norm of a^T B_F = 1^T over the workers F that have finished it. Cost as testudo_decode_vector. */
TESTUDO_CHECKED testudo_status testudo_block_vector(testudo_codec *codec, const testudo_progress *progress,
                                                    int32_t block, const double **vector, testudo_error *error);

#ifdef __cplusplus
}
#endif
#endif
