/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures through gnuplot: a script is collected in memory, run, and its output renamed into place. */
#ifndef TOOLS_FIGURE_GNUPLOT_H
#define TOOLS_FIGURE_GNUPLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <testudo/status.h>

/* Okabe and Ito's colours, distinguishable with every kind of colour vision. */
#define PLOT_BLUE "#0072B2"
#define PLOT_SKY "#56B4E9"
#define PLOT_ORANGE "#E69F00"
#define PLOT_RED "#D55E00"
#define PLOT_GREEN "#009E73"
#define PLOT_GREY "#7F7F7F"
#define PLOT_BLACK "#333333"

/* The colour of the k-th curve: there are PLOT_COLOURS, then they begin anew. */
enum { PLOT_COLOURS = 7 };
const char *plot_colour(size_t k);

typedef enum plot_style { PLOT_LIGHT, PLOT_DARK, PLOT_MONO } plot_style;
#define PLOT_STYLES "light dark mono"

/* How it looks, as the user wants it. */
typedef struct plot_look {
  const char *title;    /* instead of the picture's own; NULL: that; "": none */
  int width, height;    /* in pixels of SVG and PNG; 37.5 are a centimetre elsewhere */
  bool sized;           /* the user has said the size: no picture is taller than it */
  plot_style style;
} plot_look;

typedef struct cli_plot {
  FILE *script;
  char *text;
  size_t length;
  const char *path;
  int kind;                          /* the number of its word in PLOT_KINDS */
  plot_look look;
} cli_plot;

/* The words of --format, and how names end; tex: for LaTeX, csv: the data. */
#define PLOT_KINDS "svg png pdf eps tex csv"
#define PLOT_ENDINGS ".svg .png .pdf .eps .tex .csv"
enum { PLOT_SVG, PLOT_PNG, PLOT_PDF, PLOT_EPS, PLOT_TEX, PLOT_CSV };

/* "900x600", in pixels, or "12cmx8cm"; 200 to 10,000 pixels each way. */
TESTUDO_CHECKED testudo_status plot_take_size(const char *text, plot_look *look, testudo_error *error);

/* The picture's kind is the number of its word, or -1: by the name of `path`. look: NULL for the usual one. Close
   whatever follows. */
TESTUDO_CHECKED testudo_status plot_open(cli_plot *plot, const char *path, int kind, const plot_look *look,
                                         testudo_error *error);
extern const plot_look plot_usual_look;
void plot_close(cli_plot *plot);

/* Before anything is drawn: a picture so many times as high as others. */
void plot_taller(const cli_plot *plot, double by);

/* Runs the script and writes the picture; or of csv the data blocks of the script: block, and what is in its lines. */
TESTUDO_CHECKED testudo_status plot_draw(const cli_plot *plot, testudo_error *error);

/* Writes text between double quotes; in a picture for LaTeX no sign of it is a command there. */
void plot_quote(const cli_plot *plot, const char *text);
/* What LaTeX wants for a character of so many bytes; NULL: itself. */
const char *plot_tex_sign(const char *character, size_t size);

/* Sets the title of a picture that has one panel; the user's, where there is one. */
void plot_title(const cli_plot *plot, const char *text);

/* Writes the quoted title of a picture of several panels: `text`, or the user's. */
void plot_heading(const cli_plot *plot, const char *text);

#endif
