/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eight trials side by side. A row's smallest times are kept sorted by an insertion network of min and max, which
   touches every entry once and branches on nothing.

   gcc turns `a < b ? a : b` into one packed instruction only where zeros have no sign and NaNs do not occur. Neither
   arises here: times are >= 0, and 0 * infinity is kept out (places are >= 1). Infinite times (failed workers) do
   occur; they pass through min, max and comparisons as the hardware defines them, which the tests check bit for bit
   against the plain twin. */
#include "sample/kernel.h"

#include <math.h>

#include "sample/clones.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-signed-zeros,finite-math-only")
#endif

#define LANES TESTUDO_I_LANES
#define EACH(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)

/* Level 1 without deadlines or rates: max over rows of the row's min. Named accumulators: gcc keeps arrays of them in
   memory here, at four times the cost. */
TESTUDO_I_INLINED void smallest_of_rows(const testudo_i_rows *rows, const double *restrict time,
                                        double *restrict completion)
{
#define START(k) double most##k = 0.0;
  EACH(START)
  for (int64_t i = 0; i < rows->count; i++) {
#define OPEN(k) double least##k = HUGE_VAL;
    EACH(OPEN)
    for (int64_t e = rows->row[i]; e < rows->row[i + 1]; e++) {
      const double *from = time + (int64_t)rows->slot[e] * LANES;
      double place = rows->place[e];
#define TAKE(k) double t##k = place * from[k]; least##k = t##k < least##k ? t##k : least##k;
      EACH(TAKE)
    }
#define CLOSE(k) most##k = most##k > least##k ? most##k : least##k;
    EACH(CLOSE)
  }
#define GIVE(k) completion[k] = most##k;
  EACH(GIVE)
}

/* The `level` smallest of each row, sorted; level is a constant wherever this is inlined. */
TESTUDO_I_INLINED void sorted_rows(int level, bool rated, const testudo_i_rows *rows, const double *restrict time,
                         const double *restrict deadline, int64_t deadlines, double *restrict completion,
                         double *restrict error)
{
  double most[LANES] = {0};
  for (int64_t i = 0; i < rows->count; i++) {
    double least[TESTUDO_I_LANE_LEVELS][LANES];
    for (int q = 0; q < level; q++)
      for (int k = 0; k < LANES; k++)
        least[q][k] = HUGE_VAL;
    for (int64_t e = rows->row[i]; e < rows->row[i + 1]; e++) {
      const double *from = time + (int64_t)rows->slot[e] * LANES;
      double t[LANES];
      for (int k = 0; k < LANES; k++)
        t[k] = rows->place[e] * from[k];
      if (rated)
        for (int k = 0; k < LANES; k++)
          t[k] /= rows->rate[rows->slot[e]];
#if defined(__GNUC__)
#pragma GCC unroll 8
#endif
      for (int q = 0; q < level; q++)
        for (int k = 0; k < LANES; k++) {
          double held = least[q][k], come = t[k];
          least[q][k] = come < held ? come : held;
          t[k] = come < held ? held : come;
        }
    }
    for (int k = 0; k < LANES; k++)
      most[k] = most[k] > least[level - 1][k] ? most[k] : least[level - 1][k];
    for (int64_t d = 0; d < deadlines; d++)
      for (int q = 0; q < level; q++)
        for (int k = 0; k < LANES; k++)
          error[d * LANES + k] += least[q][k] > deadline[d] ? 1.0 : 0.0;
  }
  for (int k = 0; k < LANES; k++)
    completion[k] = most[k];
}

TESTUDO_I_CLONES void testudo_i_kernel_rows(const testudo_i_rows *rows, const double *time, const double *deadline,
                                  int64_t deadlines, double *completion, double *error)
{
  bool rated = rows->rate != NULL;
#define AT_LEVEL(level)                                                                      \
  case level:                                                                                \
    if (rated)                                                                               \
      sorted_rows(level, true, rows, time, deadline, deadlines, completion, error);          \
    else                                                                                     \
      sorted_rows(level, false, rows, time, deadline, deadlines, completion, error);         \
    break;
  if (rows->level == 1 && !rated && deadlines == 0) {
    smallest_of_rows(rows, time, completion);
    return;
  }
  switch (rows->level) {
    AT_LEVEL(1)
    AT_LEVEL(2)
    AT_LEVEL(3)
    AT_LEVEL(4)
    AT_LEVEL(5)
    AT_LEVEL(6)
    AT_LEVEL(7)
    AT_LEVEL(8)
  }
}
