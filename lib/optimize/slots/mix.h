/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables that were found, groups of several sizes and loads side by side, and the assignments that they make. */
#ifndef TESTUDO_OPTIMIZE_SLOTS_MIX_H
#define TESTUDO_OPTIMIZE_SLOTS_MIX_H

#include "optimize/slots/state.h"

typedef struct testudo_i_slot_table {
  testudo_i_slot_shape shape;
  testudo_slot *slot;        /* places */
  double *law;               /* of a group, on the grid */
  testudo_i_slot_grid grid;
  double value;              /* were all groups like this one; HUGE_VAL: it has no law, and is left out */
  uint64_t number;           /* testudo_i_slot_table_number */
} testudo_i_slot_table;

enum { TESTUDO_I_SLOT_KINDS = 6 };

/* `count[k]` groups by table[k], side by side: all workers, and no more. */
typedef struct testudo_i_slot_mix {
  int32_t kinds;
  const testudo_i_slot_table *table[TESTUDO_I_SLOT_KINDS];
  int32_t count[TESTUDO_I_SLOT_KINDS];
  double value;
} testudo_i_slot_mix;

/* Ways to make up the workers from groups by tables of up to three sizes, none of them with more than `places` chunks a
   worker; and what becomes of these when groups take lighter or heavier tables of their size as long as the workers
   hold no more than `places` on average and the value falls (a local search: exchanges of one table or of two). The
   best `most` of all, best first, each another design by the numbers of its tables: how many there are is returned. Of
   tables that were not measured on the same grid none is mixed. O(tables^3 workers^2) values. */
int32_t testudo_i_slot_mixes(const testudo_i_slot_table *table, int32_t tables, int32_t workers, int32_t places,
                             bool alike, const testudo_i_slot_aim *aim, testudo_i_slot_mix *mix, int32_t most);

/* The same number for tables that make the same design, but for the numbers of workers and chunks: whatever numbers the
   chunks of a block have, wherever the blocks of each begin, under every map of the partners that keeps their sums, and
   of the smaller groups that a table makes whose partners do not all meet. Sums modulo the partners, sums without carry
   (xor) and twins are not compared with each other: there equal designs may have different numbers. No canonical
   labelling is needed for it. Groups of at most 64; O(places maps): fewer maps than partners, by xor 168 of 8. */
uint64_t testudo_i_slot_table_number(const testudo_i_slot_table *table);

TESTUDO_CHECKED testudo_status testudo_i_slot_mix_assign(const testudo_i_slot_mix *mix, testudo_assignment *orders,
                                                         testudo_error *error);

/* The other way round: the table of the group that begins at this worker of an assignment of `chunks` chunks a block,
   into room for all places of that worker, its size, places and pairing into the shape. Groups have from `least` to
   `most` workers, and this pairing, added or xor; TESTUDO_PAIRING_BEST: added, or else xor. *found is false where there
   is none (twins are not looked for). */
TESTUDO_CHECKED testudo_status testudo_i_slot_table_of(const testudo_assignment *orders, int32_t worker,
                                                       int32_t chunks, int32_t least, int32_t most,
                                                       testudo_pairing pairing, testudo_i_slot_shape *shape,
                                                       testudo_slot *slot, bool *found, testudo_error *error);

/* "groups of 6, 8 chunks a share, searched slots"; "3 groups of 6 and 2 of 5, 31 to 34 places, 8 a share, searched
   slots"; 80 characters. */
void testudo_i_slot_mix_name(const testudo_i_slot_mix *mix, char *name);

#endif
