/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rotated and xor. Where a group has no more chunks than workers, the places L[a][b] of chunk b at worker a form a
   Latin square, or a piece of one, so that the workers of a group start on different chunks; where it has more they
   start on different blocks. */
#include <testudo/code.h>

#include "base/error.h"
#include "runtime/vector/groups.h"

/* The chunk that worker a of a group of `load` chunks processes at place p (both counted from 0). */
typedef int32_t chunk_at(int32_t a, int32_t p, int32_t load);

/* L[a][b] = ((b - a) mod load) + 1. */
static int32_t rotated(int32_t a, int32_t p, int32_t load)
{
  return (int32_t)(((int64_t)p + a) % load);
}

/* L[a][b] = (a xor b) + 1, its own inverse in b; a group of more workers than chunks begins again. */
static int32_t xored(int32_t a, int32_t p, int32_t load)
{
  return p ^ (a % load);
}

static testudo_status check_power_of_two(const testudo_i_groups *groups, testudo_error *error)
{
  for (int32_t g = 0; g < groups->groups; g++)
    if ((groups->load[g] & (groups->load[g] - 1)) != 0)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                            "order xor: group %d holds %d chunks, but the XOR square needs a power of two", (int)g,
                            (int)groups->load[g]);
  return TESTUDO_OK;
}

/* start[g] .. : the chunks of group g in ascending order. */
static testudo_status list_chunks(const testudo_assignment *assignment, testudo_i_groups *groups, int64_t **start,
                                  int32_t **listed, testudo_error *error)
{
  *start = testudo_i_arena_calloc(&groups->arena, (size_t)groups->groups + 1, sizeof **start);
  *listed = testudo_i_arena_alloc(&groups->arena, (size_t)assignment->chunks, sizeof **listed);
  TESTUDO_I_TRY(testudo_i_arena_check(&groups->arena, error));
  for (int32_t g = 0; g < groups->groups; g++)
    (*start)[g + 1] = (*start)[g] + groups->load[g];
  for (int32_t j = 0; j < assignment->workers; j++) {
    if (groups->rank[j] != 0)
      continue;
    int32_t *list = *listed + (*start)[groups->group_of[j]];
    for (int64_t e = assignment->row[j]; e < assignment->row[j + 1]; e++)
      list[groups->index[assignment->chunk[e]]] = assignment->chunk[e];
  }
  return TESTUDO_OK;
}

static testudo_status order_by(testudo_assignment *assignment, chunk_at *at, testudo_pairing pairing, const char *name,
                               testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_groups_free) testudo_i_groups groups = {0};
  int64_t *start;
  int32_t *listed;
  TESTUDO_I_TRY(testudo_i_groups_find(assignment->workers, assignment->chunks, assignment->row, assignment->chunk,
                                      &groups, error));
  if (groups.groups == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "order %s: it needs workers in groups that hold the same chunks (assignment frc)", name);
  /* A shift by one chunk would make all of a group do nearly the same at once. */
  for (int32_t g = 0; g < groups.groups; g++)
    if (groups.load[g] > groups.size[g])
      return testudo_order_by_slots(assignment, &(testudo_slot_order){.pairing = pairing, .name = name}, error);
  if (at == xored)
    TESTUDO_I_TRY(check_power_of_two(&groups, error));
  TESTUDO_I_TRY(list_chunks(assignment, &groups, &start, &listed, error));
  for (int32_t j = 0; j < assignment->workers; j++) {
    int32_t g = groups.group_of[j];
    for (int32_t p = 0; p < groups.load[g]; p++)
      assignment->chunk[assignment->row[j] + p] = listed[start[g] + at(groups.rank[j], p, groups.load[g])];
  }
  return TESTUDO_OK;
}

testudo_status testudo_order_rotated(testudo_assignment *assignment, testudo_error *error)
{
  return order_by(assignment, rotated, TESTUDO_PAIRING_ADDED, "rotated", error);
}

testudo_status testudo_order_xor(testudo_assignment *assignment, testudo_error *error)
{
  return order_by(assignment, xored, TESTUDO_PAIRING_XOR, "xor", error);
}
