/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Assignments: made empty, given room, freed, and copied out of designs. */
#include "code/assignment.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "runtime/design.h"

void testudo_assignment_free(testudo_assignment *assignment)
{
  if (assignment == NULL)
    return;
  free(assignment->row);
  free(assignment->chunk);
  *assignment = (testudo_assignment){0};
}

testudo_status testudo_i_assignment_begin(testudo_assignment *assignment, int32_t workers, int32_t chunks,
                                          testudo_error *error)
{
  *assignment = (testudo_assignment){0};
  if (workers < 1 || workers > TESTUDO_MAX_WORKERS)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "workers: %d, but 1..%d are allowed", (int)workers,
                          TESTUDO_MAX_WORKERS);
  if (chunks < 1 || chunks > TESTUDO_MAX_CHUNKS)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "chunks: %d, but 1..%d are allowed", (int)chunks,
                          TESTUDO_MAX_CHUNKS);
  return TESTUDO_OK;
}

testudo_status testudo_i_assignment_allocate(testudo_assignment *assignment, int32_t workers, int32_t chunks,
                                             int64_t entries, testudo_error *error)
{
  if (entries > TESTUDO_MAX_ENTRIES)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "entries: the loads of %d workers sum to %lld, but a design has at most %d", (int)workers,
                          (long long)entries, TESTUDO_MAX_ENTRIES);
  assignment->workers = workers;
  assignment->chunks = chunks;
  assignment->row = testudo_i_calloc((size_t)workers + 1, sizeof *assignment->row);
  assignment->chunk = testudo_i_alloc((size_t)entries, sizeof *assignment->chunk);
  if (assignment->row != NULL && assignment->chunk != NULL)
    return TESTUDO_OK;
  testudo_assignment_free(assignment);
  return testudo_i_fail_memory(error);
}

testudo_status testudo_design_orders(const testudo_design *design, testudo_assignment *orders, testudo_error *error)
{
  int64_t entries = design->row[design->workers];
  TESTUDO_I_TRY(testudo_i_assignment_begin(orders, design->workers, design->chunks, error));
  TESTUDO_I_TRY(testudo_i_assignment_allocate(orders, design->workers, design->chunks, entries, error));
  memcpy(orders->row, design->row, ((size_t)design->workers + 1) * sizeof *orders->row);
  if (entries > 0)
    memcpy(orders->chunk, design->order, (size_t)entries * sizeof *orders->chunk);
  return TESTUDO_OK;
}
