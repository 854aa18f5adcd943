/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encode and decode: useful GB/s (every input read once, every output written once) and their ratio to a triad, which
   is the floor that memory sets, and to BLAS doing the same sums, all in this run: on one thread, by its processor time
   and the wall's, and encode on two, by the wall's. The triad is the better one of plain and non-temporal stores; two
   thirds of what it moves are reads, eight ninths of what encode moves, so that reading alone is printed as well.
   bench_encode [numbers per gradient [rounds]]. */
#include "bench/bench.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <testudo/code.h>
#include <testudo/runtime.h>

#include "base/clones.h"
#include "bench/blas.h"

enum { LOAD = 8, ROUNDS = 7, LINE = 16 /* floats of one of the cache */ };

/* What the timed calls share. */
typedef struct workbench {
  const testudo_design *design;
  testudo_codec *codec, *second;   /* one per thread */
  testudo_progress *progress;
  size_t dim, length;
  float *in, *out;                 /* LOAD * dim and dim numbers */
  const float *part[LOAD];
  testudo_request request;         /* to worker 0 */
  float weight[LOAD * LOAD];
  int rounds;
  int places;                      /* that are read at once */
} workbench;

/* ---- the floor ---- */

TESTUDO_I_CLONES static void plain_triad(float *restrict out, const float *restrict a, const float *restrict b,
                                         size_t count)
{
  for (size_t e = 0; e < count; e++)
    out[e] = a[e] + 0.75f * b[e];
}

/* Stores past the caches where there are such; `out` begins with a line. */
TESTUDO_I_CLONES static void streamed_triad(float *restrict out, const float *restrict a, const float *restrict b,
                                            size_t count)
{
#if defined(__SSE2__)
  const __m128 by = _mm_set1_ps(0.75f);
  for (size_t e = 0; e + LINE <= count; e += LINE)
    for (size_t k = e; k < e + LINE; k += 4)
      _mm_stream_ps(out + k, _mm_add_ps(_mm_loadu_ps(a + k), _mm_mul_ps(by, _mm_loadu_ps(b + k))));
  _mm_sfence();
#else
  plain_triad(out, a, b, count);
#endif
}

/* Adds up all inputs as integers, whose order is free, so many places at once: the memory gives more to some. */
TESTUDO_I_INLINED uint64_t read_places(const uint64_t *in, size_t count, int places)
{
  enum { RUN = LINE / 2 };
  size_t apart = count / (size_t)places / RUN * RUN;
  uint64_t sum[RUN] = {0};
  for (size_t e = 0; e < apart; e += RUN)
    for (int p = 0; p < places; p++)
      for (int k = 0; k < RUN; k++)
        sum[k] += in[(size_t)p * apart + e + (size_t)k];
  for (int k = 1; k < RUN; k++)
    sum[0] += sum[k];
  return sum[0];
}

TESTUDO_I_CLONES static uint64_t read_all(const uint64_t *in, size_t count, int places)
{
  return places == 1   ? read_places(in, count, 1)
         : places == 2 ? read_places(in, count, 2)
         : places == 4 ? read_places(in, count, 4)
                       : read_places(in, count, 8);
}

/* The half of a vector of `dim` numbers that thread k works on. */
static size_t half_begins(size_t dim, int k)
{
  return k == 0 ? 0 : k == 1 ? dim / 2 / LINE * LINE : dim;
}

typedef struct half {
  workbench *work;
  int k;
  void (*run)(workbench *work, int k, size_t first, size_t count);
} half;

static void *run_half(void *argument)
{
  half *own = argument;
  size_t first = half_begins(own->work->dim, own->k);
  own->run(own->work, own->k, first, half_begins(own->work->dim, own->k + 1) - first);
  return NULL;
}

static void on_two_threads(workbench *work, void (*run)(workbench *work, int k, size_t first, size_t count))
{
  pthread_t other;
  half part[2] = {{work, 0, run}, {work, 1, run}};
  bench_require(pthread_create(&other, NULL, run_half, &part[1]) == 0, "no thread");
  run_half(&part[0]);
  pthread_join(other, NULL);
}

static void plain_part(workbench *work, int k, size_t first, size_t count)
{
  (void)k;
  plain_triad(work->out + first, work->in + first, work->in + work->dim + first, count);
}

static void streamed_part(workbench *work, int k, size_t first, size_t count)
{
  (void)k;
  streamed_triad(work->out + first, work->in + first, work->in + work->dim + first, count);
}

static void encode_part(workbench *work, int k, size_t first, size_t count)
{
  bench_require(testudo_encode_range_float(k == 0 ? work->codec : work->second, &work->request, work->part, work->dim,
                                           first, count, work->out, NULL) == TESTUDO_OK, "encode failed");
}

static void run_plain(workbench *work)
{
  plain_part(work, 0, 0, work->dim);
}

static void run_streamed(workbench *work)
{
  streamed_part(work, 0, 0, work->dim);
}

static void run_read(workbench *work)
{
  static volatile uint64_t kept;
  kept = read_all((const void *)work->in, LOAD * work->dim / 2, work->places);
  (void)kept;
}

static void run_plain_twice(workbench *work)
{
  on_two_threads(work, plain_part);
}

