/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a trial computes, laid out for its kernels: built once, then constant and shared by all threads.

   The rule of completion (runtime/completion.h) is laid out in rows: T is the largest, over the rows, of the level-th
   smallest of the row's entry times. Rules whose rows are steps of all workers have none: stepped.h. */
#ifndef TESTUDO_SAMPLE_PLAN_H
#define TESTUDO_SAMPLE_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include <testudo/sample.h>

#include "base/arena.h"
#include "base/random.h"
#include "runtime/completion.h"

/* Trials that the fast road runs side by side. */
#define TESTUDO_I_LANES 8

/* The time of entry e, from the slots that draw.h fills: place[e] * slot time, divided by the slot's rate when rates
   are given. */
typedef struct testudo_i_rows {
  int64_t count;
  int32_t level;      /* 1 .. entries of the shortest row */
  int64_t *row;       /* count + 1 */
  int32_t *slot;
  double *place;
  const double *rate; /* one per slot, lent; NULL: all 1 */
  int32_t even;       /* entries of every row, where all have the same places; 0: they have not (kernels/even.h) */
  uint64_t *near;     /* of even rows: where the lanes of the entries' slots begin, four to a word; NULL: too far off */
} testudo_i_rows;

/* Consecutive slots of one law, up to `end` (counted from the first slot of what is drawn); NULL: the uniform. */
typedef struct testudo_i_run {
  const testudo_law *law;
  int32_t end;
} testudo_i_run;

/* Slots first .. first + count - 1 are drawn from the stream (seed, purpose, trial), a word each, in order. */
typedef struct testudo_i_drawn {
  testudo_i_purpose purpose;
  int32_t first, count;
  testudo_i_run *run;
} testudo_i_drawn;

/* Random terms of an iteration: own (X_j, or Z_j of structure mixed), steps (X or E of every chunk), start-up, message,
   slow state, domain. */
#define TESTUDO_I_DRAWN 6

/* When workers send. */
typedef enum testudo_i_sending {
  TESTUDO_I_SEND_FINISHED, /* one vector, when all their chunks are done */
  TESTUDO_I_SEND_BLOCKS,   /* block after block */
  TESTUDO_I_SEND_ANNOUNCED /* when the server has fixed what it will decode */
} testudo_i_sending;

typedef struct testudo_i_plan {
  const testudo_design *design;
  const testudo_delay_model *model;
  testudo_report report;   /* whole for the schemes fixed to it, whatever was asked */
  /* Otherwise a slot per worker, holding X_j. Timed: a slot per worker and step, in the order of the design's rows,
     holding the time itself (places are then 1 and rates applied): C_{j,k}, but of what is sent at once the arrival. */
  bool timed;
  bool terms;         /* timed by terms/: more than a structure, rates and failures, or work beyond the workers' own */
  int32_t slots;      /* all, those of the steps first */
  int64_t *slot_row;  /* workers + 1: the steps of worker j */
  int32_t further;    /* chunks that every worker goes on with after its own: slots further_slot + j further .. */
  int32_t further_slot;
  /* The first of a slot per worker (domain: per domain); -1: none. `computed`: C of a worker's last step, where the
     slot of that step holds its arrival. */
  int32_t own, startup, message, state, domain, computed;
  testudo_i_drawn drawn[TESTUDO_I_DRAWN];
  int drawn_count;
  bool summed;        /* of terms: every chunk has a time of its own (additive, mixed, replay) */
  const double *rate; /* of terms: one per worker */
  double unit, share; /* chunk times per draw; the part of a vector's time that a message takes */
  testudo_i_sending sending;
  const double *work; /* of each step, lent; NULL: step k is k chunks */
  testudo_i_rule rule;
  testudo_i_rows completion;
  testudo_i_rows cover;   /* a row per chunk, level l: the error at deadlines; empty when not asked for */
  bool cover_is_completion;
  testudo_decoder decoder;
  bool count_work;        /* of every trial */
  bool least_squares;     /* the error at deadlines is deadline.h's; no cover then */
  const double *times;    /* the deadlines; of schemes that announce, when the progress must be fixed for them */
  int64_t time_count;
  testudo_i_arena arena;
} testudo_i_plan;

/* When step k >= 1 of a worker counts (its arrival, where steps are sent when they are done), in trial `lane` of
   `stride` side by side: the very double of the kernels. */
static inline double testudo_i_time_of(const testudo_i_plan *plan, const double *time, int stride, int lane,
                                       int32_t worker, int32_t k)
{
  if (plan->timed)
    return time[(plan->slot_row[worker] + k - 1) * stride + lane];
  double t = (plan->work == NULL ? k : plan->work[k - 1]) * time[(int64_t)worker * stride + lane];
  return plan->model->rates == NULL ? t : t / plan->model->rates[worker];
}

/* To be cleared whatever the status. */
TESTUDO_CHECKED testudo_status testudo_i_plan_make(testudo_i_plan *plan, const testudo_design *design,
                                                   const testudo_delay_model *model,
                                                   const testudo_simulation_options *options, testudo_error *error);
/* Workers that go on with `further` chunks each after their own; C_{j,k} of those stands in the slots of `further`. Not
   for designs whose steps are more than a chunk each, such as blocks: their rule says nothing of what comes after. */
TESTUDO_CHECKED testudo_status testudo_i_plan_make_further(testudo_i_plan *plan, const testudo_design *design,
                                                           const testudo_delay_model *model,
                                                           const testudo_simulation_options *options, int32_t further,
                                                           testudo_error *error);
void testudo_i_plan_clear(testudo_i_plan *plan); /* fine on a zeroed plan */

/* T rounded up to a multiple of step (step > 0); a T within four ulps of a multiple is that multiple, so that 0.3 is
   three steps of 0.1 although 0.3 / 0.1 < 3 and 3 * 0.1 > 0.3 in doubles. */
double testudo_i_round_up(double t, double step);

#endif
