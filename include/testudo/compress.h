/* SPDX-License-Identifier: BSD-3-Clause */
/* Compressed messages inside a training job, with error memory (COCO-EF): formulas, bit formats and the streams of
   random numbers are in docs/theory/compression.md.

   A compressor C turns a vector of dim numbers into a message of a fixed number of bits; decompress gives C(x) from the
   message, always the same one. Server and workers create it with the same kind, dim and size; the message carries none
   of these. A worker that may drop part of its vector keeps what it dropped and adds it to the next one:

       (worker:) testudo_compressor_create(TESTUDO_COMPRESSOR_TOP_K, dim, 100, &compressor, &error);
                 testudo_feedback_create_float(compressor, &feedback, &error);
       every iteration:
         testudo_compress_with_memory_float(feedback, NULL, step, gradient, message, &error);
         when the message has arrived, that is, where the worker did not straggle:
           testudo_feedback_arrived(feedback, &error);
       (server:) testudo_decompress_add_float(compressor, message, length, sum, &error);   for each that arrived

   In the loop of runtime.h the compressor stands between encode and decode; testudo_codec_create_stochastic gives the
   codec whose workers send what COCO-EF sends. docs/examples/c/compressed.c is such a program, its workers in threads.

   No global state. A compressor never changes: threads may share it. A feedback belongs to one caller at a time.
   Nothing allocates after the create calls. */
#ifndef TESTUDO_COMPRESS_H
#define TESTUDO_COMPRESS_H

#include <stddef.h>
#include <stdint.h>

#include <testudo/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* D numbers, a group G of them, x_G their part of the vector x. Groups are consecutive; the last may be shorter. */
typedef enum testudo_compressor_kind {
  TESTUDO_COMPRESSOR_NONE,           /* the vector as it is */
  TESTUDO_COMPRESSOR_TOP_K,          /* the K numbers of largest magnitude; of equal ones those of smaller index */
  TESTUDO_COMPRESSOR_GROUPED_SIGN,   /* (||x_G||_1 / |G|) sign(x_i), with sign(0) = +1 */
  TESTUDO_COMPRESSOR_RANDOM_K,       /* (D / K) x_i for K indices drawn without replacement: unbiased */
  TESTUDO_COMPRESSOR_STOCHASTIC_SIGN /* +s with probability (1 + x_i / s) / 2, else -s, s = max_G |x_i|: unbiased */
} testudo_compressor_kind;

/* "none", "top-k", "grouped-sign", "random-k", "stochastic-sign"; NULL for other numbers. */
const char *testudo_compressor_name(testudo_compressor_kind kind);

#define TESTUDO_MAX_COMPRESSED 2147483647 /* numbers in a vector */

typedef struct testudo_compressor testudo_compressor;

/* dim in 1..TESTUDO_MAX_COMPRESSED; size: K of top-k and random-k, the numbers per group of the signs, both in 1..dim;
   0 for none. */
TESTUDO_CHECKED testudo_status testudo_compressor_create(testudo_compressor_kind kind, size_t dim, size_t size,
                                                         testudo_compressor **compressor, testudo_error *error);
void testudo_compressor_free(testudo_compressor *compressor);

testudo_compressor_kind testudo_compressor_kind_of(const testudo_compressor *compressor);
size_t testudo_compressor_dim(const testudo_compressor *compressor);
size_t testudo_compressor_size(const testudo_compressor *compressor);

/* Is E C(x) = x? True of none, random-k and stochastic-sign. */
bool testudo_compressor_unbiased(const testudo_compressor *compressor);

/* The least q with ||C(x) - x||^2 <= q ||x||^2 for every x: top-k 1 - K / D, grouped-sign 1 - 1 / |G|, none 0, |G| the
   largest group. NAN for random-k and stochastic-sign, which are no contractions. */
double testudo_compressor_contraction(const testudo_compressor *compressor);

/* The least omega with E||C(x) - x||^2 <= omega ||x||^2 for every x: random-k D / K - 1, stochastic-sign |G| - 1, none
   0. NAN for top-k and grouped-sign, which are biased. */
double testudo_compressor_variance(const testudo_compressor *compressor);

/* Bits of a message, V = 32 for floats and 64 for doubles: none V D; top-k and random-k K (V + ceil(log2 D)); signs
   D + V groups. And the bytes that hold them, ceil(bits / 8). */
