/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fixed rule by which many exact laws are compared quickly: value = base + sum of weight[k] P(T > time[k]). For the
   mean the rule is a quadrature, good to some 1e-6 on laws like the one it was made from; for the q-quantile it is the
   one tail at that law's quantile t: a law has a smaller quantile where P(T <= t) is above q, and nowhere else; for a
   deadline it is the tail at it, whatever the law. */
#ifndef TESTUDO_OPTIMIZE_LATENCY_RULE_H
#define TESTUDO_OPTIMIZE_LATENCY_RULE_H

#include <stddef.h>

#include "base/arena.h"
#include "exact/latency.h"
#include "optimize/latency/objective.h"

typedef struct testudo_i_quadrature {
  testudo_i_arena arena;
  size_t count;
  double *time, *weight;
  double base;
} testudo_i_quadrature;

void testudo_i_quadrature_free(testudo_i_quadrature *rule);

/* From the exact law of a design with T finite with some chance, in place of the rule that is there. Objectives mean,
   quantile and deadline; a quantile that is infinite leaves a rule of no times. coarse: a third of the times, good to
   some 1e-4, for searches whose ends are measured otherwise. */
TESTUDO_CHECKED testudo_status testudo_i_quadrature_of_design(testudo_i_quadrature *rule, const testudo_i_goal *goal,
                                                        const testudo_design *design, bool coarse,
                                                        testudo_error *error);

#endif
