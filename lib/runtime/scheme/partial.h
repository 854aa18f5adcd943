/* SPDX-License-Identifier: BSD-3-Clause */
/* The encoding matrix R of scheme partial, as it is looked at when designs are read and when they are checked. */
#ifndef TESTUDO_RUNTIME_PARTIAL_H
#define TESTUDO_RUNTIME_PARTIAL_H

#include "runtime/design.h"

/* Column `worker` of R over its length: parts numbers. What columns span does not depend on their lengths. */
void testudo_i_partial_unit_column(const testudo_design *design, int32_t worker, double *column);

/* Sets of `parts` holders of a chunk, all chunks together. O(chunks). */
double testudo_i_partial_sets(const testudo_design *design);

#endif
