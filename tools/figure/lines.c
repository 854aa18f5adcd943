/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A figure as a script for gnuplot. */
#include "figure/figure.h"

#include <math.h>
#include <string.h>

enum { MARKS = 7, PLACES = 6, LEGEND_INSIDE_MOST = 4 };

static const char *colour_of(const cli_plot *plot, const figure_series *series)
{
  if (series->overlaid)
    return plot->look.style == PLOT_DARK ? "#ffffff" : "#000000";
  if (plot->look.style == PLOT_MONO)
    return series->reference ? "#8a8a8a" : "#000000";
  if (series->reference)
    return PLOT_GREY;
  const char *colour = plot_colour(series->look);
  return plot->look.style == PLOT_DARK && strcmp(colour, PLOT_BLACK) == 0 ? "#e8e8e8" : colour;
}

/* Curves may coincide: later ones are thinner, their dashes and marks differ. */
static double width_of(const figure_series *series)
{
  return series->reference ? 1.8 : series->look < 6 ? 3.2 - 0.3 * (double)series->look : 1.6;
}

static size_t dash_of(const cli_plot *plot, const figure_series *series)
{
  if (series->reference)
    return 2 + series->look % 4;
  return 1 + (plot->look.style == PLOT_MONO ? series->look : series->look / PLOT_COLOURS + series->look % 2 * 3) % 5;
}

static int mark_of(const figure_series *series)
{
  static const int mark[MARKS] = {7, 5, 9, 11, 13, 4, 6}, open[MARKS] = {6, 4, 8, 10, 12, 1, 2};
  if (series->overlaid)
    return open[series->look % MARKS];
  return mark[(series->look + series->look / PLOT_COLOURS) % MARKS]; /* the eighth has the first colour, not its mark */
}

/* ---- data ---- */

static void put_points(FILE *script, const figure *f, size_t s)
{
  const figure_series *series = &f->series[s];
  fprintf(script, "$series%zu << EOD\n", s);
  double least, most;
  (void)figure_range(f, 1, &least, &most);
  for (size_t k = 0; k < series->count; k++) {
    /* The step to 0 goes down through a logarithmic axis. */
    if (series->kind == FIGURE_STEPS && f->y.logarithmic && series->y[k] == 0.0 && k > 0 && series->y[k - 1] > 0.0)
      fprintf(script, "%.9g %.9g\n", series->x[k], 1e-3 * least);
    if (!figure_has_point(f, series, k))
      continue;
    if (figure_is_between(series))
      fprintf(script, "%.9g %.9g %.9g\n", series->x[k], series->low[k], series->high[k]);
    else
      fprintf(script, "%.9g %.9g\n", series->x[k], series->y[k]);
  }
  fputs("EOD\n", script);
}

static bool is_empty(const figure *f, const figure_series *series)
{
  for (size_t k = 0; k < series->count; k++)
    if (figure_has_point(f, series, k))
      return false;
  return true;
}

/* A few marks on a line, each line's at places of its own, so that lines which coincide show in turn. */
static void put_marks(FILE *script, const figure *f, size_t s)
{
  const figure_series *series = &f->series[s];
  double least, most;
  (void)figure_range(f, 0, &least, &most);
  bool by_ratio = f->x.logarithmic && least > 0.0;
  double shift = ((double)(series->look % MARKS) + 0.5) / MARKS;
  size_t k = 0;
  fprintf(script, "$marks%zu << EOD\n", s);
  for (int place = 0; place < PLACES; place++) {
    double part = (place + shift) / PLACES;
    double wanted = by_ratio ? least * pow(most / least, part) : least + part * (most - least);
    while (k < series->count && !(figure_has_point(f, series, k) && series->x[k] >= wanted))
      k++;
    if (k < series->count)
      fprintf(script, "%.9g %.9g\n", series->x[k], series->y[k]);
  }
  fputs("EOD\n", script);
}

static bool has_marks(const figure *f, const figure_series *series)
{
  size_t lines = 0;
  for (size_t s = 0; s < f->count; s++)
    lines += f->series[s].kind == FIGURE_LINE || f->series[s].kind == FIGURE_STEPS;
  return lines > 1 && !series->marked && !series->reference && series->count > 2 * PLACES &&
         (series->kind == FIGURE_LINE || series->kind == FIGURE_STEPS);
}

/* ---- axes ---- */

static size_t count_labels(const figure *f, size_t *longest)
{
  size_t count = 0;
  *longest = 0;
  for (size_t s = 0; s < f->count; s++)
    if (f->series[s].label != NULL) {
      size_t length = strlen(f->series[s].label);
      count++;
      *longest = length > *longest ? length : *longest;
    }
  return count;
}

