/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The random part of a trial. Trial r draws its delays from the stream (seed, FOR_DELAY, r), one word per slot in
   order, the other terms of an iteration from streams of their own (plan.h), and its failures from
   (seed, FOR_FAILURE, r): the same numbers whichever thread asks. */
#ifndef TESTUDO_SAMPLE_DRAW_H
#define TESTUDO_SAMPLE_DRAW_H

#include "sample/plan.h"

/* Who fails in a trial. `flag` (one byte per worker) is all zero between trials. */
typedef struct testudo_i_failures {
  unsigned char *flag; /* behind the workers */
  int32_t *worker;
  int32_t count;
} testudo_i_failures;

TESTUDO_CHECKED testudo_status testudo_i_failures_make(testudo_i_failures *failures, int32_t workers,
                                                       testudo_error *error);
void testudo_i_failures_clear(testudo_i_failures *failures); /* whatever make answered; fine on a zeroed one */
void testudo_i_draw_failures(const testudo_i_plan *plan, uint64_t seed, int64_t trial, testudo_i_failures *failures);

/* Slot times of the trials first .. first + 7, side by side: time[slot * 8 + lane]; HUGE_VAL for a failed worker. */
void testudo_i_draw_lanes(const testudo_i_plan *plan, uint64_t seed, int64_t first, testudo_i_failures *failures,
                          double *time);

/* Slot times of one trial, drawn plainly; the same doubles as its lane above. */
void testudo_i_draw_base(const testudo_i_plan *plan, uint64_t seed, int64_t trial, testudo_i_failures *failures,
                         double *time);

#endif
