/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo plot */
#include "commands.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "common/cluster.h"
#include "delay/delay_json.h"
#include "option/reading.h"
#include "plot/draw.h"
#include "runtime/read.h"
#include "runtime/scheme/scheme.h"

static bool is_delay_file(const testudo_i_json_value *root)
{
  const testudo_i_json_value *value = testudo_i_json_member(root, "format");
  return value != NULL && testudo_i_json_kind_of(value) == TESTUDO_I_JSON_STRING &&
         strcmp(testudo_i_json_string(value), TESTUDO_I_DELAY_FORMAT) == 0;
}

/* The command that a result comes from shows in its members. */
static testudo_status draw_result_of(cli_plot *plot, const testudo_i_json_value *root, testudo_error *error)
{
  if (testudo_i_json_member(root, "models") != NULL)
    return draw_fit(plot, plot->document, root, error);
  const testudo_i_json_value *rows = testudo_i_json_member(root, "rows"); /* of measure: their number */
  if (rows != NULL && testudo_i_json_kind_of(rows) != TESTUDO_I_JSON_INTEGER)
    return draw_comparison_file(plot, plot->document, error);
  if (testudo_i_json_member(root, "curves") != NULL)
    return draw_stragglers(plot, plot->document, error);
  if (testudo_i_json_member(root, "methods") != NULL)
    return draw_sgd(plot, plot->document, error);
  return draw_result(plot, plot->document, error);
}

typedef struct cli_plotted {
  cli_plot plot;
  char *bytes;         /* of the file */
  cli_cluster cluster; /* the design, where that is drawn */
} cli_plotted;

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

/* The content decides: a JSON object is a design, a result or a delay file, with --events a profiler's trace,
   anything else a trace. */
static testudo_status draw_json(cli_plotted *plotted, size_t length, const cli_arguments *arguments,
                                testudo_error *error)
{
  cli_plot *plot = &plotted->plot;
  const char *bytes = plotted->bytes, *file = arguments->operand[0];
  bool timeline = cli_given(arguments, "timeline");
  TESTUDO_I_TRY(testudo_i_design_json(bytes, length, file, &plot->document, error));
  const testudo_i_json_value *root = testudo_i_json_root(plot->document);
  if (testudo_i_json_kind_of(root) != TESTUDO_I_JSON_OBJECT)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: neither a design nor a result", file);
  if (timeline && (testudo_i_json_member(root, "format") == NULL || is_delay_file(root)))
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: no design, and --timeline draws an iteration of one", file);
  if (is_delay_file(root))
    return draw_fit(plot, plot->document, testudo_i_json_member(root, "fit"), error);
  if (testudo_i_json_member(root, "format") == NULL)
    return draw_result_of(plot, root, error);
  testudo_i_json_free(plot->document);
  plot->document = NULL;
  TESTUDO_I_TRY(testudo_design_parse(bytes, length, file, &plotted->cluster.design, error));
  if (timeline)
    return draw_iteration(plotted, arguments, error);
  draw_order(plot, plotted->cluster.design);
  return TESTUDO_OK;
}

static testudo_status draw_times(cli_plot *plot, const char *bytes, size_t length, const cli_arguments *arguments,
                                 testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_trace_free) testudo_i_trace trace = {0};
  testudo_trace_options reading;
  const char *file = arguments->operand[0];
  TESTUDO_I_TRY(cli_reading(arguments, &reading, error));
  TESTUDO_I_TRY(testudo_i_trace_parse_as(bytes, length, file, &reading, &trace, error));
  return draw_trace(plot, &trace, cli_basename(file), error);
}

static testudo_status plot_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  cli_plotted *plotted = context;
  const char *file = arguments->operand[0], *output = cli_text(arguments, "output", NULL);
  size_t length = 0;
  if (output == NULL)
    return cli_refuse(error, "-o FILE is missing; its name must end in .svg, .png or .pdf");
  if (cli_is_standard(output) && !cli_given(arguments, "format"))
    return cli_refuse(error, "--format is missing; -o - requires it");
  TESTUDO_I_TRY(plot_open(&plotted->plot, output, cli_choice(arguments, "format", -1), error));
  TESTUDO_I_TRY(testudo_i_read_file(file, TESTUDO_MAX_FILE_BYTES, &plotted->bytes, &length, error));
  bool json = plotted->bytes[strspn(plotted->bytes, " \t\r\n")] == '{' && !cli_given(arguments, "events");
  if (json && cli_reading_given(arguments) != NULL)
    return cli_refuse(error, "--%s applies to traces only", cli_reading_given(arguments));
  const cli_rule rule[] = {{json, {"timeline"}, "designs"},
                           {cli_given(arguments, "timeline"), {"delay", "structure", "rates", "seed"}, "--timeline"}};
  TESTUDO_I_TRY(cli_check_rules(arguments, rule, sizeof rule / sizeof *rule, error));
  TESTUDO_I_TRY(json ? draw_json(plotted, length, arguments, error)
                     : draw_times(&plotted->plot, plotted->bytes, length, arguments, error));
  return plot_draw(&plotted->plot, error);
}

static void plot_clear(void *context)
{
  cli_plotted *plotted = context;
  free(plotted->bytes);
  cluster_close(&plotted->cluster);
  plot_close(&plotted->plot);
}

static const cli_option options[] = {
    {.name = "output", .letter = 'o', .value = "FILE", .kind = CLI_OUTPUT,
     .help = "Output file; its name must end in .svg, .png or .pdf, or be - with --format. Required."},
    {.name = "format", .value = "WORD", .kind = CLI_CHOICE, .choices = PLOT_KINDS,
     .preset = "from the name of -o", .help = "Picture format; required with -o -."},
    {.name = "timeline", .kind = CLI_FLAG, .heading = "Time line of a design",
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
    .name = "plot", .operands = "FILE", .least_operands = 1, .most_operands = 1,
    .summary = "Picture of a result, a trace or a design, drawn by gnuplot.",
    .details = "The content of FILE decides what is drawn. Result of analyze: the law of the completion time (a curve,"
               " or the band between bounds) and the error against time. Result of simulate or validate: the"
               " histogram, overlaid with the exact curve. Result of fit, or a delay file: the empirical law, the"
               " fitted laws, and their tails. Result of stragglers: mean and worst error against the number of"
               " stragglers. Result of sgd: the loss of every method against time, with the interval of its mean, and"
               " against the bits sent. Trace: the measured times and their empirical law. Design: its order table,"
               " with workers across, places down, and a colour per chunk (with more than 2000 workers a sample, as"
               " the title says); with --timeline one iteration of it.",
    .example = "testudo plot validation.json -o validation.png\ntestudo plot design.json -o order.svg\n"
               "testudo plot design.json --timeline --delay exp:1 --seed 3 -o iteration.svg",
    .groups = groups, .reads_traces = true, .run = plot_run, .room = sizeof(cli_plotted), .clear = plot_clear,
};
