/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program of a user of the runtime: it reads a design, lets the workers report until the gradient is decodable, and
   compares what is decoded with the true sum. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <testudo/runtime.h>

enum { DIM = 11 };

static double gradient_of(int chunk, int k)
{
  return sin(1.7 * chunk + 0.31 * k) + 0.01 * chunk;
}

static int report(const char *what, const testudo_error *error)
{
  fprintf(stderr, "%s: %s\n", what, error->text);
  return 1;
}

/* Workers 0, 1, 2, .. finish one step after the other, in turn. */
static int finish_steps(const testudo_design *design, testudo_progress *progress, testudo_error *error)
{
  for (int32_t done = 1; !testudo_progress_decodable(progress); done++)
    for (int32_t worker = 0; worker < testudo_design_workers(design) && !testudo_progress_decodable(progress); worker++)
      if (done <= testudo_design_steps(design, worker) &&
          testudo_progress_mark(progress, worker, done, error) != TESTUDO_OK)
        return report("mark", error);
  return 0;
}

static int make_message(const testudo_design *design, testudo_codec *codec, const testudo_request *request,
                        double *message, testudo_error *error)
{
  static double gradient[64][DIM];
  const double *pointer[64];
  for (int32_t k = 0; k < request->chunks; k++) {
    for (int i = 0; i < DIM; i++)
      gradient[k][i] = gradient_of(testudo_design_order(design, request->worker)[k], i);
    pointer[k] = gradient[k];
  }
  if (testudo_encode_double(codec, request, pointer, DIM, message, error) != TESTUDO_OK)
    return report("encode", error);
  return 0;
}

static int compare(const testudo_design *design, const double *found)
{
  double worst = 0.0;
  for (int i = 0; i < DIM; i++) {
    double wanted = 0.0;
    for (int32_t chunk = 0; chunk < testudo_design_chunks(design); chunk++)
      wanted += gradient_of(chunk, i);
    worst = fmax(worst, fabs(found[i] - wanted));
  }
  printf("largest difference %.3g\n", worst);
  return worst < 1e-9 ? 0 : 1;
}

static int run(testudo_design *design, testudo_progress *progress, testudo_codec *codec, testudo_error *error)
{
  static double message[64][DIM];
  const double *messages[64] = {NULL};
  double decoded[DIM];
  if (testudo_design_workers(design) > 64 || testudo_design_max_load(design) > 64)
    return 1;
  if (finish_steps(design, progress, error) != 0)
    return 1;
  for (int32_t worker = 0; worker < testudo_design_workers(design); worker++) {
    testudo_request request;
    if (testudo_request_make(codec, progress, worker, &request, error) != TESTUDO_OK)
      return report("request", error);
    if (request.chunks == 0)
      continue;
    if (make_message(design, codec, &request, message[worker], error) != 0)
      return 1;
    messages[worker] = message[worker];
  }
  if (testudo_decode_double(codec, progress, messages, DIM, decoded, error) != TESTUDO_OK)
    return report("decode", error);
  return compare(design, decoded);
}

int main(int argc, char **argv)
{
  testudo_error error = {""};
  testudo_design *design = NULL;
  testudo_progress *progress = NULL;
  testudo_codec *codec = NULL;
  int result = 1;
  if (argc != 2 || testudo_design_read(argv[1], &design, &error) != TESTUDO_OK ||
      testudo_progress_create(design, &progress, &error) != TESTUDO_OK ||
      testudo_codec_create(design, TESTUDO_DECODER_EXACT, &codec, &error) != TESTUDO_OK)
    report("setting up", &error);
  else
    result = run(design, progress, codec, &error);
  testudo_codec_free(codec);
  testudo_progress_free(progress);
  testudo_design_free(design);
  return result;
}
