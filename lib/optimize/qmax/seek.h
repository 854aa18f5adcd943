/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Annealing with restarts, in the whole problem and in its quotients in turn. */
#ifndef TESTUDO_OPTIMIZE_QMAX_SEEK_H
#define TESTUDO_OPTIMIZE_QMAX_SEEK_H

#include "base/limits.h"
#include "optimize/qmax/places.h"
#include "optimize/search/search.h"

typedef struct testudo_i_seeker {
  testudo_i_places *whole;            /* its orders are the ones to beat; changed when better ones are found */
  testudo_i_places quotient[TESTUDO_I_LIMIT_QUOTIENTS]; /* orders that repeat after fewer workers, the shortest first */
  int32_t quotients;
  const testudo_search_options *options;
  int64_t tries, moves;               /* made so far, whatever the threads; their number per call is options->tries */
  double best, bound;                 /* for the monitor */
  int32_t period;                     /* workers after which the orders found repeat */
  bool stopped;
} testudo_i_seeker;

/* Finds the shifts that map the assignment to itself. `whole` and `options` are lent. Free whatever the answer. */
TESTUDO_CHECKED testudo_status testudo_i_seeker_make(testudo_i_places *whole, const testudo_search_options *options,
                                                     testudo_i_seeker *seeker, testudo_error *error);
void testudo_i_seeker_free(testudo_i_seeker *seeker);

/* Looks for orders with the least sum `need`; *found, and whole->orders are they. The restart of the lowest number that
   succeeds counts, so the threads do not matter. */
TESTUDO_CHECKED testudo_status testudo_i_seeker_seek(testudo_i_seeker *seeker, int64_t need, bool *found,
                                                     testudo_error *error);

#endif
