/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What there is to do: the points of all grids, without those that are there. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "explore/explore.h"

/* Where a point stands: the grid and its number there. */
typedef struct place {
  char key[TESTUDO_I_STORE_KEY + 1];
  int64_t index; /* in all grids */
} place;

testudo_status run_point(const explore_run *run, int64_t index, explore_point *point, testudo_i_arena *arena,
                         testudo_error *error)
{
  size_t g = 0;
  for (; index >= run->grid[g].points; g++)
    index -= run->grid[g].points;
  return grid_point(&run->grid[g], index, point, arena, error);
}

void run_count_points(explore_run *run)
{
  run->points = 0;
  for (size_t g = 0; g < run->grids; g++)
    run->points += run->grid[g].points;
}

static int by_key(const void *a, const void *b)
{
  const place *left = a, *right = b;
  int order = strcmp(left->key, right->key);
  return order != 0 ? order : (left->index > right->index) - (left->index < right->index);
}

static int by_index(const void *a, const void *b)
{
  const place *left = a, *right = b;
  return (left->index > right->index) - (left->index < right->index);
}

/* Every point's key: of all shards, so that of two that are the same each shard leaves out the same one. */
static testudo_status list_places(explore_run *run, place *list, testudo_error *error)
{
  for (int64_t index = 0; index < run->points; index++) {
    TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
    explore_point point;
    if (index % 512 == 0 && (session_stopped() || session_out_of_time(run->limit)))
      return TESTUDO_INTERRUPTED;
    TESTUDO_I_TRY(run_point(run, index, &point, &arena, error));
    memcpy(list[index].key, point.key, sizeof point.key);
    list[index].index = index;
  }
  qsort(list, (size_t)run->points, sizeof *list, by_key);
  int64_t kept = 0;
  for (int64_t k = 0; k < run->points; k++)
    if (k == 0 || strcmp(list[k].key, list[k - 1].key) != 0)
      list[kept++] = list[k];
  run->repeated = run->points - kept;
  qsort(list, (size_t)kept, sizeof *list, by_index);
  return TESTUDO_OK;
}

/* Counts a point that the store has, finished or given up. */
static testudo_status is_there(explore_run *run, int64_t index, bool *there, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  explore_point point;
  bool finished;
  *there = false;
  if (run->store == NULL)
    return TESTUDO_OK;
  TESTUDO_I_TRY(run_point(run, index, &point, &arena, error));
  TESTUDO_I_TRY(testudo_i_store_has(run->store, point.key, point.trials, run->point_limit, there, error));
  TESTUDO_I_TRY(testudo_i_store_has(run->store, point.key, point.trials, 0.0, &finished, error));
  run->there += *there && finished;
  run->given_up += *there && !finished;
  return TESTUDO_OK;
}

static testudo_status list_todo(explore_run *run, int64_t *todo, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) place *list = testudo_i_calloc((size_t)run->points + 1, sizeof *list);
  TESTUDO_I_TRY(testudo_i_memory_check(list != NULL, error));
  TESTUDO_I_TRY(list_places(run, list, error));
  for (int64_t k = 0; k < run->points - run->repeated; k++) {
    bool there;
    if (k % run->shards != run->shard - 1)
      continue;
    if (k % 512 == 0 && session_stopped())
      return TESTUDO_INTERRUPTED;
    run->mine++;
    TESTUDO_I_TRY(is_there(run, list[k].index, &there, error));
    if (!there)
      todo[run->todo++] = list[k].index;
  }
  return TESTUDO_OK;
}

testudo_status run_list(explore_run *run, int64_t **todo, testudo_error *error)
{
  run_count_points(run);
  *todo = testudo_i_calloc((size_t)run->points + 1, sizeof **todo);
  TESTUDO_I_TRY(testudo_i_memory_check(*todo != NULL, error));
  return list_todo(run, *todo, error);
}
