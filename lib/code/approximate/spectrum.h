/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far an assignment stretches weights of the workers. */
#ifndef TESTUDO_CODE_SPECTRUM_H
#define TESTUDO_CODE_SPECTRUM_H

#include <stdbool.h>
#include <stdint.h>

#include <testudo/status.h>

/* The largest ||B x|| / ||x|| lies in [found, upper], the upper end but for a probability `fails` (0 from a dense
   decomposition; then both differ by rounding only). */
typedef struct testudo_i_stretch {
  double found, upper, fails;
} testudo_i_stretch;

/* B is the 0/1 matrix of chunks by workers, its rows multiplied by scale (one per chunk; NULL: 1). x runs through the
   weights of all workers that hold anything, those of sum zero when `balanced`. Dense up to 600 workers, O(m^3), beyond
   by Lanczos, which asks the monitor (may be NULL). */
TESTUDO_CHECKED testudo_status testudo_i_stretch_of(int32_t workers, int32_t chunks, const int64_t *row,
                                                    const int32_t *chunk, const double *scale, bool balanced,
                                                    const testudo_monitor *monitor, testudo_i_stretch *stretch,
                                                    testudo_error *error);

#endif
