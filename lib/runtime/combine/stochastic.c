/* SPDX-License-Identifier: BSD-3-Clause */
/* The codec of stochastic gradient codes and of COCO-EF: what a worker sends depends on its chunks alone, and the
   server adds what arrives (docs/theory/compression.md#in-the-loop-of-the-runtime). */
#include "base/error.h"
#include "base/sum.h"
#include "runtime/codec.h"
#include "runtime/design.h"
#include "runtime/progress.h"
#include "runtime/scheme/scheme.h"

static testudo_status stochastic_open(testudo_codec *codec, testudo_error *error)
{
  codec->state = testudo_i_arena_alloc(&codec->arena, (size_t)codec->design->chunks, sizeof(double));
  return testudo_i_arena_check(&codec->arena, error);
}

/* 1 / (d (1 - p)): in the mean over who straggles, the copies of a chunk add up to it. */
static double coefficient_of(const testudo_codec *codec, int32_t chunk)
{
  return 1.0 / (testudo_design_replication(codec->design, chunk) * (1.0 - codec->straggle_prob));
}

static testudo_status stochastic_error(testudo_codec *codec, const testudo_progress *progress, double *decode_error,
                                       testudo_error *error)
{
  (void)error;
  const testudo_design *design = codec->design;
  double *gets = codec->state; /* a coefficient per chunk */
  testudo_i_sum sum = {0.0, 0.0};
  for (int32_t i = 0; i < design->chunks; i++)
    gets[i] = 0.0;
  for (int32_t j = 0; j < design->workers; j++)
    for (int64_t e = design->row[j]; testudo_i_progress_worked(progress, j) && e < design->row[j + 1]; e++)
      gets[design->order[e]] += coefficient_of(codec, design->order[e]);
  for (int32_t i = 0; i < design->chunks; i++)
    testudo_i_sum_add(&sum, (gets[i] - 1.0) * (gets[i] - 1.0));
  *decode_error = testudo_i_sum_value(&sum);
  /* What is left of 1 in rounding is no error. */
  if (*decode_error < 1e-12 * design->chunks)
    *decode_error = 0.0;
  return TESTUDO_OK;
}

static testudo_status stochastic_settle(testudo_codec *codec, const testudo_progress *progress, int32_t stripe,
                                        bool exact, testudo_error *error)
{
  (void)stripe;
  double left = 0.0;
  if (exact)
    TESTUDO_I_TRY(stochastic_error(codec, progress, &left, error));
  if (left == 0.0)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_UNDECODABLE,
                        "the sum of what has arrived leaves an error of %.6g chunks: only an approximation can be "
                        "decoded",
                        left);
}

static testudo_status stochastic_request(testudo_codec *codec, const testudo_progress *progress,
                                         testudo_request *request, testudo_error *error)
{
  (void)error;
  if (!testudo_i_progress_worked(progress, request->worker))
    return TESTUDO_OK;
  const int32_t *chunk = testudo_design_order(codec->design, request->worker);
  testudo_i_request_shape(request, 1, testudo_design_load(codec->design, request->worker));
  for (size_t k = 0; k < request->count; k++)
    request->coefficient[k] = coefficient_of(codec, chunk[k]);
  return TESTUDO_OK;
}

const testudo_i_codec_class testudo_i_codec_of_stochastic = {
    .open = stochastic_open,
    .settle = stochastic_settle,
    .reads = testudo_i_reads_finished,
    .request = stochastic_request,
    .error = stochastic_error,
    .fixed = true,
    .estimates = true,
};
