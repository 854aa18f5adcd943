/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/codec.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "linalg/dense.h"
#include "runtime/design.h"
#include "runtime/progress.h"

enum { NOT_DONE, DONE, NEVER };

static void fill_slots(testudo_codec *codec)
{
  const testudo_design *design = codec->design;
  for (int32_t i = 0; i < design->chunks; i++)
    for (int64_t e = design->chunk_row[i]; e < design->chunk_row[i + 1]; e++)
      codec->slot[design->row[design->holder[e]] + design->place[e] - 1] = (int32_t)(e - design->chunk_row[i]);
}

static testudo_status create_solver(testudo_codec *codec, testudo_error *error)
{
  const testudo_design *design = codec->design;
  size_t entries = (size_t)design->row[design->workers], chunks = (size_t)design->chunks;
  size_t parts = (size_t)design->parts, most = (size_t)design->max_replication;
  codec->slot = testudo_i_alloc(entries, sizeof *codec->slot);
  codec->solution = testudo_i_calloc(entries * parts, sizeof *codec->solution);
  codec->solved = testudo_i_alloc(entries, 1);
  codec->condition = testudo_i_calloc(chunks, sizeof *codec->condition);
  codec->checked = testudo_i_calloc(chunks, sizeof *codec->checked);
  codec->columns = testudo_i_alloc(parts * most, sizeof *codec->columns);
  codec->inverse = testudo_i_alloc(parts * most, sizeof *codec->inverse);
  codec->work =
      testudo_i_alloc(testudo_i_pseudo_inverse_room(design->parts, design->max_replication), sizeof *codec->work);
  if (codec->slot == NULL || codec->solution == NULL || codec->solved == NULL || codec->condition == NULL ||
      codec->checked == NULL || codec->columns == NULL || codec->inverse == NULL || codec->work == NULL)
    return testudo_i_fail_memory(error);
  memset(codec->solved, NEVER, entries);
  fill_slots(codec);
  return TESTUDO_OK;
}

testudo_status testudo_codec_create(const testudo_design *design, testudo_codec **codec, testudo_error *error)
{
  *codec = NULL;
  testudo_codec *made = testudo_i_calloc(1, sizeof *made);
  if (made == NULL)
    return testudo_i_fail_memory(error);
  size_t parts = (size_t)design->parts, encoded = (size_t)design->max_load * parts;
  made->design = design;
  made->inputs = encoded > (size_t)design->workers ? encoded : (size_t)design->workers;
  made->input = testudo_i_alloc(made->inputs, sizeof(void *));
  made->output = testudo_i_alloc(parts, sizeof(void *));
  made->weight = testudo_i_alloc(made->inputs * parts, sizeof(double));
  testudo_status status = TESTUDO_OK;
  if (made->input == NULL || made->output == NULL || made->weight == NULL)
    status = testudo_i_fail_memory(error);
  else if (design->scheme == TESTUDO_SCHEME_PARTIAL)
    status = create_solver(made, error);
  else if (design->scheme == TESTUDO_SCHEME_GRADIENT_CODE || design->family.levels > 0)
    status = testudo_i_vector_create(made, error);
  if (status != TESTUDO_OK)
    testudo_codec_free(made);
  else
    *codec = made;
  return status;
}

void testudo_codec_free(testudo_codec *codec)
{
  if (codec == NULL)
    return;
  free(codec->input);
  free(codec->output);
  free(codec->weight);
  free(codec->slot);
  free(codec->solution);
  free(codec->solved);
  free(codec->condition);
  free(codec->checked);
  testudo_i_vector_free(codec);
  free(codec->pivot);
  free(codec->columns);
  free(codec->inverse);
  free(codec->work);
  free(codec);
}

testudo_status testudo_i_codec_meet(testudo_codec *codec, const testudo_progress *progress, testudo_error *error)
{
  if (progress->design != codec->design)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the progress and the codec are of different designs");
  if (codec->epoch == 0 || progress->fingerprint != codec->fingerprint) {
    codec->epoch++;
    codec->fingerprint = progress->fingerprint;
  }
  return TESTUDO_OK;
}

/* The minimum-norm solution for one part: r / ||r||^2, scaled so that nothing over- or underflows on the way. */
static double solve_one_part(const double *r, int32_t count, double *z)
{
  double largest = 0.0, square = 0.0;
  for (int32_t h = 0; h < count; h++)
    largest = fmax(largest, fabs(r[h]));
  for (int32_t h = 0; h < count; h++)
    square += (r[h] / largest) * (r[h] / largest);
  for (int32_t h = 0; h < count; h++)
    z[h] = largest == 0.0 ? 0.0 : r[h] / largest / square / largest;
  return largest == 0.0 ? HUGE_VAL : 1.0;
}

/* Collects the columns of R of the workers that have done the chunk; answers how many. */
static int32_t collect(testudo_codec *codec, int32_t chunk)
{
  const testudo_design *design = codec->design;
  size_t parts = (size_t)design->parts, workers = (size_t)design->workers;
  int32_t count = 0;
  for (int64_t e = design->chunk_row[chunk]; e < design->chunk_row[chunk + 1]; e++) {
    if (codec->solved[e] != DONE)
      continue;
    for (size_t k = 0; k < parts; k++)
      codec->columns[(size_t)count * parts + k] = design->matrix[k * workers + (size_t)design->holder[e]];
    count++;
  }
  return count;
}

static void scatter(testudo_codec *codec, int32_t chunk, int32_t count)
{
  const testudo_design *design = codec->design;
  size_t parts = (size_t)design->parts;
  size_t row = 0;
  for (int64_t e = design->chunk_row[chunk]; e < design->chunk_row[chunk + 1]; e++) {
    bool done = codec->solved[e] == DONE;
    for (size_t k = 0; k < parts; k++)
      codec->solution[(size_t)e * parts + k] = done ? codec->inverse[k * (size_t)count + row] : 0.0;
    row += done;
  }
}

/* Takes over who has done the chunk; true when that differs from what its solution was found for. */
static bool take_over_holders(testudo_codec *codec, const testudo_progress *progress, int32_t chunk)
{
  const testudo_design *design = codec->design;
  bool changed = false;
  for (int64_t e = design->chunk_row[chunk]; e < design->chunk_row[chunk + 1]; e++) {
    unsigned char now = progress->done[design->holder[e]] >= design->place[e] ? DONE : NOT_DONE;
    changed = changed || now != codec->solved[e];
    codec->solved[e] = now;
  }
  return changed;
}

testudo_status testudo_i_codec_solve(testudo_codec *codec, const testudo_progress *progress, int32_t chunk,
                                     testudo_error *error)
{
  const testudo_design *design = codec->design;
  if (codec->checked[chunk] == codec->epoch)
    return TESTUDO_OK;
  testudo_status status = TESTUDO_OK;
  if (take_over_holders(codec, progress, chunk)) {
    int32_t count = collect(codec, chunk);
    double condition = 0.0;
    if (count > 0 && design->parts == 1)
      condition = solve_one_part(codec->columns, count, codec->inverse);
    else if (count > 0)
      status = testudo_i_pseudo_inverse(design->parts, count, codec->columns, codec->inverse, &condition, codec->work,
                                        error);
    codec->condition[chunk] = count < design->parts ? 0.0 : condition;
    scatter(codec, chunk, count);
  }
  if (status != TESTUDO_OK) {
    codec->solved[design->chunk_row[chunk]] = NEVER;
    return status;
  }
  codec->checked[chunk] = codec->epoch;
  return TESTUDO_OK;
}
