/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A figure inside a page of HTML: SVG whose colours follow the page, light or dark, and need no program. */
#include "figure/figure.h"

#include <math.h>
#include <string.h>

#include "report/html.h"

enum { WIDTH = 640, HEIGHT = 380, LEFT = 80, RIGHT = 14, TOP = 12, BOTTOM = 44 };

typedef struct frame {
  const figure *f;
  double x0, x1, y0, y1; /* of the axes */
} frame;

static double part_of(const figure_axis *axis, double value, double least, double most)
{
  if (axis->logarithmic)
    return log(value / least) / log(most / least);
  return (value - least) / (most - least);
}

static double across(const frame *at, double x)
{
  return LEFT + (WIDTH - LEFT - RIGHT) * part_of(&at->f->x, x, at->x0, at->x1);
}

static double down(const frame *at, double y)
{
  double part = part_of(&at->f->y, y, at->y0, at->y1);
  return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * fmin(fmax(part, -9.0), 9.0); /* what is outside is cut */
}

/* A range that has room; a single value, or values that differ in their last digits only, have none of their own. */
static void open_range(const figure_axis *axis, double *least, double *most)
{
  if (*most - *least > 1e-9 * fmax(fabs(*most), fabs(*least)))
    return;
  *least = axis->logarithmic ? *least / 2.0 : *least - fmax(0.5 * fabs(*least), 0.5);
  *most = axis->logarithmic ? *most * 2.0 : *most + fmax(0.5 * fabs(*most), 0.5);
}

/* ---- axes ---- */

static void put_tick(FILE *stream, const frame *at, bool below, double value, int digits)
{
  double place = below ? across(at, value) : down(at, value);
  if (below)
    fprintf(stream, "<path class=\"axis\" d=\"M%.1f %dV%d\"/><text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.*g"
                    "</text>\n", place, TOP, HEIGHT - BOTTOM, place, HEIGHT - BOTTOM + 16, digits, value);
  else
    fprintf(stream, "<path class=\"axis\" d=\"M%d %.1fH%d\"/><text x=\"%d\" y=\"%.1f\""
                    " text-anchor=\"end\">%.*g</text>\n",
            LEFT, place, WIDTH - RIGHT, LEFT - 6, place + 4, digits, value);
}

static void put_ticks(FILE *stream, const frame *at, bool below)
{
  double tick[FIGURE_TICKS];
  int count = below ? figure_ticks(&at->f->x, at->x0, at->x1, tick) : figure_ticks(&at->f->y, at->y0, at->y1, tick);
  for (int k = 0; k < count; k++)
    put_tick(stream, at, below, tick[k], figure_digits(tick, count));
}

static void put_axes(FILE *stream, const frame *at)
{
  put_ticks(stream, at, true);
  put_ticks(stream, at, false);
  fprintf(stream, "<path class=\"axis\" d=\"M%d %dV%dH%d\"/>\n<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">",
          LEFT, TOP, HEIGHT - BOTTOM, WIDTH - RIGHT, (LEFT + WIDTH) / 2, HEIGHT - 8);
  html_put_in(stream, "", at->f->x.label, "</text>\n");
  fprintf(stream, "<text transform=\"translate(14 %d) rotate(-90)\" text-anchor=\"middle\">", HEIGHT / 2);
  html_put_in(stream, "", at->f->y.label, "</text>\n");
}

/* ---- lines ---- */

static bool is_inside(const frame *at, const figure_series *series, size_t k)
{
  return figure_has_point(at->f, series, k) && series->x[k] >= at->x0 * (1.0 - 1e-12) &&
         series->x[k] <= at->x1 * (1.0 + 1e-12);
}

static void put_band(FILE *stream, const frame *at, const figure_series *series)
{
  const char *sign = "M";
  for (size_t k = 0; k < series->count; k++)
    if (is_inside(at, series, k)) {
      fprintf(stream, "%s%.1f %.1f", sign, across(at, series->x[k]), down(at, series->low[k]));
      sign = "L";
    }
  for (size_t k = series->count; k-- > 0;)
    if (is_inside(at, series, k))
      fprintf(stream, "L%.1f %.1f", across(at, series->x[k]), down(at, series->high[k]));
  fputc('Z', stream);
}

static void put_path(FILE *stream, const frame *at, const figure_series *series)
{
  const char *sign = "M";
  for (size_t k = 0; k < series->count; k++) {
    if (!is_inside(at, series, k))
      continue;
    double x = across(at, series->x[k]);
    if (series->kind == FIGURE_BARS)
      fprintf(stream, "M%.1f %.1fV%.1f", x, down(at, series->low[k]), down(at, series->high[k]));
    else if (series->kind == FIGURE_POINTS)
      fprintf(stream, "M%.1f %.1fh0", x, down(at, series->y[k]));
    else if (series->kind == FIGURE_STEPS && sign[0] == 'L')
      fprintf(stream, "H%.1fV%.1f", x, down(at, series->y[k]));
    else
      fprintf(stream, "%s%.1f %.1f", sign, x, down(at, series->y[k]));
    sign = "L";
  }
}

