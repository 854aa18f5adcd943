/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of T from that of T_rule, where messages of random time are sent when the progress is fixed. */
#ifndef TESTUDO_EXACT_ANSWERED_H
#define TESTUDO_EXACT_ANSWERED_H

#include "exact/latency.h"

typedef struct testudo_i_answered testudo_i_answered;

/* Are they sent then, and of random time? */
bool testudo_i_answers_randomly(const testudo_design *design, const testudo_delay_model *model, testudo_report report);

/* Made in the method's arena, but for the law of T_rule, which is to be freed whatever is returned. The method is
   exact, but for being bracketed, where that law is and the number of messages is certain. */
TESTUDO_CHECKED testudo_status testudo_i_answered_create(const testudo_design *design, const testudo_delay_model *model,
                                                         const testudo_analysis_options *options,
                                                         testudo_i_answered **answered, testudo_i_method *method,
                                                         testudo_error *error);

testudo_latency *testudo_i_answered_rule(const testudo_i_answered *answered);

/* E[min(T, t)], at least and at most. */
void testudo_i_answered_capped(const testudo_i_answered *answered, double t, double *lower, double *upper);

TESTUDO_CHECKED testudo_status testudo_i_answered_summary(testudo_i_answered *answered, testudo_summary *summary,
                                                          testudo_error *error);

#endif
