/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo plot */
#include "commands.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "common/cluster.h"
#include "delay/delay_json.h"
#include "base/number.h"
#include "option/reading.h"
#include "plot/draw.h"
#include "plot/laws.h"
#include "plot/losses.h"
#include "plot/points.h"
#include "runtime/read.h"
#include "runtime/scheme/scheme.h"

static bool is_delay_file(const testudo_i_json_value *root)
{
  const testudo_i_json_value *value = testudo_i_json_member(root, "format");
  return value != NULL && testudo_i_json_kind_of(value) == TESTUDO_I_JSON_STRING &&
         strcmp(testudo_i_json_string(value), TESTUDO_I_DELAY_FORMAT) == 0;
}

/* What is in a file. */
typedef enum plotted_kind { PLOTTED_TRACE, PLOTTED_DESIGN, PLOTTED_FIT, PLOTTED_COMPARISON, PLOTTED_STRAGGLERS,
                            PLOTTED_SGD, PLOTTED_POINTS, PLOTTED_LAW, PLOTTED_STORE, PLOTTED_FIGURE } plotted_kind;

typedef struct plotted_file {
  const char *name;
  plotted_kind kind;
  char *bytes;
  size_t length;
  testudo_i_json_document *document; /* NULL: it is no JSON */
} plotted_file;

typedef struct cli_plotted {
  cli_plot plot;
  plotted_file *file;
  size_t files;
  cli_cluster cluster; /* the design, where that is drawn */
  drawn_laws laws;
  drawn_points points;
  drawn_losses losses;
  figure f;
  plot_look look;
} cli_plotted;

/* ---- what the files are ---- */

/* The command that a result comes from shows in its members. */
static plotted_kind kind_of_result(const testudo_i_json_value *root)
{
  const testudo_i_json_value *rows = testudo_i_json_member(root, "rows"); /* of measure: their number */
  if (is_delay_file(root) || testudo_i_json_member(root, "models") != NULL)
    return PLOTTED_FIT;
  if (testudo_i_json_member(root, "format") != NULL)
    return PLOTTED_DESIGN;
  if (rows != NULL && testudo_i_json_kind_of(rows) != TESTUDO_I_JSON_INTEGER)
    return PLOTTED_COMPARISON;
  if (testudo_i_json_member(root, "curves") != NULL)
    return PLOTTED_STRAGGLERS;
  if (testudo_i_json_member(root, "methods") != NULL)
    return PLOTTED_SGD;
  return testudo_i_json_member(root, "points") != NULL ? PLOTTED_POINTS : PLOTTED_LAW;
}

/* A table is a result of sweep, a figure, or else a trace. */
static testudo_status read_table(plotted_file *file, const cli_arguments *arguments, testudo_error *error)
{
  if (points_begins_csv(file->bytes, file->length)) {
    file->kind = PLOTTED_POINTS;
    return fields_read_csv(file->bytes, file->length, file->name, "points", explore_row_fields, &file->document,
                           error);
  }
  if (cli_reading_given(arguments) == NULL && figure_begins(file->bytes, file->length))
    file->kind = PLOTTED_FIGURE;
  return TESTUDO_OK;
}

/* The content decides: a JSON object is a design, a result or a delay file, with --events a profiler's trace, an SQLite
   database a store, anything else a table. */
static testudo_status read_file(plotted_file *file, const cli_arguments *arguments, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_read_file(file->name, TESTUDO_MAX_FILE_BYTES, &file->bytes, &file->length, error));
  bool json = file->bytes[strspn(file->bytes, " \t\r\n")] == '{' && !cli_given(arguments, "events");
  file->kind = testudo_i_store_begins(file->bytes, file->length) ? PLOTTED_STORE : PLOTTED_TRACE;
  if (!json && file->kind == PLOTTED_TRACE)
    return read_table(file, arguments, error);
  if (!json)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_design_json(file->bytes, file->length, file->name, &file->document, error));
  const testudo_i_json_value *root = testudo_i_json_root(file->document);
  if (testudo_i_json_kind_of(root) != TESTUDO_I_JSON_OBJECT)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: neither a design nor a result", file->name);
  file->kind = kind_of_result(root);
  return TESTUDO_OK;
}

