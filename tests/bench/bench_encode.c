/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encode and decode: useful GB/s (every input read once, every output written once) and their ratio to a triad, which
   is the floor that memory sets, and to BLAS doing the same sums, all in this run on one thread.
   bench_encode [numbers a gradient]. */
#include "bench/bench.h"

#include <stdio.h>
#include <stdlib.h>

#include <testudo/code.h>
#include <testudo/runtime.h>

#include "bench/blas.h"

enum { LOAD = 8, ROUNDS = 7 };

/* What the timed calls share. */
typedef struct workbench {
  const testudo_design *design;
  testudo_codec *codec;
  testudo_progress *progress;
  size_t dim, length;
  float *in, *out;                 /* LOAD * dim and dim numbers */
  const float *part[LOAD];
  testudo_request request;         /* to worker 0 */
  float weight[LOAD * LOAD];
} workbench;

static void run_triad(workbench *work)
{
  float *restrict out = work->out;
  const float *restrict a = work->in, *restrict b = work->in + work->dim;
  for (size_t t = 0; t + 512 <= work->dim; t += 512)
    for (size_t e = t; e < t + 512; e++)
      out[e] = a[e] + 0.75f * b[e];
}

static void run_encode(workbench *work)
{
  bench_require(testudo_encode_float(work->codec, &work->request, work->part, work->dim, work->out, NULL) == TESTUDO_OK,
                "encode failed");
}

static void run_decode(workbench *work)
{
  bench_require(testudo_decode_float(work->codec, work->progress, work->part, work->dim, work->out, NULL) == TESTUDO_OK,
                "decode failed");
}

static void run_gemv(workbench *work)
{
  cblas_sgemv(CblasColMajor, CblasNoTrans, (int)work->dim, LOAD, 1.0f, work->in, (int)work->dim, work->weight, 1, 0.0f,
              work->out, 1);
}

static void run_axpy(workbench *work)
{
  cblas_scopy((int)work->dim, work->in, 1, work->out, 1);
  cblas_sscal((int)work->dim, work->weight[0], work->out, 1);
  for (int k = 1; k < LOAD; k++)
    cblas_saxpy((int)work->dim, work->weight[k], work->in + (size_t)k * work->dim, 1, work->out, 1);
}

/* All parts at once: out (length x parts) = messages (length x workers) times R^T. */
static void run_gemm(workbench *work)
{
  int parts = testudo_design_parts(work->design);
  cblas_sgemm(CblasColMajor, CblasNoTrans, CblasTrans, (int)work->length, parts, LOAD, 1.0f, work->in,
              (int)work->length, work->weight, parts, 0.0f, work->out, (int)work->length);
}

/* The best of ROUNDS, in GB/s. */
static double measure(void (*run)(workbench *work), workbench *work, size_t numbers)
{
  double best = 0.0;
  for (int round = 0; round < ROUNDS; round++) {
    double start = bench_wall();
    run(work);
    double rate = 1e-9 * (double)(numbers * sizeof(float)) / (bench_wall() - start);
    best = rate > best ? rate : best;
  }
  return best;
}

static testudo_design *full_design(int32_t parts)
{
  testudo_assignment assignment;
  testudo_design *design;
  bench_require(testudo_assignment_cyclic(LOAD, LOAD, &assignment, NULL) == TESTUDO_OK, "no assignment");
  bench_require(testudo_design_create(TESTUDO_SCHEME_PARTIAL, &assignment, parts, 1, "", &design, NULL) == TESTUDO_OK,
                "no design");
  testudo_assignment_free(&assignment);
  return design;
}

static void begin(workbench *work, const testudo_design *design, size_t stride)
{
  work->design = design;
  work->length = testudo_message_length(design, work->dim);
  for (int k = 0; k < LOAD; k++)
    work->part[k] = work->in + (size_t)k * (stride == 0 ? work->length : stride);
  bench_require(testudo_codec_create(design, TESTUDO_DECODER_EXACT, &work->codec, NULL) == TESTUDO_OK, "no memory");
  bench_require(testudo_progress_create(design, &work->progress, NULL) == TESTUDO_OK, "no memory");
  for (int32_t j = 0; j < LOAD; j++)
    bench_require(testudo_progress_mark(work->progress, j, LOAD, NULL) == TESTUDO_OK, "cannot mark");
  bench_require(testudo_request_make(work->codec, work->progress, 0, &work->request, NULL) == TESTUDO_OK, "no request");
  for (size_t k = 0; k < work->request.count; k++)
    work->weight[k] = (float)work->request.coefficient[k];
}

static void end(workbench *work)
{
  testudo_codec_free(work->codec);
  testudo_progress_free(work->progress);
}

static void report(const char *what, double rate, double triad, const char *peer, double peer_rate)
{
  printf("%-26s %6.2f GB/s  %5.2f of triad  %5.2f of %s (%.2f GB/s)\n", what, rate, rate / triad, rate / peer_rate,
         peer, peer_rate);
}

static void bench_parts(workbench *work, int32_t parts, double triad)
{
  char what[64];
  testudo_design *design = full_design(parts);
  begin(work, design, work->dim);
  size_t encoded = LOAD * work->dim + work->length;
  double rate = measure(run_encode, work, encoded);
  snprintf(what, sizeof what, "encode 8 chunks, l = %d", (int)parts);
  if (parts == 1) {
    report(what, rate, triad, "sgemv", measure(run_gemv, work, encoded));
    report(what, rate, triad, "8 saxpy", measure(run_axpy, work, encoded));
  } else
    printf("%-26s %6.2f GB/s  %5.2f of triad\n", what, rate, rate / triad);
  end(work);
  begin(work, design, 0);
  size_t decoded = LOAD * work->length + work->dim;
  rate = measure(run_decode, work, decoded);
  snprintf(what, sizeof what, "decode 8 messages, l = %d", (int)parts);
  report(what, rate, triad, "sgemm", measure(run_gemm, work, decoded));
  end(work);
  testudo_design_free(design);
}

int main(int argc, char **argv)
{
  workbench work = {.dim = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 4000000};
  bench_require(work.dim >= 1024 && work.dim <= 100000000, "numbers a gradient: 1024 to 100000000");
  work.in = malloc(LOAD * work.dim * sizeof *work.in);
  work.out = malloc(work.dim * sizeof *work.out);
  bench_require(work.in != NULL && work.out != NULL, "no memory");
  for (size_t t = 0; t < LOAD * work.dim; t++)
    work.in[t] = (float)(t % 1013) * 0.001f - 0.5f;
  for (size_t t = 0; t < work.dim; t++)
    work.out[t] = 0.0f;
  double triad = measure(run_triad, &work, 3 * work.dim);
  printf("triad                      %6.2f GB/s, %zu floats a gradient, one thread\n", triad, work.dim);
  for (int32_t parts = 1; parts <= 4; parts *= 2)
    bench_parts(&work, parts, triad);
  free(work.in);
  free(work.out);
  return EXIT_SUCCESS;
}
