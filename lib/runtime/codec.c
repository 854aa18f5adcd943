/* SPDX-License-Identifier: BSD-3-Clause */
/* Codecs: made for a design and a decoder, and asked about a progress. */
#include "runtime/codec.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "runtime/design.h"
#include "runtime/progress.h"
#include "runtime/scheme/scheme.h"

enum { DECODERS = TESTUDO_DECODER_COMPONENT + 1 };
const char *const testudo_i_decoder_names[] = {
    [TESTUDO_DECODER_EXACT] = "exact", [TESTUDO_DECODER_OPTIMAL] = "optimal", [TESTUDO_DECODER_ONE_STEP] = "one-step",
    [TESTUDO_DECODER_COMPONENT] = "component", [DECODERS] = NULL};

const char *testudo_decoder_name(testudo_decoder decoder)
{
  return (unsigned)decoder < DECODERS ? testudo_i_decoder_names[decoder] : "unknown";
}

static testudo_status check_plain_sums(const testudo_design *design, testudo_error *error)
{
  if (testudo_i_takes_plain_sums(design))
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                        "approximate decoding applies only to scheme partial with 1 part, not to scheme %s with "
                        "parts %d",
                        design->scheme->name, (int)design->parts);
}

static testudo_status choose_class(testudo_codec *codec, testudo_error *error)
{
  const testudo_design *design = codec->design;
  codec->class = design->scheme->codec;
  if (codec->decoder == TESTUDO_DECODER_EXACT)
    return TESTUDO_OK;
  if ((unsigned)codec->decoder >= DECODERS)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "decoder: %d, but it is exact (0), optimal (1), one-step (2) or component (3)",
                          (int)codec->decoder);
  TESTUDO_I_TRY(check_plain_sums(design, error));
  codec->class = &testudo_i_codec_of_combiner;
  return TESTUDO_OK;
}

static testudo_status open_codec(testudo_codec *codec, testudo_error *error)
{
  const testudo_design *design = codec->design;
  size_t parts = (size_t)design->parts, workers = (size_t)design->workers;
  if (codec->class == NULL)
    TESTUDO_I_TRY(choose_class(codec, error));
  if (codec->class->open != NULL)
    TESTUDO_I_TRY(codec->class->open(codec, error));
  size_t rows = codec->stripes > 0 ? (size_t)codec->stripes : parts, encoded = (size_t)design->max_load * parts;
  codec->inputs = encoded > workers ? encoded : workers;
  codec->coefficients = (size_t)design->max_load * rows;
  codec->input = testudo_i_arena_alloc(&codec->arena, codec->inputs, sizeof(void *));
  codec->output = testudo_i_arena_alloc(&codec->arena, parts, sizeof(void *));
  codec->weight = testudo_i_arena_alloc(&codec->arena, codec->inputs * parts, sizeof(double));
  codec->coefficient = testudo_i_arena_alloc(&codec->arena, codec->coefficients, sizeof *codec->coefficient);
  return testudo_i_arena_check(&codec->arena, error);
}

testudo_status testudo_i_codec_make(testudo_codec wanted, testudo_codec **codec, testudo_error *error)
{
  testudo_codec *made = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  *made = wanted;
  TESTUDO_I_HAND_OVER(open_codec(made, error), made, testudo_codec_free, codec);
}

testudo_status testudo_codec_create(const testudo_design *design, testudo_decoder decoder, testudo_codec **codec,
                                    testudo_error *error)
{
  TESTUDO_I_NEED(codec);
  TESTUDO_I_NEED(design);
  *codec = NULL;
  return testudo_i_codec_make((testudo_codec){.design = design, .decoder = decoder}, codec, error);
}

testudo_status testudo_codec_create_stochastic(const testudo_design *design, double straggle_prob,
                                               testudo_codec **codec, testudo_error *error)
{
  TESTUDO_I_NEED(codec);
  TESTUDO_I_NEED(design);
  *codec = NULL;
  TESTUDO_I_TRY(check_plain_sums(design, error));
  if (!(straggle_prob >= 0.0 && straggle_prob < 1.0))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "straggle_prob: %.6g, but it must be in [0, 1)",
                          straggle_prob);
  return testudo_i_codec_make((testudo_codec){.design = design,
                                              .class = &testudo_i_codec_of_stochastic,
                                              .straggle_prob = straggle_prob},
                              codec, error);
}

void testudo_codec_free(testudo_codec *codec)
{
  if (codec == NULL)
    return;
  testudo_i_arena_clear(&codec->arena);
  free(codec);
}

testudo_status testudo_i_codec_meet(testudo_codec *codec, const testudo_progress *progress, testudo_error *error)
{
  if (progress->design != codec->design)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the progress and the codec belong to different designs");
  if (codec->epoch == 0 || progress->fingerprint != codec->fingerprint) {
    codec->epoch++;
    codec->fingerprint = progress->fingerprint;
  }
  return TESTUDO_OK;
}

