/* SPDX-License-Identifier: BSD-3-Clause */
/* What a family of gradient codes B^(s) holds (docs/theory/nested.md, docs/theory/block.md): a code for every tolerance
   s of an increasing set, row i of each supported on a prefix of worker i's order. A classical gradient code is a
   family of one level. */
#ifndef TESTUDO_RUNTIME_FAMILY_H
#define TESTUDO_RUNTIME_FAMILY_H

#include <stddef.h>
#include <stdint.h>

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

#endif
