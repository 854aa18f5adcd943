/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cyclic assignments: worker j holds the chunks j, j + 1, .. around the circle. */
#include "code/assignment.h"

#include "base/error.h"

testudo_status testudo_assignment_cyclic(int32_t workers, int32_t load, testudo_assignment *assignment,
                                         testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_assignment_begin(assignment, workers, workers, error));
  if (load < 1 || load > workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "load: %d, but a cyclic assignment of %d workers allows 1..%d",
                          (int)load, (int)workers, (int)workers);
  TESTUDO_I_TRY(testudo_i_assignment_allocate(assignment, workers, workers, (int64_t)workers * load, error));
  for (int32_t j = 0; j < workers; j++) {
    int32_t *chunk = assignment->chunk + assignment->row[j];
    for (int32_t k = 0; k < load; k++)
      chunk[k] = j < workers - k ? j + k : j - (workers - k);
    assignment->row[j + 1] = assignment->row[j] + load;
  }
  return TESTUDO_OK;
}
