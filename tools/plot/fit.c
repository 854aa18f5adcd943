/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fit: the empirical law against the fitted ones, their tails, where stragglers are, the quantiles of both, the
   workers, and the slowest of every iteration. */
#include "plot/draw.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "delay/grammar.h"
#include "figure/figure.h"
#include "fit/fit.h"

/* More than so many laws hide each other. */
enum { POINTS = 400, MOST_DRAWN = 4 };

/* By rank, distinguished by colour and by dashes. */
static const struct {
  const char *colour;
  int dash;
} looks[MOST_DRAWN] = {{PLOT_RED, 1}, {PLOT_BLUE, 4}, {PLOT_GREEN, 2}, {PLOT_ORANGE, 3}};

typedef struct cli_drawn {
  fit_result fit;
  testudo_law *law[MOST_DRAWN];
  size_t laws;
  testudo_i_arena arena;
} cli_drawn;

static void drawn_clear(cli_drawn *drawn)
{
  for (size_t m = 0; m < drawn->laws; m++)
    testudo_law_free(drawn->law[m]);
  testudo_i_arena_clear(&drawn->arena);
}

static testudo_status take_law(cli_drawn *drawn, const char *text, const char *name, size_t k, testudo_error *error)
{
  testudo_law *law = NULL;
  bool none = text[0] == '\0' || testudo_i_law_file(text) != NULL;
  testudo_status status = none ? TESTUDO_ERROR_ARGUMENT : testudo_law_parse(text, &law, error);
  if (status == TESTUDO_ERROR_ARGUMENT)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: models[%zu].law: not a law that 'testudo fit'"
                          " writes", name, k);
  TESTUDO_I_TRY(status);
  if (k < MOST_DRAWN)
    drawn->law[drawn->laws++] = law;
  else
    testudo_law_free(law);
  return TESTUDO_OK;
}

static testudo_status take_models(cli_drawn *drawn, const char *name, testudo_error *error)
{
  if (drawn->fit.models == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: models: must be a list of laws, as written by 'testudo"
                          " fit'", name);
  for (size_t k = 0; k < drawn->fit.models; k++)
    TESTUDO_I_TRY(take_law(drawn, drawn->fit.model[k].of.law, name, k, error));
  return TESTUDO_OK;
}

/* The empirical law must be one: times ascend from above 0, shares ascend to 1. */
static testudo_status check_law(const cli_drawn *drawn, const char *name, testudo_error *error)
{
  const double *t = drawn->fit.ecdf.t, *p = drawn->fit.ecdf.p;
  size_t count = t == NULL || p == NULL ? 0 : (size_t)drawn->fit.ecdf.count;
  bool fine = count > 0 && t[0] > 0.0 && p[0] > 0.0 && p[count - 1] == 1.0 &&
              t[count - 1] < HUGE_VAL;
  for (size_t k = 1; fine && k < count; k++)
    fine = t[k] > t[k - 1] && p[k] > p[k - 1];
  if (fine)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                        "%s: ecdf: must hold t and p, both increasing, t from above 0, p up to 1", name);
}

/* ---- the data ---- */

/* What is drawn spans the trace with some room. */
static void range_of(const cli_drawn *drawn, double *least, double *most)
{
  const ecdf_result *ecdf = &drawn->fit.ecdf;
  double first = ecdf->t[0], last = ecdf->t[ecdf->count - 1];
  double room = fmax(0.06 * (last - first), 0.02 * last);
  *least = fmax(0.0, first - room);
  *most = last + room;
}

static void put_laws(FILE *script, const cli_drawn *drawn, double least, double most)
{
  const ecdf_result *ecdf = &drawn->fit.ecdf;
  fprintf(script, "$data << EOD\n%.9g 0 1\n", least);
  for (int64_t k = 0; k < ecdf->count; k++)
    fprintf(script, "%.9g %.9g %.9g\n", ecdf->t[k], ecdf->p[k], k + 1 < ecdf->count ? 1.0 - ecdf->p[k] : 1e-300);
  fprintf(script, "%.9g 1 1e-300\nEOD\n", most);
  for (size_t m = 0; m < drawn->laws; m++) {
    fprintf(script, "$law%zu << EOD\n", m);
    for (int k = 0; k <= POINTS; k++) {
      double t = least + (most - least) * k / POINTS, tail = testudo_law_survival(drawn->law[m], t);
      fprintf(script, "%.9g %.9g %.9g\n", t, 1.0 - tail, fmax(tail, 1e-300));
    }
    fputs("EOD\n", script);
  }
}

