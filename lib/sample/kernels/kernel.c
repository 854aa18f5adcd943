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
#include "sample/kernels/halves.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-signed-zeros,finite-math-only")
#endif

#define LANES TESTUDO_I_LANES
#define EACH(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)

/* Rows first .. last - 1, level 1, without rates: the row's min, and the max of these and `completion` so far. least:
   room for the level's times of these rows, where they are asked for. */
TESTUDO_I_INLINED void smallest_of_rows(const testudo_i_rows *rows, int64_t first, int64_t last,
                                        const double *restrict time, double *restrict completion,
                                        double *restrict least)
{
#define START(k) double most##k = completion[k];
  EACH(START)
  for (int64_t i = first; i < last; i++) {
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
    if (least != NULL) {
#define SHOW(k) least[k] = least##k;
      EACH(SHOW)
      least += LANES;
    }
  }
#define GIVE(k) completion[k] = most##k;
  EACH(GIVE)
}

/* Level 2 likewise: a row's two smallest stay in registers. */
TESTUDO_I_INLINED void second_of_rows(const testudo_i_rows *rows, int64_t first, int64_t last,
                                      const double *restrict time, double *restrict completion,
                                      double *restrict least)
{
  EACH(START)
  for (int64_t i = first; i < last; i++) {
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
    if (least != NULL) {
#define SHOW_TWO(k) least[k] = least##k; least[LANES + k] = second##k;
      EACH(SHOW_TWO)
      least += 2 * LANES;
    }
  }
  EACH(GIVE)
}

/* Level 3. */
TESTUDO_I_INLINED void third_of_rows(const testudo_i_rows *rows, int64_t first, int64_t last,
                                     const double *restrict time, double *restrict completion,
                                     double *restrict least)
{
  EACH(START)
  for (int64_t i = first; i < last; i++) {
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
    if (least != NULL) {
#define SHOW_THREE(k) least[k] = least##k; least[LANES + k] = second##k; least[2 * LANES + k] = third##k;
      EACH(SHOW_THREE)
      least += 3 * LANES;
    }
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

/* error[d * 8 + lane] += how many of the `count` times are later than deadline d. */
TESTUDO_I_INLINED void count_late(const double *restrict time, int64_t count, const double *restrict deadline,
                                  int64_t deadlines, double *restrict error)
{
  for (int64_t d = 0; d < deadlines; d++, error += LANES) {
    testudo_i_half_count late[2] = {{0}, {0}};
    testudo_i_half at;
    int64_t found[LANES];
    for (int k = 0; k < TESTUDO_I_HALF; k++)
      ((double *)&at)[k] = deadline[d];
    for (int64_t e = 0; e < count; e++) {
      const testudo_i_half *from = (const void *)(time + e * LANES);
      testudo_i_count_greater(&from[0], &at, &late[0]);
      testudo_i_count_greater(&from[1], &at, &late[1]);
    }
    memcpy(found, late, sizeof found);
    for (int k = 0; k < LANES; k++)
      error[k] += (double)found[k];
  }
}

/* The times wait here to be compared with the deadlines many at once. */
#define WAITING 64

/* Levels that have loops of their own. */
TESTUDO_I_INLINED void few_of_rows(const testudo_i_rows *rows, int64_t first, int64_t last, const double *time,
                                   double *completion, double *least)
{
  if (rows->level == 1)
    smallest_of_rows(rows, first, last, time, completion, least);
  else if (rows->level == 2)
    second_of_rows(rows, first, last, time, completion, least);
  else
    third_of_rows(rows, first, last, time, completion, least);
}

TESTUDO_I_CLONES void testudo_i_kernel_rows(const testudo_i_rows *rows, const double *time, const double *deadline,
                                            int64_t deadlines, double *completion, double *error, double *room)
{
  _Alignas(LANES * sizeof(double)) double waiting[WAITING * LANES];
  bool few = rows->rate == NULL && rows->level <= 3;
  int64_t block = WAITING / rows->level;
  for (int k = 0; k < LANES; k++)
    completion[k] = 0;
  if (few && deadlines == 0) {
    few_of_rows(rows, 0, rows->count, time, completion, NULL);
    return;
  }
  for (int64_t first = 0; first < rows->count; first += block) {
    int64_t last = first + block < rows->count ? first + block : rows->count;
    if (few)
      few_of_rows(rows, first, last, time, completion, waiting);
    for (int64_t i = first; i < last && !few; i++) {
      int64_t entries = rows->row[i + 1] - rows->row[i];
      double *least = waiting + (i - first) * rows->level * LANES;
      fill_row(rows, i, time, room);
      for (int32_t q = 0; q < rows->level; q++)
        take_least(room + q * LANES, entries - q, least + q * LANES);
      keep_larger(completion, least + (rows->level - 1) * LANES);
    }
    count_late(waiting, (last - first) * rows->level, deadline, deadlines, error);
  }
}
