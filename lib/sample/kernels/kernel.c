/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eight trials side by side. A row's `level` smallest times come out by as many passes of min and max, which branch
   on nothing. The lanes are named variables: gcc vectorises these dependably, and loops over arrays of lanes only by
   luck.

   gcc turns `a < b ? a : b` into one packed instruction only where zeros have no sign and NaNs do not occur. Neither
   arises here: times are >= 0, and 0 * infinity is kept out (places are >= 1). Infinite times (failed workers) do
   occur; they pass through min, max and comparisons as the hardware defines them, which the tests check bit for bit
   against the plain twin. */
#include "sample/kernels/kernel.h"

#include <math.h>
#include <string.h>

#include "base/clones.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-signed-zeros,finite-math-only")
#endif

#define LANES TESTUDO_I_LANES
#define EACH(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)

/* Level 1 without deadlines or rates: max over rows of the row's min. */
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

/* Level 2 likewise: a row's two smallest stay in registers. */
TESTUDO_I_INLINED void second_of_rows(const testudo_i_rows *rows, const double *restrict time,
                                      double *restrict completion)
{
  EACH(START)
  for (int64_t i = 0; i < rows->count; i++) {
#define OPEN_TWO(k) double least##k = HUGE_VAL, second##k = HUGE_VAL;
    EACH(OPEN_TWO)
    for (int64_t e = rows->row[i]; e < rows->row[i + 1]; e++) {
      const double *from = time + (int64_t)rows->slot[e] * LANES;
      double place = rows->place[e];
#define TAKE_TWO(k) double t##k = place * from[k], high##k = t##k < least##k ? least##k : t##k; \
                    least##k = t##k < least##k ? t##k : least##k; \
                    second##k = high##k < second##k ? high##k : second##k;
      EACH(TAKE_TWO)
    }
#define CLOSE_TWO(k) most##k = most##k > second##k ? most##k : second##k;
    EACH(CLOSE_TWO)
  }
  EACH(GIVE)
}

/* Level 3. */
TESTUDO_I_INLINED void third_of_rows(const testudo_i_rows *rows, const double *restrict time,
                                     double *restrict completion)
{
  EACH(START)
  for (int64_t i = 0; i < rows->count; i++) {
#define OPEN_THREE(k) double least##k = HUGE_VAL, second##k = HUGE_VAL, third##k = HUGE_VAL;
    EACH(OPEN_THREE)
    for (int64_t e = rows->row[i]; e < rows->row[i + 1]; e++) {
      const double *from = time + (int64_t)rows->slot[e] * LANES;
      double place = rows->place[e];
#define TAKE_THREE(k) double t##k = place * from[k], high##k = t##k < least##k ? least##k : t##k; \
                      least##k = t##k < least##k ? t##k : least##k; \
                      double rest##k = high##k < second##k ? second##k : high##k; \
                      second##k = high##k < second##k ? high##k : second##k; \
                      third##k = rest##k < third##k ? rest##k : third##k;
      EACH(TAKE_THREE)
    }
#define CLOSE_THREE(k) most##k = most##k > third##k ? most##k : third##k;
    EACH(CLOSE_THREE)
  }
  EACH(GIVE)
}

/* The entry times of row i: room[entry * 8 + lane]. */
TESTUDO_I_INLINED void fill_row(const testudo_i_rows *rows, int64_t i, const double *restrict time,
                                double *restrict room)
{
  for (int64_t e = rows->row[i]; e < rows->row[i + 1]; e++, room += LANES) {
    const double *from = time + (int64_t)rows->slot[e] * LANES;
    double place = rows->place[e];
    if (rows->rate == NULL) {
#define FILL(k) room[k] = place * from[k];
      EACH(FILL)
    } else {
      double rate = rows->rate[rows->slot[e]];
#define DIVIDE(k) room[k] = place * from[k] / rate;
      EACH(DIVIDE)
    }
  }
}

/* One pass of a selection sort: the least of `entries` times goes to *least, the others stay, one place up. */
TESTUDO_I_INLINED void take_least(double *restrict room, int64_t entries, double *restrict least)
{
#define FIRST(k) double held##k = room[k];
  EACH(FIRST)
  for (int64_t e = 1; e < entries; e++) {
    double *at = room + e * LANES;
#define SORT(k) double come##k = at[k]; at[k] = come##k < held##k ? held##k : come##k; \
                held##k = come##k < held##k ? come##k : held##k;
    EACH(SORT)
  }
#define LEAST(k) least[k] = held##k;
  EACH(LEAST)
}

