/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cluster as a sequence of events: one update after the other (docs/theory/waiting.md#rules). */
#ifndef TESTUDO_SGD_CLOCK_EVENTS_H
#define TESTUDO_SGD_CLOCK_EVENTS_H

#include <testudo/waiting.h>

#include "sgd/clock/tasks.h"

/* Blocks first .. first + blocks - 1 of task `task` of the worker, computed at the parameters of `version` (0: w_0). */
typedef struct testudo_i_part {
  int32_t worker, first, blocks;
  int64_t task, version;
  double arrived;           /* since the beginning, as is `time` */
} testudo_i_part;

typedef struct testudo_i_update {
  int64_t version;          /* that it makes: 1, 2, .. */
  double time;
  int32_t parts;
  const testudo_i_part *part; /* lent until the next call; by arrival, then worker; of lgc by worker, the owed before */
} testudo_i_update;

typedef struct testudo_i_events testudo_i_events;

/* From time 0 on, all workers starting with w_0; `wait` is K, `blocks` those of a task, at most the tasks'. The tasks
   must outlive the events; who else draws from them costs time only. TESTUDO_ERROR_ARGUMENT for what waiting.h refuses.
   Memory: O(workers), of lgc O(workers blocks). */
TESTUDO_CHECKED testudo_status testudo_i_events_create(testudo_i_tasks *tasks, testudo_update_rule rule, int32_t wait,
                                                       int32_t blocks, testudo_i_events **events,
                                                       testudo_error *error);
void testudo_i_events_free(testudo_i_events *events); /* NULL is fine */

/* The next update. Ties go by time, then worker. TESTUDO_UNDECODABLE, with a sentence, where failed tasks keep it from
   ever coming; so it is from then on. Cost: O(log workers) per task; of k-sync and lgc O(workers blocks) per update. */
TESTUDO_CHECKED testudo_status testudo_i_events_next(testudo_i_events *events, testudo_i_update *update,
                                                     testudo_error *error);

/* Of k-async and k-batch-async: the version that the worker's task under way has read, the newest or the one before it
   for whoever has a part in the last update. */
int64_t testudo_i_events_reads(const testudo_i_events *events, int32_t worker);

/* K from the next update on, brought into the range that the rule allows: answers it. */
int32_t testudo_i_events_wait(testudo_i_events *events, int32_t wait);

#endif
