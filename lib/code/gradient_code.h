/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTUDO_CODE_GRADIENT_CODE_H
#define TESTUDO_CODE_GRADIENT_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include <testudo/design.h>

/* coefficient[i * (s + 1) + k]: row i of Tandon's cyclic B at chunk (i + k) mod n; 0 <= s < n. Drawn again while a
   row's system is badly conditioned. TESTUDO_ERROR_ARGUMENT when no draw will do; TESTUDO_INTERRUPTED when
   the monitor (may be NULL; it is told `fraction`) stops it. O(n s^3). */
TESTUDO_CHECKED testudo_status testudo_i_tandon_rows(int32_t n, int32_t s, uint64_t seed, double *coefficient,
                                                     const testudo_monitor *monitor, double fraction,
                                                     testudo_error *error);

/* coefficient[k], k = 0..s: of chunk (i + k) mod n in row i of the real cyclic MDS code, the same for every i,
   positive, the largest 1; 0 <= s < n. TESTUDO_ERROR_ARGUMENT where there is none: s > 0 and n - s even. */
TESTUDO_CHECKED testudo_status testudo_i_cyclic_mds_row(int32_t n, int32_t s, double *coefficient,
                                                        testudo_error *error);

/* Fills construction and coefficient of a gradient-code design whose row, order and stragglers are set, by the shape of
   its assignment: "frc", or "cyclic" - "cyclic-mds" when that is asked for; others are refused. */
TESTUDO_CHECKED testudo_status testudo_i_gradient_code(testudo_design *design, bool mds, uint64_t seed,
                                                       testudo_error *error);

/* Fills the coefficients of a nested or block design's family: Tandon's for every tolerance, each from a stream of its
   own. */
TESTUDO_CHECKED testudo_status testudo_i_nested_code(testudo_design *design, uint64_t seed,
                                                     const testudo_monitor *monitor, testudo_error *error);

/* testudo_design_create_nested and testudo_design_create_block with a monitor (may be NULL): many large tolerances take
   minutes. */
TESTUDO_CHECKED testudo_status testudo_i_create_nested(int32_t workers, const int32_t *tolerances, int32_t count,
                                                       uint64_t seed, const char *name,
                                                       const testudo_monitor *monitor, testudo_design **design,
                                                       testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_create_block(int32_t workers, const int32_t *tolerances,
                                                      const int64_t *sizes, int32_t count, uint64_t seed,
                                                      const char *name, const testudo_monitor *monitor,
                                                      testudo_design **design, testudo_error *error);

/* testudo_design_create_block without the coefficients, which stay 0: enough for its laws, but it decodes nothing. */
TESTUDO_CHECKED testudo_status testudo_i_block_shape(int32_t workers, const int32_t *tolerances, const int64_t *sizes,
                                                     int32_t count, testudo_design **design, testudo_error *error);

#endif
