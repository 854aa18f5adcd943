/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Forward and backward over the levels, and what both make together. */
#include "exact/stepped/crossing.h"

#include <math.h>
#include <string.h>

#include "base/clones.h"
#include "base/error.h"
#include "exact/stepped/poisson.h"
#include "numeric/convolved.h"

/* Poisson probabilities beyond the mode that are smaller add nothing; nor do masses that are smaller, of a curve. */
#define NEGLIGIBLE 1e-20
#define NEGLIGIBLE_MASS 1e-60
#define NEGLIGIBLE_CURVE 1e-12

testudo_status testudo_i_crossing_make(testudo_i_crossing *crossing, testudo_i_arena *arena, int32_t workers,
                                       int32_t levels, const int32_t *need, testudo_error *error)
{
  size_t width = (size_t)workers + 1, rows = (size_t)levels;
  *crossing = (testudo_i_crossing){.workers = workers, .levels = levels, .need = need};
  crossing->before = testudo_i_arena_calloc(arena, rows * width, sizeof *crossing->before);
  crossing->behind = testudo_i_arena_calloc(arena, rows * width, sizeof *crossing->behind);
  crossing->step = testudo_i_arena_calloc(arena, rows * width, sizeof *crossing->step);
  crossing->first = testudo_i_arena_calloc(arena, rows, sizeof *crossing->first);
  crossing->last = testudo_i_arena_calloc(arena, rows, sizeof *crossing->last);
  crossing->low = testudo_i_arena_calloc(arena, rows, sizeof *crossing->low);
  crossing->high = testudo_i_arena_calloc(arena, rows, sizeof *crossing->high);
  crossing->now = testudo_i_arena_calloc(arena, width, sizeof *crossing->now);
  crossing->next = testudo_i_arena_calloc(arena, width, sizeof *crossing->next);
  crossing->norm = testudo_i_poisson_norm(workers);
  return testudo_i_arena_check(arena, error);
}

static int32_t largest(int32_t a, int32_t b)
{
  return a > b ? a : b;
}

static void go_down(testudo_i_crossing *c, const double *reached, const double *missed)
{
  int32_t n = c->workers;
  size_t width = (size_t)n + 1;
  memset(c->before, 0, (size_t)c->levels * width * sizeof *c->before);
  for (int32_t k = c->levels - 1; k >= 0; k--) {
    bool top = k == c->levels - 1;
    double above = top ? reached[k] : reached[k] < 0.5 ? reached[k] - reached[k + 1] : missed[k + 1] - missed[k];
    double *row = c->before + (size_t)k * width, *step = c->step + (size_t)k * width;
    testudo_i_poisson_row(step, n * fmax(0.0, above), n, NEGLIGIBLE, &c->first[k], &c->last[k]);
    if (top) {
      memcpy(row + c->first[k], step + c->first[k], (size_t)(c->last[k] - c->first[k] + 1) * sizeof *row);
      c->low[k] = c->first[k];
      c->high[k] = c->last[k];
      continue;
    }
    /* Only what has reached level k + 1 goes on. */
    c->low[k] = c->need[k + 1];
    c->high[k] = testudo_i_add_convolved(row + width, largest(c->low[k + 1], c->need[k + 1]), c->high[k + 1], step,
                                         c->first[k], c->last[k], row, n, NEGLIGIBLE_MASS);
  }
}

/* to[a] = sum of behind[a + b] step[b] over a + b in need..most, for a in low..high. */
TESTUDO_I_CLONES
static void convolve_back(const double *restrict behind, int32_t need, int32_t most, const double *restrict step,
                          int32_t first, int32_t last, double *restrict to, int32_t low, int32_t high)
{
  for (int32_t b = first; b <= last && low + b <= most; b++) {
    int32_t begin = low > need - b ? low : need - b, end = high + b <= most ? high : most - b;
    double p = step[b];
    const double *restrict shifted = behind + b;
    for (int32_t a = begin; a <= end; a++)
      to[a] += shifted[a] * p;
  }
}

static void go_up(testudo_i_crossing *c)
{
  size_t width = (size_t)c->workers + 1;
  memset(c->behind + width, 0, ((size_t)c->levels - 1) * width * sizeof *c->behind);
  for (int32_t k = 1; k < c->levels; k++) {
    double *row = c->behind + (size_t)k * width;
    convolve_back(row - width, c->need[k - 1], c->workers, c->step + (size_t)(k - 1) * width, c->first[k - 1],
                  c->last[k - 1], row, c->need[k], c->workers);
  }
}

