/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Latin squares and rectangles as tables of orders, up to what keeps the law of a group of equal workers: permutations
   of rows (workers) and columns (chunks). Places are not renamed, for that changes the law. */
#ifndef TESTUDO_OPTIMIZE_GROUPS_LATIN_H
#define TESTUDO_OPTIMIZE_GROUPS_LATIN_H

#include <stdbool.h>
#include <stdint.h>

/* Calls visit with every reduced rectangle of size rows and load columns, size <= load <= 8: place[a * load + b], from
   0, is that of chunk b at worker a; each row holds every place once, each column none twice; the first row is 0, 1,
   .. and the first column ascends. Every rectangle is one of these after a permutation of rows and columns. Ends when
   visit answers false, or after `limit` visits; answers whether all were visited. Squares of order 1..6: 1, 1, 1, 4,
   56, 9408. */
bool testudo_i_latin_visit(int32_t size, int32_t load, int64_t limit, bool (*visit)(void *context, const int8_t *place),
                           void *context);

/* The same for all tables, Latin or not: a first row 0, 1, .., then rows in lexicographic order that never falls. Every
   table is one of these after a permutation of rows and columns, some are several. */
bool testudo_i_table_visit(int32_t size, int32_t load, bool (*visit)(void *context, const int8_t *place),
                           void *context);

/* How many those are, C(load! + size - 2, size - 1); HUGE_VAL where load > 8. */
double testudo_i_table_count(int32_t size, int32_t load);

/* The first of the reduced forms of a rectangle, one for every row made the first, in lexicographic order: two
   rectangles are the same up to rows and columns where these are equal. Classes of squares of order 1..6:
   1, 1, 1, 4, 16, 1868 (counted by the tests in another way). */
void testudo_i_latin_canonical(int32_t size, int32_t load, const int8_t *place, int8_t *first);

#endif
