/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The threads that run the trials of a plan: a workspace each, batches of trials to share out. */
#ifndef TESTUDO_SAMPLE_TEAM_H
#define TESTUDO_SAMPLE_TEAM_H

#include "sample/batch.h"

typedef struct testudo_i_team {
  testudo_i_plan plan;
  const testudo_simulation_options *options; /* lent */
  int32_t threads;
  int64_t batch, batches;         /* trials per batch; batches of all trials */
  testudo_i_workspace *workspace; /* one per thread */
  testudo_i_arena arena;          /* of these, and of what the caller adds */
} testudo_i_team;

/* As many threads as the options want, at most one per batch or per trial that decodes; a plan with so many `further`
   chunks. To be cleared whatever the status. */
TESTUDO_CHECKED testudo_status testudo_i_team_init(testudo_i_team *team, const testudo_design *design,
                                                   const testudo_delay_model *model,
                                                   const testudo_simulation_options *options, int32_t further,
                                                   testudo_error *error);

/* The same for trials whose results are kept one by one, not merged: batches are shorter, and a stop is heeded within
   hundredths of a second. No further chunks. */
TESTUDO_CHECKED testudo_status testudo_i_team_init_fine(testudo_i_team *team, const testudo_design *design,
                                                        const testudo_delay_model *model,
                                                        const testudo_simulation_options *options,
                                                        testudo_error *error);
void testudo_i_team_clear(testudo_i_team *team); /* fine on a zeroed team */

/* The trials of batch `index`, and the first of them. */
int64_t testudo_i_team_trials(const testudo_i_team *team, int64_t index, int64_t *first);

/* Runs body(context, thread, index) for index 0 .. count - 1. A monitor that stops it is no failure: *interrupted.
   Where a body fails, `error` gets the sentence that its thread's workspace holds. */
TESTUDO_CHECKED testudo_status testudo_i_team_run(testudo_i_team *team, int64_t count,
                                                  testudo_status (*body)(void *context, int32_t thread,
                                                                         int64_t index),
                                                  void *context, const testudo_monitor *monitor, bool *interrupted,
                                                  testudo_error *error);

#endif
