/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Types: the multisets of worths that a chunk may have, whatever the assignment (docs/theory/search.md).

   Worker j hands out the worths 1..delta_j once each, so the worth v is handed out by the workers with load >= v, and
   all of them are handed out. A chunk with gamma holders gets gamma worths; it is content with a need y when its
   counted smallest sum to at least y. If no mix of content types uses up all worths, no order attains y on any
   assignment with these loads and replications. */
#ifndef TESTUDO_OPTIMIZE_QMAX_TYPES_H
#define TESTUDO_OPTIMIZE_QMAX_TYPES_H

#include <testudo/optimize.h>

#include "optimize/linear.h"
#include "optimize/qmax/places.h"

typedef struct testudo_i_type_class {
  int32_t holders, counted; /* of each of its chunks */
  int64_t chunks;
} testudo_i_type_class;

typedef struct testudo_i_types {
  testudo_i_arena arena;
  int32_t values;          /* largest load */
  int64_t *available;      /* values: [v-1] is how many workers hand out the worth v */
  int32_t classes;
  testudo_i_type_class *class;
  int64_t loads;
  /* Room for the cheapest type. */
  int64_t *cost;
  int32_t *from;
} testudo_i_types;

/* Of a design at 1 <= level <= its least replication. O(m + N log N). Free whatever the answer. */
TESTUDO_CHECKED testudo_status testudo_i_types_make(const testudo_design *design, int32_t level,
                                                    testudo_i_types *types, testudo_error *error);
void testudo_i_types_free(testudo_i_types *types);

/* A need that is beyond every order: one more than the largest y for which the least worths that content chunks take,
   y + (holders - counted) ceil(y / counted) each, do not exceed what there is. Closed form, any size. */
int64_t testudo_i_types_beyond(const testudo_i_types *types);

/* Is the cheapest type of every class for needs up to max_need within the cells? Then makes the room. */
TESTUDO_CHECKED testudo_status testudo_i_types_room(testudo_i_types *types, int64_t max_need, testudo_error *error);

/* The least price of a content type of `class`, price[v-1] that of a worth v, in exact integers; INT64_MAX where
   there is no content type. With `count` (values) also the type: how often each worth is in it. |price| <= 2^30. */
int64_t testudo_i_types_cheapest(const testudo_i_types *types, int32_t class, int64_t need, const int64_t *price,
                                 int32_t *count);

/* ---- proofs, all in exact integer arithmetic (floating point only guesses them) ---- */

typedef enum testudo_i_type_mix {
  TESTUDO_I_MIX_POSSIBLE,   /* a fractional mix was found, in floating point */
  TESTUDO_I_MIX_IMPOSSIBLE, /* proved: at certain prices, content types cost more than all worths are worth */
  TESTUDO_I_MIX_OPEN        /* neither */
} testudo_i_type_mix;

/* Linear programme with columns made as they are needed; needs types_room. */
TESTUDO_CHECKED testudo_status testudo_i_types_mix(const testudo_i_types *types, int64_t need,
                                                   const testudo_monitor *monitor, testudo_i_type_mix *answer,
                                                   testudo_error *error);

/* Proves, where it can, that no mix of whole numbers exists though a fractional one may: *impossible. By prices at
   which content types cost exactly what there is, only types at the least price can occur, and the worths there are
   must lie in the lattice which these span. Does nothing where there are too many types. */
TESTUDO_CHECKED testudo_status testudo_i_types_lattice(const testudo_i_types *types, int64_t need, bool *impossible,
                                                       testudo_error *error);

/* A type as a column: how often each worth is in it (rows 1 .. values), then its class. */
void testudo_i_types_terms(const testudo_i_types *types, const int32_t *count, int32_t class, testudo_i_terms *terms);

/* All content types: *count rows of values + 1 numbers, how often each worth 1.. is in it, then its class; malloc'd.
   *count = -1 and no rows where there are more than `most`. */
TESTUDO_CHECKED testudo_status testudo_i_types_list(const testudo_i_types *types, int64_t need, int64_t most,
                                                    int32_t **rows, int64_t *count, testudo_error *error);

typedef struct testudo_i_qmax_limit {
  int64_t need;          /* no order of the assignment attains need + 1 */
  const char *proof;
  bool stopped;          /* by the monitor, the limit being what was proved till then */
} testudo_i_qmax_limit;

/* The smallest limit it can prove. Deterministic. */
TESTUDO_CHECKED testudo_status testudo_i_types_limit(testudo_i_types *types, const testudo_monitor *monitor,
                                                     testudo_i_qmax_limit *limit, testudo_error *error);

/* ---- orders with a given least sum, by an integer programme ---- */

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
