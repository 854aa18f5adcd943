/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests/bench/bench_python compares with: the same encode and decode, called from C. Prints the least seconds of
   either among ROUNDS. bench_python_peer DESIGN.json DIM ROUNDS */
#include "bench/bench.h"

#include <math.h>

#include <testudo/runtime.h>

static float *random_floats(size_t count, unsigned seed)
{
  float *made = malloc((count > 0 ? count : 1) * sizeof *made);
  bench_require(made != NULL, "no memory");
  for (size_t k = 0; k < count; k++)
    made[k] = (float)((seed = seed * 1664525u + 1013904223u) >> 8) / 16777216.0f - 0.5f;
  return made;
}

int main(int argc, char **argv)
{
  bench_require(argc == 4, "usage: bench_python_peer DESIGN.json DIM ROUNDS");
  size_t dim = strtoull(argv[2], NULL, 10);
  long rounds = strtol(argv[3], NULL, 10);
  testudo_error error = {""};
  testudo_design *design;
  testudo_progress *progress;
  testudo_codec *codec;
  testudo_request request;
  bench_must(testudo_design_read(argv[1], &design, &error), &error);
  bench_must(testudo_progress_create(design, &progress, &error), &error);
  bench_must(testudo_codec_create(design, TESTUDO_DECODER_EXACT, &codec, &error), &error);
  int32_t workers = testudo_design_workers(design);
  const float **input = calloc((size_t)workers, sizeof *input), **message = calloc((size_t)workers, sizeof *message);
  bench_require(input != NULL && message != NULL, "no memory");
  for (int32_t j = 0; j < workers; j++) {
    bench_must(testudo_progress_mark(progress, j, testudo_design_steps(design, j), &error), &error);
    input[j] = random_floats(dim, (unsigned)j);
    message[j] = random_floats(testudo_message_length(design, dim), (unsigned)j + 100);
  }
  float *out = random_floats(dim, 7);
  double encode = HUGE_VAL, decode = HUGE_VAL;
  bench_must(testudo_request_make(codec, progress, 0, &request, &error), &error);
  for (long round = 0; round < rounds; round++) {
    double begun = bench_wall();
    bench_must(testudo_encode_float(codec, &request, input, dim, out, &error), &error);
    double half = bench_wall();
    bench_must(testudo_decode_float(codec, progress, message, dim, out, &error), &error);
    double end = bench_wall();
    encode = fmin(encode, half - begun);
    decode = fmin(decode, end - half);
  }
  printf("%.9g %.9g\n", encode, decode);
  return 0;
}