static testudo_status read_files(cli_plotted *plotted, const cli_arguments *arguments, testudo_error *error)
{
  plotted->file = testudo_i_calloc(arguments->operands, sizeof *plotted->file);
  TESTUDO_I_TRY(testudo_i_memory_check(plotted->file != NULL, error));
  for (size_t k = 0; k < arguments->operands; k++) {
    plotted->files++;
    plotted->file[k].name = arguments->operand[k];
    TESTUDO_I_TRY(read_file(&plotted->file[k], arguments, error));
  }
  return TESTUDO_OK;
}

/* ---- one file, one picture ---- */

/* A law in words is that of a share, so that pictures of finer chunks have the same axis. */
static testudo_status draw_iteration(cli_plotted *plotted, const cli_arguments *arguments, testudo_error *error)
{
  cli_cluster *cluster = &plotted->cluster;
  if (!cli_given(arguments, "delay"))
    return cli_refuse(error, "--delay LAW is missing: --timeline needs it, for example --delay deterministic:1");
  cluster->seed = (uint64_t)cli_integer(arguments, "seed", 1);
  cluster->report = testudo_i_scheme_of(cluster->design)->report;
  TESTUDO_I_TRY(cluster_take_model(cluster, arguments, error));
  if (cli_get(arguments, "delay")->terms == NULL)
    cluster->model.unit = TESTUDO_UNIT_SHARE;
  return draw_timeline(&plotted->plot, cluster, error);
}

static testudo_status draw_design(cli_plotted *plotted, plotted_file *file, const cli_arguments *arguments,
                                  testudo_error *error)
{
  int64_t mark = cli_integer(arguments, "mark", -1);
  testudo_i_json_free(file->document);
  file->document = NULL;
  TESTUDO_I_TRY(testudo_design_parse(file->bytes, file->length, file->name, &plotted->cluster.design, error));
  if (cli_given(arguments, "timeline"))
    return draw_iteration(plotted, arguments, error);
  if (mark >= testudo_design_chunks(plotted->cluster.design))
    return cli_refuse(error, "--mark: there is no chunk %lld; allowed: 0..%d", (long long)mark,
                      testudo_design_chunks(plotted->cluster.design) - 1);
  draw_order(&plotted->plot, plotted->cluster.design, (int32_t)mark);
  return TESTUDO_OK;
}

static testudo_status draw_times(cli_plot *plot, const plotted_file *file, const cli_arguments *arguments,
                                 testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_trace_free) testudo_i_trace trace = {0};
  testudo_trace_options reading;
  TESTUDO_I_TRY(cli_reading(arguments, &reading, error));
  TESTUDO_I_TRY(testudo_i_trace_parse_as(file->bytes, file->length, file->name, &reading, &trace, error));
  return draw_trace(plot, &trace, cli_basename(file->name), error);
}

/* Panels side by side or one above the other can be read from some size on. */
static testudo_status check_panels(const plot_look *look, plotted_kind kind, testudo_error *error)
{
  const bool figures = kind == PLOTTED_LAW || kind == PLOTTED_SGD;
  const int width = kind == PLOTTED_FIT ? 600 : 400;
  const int height = kind == PLOTTED_TRACE ? 600 : kind == PLOTTED_FIT ? 400 : 300;
  if (kind == PLOTTED_DESIGN || (look->width >= width && look->height >= height))
    return TESTUDO_OK;
  return cli_refuse(error, "--size: %dx%d pixels are too few for a picture of several panels; wanted: %dx%d at least%s",
                    look->width, look->height, width, height,
                    figures ? ", or --show for a figure of one panel" : "");
}

