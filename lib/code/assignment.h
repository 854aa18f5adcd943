/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every family of assignments needs. */
#ifndef TESTUDO_CODE_ASSIGNMENT_H
#define TESTUDO_CODE_ASSIGNMENT_H

#include <testudo/code.h>

/* Empties *assignment (so that freeing it is harmless whatever follows) and refuses counts that no design may have. */
TESTUDO_CHECKED testudo_status testudo_i_assignment_begin(testudo_assignment *assignment, int32_t workers,
                                                          int32_t chunks, testudo_error *error);

/* Room for `entries`, at most TESTUDO_MAX_ENTRIES: row is zeroed, chunk is not. On failure the assignment is empty. */
TESTUDO_CHECKED testudo_status testudo_i_assignment_allocate(testudo_assignment *assignment, int32_t workers,
                                                             int32_t chunks, int64_t entries, testudo_error *error);

TESTUDO_CHECKED testudo_status testudo_i_assignment_copy(testudo_assignment *assignment,
                                                         const testudo_assignment *from, testudo_error *error);

/* Fills row and chunk (allocated) from the workers that hold chunk 0, then those that hold chunk 1, ..: chunk i's begin
   at chunk_row[i], or at i * replication where that is NULL. Every worker's row ascends. */
void testudo_i_assignment_fill(testudo_assignment *assignment, const int32_t *holder, const int64_t *chunk_row,
                               int32_t replication);

#endif
