/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables that were found, groups of several sizes side by side, and the assignments that they make. */
#ifndef TESTUDO_OPTIMIZE_SLOTS_MIX_H
#define TESTUDO_OPTIMIZE_SLOTS_MIX_H

#include "optimize/slots/state.h"

typedef struct testudo_i_slot_table {
  testudo_i_slot_shape shape;
  testudo_slot *slot;        /* places */
  double *law;               /* of a group, on the grid */
  testudo_i_slot_grid grid;
  double value;              /* were all groups like this one */
} testudo_i_slot_table;

/* `count[0]` groups by one table, then `count[1]` by another (NULL: none): all workers, and no more. */
typedef struct testudo_i_slot_mix {
  const testudo_i_slot_table *table[2];
  int32_t count[2];
  double value;
} testudo_i_slot_mix;

/* Every way to make up the workers from groups by one of the tables, or by two; the best `most` of them, best first:
   how many there are is returned. Of tables that were not measured on the same grid none is mixed. O(tables^2 workers)
   values. */
int32_t testudo_i_slot_mixes(const testudo_i_slot_table *table, int32_t tables, int32_t workers, bool alike,
                             const testudo_i_slot_aim *aim, testudo_i_slot_mix *mix, int32_t most);

TESTUDO_CHECKED testudo_status testudo_i_slot_mix_assign(const testudo_i_slot_mix *mix, testudo_assignment *orders,
                                                         testudo_error *error);

/* "groups of 6, searched slots", "2 groups of 8 and 2 of 6, searched slots"; 80 characters. */
void testudo_i_slot_mix_name(const testudo_i_slot_mix *mix, char *name);

#endif
