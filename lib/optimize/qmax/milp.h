/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders with a given least sum, by an integer programme. */
#ifndef TESTUDO_OPTIMIZE_QMAX_MILP_H
#define TESTUDO_OPTIMIZE_QMAX_MILP_H

#include "optimize/qmax/places.h"
#include "optimize/qmax/types.h"

/* The number of its binary columns, or -1 beyond `most`. */
TESTUDO_CHECKED testudo_status testudo_i_qmax_milp_size(const testudo_i_places *places, const testudo_i_types *types,
                                                        int64_t need, int64_t most, int64_t *columns,
                                                        testudo_error *error);

/* Binary x(e,v): entry e of a worker's row is done where it is worth v; binary y(i,t): chunk i has the content type t.
     sum_v x(e,v) = 1    sum_e x(e,v) = 1 in each worker    sum_t y(i,t) = 1
     sum over the entries e of chunk i of x(e,v) = sum_t (how often v is in t) y(i,t)
   FOUND: places->orders are it, checked in integers; NONE: floating point says so, which is no proof. nodes: the most
   that may be explored, 0: any number. `watch` may stop it (*stopped), between nodes. */
TESTUDO_CHECKED testudo_status testudo_i_qmax_milp(testudo_i_places *places, const testudo_i_types *types, int64_t need,
                                                   int64_t nodes, const testudo_monitor *watch,
                                                   testudo_i_branch_answer *answer, bool *stopped,
                                                   testudo_error *error);

#endif
