/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Annealing of one table of orders by its exact value. */
#ifndef TESTUDO_OPTIMIZE_GROUPS_ANNEAL_H
#define TESTUDO_OPTIMIZE_GROUPS_ANNEAL_H

#include "optimize/groups/tables.h"

typedef struct testudo_i_annealed {
  int32_t *order;   /* of the open table's size */
  double value;     /* NAN until there is one */
  int64_t moves;
} testudo_i_annealed;

/* Try number `number` of the open table, from the stream (seed, FOR_SEARCH, table, number): 0 begins at the table as it
   is, 1 at the rotated square, 2 at the XOR square where the load is a power of two, the rest at random rows. Stopped,
   it leaves what this try has reached. */
void testudo_i_anneal_table(const testudo_i_tables *tables, uint64_t seed, int64_t number, testudo_i_table_stop *stop,
                            testudo_i_annealed *result, double *room);

#endif