static figure_legend legend_of(const figure *f)
{
  size_t longest, labels = count_labels(f, &longest);
  if (f->legend != LEGEND_AUTO)
    return f->legend;
  return labels <= LEGEND_INSIDE_MOST && longest <= 40 ? LEGEND_INSIDE : LEGEND_BELOW;
}

/* gnuplot names powers of ten on a logarithmic axis, and shortens 0.000015 to 0.00002. */
static bool wants_ticks(const figure_axis *axis, double least, double most)
{
  double size = fmax(fabs(least), fabs(most));
  if (axis->logarithmic)
    return figure_is_short(axis, least, most);
  return most > least && (size < 1e-3 || size >= 1e6 || most - least < 1e-5 * size);
}

/* Ticks with our numbers, in a range with some room where the user has set none. The length of the longest. */
static int put_ticks(const cli_plot *plot, const figure_axis *axis, char name, double least, double most)
{
  double tick[FIGURE_TICKS], room = 0.04 * (most - least), ratio = axis->logarithmic ? pow(most / least, 0.04) : 1.0;
  int longest = 0;
  if (isnan(axis->least))
    least = axis->logarithmic ? least / ratio : least >= 0.0 ? fmax(least - room, 0.0) : least - room;
  if (isnan(axis->most))
    most = axis->logarithmic ? most * ratio : most + room;
  int count = figure_ticks(axis, least, most, tick), digits = figure_digits(tick, count);
  fprintf(plot->script, "set %crange [%.15g:%.15g]\nset %ctics (", name, least, most, name);
  for (int k = 0; k < count; k++) {
    int length = snprintf(NULL, 0, "%.*g", digits, tick[k]);
    longest = length > longest ? length : longest;
    fprintf(plot->script, "%s\"%.*g\" %.15g", k > 0 ? ", " : "", digits, tick[k], tick[k]);
  }
  fputs(")\n", plot->script);
  return longest;
}

/* The length of the longest number, where it is ours. */
static int put_axis(const cli_plot *plot, const figure *f, int which, const char *ink)
{
  FILE *script = plot->script;
  const figure_axis *axis = which == 0 ? &f->x : &f->y;
  char name = which == 0 ? 'x' : 'y';
  double least, most;
  (void)figure_range(f, which, &least, &most);
  fprintf(script, "set %clabel ", name);
  plot_quote(plot, axis->label);
  /* A second line keeps a legend below off the label. */
  fprintf(script, "%s noenhanced textcolor rgb '%s'\nset %ctics textcolor rgb '%s'\n",
          which == 0 && legend_of(f) == LEGEND_BELOW ? ".\"\\n \"" : "",
          ink, name, ink);
  if (axis->logarithmic)
    fprintf(script, "set logscale %c\n", name);
  if (axis->logarithmic && (most > 1e4 * least || most > 1e4 || least < 1e-3)) /* long numbers leave the picture */
    fprintf(script, "set format %c '10^{%%T}'\n", name);
  if (axis->logarithmic && most == least) { /* a single value has no range of its own */
    least /= 2.0;
    most *= 2.0;
  }
  if (wants_ticks(axis, least, most))
    return put_ticks(plot, axis, name, least, most);
  if (!(most > least)) {
    double room = fmax(0.5 * fabs(least), 0.5);
    fprintf(script, "set %crange [%.9g:%.9g]\n", name, least - room, most + room);
    return 0;
  }
  fprintf(script, "set %crange [", name);
  fprintf(script, isnan(axis->least) ? "*:" : "%.9g:", axis->least);
  fprintf(script, isnan(axis->most) ? "*]\n" : "%.9g]\n", axis->most);
  return 0;
}

static void put_legend(FILE *script, const cli_plot *plot, const figure *f, const char *ink)
{
  size_t longest, labels = count_labels(f, &longest);
  figure_legend legend = legend_of(f);
  int font = labels > 16 ? 8 : labels > 8 || longest > 60 ? 9 : 10;
  if (legend == LEGEND_NONE || labels == 0) {
    fputs("unset key\n", script);
    return;
  }
  fputs("set key ", script);
  if (legend == LEGEND_INSIDE)
    fputs(f->free_below ? "inside bottom right vertical" : "inside top right vertical", script);
  else if (legend == LEGEND_RIGHT)
    fputs("outside right center vertical", script);
  else {
    double room = plot->look.width / (7.0 * font / 10.0) / (double)(longest + 8);
    fprintf(script, "outside below center horizontal maxcols %d", room >= 3.0 ? 3 : room >= 2.0 ? 2 : 1);
  }
  fprintf(script, " Left reverse noenhanced samplen 3 spacing 1.1 font ',%d' textcolor rgb '%s'\n", font, ink);
}

