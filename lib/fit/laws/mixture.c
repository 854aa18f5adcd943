/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mixtures of two laws of one family by the EM algorithm (A. P. Dempster, N. M. Laird, D. B. Rubin, J. R. Statist. Soc.
   B 39, 1977) from several starts, its steps extrapolated (R. Varadhan, C. Roland, Scand. J. Statist. 35, 2008, scheme
   S3). A part has at least so many rows, and at least a little spread: without, the likelihood has no bound. */
#include "fit/laws/family.h"

#include <math.h>
#include <string.h>

#define LEAST_ROWS 8.0        /* of a part */
#define LEAST_SPREAD 1e-3     /* of a part's logarithms, over that of all rows */
#define CYCLES 200            /* of extrapolation, three steps each */
#define FIRST_CYCLES 4        /* of each start */
#define CONVERGED 1e-7        /* in log L over a cycle */
#define CYCLES_WARM 6         /* of a resample: what is not quite converged is a little farther away */
#define CONVERGED_WARM 1e-2
#define GAIN 1e-2             /* in log L over one law, less is none */

enum { STARTS = 8, WIDTH = 5 };

typedef struct mixing {
  const testudo_i_fit_family *family;
  testudo_i_fit_rows *rows;
} mixing;

static testudo_i_fit_points part_points(const testudo_i_fit_rows *rows, int part)
{
  testudo_i_fit_points points = testudo_i_fit_rows_points(rows);
  points.weight = rows->part_weight[part];
  return points;
}

void testudo_i_fit_mixture_terms(const testudo_i_fit_family *family, const double *number, testudo_i_fit_rows *rows)
{
  const testudo_i_fit_points points = testudo_i_fit_rows_points(rows);
  double share[2] = {log(number[0]), log1p(-number[0])};
  for (int part = 0; part < 2; part++)
    testudo_i_fit_base_terms(family->base, number + 1 + part * family->base->numbers, &points, rows->part_log[part]);
  for (int64_t k = 0; k < rows->all; k++) {
    double first = share[0] + rows->part_log[0][k], second = share[1] + rows->part_log[1][k];
    double larger = fmax(first, second), smaller = fmin(first, second);
    double rest = larger > -HUGE_VAL ? exp(smaller - larger) : 1.0;
    rows->work[k] = larger + log1p(rest);
    double of_larger = 1.0 / (1.0 + rest);
    rows->part_weight[0][k] = rows->weight[k] * (first >= second ? of_larger : 1.0 - of_larger);
    rows->part_weight[1][k] = rows->weight[k] - rows->part_weight[0][k];
  }
}

/* ---- the M step ---- */

/* Not narrower than LEAST_SPREAD, or than the grain of the times. */
static void widen(const mixing *m, double *number)
{
  const testudo_i_fit_base *base = m->family->base;
  const testudo_law law = testudo_i_fit_base_law(base, number);
  double mean = law.row->moments(&law).mean;
  double least = fmax(LEAST_SPREAD * m->rows->log_spread, m->rows->grain / (3.4641 * mean));
  if (base == &testudo_i_fit_lognormal)
    number[1] = fmax(number[1], least);
  else if (base == &testudo_i_fit_gamma && number[0] > 1.0 / (least * least)) {
    number[0] = 1.0 / (least * least);
    number[1] = mean / number[0];
  } else if (base == &testudo_i_fit_weibull)
    number[0] = fmin(number[0], 1.2825 / least);
}

static bool estimate_parts(const mixing *m, double *number, bool warm)
{
  const testudo_i_fit_base *base = m->family->base;
  double first = 0.0, fewest = LEAST_ROWS / m->rows->total;
  for (int64_t k = 0; k < m->rows->all; k++)
    first += m->rows->part_weight[0][k];
  number[0] = fmin(fmax(first / m->rows->total, fewest), 1.0 - fewest);
  for (int part = 0; part < 2; part++) {
    testudo_i_fit_points points = part_points(m->rows, part);
    double own[2] = {number[1 + part * base->numbers], number[base->numbers + part * base->numbers]};
    if (!base->estimate(base, &points, own, warm) && !warm)
      return false;
    widen(m, own);
    if (!testudo_i_fit_base_allows(base, own))
      continue;
    memcpy(number + 1 + part * base->numbers, own, (size_t)base->numbers * sizeof *own);
  }
  return true;
}

/* ---- steps ---- */

/* One step; the likelihood of where it began. */
static double step_from(const mixing *m, const double *number, double *next)
{
  double height = testudo_i_fit_family_likelihood(m->family, number, m->rows);
  memcpy(next, number, TESTUDO_I_FIT_NUMBERS * sizeof *next);
  estimate_parts(m, next, true);
  return height;
}

static void coordinates_of(const mixing *m, const double *number, double *x)
{
  const testudo_i_fit_base *base = m->family->base;
  x[0] = log(number[0] / (1.0 - number[0]));
  for (int part = 0; part < 2; part++)
    testudo_i_fit_base_coordinates(base, number + 1 + part * base->numbers, x + 1 + part * base->numbers);
}

static void numbers_of(const mixing *m, const double *x, double *number)
{
  const testudo_i_fit_base *base = m->family->base;
  double fewest = LEAST_ROWS / m->rows->total;
  number[0] = fmin(fmax(1.0 / (1.0 + exp(-x[0])), fewest), 1.0 - fewest);
  for (int part = 0; part < 2; part++) {
    testudo_i_fit_base_numbers(base, x + 1 + part * base->numbers, number + 1 + part * base->numbers);
    widen(m, number + 1 + part * base->numbers);
  }
}

