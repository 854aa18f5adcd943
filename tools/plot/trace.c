/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A trace as a picture: the measured times, the slowest worker of every iteration, the workers side by side, and the
   empirical law. */
#include "plot/draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/order.h"

enum { MOST_POINTS = 6000, MOST_STEPS = 2000, COLOURS = 6, MOST_WORKERS = 400, MOST_CELLS = 20000000 };

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
  static const int digit[] = {1, 2, 5};
  size_t count = most > 1000.0 * least ? 1 : 3, put = 0;
  for (double ten = pow(10.0, floor(log10(least))); ten <= most; ten *= 10.0)
    for (size_t k = 0; k < count; k++) {
      double tic = ten * digit[k];
      if (tic >= least && tic <= most)
        fprintf(script, "%s%.6g", put++ > 0 ? ", " : "", tic);
    }
  fputs(")\n", script);
}

static void plot_points(const cli_plot *plot, const testudo_i_trace *trace, int64_t workers, bool coloured)
{
  FILE *script = plot->script;
  double last = (double)trace->rows;
  for (int64_t k = 0; k < trace->rows && trace->iteration != NULL; k++)
    last = k == 0 || trace->iteration[k] > last ? trace->iteration[k] : last;
  fprintf(script, "set xlabel '%s'\nset ylabel 'chunk time (s)'\nset xrange [-0.5:%.9g]\n",
          trace->iteration != NULL ? "iteration" : "row of the trace", last + 0.5);
  fputs(coloured ? "set key outside right top reverse Left samplen 1\n" : "unset key\n", script);
  for (int32_t g = 0; g < (coloured ? workers : 1); g++) {
    char who[64];
    snprintf(who, sizeof who, "worker %d", (int)g);
    fprintf(script, "%s$points%d with points pointtype 7 pointsize 0.4 linecolor rgb '%s' title ",
            g == 0 ? "plot " : ", ", g, colour[g]);
    plot_quote(plot, trace->worker_name != NULL && coloured ? trace->worker_name[g] : who);
    fputs(" noenhanced", script);
  }
  fputc('\n', script);
}

/* ---- workers and iterations ---- */

/* What a worker took in an iteration, all its chunks together; NAN where it has no row there. */
typedef struct totals {
  int32_t workers, first, iterations;
  double *seconds; /* iteration by iteration; NULL: the trace does not say who and when, or is too large for it */
} totals;

static void clear_totals(totals *t)
{
  free(t->seconds);
}

static testudo_status take_totals(totals *t, const testudo_i_trace *trace, int64_t workers, testudo_error *error)
{
  int32_t first = INT32_MAX, last = 0;
  *t = (totals){.seconds = NULL};
  if (trace->worker == NULL || trace->iteration == NULL || workers < 1 || workers > MOST_WORKERS)
    return TESTUDO_OK;
  for (int64_t k = 0; k < trace->rows; k++) {
    first = trace->iteration[k] < first ? trace->iteration[k] : first;
    last = trace->iteration[k] > last ? trace->iteration[k] : last;
  }
  if (trace->rows == 0 || first < 0 || (int64_t)(last - first + 1) * workers > MOST_CELLS)
    return TESTUDO_OK;
  *t = (totals){.workers = (int32_t)workers, .first = first, .iterations = last - first + 1};
  size_t cells = (size_t)t->iterations * (size_t)workers;
  t->seconds = testudo_i_alloc(cells, sizeof *t->seconds);
  TESTUDO_I_TRY(testudo_i_memory_check(t->seconds != NULL, error));
  for (size_t k = 0; k < cells; k++)
    t->seconds[k] = NAN;
  for (int64_t k = 0; k < trace->rows; k++) {
    double *cell = &t->seconds[(int64_t)(trace->iteration[k] - first) * workers + trace->worker[k]];
    *cell = (isnan(*cell) ? 0.0 : *cell) + trace->seconds[k];
  }
  return TESTUDO_OK;
}

/* Columns: iteration, its slowest worker's time, which that is. */
static void put_slowest(FILE *script, const totals *t)
{
  fputs("$slowest << EOD\n-9e9 -1 -1\n", script);
  for (int32_t i = 0; i < t->iterations; i++) {
    double most = -1.0;
    int32_t who = -1;
    for (int32_t j = 0; j < t->workers; j++) {
      double own = t->seconds[(int64_t)i * t->workers + j];
      if (own > most) {
        most = own;
        who = j;
      }
    }
    if (who >= 0)
      fprintf(script, "%d %.9g %d\n", t->first + i, most, who);
  }
  fputs("EOD\n", script);
}

