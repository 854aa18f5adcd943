/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One bound at one number of updates, and the costs of waiting. */
#ifndef TESTUDO_SGD_CHOOSE_H
#define TESTUDO_SGD_CHOOSE_H

#include <testudo/convergence.h>

/* The bound after `updates` >= 0 updates, from a gap that may differ from that of the assumptions. */
double testudo_i_bound_after(const testudo_assumptions *assumptions, const testudo_bound_limits *limits, double gap,
                             double updates);

TESTUDO_CHECKED testudo_status testudo_i_wait_costs_check(const testudo_wait_costs *costs, testudo_error *error);

/* The assumptions where K = wait. */
testudo_assumptions testudo_i_waiting_for(const testudo_assumptions *assumptions, const testudo_wait_costs *costs,
                                          int32_t wait);

/* L eta sigma^2 / (K m), what AdaSync weighs against the time. */
double testudo_i_wait_noise(const testudo_assumptions *assumptions, const testudo_wait_costs *costs, int32_t wait);

TESTUDO_CHECKED testudo_status testudo_i_adasync_check(const testudo_assumptions *assumptions,
                                                       const testudo_wait_costs *costs,
                                                       const testudo_adasync *adasync, testudo_error *error);

#endif
