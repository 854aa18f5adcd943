/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables that a search begins with. */
#ifndef TESTUDO_OPTIMIZE_SLOTS_STARTS_H
#define TESTUDO_OPTIMIZE_SLOTS_STARTS_H

#include "optimize/slots/state.h"

enum { TESTUDO_I_SLOT_STARTS = 4 };

/* Has the shape the start-th of them? */
bool testudo_i_slot_has_start(const testudo_i_slot_shape *shape, int32_t start);

/* The start-th table of a shape that has it, its copies within the shape's limits. */
TESTUDO_CHECKED testudo_status testudo_i_slot_start(const testudo_i_slot_shape *shape, int32_t start,
                                                    testudo_slot *slot, testudo_error *error);

#endif
