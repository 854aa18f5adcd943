/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "optimize/local/missing.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/sum.h"
#include "delay/model.h"
#include "exact/chunk_types.h"

static void find_survivals(testudo_i_missing *missing, const testudo_i_goal *goal)
{
  const testudo_i_board *board = missing->board;
  const testudo_delay_model *model = goal->model;
  double p = model->failures == TESTUDO_FAILURES_EACH ? model->fail_prob : 0;
  for (int64_t e = 0; e < board->slots; e++) {
    int32_t j = board->worker[e], place = (int32_t)(e - board->row[j]) + 1;
    missing->survival[e] = p + (1 - p) * testudo_delay_survival(model, testudo_i_rate(model, j), place,
                                                                 goal->objective.at);
  }
}

testudo_status testudo_i_missing_make(testudo_i_missing *missing, const testudo_i_goal *goal,
                                      testudo_i_board *board, int32_t parts, testudo_error *error)
{
  const testudo_delay_model *model = goal->model;
  *missing = (testudo_i_missing){.board = board, .parts = parts};
  missing->failed = model->failures == TESTUDO_FAILURES_EXACTLY ? model->failed : 0;
  size_t width = (size_t)parts + 1;
  missing->survival = testudo_i_alloc((size_t)board->slots, sizeof *missing->survival);
  missing->error = testudo_i_alloc((size_t)board->chunks, sizeof *missing->error);
  missing->law = testudo_i_alloc(width, sizeof *missing->law);
  missing->room = testudo_i_alloc(((size_t)missing->failed + 1) * width, sizeof *missing->room);
  missing->slots = testudo_i_alloc((size_t)board->slots, sizeof *missing->slots);
  if (missing->survival == NULL || missing->error == NULL || missing->law == NULL || missing->room == NULL ||
      missing->slots == NULL) {
    testudo_i_missing_free(missing);
    return testudo_i_fail_memory(error);
  }
  find_survivals(missing, goal);
  testudo_i_missing_refresh(missing);
  return TESTUDO_OK;
}

void testudo_i_missing_free(testudo_i_missing *missing)
{
  free(missing->survival);
  free(missing->error);
  free(missing->law);
  free(missing->room);
  free(missing->slots);
  *missing = (testudo_i_missing){.parts = 0};
}

/* With slot `out` replaced by `in`; -1: as it is. */
static double chunk_error(testudo_i_missing *missing, int32_t chunk, int64_t out, int64_t in)
{
  const testudo_i_board *board = missing->board;
  int32_t holders = 0;
  for (int64_t h = board->holder_row[chunk]; h < board->holder_row[chunk + 1]; h++)
    missing->slots[holders++] = board->holder[h] == out ? in : board->holder[h];
  testudo_i_cover_law(missing->survival, missing->slots, holders, missing->parts, board->workers, missing->failed,
                      missing->law, missing->room);
  double error = 0;
  for (int32_t v = 0; v < missing->parts; v++)
    error += (missing->parts - v) * missing->law[v];
  return error;
}

static void find_value(testudo_i_missing *missing)
{
  testudo_i_sum sum = {0, 0};
  for (int32_t i = 0; i < missing->board->chunks; i++)
    testudo_i_sum_add(&sum, missing->error[i]);
  missing->value = testudo_i_sum_value(&sum);
}

void testudo_i_missing_refresh(testudo_i_missing *missing)
{
  for (int32_t i = 0; i < missing->board->chunks; i++)
    missing->error[i] = chunk_error(missing, i, -1, -1);
  find_value(missing);
}

double testudo_i_missing_try(testudo_i_missing *missing, int64_t one, int64_t other)
{
  int32_t a = missing->board->chunk[one], b = missing->board->chunk[other];
  double after = chunk_error(missing, a, one, other) + chunk_error(missing, b, other, one);
  return missing->value + (after - missing->error[a] - missing->error[b]);
}

void testudo_i_missing_exchange(testudo_i_missing *missing, int64_t one, int64_t other)
{
  int32_t a = missing->board->chunk[one], b = missing->board->chunk[other];
  double before = missing->error[a] + missing->error[b];
  testudo_i_board_exchange(missing->board, one, other);
  missing->error[a] = chunk_error(missing, a, -1, -1);
  missing->error[b] = chunk_error(missing, b, -1, -1);
  missing->value += missing->error[a] + missing->error[b] - before;
}
