/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The times of tasks: start-up, then blocks, then a message (docs/theory/waiting.md#tasks). */
#ifndef TESTUDO_SGD_CLOCK_TASKS_H
#define TESTUDO_SGD_CLOCK_TASKS_H

#include <stdint.h>

#include <testudo/delay.h>

typedef struct testudo_i_tasks testudo_i_tasks;

/* Tasks of up to `blocks` blocks of `unit` draws each, that send `share` of a full vector. The model and what it lends
   must outlive them. Checks the model. Of a replay `unit` is not looked at: by shares, its iterations are cut into
   `blocks` groups of chunks. Not for several threads at once. */
TESTUDO_CHECKED testudo_status testudo_i_tasks_create(const testudo_delay_model *model, int32_t workers,
                                                      int32_t blocks, double unit, double share, uint64_t seed,
                                                      testudo_i_tasks **tasks, testudo_error *error);
void testudo_i_tasks_free(testudo_i_tasks *tasks); /* NULL is fine */

/* finished[k]: seconds from the start of the task until block k + 1 is done (k < blocks); *message: Y times the share.
   HUGE_VAL everywhere: the task fails. The numbers depend on (seed, worker, index) alone. O(blocks), and of slow states
   the number of indices since the last draw of the worker, or since 0 where that was a later one. */
void testudo_i_tasks_draw(testudo_i_tasks *tasks, int32_t worker, int64_t index, int32_t blocks, double *finished,
                          double *message);

/* Can a task of this model fail? */
bool testudo_i_tasks_may_fail(const testudo_delay_model *model);

int32_t testudo_i_tasks_workers(const testudo_i_tasks *tasks);
int32_t testudo_i_tasks_blocks(const testudo_i_tasks *tasks);
const testudo_delay_model *testudo_i_tasks_model(const testudo_i_tasks *tasks);

#endif
