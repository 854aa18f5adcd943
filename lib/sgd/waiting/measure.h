/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time per update and staleness by events (docs/theory/waiting.md#simulation). */
#ifndef TESTUDO_SGD_WAITING_MEASURE_H
#define TESTUDO_SGD_WAITING_MEASURE_H

#include <testudo/waiting.h>

/* Of a model and options that were checked; unit and share of the tasks are those of a full vector. TESTUDO_UNDECODABLE
   where an update never comes. */
TESTUDO_CHECKED testudo_status testudo_i_waiting_measure(const testudo_delay_model *model,
                                                         const testudo_waiting_options *options,
                                                         testudo_waiting_events *events, testudo_error *error);

/* The standard error of the mean of `count` values. */
double testudo_i_error_of_mean(const double *value, int count);

/* Nothing measured. */
void testudo_i_waiting_unmeasured(testudo_waiting_events *events);

#endif
