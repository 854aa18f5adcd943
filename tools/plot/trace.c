/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A trace as a picture: the measured times, and their empirical law. */
#include "plot/draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"

enum { MOST_POINTS = 6000, MOST_STEPS = 2000, COLOURS = 6 };

static const char *const colour[COLOURS] = {PLOT_BLUE, PLOT_ORANGE, PLOT_GREEN, PLOT_RED, PLOT_SKY, PLOT_GREY};

/* Numbers up to the largest: one more than fits in 32 bits may be. */
static int64_t count_workers(const testudo_i_trace *trace)
{
  int64_t most = -1;
  for (int64_t k = 0; k < trace->rows && trace->worker != NULL; k++)
    most = trace->worker[k] > most ? trace->worker[k] : most;
  return most + 1;
}

/* A scattered sample: taking every n-th row would keep step with the chunks of an iteration and show some never. */
static bool is_drawn(int64_t row, double share)
{
  return (double)((uint32_t)row * UINT32_C(2654435769)) < share * 4294967296.0;
}

/* Rows by worker, so that a few workers can have a colour each; within an iteration the workers stand side by side. */
static void put_points(FILE *script, const testudo_i_trace *trace, int64_t workers, double share, bool coloured)
{
  for (int32_t g = 0; g < (coloured ? workers : 1); g++) {
    /* A point outside the picture: gnuplot refuses an empty block, and a worker may have no row. */
    fprintf(script, "$points%d << EOD\n-9e9 -1\n", g);
    for (int64_t k = 0; k < trace->rows; k++) {
      if (!is_drawn(k, share) || (coloured && trace->worker[k] != g))
        continue;
      double x = (double)k;
      if (trace->iteration != NULL)
        x = trace->iteration[k] + (workers > 0 ? 0.8 * (trace->worker[k] + 0.5) / workers - 0.4 : 0.0);
      fprintf(script, "%.9g %.9g\n", x, trace->seconds[k]);
    }
    fputs("EOD\n", script);
  }
}

static testudo_status put_empirical(FILE *script, const testudo_i_trace *trace, double *least, double *most,
                                    testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) double *sorted = testudo_i_alloc((size_t)trace->rows, sizeof *sorted);
  TESTUDO_I_TRY(testudo_i_memory_check(sorted != NULL, error));
  memcpy(sorted, trace->seconds, (size_t)trace->rows * sizeof *sorted);
  qsort(sorted, (size_t)trace->rows, sizeof *sorted, testudo_i_ascending_reals);
  int64_t steps = trace->rows < MOST_STEPS ? trace->rows : MOST_STEPS;
  fprintf(script, "$law << EOD\n%.9g 0\n%.9g 0\n", 0.8 * sorted[0], sorted[0]);
  for (int64_t s = 1; s <= steps; s++) {
    int64_t k = trace->rows * s / steps;
    fprintf(script, "%.9g %.9g\n", sorted[k - 1], (double)k / (double)trace->rows);
  }
  *least = 0.8 * sorted[0];
  *most = 1.1 * sorted[trace->rows - 1];
  fprintf(script, "%.9g 1\nEOD\n", *most);
  return TESTUDO_OK;
}

/* Times that spread over more than a power of ten get a logarithmic axis. */
static void put_time_axis(FILE *script, char axis, double least, double most)
{
  if (!(most > 10.0 * least)) {
    fprintf(script, "unset logscale %c\nset %crange [0:%.9g]\nset %ctics autofreq\n", axis, axis, most, axis);
    return;
  }
  fprintf(script, "set logscale %c\nset %crange [%.9g:%.9g]\nset %ctics (", axis, axis, least, most, axis);
  static const int wide[] = {1}, narrow[] = {1, 2, 5};
  bool is_wide = most > 1000.0 * least;
  size_t count = is_wide ? 1 : 3, put = 0;
  for (double ten = pow(10.0, floor(log10(least))); ten <= most; ten *= 10.0)
    for (size_t k = 0; k < count; k++) {
      double tic = ten * (is_wide ? wide : narrow)[k];
      if (tic >= least && tic <= most)
        fprintf(script, "%s%.6g", put++ > 0 ? ", " : "", tic);
    }
  fputs(")\n", script);
}

static void plot_points(FILE *script, const testudo_i_trace *trace, int64_t workers, bool coloured)
{
  double last = (double)trace->rows;
  for (int64_t k = 0; k < trace->rows && trace->iteration != NULL; k++)
    last = k == 0 || trace->iteration[k] > last ? trace->iteration[k] : last;
  fprintf(script, "set xlabel '%s'\nset ylabel 'chunk time (s)'\nset xrange [-0.5:%.9g]\n",
          trace->iteration != NULL ? "iteration" : "row of the trace", last + 0.5);
  fputs(coloured ? "set key at screen 0.99, 0.85 right top reverse Left samplen 1\n" : "unset key\n", script);
  for (int32_t g = 0; g < (coloured ? workers : 1); g++) {
    char who[64];
    snprintf(who, sizeof who, "worker %d", (int)g);
    fprintf(script, "%s$points%d with points pointtype 7 pointsize 0.4 linecolor rgb '%s' title ",
            g == 0 ? "plot " : ", ", g, colour[g]);
    plot_quote(script, trace->worker_name != NULL && coloured ? trace->worker_name[g] : who);
    fputs(" noenhanced", script);
  }
  fputc('\n', script);
}

testudo_status draw_trace(cli_plot *plot, const testudo_i_trace *trace, const char *name, testudo_error *error)
{
  FILE *script = plot->script;
  int64_t workers = count_workers(trace);
  bool coloured = workers >= 1 && workers <= COLOURS;
  double share = trace->rows <= MOST_POINTS ? 1.0 : (double)MOST_POINTS / (double)trace->rows;
  double least = 0.0, most = 0.0;
  char title[400], sample[64] = "";
  if (share < 1.0)
    snprintf(sample, sizeof sample, "; above, a sample of %d", MOST_POINTS);
  snprintf(title, sizeof title, "Trace %.200s: %lld rows%s", name, (long long)trace->rows, sample);
  put_points(script, trace, workers, share, coloured);
  TESTUDO_I_TRY(put_empirical(script, trace, &least, &most, error));
  fputs("set multiplot layout 2,1 title ", script);
  plot_quote(script, title);
  fprintf(script, " noenhanced offset 0,-0.3\nset lmargin 12\nset rmargin %d\n", coloured ? 16 : 4);
  put_time_axis(script, 'y', least, most);
  plot_points(script, trace, workers, coloured);
  fputs("unset logscale y\nset ytics autofreq\nset xlabel 'chunk time (s)'\nset ylabel 'share of rows'\n"
        "set yrange [0:1.02]\nset key default\nset key bottom right\n", script);
  put_time_axis(script, 'x', least, most);
  fputs("plot $law with steps linewidth 2 linecolor rgb '" PLOT_BLUE "' title 'empirical law'\nunset multiplot\n",
        script);
  return TESTUDO_OK;
}
