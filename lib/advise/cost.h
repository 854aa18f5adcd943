/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stragglers cost, in parts (docs/theory/advice.md#what-stragglers-cost). */
#ifndef TESTUDO_ADVISE_COST_H
#define TESTUDO_ADVISE_COST_H

#include "advise/iterations.h"

/* `rates`: speeds of the workers that differ for good, 1 of the others; NULL: nobody differs. Iterations in which
   somebody never ends are left out; all NAN where there is no other. O(times). */
TESTUDO_CHECKED testudo_status testudo_i_straggler_cost(const testudo_i_iterations *of, const double *rates,
                                                        testudo_straggler_cost *cost, testudo_error *error);

#endif