/* What the lowest level leaves is reached by nobody: the first row of `behind`. */
static void start_up(testudo_i_crossing *c, double missed)
{
  int32_t n = c->workers, first = 0, last = 0;
  memset(c->behind, 0, ((size_t)n + 1) * sizeof *c->behind);
  testudo_i_poisson_row(c->now, n * missed, n, NEGLIGIBLE, &first, &last);
  for (int32_t a = largest(c->need[0], n - last); a <= n - first; a++)
    c->behind[a] = c->now[n - a];
}

double testudo_i_crossing_probability(testudo_i_crossing *crossing, const double *reached, const double *missed)
{
  go_down(crossing, reached, missed);
  start_up(crossing, missed[0]);
  double sum = 0.0;
  for (int32_t a = crossing->need[0]; a <= crossing->workers; a++)
    sum += crossing->before[a] * crossing->behind[a];
  crossing->probability = fmin(1.0, crossing->norm * sum);
  return crossing->probability;
}

void testudo_i_crossing_evaluate(testudo_i_crossing *crossing, const double *reached, const double *missed)
{
  testudo_i_crossing_probability(crossing, reached, missed);
  go_up(crossing);
}

/* From one worker just reaching level l as its last one, a = need_l, down to where level k lacks exactly one. */
void testudo_i_crossing_curve(testudo_i_crossing *crossing, double *curve)
{
  testudo_i_crossing *c = crossing;
  int32_t n = c->workers;
  size_t width = (size_t)n + 1;
  double largest_slope = 0.0;
  for (int32_t k = 0; k < c->levels; k++) {
    const double *step = c->step + (size_t)k * width;
    largest_slope = fmax(largest_slope, testudo_i_crossing_slope(c, k));
    while (c->first[k] < c->last[k] && step[c->first[k]] < NEGLIGIBLE_CURVE)
      c->first[k]++;
    while (c->last[k] > c->first[k] && step[c->last[k]] < NEGLIGIBLE_CURVE)
      c->last[k]--;
  }
  for (int32_t l = 1; l < c->levels; l++) {
    double begin = c->before[(size_t)l * width + (size_t)c->need[l] - 1] * c->norm * n * n;
    bool goes = testudo_i_crossing_slope(c, l) > NEGLIGIBLE_CURVE * largest_slope;
    int32_t low = c->need[l], high = c->need[l];
    memset(c->now, 0, width * sizeof *c->now);
    c->now[low] = 1.0;
    for (int32_t k = l - 1; k >= 0; k--) {
      size_t row = (size_t)k * width;
      if (goes)
        memset(c->next, 0, width * sizeof *c->next);
      else
        c->next[c->need[k] - 1] = 0.0;
      if (goes)
        high = testudo_i_add_convolved(c->now, low, high, c->step + row, c->first[k], c->last[k], c->next, n,
                                       NEGLIGIBLE_CURVE);
      curve[(size_t)k * (size_t)c->levels + (size_t)l] =
          begin * c->next[c->need[k] - 1] * c->behind[row + (size_t)c->need[k]];
      double *swapped = c->now;
      c->now = c->next;
      c->next = swapped;
      low = c->need[k];
    }
  }
}

void testudo_i_crossing_keep(const testudo_i_crossing *crossing, int32_t k, double *old)
{
  const double *row = crossing->before + (size_t)k * ((size_t)crossing->workers + 1);
  for (int32_t j = 0; j < TESTUDO_I_CROSSING_DEPTH; j++)
    old[j] = crossing->need[k] - 1 - j >= 0 ? row[crossing->need[k] - 1 - j] : 0.0;
}

double testudo_i_crossing_between(const testudo_i_crossing *crossing, int32_t k, const double *old, double crossed)
{
  enum { DEPTH = TESTUDO_I_CROSSING_DEPTH };
  int32_t n = crossing->workers, need = crossing->need[k];
  const double *row = crossing->behind + (size_t)k * ((size_t)n + 1);
  double step[DEPTH + 1], sum = 0.0;
  if (!(crossed > 0.0))
    return 0.0;
  step[0] = exp(-n * crossed);
  for (int32_t b = 1; b <= DEPTH; b++)
    step[b] = step[b - 1] * n * crossed / b;
  for (int32_t j = 0; j < DEPTH; j++)
    for (int32_t b = j + 1; b <= DEPTH && need - 1 - j + b <= n; b++)
      sum += old[j] * step[b] * row[need - 1 - j + b];
  return crossing->norm * sum;
}
