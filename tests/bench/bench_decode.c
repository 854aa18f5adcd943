/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The decode vector of a cyclic gradient code once the straggler set is known: by its structure, from the cache, and by
   dense least squares (linalg/solve.h) on the same rows, in this run on one thread. */
#include "bench/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <testudo/code.h>
#include <testudo/runtime.h>

#include "base/random.h"
#include "linalg/solve.h"

/* All but s random workers have finished. */
static void draw_progress(const testudo_design *design, uint64_t draw, int32_t *worker, testudo_progress *progress)
{
  int32_t n = testudo_design_workers(design), s = testudo_design_stragglers(design);
  testudo_i_random random;
  testudo_i_random_start(&random, 7, TESTUDO_I_FOR_TEST, draw, 0);
  for (int32_t j = 0; j < n; j++)
    worker[j] = j;
  testudo_i_random_shuffle(&random, worker, (size_t)n);
  testudo_progress_reset(progress);
  for (int32_t k = s; k < n; k++)
    bench_require(testudo_progress_mark(progress, worker[k], s + 1, NULL) == TESTUDO_OK, "mark failed");
}

/* Median over the draws of what the call costs, in microseconds. */
static int by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

enum { DRAWS = 400, DENSE_DRAWS = 15 };

static double time_vectors(const testudo_design *design, testudo_codec *codec, testudo_progress *progress,
                           int32_t *worker, bool again, double *worst_amplification)
{
  double cost[DRAWS], *vector = malloc((size_t)testudo_design_workers(design) * sizeof *vector);
  bench_require(vector != NULL, "out of memory");
  for (uint64_t draw = 0; draw < DRAWS; draw++) {
    draw_progress(design, 1000 + draw, worker, progress);
    if (again) {
      bench_require(testudo_decode_weights(codec, progress, 0, vector, NULL) == TESTUDO_OK, "no decode vector");
      draw_progress(design, draw, worker, progress);
      bench_require(testudo_decode_weights(codec, progress, 0, vector, NULL) == TESTUDO_OK, "no decode vector");
      draw_progress(design, 1000 + draw, worker, progress);
    }
    double begin = bench_wall(), amplification;
    bench_require(testudo_decode_weights(codec, progress, 0, vector, NULL) == TESTUDO_OK, "no decode vector");
    cost[draw] = 1e6 * (bench_wall() - begin);
    bench_require(testudo_amplification(codec, progress, &amplification, NULL, NULL) == TESTUDO_OK,
                  "amplification failed");
    *worst_amplification = fmax(*worst_amplification, amplification);
  }
  free(vector);
  qsort(cost, DRAWS, sizeof *cost, by_value);
  return cost[DRAWS / 2];
}

static double time_dense(const testudo_design *design, testudo_progress *progress, int32_t *worker)
{
  int32_t n = testudo_design_workers(design), s = testudo_design_stragglers(design), count = n - s;
  size_t size = (size_t)n * (size_t)n, room = testudo_i_least_squares_room(n, n);
  double *a = malloc(size * sizeof *a), *b = malloc((size_t)n * sizeof *b), *work = malloc(room * sizeof *work);
  int32_t *pivot = malloc((size_t)n * sizeof *pivot);
  double cost[DENSE_DRAWS];
  bench_require(a && b && work && pivot, "out of memory");
  for (uint64_t draw = 0; draw < DENSE_DRAWS; draw++) {
    draw_progress(design, draw, worker, progress);
    double begin = bench_wall();
    for (size_t e = 0; e < size; e++)
      a[e] = 0.0;
    for (int32_t k = 0; k < count; k++)
      for (int32_t q = 0; q <= s; q++)
        a[(size_t)k * (size_t)n + (size_t)testudo_design_order(design, worker[s + k])[q]] =
            testudo_design_coefficients(design, worker[s + k])[q];
    for (int32_t i = 0; i < n; i++)
      b[i] = 1.0;
    bench_require(testudo_i_least_squares(n, count, a, b, 1e-13, pivot, work, NULL) == TESTUDO_OK, "no least squares");
    cost[draw] = 1e6 * (bench_wall() - begin);
  }
  free(a);
  free(b);
  free(work);
  free(pivot);
  qsort(cost, DENSE_DRAWS, sizeof *cost, by_value);
  return cost[DENSE_DRAWS / 2];
}

static void measure(int32_t n, int32_t s)
{
  testudo_assignment assignment;
  testudo_design *design;
  testudo_codec *codec;
  testudo_progress *progress;
  int32_t *worker = malloc((size_t)n * sizeof *worker);
  bench_require(worker != NULL, "out of memory");
  bench_require(testudo_assignment_cyclic(n, s + 1, &assignment, NULL) == TESTUDO_OK, "no assignment");
  bench_require(testudo_design_create_gradient_code(&assignment, s, 1, "", &design, NULL) == TESTUDO_OK, "no design");
  bench_require(testudo_progress_create(design, &progress, NULL) == TESTUDO_OK, "no progress");
  double begin = bench_wall(), worst = 0.0;
  bench_require(testudo_codec_create(design, TESTUDO_DECODER_EXACT, &codec, NULL) == TESTUDO_OK, "no codec");
  double created = 1e6 * (bench_wall() - begin);
  double found = time_vectors(design, codec, progress, worker, false, &worst);
  double kept = time_vectors(design, codec, progress, worker, true, &worst);
  double dense = time_dense(design, progress, worker);
  printf("n=%d s=%d: decode vector %.2f us, from the cache %.3f us, dense %.0f us: %.0f times; codec made in %.0f us; "
         "worst ||a|| %.3g\n",
         (int)n, (int)s, found, kept, dense, dense / found, created, worst);
  if (n == 200 && s == 10)
    bench_require(found < 200.0, "the decode vector of n = 200, s = 10 must cost less than 200 us");
  testudo_codec_free(codec);
  testudo_progress_free(progress);
  testudo_design_free(design);
  testudo_assignment_free(&assignment);
  free(worker);
}

int main(void)
{
  measure(50, 5);
  measure(200, 10);
  measure(500, 20);
  return 0;
}
