/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The best of several random regular assignments by its second singular value (Raviv, Tamo, Tandon and Dimakis,
   Gradient coding from cyclic MDS codes and expander graphs, IEEE Trans. IT 2020, use expanders; random regular
   graphs nearly are the best ones: Friedman, 2008, and Brito, Dumitriu and Harris, 2022, for bipartite ones). */
#include <testudo/approximate.h>

#include "base/error.h"
#include "code/assignment.h"
#include "code/approximate/spectrum.h"

testudo_status testudo_assignment_expander(int32_t workers, int32_t chunks, int32_t replication, uint64_t seed,
                                           int32_t tries, const testudo_monitor *monitor,
                                           testudo_assignment *assignment, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment best = {0};
  double least = 0.0;
  TESTUDO_I_TRY(testudo_i_assignment_begin(assignment, workers, chunks, error));
  if (tries < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "tries: %d, but at least 1 is needed", (int)tries);
  for (int32_t k = 0; k < tries; k++) {
    TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment drawn = {0};
    testudo_i_stretch stretch;
    if (testudo_i_stopped(monitor, (double)k / tries))
      return TESTUDO_INTERRUPTED;
    TESTUDO_I_TRY(testudo_assignment_regular(workers, chunks, replication, seed + (uint64_t)k, &drawn, error));
    TESTUDO_I_TRY(testudo_i_stretch_of(workers, chunks, drawn.row, drawn.chunk, NULL, true, monitor, &stretch, error));
    if (k == 0 || stretch.found < least) {
      testudo_assignment worse = best;
      least = stretch.found;
      best = drawn;
      drawn = worse;
    }
  }
  *assignment = best;
  best = (testudo_assignment){0};
  return TESTUDO_OK;
}
