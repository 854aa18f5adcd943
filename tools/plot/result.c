/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A result of analyze, simulate or validate as a picture: the law of the completion time, and the error. */
#include "plot/draw.h"

#include <math.h>
#include <string.h>

#include "delay/grammar.h"
#include "plot/curves.h"
#include "runtime/scheme/scheme.h"

/* Where the picture's time axis ends: a heavy tail would leave the rest no room. */
static double result_end(const cli_curves *curves)
{
  const cli_list *p = curves->p.count > 0 ? &curves->p : &curves->lower;
  double last = 1.0;
  if (curves->edge.count > 0)
    last = curves->edge.value[curves->edge.count - 1];
  else
    for (size_t k = p->count; k-- > 0 && p->value[k] >= 0.997 * p->value[p->count - 1];)
      last = curves->time.value[k];
  return isfinite(last) && last > 0.0 ? 1.02 * last : 1.0;
}

/* The interval of a mean that is only bounded. */
#define PLOT_INTERVAL "#fbe3b5"

static bool is_mean_bounded(const cli_curves *curves)
{
  return isfinite(curves->mean_lower) && isfinite(curves->mean_upper);
}

static void result_mean(FILE *script, const cli_curves *curves)
{
  if (isfinite(curves->mean))
    fprintf(script, "set arrow 1 from %.9g, graph 0 to %.9g, graph 1 nohead front dashtype 2 linewidth 1.5"
                    " linecolor rgb '" PLOT_BLACK "'\n", curves->mean, curves->mean);
  if (is_mean_bounded(curves))
    fprintf(script, "set object 1 rectangle from %.9g, graph 0 to %.9g, graph 1 behind fillcolor rgb '" PLOT_INTERVAL
                    "' fillstyle solid 1.0 border linecolor rgb '" PLOT_INTERVAL "'\n", curves->mean_lower,
            curves->mean_upper);
}

static void put_mean_key(FILE *script, const cli_curves *curves)
{
  if (isfinite(curves->mean))
    fprintf(script, ", NaN with lines dashtype 2 linewidth 1.5 linecolor rgb '" PLOT_BLACK "' title 'mean%s %.4g s'",
            curves->mean_simulated ? " (simulated)" : "", curves->mean);
  if (is_mean_bounded(curves))
    fprintf(script, ", NaN with filledcurves fillcolor rgb '" PLOT_INTERVAL "' title 'mean between %.4g and %.4g s'",
            curves->mean_lower, curves->mean_upper);
  fputc('\n', script);
}

/* Simulated boxes of density, and the exact probability of the same bins. */
static void put_density(FILE *script, const cli_curves *curves, bool discrete)
{
  const double *edge = curves->edge.value;
  fputs("$bins << EOD\n", script);
  for (size_t k = 0; k < curves->count.count; k++) {
    double width = edge[k + 1] - edge[k], middle = 0.5 * (edge[k] + edge[k + 1]);
    double exact = curves->bin.count > 0 ? curves->bin.value[k] / width : 0.0;
    fprintf(script, "%.9g %.9g %.9g %.9g\n", middle, curves->count.value[k] / curves->trials / width, width, exact);
  }
  fputs("EOD\nset key top right\nset ylabel 'density (1/s)'\nset yrange [0:*]\n", script);
  result_mean(script, curves);
  fprintf(script, "plot $bins using 1:2:3 with boxes linecolor rgb '" PLOT_SKY "' title 'simulated, %.0f trials'",
          curves->trials);
  if (curves->bin.count > 0)
    fprintf(script, ", $bins using 1:4 with %s linewidth 2 linecolor rgb '" PLOT_RED "' title 'exact'",
            discrete ? "histeps" : "lines");
  put_mean_key(script, curves);
}

