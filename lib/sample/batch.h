/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A batch of consecutive trials: what one thread does at a time. */
#ifndef TESTUDO_SAMPLE_BATCH_H
#define TESTUDO_SAMPLE_BATCH_H

#include "base/arena.h"
#include "sample/decoding/deadline.h"
#include "sample/draw.h"
#include "sample/kernels/kernel.h"
#include "sample/moments.h"

/* What one thread needs; nothing is allocated inside the loop. */
typedef struct testudo_i_workspace {
  testudo_i_failures failures;
  double *time;              /* slots * 8 */
  double *error;             /* deadlines * 8 */
  double *room;
  int32_t *done;             /* 8 x workers: steps done, for the accounting of work */
  testudo_i_shifted *shifted; /* deadlines * 2: the error, its square root */
  testudo_i_solver solver;
  testudo_error failure;      /* why a trial of this thread failed */
  testudo_i_arena arena;
} testudo_i_workspace;

TESTUDO_CHECKED testudo_status testudo_i_workspace_make(testudo_i_workspace *workspace, const testudo_i_plan *plan,
                                                        testudo_error *error);
void testudo_i_workspace_clear(testudo_i_workspace *workspace); /* whatever make answered; fine on a zeroed one */

/* What became of some trials at one deadline. */
typedef struct testudo_i_deadline_tally {
  testudo_i_moments error, norm;
  double error_max;
  int64_t error_trials; /* in which there was one */
} testudo_i_deadline_tally;

/* What became of some trials. */
typedef struct testudo_i_tally {
  int64_t trials;                 /* 0: not run */
  testudo_i_moments completion;   /* given T finite */
  testudo_i_moments chunks, messages; /* where work is counted, likewise */
  testudo_i_deadline_tally *at;   /* one per deadline */
} testudo_i_tally;

TESTUDO_CHECKED testudo_status testudo_i_tally_make(testudo_i_tally *tally, int64_t time_count, testudo_error *error);
void testudo_i_tally_clear(testudo_i_tally *tally);
void testudo_i_tally_reset(testudo_i_tally *tally, int64_t time_count);
void testudo_i_tally_merge(testudo_i_tally *into, const testudo_i_tally *from, int64_t time_count);

/* Entries of a batch: four million, so that one of a large design ends while the user still waits; or few, where
   nothing is merged. */
#define TESTUDO_I_BATCH_ENTRIES ((int64_t)1 << 22)
#define TESTUDO_I_BATCH_ENTRIES_FINE ((int64_t)1 << 18)

#define TESTUDO_I_BATCH_MOST 1024

/* Trials per batch of about so many entries, a power of two and at most BATCH_MOST: a function of the plan alone,
   because the order of merging is part of the result. */
int64_t testudo_i_batch_trials(const testudo_i_plan *plan, int64_t entries);

/* Of the finite ones among some times; two passes, because T may have a heavy tail. */
testudo_i_moments testudo_i_finite_moments(const double *t, int64_t count);

/* Runs trials first .. first + trials - 1; completion: their T in order, rounded up when asked. Fails where
   deadline.h's least squares does, with the sentence in the workspace. */
TESTUDO_CHECKED testudo_status testudo_i_batch_run(const testudo_i_plan *plan, uint64_t seed, double round_up,
                                                   int64_t first, int64_t trials, testudo_i_workspace *workspace,
                                                   double *completion, testudo_i_tally *tally);

#endif