static testudo_status draw_one(cli_plotted *plotted, const cli_arguments *arguments, testudo_error *error)
{
  plotted_file *file = &plotted->file[0];
  cli_plot *plot = &plotted->plot;
  TESTUDO_I_TRY(check_panels(&plotted->look, file->kind, error));
  switch (file->kind) {
  case PLOTTED_TRACE:
    TESTUDO_I_TRY(draw_times(plot, file, arguments, error));
    break;
  case PLOTTED_DESIGN:
    TESTUDO_I_TRY(draw_design(plotted, file, arguments, error));
    break;
  case PLOTTED_FIT: {
    const testudo_i_json_value *root = testudo_i_json_root(file->document);
    TESTUDO_I_TRY(draw_fit(plot, file->document, is_delay_file(root) ? testudo_i_json_member(root, "fit") : root,
                           error));
    break;
  }
  case PLOTTED_STRAGGLERS:
    TESTUDO_I_TRY(draw_stragglers(plot, file->document, error));
    break;
  case PLOTTED_SGD:
    TESTUDO_I_TRY(draw_sgd(plot, file->document, error));
    break;
  default:
    TESTUDO_I_TRY(draw_result(plot, file->document, error));
  }
  return plot_draw(plot, error);
}

/* ---- figures ---- */

static bool has_laws(plotted_kind kind)
{
  return kind == PLOTTED_LAW || kind == PLOTTED_COMPARISON;
}

static bool has_points(plotted_kind kind)
{
  return kind == PLOTTED_POINTS || kind == PLOTTED_STORE;
}

/* "1:50", either end may be left out. */
static testudo_status take_range(const cli_arguments *arguments, const char *name, figure_axis *axis,
                                 testudo_error *error)
{
  const char *text = cli_text(arguments, name, ":"), *colon = strchr(text, ':');
  double *end[] = {&axis->least, &axis->most};
  const char *from[] = {text, colon == NULL ? text : colon + 1};
  for (int k = 0; k < 2 && colon != NULL; k++) {
    size_t length = k == 0 ? (size_t)(colon - text) : strlen(from[1]);
    if (length > 0 && !testudo_i_parse_real(from[k], length, end[k]))
      colon = NULL;
  }
  bool ordered = isnan(axis->least) || isnan(axis->most) || axis->least < axis->most;
  bool positive = !axis->logarithmic || (!(axis->least <= 0.0) && !(axis->most <= 0.0));
  if (colon == NULL || !ordered || !positive)
    return cli_refuse(error, "--%s: '%.40s' is not a range; wanted: least:most%s, either may be left out", name, text,
                      positive ? "" : ", above 0 on a logarithmic axis");
  return TESTUDO_OK;
}

static testudo_status take_axes(figure *f, const cli_arguments *arguments, testudo_error *error)
{
  f->x = (figure_axis){.logarithmic = cli_given(arguments, "logx"), .least = NAN, .most = NAN};
  f->y = (figure_axis){.logarithmic = cli_given(arguments, "logy"), .least = NAN, .most = NAN};
  f->legend = (figure_legend)cli_choice(arguments, "legend", LEGEND_AUTO);
  TESTUDO_I_TRY(take_range(arguments, "xrange", &f->x, error));
  return take_range(arguments, "yrange", &f->y, error);
}

/* The user's name of the k-th thing that is drawn; NULL: none. And there is one for each, or none at all. */
static const char *label_of(const cli_arguments *arguments, size_t k)
{
  CLI_EACH_GIVEN(value, arguments, "label")
    if (k-- == 0)
      return value->text;
  return NULL;
}

static testudo_status check_labels(const cli_arguments *arguments, size_t count, const char *what,
                                   testudo_error *error)
{
  size_t given = 0;
  while (label_of(arguments, given) != NULL)
    given++;
  return given == 0 || given == count
             ? TESTUDO_OK
             : cli_refuse(error, "--label: %zu were given for %zu %s; give one for each, in the order of the legend",
                          given, count, what);
}

