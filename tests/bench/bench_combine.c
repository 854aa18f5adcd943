/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The least error of an approximate code on a graph of 5,000 chunks: by sparse least squares (LSQR), by components,
   and by dense least squares (linalg/solve.h) on the same sets, in this run on one thread. */
#include "bench/bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/approximate.h>

#include "base/random.h"
#include "linalg/solve.h"

enum { CHUNKS = 5000, DEGREE = 3, DRAWS = 20 };

static void draw_progress(const testudo_design *design, double straggle, uint64_t draw, testudo_progress *progress)
{
  testudo_i_random random;
  testudo_i_random_start(&random, 3, TESTUDO_I_FOR_TEST, draw, 0);
  testudo_progress_reset(progress);
  for (int32_t j = 0; j < testudo_design_workers(design); j++)
    if (testudo_i_random_uniform(&random) >= straggle)
      bench_require(testudo_progress_mark(progress, j, 2, NULL) == TESTUDO_OK, "mark failed");
}

/* Mean cost of a decode, in microseconds. */
static double time_decoder(const testudo_design *design, testudo_decoder decoder, double straggle,
                            testudo_progress *progress, double *error)
{
  testudo_codec *codec;
  double cost = 0.0;
  bench_require(testudo_codec_create(design, decoder, &codec, NULL) == TESTUDO_OK, "no codec");
  for (uint64_t draw = 0; draw < DRAWS; draw++) {
    draw_progress(design, straggle, draw, progress);
    double begin = bench_wall();
    bench_require(testudo_decode_error(codec, progress, &error[draw], NULL) == TESTUDO_OK, "no weights");
    cost += 1e6 * (bench_wall() - begin);
  }
  testudo_codec_free(codec);
  return cost / DRAWS;
}

/* The first draw only; its error. */
static double time_dense(const testudo_design *design, double straggle, testudo_progress *progress, double *error)
{
  int32_t count = 0, workers = testudo_design_workers(design);
  draw_progress(design, straggle, 0, progress);
  for (int32_t j = 0; j < workers; j++)
    count += testudo_progress_done(progress, j) > 0;
  size_t size = (size_t)CHUNKS * (size_t)count, most = (size_t)(count > CHUNKS ? count : CHUNKS);
  double *a = calloc(size, sizeof *a), *x = malloc(most * sizeof *x), *sum = malloc(CHUNKS * sizeof *sum);
  double *room = malloc(testudo_i_least_squares_room(CHUNKS, count) * sizeof *room);
  int32_t *pivot = malloc((size_t)count * sizeof *pivot);
  bench_require(a && x && sum && room && pivot, "out of memory");
  double begin = bench_wall();
  int32_t column = 0;
  for (int32_t j = 0; j < workers; j++)
    for (int32_t k = 0; k < testudo_progress_done(progress, j); k++, column += k == 2)
      a[(size_t)column * CHUNKS + (size_t)testudo_design_order(design, j)[k]] = 1.0;
  for (int32_t i = 0; i < CHUNKS; i++) {
    x[i] = 1.0;
    sum[i] = -1.0;
  }
  testudo_status status = testudo_i_least_squares(CHUNKS, count, a, x, 1e-13, pivot, room, NULL);
  bench_require(status == TESTUDO_OK, "no least squares");
  double cost = 1e6 * (bench_wall() - begin);
  column = 0;
  for (int32_t j = 0; j < workers; j++)
    for (int32_t k = 0; k < testudo_progress_done(progress, j); k++, column += k == 2)
      sum[testudo_design_order(design, j)[k]] += x[column];
  *error = 0.0;
  for (int32_t i = 0; i < CHUNKS; i++)
    *error += sum[i] * sum[i];
  free(a);
  free(x);
  free(sum);
  free(room);
  free(pivot);
  return cost;
}

int main(void)
{
  testudo_assignment assignment;
  testudo_design *design;
  testudo_progress *progress;
  static const double straggle[] = {0.1, 0.3, 0.6};
  bench_require(testudo_assignment_graph(CHUNKS, DEGREE, 1, NULL, &assignment, NULL) == TESTUDO_OK, "no graph");
  bench_require(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &assignment, 1, 1, "", &design, NULL) == TESTUDO_OK,
                "no design");
  bench_require(testudo_progress_create(design, &progress, NULL) == TESTUDO_OK, "no progress");
  printf("graph of %d chunks and %d workers, microseconds a decode\n", CHUNKS, testudo_design_workers(design));
  for (size_t k = 0; k < sizeof straggle / sizeof *straggle; k++) {
    double squares[DRAWS], components[DRAWS], error;
    double lsqr = time_decoder(design, TESTUDO_DECODER_OPTIMAL, straggle[k], progress, squares);
    double component = time_decoder(design, TESTUDO_DECODER_COMPONENT, straggle[k], progress, components);
    for (int draw = 0; draw < DRAWS; draw++)
      bench_require(fabs(squares[draw] - components[draw]) <= 1e-10, "LSQR and components disagree");
    printf("  %2.0f %% straggle: components %.0f, LSQR %.0f (%.1f times)", 100.0 * straggle[k], component, lsqr,
           lsqr / component);
    if (straggle[k] > 0.5) { /* fewer columns: the dense one takes seconds even so */
      double dense = time_dense(design, straggle[k], progress, &error);
      bench_require(fabs(error - components[0]) <= 1e-8, "least squares and components disagree");
      printf(", dense %.0f (%.0f times)", dense, dense / component);
    }
    putchar('\n');
  }
  testudo_progress_free(progress);
  testudo_design_free(design);
  testudo_assignment_free(&assignment);
  return EXIT_SUCCESS;
}
