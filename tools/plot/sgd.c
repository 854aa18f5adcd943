/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A result of sgd: the loss of every method against time, and against the bits sent. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "plot/draw.h"
#include "plot/losses.h"

enum { SGD_DRAWN = 28 }; /* four dashes of each colour */

/* Of the means; intervals may be cut. */
static void find_range(const sgd_result *result, size_t methods, double *least, double *most)
{
  *least = HUGE_VAL;
  *most = 0.0;
  for (size_t m = 0; m < methods; m++)
    for (int64_t k = 0; loss_is_drawn(&result->method[m]) && k < result->method[m].count; k++) {
      double loss = loss_above(result, result->method[m].loss.mean[k]);
      if (!(loss > 0.0) || !isfinite(loss))
        continue;
      *least = fmin(*least, loss);
      *most = fmax(*most, loss);
    }
  /* What diverges must not squeeze the rest. */
  double start = loss_above(result, result->data.start_loss);
  if (start > 0.0 && *most > 100.0 * start)
    *most = 100.0 * start;
  if (!(*least < *most))
    *least = (*most = *most > 0.0 ? *most : 1.0) / 10.0;
}

static void put_method(FILE *script, const sgd_result *result, size_t m)
{
  const sgd_method_result *row = &result->method[m];
  fprintf(script, "$method%zu << EOD\n", m);
  for (int64_t k = 0; k < row->count; k++) {
    double mean = loss_above(result, row->loss.mean[k]);
    bool band = row->loss.low != NULL && isfinite(row->loss.low[k]) && isfinite(row->loss.high[k]);
    double low = band ? loss_above(result, row->loss.low[k]) : mean;
    double high = band ? loss_above(result, row->loss.high[k]) : mean;
    double bound = row->bound != NULL ? loss_above(result, row->bound[k]) : NAN;
    if (mean > 0.0 && isfinite(mean))
      fprintf(script, "%.9g %.9g %.9g %.9g %.9g %.9g\n", row->time[k], mean, low > 0.0 ? low : 1e-3 * mean, high,
              row->bits != NULL ? row->bits[k] : NAN, bound);
  }
  fputs("EOD\n", script);
}

/* Bounds are thin and dotted. The key of a panel has room for half of the methods: above the first half, below the
   second. */
static void put_lines(const cli_plot *plot, const sgd_result *result, size_t methods, int x)
{
  FILE *script = plot->script;
  bool first = true;
  size_t half = methods <= 8 ? methods : (methods + 1) / 2;
  fputs("plot ", script);
  for (size_t m = 0; m < methods && x == 1; m++)
    if (loss_is_drawn(&result->method[m])) {
      fprintf(script, "%s$method%zu using 1:3:4 with filledcurves fillcolor rgb '%s' fillstyle transparent solid 0.2"
                      " noborder notitle", first ? "" : ", ", m, plot_colour(m));
      first = false;
    }
  for (size_t m = 0; m < methods && x == 1; m++)
    if (loss_is_drawn(&result->method[m]) && result->method[m].bound != NULL)
      fprintf(script, ", $method%zu using 1:6 with lines linewidth 1 dashtype 3 linecolor rgb '%s' notitle", m,
              plot_colour(m));
  for (size_t m = 0; m < methods; m++)
    if (loss_is_drawn(&result->method[m])) {
      fprintf(script, "%s$method%zu using %d:2 with lines linewidth 2.2 dashtype %zu linecolor rgb '%s' title ",
              first ? "" : ", ", m, x, 1 + m / PLOT_COLOURS, plot_colour(m));
      bool named = (m < half) == (x == 1);
      plot_quote(plot, !named ? "" : result->method[m].text == NULL ? "?" : result->method[m].text);
      first = false;
    }
  fputc('\n', script);
}

/* Two lines: what is learned, and on which cluster. */
static void put_title(const cli_plot *plot, const sgd_result *result)
{
  FILE *script = plot->script;
  char learned[160], model[512] = "";
  const delay_result *delay = &result->delay;
  losses_title(result, learned, sizeof learned);
  bool bounds = false;
  for (size_t m = 0; m < result->methods; m++)
    bounds = bounds || result->method[m].bound != NULL;
  if (bounds)
    snprintf(learned + strlen(learned), sizeof learned - strlen(learned), "; dotted: bounds");
  if (delay->replay != NULL)
    snprintf(model, sizeof model, "replay of %.100s", delay->replay);
  else if (delay->law != NULL)
    snprintf(model, sizeof model, "%.100s%s%s", delay->law, delay->structure >= 0 ? ", " : "",
             delay->structure >= 0 ? testudo_i_structure_names[delay->structure] : "");
  delay_terms_write(delay, model + strlen(model), sizeof model - strlen(model));
  fputs("set multiplot layout 2,1 title ", script);
  plot_heading(plot, learned);
  if (plot->look.title == NULL) {
    fputs(".\"\\n\".", script);
    plot_quote(plot, model);
  }
  fprintf(script, " noenhanced font ',%d'\n", strlen(model) > 110 ? 7 : 10);
}

/* A panel for time, and below it one for bits, each with its half of the names beside it. */
static void put_panels(const cli_plot *plot, const sgd_result *result, size_t methods)
{
  FILE *script = plot->script;
  double least, most, end = 0.0;
  size_t longest = 0;
  for (size_t m = 0; m < methods; m++)
    if (result->method[m].text != NULL && strlen(result->method[m].text) > longest)
      longest = strlen(result->method[m].text);
  for (size_t m = 0; m < methods; m++)
    if (loss_is_drawn(&result->method[m]))
      end = fmax(end, result->method[m].time[result->method[m].count - 1]);
  find_range(result, methods, &least, &most);
  fprintf(script,
          "set logscale y\nset format y '10^{%%T}'\nset yrange [%.9g:%.9g]\nset lmargin 10\n"
          "set rmargin at screen 0.70\nset key at screen 0.72, screen 0.9 left top vertical maxcols 1 Left"
          " reverse noenhanced samplen 2 font ',%d'\nset xlabel 'time (s)'\nset xrange [0:%.9g]\nset ylabel '%s'\n",
          0.5 * least, 1.5 * most, methods > 16 || longest > 42 ? 6 : longest > 32 ? 7 : 8, end,
          isfinite(result->data.optimum) ? "loss above the optimum" : "loss");
  put_lines(plot, result, methods, 1);
  fputs("set key at screen 0.72, screen 0.44\nset xlabel 'bits that have arrived'\nset autoscale x\n"
        "set logscale x\nset format x '10^{%T}'\n", script);
  put_lines(plot, result, methods, 5);
}

testudo_status draw_sgd(cli_plot *plot, const testudo_i_json_document *document, testudo_error *error)
{
  FILE *script = plot->script;
  TESTUDO_I_HELD(losses_clear) drawn_losses losses = {.count = 0};
  TESTUDO_I_TRY(losses_add(&losses, document, error));
  const sgd_result *result = losses.loss[0].result;
  size_t methods = result->methods < SGD_DRAWN ? result->methods : SGD_DRAWN;
  for (size_t m = 0; m < methods; m++)
    put_method(script, result, m);
  put_title(plot, result);
  put_panels(plot, result, methods);
  fputs("unset multiplot\n", script);
  return TESTUDO_OK;
}