/* Two steps, and a third from where they point to, if that is not lower. The likelihood of where the cycle began. */
static double run_cycle(const mixing *m, double *number)
{
  double one[TESTUDO_I_FIT_NUMBERS], two[TESTUDO_I_FIT_NUMBERS], far[TESTUDO_I_FIT_NUMBERS] = {0.0};
  double x[3][WIDTH], rr = 0.0, vv = 0.0;
  double begin = step_from(m, number, one), middle = step_from(m, one, two);
  coordinates_of(m, number, x[0]);
  coordinates_of(m, one, x[1]);
  coordinates_of(m, two, x[2]);
  for (int k = 0; k < m->family->parameters; k++) {
    double r = x[1][k] - x[0][k], v = x[2][k] - x[1][k] - r;
    rr += r * r;
    vv += v * v;
  }
  double length = vv > 0.0 ? fmin(fmax(sqrt(rr / vv), 1.0), 64.0) : 1.0;
  memcpy(number, two, sizeof two);
  if (length <= 1.0)
    return begin;
  for (int k = 0; k < m->family->parameters; k++) {
    double r = x[1][k] - x[0][k], v = x[2][k] - x[1][k] - r;
    x[0][k] += 2.0 * length * r + length * length * v;
  }
  numbers_of(m, x[0], far);
  double height = step_from(m, far, one);
  if (height >= middle && height < HUGE_VAL)
    memcpy(number, one, sizeof one);
  return begin;
}

static double run_cycles(const mixing *m, double *number, int cycles, double converged)
{
  double last = -HUGE_VAL;
  for (int k = 0; k < cycles; k++) {
    double height = run_cycle(m, number);
    if (height - last < converged && k > 0)
      break;
    last = height;
  }
  return testudo_i_fit_family_likelihood(m->family, number, m->rows);
}

/* ---- starts ---- */

/* The row before the widest gap between neighbours, relative to them, that leaves LEAST_ROWS on either side. */
static int64_t widest_gap(const testudo_i_fit_rows *rows)
{
  double seen = 0.0, widest = 0.0;
  int64_t at = 0;
  for (int64_t k = 0; k + 1 < rows->exact; k++) {
    seen += rows->weight[k];
    double gap = rows->log[k + 1] - rows->log[k];
    if (seen >= LEAST_ROWS && rows->ended - seen >= LEAST_ROWS && gap > widest) {
      widest = gap;
      at = k;
    }
  }
  return at;
}

/* Each row belongs to one part: below a share of them, at a gap, or inside of the middle half. */
static void split_rows(const mixing *m, int start)
{
  static const double shares[] = {0.25, 0.5, 0.75, 0.9, 0.97};
  testudo_i_fit_rows *rows = m->rows;
  int64_t gap = widest_gap(rows), exact = 0;
  double seen = 0.0;
  for (int64_t k = 0; k < rows->all; k++) {
    double place = (seen + 0.5 * rows->weight[k]) / rows->ended;
    bool first = start < 5 ? place < shares[start] : start == 5 ? k <= gap : place > 0.25 && place < 0.75;
    if (start == 7)
      first = place > 0.03 && place < 0.97;
    if (k >= rows->exact) { /* with the rows that it outlasted */
      while (exact < rows->exact && rows->time[exact] < rows->time[k])
        exact++;
      first = start < 6 && exact < rows->exact && rows->part_weight[0][exact] > 0.0;
    } else
      seen += rows->weight[k];
    rows->part_weight[0][k] = first ? rows->weight[k] : 0.0;
    rows->part_weight[1][k] = first ? 0.0 : rows->weight[k];
  }
}

/* The faster part first. */
static void order_parts(const testudo_i_fit_base *base, double *number)
{
  double mean[2], kept[2];
  for (int part = 0; part < 2; part++) {
    const testudo_law law = testudo_i_fit_base_law(base, number + 1 + part * base->numbers);
    mean[part] = law.row->moments(&law).mean;
  }
  if (mean[0] <= mean[1])
    return;
  size_t size = (size_t)base->numbers * sizeof *number;
  memcpy(kept, number + 1, size);
  memcpy(number + 1, number + 1 + base->numbers, size);
  memcpy(number + 1 + base->numbers, kept, size);
  number[0] = 1.0 - number[0];
}

bool testudo_i_fit_mixture_estimate(const testudo_i_fit_family *family, testudo_i_fit_rows *rows, double *number,
                                    bool warm)
{
  const mixing m = {family, rows};
  double tried[STARTS][TESTUDO_I_FIT_NUMBERS] = {{0.0}}, height[STARTS], best = -HUGE_VAL;
  if (warm) {
    run_cycles(&m, number, CYCLES_WARM, CONVERGED_WARM);
    return true;
  }
  if (rows->ended < 4.0 * LEAST_ROWS || rows->exact < 4)
    return false;
  for (int s = 0; s < STARTS; s++) {
    split_rows(&m, s);
    height[s] = estimate_parts(&m, tried[s], false) ? run_cycles(&m, tried[s], FIRST_CYCLES, CONVERGED) : -HUGE_VAL;
  }
  for (int again = 0; again < 2; again++) {
    int top = 0;
    for (int s = 1; s < STARTS; s++)
      top = height[s] > height[top] ? s : top;
    if (!(height[top] > -HUGE_VAL))
      break;
    double reached = run_cycles(&m, tried[top], CYCLES, CONVERGED);
    if (reached > best) {
      best = reached;
      memcpy(number, tried[top], sizeof tried[top]);
    }
    height[top] = -HUGE_VAL;
  }
  double single[2];
  const testudo_i_fit_points points = testudo_i_fit_rows_points(rows);
  if (!family->base->estimate(family->base, &points, single, false) || !(best > -HUGE_VAL))
    return false;
  order_parts(family->base, number);
  return best > testudo_i_fit_base_likelihood(family->base, single, &points) + GAIN;
}
