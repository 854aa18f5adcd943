/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The laws of rules whose rows are steps of all workers. N_i(t): the workers that have reached row i. ANY (nested
   codes, docs/theory/nested.md#the-law; row i is reached with s_i + 1 chunks): T <= t when for SOME row N_i(t) is as
   much as it needs. ALL (block codes, docs/theory/block.md#the-law; row i is reached with block i finished): when for
   EVERY row. The latter with derivatives, of workers that are alike: crossing.h. */
#ifndef TESTUDO_EXACT_STEPPED_H
#define TESTUDO_EXACT_STEPPED_H

#include "exact/latency.h"

/* P(a worker of the class has reached exactly i of the rows by t), i = 0..rows. progress: room for max load + 1
   numbers. */
void testudo_i_stepped_steps(const testudo_i_cluster *cluster, int32_t class_, double t, double *progress,
                            double *step);

#endif
