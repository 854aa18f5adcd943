/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "figure/figure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "common/session.h"

/* Beyond, gnuplot's arithmetic overflows. */
#define MOST_DRAWN 1e100

testudo_status figure_add(figure *f, const figure_series *series, testudo_error *error)
{
  TESTUDO_I_TRY(TESTUDO_I_GROW(f->series, f->room, f->count + 1, error));
  f->series[f->count++] = *series;
  return TESTUDO_OK;
}

testudo_status figure_add_both(figure *f, const figure_series *series, figure_kind between, testudo_error *error)
{
  figure_series ends = *series, line = *series;
  ends.kind = between;
  ends.label = series->y == NULL ? series->label : NULL;
  ends.y = line.low = line.high = NULL;
  if (series->low != NULL)
    TESTUDO_I_TRY(figure_add(f, &ends, error));
  return series->y == NULL ? TESTUDO_OK : figure_add(f, &line, error);
}

double *figure_numbers(figure *f, size_t count)
{
  return testudo_i_arena_calloc(&f->arena, count + 1, sizeof(double));
}

void figure_clear(figure *f)
{
  free(f->series);
  testudo_i_arena_clear(&f->arena);
  memset(f, 0, sizeof *f);
}

static bool is_on(const figure_axis *axis, double value)
{
  return isfinite(value) && fabs(value) < MOST_DRAWN && (!axis->logarithmic || value > 0.0);
}

bool figure_is_between(const figure_series *series)
{
  return series->kind == FIGURE_BAND || series->kind == FIGURE_BARS;
}

bool figure_has_point(const figure *f, const figure_series *series, size_t k)
{
  if (!is_on(&f->x, series->x[k]))
    return false;
  if (figure_is_between(series))
    return is_on(&f->y, series->low[k]) && is_on(&f->y, series->high[k]);
  return is_on(&f->y, series->y[k]);
}

static void widen(double value, double *least, double *most)
{
  *least = fmin(*least, value);
  *most = fmax(*most, value);
}

static void widen_by(const figure *f, const figure_series *series, int axis, double *least, double *most)
{
  for (size_t k = 0; k < series->count; k++) {
    if (!figure_has_point(f, series, k))
      continue;
    if (axis == 0 || !figure_is_between(series))
      widen(axis == 0 ? series->x[k] : series->y[k], least, most);
    else {
      widen(series->low[k], least, most);
      widen(series->high[k], least, most);
    }
  }
}

bool figure_range(const figure *f, int axis, double *least, double *most)
{
  const figure_axis *of = axis == 0 ? &f->x : &f->y;
  *least = HUGE_VAL;
  *most = -HUGE_VAL;
  for (size_t s = 0; s < f->count; s++)
    widen_by(f, &f->series[s], axis, least, most);
  bool found = *least <= *most;
  *least = isnan(of->least) ? *least : of->least;
  *most = isnan(of->most) ? *most : of->most;
  return found;
}

/* A range that the user has set, and that no series reaches into, shows nothing. */
static testudo_status check_ranges(const figure *f, testudo_error *error)
{
  for (int which = 0; which < 2; which++) {
    const figure_axis *axis = which == 0 ? &f->x : &f->y;
    double least = HUGE_VAL, most = -HUGE_VAL;
    bool seen = false;
    for (size_t s = 0; s < f->count; s++) {
      double from = HUGE_VAL, to = -HUGE_VAL;
      widen_by(f, &f->series[s], which, &from, &to);
      seen = seen || (from <= to && !(from > axis->most) && !(to < axis->least));
      least = fmin(least, from);
      most = fmax(most, to);
    }
    if (!seen && least <= most)
      return cli_refuse(error, "--%crange: no point lies there; the points go from %.6g to %.6g", "xy"[which],
                        least, most);
  }
  return TESTUDO_OK;
}

double figure_step(double range, int most)
{
  double rough = range / most, ten = pow(10.0, floor(log10(rough)));
  return rough > 5.0 * ten ? 10.0 * ten : rough > 2.0 * ten ? 5.0 * ten : rough > ten ? 2.0 * ten : ten;
}

/* Powers of ten from least to most. */
static void powers_within(double least, double most, int *first, int *last)
{
  *first = (int)ceil(log10(least) - 1e-9);
  *last = (int)floor(log10(most) + 1e-9);
}

bool figure_is_short(const figure_axis *axis, double least, double most)
{
  int first, last;
  if (!axis->logarithmic || !(least > 0.0 && most > least))
    return false;
  powers_within(least, most, &first, &last);
  return last - first < 1;
}

int figure_ticks(const figure_axis *axis, double least, double most, double *tick)
{
  enum { WANTED = 6 };
  static const double digit[] = {1.0, 2.0, 5.0};
  int count = 0, first, last;
  if (!axis->logarithmic || most <= 10.0 * least) { /* even steps tell such a logarithmic axis best */
    double step = figure_step(most - least, WANTED);
    for (double k = ceil(least / step - 1e-9); k * step <= most * (1.0 + 1e-12) && count < FIGURE_TICKS; k++)
      tick[count++] = k * step + 0.0; /* not -0 */
    return count;
  }
  powers_within(least, most, &first, &last);
  if (!figure_is_short(axis, least, most)) {
    for (int k = first; k <= last && count < FIGURE_TICKS; k += (last - first) / WANTED + 1)
      tick[count++] = pow(10.0, k);
    return count;
  }
  for (int k = first - 1; k <= last; k++)
    for (int d = 0; d < 3; d++) {
      double value = digit[d] * pow(10.0, k);
      if (value >= least * (1.0 - 1e-12) && value <= most * (1.0 + 1e-12))
        tick[count++] = value;
    }
  return count;
}

int figure_digits(const double *tick, int count)
{
  int digits = 6;
  for (bool clear = false; !clear && digits < 17; digits += !clear) {
    clear = true;
    for (int k = 0; k < count && clear; k++) {
      char text[40];
      double gap = count < 2 ? fabs(tick[k]) : tick[1] - tick[0];
      snprintf(text, sizeof text, "%.*g", digits, tick[k]);
      clear = fabs(strtod(text, NULL) - tick[k]) <= 1e-6 * gap;
    }
  }
  return digits;
}

static testudo_status write_text(const cli_plot *plot, const figure *f,
                                 void (*write)(FILE *, const figure *, const plot_look *), testudo_error *error)
{
  testudo_i_output output;
  TESTUDO_I_TRY(session_output(&output, plot->path, error));
  write(output.stream, f, &plot->look);
  return session_output_end(&output, TESTUDO_OK, error);
}

testudo_status figure_draw(cli_plot *plot, const figure *f, const char *name, testudo_error *error)
{
  double least, most;
  if (plot->kind == PLOT_TEX && plot->look.style == PLOT_DARK)
    return cli_refuse(error, "--style: a figure for LaTeX has the background of its page; wanted: light or mono");
  if (!figure_range(f, 0, &least, &most))
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: nothing of it can be drawn: no point is finite%s", name,
                          f->x.logarithmic || f->y.logarithmic ? " and above 0, as a logarithmic axis wants" : "");
  if (plot->kind == PLOT_CSV)
    return write_text(plot, f, figure_data, error);
  TESTUDO_I_TRY(check_ranges(f, error));
  TESTUDO_I_HELD(figure_clear) figure thin = {.count = 0};
  TESTUDO_I_TRY(figure_thin(f, plot->look.width, &thin, error));
  if (plot->kind == PLOT_TEX)
    return write_text(plot, &thin, figure_pgfplots, error);
  figure_lines(plot, &thin);
  return plot_draw(plot, error);
}
