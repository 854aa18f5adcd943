/* SPDX-License-Identifier: BSD-3-Clause */
/* What the solutions say: the coefficients of a worker, and how much the code magnifies rounding. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "runtime/codec.h"
#include "runtime/design.h"
#include "runtime/progress.h"

/* A row of B^(s) for the first s + 1 chunks; zero for a worker that has done fewer. */
static testudo_status nested_coefficients(testudo_codec *codec, const testudo_progress *progress, int32_t worker,
                                          double *coefficients, testudo_error *error)
{
  testudo_status status = testudo_i_settle_level(codec, progress, error);
  if (status != TESTUDO_OK)
    return status;
  const testudo_i_family *family = &codec->design->family;
  const double *row = testudo_i_family_row(family, codec->level, worker);
  bool reads = testudo_i_codec_reads(codec, progress, worker);
  for (int32_t k = 0; k < progress->done[worker]; k++)
    coefficients[k] = reads && k <= family->tolerance[codec->level] ? row[k] : 0.0;
  return TESTUDO_OK;
}

/* The largest over the blocks. */
static testudo_status blocks_amplification(testudo_codec *codec, const testudo_progress *progress, double *largest,
                                           testudo_error *error)
{
  testudo_status status = TESTUDO_OK;
  for (int32_t block = 0; status == TESTUDO_OK && block < codec->design->layout.blocks; block++) {
    status = testudo_i_level_weights(codec, progress, block, true, error);
    *largest = fmax(*largest, codec->quality.norm);
  }
  return status;
}

/* Schemes whose coefficients do not depend on the progress; the message of a worker that is not read is zero. */
static void fixed_coefficients(const testudo_progress *progress, int32_t worker, double *coefficients)
{
  const double *own = testudo_design_coefficients(progress->design, worker);
  bool reads = testudo_i_progress_reads(progress, worker);
  for (int32_t k = 0; k < progress->done[worker]; k++)
    coefficients[k] = !reads ? 0.0 : own == NULL ? 1.0 : own[k];
}

testudo_status testudo_coefficients(testudo_codec *codec, const testudo_progress *progress, int32_t worker,
                                    double *coefficients, testudo_error *error)
{
  const testudo_design *design = codec->design;
  testudo_status status = testudo_i_codec_meet(codec, progress, error);
  if (status != TESTUDO_OK)
    return status;
  if (worker < 0 || worker >= design->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "worker %d, but workers are 0..%d", (int)worker,
                          (int)design->workers - 1);
  if (design->scheme == TESTUDO_SCHEME_BLOCK)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "scheme block has a row of coefficients a block: testudo_design_nested_coefficients");
  const int32_t *order = testudo_design_order(design, worker);
  size_t parts = (size_t)design->parts;
  if (design->scheme == TESTUDO_SCHEME_NESTED)
    return nested_coefficients(codec, progress, worker, coefficients, error);
  if (design->scheme != TESTUDO_SCHEME_PARTIAL) {
    fixed_coefficients(progress, worker, coefficients);
    return TESTUDO_OK;
  }
  for (int32_t k = 0; k < progress->done[worker] && status == TESTUDO_OK; k++) {
    status = testudo_i_codec_solve(codec, progress, order[k], error);
    size_t entry = (size_t)(design->chunk_row[order[k]] + codec->slot[design->row[worker] + k]);
    memcpy(coefficients + (size_t)k * parts, codec->solution + entry * parts, parts * sizeof *coefficients);
  }
  return status;
}

/* The largest over parts k of sum_j |R_kj| |A_ikj|. */
static double chunk_amplification(const testudo_codec *codec, int32_t chunk)
{
  const testudo_design *design = codec->design;
  size_t parts = (size_t)design->parts, workers = (size_t)design->workers;
  double largest = 0.0;
  for (size_t k = 0; k < parts; k++) {
    double sum = 0.0;
    for (int64_t e = design->chunk_row[chunk]; e < design->chunk_row[chunk + 1]; e++)
      sum += fabs(design->matrix[k * workers + (size_t)design->holder[e]] * codec->solution[(size_t)e * parts + k]);
    largest = fmax(largest, sum);
  }
  return largest;
}

testudo_status testudo_amplification(testudo_codec *codec, const testudo_progress *progress, double *amplification,
                                     double *condition, testudo_error *error)
{
  const testudo_design *design = codec->design;
  testudo_status status = testudo_i_codec_meet(codec, progress, error);
  double largest = 1.0, worst = 1.0;
  if (status == TESTUDO_OK &&
      (design->scheme == TESTUDO_SCHEME_GRADIENT_CODE || design->scheme == TESTUDO_SCHEME_NESTED)) {
    const double *vector;
    status = testudo_decode_vector(codec, progress, &vector, error);
    largest = codec->quality.norm;
  }
  if (status == TESTUDO_OK && design->scheme == TESTUDO_SCHEME_BLOCK) {
    largest = 0.0;
    status = blocks_amplification(codec, progress, &largest, error);
  }
  bool solves = design->scheme == TESTUDO_SCHEME_PARTIAL;
  for (int32_t i = 0; solves && i < design->chunks && status == TESTUDO_OK; i++) {
    status = testudo_i_codec_solve(codec, progress, i, error);
    if (status != TESTUDO_OK)
      break;
    if (amplification != NULL)
      largest = fmax(largest, chunk_amplification(codec, i));
    worst = fmax(worst, codec->condition[i]);
  }
  if (status != TESTUDO_OK)
    return status;
  if (amplification != NULL)
    *amplification = largest;
  if (condition != NULL)
    *condition = worst;
  return TESTUDO_OK;
}