static void say_unseen(const cli_arguments *arguments, const figure *f, const char *name, size_t unseen)
{
  if (unseen > 0)
    session_say(arguments, "%s: %zu of its points %s not shown: outside the axes (--xrange, --yrange), or not"
                " finite%s", name, unseen, unseen == 1 ? "is" : "are",
                f->y.logarithmic || f->x.logarithmic ? ", or not above 0 on a logarithmic axis" : "");
}

/* --label: names of the lines of the legend, in its order. */
static testudo_status rename_lines(figure *f, const cli_arguments *arguments, testudo_error *error)
{
  size_t lines = 0;
  for (size_t s = 0; s < f->count; s++)
    lines += f->series[s].label != NULL && !f->series[s].overlaid;
  if (lines == 0 && f->count > 0 && label_of(arguments, 0) != NULL) { /* one line, which needed no name */
    f->series[0].label = label_of(arguments, 0);
    lines = 1;
  }
  TESTUDO_I_TRY(check_labels(arguments, lines, "lines", error));
  lines = 0;
  for (size_t s = 0; s < f->count && label_of(arguments, 0) != NULL; s++)
    if (f->series[s].label != NULL && !f->series[s].overlaid)
      f->series[s].label = label_of(arguments, lines++);
  return TESTUDO_OK;
}

/* Over what is drawn, the points of --overlay. */
static testudo_status draw_figure(cli_plotted *plotted, const cli_arguments *arguments, testudo_error *error)
{
  CLI_EACH_GIVEN(value, arguments, "overlay") {
    size_t unseen;
    TESTUDO_I_TRY(figure_overlay(&plotted->f, value->text, &unseen, error));
    say_unseen(arguments, &plotted->f, value->text, unseen);
  }
  plotted->f.x.label = cli_text(arguments, "xlabel", plotted->f.x.label);
  plotted->f.y.label = cli_text(arguments, "ylabel", plotted->f.y.label);
  if (plotted->file[0].kind == PLOTTED_FIGURE || has_points(plotted->file[0].kind))
    TESTUDO_I_TRY(rename_lines(&plotted->f, arguments, error));
  return figure_draw(&plotted->plot, &plotted->f, plotted->file[0].name, error);
}

static testudo_status draw_laws(cli_plotted *plotted, const cli_arguments *arguments, testudo_error *error)
{
  bool references = cli_choice(arguments, "references", 0) == 0;
  for (size_t k = 0; k < plotted->files; k++) {
    const testudo_i_json_document *document = plotted->file[k].document;
    TESTUDO_I_TRY(plotted->file[k].kind == PLOTTED_COMPARISON
                      ? laws_add_comparison_file(&plotted->laws, document, references, error)
                      : laws_add_result(&plotted->laws, document, error));
  }
  TESTUDO_I_TRY(check_labels(arguments, plotted->laws.count, "laws", error));
  for (size_t k = 0; k < plotted->laws.count; k++)
    plotted->laws.law[k].label = label_of(arguments, k);
  for (size_t k = 0; k < plotted->laws.count && cli_choice(arguments, "show", SHOW_LAW) == SHOW_ERROR; k++)
    if (plotted->laws.law[k].error.count == 0)
      session_say(arguments, "%s: %s has no error at deadlines, and is left out", plotted->laws.law[k].file,
                  plotted->laws.law[k].name);
  TESTUDO_I_TRY(laws_figure(&plotted->laws, (law_picture)cli_choice(arguments, "show", SHOW_LAW), &plotted->f, error));
  return draw_figure(plotted, arguments, error);
}

static testudo_status draw_losses(cli_plotted *plotted, const cli_arguments *arguments, testudo_error *error)
{
  drawn_losses *losses = &plotted->losses;
  for (size_t k = 0; k < plotted->files; k++)
    TESTUDO_I_TRY(losses_add(losses, plotted->file[k].document, error));
  TESTUDO_I_TRY(check_labels(arguments, losses->count, "methods", error));
  for (size_t k = 0; k < losses->count; k++)
    losses->loss[k].label = label_of(arguments, k);
  TESTUDO_I_TRY(losses_figure(losses, cli_choice(arguments, "show", SHOW_LOSS) == SHOW_BITS, &plotted->f, error));
  return draw_figure(plotted, arguments, error);
}

