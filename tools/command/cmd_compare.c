/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "commands.h"

#include <stdlib.h>

#include "base/error.h"
#include "compare/compare.h"
#include "plot/draw.h"

/* The picture that `plot` draws of the JSON result. */
static testudo_status draw(const char *path, cli_comparison *comparison, testudo_error *error)
{
  char *text = NULL;
  size_t length = 0;
  testudo_i_json_document *document = NULL;
  cli_plot plot;
  testudo_status status = plot_open(&plot, path, error);
  FILE *stream = status == TESTUDO_OK ? open_memstream(&text, &length) : NULL;
  if (status == TESTUDO_OK && stream == NULL)
    status = testudo_i_fail_memory(error);
  if (status == TESTUDO_OK) {
    compare_put(stream, comparison);
    if (fclose(stream) != 0)
      status = testudo_i_fail_memory(error);
  }
  if (status == TESTUDO_OK)
    status = testudo_i_json_parse(text, length, "comparison", &document, error);
  if (status == TESTUDO_OK)
    status = draw_comparison(&plot, document, error);
  if (status == TESTUDO_OK)
    status = plot_draw(&plot, error);
  testudo_i_json_free(document);
  free(text);
  plot_close(&plot);
  return status;
}

/* A name that tells no kind of picture is a mistake to hear of before the work. */
static testudo_status check_picture(const char *path, const char *output, testudo_error *error)
{
  cli_plot plot;
  if (path == NULL)
    return TESTUDO_OK;
  if (output != NULL && cli_same_file(path, output))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--plot and --output both name %s", path);
  testudo_status status = plot_open(&plot, path, error);
  plot_close(&plot);
  return status;
}

static testudo_status run(const cli_arguments *arguments, testudo_error *error)
{
  cli_comparison comparison = {.row = NULL};
  const char *picture = cli_text(arguments, "plot", NULL);
  testudo_status status = check_picture(picture, cli_text(arguments, "output", NULL), error), found = TESTUDO_OK;
  if (status == TESTUDO_OK)
    status = compare_open(&comparison, arguments, error);
  if (status == TESTUDO_OK)
    status = found = compare_measure(&comparison, error);
  /* Interrupted: the rows that are done are told. */
  if (found == TESTUDO_INTERRUPTED && comparison.measured > 0)
    status = TESTUDO_OK;
  if (status == TESTUDO_OK)
    status = session_write(arguments, &(session_result){compare_put, compare_print, &comparison}, error);
  if (status == TESTUDO_OK && found == TESTUDO_OK && picture != NULL)
    status = draw(picture, &comparison, error);
  compare_free(&comparison);
  return status == TESTUDO_OK ? found : status;
}

static const cli_option own_options[] = {
    {.name = "trials", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 1e9, .preset = "100000",
     .help = "How many trials of every design."},
    {.name = "wait", .value = "K", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .preset = "the workers that each code waits for at worst",
     .help = "How many workers the reference ignore-stragglers waits for."},
    {.name = "plot", .value = "FILE", .kind = CLI_OUTPUT, .hidden_command = true,
     .help = "Draw the comparison too; the name ends in .svg, .png or .pdf."},
    {.name = "output", .letter = 'o', .value = "FILE", .kind = CLI_OUTPUT, .help = "Write the result as JSON to FILE."},
    {.name = NULL},
};

static const cli_option *const groups[] = {cluster_model_options, cluster_report_options, analysis_own_options,
                                           own_options, cli_common_options, NULL};

const cli_command command_compare = {
    .name = "compare", .operands = "FILE..", .least_operands = 1, .most_operands = COMPARE_MOST_DESIGNS,
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
    .groups = groups, .writes = true, .run = run,
};
