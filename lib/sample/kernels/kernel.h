/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From slot times to the completion time and the errors at deadlines. */
#ifndef TESTUDO_SAMPLE_KERNEL_H
#define TESTUDO_SAMPLE_KERNEL_H

#include "sample/plan.h"

/* Levels up to this, counted from either end, run on the lanes; others, one trial at a time through the plain road. */
#define TESTUDO_I_LANE_LEVELS 8

/* Doubles of `room` that either road needs. */
size_t testudo_i_kernel_room(const testudo_i_plan *plan);

/* Eight trials side by side. completion: when their rules hold (T but for answer.h), 8 numbers.
   error[k * 8 + lane]: sum_i max(0, l - |U_i(t_k)|), for the plan's deadlines. */
void testudo_i_kernel_lanes(const testudo_i_plan *plan, const double *time, double *completion, double *error,
                            double *room);

/* One trial, plainly: the twin that the lanes are tested against, bit for bit, and what decoding trials stand on. */
void testudo_i_kernel_base(const testudo_i_plan *plan, const double *time, double *completion, double *error,
                           double *room);

/* The k-th smallest (from 0) of value[0 .. count-1], which it reorders. */
double testudo_i_select_smallest(double *value, int64_t count, int64_t k);

/* For kernel_base.c: rows on the lanes, level <= TESTUDO_I_LANE_LEVELS; one row of which fewer than that many entries
   may be later. */
void testudo_i_kernel_rows(const testudo_i_rows *rows, const double *time, const double *deadline,
                           int64_t deadlines, double *completion, double *error, double *room);
void testudo_i_kernel_row_from_above(const testudo_i_rows *rows, const double *time, double *completion, double *room);

#endif