/* The same of the greatest. */
TESTUDO_I_INLINED void take_greatest(double *restrict room, int64_t entries, double *restrict greatest)
{
  EACH(FIRST)
  for (int64_t e = 1; e < entries; e++) {
    double *at = room + e * LANES;
#define SORT_DOWN(k) double come##k = at[k]; at[k] = come##k < held##k ? come##k : held##k; \
                     held##k = come##k < held##k ? held##k : come##k;
    EACH(SORT_DOWN)
  }
#define GREATEST(k) greatest[k] = held##k;
  EACH(GREATEST)
}

/* One row's level from above: after so many passes what was taken last is the level-th smallest. */
TESTUDO_I_CLONES void testudo_i_kernel_row_from_above(const testudo_i_rows *rows, const double *time,
                                                      double *completion, double *room)
{
  int64_t entries = rows->row[1] - rows->row[0];
  fill_row(rows, 0, time, room);
  for (int64_t q = 0; q <= entries - rows->level; q++)
    take_greatest(room + q * LANES, entries - q, completion);
}

TESTUDO_I_INLINED void keep_larger(double *restrict most, const double *restrict least)
{
#define LARGER(k) most[k] = most[k] > least[k] ? most[k] : least[k];
  EACH(LARGER)
}

/* Half of the lanes: gcc makes branches of comparisons where they are not those of whole vectors. */
#define HALF (LANES / 2)
#if defined(__GNUC__)
typedef double half_lanes __attribute__((vector_size(HALF * sizeof(double))));
typedef int64_t half_counts __attribute__((vector_size(HALF * sizeof(int64_t))));
#else
typedef struct half_counts {
  int64_t of[HALF];
} half_counts;
#endif

TESTUDO_I_INLINED void count_half(const double *from, double t, half_counts *late)
{
#if defined(__GNUC__)
  *late -= *(const half_lanes *)(const void *)from > t; /* true is -1 */
#else
  for (int lane = 0; lane < HALF; lane++)
    late->of[lane] += from[lane] > t;
#endif
}

/* error[d * 8 + lane] += how many of the `count` times are later than deadline d. */
TESTUDO_I_INLINED void count_late(const double *restrict time, int64_t count, const double *restrict deadline,
                                  int64_t deadlines, double *restrict error)
{
  for (int64_t d = 0; d < deadlines; d++, error += LANES) {
    half_counts late[2] = {{0}, {0}};
    int64_t found[LANES];
    for (int64_t e = 0; e < count; e++) {
      count_half(time + e * LANES, deadline[d], &late[0]);
      count_half(time + e * LANES + HALF, deadline[d], &late[1]);
    }
    memcpy(found, late, sizeof found);
    for (int k = 0; k < LANES; k++)
      error[k] += (double)found[k];
  }
}

/* The times wait here to be compared with the deadlines many at once. */
#define WAITING 64

TESTUDO_I_CLONES void testudo_i_kernel_rows(const testudo_i_rows *rows, const double *time, const double *deadline,
                                            int64_t deadlines, double *completion, double *error, double *room)
{
  bool plain = rows->rate == NULL && deadlines == 0;
  if (plain && rows->level == 1) {
    smallest_of_rows(rows, time, completion);
    return;
  }
  if (plain && rows->level == 2) {
    second_of_rows(rows, time, completion);
    return;
  }
  if (plain && rows->level == 3) {
    third_of_rows(rows, time, completion);
    return;
  }
  double most[LANES] = {0};
  _Alignas(LANES * sizeof(double)) double waiting[WAITING * LANES];
  int64_t count = 0;
  for (int64_t i = 0; i < rows->count; i++) {
    int64_t entries = rows->row[i + 1] - rows->row[i];
    if (count + rows->level > WAITING) {
      count_late(waiting, count, deadline, deadlines, error);
      count = 0;
    }
    fill_row(rows, i, time, room);
    for (int32_t q = 0; q < rows->level; q++)
      take_least(room + q * LANES, entries - q, waiting + count++ * LANES);
    keep_larger(most, waiting + (count - 1) * LANES);
  }
  count_late(waiting, count, deadline, deadlines, error);
  for (int k = 0; k < LANES; k++)
    completion[k] = most[k];
}
