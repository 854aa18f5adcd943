/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What has to be covered, and by whom, in components that share no worker: rows of the rule that matter, whatever their
   numbers. */
#ifndef TESTUDO_EXACT_ELIMINATION_COVER_H
#define TESTUDO_EXACT_ELIMINATION_COVER_H

#include <stdint.h>

#include "base/arena.h"
#include "exact/cluster.h"

/* Workers and rows stand by component. Worker w counts in the rows row[first[w]] .. once it has done step[..] steps;
   row r needs need[r] of the workers holder[held[r]] .., in ascending order, that must have done place[..] steps. */
typedef struct testudo_i_cover {
  int32_t workers, rows, components;
  int32_t *worker, *class_, *load; /* the worker's number in the cluster, its class and steps */
  int64_t *first;
  int32_t *row, *step;             /* of a worker, by steps */
  int64_t *held;
  int32_t *holder, *place;
  int32_t *need;
  int32_t *same;                   /* rows of the rule that are this one */
  int32_t *worker_start, *row_start; /* components + 1 */
  int32_t *kind;                   /* of each component: the first component that is the same up to numbers */
  int32_t *twin;                   /* of each worker: the one that stands for it in that component */
} testudo_i_cover;

/* Which rows are kept. */
typedef enum testudo_i_cover_of {
  TESTUDO_I_COVER_COMPLETION, /* those whose cover does not follow from that of another */
  TESTUDO_I_COVER_ERROR,      /* all, equal ones as one */
  TESTUDO_I_COVER_FAILURES    /* as COMPLETION, where a worker does all its steps or none: its steps are one */
} testudo_i_cover_of;

/* The rows of an ALL rule of the cluster's workers. Everything is made in the arena. O(pairs load replication), and
   O(pairs) for the rest. */
TESTUDO_CHECKED testudo_status testudo_i_cover_make(const testudo_i_cluster *cluster, const testudo_i_rule *rule,
                                                    testudo_i_cover_of of, testudo_i_arena *arena,
                                                    testudo_i_cover *cover, testudo_error *error);

/* Finds the components that are the same up to numbers, classes of workers included: kind and twin. A component that is
   another may be missed where a row has several holders alike, never the reverse. */
TESTUDO_CHECKED testudo_status testudo_i_cover_kinds(testudo_i_cover *cover, testudo_i_arena *arena,
                                                     testudo_error *error);

#endif
