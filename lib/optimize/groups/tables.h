/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Repetition groups as tables: row a says in which order worker a of the group goes through the group's chunks. Groups
   whose workers have the same rates share one table, which is looked at as a unit; its value under a rule takes the
   other tables as they stand, exactly-f failures across groups included (docs/theory/latency.md#repetition-groups). */
#ifndef TESTUDO_OPTIMIZE_GROUPS_TABLES_H
#define TESTUDO_OPTIMIZE_GROUPS_TABLES_H

#include <testudo/code.h>

#include "base/arena.h"
#include "exact/groups/group_scan.h"
#include "optimize/latency/rule.h"
#include "optimize/search/restart.h"
#include "runtime/vector/groups.h"

typedef struct testudo_i_table {
  int32_t size, load;     /* rows, columns */
  int64_t count;          /* groups that share it */
  int32_t *class_;        /* of each row, ascending */
  int32_t *order;         /* size rows of load chunk numbers 0..load-1 */
  int64_t states;
} testudo_i_table;

typedef struct testudo_i_tables {
  testudo_i_arena arena, rule_arena; /* of the tables; of what hangs on the rule */
  const testudo_i_cluster *cluster;
  const testudo_i_quadrature *rule;   /* lent; tables_refresh after changing it */
  int32_t parts, degree;
  double fail, log_norm;
  testudo_i_groups groups;
  int32_t *table_of;            /* of each group */
  int32_t *row_of;              /* of each worker, in its group's table */
  testudo_i_table *table;
  int32_t tables;
  int64_t most_states;
  double *q_store;              /* by time and class */
  const double **q;             /* by time, then class */
  double *others;               /* by time: done and lost of all tables but `open` */
  int32_t open;
} testudo_i_tables;

/* *found = false where the workers are in no such groups, or hold more than 20 chunks each. The tables start as the
   orders of the first group of each kind. Free whatever the answer. */
TESTUDO_CHECKED testudo_status testudo_i_tables_make(testudo_i_tables *tables, const testudo_i_cluster *cluster,
                                                     bool *found, testudo_error *error);
void testudo_i_tables_free(testudo_i_tables *tables);

/* Takes (another) rule. */
TESTUDO_CHECKED testudo_status testudo_i_tables_rule(testudo_i_tables *tables, const testudo_i_quadrature *rule,
                                                     testudo_error *error);

/* Doubles of room that one evaluation needs. */
size_t testudo_i_tables_room(const testudo_i_tables *tables);

/* Opens a table for evaluation: the others' part of the law is computed once. */
void testudo_i_tables_open(testudo_i_tables *tables, int32_t table, double *room);

/* Whether to give up, asked after every millisecond or so of arithmetic; of one thread. */
typedef struct testudo_i_table_stop {
  bool (*asked)(void *context);
  void *context;
  double work; /* since it was asked */
} testudo_i_table_stop;

/* The rule's value with the open table's order replaced; NAN where `stop` (may be NULL) says so. Any number of threads,
   a room each. */
double testudo_i_tables_value(const testudo_i_tables *tables, const int32_t *order, testudo_i_table_stop *stop,
                              double *room);

/* Multiply-adds of one value, roughly. */
double testudo_i_tables_cost(const testudo_i_tables *tables, int32_t table);

/* Writes the tables into the orders of a design with the same groups. */
void testudo_i_tables_apply(const testudo_i_tables *tables, testudo_assignment *orders);

/* Annealing of one table by its exact value: a try of the open table; one->found is an order of its size. Number 0
   begins at the table as it is, 1 at the rotated square, 2 at the XOR square where the load is a power of two, the rest
   at random rows. */
TESTUDO_CHECKED testudo_status testudo_i_anneal_table(const testudo_i_tables *tables, testudo_i_try *one, double *room);

#endif