static void run_streamed_twice(workbench *work)
{
  on_two_threads(work, streamed_part);
}

/* ---- the work ---- */

static void run_encode_twice(workbench *work)
{
  on_two_threads(work, encode_part);
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

/* GB/s by the processor's clock, or by the wall's: the best of all rounds. */
typedef struct rate {
  double processor, wall;
} rate;

static rate measure(void (*run)(workbench *work), workbench *work, size_t numbers)
{
  rate best = {0.0, 0.0};
  double amount = 1e-9 * (double)(numbers * sizeof(float));
  for (int round = 0; round < work->rounds; round++) {
    double wall = bench_wall(), processor = bench_processor();
    run(work);
    wall = amount / (bench_wall() - wall);
    processor = amount / (bench_processor() - processor);
    best.wall = wall > best.wall ? wall : best.wall;
    best.processor = processor > best.processor ? processor : best.processor;
  }
  return best;
}

static rate better(rate a, rate b)
{
  return (rate){a.processor > b.processor ? a.processor : b.processor, a.wall > b.wall ? a.wall : b.wall};
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
  bench_require(testudo_codec_create(design, TESTUDO_DECODER_EXACT, &work->codec, NULL) == TESTUDO_OK &&
                    testudo_codec_create(design, TESTUDO_DECODER_EXACT, &work->second, NULL) == TESTUDO_OK,
                "no memory");
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
  testudo_codec_free(work->second);
  testudo_progress_free(work->progress);
}

static void report(const char *what, rate found, rate triad, const char *peer, rate other)
{
  printf("%-26s %6.2f GB/s  %5.2f of triad (wall %6.2f, %5.2f)", what, found.processor,
         found.processor / triad.processor, found.wall, found.wall / triad.wall);
  if (peer != NULL)
    printf("  %5.2f of %s (%.2f GB/s)", found.processor / other.processor, peer, other.processor);
  putchar('\n');
}

static void bench_parts(workbench *work, int32_t parts, rate triad, rate twice)
{
  char what[64];
  const rate none = {1.0, 1.0};
  testudo_design *design = full_design(parts);
  begin(work, design, work->dim);
  size_t encoded = LOAD * work->dim + work->length;
  rate found = measure(run_encode, work, encoded);
  snprintf(what, sizeof what, "encode 8 chunks, l = %d", (int)parts);
  if (parts == 1) {
    report(what, found, triad, "sgemv", measure(run_gemv, work, encoded));
    report(what, found, triad, "8 saxpy", measure(run_axpy, work, encoded));
    double rate_of_two = measure(run_encode_twice, work, encoded).wall;
    printf("%-26s %6.2f GB/s by the wall, %5.2f of the triad on two threads\n", "the same, two threads", rate_of_two,
           rate_of_two / twice.wall);
  } else
    report(what, found, triad, NULL, none);
  end(work);
  begin(work, design, 0);
  size_t decoded = LOAD * work->length + work->dim;
  found = measure(run_decode, work, decoded);
  snprintf(what, sizeof what, "decode 8 messages, l = %d", (int)parts);
  report(what, found, triad, "sgemm", measure(run_gemm, work, decoded));
  end(work);
  testudo_design_free(design);
}

/* Room that begins with a line of the cache. */
static float *room_of(size_t numbers)
{
  void *room;
  bench_require(posix_memalign(&room, LINE * sizeof(float), numbers * sizeof(float)) == 0, "no memory");
  return room;
}

int main(int argc, char **argv)
{
  workbench work = {.dim = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 4000000,
                    .rounds = argc > 2 ? atoi(argv[2]) : ROUNDS};
  bench_require(work.dim >= 1024 && work.dim <= 100000000, "numbers per gradient: 1024 to 100000000");
  work.in = room_of(LOAD * work.dim);
  work.out = room_of(work.dim);
  for (size_t t = 0; t < LOAD * work.dim; t++)
    work.in[t] = (float)(t % 1013) * 0.001f - 0.5f;
  for (size_t t = 0; t < work.dim; t++)
    work.out[t] = 0.0f;
  rate plain = measure(run_plain, &work, 3 * work.dim), streamed = measure(run_streamed, &work, 3 * work.dim);
  rate plain_twice = measure(run_plain_twice, &work, 3 * work.dim);
  rate streamed_twice = measure(run_streamed_twice, &work, 3 * work.dim);
  rate reading[4];
  for (int k = 0; k < 4; k++) {
    work.places = 1 << k;
    reading[k] = measure(run_read, &work, LOAD * work.dim);
  }
  printf("%zu floats per gradient; triad, plain and streamed: %.2f and %.2f GB/s, on two threads %.2f and %.2f by the "
         "wall; reading alone at 1, 2, 4, 8 places at once %.2f, %.2f, %.2f, %.2f\n", work.dim, plain.processor,
         streamed.processor, plain_twice.wall, streamed_twice.wall, reading[0].processor, reading[1].processor,
         reading[2].processor, reading[3].processor);
  for (int32_t parts = 1; parts <= 4; parts *= 2)
    bench_parts(&work, parts, better(plain, streamed), better(plain_twice, streamed_twice));
  free(work.in);
  free(work.out);
  return EXIT_SUCCESS;
}
