/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A figure as a tikzpicture of pgfplots, with its data in it: for a paper that sets it in its own fonts. */
#include "figure/figure.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

/* A text in which nothing is a command of TeX. */
static void put_text(FILE *stream, const char *text)
{
  for (size_t left = strlen(text), size; left > 0; text += size, left -= size) {
    size = testudo_i_character(text, left);
    const char *tex = plot_tex_sign(text, size);
    if (tex != NULL)
      fputs(tex, stream);
    else if (size > 0)
      fwrite(text, 1, size, stream);
    else
      fputc(' ', stream);
    size = size > 0 ? size : 1;
  }
}

static void put_option(FILE *stream, const char *key, const char *text)
{
  fprintf(stream, "  %s={", key);
  put_text(stream, text);
  fputs("},\n", stream);
}

static void put_ticks(FILE *stream, const figure *f, const figure_axis *axis, char name)
{
  double least, most, tick[FIGURE_TICKS];
  (void)figure_range(f, name == 'y', &least, &most);
  if (!figure_is_short(axis, least, most))
    return;
  int count = figure_ticks(axis, least, most, tick);
  fprintf(stream, "  %ctick={", name);
  for (int k = 0; k < count; k++)
    fprintf(stream, "%s%.12g", k > 0 ? "," : "", tick[k]);
  fprintf(stream, "},\n  %cticklabels={", name);
  for (int k = 0; k < count; k++)
    fprintf(stream, "%s%.*g", k > 0 ? "," : "", figure_digits(tick, count), tick[k]);
  fputs("},\n", stream);
}

static void put_axis(FILE *stream, const figure *f, const figure_axis *axis, char name)
{
  char key[16];
  snprintf(key, sizeof key, "%clabel", name);
  put_option(stream, key, axis->label);
  if (axis->logarithmic)
    fprintf(stream, "  %cmode=log,\n", name);
  put_ticks(stream, f, axis, name);
  if (!isnan(axis->least))
    fprintf(stream, "  %cmin=%.9g,\n", name, axis->least);
  if (!isnan(axis->most))
    fprintf(stream, "  %cmax=%.9g,\n", name, axis->most);
}

static void put_look(FILE *stream, const figure_series *series)
{
  static const char *const dash[] = {"solid", "dashed", "dotted", "dash dot", "densely dashed"};
  static const char *const mark[] = {"*", "square*", "triangle*", "diamond*", "o", "square", "triangle"};
  static const char *const open[] = {"o", "square", "triangle", "diamond", "pentagon", "+", "x"};
  if (series->overlaid) {
    fprintf(stream, "black, solid, thick, %smark=%s, mark size=2.2pt",
            series->kind == FIGURE_BARS ? "" : "only marks, ",
            series->kind == FIGURE_BARS ? "-" : open[series->look % 7]);
    return;
  }
  if (series->reference)
    fputs("testudoreference", stream);
  else
    fprintf(stream, "testudo%c", (char)('a' + series->look % PLOT_COLOURS));
  fprintf(stream, ", %s, thick", dash[series->look % 5]);
  if (series->kind == FIGURE_STEPS)
    fputs(", const plot", stream);
  if (series->kind == FIGURE_POINTS)
    fputs(", only marks", stream);
  if ((series->marked || series->kind == FIGURE_POINTS) && series->kind != FIGURE_BARS)
    fprintf(stream, ", mark=%s, mark options={solid}, mark size=1.5pt", mark[series->look % 7]);
  else
    fputs(", no marks", stream);
}

static void put_coordinates(FILE *stream, const figure *f, const figure_series *series, const double *y)
{
  fputs("coordinates {\n", stream);
  for (size_t k = 0; k < series->count; k++)
    if (figure_has_point(f, series, k))
      fprintf(stream, "    (%.9g,%.9g)\n", series->x[k], y[k]);
  fputs("  };\n", stream);
}

static void put_label(FILE *stream, const figure_series *series)
{
  if (series->label == NULL)
    return;
  fputs("  \\addlegendentry{", stream);
  put_text(stream, series->label);
  fputs("}\n", stream);
}

