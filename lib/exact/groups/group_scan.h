/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One group of fractional repetition: the law of "every chunk of the group has been done by >= parts workers". */
#ifndef TESTUDO_EXACT_GROUP_SCAN_H
#define TESTUDO_EXACT_GROUP_SCAN_H

#include <stdint.h>

/* A polynomial pair in the failure weight z, truncated at degree `degree`: done holds the outcomes in which the group
   is complete, lost the others; both have degree + 1 nonnegative coefficients. Sums of nonnegative terms only, so that
   the smaller of the two keeps its relative accuracy. */
typedef struct testudo_i_pair {
  double *done, *lost;
} testudo_i_pair;

/* left <- left * right (outcomes of independent groups): done done', and lost in either. room: 2 (degree + 1). */
void testudo_i_pair_multiply(testudo_i_pair left, testudo_i_pair right, int32_t degree, double *room);

/* The group's shape: what its workers do, by rank. */
typedef struct testudo_i_group_shape {
  int32_t size;          /* workers */
  int32_t load;          /* chunks each holds */
  const int32_t *class_; /* of each worker: size entries */
  const int32_t *order;  /* size rows of load chunk indices 0..load-1 */
} testudo_i_group_shape;

/* States of a scan: (parts + 1)^load; INT64_MAX when that overflows. */
int64_t testudo_i_group_states(int32_t load, int32_t parts);

/* Scans the workers with the chunks' coverage counts (each cut at parts) as state
   (docs/theory/latency.md#repetition-groups). q[class] is the progress law of a living worker (load + 1 numbers); a
   worker fails with weight fail z and lives with weight 1 - fail. room: (degree + 2) states. Cost: size * load *
   (degree + 1) * states. */
void testudo_i_group_scan(const testudo_i_group_shape *shape, int32_t parts, const double *const *q, double fail,
                          int32_t degree, testudo_i_pair result, double *room);

#endif
