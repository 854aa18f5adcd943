/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of a nested gradient code (docs/theory/nested): P(T > t) = P(N_{s+1}(t) < n - s for every tolerance s of the
   set), N_k(t) the workers with at least k chunks done. */
#ifndef TESTUDO_EXACT_NESTED_H
#define TESTUDO_EXACT_NESTED_H

#include "exact/latency.h"
#include "runtime/nested/family.h"

/* P(a worker is in step i), i = 0..levels, from its progress law q: step i is to have reached i of the tolerances, that
   is between tolerance[i-1] + 1 and tolerance[i] chunks done. */
void testudo_i_nested_steps(const testudo_i_family *family, const double *q, double *step);

/* Workers that are all alike: a chain over the levels, from the largest tolerance down. O(n^2 levels) a time. */
TESTUDO_CHECKED testudo_status testudo_i_nested_chain(const testudo_i_cluster *cluster, testudo_i_method *method,
                                                      testudo_error *error);

/* Any workers: dynamic programming over them, the state being how many have reached each level, prod (n - s) states
   times failures. TESTUDO_ERROR_LIMIT where that is more than max_states. */
TESTUDO_CHECKED testudo_status testudo_i_nested_counts(const testudo_i_cluster *cluster, int64_t max_states,
                                                       testudo_i_method *method, testudo_error *error);

/* P(T > t | worker `worker` lives and has reached exactly `step` of the tolerances by t), from the state of either
   method. The chain's workers are alike, so that it does not ask which. */
typedef double (*testudo_i_nested_marked)(void *state, int32_t worker, int32_t step, double t);
double testudo_i_nested_chain_marked(void *state, int32_t worker, int32_t step, double t);
double testudo_i_nested_counts_marked(void *state, int32_t worker, int32_t step, double t);

/* Steps of arithmetic that one evaluation of either takes. */
double testudo_i_nested_chain_steps(const void *state);
double testudo_i_nested_counts_steps(const void *state);

#endif
