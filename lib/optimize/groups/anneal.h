/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Annealing of one table of orders by its exact value. */
#ifndef TESTUDO_OPTIMIZE_GROUPS_ANNEAL_H
#define TESTUDO_OPTIMIZE_GROUPS_ANNEAL_H

#include "optimize/groups/tables.h"
#include "optimize/search/restart.h"

/* A try of the open table; one->found is an order of its size. Number 0 begins at the table as it is, 1 at the rotated
   square, 2 at the XOR square where the load is a power of two, the rest at random rows. */
TESTUDO_CHECKED testudo_status testudo_i_anneal_table(const testudo_i_tables *tables, testudo_i_try *one, double *room);

#endif
