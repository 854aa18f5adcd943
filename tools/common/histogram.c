/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The histogram of simulated completion times. */
#include "common/simulation.h"

#include "base/error.h"

enum { BINS = 80 };

testudo_status histogram_make(cli_histogram *histogram, const testudo_simulation *simulation, testudo_error *error)
{
  int64_t ended = simulation->trials - simulation->never;
  histogram->bins = ended == 0 ? 0 : BINS;
  histogram->edge = testudo_i_arena_calloc(&histogram->arena, BINS + 1, sizeof *histogram->edge);
  histogram->count = testudo_i_arena_calloc(&histogram->arena, BINS, sizeof *histogram->count);
  TESTUDO_I_TRY(testudo_i_arena_check(&histogram->arena, error));
  if (ended == 0)
    return TESTUDO_OK;
  const double *completion = simulation->completion;
  double low = completion[0], high = completion[(int64_t)(0.995 * (double)(ended - 1))];
  /* All alike: one bin that holds them. */
  if (!(high > low)) {
    histogram->bins = 1;
    high = low > 0.0 ? low * (1.0 + 1e-3) : 1e-3;
  }
  for (int32_t k = 0; k <= histogram->bins; k++)
    histogram->edge[k] = k == histogram->bins ? high : low + (high - low) * k / histogram->bins;
  int32_t bin = 0;
  for (int64_t k = 0; k < ended; k++) {
    while (bin < histogram->bins && completion[k] > histogram->edge[bin + 1])
      bin++;
    if (bin < histogram->bins)
      histogram->count[bin]++;
    else
      histogram->beyond++;
  }
  return TESTUDO_OK;
}
