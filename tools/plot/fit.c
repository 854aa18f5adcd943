/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fit: the empirical law of a trace against the fitted ones, and their tails, where stragglers are. */
#include "plot/draw.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "common/fit_fields.h"
#include "delay/grammar.h"

enum { POINTS = 400, MOST_MODELS = 8 };

/* One look per law, distinguished by colour and by dashes; the same law always has the same. */
static const struct {
  const char *name, *colour;
  int dash;
} looks[] = {{"exp", PLOT_ORANGE, 3}, {"shifted-exp", PLOT_GREEN, 2}, {"lognormal", PLOT_RED, 1},
             {"pareto", PLOT_BLUE, 4}, {"deterministic", PLOT_GREY, 1}};

typedef struct cli_drawn {
  fit_result fit;
  testudo_law *law[MOST_MODELS];
  size_t look[MOST_MODELS], laws;
  testudo_i_arena arena;
} cli_drawn;

static testudo_status take_law(cli_drawn *drawn, const char *text, const char *name, size_t k, testudo_error *error)
{
  testudo_law *law = NULL;
  testudo_status status =
      testudo_i_law_file(text) != NULL ? TESTUDO_ERROR_ARGUMENT : testudo_law_parse(text, &law, error);
  size_t look = 0, count = sizeof looks / sizeof *looks;
  while (law != NULL && look < count && strcmp(looks[look].name, testudo_i_law_name(law)) != 0)
    look++;
  if (look == count) {
    testudo_law_free(law);
    status = TESTUDO_ERROR_ARGUMENT;
  }
  if (status == TESTUDO_ERROR_ARGUMENT)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: models[%zu].law: is not a law that fit writes", name, k);
  TESTUDO_I_TRY(status);
  drawn->look[drawn->laws] = look;
  drawn->law[drawn->laws++] = law;
  return TESTUDO_OK;
}

static testudo_status take_models(cli_drawn *drawn, const char *name, testudo_error *error)
{
  size_t count = drawn->fit.fit.models;
  if (count == 0 || count > MOST_MODELS)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: models: must be a list of 1..%d laws, as fit writes it",
                          name, MOST_MODELS);
  for (size_t k = 0; k < count; k++)
    TESTUDO_I_TRY(take_law(drawn, drawn->fit.fit.model[k].law, name, k, error));
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

/* What is drawn spans the trace with some room. */
static void range_of(const cli_drawn *drawn, double *least, double *most)
{
  const ecdf_result *ecdf = &drawn->fit.ecdf;
  double first = ecdf->t[0], last = ecdf->t[ecdf->count - 1];
  double room = fmax(0.06 * (last - first), 0.02 * last);
  *least = fmax(0.0, first - room);
  *most = last + room;
}

static void fit_blocks(FILE *script, const cli_drawn *drawn, double least, double most)
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

static void plot_column(FILE *script, const cli_drawn *drawn, int column, bool key)
{
  fprintf(script, "plot $data using 1:%d with steps linewidth 2.2 linecolor rgb '" PLOT_BLACK "' %s", column,
          key ? "title 'trace'" : "notitle");
  for (size_t m = 0; m < drawn->laws; m++) {
    char law[128];
    testudo_i_law_abbreviate(drawn->law[m], law, sizeof law);
    fprintf(script, ", $law%zu using 1:%d with lines linewidth %s dashtype %d linecolor rgb '%s' ", m, column,
            m == 0 ? "3" : "2", looks[drawn->look[m]].dash, looks[drawn->look[m]].colour);
    if (key)
      fprintf(script, "title '%s%s' noenhanced", law, m == 0 ? " (best)" : "");
    else
      fputs("notitle", script);
  }
  fputc('\n', script);
}

static void fit_title(FILE *script, const fit_result *fit)
{
  char title[400];
  int length = snprintf(title, sizeof title, "Laws fitted to %.200s", fit->trace == NULL ? "a trace" : fit->trace);
  if (fit->fit.samples >= 0)
    snprintf(title + length, sizeof title - (size_t)length, ", %lld rows", (long long)fit->fit.samples);
  plot_quote(script, title);
}

/* The key stands beside the curves, where no data are. */
static void fit_script(FILE *script, const cli_drawn *drawn)
{
  double least, most;
  range_of(drawn, &least, &most);
  fit_blocks(script, drawn, least, most);
  fputs("set multiplot layout 2,1 title ", script);
  fit_title(script, &drawn->fit);
  fprintf(script, " noenhanced offset 0,-0.3\nset lmargin 11\nset rmargin 35\nset xrange [%.9g:%.9g]\n", least, most);
  fputs("set xlabel 'chunk time t (s)'\nset ylabel 'P(X ≤ t)'\nset yrange [0:1.02]\n"
        "set key outside right top Left reverse samplen 2.5 spacing 1.3\n", script);
  plot_column(script, drawn, 2, true);
  const ecdf_result *ecdf = &drawn->fit.ecdf;
  double last = ecdf->count > 1 ? 1.0 - ecdf->p[ecdf->count - 2] : 0.5;
  fprintf(script, "unset key\nset logscale y\nset format y '10^{%%T}'\nset ylabel 'P(X > t)'\nset yrange [%.9g:1.5]\n",
          fmin(0.05, 0.3 * last));
  plot_column(script, drawn, 3, false);
  fputs("unset multiplot\n", script);
}

static testudo_status take_fit(cli_drawn *drawn, const testudo_i_json_document *document,
                               const testudo_i_json_value *fit, testudo_error *error)
{
  const char *name = testudo_i_json_name(document);
  TESTUDO_I_TRY(fields_read(document, fit, "", fit_fields, &drawn->fit, &drawn->arena, error));
  TESTUDO_I_TRY(take_models(drawn, name, error));
  return check_law(drawn, name, error);
}

testudo_status draw_fit(cli_plot *plot, const testudo_i_json_document *document, const testudo_i_json_value *fit,
                        testudo_error *error)
{
  cli_drawn drawn;
  memset(&drawn, 0, sizeof drawn);
  testudo_status status = take_fit(&drawn, document, fit, error);
  if (status == TESTUDO_OK)
    fit_script(plot->script, &drawn);
  for (size_t m = 0; m < drawn.laws; m++)
    testudo_law_free(drawn.law[m]);
  testudo_i_arena_clear(&drawn.arena);
  return status;
}
