/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of a rule at one time, each by itself: how likely it is that too few of its pairs are done, and draws of its
   workers given that. */
#ifndef TESTUDO_RARE_ROWS_H
#define TESTUDO_RARE_ROWS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/random.h"
#include "exact/cluster.h"

/* What became of a worker that a row has a pair of. */
typedef enum testudo_i_fate { TESTUDO_I_FATE_LATE, TESTUDO_I_FATE_DONE, TESTUDO_I_FATE_FAILED } testudo_i_fate;

/* The laws of the progress of all classes at one time, shared by all threads. */
typedef struct testudo_i_rare_time {
  const testudo_i_cluster *cluster;
  int32_t failed;      /* exactly so many */
  int64_t longest;     /* pairs of a row */
  int32_t need;        /* the most that a row needs */
  double *log_factorial; /* of 0 .. workers, where some fail */
  double *begun;       /* classes x (max_load + 2): P(progress < c), c = 0 .. load + 1, of a worker that lives */
  double *reached;     /* the same: P(progress >= c) */
} testudo_i_rare_time;

TESTUDO_CHECKED testudo_status testudo_i_rare_time_make(testudo_i_rare_time *at, testudo_i_arena *arena,
                                                        const testudo_i_cluster *cluster, testudo_error *error);
void testudo_i_rare_time_set(testudo_i_rare_time *at, double t);

/* A thread's room for one row. */
typedef struct testudo_i_rare_row {
  double *table;       /* (pairs + 1) x need x (failed + 1); of a row that is not drawn from, two lines of it */
  bool draws;
  int32_t *worker;     /* of the pairs that may be open */
  int32_t *step;
  int32_t pairs, need; /* of the row in hand: those of workers without steps are done and left out */
  double weight;       /* P(the row is late) */
} testudo_i_rare_row;

/* draws: is testudo_i_rare_row_draw to be called? */
TESTUDO_CHECKED testudo_status testudo_i_rare_row_make(testudo_i_rare_row *row, testudo_i_arena *arena,
                                                       const testudo_i_rare_time *at, bool draws,
                                                       testudo_error *error);

/* P(fewer pairs are done than the row needs): all terms are positive. Fills the table. O(pairs need failed). The
   monitor may stop it, and then the answer means nothing. */
double testudo_i_rare_row_late(testudo_i_rare_row *row, const testudo_i_rare_time *at, int32_t number,
                               const testudo_monitor *monitor);

/* Given that the row of the last call is late: the fate of the workers of its pairs. Answers how many fail. */
int32_t testudo_i_rare_row_draw(const testudo_i_rare_row *row, const testudo_i_rare_time *at, testudo_i_random *random,
                                testudo_i_fate *fate);

/* Progress of a worker that lives, in first .. last. */
int32_t testudo_i_rare_progress(const testudo_i_rare_time *at, int32_t worker, int32_t first, int32_t last,
                                testudo_i_random *random);

#endif
