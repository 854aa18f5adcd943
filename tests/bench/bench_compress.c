/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compress and decompress: milliseconds, and how many times as long as a copy of the vector, which is the floor that
   memory sets (each reads or writes it at least once), in this run on one thread. Beside top-k, a selection by sorting.
   bench_compress [numbers in the vector]. */
#include "bench/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/compress.h>

#include "base/random.h"

enum { ROUNDS = 5 };

/* What the timed calls share. */
typedef struct workbench {
  const testudo_compressor *compressor;
  testudo_feedback *feedback;
  size_t dim;
  float *in, *out;
  unsigned char *bytes;
} workbench;

static void run_copy(workbench *work)
{
  memcpy(work->out, work->in, work->dim * sizeof *work->in);
}

static void run_triad(workbench *work)
{
  float *restrict out = work->out;
  const float *restrict in = work->in;
  for (size_t i = 0; i < work->dim; i++)
    out[i] += 0.75f * in[i];
}

static int by_magnitude(const void *a, const void *b)
{
  float x = fabsf(*(const float *)a), y = fabsf(*(const float *)b);
  return (x < y) - (x > y);
}

static void run_sort(workbench *work)
{
  run_copy(work);
  qsort(work->out, work->dim, sizeof *work->out, by_magnitude);
}

static void run_compress(workbench *work)
{
  static const testudo_compress_draw draw = {1, 2, 3};
  bench_require(testudo_compress_float(work->compressor, &draw, work->in, work->bytes, NULL) == TESTUDO_OK,
                "compress failed");
}

static void run_decompress(workbench *work)
{
  size_t length = testudo_compressor_bytes_float(work->compressor);
  bench_require(testudo_decompress_float(work->compressor, work->bytes, length, work->out, NULL) == TESTUDO_OK,
                "decompress failed");
}

static void run_add(workbench *work)
{
  size_t length = testudo_compressor_bytes_float(work->compressor);
  bench_require(testudo_decompress_add_float(work->compressor, work->bytes, length, work->out, NULL) == TESTUDO_OK,
                "decompress failed");
}

static void run_memory(workbench *work)
{
  static const testudo_compress_draw draw = {1, 2, 3};
  bench_require(testudo_compress_with_memory_float(work->feedback, &draw, 0.5f, work->in, work->bytes, NULL) ==
                    TESTUDO_OK,
                "compress failed");
}

/* The best of `rounds`, in seconds. */
static double measure(void (*run)(workbench *work), workbench *work, int rounds)
{
  double best = HUGE_VAL;
  for (int round = 0; round < rounds; round++) {
    double start = bench_wall();
    run(work);
    best = fmin(best, bench_wall() - start);
  }
  return best;
}

static void bench_kind(workbench *work, testudo_compressor_kind kind, size_t size, double copy)
{
  testudo_compressor *compressor;
  bench_require(testudo_compressor_create(kind, work->dim, size, &compressor, NULL) == TESTUDO_OK &&
                testudo_feedback_create_float(compressor, &work->feedback, NULL) == TESTUDO_OK,
                "no compressor");
  work->compressor = compressor;
  double compress = measure(run_compress, work, ROUNDS), decompress = measure(run_decompress, work, ROUNDS);
  double add = measure(run_add, work, ROUNDS), memory = measure(run_memory, work, ROUNDS);
  printf("%-16s %9zu %8.3f   %8.2f %6.2f   %8.2f %6.2f   %8.2f %6.2f   %8.2f %6.2f\n", testudo_compressor_name(kind),
         size, 32.0 * (double)work->dim / (double)testudo_compressor_bits_float(compressor), 1e3 * compress,
         compress / copy, 1e3 * decompress, decompress / copy, 1e3 * add, add / copy, 1e3 * memory, memory / copy);
  testudo_feedback_free(work->feedback);
  testudo_compressor_free(compressor);
}

int main(int argc, char **argv)
{
  workbench work = {.dim = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 10000000};
  bench_require(work.dim >= 1024 && work.dim <= 100000000, "numbers in the vector: 1024 to 100000000");
  work.in = malloc(work.dim * sizeof *work.in);
  work.out = malloc(work.dim * sizeof *work.out);
  work.bytes = malloc(work.dim * 8);
  bench_require(work.in != NULL && work.out != NULL && work.bytes != NULL, "no memory");
  testudo_i_random random;
  testudo_i_random_start(&random, 1, TESTUDO_I_FOR_TEST, 0, 0);
  for (size_t i = 0; i < work.dim; i++)
    work.in[i] = (float)testudo_i_random_normal(&random);
  memset(work.bytes, 0, work.dim * 8);
  run_copy(&work);
  double copy = measure(run_copy, &work, ROUNDS), triad = measure(run_triad, &work, ROUNDS);
  printf("%zu normal floats, one thread: copy %.2f ms, triad %.2f ms; sorted by magnitude (qsort) %.2f ms\n", work.dim,
         1e3 * copy, 1e3 * triad, 1e3 * measure(run_sort, &work, 1));
  printf("milliseconds, and times a copy\n%-16s %9s %8s   %15s   %15s   %15s   %15s\n", "", "size", "smaller by",
         "compress", "decompress", "decompress+add", "with memory");
  bench_kind(&work, TESTUDO_COMPRESSOR_NONE, 0, copy);
  bench_kind(&work, TESTUDO_COMPRESSOR_TOP_K, work.dim / 1000, copy);
  bench_kind(&work, TESTUDO_COMPRESSOR_TOP_K, work.dim / 100, copy);
  bench_kind(&work, TESTUDO_COMPRESSOR_TOP_K, work.dim / 10, copy);
  bench_kind(&work, TESTUDO_COMPRESSOR_GROUPED_SIGN, 512, copy);
  bench_kind(&work, TESTUDO_COMPRESSOR_GROUPED_SIGN, work.dim, copy);
  bench_kind(&work, TESTUDO_COMPRESSOR_RANDOM_K, work.dim / 100, copy);
  bench_kind(&work, TESTUDO_COMPRESSOR_STOCHASTIC_SIGN, 512, copy);
  free(work.in);
  free(work.out);
  free(work.bytes);
  return EXIT_SUCCESS;
}
