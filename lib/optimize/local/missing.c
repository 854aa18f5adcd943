/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The expected error as a sum over the chunks, of which an exchange changes two terms. */
#include "optimize/local/missing.h"

#include "base/error.h"
#include "base/sum.h"
#include "exact/chunk_types.h"

static void find_survivals(testudo_i_missing *missing, const testudo_i_goal *goal)
{
  double deadline = testudo_i_progress_deadline(goal, missing->parts);
  const testudo_i_holding *holding = missing->holding;
  const testudo_delay_model *model = goal->model;
  const testudo_i_delay delay = testudo_i_goal_delay(goal);
  double p = model->failures == TESTUDO_FAILURES_EACH ? model->fail_prob : 0;
  for (int64_t e = 0; e < holding->slots; e++) {
    int32_t j = holding->worker[e], place = (int32_t)(e - holding->row[j]) + 1;
    const testudo_i_delay own = testudo_i_delay_of(&delay, testudo_i_worker_law(model, j));
    double late = testudo_i_delay_survival(&own, testudo_i_rate(model, j), place, deadline);
    missing->survival[e] = p + (1 - p) * late;
  }
}

/* With slot `out` replaced by `in`; -1: as it is. */
static double chunk_error(testudo_i_missing *missing, int32_t chunk, int64_t out, int64_t in)
{
  const testudo_i_holding *holding = missing->holding;
  int32_t holders = 0;
  for (int64_t h = holding->holder_row[chunk]; h < holding->holder_row[chunk + 1]; h++)
    missing->slots[holders++] = holding->holder[h] == out ? in : holding->holder[h];
  testudo_i_cover_law(missing->survival, missing->slots, holders, missing->parts, holding->workers, missing->failed,
                      missing->law, missing->room);
  double error = 0;
  for (int32_t v = 0; v < missing->parts; v++)
    error += (missing->parts - v) * missing->law[v];
  return error;
}

testudo_status testudo_i_missing_make(testudo_i_missing *missing, testudo_i_arena *arena, const testudo_i_goal *goal,
                                      testudo_i_holding *holding, int32_t parts, testudo_error *error)
{
  const testudo_delay_model *model = goal->model;
  *missing = (testudo_i_missing){.holding = holding, .parts = parts};
  missing->failed = model->failures == TESTUDO_FAILURES_EXACTLY ? model->failed : 0;
  size_t width = (size_t)parts + 1;
  missing->survival = testudo_i_arena_alloc(arena, (size_t)holding->slots, sizeof *missing->survival);
  missing->error = testudo_i_arena_alloc(arena, (size_t)holding->chunks, sizeof *missing->error);
  missing->law = testudo_i_arena_alloc(arena, width, sizeof *missing->law);
  missing->room = testudo_i_arena_alloc(arena, ((size_t)missing->failed + 1) * width, sizeof *missing->room);
  missing->slots = testudo_i_arena_alloc(arena, (size_t)holding->slots, sizeof *missing->slots);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  find_survivals(missing, goal);
  testudo_i_sum sum = {0, 0};
  for (int32_t i = 0; i < holding->chunks; i++) {
    missing->error[i] = chunk_error(missing, i, -1, -1);
    testudo_i_sum_add(&sum, missing->error[i]);
  }
  missing->value = testudo_i_sum_value(&sum);
  return TESTUDO_OK;
}

double testudo_i_missing_try(testudo_i_missing *missing, int64_t one, int64_t other)
{
  int32_t a = missing->holding->chunk[one], b = missing->holding->chunk[other];
  double after = chunk_error(missing, a, one, other) + chunk_error(missing, b, other, one);
  return missing->value + (after - missing->error[a] - missing->error[b]);
}

void testudo_i_missing_exchange(testudo_i_missing *missing, int64_t one, int64_t other)
{
  int32_t a = missing->holding->chunk[one], b = missing->holding->chunk[other];
  double before = missing->error[a] + missing->error[b];
  testudo_i_holding_exchange(missing->holding, one, other);
  missing->error[a] = chunk_error(missing, a, -1, -1);
  missing->error[b] = chunk_error(missing, b, -1, -1);
  missing->value += missing->error[a] + missing->error[b] - before;
}
