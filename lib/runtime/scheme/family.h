/* SPDX-License-Identifier: BSD-3-Clause */
/* A family of gradient codes B^(s) (docs/theory/nested.md, docs/theory/block.md): one for every tolerance s of an
   increasing set, row i of each supported on a prefix of worker i's order. A classical gradient code is a family of one
   level. */
#ifndef TESTUDO_RUNTIME_FAMILY_H
#define TESTUDO_RUNTIME_FAMILY_H

#include <stdint.h>

#include "json/read.h"
#include "json/write.h"
#include "runtime/design.h"

typedef struct testudo_i_family {
  int32_t levels;
  int32_t *tolerance;   /* increasing, each in 0..workers - 1 */
  int64_t *start;       /* levels + 1: row i of level k is coefficient[start[k] + i (tolerance[k] + 1)] .. */
  const int64_t *row;   /* of a family of one level whose rows are whole orders: coefficient[row[i]] ..; else NULL */
  double *coefficient;
  int32_t *step_of_row; /* tolerance + 1, one per level */
  int32_t *need;        /* workers - tolerance, one per level */
  int32_t *hit;         /* chunks done, less 1 -> the level with tolerance + 1 = done, or -1 */
} testudo_i_family;

/* A family of the given tolerances (copied) from the design's arena, without coefficients yet. They must be increasing
   in 0..workers - 1, otherwise TESTUDO_ERROR_INPUT names "code.tolerances[k]". */
TESTUDO_CHECKED testudo_status testudo_i_family_make(testudo_i_family *family, testudo_design *design, int32_t levels,
                                                     const int32_t *tolerance, testudo_error *error);
/* Room for its coefficients, zeroed: workers (tolerance + 1) numbers per level. */
TESTUDO_CHECKED testudo_status testudo_i_family_room(testudo_i_family *family, testudo_design *design,
                                                     testudo_error *error);

/* Row `worker` of level k, and how many numbers it has. */
static inline double *testudo_i_family_row(const testudo_i_family *family, int32_t level, int32_t worker)
{
  if (family->row != NULL)
    return family->coefficient + family->row[worker];
  return family->coefficient + family->start[level] + (int64_t)worker * (family->tolerance[level] + 1);
}

static inline int32_t testudo_i_family_width(const testudo_i_family *family, int32_t level, int32_t worker)
{
  return family->row != NULL ? (int32_t)(family->row[worker + 1] - family->row[worker]) : family->tolerance[level] + 1;
}

/* ---- for the schemes with prefixes of the cyclic order: nested and block ---- */

/* `tolerances` and `matrices` of code. */
TESTUDO_CHECKED testudo_status testudo_i_family_read(const testudo_i_json_document *document,
                                                     const testudo_i_json_value *code, testudo_i_family *family,
                                                     testudo_design *design, testudo_error *error);
void testudo_i_family_write_tolerances(testudo_i_json_writer *writer, const testudo_i_family *family);
/* "tolerances 0, 2, 5": answers its length. */
size_t testudo_i_family_phrase(const testudo_i_family *family, char *text, size_t room);
void testudo_i_family_write_matrices(testudo_i_json_writer *writer, const testudo_i_family *family, int32_t workers);

/* N = m, orders that are the cyclic ones in natural order and no others (a prefix of worker i's order must be the
   support i .. i+s of its row of B^(s)), finite coefficients. */
TESTUDO_CHECKED testudo_status testudo_i_family_check(const testudo_i_family *family, const testudo_design *design,
                                                      testudo_error *error);

#endif
