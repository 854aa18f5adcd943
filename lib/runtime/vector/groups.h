/* SPDX-License-Identifier: BSD-3-Clause */
/* Group structure: workers that hold exactly the same chunks, in groups that share no chunk (fractional repetition). */
#ifndef TESTUDO_RUNTIME_GROUPS_H
#define TESTUDO_RUNTIME_GROUPS_H

#include <stdint.h>

#include <testudo/status.h>

#include "base/arena.h"

typedef struct testudo_i_groups {
  int32_t groups;       /* 0 when the assignment has no such structure; the arrays are then NULL */
  int32_t *group_of;    /* worker -> group; groups are numbered by their first worker */
  int32_t *rank;        /* worker -> place in its group, counted from 0 in order of number */
  int32_t *size;        /* group -> workers */
  int32_t *load;        /* group -> chunks that each of its workers holds */
  int32_t *index;       /* chunk -> its rank in the group's ascending list */
  testudo_i_arena arena;
} testudo_i_groups;

/* Looks for the structure in compressed rows (row: workers + 1 offsets into chunk). O(entries + N + m). */
TESTUDO_CHECKED testudo_status testudo_i_groups_find(int32_t workers, int32_t chunks, const int64_t *row,
                                                     const int32_t *chunk, testudo_i_groups *groups,
                                                     testudo_error *error);
void testudo_i_groups_free(testudo_i_groups *groups);

#endif