static void put_distribution(FILE *script, const cli_curves *curves)
{
  bool exact = curves->p.count > 0;
  fputs("set key bottom right\nset ylabel 'P(T ≤ t)'\nset yrange [0:1.02]\n", script);
  result_mean(script, curves);
  if (exact)
    plot_block(script, "$law", curves->time.value, curves->p.value, NULL, curves->p.count);
  else
    plot_block(script, "$law", curves->time.value, curves->lower.value, curves->upper.value, curves->lower.count);
  if (curves->sim_p.count > 0)
    plot_block(script, "$sim", curves->sim_time.value, curves->sim_p.value, NULL, curves->sim_p.count);
  if (exact)
    fputs("plot $law using 1:2 with lines linewidth 2.5 linecolor rgb '" PLOT_BLUE "' title 'exact'", script);
  else
    fputs("plot $law using 1:2:3 with filledcurves fillcolor rgb '" PLOT_SKY "' title 'between rigorous bounds',"
          " $law using 1:2 with lines linewidth 1.2 linecolor rgb '" PLOT_BLUE "' notitle,"
          " $law using 1:3 with lines linewidth 1.2 linecolor rgb '" PLOT_BLUE "' notitle", script);
  if (curves->sim_p.count > 0)
    fprintf(script, ", $sim using 1:2 with lines linewidth 2 linecolor rgb '" PLOT_RED
                    "' title 'simulated, %.0f trials'", curves->trials);
  put_mean_key(script, curves);
}

/* Errors fall by many powers of ten: a logarithmic axis where they do. */
static void put_error_axis(FILE *script, const cli_curves *curves)
{
  double most = 0.0, least = 1.0, end = result_end(curves);
  const cli_list *lists[] = {&curves->mse, &curves->sim_mse};
  const cli_list *times[] = {&curves->error_time, &curves->sim_error_time};
  for (int i = 0; i < 2; i++)
    for (size_t k = 0; k < lists[i]->count && times[i]->value[k] <= end; k++) {
      double value = lists[i]->value[k];
      most = value > most ? value : most;
      least = value > 1e-8 && value < least ? value : least;
    }
  if (most > 100.0 * least)
    fprintf(script, "set logscale y\nset format y '10^{%%T}'\nset yrange [%.9g:%.9g]\n", 0.5 * least, 2.0 * most);
  else
    fputs("set yrange [0:*]\n", script);
}

static void result_error(FILE *script, const cli_curves *curves)
{
  const char *style = curves->mse.count > 60 ? "lines" : "linespoints pointtype 7 pointsize 0.5";
  fputs("unset arrow 1\nunset object 1\nset key top right\nset ylabel 'error / (N l)'\n", script);
  put_error_axis(script, curves);
  plot_block(script, "$error", curves->error_time.value, curves->mse.value, NULL, curves->mse.count);
  plot_block(script, "$deadline", curves->sim_error_time.value, curves->sim_mse.value, NULL, curves->sim_mse.count);
  fputs("plot ", script);
  if (curves->mse.count > 0)
    fprintf(script, "$error using 1:2 with %s linewidth 2.5 linecolor rgb '" PLOT_GREEN
                    "' title 'expected error of stopping at t, exact'%s", style, curves->sim_mse.count > 0 ? ", " : "");
  if (curves->sim_mse.count > 0)
    fputs("$deadline using 1:2 with points pointtype 6 pointsize 1.1 linewidth 2 linecolor rgb '" PLOT_RED
          "' title 'error of stopping at t, simulated'", script);
  fputc('\n', script);
}

static const char *text_at(const testudo_i_json_value *root, const char *part, const char *key)
{
  return curves_text(curves_member(root, part), key);
}

/* Laws with atoms have no density to draw a smooth line of. Earlier results do not say it, but their law does. */
static bool is_discrete(const testudo_i_json_value *root)
{
  const testudo_i_json_value *delay = testudo_i_json_member(root, "delay"), *told = NULL;
  if (delay != NULL && testudo_i_json_kind_of(delay) == TESTUDO_I_JSON_OBJECT)
    told = testudo_i_json_member(delay, "discrete");
  if (told != NULL && testudo_i_json_kind_of(told) == TESTUDO_I_JSON_BOOLEAN)
    return testudo_i_json_boolean(told);
  const char *law = text_at(root, "delay", "law"), *of_file = text_at(root, "delay", "law_of_file");
  law = of_file != NULL ? of_file : law;
  return law != NULL && testudo_i_law_text_is_discrete(law);
}