/* ---- lines ---- */

static void put_label(const cli_plot *plot, const figure_series *series)
{
  FILE *script = plot->script;
  if (series->label == NULL) {
    fputs("notitle", script);
    return;
  }
  fputs("title ", script);
  plot_quote(plot, series->label);
}

static void put_line(FILE *script, const cli_plot *plot, const figure *f, size_t s)
{
  const figure_series *series = &f->series[s];
  const char *colour = colour_of(plot, series);
  const char *with = series->kind == FIGURE_STEPS ? "steps" : series->marked ? "linespoints" : "lines";
  fprintf(script, "$series%zu using 1:2 with %s linewidth %.2g dashtype %zu linecolor rgb '%s' ", s, with,
          width_of(series), dash_of(plot, series), colour);
  if (series->marked && series->kind == FIGURE_LINE)
    fprintf(script, "pointtype %d pointsize 0.8 ", mark_of(series));
  if (has_marks(f, series)) /* the mark stands in the legend with the line */
    fprintf(script, "notitle, $marks%zu using 1:2 with points pointtype %d pointsize 0.9 linecolor rgb '%s' notitle,"
                    " NaN with linespoints linewidth %.2g dashtype %zu pointtype %d pointsize 0.9 linecolor rgb '%s' ",
            s, mark_of(series), colour, width_of(series), dash_of(plot, series), mark_of(series), colour);
}

static void put_series(FILE *script, const cli_plot *plot, const figure *f, size_t s)
{
  const figure_series *series = &f->series[s];
  const char *colour = colour_of(plot, series);
  if (series->kind == FIGURE_BAND) {
    fprintf(script, "$series%zu using 1:2:3 with filledcurves fillcolor rgb '%s' fillstyle transparent solid 0.25"
                    " noborder ", s, colour);
    put_label(plot, series);
    for (int edge = 2; edge <= 3; edge++) /* a narrow band is seen by its edges */
      fprintf(script, ", $series%zu using 1:%d with lines linewidth 0.8 linecolor rgb '%s' notitle", s, edge, colour);
    return;
  }
  if (series->kind == FIGURE_BARS)
    fprintf(script, "$series%zu using 1:2:(0):($3-$2) with vectors nohead linewidth %s linecolor rgb '%s' ", s,
            series->overlaid ? "1.2" : "4", colour);
  else if (series->kind == FIGURE_POINTS)
    fprintf(script, "$series%zu using 1:2 with points pointtype %d pointsize %s linecolor rgb '%s' ", s,
            mark_of(series), series->overlaid ? "1.3 linewidth 1.6" : "0.8", colour);
  else
    put_line(script, plot, f, s);
  put_label(plot, series);
}

void figure_lines(const cli_plot *plot, const figure *f)
{
  FILE *script = plot->script;
  bool dark = plot->look.style == PLOT_DARK;
  const char *ink = dark ? "#e8e8e8" : "#1a1a1a";
  const char *title = plot->look.title != NULL ? plot->look.title : f->title;
  if (dark)
    fputs("set grid linetype 1 linewidth 0.5 linecolor rgb '#484848'\nset border linecolor rgb '#b0b0b0'\n", script);
  if (title != NULL && title[0] != '\0') {
    fputs("set title ", script);
    plot_quote(plot, title);
    fprintf(script, " noenhanced textcolor rgb '%s'%s\n", ink,
            strlen(title) * 8 > (size_t)plot->look.width ? " font ',9'" : "");
  }
  put_axis(plot, f, 0, ink);
  int longest = put_axis(plot, f, 1, ink);
  put_legend(script, plot, f, ink);
  fprintf(script, "set grid\nset lmargin %d\n", longest > 6 ? longest + 5 : 11);
  for (size_t s = 0; s < f->count; s++) {
    if (is_empty(f, &f->series[s]))
      continue;
    put_points(script, f, s);
    if (has_marks(f, &f->series[s]))
      put_marks(script, f, s);
  }
  const char *before = "plot ";
  for (int lines = 0; lines < 2; lines++) /* bands lie under all lines */
    for (size_t s = 0; s < f->count; s++) {
      if ((f->series[s].kind != FIGURE_BAND) != lines || is_empty(f, &f->series[s]))
        continue;
      fputs(before, script);
      put_series(script, plot, f, s);
      before = ", ";
    }
  fputc('\n', script);
}