int64_t testudo_compressor_bits_float(const testudo_compressor *compressor);
int64_t testudo_compressor_bits_double(const testudo_compressor *compressor);
size_t testudo_compressor_bytes_float(const testudo_compressor *compressor);
size_t testudo_compressor_bytes_double(const testudo_compressor *compressor);

/* The name of the random numbers of one message: the same name gives the same message, another name independent
   numbers. The biased kinds and none draw nothing, and take NULL. */
typedef struct testudo_compress_draw {
  uint64_t seed;
  int64_t iteration;
  int32_t worker;
} testudo_compress_draw;

/* Writes the message of a vector (dim numbers): testudo_compressor_bytes_* bytes, the same on every machine.
   TESTUDO_ERROR_ARGUMENT, with undefined bytes, for a number that is infinite or NaN, for random-k where (D / K) x_i is
   beyond the range of the type, and where draw is missing. O(dim); top-k selects by counting, at most 3 (float) or 6
   (double) passes over the vector, and sorts nothing. */
TESTUDO_CHECKED testudo_status testudo_compress_float(const testudo_compressor *compressor,
                                                      const testudo_compress_draw *draw, const float *vector,
                                                      void *bytes, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_compress_double(const testudo_compressor *compressor,
                                                       const testudo_compress_draw *draw, const double *vector,
                                                       void *bytes, testudo_error *error);

/* C(x) (dim numbers) from the `length` bytes of a message. TESTUDO_ERROR_INPUT, with nothing written, for bytes that
   are no message of this compressor: another length, a number that is infinite or NaN, indices that do not rise or are
   not below dim, a negative scale, a bit behind the last one. */
TESTUDO_CHECKED testudo_status testudo_decompress_float(const testudo_compressor *compressor, const void *bytes,
                                                        size_t length, float *vector, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_decompress_double(const testudo_compressor *compressor, const void *bytes,
                                                         size_t length, double *vector, testudo_error *error);

/* The same, added to what is there: what a server does with message after message. O(K) for top-k and random-k. */
TESTUDO_CHECKED testudo_status testudo_decompress_add_float(const testudo_compressor *compressor, const void *bytes,
                                                            size_t length, float *sum, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_decompress_add_double(const testudo_compressor *compressor, const void *bytes,
                                                             size_t length, double *sum, testudo_error *error);

/* ---- error memory ---- */

/* The memory e of one worker, zero at first; 2 dim numbers. The compressor is lent: it has to live as long. */
typedef struct testudo_feedback testudo_feedback;

TESTUDO_CHECKED testudo_status testudo_feedback_create_float(const testudo_compressor *compressor,
                                                             testudo_feedback **feedback, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_feedback_create_double(const testudo_compressor *compressor,
                                                              testudo_feedback **feedback, testudo_error *error);
void testudo_feedback_free(testudo_feedback *feedback);

/* Forgets: e = 0, no message under way. */
void testudo_feedback_reset(testudo_feedback *feedback);

/* Writes the message C(a), a = step * vector + e, and leaves e as it is: a call of testudo_feedback_arrived makes it
   a - C(a); without one before the next message, this message has not arrived, and e stays. Errors as those of
   testudo_compress_*, about a; nothing is under way then, and e stays. TESTUDO_ERROR_ARGUMENT for a feedback of the
   other type. */
TESTUDO_CHECKED testudo_status testudo_compress_with_memory_float(testudo_feedback *feedback,
                                                                  const testudo_compress_draw *draw, float step,
                                                                  const float *vector, void *bytes,
                                                                  testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_compress_with_memory_double(testudo_feedback *feedback,
                                                                   const testudo_compress_draw *draw, double step,
                                                                   const double *vector, void *bytes,
                                                                   testudo_error *error);

/* The message written last has arrived: e = a - C(a). TESTUDO_ERROR_ARGUMENT where none is under way, so a second time
   too. O(1). */
TESTUDO_CHECKED testudo_status testudo_feedback_arrived(testudo_feedback *feedback, testudo_error *error);

/* e, dim numbers, lent until the next call of testudo_feedback_arrived; may be written into, to resume. NULL for a
   feedback of the other type. */
float *testudo_feedback_memory_float(testudo_feedback *feedback);
double *testudo_feedback_memory_double(testudo_feedback *feedback);

#ifdef __cplusplus
}
#endif
#endif
