/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Long lines with fewer points: of those that lie one behind the other in the same narrow column of the picture the
   first, the lowest, the highest and the last are drawn, which cover what all of them would (Jugel and others, M4: a
   visualization-oriented time series data aggregation, VLDB 2014). */
#include "figure/figure.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

enum { COLUMNS_PER_PIXEL = 4, KEPT = 4 };

typedef struct thinning {
  const figure *f;
  double least, most;
  double columns;
} thinning;

/* All that lies left of the axis is one column, and so is all right of it. */
static double column_of(const thinning *t, double x)
{
  double least = t->least, most = t->most;
  if (t->f->x.logarithmic) {
    least = log(least);
    most = log(most);
    x = log(x);
  }
  return fmin(fmax(floor((x - least) / (most - least) * t->columns), -1.0), t->columns);
}

/* The points kept of from..to - 1, which are drawn and share a column. */
static void keep_column(const figure_series *series, size_t from, size_t to, bool *kept)
{
  const double *low = figure_is_between(series) ? series->low : series->y;
  const double *high = figure_is_between(series) ? series->high : series->y;
  size_t lowest = from, highest = from;
  for (size_t k = from; k < to; k++) {
    lowest = low[k] < low[lowest] ? k : lowest;
    highest = high[k] > high[highest] ? k : highest;
  }
  kept[from] = kept[to - 1] = kept[lowest] = kept[highest] = true;
}

/* A point that is not drawn ends a column, and stays: it may interrupt the line, or be a step to 0. */
static void choose(const thinning *t, const figure_series *series, bool *kept)
{
  size_t from = 0;
  double column = 0.0;
  for (size_t k = 0; k < series->count; k++) {
    bool drawn = figure_has_point(t->f, series, k);
    double own = drawn ? column_of(t, series->x[k]) : NAN;
    if (k > from && own == column)
      continue;
    if (k > from)
      keep_column(series, from, k, kept);
    kept[k] = kept[k] || !drawn;
    from = drawn ? k : k + 1;
    column = own;
  }
  if (from < series->count)
    keep_column(series, from, series->count, kept);
}

static const double *pick(figure *into, const double *list, const bool *kept, size_t count)
{
  double *picked = list == NULL ? NULL : figure_numbers(into, count);
  for (size_t k = 0, n = 0; picked != NULL && k < count; k++)
    if (kept[k])
      picked[n++] = list[k];
  return picked;
}

static testudo_status thin_series(const thinning *t, figure *into, figure_series *series, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) bool *kept = testudo_i_calloc(series->count, sizeof *kept);
  TESTUDO_I_TRY(testudo_i_memory_check(kept != NULL, error));
  choose(t, series, kept);
  size_t count = series->count;
  series->x = pick(into, series->x, kept, count);
  series->y = pick(into, series->y, kept, count);
  series->low = pick(into, series->low, kept, count);
  series->high = pick(into, series->high, kept, count);
  series->count = 0;
  for (size_t k = 0; k < count; k++)
    series->count += kept[k];
  return testudo_i_arena_check(&into->arena, error);
}

testudo_status figure_thin(const figure *f, int pixels, figure *into, testudo_error *error)
{
  thinning t = {.f = f, .columns = COLUMNS_PER_PIXEL * (double)pixels};
  bool wide = figure_range(f, 0, &t.least, &t.most) && t.most > t.least;
  *into = *f;
  into->series = NULL;
  into->count = into->room = 0;
  memset(&into->arena, 0, sizeof into->arena);
  for (size_t s = 0; s < f->count; s++) {
    figure_series series = f->series[s];
    bool line = series.kind == FIGURE_LINE || series.kind == FIGURE_STEPS || series.kind == FIGURE_BAND;
    if (wide && line && !series.marked && (double)series.count > KEPT * t.columns)
      TESTUDO_I_TRY(thin_series(&t, into, &series, error));
    TESTUDO_I_TRY(figure_add(into, &series, error));
  }
  return TESTUDO_OK;
}
