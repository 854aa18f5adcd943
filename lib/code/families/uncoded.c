/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "code/assignment.h"

#include "base/error.h"

testudo_status testudo_assignment_uncoded(int32_t workers, int32_t chunks, testudo_assignment *assignment,
                                          testudo_error *error)
{
  testudo_status status = testudo_i_assignment_begin(assignment, workers, chunks, error);
  if (status != TESTUDO_OK)
    return status;
  if (workers > chunks)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "workers: %d, but an uncoded assignment of %d chunks allows 1..%d", (int)workers,
                          (int)chunks, (int)chunks);
  status = testudo_i_assignment_allocate(assignment, workers, chunks, chunks, error);
  if (status != TESTUDO_OK)
    return status;
  for (int32_t j = 0; j < workers; j++)
    assignment->row[j + 1] = ((int64_t)j + 1) * chunks / workers;
  for (int32_t i = 0; i < chunks; i++)
    assignment->chunk[i] = i;
  return TESTUDO_OK;
}
