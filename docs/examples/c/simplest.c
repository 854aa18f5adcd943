/* SPDX-License-Identifier: BSD-3-Clause */
/* The simplest use: one iteration, server and workers in turn in one program.

       cc simplest.c $(pkg-config --cflags --libs testudo-runtime) -lm -o simplest
       testudo design --workers 6 --replication 3 -o design.json
       ./simplest design.json

   The same loop runs every scheme that a design file can hold. Where a scheme stops before it has the whole sum
   (ignore-stragglers), what is decoded is its estimate, and this program says how far off that is and fails. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <testudo/runtime.h>

enum { DIM = 1000 }; /* numbers in a gradient */

/* What a real job computes from the data of a chunk. */
static void compute_gradient(int32_t chunk, double *gradient)
{
  for (int k = 0; k < DIM; k++)
    gradient[k] = (chunk + 1) * 0.001 * (k + 1);
}

static int failed(const testudo_error *error)
{
  fprintf(stderr, "simplest: %s\n", error->text);
  return EXIT_FAILURE;
}

/* A worker: the gradients of the chunks it is asked for, combined into one message. */
static testudo_status answer(const testudo_design *design, testudo_codec *codec, const testudo_request *request,
                             double *message, testudo_error *error)
{
  const int32_t *order = testudo_design_order(design, request->worker);
  double **gradient = malloc((size_t)request->chunks * sizeof *gradient);
  for (int32_t k = 0; k < request->chunks; k++) {
    gradient[k] = malloc(DIM * sizeof **gradient);
    compute_gradient(order[k], gradient[k]);
  }
  testudo_status status =
      testudo_encode_double(codec, request, (const double *const *)gradient, DIM, message, error);
  for (int32_t k = 0; k < request->chunks; k++)
    free(gradient[k]);
  free(gradient);
  return status;
}

int main(int count, char **argument)
{
  testudo_error error;
  testudo_design *design;
  testudo_progress *progress;
  testudo_codec *codec;
  static double gradient[DIM], truth[DIM], chunk[DIM];
  if (count != 2) {
    fputs("usage: simplest DESIGN.json\n", stderr);
    return EXIT_FAILURE;
  }
  if (testudo_design_read(argument[1], &design, &error) != TESTUDO_OK)
    return failed(&error);
  if (testudo_progress_create(design, &progress, &error) != TESTUDO_OK ||
      testudo_codec_create(design, TESTUDO_DECODER_EXACT, &codec, &error) != TESTUDO_OK)
    return failed(&error);
  int32_t workers = testudo_design_workers(design);

  /* Signals come in, here from one worker after the other, until the gradient can be decoded. */
  testudo_progress_reset(progress);
  for (int32_t done = 1; !testudo_progress_decodable(progress); done++)
    for (int32_t j = 0; j < workers && !testudo_progress_decodable(progress); j++)
      if (done <= testudo_design_steps(design, j) &&
          testudo_progress_mark(progress, j, done, &error) != TESTUDO_OK)
        return failed(&error);

  /* Every worker that is needed sends one message. */
  const double **message = calloc((size_t)workers, sizeof *message);
  for (int32_t j = 0; j < workers; j++) {
    testudo_request request;
    if (testudo_request_make(codec, progress, j, &request, &error) != TESTUDO_OK)
      return failed(&error);
    if (request.chunks == 0)
      continue;
    double *sent = calloc(testudo_message_length(design, DIM), sizeof *sent);
    message[j] = sent;
    if (answer(design, codec, &request, sent, &error) != TESTUDO_OK)
      return failed(&error);
  }
  if (testudo_decode_double(codec, progress, message, DIM, gradient, &error) != TESTUDO_OK)
    return failed(&error);

  double away = 0.0;
  for (int32_t i = 0; i < testudo_design_chunks(design); i++) {
    compute_gradient(i, chunk);
    for (int k = 0; k < DIM; k++)
      truth[k] += chunk[k];
  }
  for (int k = 0; k < DIM; k++)
    away = fmax(away, fabs(gradient[k] - truth[k]) / truth[DIM - 1]);
  printf("decoded the sum over %d chunks, off by %.1e at most\n", (int)testudo_design_chunks(design), away);
  for (int32_t j = 0; j < workers; j++)
    free((void *)message[j]);
  free(message);
  testudo_codec_free(codec);
  testudo_progress_free(progress);
  testudo_design_free(design);
  return away < 1e-8 ? EXIT_SUCCESS : EXIT_FAILURE;
}