/* A figure that was written as CSV, or by the user. */
static testudo_status draw_csv(cli_plotted *plotted, const cli_arguments *arguments, testudo_error *error)
{
  const plotted_file *file = &plotted->file[0];
  size_t unseen;
  TESTUDO_I_TRY(figure_read(&plotted->f, file->bytes, file->length, file->name, &unseen, error));
  say_unseen(arguments, &plotted->f, file->name, unseen);
  return draw_figure(plotted, arguments, error);
}

static testudo_status draw_points(cli_plotted *plotted, const cli_arguments *arguments, testudo_error *error)
{
  const plotted_file *file = &plotted->file[0];
  const points_request request = {.x = cli_text(arguments, "x", NULL), .y = cli_text(arguments, "y", NULL),
                                  .by = cli_text(arguments, "by", NULL),
                                  .front = cli_choice(arguments, "show", -1) == SHOW_FRONT, .name = file->name};
  points_notes notes;
  if (plotted->files > 1)
    return cli_refuse(error, "%s: a figure draws the points of one sweep or store; 'testudo explore --merge'"
                      " brings stores together", plotted->file[1].name);
  TESTUDO_I_TRY(file->kind == PLOTTED_STORE ? points_read_store(&plotted->points, file->name, error)
                                            : points_read(&plotted->points, file->document, error));
  TESTUDO_I_TRY(points_figure(&plotted->points, &request, &plotted->f, &notes, error));
  if (notes.unseen > 0)
    session_say(arguments, "%s: %zu of its numbers %s infinite or not known, and %s not drawn", file->name,
                notes.unseen, notes.unseen == 1 ? "is" : "are", notes.unseen == 1 ? "is" : "are");
  if (notes.scattered != NULL)
    session_say(arguments, "several points of a line have the same x, so points are drawn, not lines; for lines add the"
                " options that they differ in to --by: %s", notes.scattered);
  return draw_figure(plotted, arguments, error);
}

/* ---- the command ---- */

static testudo_status check_figure(const cli_plotted *plotted, const cli_arguments *arguments, bool figure_wanted,
                                   testudo_error *error)
{
  plotted_kind kind = plotted->file[0].kind;
  bool comparison = false;
  for (size_t k = 0; k < plotted->files; k++)
    comparison = comparison || plotted->file[k].kind == PLOTTED_COMPARISON;
  bool laws = has_laws(kind), points = has_points(kind), losses = kind == PLOTTED_SGD;
  bool timeline = cli_given(arguments, "timeline");
  const cli_rule rule[] = {
      {kind == PLOTTED_TRACE, {"events"}, "traces"},
      {kind == PLOTTED_DESIGN, {"timeline"}, "designs"},
      {kind == PLOTTED_DESIGN && !timeline, {"mark"}, "order tables of designs"},
      {timeline, {"delay", "structure", "rates", "seed"}, "--timeline"},
      {laws || points || losses, {"show"}, "figures of laws, of points of a sweep or store, and of losses"},
      {figure_wanted, {"logx", "logy", "xrange", "yrange", "legend", "style", "overlay", "xlabel", "ylabel", "label"},
       "figures of laws, of points of a sweep or store, of losses, and of CSV files with x and y"},
      {comparison, {"references"}, "results of compare"},
      {points, {"x", "y", "by"}, "points of a sweep or store"}};
  int show = cli_choice(arguments, "show", -1);
  if (points && show >= 0 && show != SHOW_FRONT && show != SHOW_CURVE)
    return cli_refuse(error, "--show: for points of a sweep it is curve or front");
  if (laws && (show == SHOW_FRONT || show == SHOW_CURVE))
    return cli_refuse(error, "--show: curve and front apply to the points of a sweep or store only");
  if ((show >= SHOW_LOSS) != losses && show >= 0 && (laws || losses))
    return cli_refuse(error, "--show: loss and bits apply to results of sgd, which have no other figures");
  return cli_check_rules(arguments, rule, sizeof rule / sizeof *rule, error);
}