static void put_class(FILE *stream, const figure_series *series)
{
  static const char *const kind[] = {[FIGURE_LINE] = "line", [FIGURE_STEPS] = "line", [FIGURE_POINTS] = "points",
                                     [FIGURE_BAND] = "band", [FIGURE_BARS] = "bars"};
  if (series->reference)
    fprintf(stream, "%s reference dash%d", kind[series->kind], (int)(series->look % 4));
  else
    fprintf(stream, "%s look%d dash%d", kind[series->kind], (int)(series->look % PLOT_COLOURS),
            (int)(series->look % 4));
}

static void put_legend(FILE *stream, const figure *f)
{
  fputs("<ul class=\"legend\">\n", stream);
  for (size_t s = 0; s < f->count; s++) {
    if (f->series[s].label == NULL)
      continue;
    fputs("<li><svg viewBox=\"0 0 30 10\"><path class=\"", stream);
    put_class(stream, &f->series[s]);
    fputs(f->series[s].kind == FIGURE_BAND ? "\" d=\"M0 1H30V9H0Z\"/></svg>"
          : f->series[s].kind == FIGURE_POINTS ? "\" d=\"M15 5h0\"/></svg>" : "\" d=\"M0 5H30\"/></svg>", stream);
    html_put_in(stream, "", f->series[s].label, "</li>\n");
  }
  fputs("</ul>\n", stream);
}

const char figure_svg_style[] =
    "figure { margin: 0 0 1rem; max-width: 46rem; }\nfigcaption { font-weight: 600; margin: 0 0 .3rem; }\n"
    "figure svg.plot { width: 100%; height: auto; display: block; }\nsvg text { fill: CanvasText; font: 12px system-ui,"
    " sans-serif; }\n.axis { stroke: var(--line); stroke-width: 1; fill: none; }\n"
    ".line { fill: none; stroke-width: 2; }\n.bars { fill: none; stroke-width: 3; }\n"
    ".points { fill: none; stroke-width: 6; stroke-linecap: round; }\n"
    ".band { stroke: var(--c); stroke-width: 1; fill-opacity: .3; }\n"
    ".look0 { --c: #0072b2; } .look1 { --c: #d55e00; } .look2 { --c: #009e73; } .look3 { --c: #b87f00; }\n"
    ".look4 { --c: #b5588f; } .look5 { --c: #3a9bd8; } .look6 { --c: CanvasText; } .reference { --c: #7f7f7f; }\n"
    ".line, .bars, .points { stroke: var(--c); }\n.band { fill: var(--c); }\n"
    ".line.dash1 { stroke-dasharray: 8 3; } .line.dash2 { stroke-dasharray: 2 2; }"
    " .line.dash3 { stroke-dasharray: 10 3 2 3; } .line.reference { stroke-dasharray: 5 4; }\n"
    ".line.reference.dash1 { stroke-dasharray: 1 3; } .line.reference.dash2 { stroke-dasharray: 9 3 1 3; }"
    " .line.reference.dash3 { stroke-dasharray: 14 5; }\n"
    ".legend { list-style: none; padding: 0; margin: .2rem 0; display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; }\n"
    ".legend svg { width: 30px; height: 10px; margin-right: .4rem; }\n";

void figure_svg(FILE *stream, const figure *f)
{
  frame at = {.f = f};
  bool x = figure_range(f, 0, &at.x0, &at.x1), y = figure_range(f, 1, &at.y0, &at.y1);
  html_put_in(stream, "<figure>\n<figcaption>", f->title, "</figcaption>\n");
  if (!x || !y) {
    fputs("<p>No point of it is finite.</p>\n</figure>\n", stream);
    return;
  }
  open_range(&f->x, &at.x0, &at.x1);
  open_range(&f->y, &at.y0, &at.y1);
  fprintf(stream, "<svg class=\"plot\" viewBox=\"0 0 %d %d\" role=\"img\">\n", WIDTH, HEIGHT);
  put_axes(stream, &at);
  fprintf(stream, "<svg x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" viewBox=\"%d %d %d %d\">\n", LEFT - 4, TOP - 4,
          WIDTH - LEFT - RIGHT + 8, HEIGHT - TOP - BOTTOM + 8, LEFT - 4, TOP - 4, WIDTH - LEFT - RIGHT + 8,
          HEIGHT - TOP - BOTTOM + 8);
  for (int lines = 0; lines < 2; lines++)
    for (size_t s = 0; s < f->count; s++) {
      if ((f->series[s].kind != FIGURE_BAND) != lines)
        continue;
      fputs("<path class=\"", stream);
      put_class(stream, &f->series[s]);
      fputs("\" d=\"", stream);
      if (f->series[s].kind == FIGURE_BAND)
        put_band(stream, &at, &f->series[s]);
      else
        put_path(stream, &at, &f->series[s]);
      fputs("\"/>\n", stream);
    }
  fputs("</svg>\n</svg>\n", stream);
  put_legend(stream, f);
  fputs("</figure>\n", stream);
}
