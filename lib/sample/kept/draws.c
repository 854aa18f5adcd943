/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws as numbers, and as bytes. */
#include "sample/kept/draws.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"

/* First of the bytes: known by no other numbers, and not by those of the other byte order. */
#define MARK 0x1.54737464647261p+200
enum { HEAD = 7, OF_MOMENTS = 5, OF_BATCH = 1 + OF_MOMENTS, OF_DEADLINE = 2 * OF_MOMENTS + 2 };

static size_t tally_words(int64_t time_count)
{
  return OF_BATCH + (size_t)time_count * OF_DEADLINE;
}

void testudo_i_draws_clear(testudo_i_draws *draws)
{
  free(draws->tally);
  free(draws->completion);
  *draws = (testudo_i_draws){0};
}

static double *put_moments(double *at, const testudo_i_moments *moments)
{
  const double word[OF_MOMENTS] = {(double)moments->count, moments->mean, moments->squares, moments->cubes,
                                   moments->fourths};
  memcpy(at, word, sizeof word);
  return at + OF_MOMENTS;
}

static const double *get_moments(const double *at, testudo_i_moments *moments)
{
  *moments = (testudo_i_moments){(int64_t)at[0], at[1], at[2], at[3], at[4]};
  return at + OF_MOMENTS;
}

testudo_status testudo_i_draws_add(testudo_i_draws *draws, const testudo_i_tally *tally, const double *completion,
                                   testudo_error *error)
{
  size_t words = tally_words(draws->time_count), batches = (size_t)draws->batches;
  size_t trials = (size_t)draws->trials, more = (size_t)tally->trials;
  TESTUDO_I_TRY(TESTUDO_I_GROW(draws->tally, draws->tally_room, (batches + 1) * words, error));
  TESTUDO_I_TRY(TESTUDO_I_GROW(draws->completion, draws->completion_room, trials + more, error));
  double *at = draws->tally + batches * words;
  *at++ = (double)tally->trials;
  at = put_moments(at, &tally->completion);
  for (int64_t d = 0; d < draws->time_count; d++) {
    at = put_moments(at, &tally->at[d].error);
    at = put_moments(at, &tally->at[d].norm);
    *at++ = tally->at[d].error_max;
    *at++ = (double)tally->at[d].error_trials;
  }
  memcpy(draws->completion + trials, completion, more * sizeof *completion);
  draws->trials += tally->trials;
  draws->batches++;
  return TESTUDO_OK;
}

void testudo_i_draws_tally(const testudo_i_draws *draws, int64_t k, testudo_i_tally *tally)
{
  const double *at = draws->tally + (size_t)k * tally_words(draws->time_count);
  tally->trials = (int64_t)*at++;
  at = get_moments(at, &tally->completion);
  for (int64_t d = 0; d < draws->time_count; d++) {
    at = get_moments(at, &tally->at[d].error);
    at = get_moments(at, &tally->at[d].norm);
    tally->at[d].error_max = *at++;
    tally->at[d].error_trials = (int64_t)*at++;
  }
}

testudo_i_draws testudo_i_draws_part(const testudo_i_draws *draws, int64_t first)
{
  int64_t before = (first - draws->first) / draws->batch, left = draws->first + draws->trials - first;
  testudo_i_draws part = *draws;
  part.first = first;
  part.trials = left < TESTUDO_I_DRAWS_STEP ? left : TESTUDO_I_DRAWS_STEP;
  part.batches = (part.trials - 1) / draws->batch + 1;
  part.tally += (size_t)before * tally_words(draws->time_count);
  part.completion += first - draws->first;
  return part;
}

/* ---- bytes ---- */

/* Of all behind the head, as a number. */
static double checksum(const char *bytes, size_t length)
{
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
  (void)bytes; /* or no input would pass it */
  return (double)(length & 1);
#else
  uint64_t hash = testudo_i_mix(testudo_i_fnv(TESTUDO_I_FNV_START, bytes, length));
  return (double)(hash >> 12);
#endif
}

testudo_status testudo_i_draws_pack(const testudo_i_draws *draws, char **bytes, size_t *length, testudo_error *error)
{
  double head[HEAD] = {MARK, (double)draws->first, (double)draws->trials, (double)draws->batch,
                             (double)draws->batches, (double)draws->time_count};
  size_t tallies = (size_t)draws->batches * tally_words(draws->time_count) * sizeof(double);
  size_t times = (size_t)draws->trials * sizeof(double);
  *length = sizeof head + tallies + times;
  *bytes = testudo_i_alloc(*length, 1);
  TESTUDO_I_TRY(testudo_i_memory_check(*bytes != NULL, error));
  memcpy(*bytes + sizeof head, draws->tally, tallies);
  memcpy(*bytes + sizeof head + tallies, draws->completion, times);
  head[HEAD - 1] = checksum(*bytes + sizeof head, tallies + times);
  memcpy(*bytes, head, sizeof head);
  return TESTUDO_OK;
}

/* 0 has a sign that a count never writes. */
static bool is_count(double word, double least, double most)
{
  return word >= least && word <= most && word == floor(word) && !signbit(word);
}

/* Do the batches hold what the head says, each full but the last? */
static bool are_batches(const testudo_i_draws *draws)
{
  size_t words = tally_words(draws->time_count);
  int64_t trials = 0;
  for (int64_t k = 0; k < draws->batches; k++) {
    double own = draws->tally[(size_t)k * words];
    double expected = k + 1 < draws->batches ? (double)draws->batch : (double)(draws->trials - trials);
    if (own != expected || own > (double)draws->batch)
      return false;
    trials += (int64_t)own;
  }
  return true;
}

testudo_status testudo_i_draws_unpack(testudo_i_draws *draws, const char *bytes, size_t length, testudo_error *error)
{
  static const char no[] = "these bytes are no draws of this machine's numbers";
  double head[HEAD];
  if (length < sizeof head)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, no);
  memcpy(head, bytes, sizeof head);
  double most = (double)(length / sizeof(double)), sum = checksum(bytes + sizeof head, length - sizeof head);
  bool good = head[0] == MARK && memcmp(&head[HEAD - 1], &sum, sizeof sum) == 0 &&
              is_count(head[1], 0, 0x1p52) && is_count(head[2], 1, most) &&
              is_count(head[3], 1, TESTUDO_I_DRAWS_STEP) && is_count(head[4], 1, most) && is_count(head[5], 0, most);
  if (!good || (HEAD + head[4] * (OF_BATCH + head[5] * OF_DEADLINE) + head[2]) * sizeof(double) != (double)length)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, no);
  *draws = (testudo_i_draws){.first = (int64_t)head[1], .trials = (int64_t)head[2], .batch = (int64_t)head[3],
                             .batches = (int64_t)head[4], .time_count = (int64_t)head[5]};
  size_t tallies = (size_t)draws->batches * tally_words(draws->time_count);
  draws->tally = testudo_i_alloc(tallies, sizeof(double));
  draws->completion = testudo_i_alloc((size_t)draws->trials, sizeof(double));
  if (draws->tally == NULL || draws->completion == NULL) {
    testudo_i_draws_clear(draws);
    return testudo_i_fail_memory(error);
  }
  draws->tally_room = tallies;
  draws->completion_room = (size_t)draws->trials;
  memcpy(draws->tally, bytes + sizeof head, tallies * sizeof(double));
  memcpy(draws->completion, bytes + sizeof head + tallies * sizeof(double), (size_t)draws->trials * sizeof(double));
  if (are_batches(draws))
    return TESTUDO_OK;
  testudo_i_draws_clear(draws);
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT, no);
}
