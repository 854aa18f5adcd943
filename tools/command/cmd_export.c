/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo export */
#include "commands.h"

#include "base/error.h"
#include "option/input.h"
#include "common/session.h"
#include "export/formats.h"
#include "runtime/design.h"

/* Entries of a dense table: 0.4 GB as int32. */
#define MOST_DENSE 100000000.0

typedef struct cli_format {
  const char *name;
  bool dense_assignment;
  bool order; /* the default of --table */
  export_format *put;
} cli_format;

/* In the order of --format. */
static const cli_format formats[] = {
    {"csv", true, false, export_csv},
    {"npy", true, true, export_npy},
    {"mtx", false, false, export_mtx},
    {"dot", false, false, export_dot},
};

static testudo_status choose_format(const cli_arguments *arguments, const cli_format **format, testudo_error *error)
{
  const char *file = cli_text(arguments, "output", NULL);
  int word = cli_choice(arguments, "format", -1);
  if (word < 0 && cli_is_standard(file))
    return cli_refuse(error, "--format is missing; it is required without -o FILE");
  if (word < 0)
    word = cli_ending(file, ".csv .npy .mtx .dot");
  if (word < 0)
    return cli_refuse(error, "%s: unknown format; use a name that ends in .csv, .npy, .mtx or .dot, or add --format",
                      file);
  *format = &formats[word];
  return TESTUDO_OK;
}

static testudo_status write_table(const cli_arguments *arguments, const cli_format *format,
                                  const testudo_design *design, testudo_error *error)
{
  const char *file = cli_text(arguments, "output", NULL);
  bool order = cli_choice(arguments, "table", format->order) == 1;
  double cells = (double)testudo_design_workers(design) * (double)testudo_design_chunks(design);
  if (!order && format->dense_assignment && cells > MOST_DENSE)
    return cli_refuse(error, "--format %s: a dense table of %.0f entries is more than %.0f; mtx or --table order is"
                      " sparse", format->name, cells, MOST_DENSE);
  testudo_i_output output;
  TESTUDO_I_TRY(session_output(&output, file, error));
  return session_output_end(&output, format->put(output.stream, design, order, error), error);
}

static testudo_status export_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  (void)context;
  const cli_format *format = NULL;
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *design = NULL;
  TESTUDO_I_TRY(choose_format(arguments, &format, error));
  TESTUDO_I_TRY(input_design(arguments->operand[0], &design, error));
  return write_table(arguments, format, design, error);
}

static const cli_option options[] = {
    {.name = "format", .value = "WORD", .kind = CLI_CHOICE, .choices = "csv npy mtx dot",
     .preset = "from the name of -o", .help = "Output format."},
    {.name = "table", .value = "WORD", .kind = CLI_CHOICE, .choices = "assignment order",
     .preset = "order for npy, assignment otherwise",
     .help = "Which worker holds which chunk (assignment), or each worker's sequence of chunks (order)."},
    {.name = "output", .letter = 'o', .value = "FILE", .kind = CLI_OUTPUT, .preset = "standard output",
     .help = "Output file."},
    {.name = NULL},
};

static const cli_option *const groups[] = {options, CLI_COMMON_NO_RESULT, NULL};

const cli_command command_export = {
    .name = "export", .operands = "DESIGN.json", .least_operands = 1, .most_operands = 1,
    .summary = "Assignment or order table of a design as csv, npy, Matrix Market or dot.",
    .details = "csv: one line per worker, of 0 and 1, or with --table order the chunks in order. npy: int32; an order"
               " table is padded with -1. mtx: coordinate pattern, or with --table order integers, the place of the"
               " chunk counted from 1. dot: a bipartite graph. 'testudo design' reads csv, npy and mtx of an assignment"
               " (--assignment matrix:FILE), and csv and npy of an order table (--order file:FILE; a npy also by"
               " --assignment matrix:FILE).",
    .example = "testudo export design.json -o order.npy\ntestudo export design.json --format mtx",
    .groups = groups, .run = export_run,
};
