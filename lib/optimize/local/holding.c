/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The slots of an assignment with an index of holders, kept up to date by exchanges. */
#include "optimize/local/holding.h"

#include <string.h>

#include "base/error.h"

testudo_status testudo_i_holding_make(testudo_i_holding *holding, testudo_i_arena *arena,
                                      const testudo_assignment *orders, testudo_error *error)
{
  int64_t slots = orders->row[orders->workers];
  size_t room = (size_t)slots;
  *holding = (testudo_i_holding){.workers = orders->workers, .chunks = orders->chunks, .slots = slots};
  holding->row = testudo_i_arena_alloc(arena, (size_t)orders->workers + 1, sizeof *holding->row);
  holding->worker = testudo_i_arena_alloc(arena, room, sizeof *holding->worker);
  holding->chunk = testudo_i_arena_alloc(arena, room, sizeof *holding->chunk);
  holding->holder_row = testudo_i_arena_alloc(arena, (size_t)orders->chunks + 1, sizeof *holding->holder_row);
  holding->holder = testudo_i_arena_alloc(arena, room, sizeof *holding->holder);
  holding->at = testudo_i_arena_alloc(arena, room, sizeof *holding->at);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  memcpy(holding->row, orders->row, ((size_t)orders->workers + 1) * sizeof *holding->row);
  for (int32_t j = 0; j < orders->workers; j++)
    for (int64_t e = orders->row[j]; e < orders->row[j + 1]; e++)
      holding->worker[e] = j;
  testudo_i_holding_set(holding, orders->chunk);
  return TESTUDO_OK;
}

void testudo_i_holding_set(testudo_i_holding *holding, const int32_t *chunk)
{
  if (holding->slots > 0)
    memcpy(holding->chunk, chunk, (size_t)holding->slots * sizeof *chunk);
  memset(holding->holder_row, 0, ((size_t)holding->chunks + 1) * sizeof *holding->holder_row);
  for (int64_t e = 0; e < holding->slots; e++)
    holding->holder_row[holding->chunk[e] + 1]++;
  for (int32_t i = 0; i < holding->chunks; i++)
    holding->holder_row[i + 1] += holding->holder_row[i];
  for (int64_t e = holding->slots; e-- > 0;) {
    /* From the end, so that the rows are filled from their ends and stand where they began. */
    int64_t at = --holding->holder_row[holding->chunk[e] + 1];
    holding->holder[at] = e;
    holding->at[e] = at;
  }
  /* Every end has moved to its row's beginning: one place down. */
  memmove(holding->holder_row, holding->holder_row + 1, (size_t)holding->chunks * sizeof *holding->holder_row);
  holding->holder_row[holding->chunks] = holding->slots;
}

static bool holds(const testudo_i_holding *holding, int32_t worker, int32_t chunk)
{
  for (int64_t e = holding->row[worker]; e < holding->row[worker + 1]; e++)
    if (holding->chunk[e] == chunk)
      return true;
  return false;
}

bool testudo_i_holding_may_exchange(const testudo_i_holding *holding, int64_t one, int64_t other)
{
  int32_t a = holding->chunk[one], b = holding->chunk[other], j = holding->worker[one], k = holding->worker[other];
  if (a == b)
    return false;
  return j == k || (!holds(holding, j, b) && !holds(holding, k, a));
}

void testudo_i_holding_exchange(testudo_i_holding *holding, int64_t one, int64_t other)
{
  int32_t a = holding->chunk[one], b = holding->chunk[other];
  int64_t at_a = holding->at[one], at_b = holding->at[other];
  holding->chunk[one] = b;
  holding->chunk[other] = a;
  holding->holder[at_a] = other;
  holding->holder[at_b] = one;
  holding->at[other] = at_a;
  holding->at[one] = at_b;
}
