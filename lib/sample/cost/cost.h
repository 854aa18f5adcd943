/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chunks computed and messages read until T. */
#ifndef TESTUDO_SAMPLE_COST_H
#define TESTUDO_SAMPLE_COST_H

#include <testudo/sample.h>

#include "sample/moments.h"
#include "sample/plan.h"

/* What the trials of a batch cost, as they come. */
typedef struct testudo_i_cost {
  testudo_i_shifted chunks, messages;
} testudo_i_cost;

/* The first `lanes` of eight trials side by side, whose rules hold at `completion`; those that never end are left out.
   done: room, 8 x workers. of_worker: one per worker, raised by what it has done; NULL: not wanted. */
void testudo_i_cost_add(const testudo_i_plan *plan, const double *time, const double *completion, int64_t lanes,
                        int32_t *done, testudo_i_cost *cost, int64_t *of_worker);

/* The same of each trial by itself; room: 8 numbers. */
void testudo_i_cost_each(const testudo_i_plan *plan, const double *time, const double *completion, int64_t lanes,
                         int32_t *done, double *chunks, double *messages);

/* Of all trials, of which so many have an end. */
void testudo_i_cost_conclude(const testudo_i_moments *chunks, const testudo_i_moments *messages, int64_t trials,
                             testudo_work *work);

#endif