static testudo_status check_kinds(const cli_plotted *plotted, const cli_arguments *arguments, testudo_error *error)
{
  const plotted_file *first = &plotted->file[0];
  if (cli_given(arguments, "timeline") && first->kind != PLOTTED_DESIGN && first->document != NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: not a design; --timeline draws an iteration of a design",
                          first->name);
  if (first->kind != PLOTTED_TRACE && cli_reading_given(arguments) != NULL)
    return cli_refuse(error, "--%s applies to traces only", cli_reading_given(arguments));
  for (size_t k = 1; k < plotted->files; k++) {
    const plotted_file *other = &plotted->file[k];
    if (!(has_laws(first->kind) && has_laws(other->kind)) && !(has_points(first->kind) && has_points(other->kind)) &&
        !(first->kind == PLOTTED_SGD && other->kind == PLOTTED_SGD))
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: it cannot share a figure with %s: several files are"
                            " drawn in one where all are results of analyze, simulate, validate or compare, or all"
                            " of sgd",
                            other->name, first->name);
  }
  return TESTUDO_OK;
}

static testudo_status take_look(plot_look *look, const cli_arguments *arguments, testudo_error *error)
{
  *look = plot_usual_look;
  look->title = cli_text(arguments, "title", NULL);
  if (look->title != NULL && !testudo_i_json_is_utf8(look->title))
    return cli_refuse(error, "--title: not UTF-8, the encoding of pictures");
  look->style = (plot_style)cli_choice(arguments, "style", PLOT_LIGHT);
  return cli_given(arguments, "size") ? plot_take_size(cli_text(arguments, "size", ""), look, error) : TESTUDO_OK;
}

static testudo_status plot_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  cli_plotted *plotted = context;
  const char *output = cli_text(arguments, "output", NULL);
  if (output == NULL)
    return cli_refuse(error, "-o FILE is missing; its name ends in .svg, .png, .pdf, .eps, .tex or .csv");
  if (cli_is_standard(output) && !cli_given(arguments, "format"))
    return cli_refuse(error, "--format is missing; -o - requires it");
  TESTUDO_I_TRY(take_look(&plotted->look, arguments, error));
  TESTUDO_I_TRY(plot_open(&plotted->plot, output, cli_choice(arguments, "format", -1), &plotted->look, error));
  TESTUDO_I_TRY(read_files(plotted, arguments, error));
  TESTUDO_I_TRY(check_kinds(plotted, arguments, error));
  plotted_kind kind = plotted->file[0].kind;
  /* One law alone has a picture that shows it from both sides, until the user asks for a figure. */
  static const char *const asks[] = {"show", "logx", "logy", "xrange", "yrange", "legend", "style", "label",
                                     "overlay", "xlabel", "ylabel"};
  bool figure_wanted = has_points(kind) || kind == PLOTTED_COMPARISON || kind == PLOTTED_FIGURE ||
                       plotted->files > 1 ||
                       ((has_laws(kind) || kind == PLOTTED_SGD) && plotted->plot.kind == PLOT_TEX);
  for (size_t k = 0; k < sizeof asks / sizeof *asks && (has_laws(kind) || kind == PLOTTED_SGD); k++)
    figure_wanted = figure_wanted || cli_given(arguments, asks[k]);
  TESTUDO_I_TRY(check_figure(plotted, arguments, figure_wanted, error));
  if (!figure_wanted)
    return draw_one(plotted, arguments, error);
  TESTUDO_I_TRY(take_axes(&plotted->f, arguments, error));
  return kind == PLOTTED_FIGURE ? draw_csv(plotted, arguments, error)
         : kind == PLOTTED_SGD  ? draw_losses(plotted, arguments, error)
         : has_points(kind)     ? draw_points(plotted, arguments, error)
                                : draw_laws(plotted, arguments, error);
}

