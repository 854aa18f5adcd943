/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A result of analyze, simulate or validate as a picture: the law of the completion time, and the error. */
#include "plot/draw.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "plot/curves.h"
#include "runtime/scheme/scheme.h"

/* Where the picture's time axis ends: a heavy tail would leave the rest no room. */
static double result_end(const cli_curves *curves)
{
  const cli_list *p = curves->p.count > 0 ? &curves->p : &curves->lower;
  double last = 1.0;
  if (curves->histogram != NULL)
    last = curves->histogram->edge[curves->histogram->bins];
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
  const histogram_result *histogram = curves->histogram;
  const double *edge = histogram->edge;
  fputs("$bins << EOD\n", script);
  for (int64_t k = 0; k < histogram->bins; k++) {
    double width = edge[k + 1] - edge[k], middle = 0.5 * (edge[k] + edge[k + 1]), per = discrete ? 1.0 : width;
    double exact = histogram->probability != NULL ? histogram->probability[k] / per : 0.0;
    fprintf(script, "%.9g %.9g %.9g %.9g\n", middle, (double)histogram->count[k] / curves->trials / per, width, exact);
  }
  fprintf(script, "EOD\nset key top right\nset ylabel '%s'\nset yrange [0:*]\n",
          discrete ? "probability of a bin" : "density (1/s)");
  result_mean(script, curves);
  fprintf(script, "plot $bins using 1:2:3 with boxes linecolor rgb '" PLOT_SKY "' title 'simulated, %.0f trials'",
          curves->trials);
  if (histogram->probability != NULL)
    fprintf(script, ", $bins using 1:4 with %s linewidth 2 linecolor rgb '" PLOT_RED "' title 'exact'",
            discrete ? "histeps" : "lines");
  put_mean_key(script, curves);
}

/* Lines of two columns, or with z of three; without those in which a number is not finite. */
static void put_block(FILE *script, const char *name, cli_list x, cli_list y, const double *z)
{
  fprintf(script, "%s << EOD\n", name);
  for (size_t k = 0; k < y.count; k++)
    if (isfinite(x.value[k]) && isfinite(y.value[k]) && (z == NULL || isfinite(z[k]))) {
      fprintf(script, "%.9g %.9g", x.value[k], y.value[k]);
      fprintf(script, z == NULL ? "\n" : " %.9g\n", z == NULL ? 0.0 : z[k]);
    }
  fputs("EOD\n", script);
}

