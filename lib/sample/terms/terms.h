/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The terms of an iteration (testudo/delay.h): which slots of a plan they are drawn into, and the times that they make
   together. */
#ifndef TESTUDO_SAMPLE_TERMS_H
#define TESTUDO_SAMPLE_TERMS_H

#include "sample/plan.h"

/* The slots and draws of a plan whose rule is there; the sentence where its model does not go with the scheme or the
   design. */
TESTUDO_CHECKED testudo_status testudo_i_terms_plan(testudo_i_plan *plan, testudo_error *error);

/* A replay: the time of every chunk of one trial of `lanes` side by side. */
void testudo_i_terms_replay(const testudo_i_plan *plan, int64_t trial, int lanes, int lane, double *time);

/* From what has been drawn to the times of the steps; lanes: 1 or 8. */
void testudo_i_terms_join(const testudo_i_plan *plan, int lanes, double *time);

#endif