testudo_status testudo_i_codec_settle(testudo_codec *codec, const testudo_progress *progress, int32_t stripe,
                                      bool exact, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_codec_meet(codec, progress, error));
  return codec->class->settle == NULL ? TESTUDO_OK : codec->class->settle(codec, progress, stripe, exact, error);
}

testudo_status testudo_amplification(testudo_codec *codec, const testudo_progress *progress, double *amplification,
                                     double *condition, testudo_error *error)
{
  TESTUDO_I_NEED(codec);
  TESTUDO_I_NEED(progress);
  TESTUDO_I_TRY(testudo_i_codec_settle(codec, progress, 0, false, error));
  double found = 1.0;
  if (condition != NULL)
    *condition = 1.0;
  if (codec->class->amplification != NULL)
    TESTUDO_I_TRY(codec->class->amplification(codec, progress, &found, condition, error));
  if (amplification != NULL)
    *amplification = found;
  return TESTUDO_OK;
}

testudo_status testudo_decode_error(testudo_codec *codec, const testudo_progress *progress, double *decode_error,
                                    testudo_error *error)
{
  TESTUDO_I_NEED(codec);
  TESTUDO_I_NEED(progress);
  TESTUDO_I_NEED(decode_error);
  if (codec->class->error == NULL && !codec->class->finds_error) {
    TESTUDO_I_TRY(testudo_i_codec_meet(codec, progress, error));
    *decode_error = (double)testudo_progress_error(progress);
    return TESTUDO_OK;
  }
  TESTUDO_I_TRY(testudo_i_codec_settle(codec, progress, 0, false, error));
  *decode_error = codec->decode_error;
  return codec->class->error == NULL ? TESTUDO_OK : codec->class->error(codec, progress, decode_error, error);
}

testudo_status testudo_decode_weights(testudo_codec *codec, const testudo_progress *progress, int32_t part,
                                      double *weights, testudo_error *error)
{
  TESTUDO_I_NEED(codec);
  TESTUDO_I_NEED(progress);
  TESTUDO_I_NEED(weights);
  const testudo_design *design = codec->design;
  int32_t parts = codec->stripes > 0 ? codec->stripes : design->parts;
  if (part < 0 || part >= parts)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "part %d, but parts are 0..%d", (int)part, (int)parts - 1);
  TESTUDO_I_TRY(testudo_i_codec_settle(codec, progress, codec->stripes > 0 ? part : 0, false, error));
  const double *row = codec->class->weights == NULL ? NULL : codec->class->weights(codec, part);
  for (int32_t j = 0; j < design->workers; j++)
    weights[j] = !codec->class->reads(codec, progress, j) ? 0.0 : row == NULL ? 1.0 : row[j];
  return TESTUDO_OK;
}

testudo_status testudo_i_check_exact(double norm, double residual, const char *fail_how, testudo_error *error)
{
  if (!(norm <= TESTUDO_MAX_AMPLIFICATION))
    return testudo_i_fail(error, TESTUDO_UNDECODABLE,
                          "decoding from these workers amplifies rounding errors by %.3g; the limit is %.3g", norm,
                          TESTUDO_MAX_AMPLIFICATION);
  double allowed = testudo_i_allowed_residual(norm);
  if (!(residual <= allowed))
    return testudo_i_fail(error, TESTUDO_UNDECODABLE,
                          "these workers %s: they decode to within %.3g; the limit is %.3g", fail_how, residual,
                          allowed);
  return TESTUDO_OK;
}

bool testudo_i_reads_finished(const testudo_codec *codec, const testudo_progress *progress, int32_t worker)
{
  (void)codec;
  return testudo_i_progress_worked(progress, worker);
}

/* ---- plain sums ---- */

static bool sums_reads(const testudo_codec *codec, const testudo_progress *progress, int32_t worker)
{
  return progress->done[worker] > 0 &&
         (!codec->design->scheme->report_fixed || testudo_i_progress_finished(progress, worker));
}

static testudo_status sums_request(testudo_codec *codec, const testudo_progress *progress, testudo_request *request,
                                   testudo_error *error)
{
  (void)error;
  if (!sums_reads(codec, progress, request->worker))
    return TESTUDO_OK;
  testudo_i_request_shape(request, 1, progress->done[request->worker]);
  for (size_t k = 0; k < request->count; k++)
    request->coefficient[k] = 1.0;
  return TESTUDO_OK;
}

const testudo_i_codec_class testudo_i_codec_of_sums = {.reads = sums_reads, .request = sums_request,
                                                         .fixed = true};