static void put_distribution(FILE *script, const cli_curves *curves, bool discrete)
{
  bool exact = curves->p.count > 0;
  fputs("set key bottom right\nset ylabel 'P(T ≤ t)'\nset yrange [0:1.02]\n", script);
  result_mean(script, curves);
  put_block(script, "$law", curves->time, exact ? curves->p : curves->lower, exact ? NULL : curves->upper.value);
  if (curves->sim_p.count > 0)
    put_block(script, "$sim", curves->sim_time, curves->sim_p, NULL);
  if (exact)
    fprintf(script, "plot $law using 1:2 with %s linewidth 2.5 linecolor rgb '" PLOT_BLUE "' title 'exact'",
            discrete ? "steps" : "lines");
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

static void result_error(FILE *script, const cli_curves *curves, bool discrete)
{
  bool curve = curves->mse.count > 60;
  const char *style = curve && discrete ? "steps" : curve ? "lines" : "linespoints pointtype 7 pointsize 0.5";
  fputs("unset arrow 1\nunset object 1\nset key top right\nset ylabel 'nmse: error / (N l)'\n", script);
  put_error_axis(script, curves);
  put_block(script, "$error", curves->error_time, curves->mse, NULL);
  put_block(script, "$deadline", curves->sim_error_time, curves->sim_mse, NULL);
  fputs("plot ", script);
  if (curves->mse.count > 0)
    fprintf(script, "$error using 1:2 with %s linewidth 2.5 linecolor rgb '" PLOT_GREEN
                    "' title 'expected error of stopping at t, exact'%s", style, curves->sim_mse.count > 0 ? ", " : "");
  if (curves->sim_mse.count > 0)
    fputs("$deadline using 1:2 with points pointtype 6 pointsize 1.1 linewidth 2 linecolor rgb '" PLOT_RED
          "' title 'error of stopping at t, simulated'", script);
  fputc('\n', script);
}

/* What is not as by default, each after a comma: two pictures that differ say so. */
static void list_conditions(const head_result *head, double round_up, char *text, size_t room)
{
  const testudo_i_scheme *scheme = head->design.scheme == NULL ? NULL : testudo_i_scheme_by_name(head->design.scheme);
  delay_terms_write(&head->delay, text, room);
  bool whole = head->report == TESTUDO_REPORT_WHOLE;
  if (head->report >= 0 && scheme != NULL && whole != (scheme->report == TESTUDO_REPORT_WHOLE))
    snprintf(text + strlen(text), room - strlen(text), whole ? ", whole workers only" : ", every chunk counts");
  if (round_up > 0.0)
    snprintf(text + strlen(text), room - strlen(text), ", times rounded up to %.4g s", round_up);
}

static void result_title(const cli_plot *plot, const head_result *head, double round_up)
{
  FILE *script = plot->script;
  char title[512] = "", conditions[300] = "";
  const char *name = head->design.name == NULL ? "" : head->design.name, *model = head->design.model;
  snprintf(title, sizeof title, "%.150s", name);
  if (model != NULL && strstr(title, model) == NULL)
    snprintf(title + strlen(title), sizeof title - strlen(title), " (%.30s)", model);
  if (head->delay.law != NULL)
    snprintf(title + strlen(title), sizeof title - strlen(title), " under %.150s", head->delay.law);
  if (head->delay.replay != NULL)
    snprintf(title + strlen(title), sizeof title - strlen(title), ", replay of %.150s", head->delay.replay);
  else if (head->delay.structure >= 0)
    snprintf(title + strlen(title), sizeof title - strlen(title), ", %s",
             testudo_i_structure_names[head->delay.structure]);
  plot_heading(plot, title);
  if (plot->look.title != NULL)
    return;
  list_conditions(head, round_up, conditions, sizeof conditions);
  if (conditions[0] == '\0')
    return;
  fputs(".\"\\n\".", script);
  plot_quote(plot, conditions + 2);
}

/* ---- reading ---- */

typedef struct drawn_result {
  head_result head;
  law_result analyzed, simulated;
  bool has_analyzed, has_simulated;
  double round_up;
  testudo_i_arena *arena; /* lent */
} drawn_result;

static const field rounding_fields[] = {{FIELD(drawn_result, round_up)}, {.key = NULL}};

/* Of validate both laws, of analyze and simulate the one that it is. */
static testudo_status read_laws(drawn_result *drawn, const testudo_i_json_document *document, testudo_error *error)
{
  const testudo_i_json_value *root = testudo_i_json_root(document);
  const testudo_i_json_value *analyzed = testudo_i_json_member(root, "analyze");
  const testudo_i_json_value *simulated = testudo_i_json_member(root, "simulate");
  bool both = analyzed != NULL && simulated != NULL;
  if (!both && testudo_i_json_member(root, "latency") == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT,
                          "%s: neither a design nor a delay file nor a result of analyze, simulate, validate, compare,"
                          " stragglers, sgd or fit",
                          testudo_i_json_name(document));
  TESTUDO_I_TRY(fields_read(document, both ? simulated : root, both ? "simulate" : "", law_fields, &drawn->simulated,
                            drawn->arena, error));
  drawn->has_simulated = both || drawn->simulated.trials >= 0;
  drawn->has_analyzed = both || !drawn->has_simulated;
  if (both)
    return fields_read(document, analyzed, "analyze", law_fields, &drawn->analyzed, drawn->arena, error);
  drawn->analyzed = drawn->simulated;
  return TESTUDO_OK;
}

static testudo_status read_result(drawn_result *drawn, cli_curves *curves, const testudo_i_json_document *document,
                                  testudo_error *error)
{
  const testudo_i_json_value *root = testudo_i_json_root(document);
  TESTUDO_I_TRY(read_laws(drawn, document, error));
  TESTUDO_I_TRY(fields_read(document, root, "", head_fields, &drawn->head, drawn->arena, error));
  TESTUDO_I_TRY(fields_read(document, root, "", rounding_fields, drawn, drawn->arena, error));
  curves_fill(curves, drawn->has_analyzed ? &drawn->analyzed : NULL, drawn->has_simulated ? &drawn->simulated : NULL);
  return curves_check(curves, testudo_i_json_name(document), error);
}

static void result_script(const cli_plot *plot, const drawn_result *drawn, const cli_curves *curves)
{
  FILE *script = plot->script;
  bool errors = curves->mse.count + curves->sim_mse.count > 0, discrete = drawn->head.delay.discrete;
  fprintf(script, "set multiplot layout %d,1 title ", errors ? 2 : 1);
  result_title(plot, &drawn->head, drawn->round_up);
  fputs(" noenhanced offset 0,-0.3\nset lmargin 11\nset rmargin 3\n", script);
  fprintf(script, "set xrange [0:%.9g]\n", result_end(curves));
  fputs("set xlabel 'completion time T (s)'\n", script);
  if (curves->histogram != NULL && (curves->histogram->probability != NULL || curves->lower.count == 0))
    put_density(script, curves, discrete);
  else
    put_distribution(script, curves, discrete);
  if (errors) {
    fputs("set xlabel 'deadline t (s)'\n", script);
    result_error(script, curves, discrete);
  }
  fputs("unset multiplot\n", script);
}

testudo_status draw_result(cli_plot *plot, const testudo_i_json_document *document, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  drawn_result drawn = {.arena = &arena};
  cli_curves curves;
  TESTUDO_I_TRY(read_result(&drawn, &curves, document, error));
  result_script(plot, &drawn, &curves);
  return TESTUDO_OK;
}
