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
} testudo_i_rows;

typedef struct testudo_i_plan {
  const testudo_design *design;
  const testudo_delay_model *model;
  testudo_report report;   /* whole for the schemes fixed to it, whatever was asked */
  /* Additive and random: a slot per entry of the design, in the order of its rows, holding C_{j,k} itself (places are
     then 1 and rates applied). Otherwise a slot per worker, holding X_j. */
  bool additive;
  int32_t slots;
  int64_t *slot_row;  /* workers + 1: the slots of worker j */
  const double *work; /* of each step, lent; NULL: step k is k chunks */
  testudo_i_rule rule;
  testudo_i_rows completion;
  testudo_i_rows cover;   /* a row per chunk, level l: the error at deadlines; empty when not asked for */
  bool cover_is_completion;
  testudo_decoder decoder;
  bool least_squares;     /* the error at deadlines is deadline.h's; no cover then */
  const double *times;    /* the deadlines, lent */
  int64_t time_count;
  testudo_i_arena arena;
} testudo_i_plan;

/* C_{j,k}, k >= 1, of trial `lane` of `stride` side by side: the very double of the
   kernels. */
static inline double testudo_i_time_of(const testudo_i_plan *plan, const double *time, int stride, int lane,
                                       int32_t worker, int32_t k)
{
  if (plan->additive)
    return time[(plan->slot_row[worker] + k - 1) * stride + lane];
  double t = (plan->work == NULL ? k : plan->work[k - 1]) * time[(int64_t)worker * stride + lane];
  return plan->model->rates == NULL ? t : t / plan->model->rates[worker];
}

TESTUDO_CHECKED testudo_status testudo_i_plan_make(testudo_i_plan *plan, const testudo_design *design,
                                                   const testudo_delay_model *model,
                                                   const testudo_simulation_options *options, testudo_error *error);
void testudo_i_plan_clear(testudo_i_plan *plan); /* fine on a zeroed plan */

/* T rounded up to a multiple of step (step > 0); a T within four ulps of a multiple is that multiple, so that 0.3 is
   three steps of 0.1 although 0.3 / 0.1 < 3 and 3 * 0.1 > 0.3 in doubles. */
double testudo_i_round_up(double t, double step);

#endif
