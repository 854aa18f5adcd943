/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo compare */
#include "commands.h"

#include <stdlib.h>

#include "base/error.h"
#include "compare/compare.h"
#include "plot/draw.h"

/* The JSON result, read back. */
static testudo_status compare_document(const session_result *result, testudo_i_json_document **document,
                                       testudo_error *error)
{
  testudo_i_json_memory memory;
  TESTUDO_I_TRY(testudo_i_json_memory_begin(&memory, error));
  session_put_json(memory.writer.stream, result);
  TESTUDO_I_TRY(testudo_i_json_memory_end(&memory, error));
  testudo_status status = testudo_i_json_parse(memory.text, memory.length, "comparison", document, error);
  free(memory.text);
  return status;
}

/* The picture that `plot` draws of the JSON result. */
static testudo_status compare_draw(cli_plot *plot, const char *path, const session_result *result,
                                   testudo_error *error)
{
  TESTUDO_I_TRY(plot_open(plot, path, -1, error));
  TESTUDO_I_TRY(compare_document(result, &plot->document, error));
  TESTUDO_I_TRY(draw_comparison(plot, plot->document, error));
  return plot_draw(plot, error);
}

/* A name that tells no kind of picture is a mistake to hear of before the work. */
static testudo_status check_picture(const char *path, const char *output, testudo_error *error)
{
  cli_plot plot;
  if (path == NULL)
    return TESTUDO_OK;
  if (output != NULL && cli_same_file(path, output))
    return cli_refuse(error, "--plot and --output both name %s", path);
  testudo_status status = plot_open(&plot, path, -1, error);
  plot_close(&plot);
  return status;
}

static testudo_status compare_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  cli_comparison *comparison = context;
  const char *picture = cli_text(arguments, "plot", NULL);
  const session_result result = {compare_put, compare_print, comparison};
  TESTUDO_I_TRY(check_picture(picture, cli_text(arguments, "output", NULL), error));
  TESTUDO_I_TRY(compare_open(comparison, arguments, error));
  testudo_status found = session_progress_end(compare_measure(comparison, error));
  /* Interrupted: the rows that are done are told. */
  if (found != TESTUDO_INTERRUPTED || comparison->measured == 0)
    TESTUDO_I_TRY(found);
  TESTUDO_I_TRY(session_write(arguments, &result, error));
  if (found != TESTUDO_OK || picture == NULL)
    return found;
  cli_plot plot = {.path = NULL};
  testudo_status status = compare_draw(&plot, picture, &result, error);
  plot_close(&plot);
  return status;
}

static const cli_option own_options[] = {
    {.name = "trials", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 1e9, .preset = "100000",
     .heading = "Simulation", .help = "How many trials of every design."},
    {.name = "wait", .value = "K", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .preset = "the workers that each code waits for at worst",
     .help = "How many workers the reference ignore-stragglers waits for."},
    {.name = "plot", .value = "FILE", .kind = CLI_OUTPUT, .hidden_command = true,
     .help = "Draw the comparison too; the name ends in .svg, .png or .pdf."},
    {.name = NULL},
};

static const cli_option *const groups[] = {cluster_model_options, cluster_report_options, analysis_own_options,
                                           own_options, session_result_options, cli_seed_options, cli_threads_options,
                                           cli_common_options, NULL};

const cli_command command_compare = {
    .name = "compare", .operands = "DESIGN.json..", .least_operands = 1, .most_operands = COMPARE_MOST_DESIGNS,
    .summary = "Compare designs under one delay model: time, work, error and numerical stability.",
    .details = "Every design is analysed as by 'testudo analyze' (exact, or between rigorous bounds) and simulated as"
               " by 'testudo simulate' with the same seed and trials. Beside the designs stand references: uncoded,"
               " ignore-stragglers (the first K workers; its estimate is not the gradient), and the perfectly balanced"
               " limit, which no assignment of the same loads beats. Chunks computed: by all workers together until"
               " the iteration ends, when they stop. Floats sent: over the messages that the decoder reads, in units"
               " of the gradient's length. Amplification: the worst of the first 1000 trials that are decoded (fewer"
               " where the design is large). Interrupted, the command tells the rows that are done and exits 130.",
    .example = "testudo compare uncoded.json classical.json partial.json --delay trace:trace.csv --at 0.5,1\n"
               "testudo compare a.json b.json --delay exp:1 -o comparison.json --plot comparison.png",
    .groups = groups, .run = compare_run, .room = sizeof(cli_comparison), .clear = compare_free,
};
