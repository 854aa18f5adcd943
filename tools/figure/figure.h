/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures of lines, steps, points and bands: what is drawn, once, for gnuplot (lines.c), for LaTeX (pgfplots.c) and as
   data (data.c). */
#ifndef TOOLS_FIGURE_FIGURE_H
#define TOOLS_FIGURE_FIGURE_H

#include "base/arena.h"
#include "figure/gnuplot.h"

typedef enum figure_kind {
  FIGURE_LINE,
  FIGURE_STEPS,  /* y holds from its x to the next */
  FIGURE_POINTS,
  FIGURE_BAND,   /* between low and high; no y */
  FIGURE_BARS    /* upright, from low to high at every x; no y */
} figure_kind;
extern const char *const figure_kind_words[];
#define FIGURE_KINDS "line, steps, points, band or bars"
#define FIGURE_FRONT " (front)" /* in CSV: ends the name of the line of a front, which has the look of its points */

/* Lists lie in the figure's arena or are lent; points that are not finite, or not above 0 on a logarithmic axis, are
   left out. */
typedef struct figure_series {
  const char *label;    /* NULL: not in the legend */
  figure_kind kind;
  bool reference;       /* grey */
  bool marked;          /* every point has a mark: they are few */
  bool overlaid;        /* points or bars from elsewhere: open marks in the colour of the text, over all lines */
  size_t look;          /* colour, dashes and mark: the same for the lines and bands of one thing */
  size_t count;
  const double *x, *y, *low, *high;
} figure_series;

typedef struct figure_axis {
  const char *label;
  bool logarithmic;
  double least, most;   /* NAN: by what is drawn */
} figure_axis;

typedef enum figure_legend { LEGEND_AUTO, LEGEND_BELOW, LEGEND_RIGHT, LEGEND_INSIDE, LEGEND_NONE } figure_legend;
#define FIGURE_LEGENDS "auto below right inside none"

typedef struct figure {
  const char *title;
  figure_axis x, y;
  figure_series *series;
  size_t count, room;
  figure_legend legend; /* inside: in the corner that the kind of figure leaves free */
  bool free_below;      /* that is the lower right one; otherwise the upper right */
  size_t overlaid;      /* series that figure_overlay has added */
  testudo_i_arena arena;
} figure;

TESTUDO_CHECKED testudo_status figure_add(figure *f, const figure_series *series, testudo_error *error);
/* One that may have y and ends too: these first, as a band or bars (`between`), named where there is no y. */
TESTUDO_CHECKED testudo_status figure_add_both(figure *f, const figure_series *series, figure_kind between,
                                               testudo_error *error);
/* Room for numbers, as long as the figure lives; NULL where memory is short: ask the arena. */
double *figure_numbers(figure *f, size_t count);
void figure_clear(figure *f);

/* Adds the points of a CSV file with columns x and y, and perhaps low, high and series (without it, all are one, of the
   file's name). *unseen: rows that have no finite place, or one outside of the axes as they are set. */
TESTUDO_CHECKED testudo_status figure_overlay(figure *f, const char *path, size_t *unseen, testudo_error *error);
/* A figure of its own of such a file, as figure_data writes it: lines, or what its column kind says. And does a file
   begin like that? A trace, which has seconds, does not. */
TESTUDO_CHECKED testudo_status figure_read(figure *f, const char *bytes, size_t length, const char *name,
                                           size_t *unseen, testudo_error *error);
bool figure_begins(const char *bytes, size_t length);

/* Has it low and high instead of y? */
bool figure_is_between(const figure_series *series);

/* Is the k-th point of a series drawn? */
bool figure_has_point(const figure *f, const figure_series *series, size_t k);
/* The range of what is drawn on an axis (0: x, 1: y), by the axis where that says it; false where there is nothing. */
bool figure_range(const figure *f, int axis, double *least, double *most);
/* Round numbers from least to most for the ticks of an axis, least first; their count, at most FIGURE_TICKS. On a
   logarithmic one powers of ten, or where there would be fewer than two more than these. */
enum { FIGURE_TICKS = 24 };
int figure_ticks(const figure_axis *axis, double least, double most, double *tick);
/* Between round numbers, of which a range has so many at most. */
double figure_step(double range, int most);
/* Digits that tell such ticks apart, and from other numbers. */
int figure_digits(const double *tick, int count);
/* Does a logarithmic axis hold fewer than two powers of ten, which are all that other programs would name? */
bool figure_is_short(const figure_axis *axis, double least, double most);

/* Writes it, as the kind of the picture asks. TESTUDO_ERROR_INPUT where nothing can be drawn; name: of what that
   is. */
TESTUDO_CHECKED testudo_status figure_draw(cli_plot *plot, const figure *f, const char *name, testudo_error *error);

/* A copy, which borrows from it, whose long lines and bands have fewer points, and look the same at so many pixels in
   width. Clear it, whatever the answer. */
TESTUDO_CHECKED testudo_status figure_thin(const figure *f, int pixels, figure *into, testudo_error *error);

/* Its steps. */
void figure_lines(const cli_plot *plot, const figure *f);  /* a script for gnuplot */
/* A tikzpicture, which needs \usepackage{pgfplots}, with the title, the size and the style of the look. */
void figure_pgfplots(FILE *stream, const figure *f, const plot_look *look);
void figure_data(FILE *stream, const figure *f, const plot_look *look); /* CSV: series, x, y, low, high, kind */

/* Inside a page of HTML, with its title and legend; the page has figure_svg_style, and --line. */
void figure_svg(FILE *stream, const figure *f);
extern const char figure_svg_style[];

#endif
