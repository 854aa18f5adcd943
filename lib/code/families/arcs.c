/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Consecutive arcs around the circle of chunks, for unequal loads (in the manner of H. Wang et al., Heterogeneity-aware
   gradient coding for straggler tolerance, ICDCS 2019). */
#include "code/assignment.h"

#include "base/error.h"

static testudo_status sum_loads(int32_t workers, int32_t chunks, const int32_t *loads, int64_t *entries,
                                testudo_error *error)
{
  *entries = 0;
  for (int32_t j = 0; j < workers; j++) {
    if (loads[j] < 0 || loads[j] > chunks)
      return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                            "load of worker %d: %d, but an arc of %d chunks allows 0..%d", (int)j,
                            (int)loads[j], (int)chunks, (int)chunks);
    *entries += loads[j];
  }
  if (*entries % chunks != 0 || *entries == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "the loads sum to %lld, but arcs go around the circle a whole number of times: a multiple of"
                          " %d, not 0", (long long)*entries, (int)chunks);
  return TESTUDO_OK;
}

testudo_status testudo_assignment_arcs(int32_t workers, int32_t chunks, const int32_t *loads,
                                       testudo_assignment *assignment, testudo_error *error)
{
  int64_t entries;
  TESTUDO_I_TRY(testudo_i_assignment_begin(assignment, workers, chunks, error));
  TESTUDO_I_TRY(sum_loads(workers, chunks, loads, &entries, error));
  TESTUDO_I_TRY(testudo_i_assignment_allocate(assignment, workers, chunks, entries, error));
  int32_t at = 0;
  int64_t e = 0;
  for (int32_t j = 0; j < workers; j++) {
    for (int32_t k = 0; k < loads[j]; k++) {
      assignment->chunk[e++] = at;
      at = at + 1 == chunks ? 0 : at + 1;
    }
    assignment->row[j + 1] = e;
  }
  return TESTUDO_OK;
}
