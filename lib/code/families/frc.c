/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fractional repetition (Tandon, Lei, Dimakis, Karampatziakis, Gradient coding, ICML 2017). */
#include "code/assignment.h"

#include "base/error.h"

static testudo_status check_counts(int32_t workers, int32_t chunks, int32_t replication, testudo_error *error)
{
  if (replication < 1 || replication > workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "replication: %d, but %d workers allow 1..%d",
                          (int)replication, (int)workers, (int)workers);
  if (workers % replication != 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "replication: %d, but fractional repetition puts workers in groups of that size and %d "
                          "workers are not a multiple of it",
                          (int)replication, (int)workers);
  if (chunks % (workers / replication) != 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "chunks: %d, but fractional repetition shares them out among %d groups and needs a multiple "
                          "of that",
                          (int)chunks, (int)(workers / replication));
  return TESTUDO_OK;
}

testudo_status testudo_assignment_frc(int32_t workers, int32_t chunks, int32_t replication,
                                      testudo_assignment *assignment, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_assignment_begin(assignment, workers, chunks, error));
  TESTUDO_I_TRY(check_counts(workers, chunks, replication, error));
  int32_t load = chunks / (workers / replication);
  TESTUDO_I_TRY(testudo_i_assignment_allocate(assignment, workers, chunks, (int64_t)workers * load, error));
  for (int32_t j = 0; j < workers; j++) {
    int32_t *chunk = assignment->chunk + assignment->row[j];
    int32_t first = j / replication * load;
    for (int32_t k = 0; k < load; k++)
      chunk[k] = first + k;
    assignment->row[j + 1] = assignment->row[j] + load;
  }
  return TESTUDO_OK;
}