static void plot_clear(void *context)
{
  cli_plotted *plotted = context;
  for (size_t k = 0; k < plotted->files; k++) {
    free(plotted->file[k].bytes);
    testudo_i_json_free(plotted->file[k].document);
  }
  free(plotted->file);
  cluster_close(&plotted->cluster);
  figure_clear(&plotted->f);
  laws_clear(&plotted->laws);
  points_clear(&plotted->points);
  losses_clear(&plotted->losses);
  plot_close(&plotted->plot);
}

static const cli_option options[] = {
    {.name = "output", .letter = 'o', .value = "FILE", .kind = CLI_OUTPUT,
     .help = "Output file; its name ends in .svg, .png, .pdf, .eps, .tex (for LaTeX: pgfplots for figures, else"
             " gnuplot's TikZ, with \\usepackage{gnuplot-lua-tikz}) or .csv (the data of the picture), or it is - with"
             " --format. Required."},
    {.name = "format", .value = "WORD", .kind = CLI_CHOICE, .choices = PLOT_KINDS,
     .preset = "from the name of -o", .help = "Picture format; required with -o -."},
    {.name = "title", .value = "TEXT", .kind = CLI_TEXT, .may_be_empty = true,
     .preset = "what is drawn, where lines do not say it",
     .help = "Title of the picture; '' for none."},
    {.name = "size", .value = "WxH", .kind = CLI_TEXT, .preset = "900x600",
     .help = "Size in pixels, or 12cmx8cm; 37.5 pixels are a centimetre. A picture of several panels wants 400x300, of"
             " a fit 600x400, of a trace 400x600."},
    {.name = "show", .value = "WORD", .kind = CLI_CHOICE, .choices = SHOW_WORDS,
     .preset = "law of laws, curve of points, loss of results of sgd",
     .heading = "Figures of laws, of points of a sweep, of losses",
     .help = "What of results of analyze, simulate, validate and compare: P(T <= t) (law), P(T > t) to 1e-12 on a"
             " logarithmic axis (survival), or the error of stopping at t (error). Of a sweep or store: a number"
             " over an option (curve), or its points and those that no other beats in both (front). Of results of"
             " sgd: the loss against time (loss) or against the bits that have arrived (bits)."},
    {.name = "label", .value = "TEXT", .kind = CLI_TEXT, .repeated = true, .preset = "what they differ in",
     .help = "Name of a law, or of a method of sgd, in the legend: one for each, in the order of the files."},
    {.name = "logx", .kind = CLI_FLAG, .help = "A logarithmic x axis."},
    {.name = "logy", .kind = CLI_FLAG, .help = "A logarithmic y axis, which survival and error have in any case."},
    {.name = "xrange", .value = "a:b", .kind = CLI_TEXT, .preset = "by what is drawn",
     .help = "Range of the x axis; either end may be left out."},
    {.name = "yrange", .value = "a:b", .kind = CLI_TEXT, .preset = "by what is drawn", .help = "Range of the y axis."},
    {.name = "xlabel", .value = "TEXT", .kind = CLI_TEXT, .preset = "what is drawn", .help = "Label of the x axis."},
    {.name = "ylabel", .value = "TEXT", .kind = CLI_TEXT, .preset = "what is drawn", .help = "Label of the y axis."},
    {.name = "legend", .value = "WORD", .kind = CLI_CHOICE, .choices = FIGURE_LEGENDS,
     .preset = "auto: inside where it has few lines, else below", .help = "Where the legend stands."},
    {.name = "style", .value = "WORD", .kind = CLI_CHOICE, .choices = PLOT_STYLES, .preset = "light",
     .help = "On white, on black, or without colours. Colours, dashes and marks tell lines apart in all of them."},
    {.name = "overlay", .value = "FILE.csv", .kind = CLI_FILE, .repeated = true,
     .help = "Points that are drawn over the lines, published or measured ones: a CSV file with columns x and y, and"
             " perhaps low and high, the ends of a bar, and series, a name in the legend. What -o FILE.csv writes is"
             " such a file."},
    {.name = "references", .value = "WORD", .kind = CLI_CHOICE, .choices = "all none", .preset = "all",
     .help = "Whether the references of a comparison are drawn."},
    {.name = "x", .value = "NAME", .kind = CLI_TEXT, .preset = "the option of most values; of a front: load",
     .help = "Of points: what the x axis is, an option (workers) or a number of the result (load, copies, p99)."},
    {.name = "y", .value = "NAME,..", .kind = CLI_TEXT, .preset = "mean",
     .help = "Of points: numbers of the result, as in 'testudo pick': mean, p99, load, mse:2."},
    {.name = "by", .value = "NAME,..", .kind = CLI_TEXT, .preset = "all options that differ besides x",
     .help = "Of points: options that lines differ in; none: one line."},
    {.name = "mark", .value = "CHUNK", .kind = CLI_INTEGER, .least = 0, .most = TESTUDO_MAX_CHUNKS - 1,
     .heading = "Designs", .help = "Mark all copies of this chunk in the order table."},
    {.name = "timeline", .kind = CLI_FLAG,
     .help = "Draws one iteration: a bar for every chunk that a worker computes, coloured by the share of the data that"
             " it belongs to, and the completion; pale is work that was not needed, or not finished: of a scheme that"
             " takes whole workers, all chunks of one that had not finished in time."},
    {.name = "delay", .value = "LAW", .kind = CLI_DELAY,
     .help = "Delay model of the iteration; a law in words is that of a share, the part of all data that each worker"
             " has when nothing is coded."},
    {.name = "structure", .value = "WORD", .kind = CLI_CHOICE_OR_LAW, .choices = "scaled additive mixed:LAW",
     .preset = "that of the delay file or the trace, else scaled",
     .help = "How the times of a worker's chunks hang together, as in 'testudo simulate'."},
    {.name = "rates", .value = "r1,r2,..", .kind = CLI_REALS, .ends = CLI_OPEN_BELOW, .least = 0, .most = HUGE_VAL,
     .may_be_none = true, .preset = "all 1", .help = "Speed of each worker."},
    {.name = NULL},
};

