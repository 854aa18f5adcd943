/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A validation under way. */
#ifndef TESTUDO_VALIDATE_COMPARISON_H
#define TESTUDO_VALIDATE_COMPARISON_H

#include <testudo/validate.h>

/* The power that is asked for. */
#define TESTUDO_I_POWER 0.95

typedef struct testudo_i_comparison {
  testudo_latency *latency;
  const testudo_design *design;
  const testudo_delay_model *model;
  const testudo_simulation *simulation;
  const testudo_summary *summary; /* what is said of the law; NULL: what the law says */
  const double *times;
  int64_t time_count;
  double level;                   /* false alarm of one check */
  testudo_validation *out;
  testudo_error *error;
} testudo_i_comparison;

/* A check to be named. */
testudo_check *testudo_i_comparison_add(testudo_i_comparison *comparison, double lower, double upper, double simulated,
                                        double p);

/* Mean and deviation, or why not; some trials must have ended. */
TESTUDO_CHECKED testudo_status testudo_i_compare_moments(testudo_i_comparison *comparison);

#endif
