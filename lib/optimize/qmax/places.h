/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The least Q_max as a problem of places.

   A worker of load delta that stops just before the chunk at place p leaves delta + 1 - p chunks undone: call that what
   the place is worth to the chunk, in 1..delta. By docs/theory/search.md, Q_max^(l) = (sum of the loads) - min over the
   chunks of the sum of the gamma_i - l + 1 smallest worths of chunk i. So Q_max <= z means that every chunk's smallest
   worths sum to at least the sum of the loads - z, which is called the need. */
#ifndef TESTUDO_OPTIMIZE_QMAX_PLACES_H
#define TESTUDO_OPTIMIZE_QMAX_PLACES_H

#include <testudo/code.h>

typedef struct testudo_i_places {
  testudo_assignment orders; /* worker j's k-th entry (from 0) is worth load - k. In a quotient a worker may hold a
                                chunk several times */
  int64_t *first;            /* chunks + 1: chunk i has first[i+1] - first[i] holders */
  int32_t *counted;          /* chunk i: how many of its smallest worths count, gamma_i - l + 1 */
  int64_t loads;             /* sum of the loads */
  int32_t max_load, max_holders;
} testudo_i_places;

/* Of the design's assignment, in its order, at 1 <= level <= the least replication. Free whatever the answer, here and
   for the quotient. */
TESTUDO_CHECKED testudo_status testudo_i_places_make(const testudo_design *design, int32_t level,
                                                     testudo_i_places *places, testudo_error *error);

/* Its first `workers` workers with chunks counted mod `chunks`. Where worker j + workers holds chunk i + chunks as
   worker j holds chunk i, in every order of the whole that repeats in this way a chunk is worth what it is worth
   here. */
TESTUDO_CHECKED testudo_status testudo_i_places_quotient(const testudo_i_places *whole, int32_t workers,
                                                         int32_t chunks, testudo_i_places *places,
                                                         testudo_error *error);

/* May the quotient be taken? `held` is scratch of one entry a chunk. O(entries). */
bool testudo_i_places_repeat(const testudo_i_places *whole, int32_t workers, int32_t chunks, int32_t *held);

/* Writes an order of a quotient into that of the whole. */
TESTUDO_CHECKED testudo_status testudo_i_places_spread(const int32_t *order, const testudo_i_places *quotient,
                                                       testudo_i_places *whole, testudo_error *error);

/* min over the chunks of the sum of the counted smallest worths; `worth` is scratch of orders' entries. */
int64_t testudo_i_places_least(const testudo_i_places *places, int32_t *worth);

void testudo_i_places_free(testudo_i_places *places);

#endif
