/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Schemes whose workers send when the server has fixed what it will decode (partial with report chunk, nested). */
#ifndef TESTUDO_SAMPLE_ANSWER_H
#define TESTUDO_SAMPLE_ANSWER_H

#include "sample/plan.h"

/* Do its workers wait until the server has fixed what it will decode? */
static inline bool testudo_i_plan_answers(const testudo_i_plan *plan)
{
  return plan->terms && plan->sending == TESTUDO_I_SEND_ANNOUNCED;
}

/* T of a trial whose rule holds at t: `lane` of `stride` side by side. t itself where workers do not wait. */
double testudo_i_answer_time(const testudo_i_plan *plan, const double *time, int stride, int lane, double t);

/* The same where everybody with progress sends, whatever the rule. */
double testudo_i_answer_of_starters(const testudo_i_plan *plan, const double *time, int stride, int lane, double t);

#endif
