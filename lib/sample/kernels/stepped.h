/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trials of rules whose rows are steps of all workers: T is the least (ANY), or the largest (ALL), over the rows, of
   the time at which as many workers as the row needs have done its step. */
#ifndef TESTUDO_SAMPLE_STEPPED_H
#define TESTUDO_SAMPLE_STEPPED_H

#include "sample/plan.h"

/* T of trial `lane` of `stride` side by side; room: one double a worker. */
double testudo_i_stepped_time(const testudo_i_plan *plan, const double *time, int stride, int lane, double *room);

#endif
