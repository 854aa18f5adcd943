/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A result of stragglers: the mean error above, the worst found and its bound below, over the number of stragglers. */
#include "plot/draw.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "stragglers/stragglers.h"

enum { MOST_CURVES = 24, MOST_POINTS = 2000 };

static testudo_status check_curves(const cli_stragglers *all, const char *name, testudo_error *error)
{
  if (all->curves < 1 || all->curves > MOST_CURVES)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: curves: has %zu entries, but 1..%d are drawn", name,
                          all->curves, MOST_CURVES);
  for (size_t k = 0; k < all->curves; k++) {
    const cli_curve *curve = &all->curve[k];
    if (curve->about.name == NULL || (int)curve->decoder < 0 || curve->about.chunks < 1)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: curves[%zu]: design or decoder is missing", name, k);
    if (curve->count < 1 || curve->count > MOST_POINTS)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: curves[%zu].points: has %zu entries, but 1..%d are drawn",
                            name, k, curve->count, MOST_POINTS);
    for (size_t p = 0; p < curve->count; p++)
      if (!isfinite(curve->left[p].error.mean + curve->left[p].error.worst + curve->left[p].error.bound))
        return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: curves[%zu].points[%zu]: mean, worst or bound is"
                              " missing", name, k, p);
      else if (curve->left[p].error.mean < 0.0 || curve->left[p].error.worst < 0.0)
        return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: curves[%zu].points[%zu]: an error is below 0", name, k,
                              p);
  }
  return TESTUDO_OK;
}

/* ---- drawing ---- */

/* Curves of one design have one colour; decoders differ in their dashes. */
static void put_error_line(const cli_plot *plot, const cli_curve *curve, size_t k, size_t colour, bool worst)
{
  FILE *script = plot->script;
  bool one_step = curve->decoder == TESTUDO_DECODER_ONE_STEP;
  char title[200];
  snprintf(title, sizeof title, "%.120s, %.40s", curve->about.name, testudo_decoder_name(curve->decoder));
  fprintf(script, "$left%zu using %s with linespoints pointtype 7 pointsize 0.3 linewidth 2.2 dashtype %d linecolor"
          " rgb '%s' ", k, worst ? "1:3" : "1:2", one_step ? 2 : 1, plot_colour(colour));
  if (worst) {
    fputs("title ", script);
    plot_quote(plot, title);
  } else
    fputs("notitle", script);
  fputs(", ", script);
}

static void put_panel(const cli_plot *plot, const cli_curve *curve, size_t curves, bool worst)
{
  FILE *script = plot->script;
  size_t colour = 0;
  fputs("plot ", script);
  for (size_t k = 0; k < curves; k++) {
    colour += k > 0 && strcmp(curve[k].about.name, curve[k - 1].about.name) != 0;
    put_error_line(plot, &curve[k], k, colour, worst);
    if (worst)
      fprintf(script, "$left%zu using 1:4 with lines linewidth 1 dashtype 3 linecolor rgb '%s' notitle, ", k,
              plot_colour(colour));
  }
  fputs(worst ? "NaN with lines linewidth 1 dashtype 3 linecolor rgb '" PLOT_BLACK "' title 'bound'\n" : "NaN"
                " notitle\n",
        script);
}

static void stragglers_script(const cli_plot *plot, const cli_curve *curve, size_t curves)
{
  FILE *script = plot->script;
  double most = 0.0;
  for (size_t k = 0; k < curves; k++) {
    fprintf(script, "$left%zu << EOD\n", k);
    for (size_t p = 0; p < curve[k].count; p++) {
      const testudo_straggler_error *left = &curve[k].left[p].error;
      double chunks = curve[k].about.chunks;
      fprintf(script, "%d %.9g %.9g %.9g\n", left->stragglers, left->mean / chunks, left->worst / chunks,
              left->bound / chunks);
      most = fmax(most, left->worst / chunks);
    }
    fputs("EOD\n", script);
  }
  fprintf(script, "set multiplot\nset lmargin 10\nset rmargin 3\nset size 1,0.42\nset origin 0,0.58\nset yrange [0:*]\n"
                  "set title 'Mean error over random stragglers' noenhanced\nset xlabel 'stragglers'\n"
                  "set ylabel 'error / chunks'\nunset key\n");
  put_panel(plot, curve, curves, false);
  fprintf(script, "set xlabel \"stragglers\\n \"\nset size 1,0.58\nset origin 0,0\nset yrange [0:%.9g]\nset title"
                  " 'Worst stragglers found (lines) and bound (dots)' noenhanced\nset key below center horizontal"
                  " maxcols 2 Left reverse noenhanced"
                  " samplen 2.5 font ',9'\n", most > 0.0 ? fmin(1.25 * most, fmax(1.05, 1.1 * most)) : 1.0);
  put_panel(plot, curve, curves, true);
  fputs("unset multiplot\n", script);
}

testudo_status draw_stragglers(cli_plot *plot, const testudo_i_json_document *document, testudo_error *error)
{
  cli_stragglers all = {.curves = 0};
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  TESTUDO_I_TRY(fields_read(document, testudo_i_json_root(document), "", stragglers_fields, &all, &arena, error));
  TESTUDO_I_TRY(check_curves(&all, testudo_i_json_name(document), error));
  stragglers_script(plot, all.curve, all.curves);
  return TESTUDO_OK;
}
