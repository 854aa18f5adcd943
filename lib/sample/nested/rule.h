/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trials of codes with a tolerance a level. Nested: T is the least, over the tolerances s, of the time at which n - s
   workers have s + 1 chunks done. Block: the largest, over the blocks, of the time at which n - s have finished it. */
#ifndef TESTUDO_SAMPLE_NESTED_H
#define TESTUDO_SAMPLE_NESTED_H

#include "sample/plan.h"

/* T of trial `lane` of `stride` side by side; room: one double a worker. */
double testudo_i_nested_time(const testudo_i_plan *plan, const double *time, int stride, int lane, double *room);

/* The messages that are read at t. Nested: of the workers that have reached the smallest tolerance that is complete;
   block: the shares of the gradient that every worker has finished, a message of all blocks counting as 1. */
double testudo_i_nested_messages(const testudo_i_plan *plan, const double *time, int stride, int lane, double t);

#endif
