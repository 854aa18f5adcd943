/* SPDX-License-Identifier: BSD-3-Clause */
/* The family B^(s) of a nested or block gradient code (docs/theory/nested, block): a code for every tolerance s of an
   increasing set, row i of each supported on the prefix i, i+1, .., i+s of worker i's order. */
#ifndef TESTUDO_RUNTIME_FAMILY_H
#define TESTUDO_RUNTIME_FAMILY_H

#include <stdint.h>

#include <testudo/status.h>

typedef struct testudo_i_family {
  int32_t levels;       /* tolerances; 0: the design has none, and the arrays are NULL */
  int32_t *tolerance;   /* increasing, each in 0..workers - 1 */
  int64_t *start;       /* levels + 1: row i of level k is coefficient[start[k] + i (tolerance[k] + 1)] .. */
  double *coefficient;
  int32_t *level_of;    /* chunks done, 0..largest tolerance + 1 -> the level with tolerance + 1 = done, or -1 */
} testudo_i_family;

/* A family of the given tolerances (copied), without coefficients yet. They must be increasing in 0..workers - 1,
   otherwise TESTUDO_ERROR_INPUT names "code.tolerances[k]". */
TESTUDO_CHECKED testudo_status testudo_i_family_make(testudo_i_family *family, int32_t workers, int32_t levels,
                                                     const int32_t *tolerance, testudo_error *error);
/* Room for its coefficients, zeroed: workers (tolerance + 1) numbers a level. */
TESTUDO_CHECKED testudo_status testudo_i_family_room(testudo_i_family *family, testudo_error *error);
void testudo_i_family_free(testudo_i_family *family); /* fine on a zeroed family */

/* Row `worker` of level k: tolerance[k] + 1 numbers. */
static inline double *testudo_i_family_row(const testudo_i_family *family, int32_t level, int32_t worker)
{
  return family->coefficient + family->start[level] + (int64_t)worker * (family->tolerance[level] + 1);
}

#endif