static void put_series(FILE *stream, const figure *f, size_t s)
{
  const figure_series *series = &f->series[s];
  const char *forget = series->label == NULL ? ", forget plot" : "";
  if (series->kind == FIGURE_BARS) {
    fputs("  \\addplot[", stream);
    put_look(stream, series);
    fprintf(stream, ", ultra thick%s] coordinates {\n", forget);
    for (size_t k = 0; k < series->count; k++)
      if (figure_has_point(f, series, k))
        fprintf(stream, "    (%.9g,%.9g) (%.9g,%.9g)\n\n", series->x[k], series->low[k], series->x[k], series->high[k]);
    fputs("  };\n", stream);
  } else if (series->kind != FIGURE_BAND) {
    fputs("  \\addplot[", stream);
    put_look(stream, series);
    fprintf(stream, "%s] ", forget);
    put_coordinates(stream, f, series, series->y);
  } else {
    fprintf(stream, "  \\addplot[name path=low%zu, draw=none, forget plot] ", s);
    put_coordinates(stream, f, series, series->low);
    fprintf(stream, "  \\addplot[name path=high%zu, draw=none, forget plot] ", s);
    put_coordinates(stream, f, series, series->high);
    fprintf(stream, "  \\addplot[testudo%c, opacity=0.25%s] fill between[of=low%zu and high%zu];\n",
            (char)('a' + series->look % PLOT_COLOURS), forget, s, s);
  }
  put_label(stream, series);
}

static void put_size(FILE *stream, const plot_look *look)
{
  if (look->sized)
    fprintf(stream, "  width=%.4gcm, height=%.4gcm", look->width / 37.5, look->height / 37.5);
  else
    fputs("  width=\\linewidth, height=0.65\\linewidth", stream);
}

void figure_pgfplots(FILE *stream, const figure *f, const plot_look *look)
{
  bool mono = look->style == PLOT_MONO;
  const char *title = look->title != NULL ? look->title : f->title;
  bool bands = false;
  for (size_t s = 0; s < f->count; s++)
    bands = bands || f->series[s].kind == FIGURE_BAND;
  fprintf(stream, "%% \\usepackage{pgfplots} \\pgfplotsset{compat=1.16}%s\n",
          bands ? " \\usepgfplotslibrary{fillbetween}" : "");
  for (size_t k = 0; k < PLOT_COLOURS; k++)
    fprintf(stream, "\\definecolor{testudo%c}{HTML}{%s}\n", (char)('a' + k), mono ? "000000" : plot_colour(k) + 1);
  fprintf(stream, "\\definecolor{testudoreference}{HTML}{%s}\n\\begin{tikzpicture}\n\\begin{axis}[\n",
          mono ? "8A8A8A" : &PLOT_GREY[1]);
  if (title != NULL && title[0] != '\0')
    put_option(stream, "title", title);
  put_axis(stream, f, &f->x, 'x');
  put_axis(stream, f, &f->y, 'y');
  put_size(stream, look);
  fputs(", grid=major,\n  legend cell align=left, legend style={font=\\small", stream);
  if (f->legend == LEGEND_RIGHT)
    fputs(", at={(1.02,0.5)}, anchor=west", stream);
  else if (f->legend == LEGEND_INSIDE)
    fputs(f->free_below ? ", at={(0.98,0.02)}, anchor=south east" : ", at={(0.98,0.98)}, anchor=north east", stream);
  else
    fputs(", at={(0.5,-0.2)}, anchor=north", stream);
  fputs("},\n]\n", stream);
  for (int lines = 0; lines < 2; lines++)
    for (size_t s = 0; s < f->count; s++)
      if ((f->series[s].kind != FIGURE_BAND) == lines)
        put_series(stream, f, s);
  if (f->legend == LEGEND_NONE)
    fputs("  \\legend{}\n", stream);
  fputs("\\end{axis}\n\\end{tikzpicture}\n", stream);
}
