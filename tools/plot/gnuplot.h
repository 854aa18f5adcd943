/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures through gnuplot: a script is collected in memory, run, and its output renamed into place. */
#ifndef TOOLS_PLOT_GNUPLOT_H
#define TOOLS_PLOT_GNUPLOT_H

#include <stddef.h>
#include <stdio.h>

#include <testudo/status.h>

#include "json/read.h"

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

typedef struct cli_plot {
  FILE *script;
  char *text;
  size_t length;
  const char *path;
  int kind;                          /* the number of its word in PLOT_KINDS */
  testudo_i_json_document *document; /* what is drawn, where that is JSON; NULL otherwise */
} cli_plot;

/* The words of --format. */
#define PLOT_KINDS "svg png pdf"

/* The picture's kind is the number of its word, or -1: by the name of `path`. Close whatever follows. */
TESTUDO_CHECKED testudo_status plot_open(cli_plot *plot, const char *path, int kind, testudo_error *error);
void plot_close(cli_plot *plot);

/* Before anything is drawn: a picture so many times as high as others. */
void plot_taller(const cli_plot *plot, double by);

/* Runs the script and writes the picture. */
TESTUDO_CHECKED testudo_status plot_draw(cli_plot *plot, testudo_error *error);

/* Writes text between double quotes. */
void plot_quote(FILE *script, const char *text);

/* Sets the title of a picture that has one panel. */
void plot_title(FILE *script, const char *text);

/* Data blocks: `name << EOD`, lines of up to three columns (NULL: absent), rows with a non-finite number left out. */
void plot_block(FILE *script, const char *name, const double *x, const double *y, const double *z, size_t count);

#endif
