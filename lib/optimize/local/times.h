/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fixed sample of trials, the same for everything that is compared on it (common random numbers): when every slot is
   done in every trial, in single precision, for what is found is measured again elsewhere. */
#ifndef TESTUDO_OPTIMIZE_LOCAL_TIMES_H
#define TESTUDO_OPTIMIZE_LOCAL_TIMES_H

#include "optimize/latency/objective.h"
#include "optimize/local/holding.h"

/* Trials whose times stand side by side; their number is a multiple of it. */
#define TESTUDO_I_TIMES_BLOCK 256

typedef struct testudo_i_times {
  int64_t trials;
  bool timed;
  float *time;         /* X_j / r_j of worker j from time + j trials; timed: of slot e from time + e trials;
                          HUGE_VALF where the worker fails */
} testudo_i_times;

/* Trials first .. of the goal's stream, at most `trials` (a multiple of the block) and as many as 256 MB hold.
   TESTUDO_INTERRUPTED by the goal's monitor. */
TESTUDO_CHECKED testudo_status testudo_i_times_make(testudo_i_times *times, testudo_i_arena *arena,
                                                    const testudo_i_goal *goal, const testudo_design *design,
                                                    int64_t first, int64_t trials, testudo_error *error);

/* What a completion time counts for: it is cut to low .. high, which turns the sum into trials times the mean (of what
   is below high), or into what decides about a quantile between the two. */
typedef struct testudo_i_window {
  float low, high;
} testudo_i_window;

/* A holding in these trials: when every chunk is done in every trial, and the three latest of them. */
typedef struct testudo_i_score {
  const testudo_i_times *times;
  testudo_i_holding *holding;  /* lent */
  testudo_i_window window;
  int32_t parts;
  float *done;               /* by chunk, trial */
  float *latest[3];          /* by trial; -1 where there are fewer chunks */
  int32_t *who[2];           /* the chunks of the first two */
  float *room;
  double value;              /* mean over the trials of T, cut to the window */
} testudo_i_score;

TESTUDO_CHECKED testudo_status testudo_i_score_make(testudo_i_score *score, testudo_i_arena *arena,
                                                    const testudo_i_times *times, testudo_i_holding *holding,
                                                    int32_t parts, testudo_error *error);

/* After the holding or the window has been changed from outside. O(slots parts trials). */
void testudo_i_score_refresh(testudo_i_score *score);

/* The value that exchanging two slots would give, or something above `limit` where it becomes clear early (by three
   standard errors of the first eighth, quarter or half of the trials) that it is above. O(copies parts trials): only
   the two chunks and the trials' three latest are looked at. */
double testudo_i_score_try(testudo_i_score *score, int64_t one, int64_t other, double limit);

/* Exchanges them. O((copies parts + chunks) trials). */
void testudo_i_score_exchange(testudo_i_score *score, int64_t one, int64_t other);

/* Completion times of the holding, cut to the window: `trials` numbers. */
void testudo_i_score_times(const testudo_i_score *score, float *time);

#endif
