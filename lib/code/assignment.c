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

void testudo_i_assignment_fill(testudo_assignment *assignment, const int32_t *holder, const int64_t *chunk_row,
                               int32_t replication)
{
  int32_t workers = assignment->workers, chunks = assignment->chunks;
  int64_t *row = assignment->row, entries = chunk_row != NULL ? chunk_row[chunks] : (int64_t)chunks * replication;
  for (int64_t e = 0; e < entries; e++)
    row[holder[e] + 1]++;
  for (int32_t j = 0; j < workers; j++)
    row[j + 1] += row[j];
  /* row[j] walks to the start of row j + 1 and is put back afterwards. */
  int64_t e = 0;
  for (int32_t i = 0; i < chunks; i++)
    for (int64_t end = chunk_row != NULL ? chunk_row[i + 1] : e + replication; e < end; e++)
      assignment->chunk[row[holder[e]]++] = i;
  memmove(row + 1, row, (size_t)workers * sizeof *row);
  row[0] = 0;
}

testudo_status testudo_i_assignment_copy(testudo_assignment *assignment, const testudo_assignment *from,
                                         testudo_error *error)
{
  int64_t entries = from->row[from->workers];
  TESTUDO_I_TRY(testudo_i_assignment_begin(assignment, from->workers, from->chunks, error));
  TESTUDO_I_TRY(testudo_i_assignment_allocate(assignment, from->workers, from->chunks, entries, error));
  memcpy(assignment->row, from->row, ((size_t)from->workers + 1) * sizeof *from->row);
  if (entries > 0)
    memcpy(assignment->chunk, from->chunk, (size_t)entries * sizeof *from->chunk);
  return TESTUDO_OK;
}

testudo_status testudo_design_orders(const testudo_design *design, testudo_assignment *orders, testudo_error *error)
{
  const testudo_assignment own = {design->workers, design->chunks, design->row, design->order};
  return testudo_i_assignment_copy(orders, &own, error);
}
