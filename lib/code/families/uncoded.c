/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every chunk on one worker, shared out evenly. */
#include "code/assignment.h"

#include "base/error.h"

testudo_status testudo_assignment_uncoded(int32_t workers, int32_t chunks, testudo_assignment *assignment,
                                          testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_assignment_begin(assignment, workers, chunks, error));
  if (workers > chunks)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "workers: %d, but an uncoded assignment of %d chunks allows 1..%d", (int)workers,
                          (int)chunks, (int)chunks);
  TESTUDO_I_TRY(testudo_i_assignment_allocate(assignment, workers, chunks, chunks, error));
  for (int32_t j = 0; j < workers; j++)
    assignment->row[j + 1] = ((int64_t)j + 1) * chunks / workers;
  for (int32_t i = 0; i < chunks; i++)
    assignment->chunk[i] = i;
  return TESTUDO_OK;
}
