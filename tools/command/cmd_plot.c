/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "plot/draw.h"
#include "runtime/read.h"

/* The fit that a document holds: the whole of it, or the member `fit` of a delay file; NULL when it is another. */
static const testudo_i_json_value *find_fit(const testudo_i_json_value *root)
{
  const testudo_i_json_value *format = testudo_i_json_member(root, "format"), *fit;
  if (format == NULL)
    return testudo_i_json_member(root, "models") == NULL ? NULL : root;
  if (testudo_i_json_kind_of(format) != TESTUDO_I_JSON_STRING ||
      strcmp(testudo_i_json_string(format), "testudo-delay") != 0)
    return NULL;
  fit = testudo_i_json_member(root, "fit");
  return fit != NULL && testudo_i_json_kind_of(fit) == TESTUDO_I_JSON_OBJECT ? fit : root;
}

/* The file is told by its content: a JSON object is a design, a result or a delay file, anything else a trace. */
static testudo_status draw_json(cli_plot *plot, const char *bytes, size_t length, const char *file,
                                testudo_error *error)
{
  testudo_i_json_document *document = NULL;
  testudo_design *design = NULL;
  testudo_status status = testudo_i_design_json(bytes, length, file, &document, error);
  if (status != TESTUDO_OK)
    return status;
  const testudo_i_json_value *root = testudo_i_json_root(document);
  if (testudo_i_json_kind_of(root) != TESTUDO_I_JSON_OBJECT)
    status = testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: neither a design nor a result", file);
  else if (find_fit(root) != NULL)
    status = draw_fit(plot, document, find_fit(root), error);
  else if (testudo_i_json_member(root, "format") == NULL && testudo_i_json_member(root, "rows") != NULL)
    status = draw_comparison(plot, document, error);
  else if (testudo_i_json_member(root, "format") == NULL && testudo_i_json_member(root, "curves") != NULL)
    status = draw_stragglers(plot, document, error);
  else if (testudo_i_json_member(root, "format") == NULL)
    status = draw_result(plot, document, error);
  else {
    testudo_i_json_free(document);
    document = NULL;
    status = testudo_design_parse(bytes, length, file, &design, error);
    if (status == TESTUDO_OK)
      draw_order(plot, design);
  }
  testudo_design_free(design);
  testudo_i_json_free(document);
  return status;
}

static testudo_status draw_csv(cli_plot *plot, const char *bytes, size_t length, const char *file, testudo_error *error)
{
  testudo_i_trace trace;
  memset(&trace, 0, sizeof trace);
  testudo_status status = testudo_i_trace_parse(bytes, length, file, &trace, error);
  if (status == TESTUDO_OK)
    status = draw_trace(plot, &trace, cli_basename(file), error);
  testudo_i_trace_free(&trace);
  return status;
}

static testudo_status run(const cli_arguments *arguments, testudo_error *error)
{
  const char *file = arguments->operand[0], *output = cli_text(arguments, "output", NULL);
  if (output == NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "-o FILE is missing: a name ending in .svg, .png or .pdf");
  cli_plot plot;
  char *bytes = NULL;
  size_t length = 0;
  testudo_status status = plot_open(&plot, output, error);
  if (status == TESTUDO_OK)
    status = testudo_i_read_file(file, TESTUDO_MAX_FILE_BYTES, &bytes, &length, error);
  if (status == TESTUDO_OK) {
    bool json = bytes[strspn(bytes, " \t\r\n")] == '{';
    status = (json ? draw_json : draw_csv)(&plot, bytes, length, file, error);
  }
  if (status == TESTUDO_OK)
    status = plot_draw(&plot, error);
  free(bytes);
  plot_close(&plot);
  return status;
}

static const cli_option options[] = {
    {.name = "output", .letter = 'o', .value = "FILE", .kind = CLI_OUTPUT,
     .help = "The picture; its name ends in .svg, .png or .pdf (needed)."},
    {.name = NULL},
};

static const cli_option *const groups[] = {options, cli_common_options, NULL};

const cli_command command_plot = {
    .name = "plot", .operands = "FILE", .least_operands = 1, .most_operands = 1,
    .summary = "Picture of a result, a trace or a design, drawn by gnuplot.",
    .details = "FILE is told by its content. A result of analyze: the law of the completion time (a curve, or the"
               " band between bounds) and the error against time. Of simulate or validate: the histogram, with the"
               " exact curve over it. Of fit, and a delay file: the empirical law, the fitted ones, and their tails."
               " A trace: the measured times and their empirical law. Of stragglers: mean and worst error by their"
               " number. A design: its order table, workers across, places down, chunk by colour (above 2000 workers"
               " a sample, said in the title).",
    .example = "testudo plot validation.json -o validation.png\ntestudo plot design.json -o order.svg",
    .groups = groups, .writes = true, .run = run,
};
