/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An assignment that is made chunk by chunk. */
#ifndef TESTUDO_CODE_INCIDENCE_H
#define TESTUDO_CODE_INCIDENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "code/assignment.h"

typedef struct testudo_i_incidence {
  testudo_i_arena arena; /* also for what the construction needs */
  int32_t workers, chunks;
  int32_t chunk;      /* the current one, whose holders are being listed */
  int64_t *row;       /* chunks + 1: where its holders begin */
  int32_t *holder;
  size_t room;
  bool full;          /* out of memory or room */
} testudo_i_incidence;

/* No chunk has holders yet. The counts must be those of an assignment that has begun. Clear it whatever the answer. */
TESTUDO_CHECKED testudo_status testudo_i_incidence_begin(testudo_i_incidence *held, int32_t workers, int32_t chunks,
                                                         testudo_error *error);

/* The current chunk lies on this worker too. Failures show at the end. */
void testudo_i_incidence_put(testudo_i_incidence *held, int32_t worker);

/* How many workers the current chunk has; forget them; go on to the next chunk. */
int32_t testudo_i_incidence_copies(const testudo_i_incidence *held);
void testudo_i_incidence_forget(testudo_i_incidence *held);
void testudo_i_incidence_next(testudo_i_incidence *held);

/* After all chunks: rows in ascending order. */
TESTUDO_CHECKED testudo_status testudo_i_incidence_end(const testudo_i_incidence *held, testudo_assignment *assignment,
                                                       testudo_error *error);
void testudo_i_incidence_clear(testudo_i_incidence *held);

#endif
