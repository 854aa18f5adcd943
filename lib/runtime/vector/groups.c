/* SPDX-License-Identifier: BSD-3-Clause */
/* Groups: workers sorted by the owners of their chunks. */
#include "runtime/vector/groups.h"

#include <stdbool.h>

typedef struct rows {
  int32_t workers, chunks;
  const int64_t *row;
  const int32_t *chunk;
} rows;

static int32_t load_of(const rows *r, int32_t worker)
{
  return (int32_t)(r->row[worker + 1] - r->row[worker]);
}

/* Puts every chunk of the worker into group g; false when one is in a group already. */
static bool claim_chunks(const rows *r, int32_t worker, int32_t g, int32_t *owner)
{
  for (int64_t e = r->row[worker]; e < r->row[worker + 1]; e++) {
    if (owner[r->chunk[e]] >= 0)
      return false;
    owner[r->chunk[e]] = g;
  }
  return true;
}

static bool holds_exactly(const rows *r, int32_t worker, int32_t g, const int32_t *owner, int32_t load)
{
  if (load_of(r, worker) != load)
    return false;
  for (int64_t e = r->row[worker]; e < r->row[worker + 1]; e++)
    if (owner[r->chunk[e]] != g)
      return false;
  return true;
}

/* Sorts every worker into a group, opening one where its chunks are new; false when that cannot be. A worker's chunks
   are distinct, so equal loads inside one group mean equal sets. */
static bool sort_workers(const rows *r, testudo_i_groups *groups, int32_t *owner)
{
  for (int32_t j = 0; j < r->workers; j++) {
    if (load_of(r, j) == 0)
      return false;
    int32_t g = owner[r->chunk[r->row[j]]];
    if (g < 0) {
      g = groups->groups++;
      if (!claim_chunks(r, j, g, owner))
        return false;
      groups->load[g] = load_of(r, j);
    } else if (!holds_exactly(r, j, g, owner, groups->load[g]))
      return false;
    groups->group_of[j] = g;
    groups->rank[j] = groups->size[g]++;
  }
  return true;
}

testudo_status testudo_i_groups_find(int32_t workers, int32_t chunks, const int64_t *row, const int32_t *chunk,
                                     testudo_i_groups *groups, testudo_error *error)
{
  const rows r = {workers, chunks, row, chunk};
  *groups = (testudo_i_groups){0};
  testudo_i_arena *arena = &groups->arena;
  groups->group_of = testudo_i_arena_alloc(arena, (size_t)workers, sizeof(int32_t));
  groups->rank = testudo_i_arena_alloc(arena, (size_t)workers, sizeof(int32_t));
  groups->size = testudo_i_arena_calloc(arena, (size_t)workers, sizeof(int32_t));
  groups->load = testudo_i_arena_alloc(arena, (size_t)workers, sizeof(int32_t));
  groups->index = testudo_i_arena_alloc(arena, (size_t)chunks, sizeof(int32_t));
  int32_t *next = testudo_i_arena_calloc(arena, (size_t)workers, sizeof *next);
  int32_t *owner = groups->index; /* group of the chunk, -1: none yet */
  testudo_status status = testudo_i_arena_check(arena, error);
  for (int32_t i = 0; status == TESTUDO_OK && i < chunks; i++)
    owner[i] = -1;
  if (status != TESTUDO_OK || !sort_workers(&r, groups, owner)) {
    testudo_i_groups_free(groups);
    return status;
  }
  for (int32_t i = 0; i < chunks; i++)
    groups->index[i] = owner[i] < 0 ? -1 : next[owner[i]]++;
  return TESTUDO_OK;
}

void testudo_i_groups_free(testudo_i_groups *groups)
{
  testudo_i_arena_clear(&groups->arena);
  *groups = (testudo_i_groups){0};
}
