/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data of a figure as CSV. */
#include "figure/figure.h"

#include <math.h>
#include <string.h>

const char *const figure_kind_words[] = {[FIGURE_LINE] = "line", [FIGURE_STEPS] = "steps", [FIGURE_POINTS] = "points",
                                         [FIGURE_BAND] = "band", [FIGURE_BARS] = "bars"};

static void put_cell(FILE *stream, const char *text)
{
  fputc('"', stream);
  for (; *text != '\0'; text++) {
    if (*text == '"')
      fputc('"', stream);
    fputc(*text, stream);
  }
  fputc('"', stream);
}

static void put_number(FILE *stream, const double *list, size_t k)
{
  if (list != NULL)
    fprintf(stream, ",%.17g", list[k]);
  else
    fputc(',', stream);
}

/* The name of what a line or band belongs to, which may have it on another. */
static const char *name_of(const figure *f, const figure_series *series, bool reference)
{
  for (size_t s = 0; series->label == NULL && s < f->count; s++)
    if (f->series[s].look == series->look && f->series[s].reference == reference &&
        f->series[s].overlaid == series->overlaid && f->series[s].label != NULL)
      return f->series[s].label;
  return series->label == NULL ? "" : series->label;
}

/* A line of steps without a name of its own is the front of the points that have it, a grey one the bound of a line. */
static void put_name(FILE *stream, const figure *f, const figure_series *series)
{
  char text[500];
  const char *name = name_of(f, series, series->reference), *more = "";
  if (series->label == NULL && series->kind == FIGURE_STEPS)
    more = FIGURE_FRONT;
  if (name[0] == '\0' && series->reference) {
    name = name_of(f, series, false);
    more = " (bound)";
  }
  snprintf(text, sizeof text, "%.480s%s", name, more);
  put_cell(stream, text);
}

void figure_data(FILE *stream, const figure *f, const plot_look *look)
{
  (void)look;
  fputs("series,x,y,low,high,kind\r\n", stream);
  for (size_t s = 0; s < f->count; s++) {
    const figure_series *series = &f->series[s];
    for (size_t k = 0; k < series->count; k++) {
      if (isnan(series->x[k]) ||
          (figure_is_between(series) ? isnan(series->low[k]) && isnan(series->high[k]) : isnan(series->y[k])))
        continue; /* it has no place, or is in another series of the line */
      put_name(stream, f, series);
      put_number(stream, series->x, k);
      put_number(stream, series->y, k);
      put_number(stream, series->low, k);
      put_number(stream, series->high, k);
      fprintf(stream, ",%s\r\n", figure_kind_words[series->kind]);
    }
  }
}
