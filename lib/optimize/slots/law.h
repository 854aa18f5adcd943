/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law of a group's completion time in a sample, on a fixed grid, and what the maximum over groups has of it. */
#ifndef TESTUDO_OPTIMIZE_SLOTS_LAW_H
#define TESTUDO_OPTIMIZE_SLOTS_LAW_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <testudo/optimize.h>

/* The grid: TESTUDO_I_SLOT_STEPS equal steps in each of so many doublings of time, TESTUDO_I_SLOT_ABOVE of them above a
   typical time. A time between two points counts for each in proportion, so that the mean is that of the sample; below
   the grid it counts at its first point, above it and without end at the last, which is "never". */
enum {
  TESTUDO_I_SLOT_BITS = 6,
  TESTUDO_I_SLOT_STEPS = 1 << TESTUDO_I_SLOT_BITS,
  TESTUDO_I_SLOT_ABOVE = 20,
  TESTUDO_I_SLOT_BELOW = 6,
  TESTUDO_I_SLOT_POINTS = TESTUDO_I_SLOT_STEPS * (TESTUDO_I_SLOT_ABOVE + TESTUDO_I_SLOT_BELOW) + 1
};

/* A time counts this often in all. */
#define TESTUDO_I_SLOT_WHOLE 4096u

typedef struct testudo_i_slot_grid {
  uint32_t first;             /* the bits of the first point, a power of two */
} testudo_i_slot_grid;

/* Of the powers of two around a typical time, > 0. */
testudo_i_slot_grid testudo_i_slot_grid_around(double typical);

double testudo_i_slot_grid_point(const testudo_i_slot_grid *grid, int32_t point);

/* Adds times, each >= 0 or infinite, to the counts of the points: integers, so that their sequence does not matter. */
void testudo_i_slot_count(const testudo_i_slot_grid *grid, const float *time, size_t count, uint32_t *points);

/* F at every point from its counts of `total` times. */
void testudo_i_slot_law(const uint32_t *points, double total, double *law);

/* What is made small: the mean, given that there is an end, or a quantile, in the units of the grid, and where the
   iteration may never end, that counts before all else; or P(T > t), and next to nothing of the mean. */
typedef struct testudo_i_slot_aim {
  testudo_objective_kind kind;
  double at;                  /* of quantiles; of deadlines t, in the units of the grid */
} testudo_i_slot_aim;

/* Of the maximum of independent groups, kind k `times[k]` of them (not whole numbers too) with the law law[k]. */
double testudo_i_slot_value(const testudo_i_slot_grid *grid, const testudo_i_slot_aim *aim, const double *const *law,
                            const double *times, int32_t kinds);

#endif
