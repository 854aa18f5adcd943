/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparisons counted for half of the lanes: gcc makes branches of comparisons where they are not those of whole
   vectors. Times and bounds are aligned to half the lanes. */
#ifndef TESTUDO_SAMPLE_HALVES_H
#define TESTUDO_SAMPLE_HALVES_H

#include <stdint.h>

#include "base/inlined.h"
#include "sample/plan.h"

enum { TESTUDO_I_HALF = TESTUDO_I_LANES / 2 };

#if defined(__GNUC__)
typedef double testudo_i_half __attribute__((vector_size(TESTUDO_I_HALF * sizeof(double))));
typedef int64_t testudo_i_half_count __attribute__((vector_size(TESTUDO_I_HALF * sizeof(int64_t))));
#else
typedef struct testudo_i_half {
  double of[TESTUDO_I_HALF];
} testudo_i_half;
typedef struct testudo_i_half_count {
  int64_t of[TESTUDO_I_HALF];
} testudo_i_half_count;
#endif

/* count += a > b, lane by lane. */
TESTUDO_I_INLINED void testudo_i_count_greater(const testudo_i_half *a, const testudo_i_half *b,
                                               testudo_i_half_count *count)
{
#if defined(__GNUC__)
  *count -= *a > *b; /* true is -1 */
#else
  for (int lane = 0; lane < TESTUDO_I_HALF; lane++)
    count->of[lane] += a->of[lane] > b->of[lane];
#endif
}

/* Of a worker with `steps` of which some are late: sum += those that are not, sent += 1 where fewer than `limit`
   are. */
TESTUDO_I_INLINED void testudo_i_add_done(const testudo_i_half_count *late, int64_t steps, int64_t limit,
                                          testudo_i_half_count *sum, testudo_i_half_count *sent)
{
#if defined(__GNUC__)
  *sum += steps - *late;
  *sent -= *late < limit;
#else
  for (int lane = 0; lane < TESTUDO_I_HALF; lane++) {
    sum->of[lane] += steps - late->of[lane];
    sent->of[lane] += late->of[lane] < limit;
  }
#endif
}

#endif
