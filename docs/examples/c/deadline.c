/* SPDX-License-Identifier: BSD-3-Clause */
/* A deadline: the server stops whatever has come in, and takes the best estimate that there is.

       cc deadline.c $(pkg-config --cflags --libs testudo-runtime) -lm -o deadline
       ./deadline design.json [exact|optimal|one-step|component]

   With an approximate decoder this is an approximate gradient code: finished workers send plain sums, and only the
   weights with which the server adds them depend on who has finished (scheme partial of one part). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <testudo/runtime.h>

enum { DIM = 64 };

static void stop(const testudo_error *error)
{
  fprintf(stderr, "deadline: %s\n", error->text);
  exit(EXIT_FAILURE);
}

/* Gradients that point to coordinates of their own, so that what is missing can be seen. */
static void compute_gradient(int32_t chunk, double *gradient)
{
  for (int k = 0; k < DIM; k++)
    gradient[k] = k == chunk % DIM ? 1.0 : 0.0;
}

static testudo_decoder decoder_of(const char *name)
{
  for (int d = TESTUDO_DECODER_EXACT; d <= TESTUDO_DECODER_COMPONENT; d++)
    if (strcmp(name, testudo_decoder_name((testudo_decoder)d)) == 0)
      return (testudo_decoder)d;
  fprintf(stderr, "deadline: '%s' is not a decoder\n", name);
  exit(EXIT_FAILURE);
}

/* By the deadline every worker has done all its steps, but the first third of them nothing. */
static void mark_what_is_done(const testudo_design *design, testudo_progress *progress)
{
  testudo_error error;
  int32_t workers = testudo_design_workers(design);
  testudo_progress_reset(progress);
  for (int32_t j = workers / 3; j < workers; j++)
    if (testudo_progress_mark(progress, j, testudo_design_steps(design, j), &error) != TESTUDO_OK)
      stop(&error);
}

static double *answer(const testudo_design *design, testudo_codec *codec, const testudo_request *request)
{
  testudo_error error;
  const int32_t *order = testudo_design_order(design, request->worker);
  double *numbers = malloc((size_t)request->chunks * DIM * sizeof *numbers);
  const double **gradient = malloc((size_t)request->chunks * sizeof *gradient);
  double *message = calloc(testudo_message_length(design, DIM), sizeof *message);
  for (int32_t k = 0; k < request->chunks; k++) {
    gradient[k] = numbers + (size_t)k * DIM;
    compute_gradient(order[k], numbers + (size_t)k * DIM);
  }
  if (testudo_encode_double(codec, request, gradient, DIM, message, &error) != TESTUDO_OK)
    stop(&error);
  free(numbers);
  free(gradient);
  return message;
}

int main(int count, char **argument)
{
  testudo_error error;
  testudo_design *design;
  testudo_progress *progress;
  testudo_codec *codec;
  double promised, gradient[DIM], chunk[DIM], truth[DIM] = {0}, square = 0.0;
  if (count != 2 && count != 3)
    return EXIT_FAILURE;
  if (testudo_design_read(argument[1], &design, &error) != TESTUDO_OK ||
      testudo_progress_create(design, &progress, &error) != TESTUDO_OK ||
      testudo_codec_create(design, decoder_of(count == 3 ? argument[2] : "exact"), &codec, &error) != TESTUDO_OK)
    stop(&error);
  int32_t workers = testudo_design_workers(design), chunks = testudo_design_chunks(design);
  mark_what_is_done(design, progress);

  double **message = calloc((size_t)workers, sizeof *message);
  for (int32_t j = 0; j < workers; j++) {
    testudo_request request;
    if (testudo_request_make(codec, progress, j, &request, &error) != TESTUDO_OK)
      stop(&error);
    if (request.chunks > 0)
      message[j] = answer(design, codec, &request);
  }
  if (testudo_decode_approximate_double(codec, progress, (const double *const *)message, DIM, gradient, &error) !=
          TESTUDO_OK ||
      testudo_decode_error(codec, progress, &promised, &error) != TESTUDO_OK)
    stop(&error);

  for (int32_t i = 0; i < chunks; i++) {
    compute_gradient(i, chunk);
    for (int k = 0; k < DIM; k++)
      truth[k] += chunk[k];
  }
  for (int k = 0; k < DIM; k++)
    square += (gradient[k] - truth[k]) * (gradient[k] - truth[k]);
  printf("decoder %s: error promised %.6f of %d chunks, measured %.6f\n",
         testudo_decoder_name(count == 3 ? decoder_of(argument[2]) : TESTUDO_DECODER_EXACT), promised, (int)chunks,
         square);
  for (int32_t j = 0; j < workers; j++)
    free(message[j]);
  free(message);
  /* The promise is of orthogonal gradients, which these are while chunks are no more than DIM; of a gradient cut in
     parts every coordinate is in one part only, and of a block code in one block. */
  bool comparable = chunks <= DIM && testudo_design_parts(design) == 1 && testudo_design_steps(design, 0) ==
                    testudo_design_load(design, 0);
  testudo_codec_free(codec);
  testudo_progress_free(progress);
  testudo_design_free(design);
  return comparable && fabs(square - promised) > 1e-6 * chunks ? EXIT_FAILURE : EXIT_SUCCESS;
}
