/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The laws of codes with a tolerance a level. N_i(t): the workers that have reached level i. Nested
   (docs/theory/nested; level i is reached with tolerance s_i + 1 chunks): T <= t when for SOME level N_i(t) >= n - s_i.
   Block (docs/theory/block; level i is reached with block i finished): when for EVERY level. */
#ifndef TESTUDO_EXACT_NESTED_H
#define TESTUDO_EXACT_NESTED_H

#include "exact/latency.h"
#include "runtime/nested/family.h"

/* P(a worker of the class is in step i by t), i = 0..levels: step i is to have reached i of the levels; for a nested
   code between tolerance[i-1] + 1 and tolerance[i] chunks done. progress: room for max load + 1 numbers. */
void testudo_i_nested_steps(const testudo_i_cluster *cluster, int32_t class_, double t, double *progress,
                            double *step);

/* Workers that are all alike: a chain over the levels, from the largest tolerance down. O(n^2 levels) a time. */
TESTUDO_CHECKED testudo_status testudo_i_nested_chain(const testudo_i_cluster *cluster, testudo_i_method *method,
                                                      testudo_error *error);

/* Any workers: dynamic programming over them, the state being how many have reached each level, prod (n - s) states
   times failures; for block how many have not, prod (s + 1). TESTUDO_ERROR_LIMIT where that is more than max_states. */
TESTUDO_CHECKED testudo_status testudo_i_nested_counts(const testudo_i_cluster *cluster, int64_t max_states,
                                                       testudo_i_method *method, testudo_error *error);

/* Nested only: P(T > t | worker `worker` lives and has reached exactly `step` of the tolerances by t), from the state
   of either method. The chain's workers are alike, so that it does not ask which. */
typedef double (*testudo_i_nested_marked)(void *state, int32_t worker, int32_t step, double t);
double testudo_i_nested_chain_marked(void *state, int32_t worker, int32_t step, double t);
double testudo_i_nested_counts_marked(void *state, int32_t worker, int32_t step, double t);

/* Steps of arithmetic that one evaluation of either takes. */
double testudo_i_nested_chain_steps(const void *state);
double testudo_i_nested_counts_steps(const void *state);

#endif