/* What is not as by default, each after a comma: two pictures that differ say so. */
static void list_conditions(const testudo_i_json_value *root, char *text, size_t room)
{
  const testudo_i_json_value *delay = curves_member(root, "delay"), *rates = curves_member(delay, "rates");
  const char *name = text_at(root, "design", "scheme"), *report = curves_text(root, "report");
  const testudo_i_scheme *scheme = name == NULL ? NULL : testudo_i_scheme_by_name(name);
  double failed = curves_number(delay, "failed"), prob = curves_number(delay, "fail_prob");
  double step = curves_number(root, "round_up"); /* NAN where there is none: not above 0 */
  if (failed > 0.0)
    snprintf(text, room, ", exactly %.0f failed", failed);
  if (prob > 0.0)
    snprintf(text + strlen(text), room - strlen(text), ", fail prob %.4g", prob);
  if (rates != NULL && testudo_i_json_kind_of(rates) == TESTUDO_I_JSON_ARRAY)
    snprintf(text + strlen(text), room - strlen(text), ", rates given");
  bool whole = report != NULL && strcmp(report, "whole") == 0;
  if (report != NULL && scheme != NULL && whole != (scheme->report == TESTUDO_REPORT_WHOLE))
    snprintf(text + strlen(text), room - strlen(text), whole ? ", whole workers only" : ", every chunk counts");
  if (step > 0.0)
    snprintf(text + strlen(text), room - strlen(text), ", times rounded up to %.4g s", step);
}

static void result_title(FILE *script, const testudo_i_json_value *root)
{
  static const char *const path[][3] = {
      {"design", "name", ""}, {"delay", "law", " under "}, {"delay", "structure", ", "}};
  char title[512] = "";
  for (size_t k = 0; k < sizeof path / sizeof *path; k++) {
    const char *text = text_at(root, path[k][0], path[k][1]);
    if (text != NULL)
      snprintf(title + strlen(title), sizeof title - strlen(title), "%s%.150s", path[k][2], text);
    if (k == 0 && text_at(root, "design", "model") != NULL && strstr(title, "working model") == NULL)
      snprintf(title + strlen(title), sizeof title - strlen(title), " (%.30s)", text_at(root, "design", "model"));
  }
  plot_quote(script, title);
  char conditions[300] = "";
  list_conditions(root, conditions, sizeof conditions);
  if (conditions[0] == '\0')
    return;
  fputs(".\"\\n\".", script);
  plot_quote(script, conditions + 2);
}

testudo_status draw_result(cli_plot *plot, const testudo_i_json_document *document, testudo_error *error)
{
  FILE *script = plot->script;
  cli_curves curves;
  const testudo_i_json_value *root = testudo_i_json_root(document);
  testudo_status status = curves_read(&curves, root, testudo_i_json_name(document), error);
  if (status == TESTUDO_OK) {
    bool errors = curves.mse.count + curves.sim_mse.count > 0;
    fprintf(script, "set multiplot layout %d,1 title ", errors ? 2 : 1);
    result_title(script, root);
    fputs(" noenhanced offset 0,-0.3\nset lmargin 11\nset rmargin 3\n", script);
    fprintf(script, "set xrange [0:%.9g]\n", result_end(&curves));
    fputs("set xlabel 'completion time T (s)'\n", script);
    if (curves.count.count > 0 && (curves.bin.count > 0 || curves.lower.count == 0))
      put_density(script, &curves, is_discrete(root));
    else
      put_distribution(script, &curves);
    if (errors) {
      fputs("set xlabel 'deadline t (s)'\n", script);
      result_error(script, &curves);
    }
    fputs("unset multiplot\n", script);
  }
  curves_free(&curves);
  return status;
}
