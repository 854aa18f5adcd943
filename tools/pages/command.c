/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo report */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "common/session.h"
#include "json/read.h"
#include "pages/pages.h"

typedef struct reported_file {
  char *bytes;
  testudo_i_json_document *document; /* NULL: a store */
} reported_file;

typedef struct cli_reported {
  reported_file *file;
  size_t files;
  char *sources;
  page_content page;
} cli_reported;

static testudo_status take_points(cli_reported *reported, const reported_file *file, const char *name,
                                  testudo_error *error)
{
  drawn_points *points = &reported->page.points;
  if (points->count > 0)
    return cli_refuse(error, "%s: a page has the points of one sweep or store; 'testudo explore --merge' brings stores"
                      " together", name);
  TESTUDO_I_TRY(file->document == NULL ? points_read_store(points, name, error)
                                       : points_read(points, file->document, error));
  return points->count > 0 ? TESTUDO_OK
                           : testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: none of its points is finished", name);
}

static testudo_status take_file(cli_reported *reported, const char *name, testudo_error *error)
{
  reported_file *file = &reported->file[reported->files++];
  size_t length;
  TESTUDO_I_TRY(testudo_i_read_file(name, TESTUDO_MAX_FILE_BYTES, &file->bytes, &length, error));
  if (testudo_i_store_begins(file->bytes, length))
    return take_points(reported, file, name, error);
  if (points_begins_csv(file->bytes, length)) {
    TESTUDO_I_TRY(fields_read_csv(file->bytes, length, name, "points", explore_row_fields, &file->document, error));
    return take_points(reported, file, name, error);
  }
  if (file->bytes[strspn(file->bytes, " \t\r\n")] != '{')
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: neither a result in JSON nor a store nor the CSV file of a"
                          " sweep", name);
  TESTUDO_I_TRY(testudo_i_json_parse(file->bytes, length, name, &file->document, error));
  const testudo_i_json_value *root = testudo_i_json_root(file->document);
  if (testudo_i_json_kind_of(root) != TESTUDO_I_JSON_OBJECT)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: not a result of testudo", name);
  if (testudo_i_json_member(root, "points") != NULL)
    return take_points(reported, file, name, error);
  return testudo_i_json_member(root, "rows") != NULL
             ? laws_add_comparison_file(&reported->page.laws, file->document, true, error)
             : laws_add_result(&reported->page.laws, file->document, error);
}

/* "a.json, b.sqlite" */
static testudo_status name_sources(cli_reported *reported, const cli_arguments *arguments, testudo_error *error)
{
  size_t room = 1;
  for (size_t k = 0; k < arguments->operands; k++)
    room += strlen(arguments->operand[k]) + 2;
  reported->sources = testudo_i_calloc(room, 1);
  TESTUDO_I_TRY(testudo_i_memory_check(reported->sources != NULL, error));
  for (size_t k = 0; k < arguments->operands; k++)
    snprintf(reported->sources + strlen(reported->sources), room - strlen(reported->sources), "%s%s", k > 0 ? ", " : "",
             cli_basename(arguments->operand[k]));
  return TESTUDO_OK;
}

static testudo_status report_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  cli_reported *reported = context;
  const char *output = cli_text(arguments, "output", NULL);
  testudo_i_output page;
  if (output == NULL)
    return cli_refuse(error, "-o FILE is missing: where the page is written, for example -o report.html");
  if (cli_ending(output, PLOT_ENDINGS " .json .sqlite") >= 0)
    return cli_refuse(error, "-o: '%s' ends like a file of another kind; the page is HTML, for example report.html",
                      output);
  TESTUDO_I_TRY(name_sources(reported, arguments, error));
  reported->file = testudo_i_calloc(arguments->operands, sizeof *reported->file);
  TESTUDO_I_TRY(testudo_i_memory_check(reported->file != NULL, error));
  for (size_t k = 0; k < arguments->operands; k++)
    TESTUDO_I_TRY(take_file(reported, arguments->operand[k], error));
  reported->page.title = cli_text(arguments, "title", NULL);
  reported->page.sources = reported->sources;
  TESTUDO_I_TRY(session_output(&page, output, error));
  return session_output_end(&page, page_write(page.stream, &reported->page, error), error);
}

static void report_clear(void *context)
{
  cli_reported *reported = context;
  for (size_t k = 0; k < reported->files; k++) {
    free(reported->file[k].bytes);
    testudo_i_json_free(reported->file[k].document);
  }
  free(reported->file);
  free(reported->sources);
  points_clear(&reported->page.points);
  laws_clear(&reported->page.laws);
}

static const cli_option options[] = {
    {.name = "output", .letter = 'o', .value = "FILE", .kind = CLI_OUTPUT,
     .help = "The page, one file of HTML that needs no network. Required."},
    {.name = "title", .value = "TEXT", .kind = CLI_TEXT, .preset = "the names of the files",
     .help = "Heading of the page."},
    {.name = NULL},
};

static const cli_option *const groups[] = {options, CLI_COMMON_NO_RESULT, NULL};

const cli_command command_report = {
    .name = "report", .operands = "STORE/RESULT..", .least_operands = 1, .most_operands = 64,
    .summary = "One page of HTML for colleagues: of a store, a sweep, and results of analyze to compare.",
    .details = "Of a store of 'testudo explore', its export, or a result of 'testudo sweep': a sentence, the best of"
               " every delay model by load, fronts (mean and quantile against load and copies, the mean against the"
               " numbers sent and kept, the error at the first deadline against load), and all points in a table that"
               " sorts and filters; the number of a point opens all that is known of it: its law at the quantiles of"
               " --quantiles, beside that of a draw of the delay model (of a trace, if its file is here), its error at"
               " the deadlines of --at, and the commands that make it again. Of results of analyze, simulate,"
               " validate and compare: their laws, tails and errors in pictures, and a table. The page is one file"
               " without a network; pictures and tables are there without its script too, and on paper.",
    .example = "testudo report results.sqlite -o report.html\n"
               "testudo report points.json best.json -o report.html --title 'Codes for the new cluster'",
    .groups = groups, .run = report_run, .room = sizeof(cli_reported), .clear = report_clear,
};