static const cli_option *const groups[] = {options, cli_seed_options, cli_reading_unit_options, CLI_READING_OWN,
                                           CLI_COMMON_NO_RESULT, NULL};

const cli_command command_plot = {
    .name = "plot", .operands = "FILE..", .least_operands = 1, .most_operands = 64,
    .summary = "Pictures of results, traces and designs, drawn by gnuplot, for LaTeX, or as data.",
    .details = "The content of FILE decides what is drawn. Results of analyze, simulate, validate and compare: several"
               " in one figure, --show says what of them; one alone its law and error one above the other. Result of"
               " 'testudo sweep', export or store of 'testudo explore': a curve over an option, a line per combination"
               " of the others, or the front. Result of fit, or a delay file: the empirical law, the fitted laws, and"
               " their tails. Result of stragglers: mean and worst error against the number of stragglers. Result of"
               " sgd: the loss of every method against time, with the interval of its mean, and against the bits sent;"
               " several of them in one figure, against one of the two."
               " Trace: the measured times, the slowest worker of every iteration, the workers side by side, and the"
               " empirical law. Design: its order table, with workers across, places down, and a colour per chunk, or"
               " per share where chunks are finer (with more than 2000 workers a sample, as the title says); with"
               " --timeline one iteration of it. Curves that coincide differ in width, dashes and marks.",
    .example = "testudo plot validation.json -o validation.png\n"
               "testudo plot a.json b.json c.json --show survival -o tails.pdf\n"
               "testudo plot points.json --x replication --y p99 -o p99.tex\n"
               "testudo plot results.sqlite --show front --x load --y mean -o front.svg\n"
               "testudo plot design.json --mark 7 -o order.svg\n"
               "testudo plot design.json --timeline --delay exp:1 --seed 3 -o iteration.svg",
    .groups = groups, .reads_traces = true, .run = plot_run, .room = sizeof(cli_plotted), .clear = plot_clear,
};
