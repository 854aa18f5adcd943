/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of gradient codes on the cyclic assignment. */
#ifndef TESTUDO_CODE_TANDON_H
#define TESTUDO_CODE_TANDON_H

#include <stdint.h>

#include <testudo/design.h>

/* coefficient[i * (s + 1) + k]: row i of Tandon's cyclic B at chunk (i + k) mod n; 0 <= s < n. Drawn again while a
   row's system is badly conditioned. TESTUDO_ERROR_ARGUMENT when no draw will do; TESTUDO_INTERRUPTED when
   the monitor (may be NULL; it gets fractions from `begin` to `end`) stops it. O(n s^3). */
TESTUDO_CHECKED testudo_status testudo_i_tandon_rows(int32_t n, int32_t s, uint64_t seed, double *coefficient,
                                                     const testudo_monitor *monitor, double begin, double end,
                                                     testudo_error *error);

/* coefficient[k], k = 0..s: of chunk (i + k) mod n in row i of the real cyclic MDS code, the same for every i,
   positive, the largest 1; 0 <= s < n. TESTUDO_ERROR_ARGUMENT where there is none: s > 0 and n - s even. */
TESTUDO_CHECKED testudo_status testudo_i_cyclic_mds_row(int32_t n, int32_t s, double *coefficient,
                                                        testudo_error *error);

#endif