/* Quantiles of the trace against those of the laws, at the middle of every step of the empirical law. */
static void put_quantiles(FILE *script, const cli_drawn *drawn)
{
  const ecdf_result *ecdf = &drawn->fit.ecdf;
  for (size_t m = 0; m < drawn->laws; m++) {
    fprintf(script, "$quantiles%zu << EOD\n", m);
    for (int64_t k = 0; k < ecdf->count; k++) {
      double p = 0.5 * (ecdf->p[k] + (k == 0 ? 0.0 : ecdf->p[k - 1]));
      fprintf(script, "%.9g %.9g\n", testudo_law_quantile(drawn->law[m], p), ecdf->t[k]);
    }
    fputs("EOD\n", script);
  }
}

static void put_workers(FILE *script, const testudo_fit *fit)
{
  fputs("$workers << EOD\n", script);
  for (int32_t w = 0; w < fit->listed; w++)
    fprintf(script, "%d %.9g %.9g %.9g %d\n", (int)w, fit->worker[w].factor, fit->worker[w].low, fit->worker[w].high,
            fit->worker[w].persistent ? 1 : 0);
  fputs("EOD\n$slowest << EOD\n", script);
  for (int64_t i = 0; i < fit->slowests; i++)
    fprintf(script, "%lld %.9g\n", (long long)i, fit->slowest[i]);
  fputs("EOD\n", script);
}

/* ---- the panels ---- */

static void put_look(FILE *script, size_t m)
{
  fprintf(script, " with lines linewidth %s dashtype %d linecolor rgb '%s' ", m == 0 ? "3" : "2", looks[m].dash,
          looks[m].colour);
}

static void plot_column(FILE *script, const cli_drawn *drawn, int column)
{
  fprintf(script, "plot $data using 1:%d with steps linewidth 2.2 linecolor rgb '" PLOT_BLACK "' notitle", column);
  for (size_t m = 0; m < drawn->laws; m++) {
    fprintf(script, ", $law%zu using 1:%d", m, column);
    put_look(script, m);
    fputs("notitle", script);
  }
  fputc('\n', script);
}

/* A panel of its own: the names of laws are long. */
static void plot_key(FILE *script, const cli_drawn *drawn)
{
  fputs("unset border\nunset tics\nunset xlabel\nunset ylabel\nunset grid\nset xrange [0:1]\nset yrange [0:1]\n"
        "set key center center Left reverse samplen 2 spacing 1.6 maxrows 8 font ',8'\n"
        "plot NaN with lines linewidth 2.2 linecolor rgb '" PLOT_BLACK "' title 'trace'", script);
  for (size_t m = 0; m < drawn->laws; m++) {
    char law[160];
    testudo_i_law_abbreviate(drawn->law[m], law, sizeof law);
    fputs(", NaN", script);
    put_look(script, m);
    fprintf(script, "title '%s%s' noenhanced", law, m == 0 ? " (best)" : "");
  }
  fputc('\n', script);
}

static void fit_title(const cli_plot *plot, const fit_result *fit)
{
  char title[400];
  int length = snprintf(title, sizeof title, "Laws fitted to %.200s", fit->trace == NULL ? "a trace" : fit->trace);
  if (fit->fit.samples >= 0)
    snprintf(title + length, sizeof title - (size_t)length, ", %lld rows", (long long)fit->fit.samples);
  plot_heading(plot, title);
}

static void plot_law_and_tail(FILE *script, const cli_drawn *drawn, double least, double most)
{
  const ecdf_result *ecdf = &drawn->fit.ecdf;
  double last = ecdf->count > 1 ? 1.0 - ecdf->p[ecdf->count - 2] : 0.5;
  const char *times = isfinite(drawn->fit.fit.startup_deviation) ? "start-up" : "chunk time";
  fprintf(script, "set xrange [%.9g:%.9g]\nset xlabel '%s t (s)'\nset ylabel 'P(X ≤ t)'\n"
          "set yrange [0:1.02]\nunset key\n", least, most, times);
  plot_column(script, drawn, 2);
  fprintf(script, "set logscale y\nset format y '10^{%%T}'\nset ylabel 'P(X > t)'\nset yrange [%.9g:1.5]\n",
          fmin(0.05, 0.3 * last));
  plot_column(script, drawn, 3);
  fputs("unset logscale y\nset format y '%g'\n", script);
}

