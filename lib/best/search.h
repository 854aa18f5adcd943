/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search behind a cell of the table: one call, so that a better search takes the place of this one in one place. */
#ifndef TESTUDO_BEST_SEARCH_H
#define TESTUDO_BEST_SEARCH_H

#include <testudo/best.h>
#include <testudo/code.h>

/* What it found. */
typedef struct testudo_i_best_found {
  testudo_design *design;   /* fits the key; NULL: nothing */
  char method[96];          /* what found it, in words */
  /* Where the design is one of testudo_assignment_by_slots, its table, so that a few numbers are kept, not all orders;
     slots.count 0: it is not. */
  testudo_slots slots;
  int32_t group;
} testudo_i_best_found;

void testudo_i_best_found_clear(testudo_i_best_found *found);

/* Its name, with all that decides what it finds but the seed and the tries: rows remember by it which search they have
   had. */
extern const char testudo_i_best_search_name[];

/* Searches for a design that fits the key. options->tries 0: as many as the search is made for. Where the monitor stops
   it: TESTUDO_INTERRUPTED, for what a stopped search has found depends on when it was stopped. Nothing found is no
   error. The threads never change what it finds. */
TESTUDO_CHECKED testudo_status testudo_i_best_search(const testudo_best_key *key,
                                                     const testudo_search_options *options,
                                                     testudo_i_best_found *found, testudo_error *error);

/* The value of a design on a few thousand trials that no row is measured on, the same for all designs of a cell: for
   sorting candidates. */
TESTUDO_CHECKED testudo_status testudo_i_best_glance(const testudo_best_key *key, const testudo_design *design,
                                                     const testudo_best_options *options, double *value,
                                                     testudo_error *error);

#endif
