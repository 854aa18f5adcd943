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
  if (testudo_i_grow((void **)&f->series, &f->room, f->count + 1, sizeof *f->series) != 0)
    return testudo_i_fail_memory(error);
  f->series[f->count++] = *series;
  return TESTUDO_OK;
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

bool figure_range(const figure *f, int axis, double *least, double *most)
{
  const figure_axis *of = axis == 0 ? &f->x : &f->y;
  *least = HUGE_VAL;
  *most = -HUGE_VAL;
  for (size_t s = 0; s < f->count; s++)
    for (size_t k = 0; k < f->series[s].count; k++) {
      const figure_series *series = &f->series[s];
      if (!figure_has_point(f, series, k))
        continue;
      if (axis == 0 || !figure_is_between(series))
        widen(axis == 0 ? series->x[k] : series->y[k], least, most);
      else {
        widen(series->low[k], least, most);
        widen(series->high[k], least, most);
      }
    }
  bool found = *least <= *most;
  *least = isnan(of->least) ? *least : of->least;
  *most = isnan(of->most) ? *most : of->most;
  return found;
}

static testudo_status write_text(const cli_plot *plot, const figure *f, void (*write)(FILE *, const figure *),
                                 testudo_error *error)
{
  testudo_i_output output;
  TESTUDO_I_TRY(session_output(&output, plot->path, error));
  write(output.stream, f);
  return session_output_end(&output, TESTUDO_OK, error);
}

testudo_status figure_draw(cli_plot *plot, const figure *f, const char *name, testudo_error *error)
{
  double least, most;
  if (!figure_range(f, 0, &least, &most))
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: nothing of it can be drawn: no point is finite%s", name,
                          f->x.logarithmic || f->y.logarithmic ? " and above 0, as a logarithmic axis wants" : "");
  if (plot->kind == PLOT_CSV)
    return write_text(plot, f, figure_data, error);
  TESTUDO_I_HELD(figure_clear) figure thin = {.count = 0};
  TESTUDO_I_TRY(figure_thin(f, plot->look.width, &thin, error));
  if (plot->kind == PLOT_TEX)
    return write_text(plot, &thin, figure_pgfplots, error);
  figure_lines(plot, &thin);
  return plot_draw(plot, error);
}