/* Points on the diagonal: the law is that of the trace. */
static void plot_quantiles(FILE *script, const cli_drawn *drawn, double least, double most)
{
  fprintf(script, "set xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]\nset xlabel 'quantile of the law (s)'\n"
          "set ylabel 'quantile of the trace (s)'\n", least, most, least, most);
  fputs("plot x with lines linewidth 1 linecolor rgb '" PLOT_GREY "' notitle", script);
  for (size_t m = drawn->laws; m-- > 0;)
    fprintf(script, ", $quantiles%zu with points pointtype 7 pointsize 0.4 linecolor rgb '%s' notitle", m,
            looks[m].colour);
  fputc('\n', script);
}

static void plot_workers(FILE *script, const testudo_fit *fit)
{
  fprintf(script, "set xrange [-0.8:%.9g]\nset yrange [0:*]\nset xlabel 'worker, in the order of the trace'\n"
          "set ylabel 'time / median worker'\n", fit->listed - 0.2);
  fputs("plot 1 with lines linewidth 1 linecolor rgb '" PLOT_GREY "' notitle, "
        "$workers using 1:2:3:4 with yerrorbars pointtype 7 pointsize 0.5 linecolor rgb '" PLOT_BLUE "' notitle, "
        "$workers using 1:($5 > 0 ? $2 : NaN) with points pointtype 7 pointsize 0.9 linecolor rgb '" PLOT_RED
        "' notitle\n", script);
}

/* The best prediction there is: the last one, of the recommended model or of the mixed. */
static void plot_slowest(FILE *script, const testudo_fit *fit)
{
  fprintf(script, "set xrange [-0.5:%.9g]\nset yrange [0:*]\nset xlabel 'iteration, in the order of the trace'\n"
          "set ylabel 'slowest worker (s)'\nset key right bottom samplen 2\n", (double)fit->slowests - 0.5);
  fputs("plot $slowest using 1:2 with points pointtype 7 pointsize 0.5 linecolor rgb '" PLOT_BLACK "' notitle", script);
  if (isfinite(fit->measured.slowest))
    fprintf(script, ", %.9g with lines linewidth 2 linecolor rgb '" PLOT_BLACK "' title 'mean'", fit->measured.slowest);
  if (fit->predictions > 0 && isfinite(fit->prediction[fit->predictions - 1].times.slowest))
    fprintf(script, ", %.9g with lines linewidth 2 dashtype 2 linecolor rgb '" PLOT_RED "' title 'predicted (%s)'",
            fit->prediction[fit->predictions - 1].times.slowest, fit->prediction[fit->predictions - 1].model);
  fputs("\nunset key\n", script);
}

static void fit_script(const cli_plot *plot, const cli_drawn *drawn)
{
  FILE *script = plot->script;
  double least, most;
  const testudo_fit *fit = &drawn->fit.fit;
  bool workers = fit->listed > 0 && fit->slowests > 0 && fit->worker != NULL && fit->slowest != NULL;
  range_of(drawn, &least, &most);
  put_laws(script, drawn, least, most);
  put_quantiles(script, drawn);
  if (workers)
    put_workers(script, fit);
  if (workers)
    plot_taller(plot, 1.5);
  fprintf(script, "set multiplot layout %s title ", workers ? "3,2" : "2,2");
  fit_title(plot, &drawn->fit);
  fputs(".\"\\n\" noenhanced offset 0,-0.3\n", script); /* an empty line keeps it off the frames */
  fprintf(script, "set xtics %.9g\n", figure_step(most - least, 4)); /* panels are half as wide as pictures */
  plot_law_and_tail(script, drawn, least, most);
  plot_quantiles(script, drawn, least, most);
  fputs("set xtics autofreq\n", script);
  if (workers) {
    plot_workers(script, fit);
    plot_slowest(script, fit);
  }
  plot_key(script, drawn);
  fputs("unset multiplot\n", script);
}

testudo_status draw_fit(cli_plot *plot, const testudo_i_json_document *document, const testudo_i_json_value *fit,
                        testudo_error *error)
{
  TESTUDO_I_HELD(drawn_clear) cli_drawn drawn = {.laws = 0};
  const char *name = testudo_i_json_name(document);
  TESTUDO_I_TRY(fields_read(document, fit, "", fit_fields, &drawn.fit, &drawn.arena, error));
  TESTUDO_I_TRY(take_models(&drawn, name, error));
  TESTUDO_I_TRY(check_law(&drawn, name, error));
  fit_script(plot, &drawn);
  return TESTUDO_OK;
}
