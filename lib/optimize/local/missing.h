/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The expected error of a holding at one deadline, chunk by chunk and exact (docs/theory/latency.md#expected-error): an
   exchange changes two terms of a sum. */
#ifndef TESTUDO_OPTIMIZE_LOCAL_MISSING_H
#define TESTUDO_OPTIMIZE_LOCAL_MISSING_H

#include "optimize/latency/objective.h"
#include "optimize/local/holding.h"

typedef struct testudo_i_missing {
  testudo_i_holding *holding;  /* lent */
  int32_t parts, failed;
  double *survival;          /* of each slot */
  double *error;             /* of each chunk */
  double *law, *room;
  int64_t *slots;            /* of one chunk */
  double value;
} testudo_i_missing;

TESTUDO_CHECKED testudo_status testudo_i_missing_make(testudo_i_missing *missing, testudo_i_arena *arena,
                                                      const testudo_i_goal *goal, testudo_i_holding *holding,
                                                      int32_t parts, testudo_error *error);

/* The value that exchanging two slots would give, and doing so. O(copies (failed + 1) parts). */
double testudo_i_missing_try(testudo_i_missing *missing, int64_t one, int64_t other);
void testudo_i_missing_exchange(testudo_i_missing *missing, int64_t one, int64_t other);

#endif
