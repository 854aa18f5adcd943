/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Designs of each remedy that are tried (docs/theory/advice.md#the-remedies). */
#ifndef TESTUDO_ADVISE_CANDIDATES_H
#define TESTUDO_ADVISE_CANDIDATES_H

#include "advise/ground.h"

typedef struct testudo_i_candidate_design {
  testudo_i_way way;           /* its design is owned */
  char name[96];
} testudo_i_candidate_design;

/* What a remedy offers for these workers. */
typedef struct testudo_i_candidates {
  testudo_i_candidate_design *item;
  size_t count, room;
} testudo_i_candidates;

void testudo_i_candidates_clear(testudo_i_candidates *candidates);

typedef struct testudo_i_limits {
  int32_t workers;
  int32_t granularity;         /* of designs whose chunks are finer than shares */
  int32_t most_copies;         /* of a chunk */
  double load;                 /* shares */
  uint64_t seed;
} testudo_i_limits;

/* Every worker its share, in `granularity` chunks. */
TESTUDO_CHECKED testudo_status testudo_i_offer_uncoded(testudo_i_candidates *to, const testudo_i_limits *limits,
                                                       testudo_error *error);

/* The same data, dealt out so that all workers of these speeds end together. */
TESTUDO_CHECKED testudo_status testudo_i_offer_loads(testudo_i_candidates *to, const testudo_i_limits *limits,
                                                     const double *rates, testudo_error *error);

/* Nothing where there is no room for a second copy. */
TESTUDO_CHECKED testudo_status testudo_i_offer_backup(testudo_i_candidates *to, const testudo_i_limits *limits,
                                                      testudo_error *error);

/* On the circle, for the number of stragglers within the limits whose mean time is least on a ground; in groups, for
   every number whose groups fill the workers. */
TESTUDO_CHECKED testudo_status testudo_i_offer_gradient_codes(testudo_i_candidates *to, const testudo_i_limits *limits,
                                                              const testudo_i_ground *ground, testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_offer_grouped_codes(testudo_i_candidates *to, const testudo_i_limits *limits,
                                                             testudo_error *error);

TESTUDO_CHECKED testudo_status testudo_i_offer_nested(testudo_i_candidates *to, const testudo_i_limits *limits,
                                                      testudo_error *error);

/* Structures and orders of scheme partial, one part. */
TESTUDO_CHECKED testudo_status testudo_i_offer_partial(testudo_i_candidates *to, const testudo_i_limits *limits,
                                                       testudo_error *error);

TESTUDO_CHECKED testudo_status testudo_i_offer_first(testudo_i_candidates *to, const testudo_i_limits *limits,
                                                     int32_t wait, testudo_error *error);

#endif
