/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/gradient_code/groups.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

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
static bool claim(const rows *r, int32_t worker, int32_t g, int32_t *owner)
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
      if (!claim(r, j, g, owner))
        return false;
      groups->load[g] = load_of(r, j);
    } else if (!holds_exactly(r, j, g, owner, groups->load[g]))
      return false;
    groups->group_of[j] = g;
    groups->rank[j] = groups->size[g]++;
  }
  return true;
}

static testudo_status index_chunks(const rows *r, testudo_i_groups *groups, const int32_t *owner, testudo_error *error)
{
  int32_t *next = testudo_i_calloc((size_t)groups->groups, sizeof *next);
  if (next == NULL)
    return testudo_i_fail_memory(error);
  for (int32_t i = 0; i < r->chunks; i++)
    groups->index[i] = owner[i] < 0 ? -1 : next[owner[i]]++;
  free(next);
  return TESTUDO_OK;
}

static bool allocate(testudo_i_groups *groups, int32_t workers, int32_t chunks)
{
  groups->group_of = testudo_i_alloc((size_t)workers, sizeof(int32_t));
  groups->rank = testudo_i_alloc((size_t)workers, sizeof(int32_t));
  groups->size = testudo_i_calloc((size_t)workers, sizeof(int32_t));
  groups->load = testudo_i_alloc((size_t)workers, sizeof(int32_t));
  groups->index = testudo_i_alloc((size_t)chunks, sizeof(int32_t));
  return groups->group_of && groups->rank && groups->size && groups->load && groups->index;
}

testudo_status testudo_i_groups_find(int32_t workers, int32_t chunks, const int64_t *row, const int32_t *chunk,
                                     testudo_i_groups *groups, testudo_error *error)
{
  const rows r = {workers, chunks, row, chunk};
  *groups = (testudo_i_groups){0};
  testudo_status status = TESTUDO_OK;
  int32_t *owner = testudo_i_alloc((size_t)chunks, sizeof *owner);
  if (owner == NULL || !allocate(groups, workers, chunks)) {
    status = testudo_i_fail_memory(error);
    goto done;
  }
  for (int32_t i = 0; i < chunks; i++)
    owner[i] = -1;
  if (sort_workers(&r, groups, owner))
    status = index_chunks(&r, groups, owner, error);
  else
    testudo_i_groups_free(groups);
done:
  free(owner);
  if (status != TESTUDO_OK)
    testudo_i_groups_free(groups);
  return status;
}

void testudo_i_groups_free(testudo_i_groups *groups)
{
  free(groups->group_of);
  free(groups->rank);
  free(groups->size);
  free(groups->load);
  free(groups->index);
  *groups = (testudo_i_groups){0};
}
