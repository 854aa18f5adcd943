/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cyclic assignments: worker j holds the chunks j, j + 1, .. around the circle. */
#include "code/assignment.h"

#include "base/error.h"

testudo_status testudo_assignment_ring(int32_t workers, int32_t chunks, int32_t replication,
                                       testudo_assignment *assignment, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_assignment_begin(assignment, workers, chunks, error));
  if (chunks % workers != 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "chunks: %d, but a cyclic assignment of %d workers needs a multiple of that", (int)chunks,
                          (int)workers);
  if (replication < 1 || replication > workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "load: %d, but a cyclic assignment of %d workers allows 1..%d",
                          (int)replication, (int)workers, (int)workers);
  int64_t c = chunks / workers, load = c * replication;
  TESTUDO_I_TRY(testudo_i_assignment_allocate(assignment, workers, chunks, workers * load, error));
  for (int32_t j = 0; j < workers; j++) {
    int32_t *chunk = assignment->chunk + assignment->row[j];
    for (int64_t k = 0; k < load; k++)
      chunk[k] = (int32_t)(j * c < chunks - k ? j * c + k : j * c - (chunks - k));
    assignment->row[j + 1] = assignment->row[j] + load;
  }
  return TESTUDO_OK;
}

testudo_status testudo_assignment_cyclic(int32_t workers, int32_t load, testudo_assignment *assignment,
                                         testudo_error *error)
{
  return testudo_assignment_ring(workers, workers, load, assignment, error);
}
