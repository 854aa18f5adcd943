/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is a started task worth more than a new one? (docs/theory/waiting.md#new-longer-than-used) */
#ifndef TESTUDO_SGD_WAITING_AGEING_H
#define TESTUDO_SGD_WAITING_AGEING_H

#include <testudo/exact.h>
#include <testudo/waiting.h>

/* By the law of the time of one task: exact, of one worker. Fewer points, because each is a quadrature. */
TESTUDO_CHECKED testudo_status testudo_i_ageing_of_latency(testudo_latency *latency, testudo_ageing_test *test,
                                                           testudo_error *error);

/* Not tested, and why. */
void testudo_i_ageing_unknown(testudo_ageing_test *test, const char *why);

/* What holds of both. */
testudo_ageing testudo_i_ageing_both(testudo_ageing a, testudo_ageing b);

#endif
