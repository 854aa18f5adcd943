/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lattices (lattice.h) of all workers of a cluster: the times of additive structure that have no closed form and no
   smooth law, between two laws. */
#ifndef TESTUDO_DELAY_BRACKETS_H
#define TESTUDO_DELAY_BRACKETS_H

#include "delay/model.h"

typedef struct testudo_i_brackets testudo_i_brackets;

/* Are the times of the model such, and nothing else in the way? */
bool testudo_i_wants_brackets(const testudo_delay_model *model, int32_t terms);

/* Of workers in classes (testudo_i_worker_classes): C_k up to the load, or with `whole` the last alone. width: how far
   the two sides may be apart, relative to `scale` seconds. TESTUDO_INTERRUPTED when the monitor (may be NULL) stops
   it. */
TESTUDO_CHECKED testudo_status testudo_i_brackets_make(testudo_i_arena *arena, const testudo_i_delay *delay,
                                                       const testudo_law *const *law, const double *rate,
                                                       const int32_t *load, int32_t classes, int32_t workers,
                                                       bool whole, double width, double scale,
                                                       const testudo_monitor *monitor, testudo_i_brackets **brackets,
                                                       testudo_error *error);

/* P(C_k > t) or P(C_k <= t) of the law rounded down, or up. */
double testudo_i_brackets_side(const testudo_i_brackets *brackets, const testudo_law *law, double rate, int32_t k,
                               double t, bool up, bool above);

/* Rounded up, what lies beyond a grid's end counts as infinite; capped, as at the end, so that T is too small by the
   sum over the workers of what is beyond, whose mean is at most workers times the excess. */
void testudo_i_brackets_cap(testudo_i_brackets *brackets, bool capped);
double testudo_i_brackets_excess(const testudo_i_brackets *brackets);

/* A number of which all times are multiples, so that both sides are the law itself; 0: none is known. */
double testudo_i_brackets_step(const testudo_i_brackets *brackets);

double testudo_i_brackets_end(const testudo_i_brackets *brackets);  /* nothing jumps after it */

#endif
