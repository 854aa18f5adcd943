/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The perfectly balanced limit (docs/theory/latency.md#perfect-balancing): the first time at which sum_j min(delta_j,
   c_j(t)) >= N l, what counts being counted as the report says. No assignment of the same loads is faster. */
#ifndef TESTUDO_EXACT_IDEAL_H
#define TESTUDO_EXACT_IDEAL_H

#include "exact/cluster.h"

typedef struct testudo_i_ideal {
  const testudo_i_cluster *cluster;
  int32_t need;         /* N l */
  int32_t failed;
  bool by_classes;
  double *law, *power, *square, *next, *suffix, *q; /* law: need + 1, or (failed + 1) x (need + 1) */
} testudo_i_ideal;

/* *fits = false, and nothing made, where one evaluation would cost more than 2e7 multiplications, or N l more than
   1e6. Everything is made in the arena. */
TESTUDO_CHECKED testudo_status testudo_i_ideal_init(testudo_i_ideal *ideal, testudo_i_arena *arena,
                                                    const testudo_i_cluster *cluster, bool *fits,
                                                    testudo_error *error);

/* P(the sum has reached N l by t) and its complement; both sums of positive terms. */
void testudo_i_ideal_evaluate(testudo_i_ideal *ideal, double t, double *below, double *above);

#endif
