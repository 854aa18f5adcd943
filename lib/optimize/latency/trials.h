/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion times trial by trial: what two designs share when they share their random numbers. */
#ifndef TESTUDO_OPTIMIZE_LATENCY_TRIALS_H
#define TESTUDO_OPTIMIZE_LATENCY_TRIALS_H

#include "optimize/latency/objective.h"

/* completion[r] of trials first .. first + count - 1 of the goal's stream, r from 0; HUGE_VAL where T is infinite. The
   trials of testudo_simulate with the stream as its seed. */
TESTUDO_CHECKED testudo_status testudo_i_trials_run(const testudo_i_goal *goal, const testudo_design *design,
                                                    int64_t first, int64_t count, double *completion,
                                                    testudo_error *error);

/* Mean of what is finite and its standard error; NAN where there are too few. */
void testudo_i_trials_mean(const double *completion, int64_t count, double *mean, double *spread);

/* The q-quantile (HUGE_VAL where more than 1 - q of the trials are infinite) and its standard error, from the order
   statistics one standard deviation of the rank away. Sorts `completion`. */
void testudo_i_trials_quantile(double *completion, int64_t count, double q, double *quantile, double *spread);

/* Standard error of mean(after) - mean(before) over the trials in which both are finite. */
double testudo_i_trials_mean_spread(const double *before, const double *after, int64_t count);

/* The fraction of the trials that are not done at t, and its standard error; with two trials more, one of them late,
   for a fraction of 0 or 1 is no certainty. */
void testudo_i_trials_late(const double *completion, int64_t count, double t, double *late, double *spread);

/* Standard error of the difference of two such fractions. */
double testudo_i_trials_late_spread(const double *before, const double *after, int64_t count, double t);

/* Standard error of quantile(after) - quantile(before), both found as above: by Bahadur's representation each is a mean
   of indicators over the density there, which `spread` holds (R. Bahadur, A note on quantiles in
   large samples, 1966). */
double testudo_i_trials_quantile_spread(const double *before, const double *after, int64_t count, double q,
                                        const double quantile[2], const double spread[2]);

#endif