/* Columns: worker, the 0.1, 0.25, 0.5, 0.75 and 0.9 quantiles of its times. */
static testudo_status put_each_worker(FILE *script, const totals *t, testudo_error *error)
{
  static const double level[] = {0.1, 0.25, 0.5, 0.75, 0.9};
  TESTUDO_I_HELD(testudo_i_free_held) double *own = testudo_i_alloc((size_t)t->iterations, sizeof *own);
  TESTUDO_I_TRY(testudo_i_memory_check(own != NULL, error));
  fputs("$workers << EOD\n-9e9 -1 -1 -1 -1 -1\n", script);
  for (int32_t j = 0; j < t->workers; j++) {
    int32_t count = 0;
    for (int32_t i = 0; i < t->iterations; i++)
      if (!isnan(t->seconds[(int64_t)i * t->workers + j]))
        own[count++] = t->seconds[(int64_t)i * t->workers + j];
    if (count == 0)
      continue;
    qsort(own, (size_t)count, sizeof *own, testudo_i_ascending_reals);
    fprintf(script, "%d", j);
    for (size_t q = 0; q < sizeof level / sizeof *level; q++)
      fprintf(script, " %.9g", own[(int32_t)(level[q] * (count - 1) + 0.5)]);
    fputc('\n', script);
  }
  fputs("EOD\n", script);
  return TESTUDO_OK;
}

static void plot_totals(FILE *script, const totals *t)
{
  fprintf(script, "unset key\nset ytics autofreq\nset xtics autofreq\nset xrange [%.9g:%.9g]\nset yrange [0:*]\n"
                  "set xlabel 'iteration'\nset ylabel 'slowest worker (s)'\n", t->first - 0.5,
          t->first + t->iterations - 0.5);
  fputs("plot $slowest using 1:2 with impulses linewidth 1 linecolor rgb '" PLOT_SKY "', $slowest using 1:2 with points"
        " pointtype 7 pointsize 0.5 linecolor rgb '" PLOT_BLUE "'\n", script);
  fprintf(script, "set xrange [-0.8:%.9g]\nset xlabel 'worker: median, middle half, 10 to 90 %%'\n"
                  "set ylabel 'iteration of a worker (s)'\nset boxwidth %s\n", t->workers - 0.2,
          t->workers > 60 ? "0.9" : "0.6");
  fputs("plot $workers using 1:3:2:6:5 with candlesticks fillcolor rgb '" PLOT_SKY "' fillstyle solid 0.5 border"
        " linecolor rgb '" PLOT_BLUE "', $workers using 1:4:4:4:4 with candlesticks linewidth 2 linecolor rgb '"
        PLOT_RED "'\n", script);
}

static void plot_empirical(FILE *script, double least, double most)
{
  fputs("unset logscale y\nset ytics autofreq\nset xlabel 'chunk time (s)'\nset ylabel 'share of rows'\n"
        "set yrange [0:1.02]\nset key default\nset key bottom right\n", script);
  put_time_axis(script, 'x', least, most);
  fputs("plot $law with steps linewidth 2 linecolor rgb '" PLOT_BLUE "' title 'empirical law'\nunset multiplot\n",
        script);
}

testudo_status draw_trace(cli_plot *plot, const testudo_i_trace *trace, const char *name, testudo_error *error)
{
  FILE *script = plot->script;
  int64_t workers = count_workers(trace);
  TESTUDO_I_HELD(clear_totals) totals t;
  bool coloured = workers >= 1 && workers <= COLOURS;
  double share = trace->rows <= MOST_POINTS ? 1.0 : (double)MOST_POINTS / (double)trace->rows;
  double least = 0.0, most = 0.0;
  char title[400], sample[64] = "";
  TESTUDO_I_TRY(take_totals(&t, trace, workers, error));
  if (share < 1.0)
    snprintf(sample, sizeof sample, "; above, a sample of %d", MOST_POINTS);
  snprintf(title, sizeof title, "Trace %.200s: %lld rows%s", name, (long long)trace->rows, sample);
  put_points(script, trace, workers, share, coloured);
  TESTUDO_I_TRY(put_empirical(script, trace, &least, &most, error));
  if (t.seconds != NULL) {
    put_slowest(script, &t);
    TESTUDO_I_TRY(put_each_worker(script, &t, error));
    plot_taller(plot, 1.6);
  }
  fprintf(script, "set multiplot layout %d,1 title ", t.seconds != NULL ? 4 : 2);
  plot_heading(plot, title);
  fprintf(script, ".\"\\n\" noenhanced offset 0,-0.3\nset lmargin 12\nset rmargin %d\n", coloured ? 16 : 4);
  put_time_axis(script, 'y', least, most);
  plot_points(plot, trace, workers, coloured);
  if (t.seconds != NULL) {
    fputs("unset logscale y\n", script);
    plot_totals(script, &t);
  }
  plot_empirical(script, least, most);
  return TESTUDO_OK;
}
