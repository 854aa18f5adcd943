/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws on the grid of a table's search. */
#include "base/clones.h"
#include "optimize/slots/law.h"

#include <math.h>

#define SHIFT (23 - TESTUDO_I_SLOT_BITS)
#define FRACTION 12   /* bits of what a time counts in parts for */

/* Never counts as so many times what the rest is worth, so that it comes first. */
#define NEVER 1e3

/* What the mean counts for beside a deadline, which few trials of a sample may miss. */
#define LATE_MEAN 1e-6

static uint32_t bits_of(float time)
{
  uint32_t bits;
  memcpy(&bits, &time, sizeof bits);
  return bits;
}

testudo_i_slot_grid testudo_i_slot_grid_around(double typical)
{
  int exponent;
  frexp(typical, &exponent);
  exponent -= 1 + TESTUDO_I_SLOT_BELOW;
  exponent = exponent < -120 ? -120 : exponent > 126 - TESTUDO_I_SLOT_ABOVE - TESTUDO_I_SLOT_BELOW
                                          ? 126 - TESTUDO_I_SLOT_ABOVE - TESTUDO_I_SLOT_BELOW : exponent;
  return (testudo_i_slot_grid){bits_of(ldexpf(1.0f, exponent))};
}

double testudo_i_slot_grid_point(const testudo_i_slot_grid *grid, int32_t point)
{
  uint32_t bits = grid->first + ((uint32_t)point << SHIFT);
  float time;
  memcpy(&time, &bits, sizeof time);
  return (double)time;
}

TESTUDO_I_CLONES
void testudo_i_slot_count(const testudo_i_slot_grid *grid, const float *time, size_t count, uint32_t *points)
{
  const uint32_t last = TESTUDO_I_SLOT_POINTS - 1;
  for (size_t r = 0; r < count; r++) {
    uint32_t bits = bits_of(time[r]), above = bits > grid->first ? bits - grid->first : 0;
    uint32_t point = above >> SHIFT, part = above >> (SHIFT - FRACTION) & (TESTUDO_I_SLOT_WHOLE - 1);
    if (point >= last) {
      points[last] += TESTUDO_I_SLOT_WHOLE;
      continue;
    }
    points[point] += TESTUDO_I_SLOT_WHOLE - part;
    points[point + 1] += part;
  }
}

void testudo_i_slot_law(const uint32_t *points, double total, double *law)
{
  uint64_t sum = 0;
  double whole = 1 / (total * TESTUDO_I_SLOT_WHOLE), now = 0;
  for (int32_t k = 0; k < TESTUDO_I_SLOT_POINTS - 1; k++) {
    if (points[k] > 0) {
      sum += points[k];
      now = (double)sum * whole;
    }
    law[k] = now;
  }
  law[TESTUDO_I_SLOT_POINTS - 1] = 1;
}

/* Small whole powers are the common case. */
static double raised(double x, double to)
{
  double product = 1;
  if (to != floor(to) || to > 64)
    return pow(x, to);
  for (int32_t left = (int32_t)to; left > 0; left >>= 1, x *= x)
    if (left & 1)
      product *= x;
  return product;
}

static double joint(const double *const *law, const double *times, int32_t kinds, int32_t point)
{
  double all = 1;
  for (int32_t k = 0; k < kinds && all > 0; k++) {
    double one = law[k][point];
    all *= one <= 0 ? 0 : one >= 1 ? 1 : raised(one, times[k]);
  }
  return all;
}

/* P(T > t), between two points as times count there. */
static double late(const testudo_i_slot_grid *grid, double t, const double *const *law, const double *times,
                   int32_t kinds)
{
  uint32_t bits = bits_of((float)t), point = bits > grid->first ? (bits - grid->first) >> SHIFT : 0;
  int32_t at = point < TESTUDO_I_SLOT_POINTS - 2 ? (int32_t)point : TESTUDO_I_SLOT_POINTS - 3;
  double from = testudo_i_slot_grid_point(grid, at), to = testudo_i_slot_grid_point(grid, at + 1);
  double part = fmin(fmax((t - from) / (to - from), 0), 1), done = joint(law, times, kinds, at);
  return 1 - done - part * (joint(law, times, kinds, at + 1) - done);
}

double testudo_i_slot_value(const testudo_i_slot_grid *grid, const testudo_i_slot_aim *aim, const double *const *law,
                            const double *times, int32_t kinds)
{
  double before = 0, sum = 0, value = HUGE_VAL, last = 0;
  for (int32_t k = 0; k < TESTUDO_I_SLOT_POINTS - 1; k++) {
    bool same = k > 0;
    for (int32_t of = 0; of < kinds && same; of++)
      same = law[of][k] == law[of][k - 1];
    if (same)
      continue;
    double now = joint(law, times, kinds, k);
    if (now <= before)
      continue;
    double point = testudo_i_slot_grid_point(grid, k);
    sum += point * (now - before);
    if (aim->kind == TESTUDO_OBJECTIVE_QUANTILE && before < aim->at && now >= aim->at) {
      double from = before > 0 ? last : point;
      value = from + (point - from) * (aim->at - before) / (now - before);
    }
    last = point;
    before = now;
  }
  double ends = before, mean = ends > 0 ? sum / ends : HUGE_VAL;
  if (aim->kind == TESTUDO_OBJECTIVE_DEADLINE)
    return late(grid, aim->at, law, times, kinds) + (mean < HUGE_VAL ? LATE_MEAN * mean / aim->at : 1);
  if (aim->kind == TESTUDO_OBJECTIVE_MEAN)
    value = mean;
  return value < HUGE_VAL ? value + NEVER * (1 - ends) * mean : value;
}
