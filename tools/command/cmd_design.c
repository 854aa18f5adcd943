/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include <testudo/code.h>
#include <testudo/designfile.h>

#include "base/error.h"
#include "common/metrics.h"
#include "common/session.h"
#include "designfile/write.h"

/* The request, with its defaults filled in. */
typedef struct cli_request {
  testudo_scheme scheme;
  const char *assignment, *order;
  int32_t workers, chunks, replication, parts;
  uint64_t seed;
} cli_request;

static bool is(const char *a, const char *b)
{
  return strcmp(a, b) == 0;
}

static testudo_status inapplicable(const char *option, const char *where, testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--%s does not apply to %s", option, where);
}

static testudo_status needed(const char *option, const char *where, testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--%s is missing: %s needs it", option, where);
}

/* A matrix file already says who holds what. */
static testudo_status check_matrix(const cli_arguments *arguments, testudo_error *error)
{
  static const char *const fixed[] = {"workers", "chunks", "replication"};
  for (size_t k = 0; k < sizeof fixed / sizeof *fixed; k++)
    if (cli_given(arguments, fixed[k]))
      return inapplicable(fixed[k], "--assignment matrix:FILE (the file tells it)", error);
  return TESTUDO_OK;
}

static testudo_status check_sizes(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  if (strncmp(request->assignment, "matrix:", 7) == 0)
    return check_matrix(arguments, error);
  if (!cli_given(arguments, "workers"))
    return needed("workers", "a design", error);
  request->workers = (int32_t)cli_integer(arguments, "workers", 0);
  request->chunks = (int32_t)cli_integer(arguments, "chunks", request->workers);
  request->replication = (int32_t)cli_integer(arguments, "replication", 1);
  bool own = is(request->assignment, "uncoded");
  if (own && cli_given(arguments, "replication") && request->replication != 1)
    return inapplicable("replication", "scheme uncoded without --assignment (every chunk lies on one worker)", error);
  if (!own && !cli_given(arguments, "replication"))
    return needed("replication", own ? "" : request->assignment, error);
  if (is(request->assignment, "cyclic") && request->chunks != request->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "--assignment cyclic needs as many chunks as workers, but there are %d and %d;"
                          " --assignment regular does not", request->chunks, request->workers);
  if (!own && request->replication > request->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--replication: %d copies on %d workers; allowed: 1..%d",
                          request->replication, request->workers, request->workers);
  return TESTUDO_OK;
}

static testudo_status take_request(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  const char *scheme = cli_text(arguments, "scheme", "partial");
  request->scheme = is(scheme, "uncoded") ? TESTUDO_SCHEME_UNCODED : TESTUDO_SCHEME_PARTIAL;
  bool uncoded = request->scheme == TESTUDO_SCHEME_UNCODED;
  request->assignment = cli_text(arguments, "assignment", uncoded ? "uncoded" : "cyclic");
  bool natural = is(request->assignment, "cyclic") || is(request->assignment, "uncoded");
  request->order = cli_text(arguments, "order", natural ? "natural" : "matching");
  request->parts = (int32_t)cli_integer(arguments, "parts", 1);
  request->seed = (uint64_t)cli_integer(arguments, "seed", 1);
  if (uncoded && request->parts != 1)
    return inapplicable("parts", "scheme uncoded", error);
  return check_sizes(request, arguments, error);
}

static testudo_status make_assignment(const cli_request *request, testudo_assignment *assignment, testudo_error *error)
{
  if (strncmp(request->assignment, "matrix:", 7) == 0)
    return testudo_assignment_read(request->assignment + 7, assignment, error);
  if (is(request->assignment, "uncoded"))
    return testudo_assignment_uncoded(request->workers, request->chunks, assignment, error);
  if (is(request->assignment, "cyclic"))
    return testudo_assignment_cyclic(request->workers, request->replication, assignment, error);
  return testudo_assignment_regular(request->workers, request->chunks, request->replication, request->seed, assignment,
                                    error);
}

static testudo_status make_order(const cli_request *request, testudo_assignment *assignment,
                                 const cli_arguments *arguments, testudo_error *error)
{
  if (is(request->order, "random"))
    testudo_order_random(assignment, request->seed);
  if (!is(request->order, "matching"))
    return TESTUDO_OK;
  session_progress progress;
  session_progress_start(&progress, "ordering", arguments);
  testudo_status status = testudo_order_matching(assignment, &progress.monitor, error);
  session_progress_end(&progress);
  return status;
}

/* "partial-cyclic-12x12-r3-l2-natural": workers x chunks. */
static void default_name(const cli_request *request, const testudo_assignment *assignment, char *name, size_t room)
{
  bool matrix = strncmp(request->assignment, "matrix:", 7) == 0;
  const char *kind = matrix ? "matrix" : request->assignment;
  bool said = is(kind, "uncoded");
  int length = snprintf(name, room, "%s%s%s-%dx%d", testudo_scheme_name(request->scheme), said ? "" : "-",
                        said ? "" : kind, assignment->workers, assignment->chunks);
  if (request->replication > 1)
    length += snprintf(name + length, room - (size_t)length, "-r%d", request->replication);
  if (request->scheme == TESTUDO_SCHEME_PARTIAL)
    length += snprintf(name + length, room - (size_t)length, "-l%d", request->parts);
  snprintf(name + length, room - (size_t)length, "-%s", request->order);
}

static testudo_status make_design(const cli_request *request, const cli_arguments *arguments, testudo_design **design,
                                  testudo_error *error)
{
  testudo_assignment assignment = {0, 0, NULL, NULL};
  char name[160], *command = NULL;
  testudo_status status = make_assignment(request, &assignment, error);
  if (status == TESTUDO_OK)
    status = make_order(request, &assignment, arguments, error);
  if (status == TESTUDO_OK) {
    default_name(request, &assignment, name, sizeof name);
    status = testudo_design_create(request->scheme, &assignment, request->parts, request->seed,
                                   cli_text(arguments, "name", name), design, error);
  }
  testudo_assignment_free(&assignment);
  if (status != TESTUDO_OK)
    return status;
  command = cli_normalised(arguments);
  status = command == NULL ? testudo_i_fail_memory(error)
                           : testudo_design_set_provenance(*design, command, request->seed, error);
  free(command);
  return status == TESTUDO_OK ? testudo_design_claim(*design, error) : status;
}

/* ---- the summary ---- */

typedef struct cli_summary {
  const char *file;
  const testudo_design *design;
  cli_metrics metrics;
} cli_summary;

static void put_json(FILE *stream, void *context)
{
  const cli_summary *summary = context;
  testudo_i_json_writer writer;
  testudo_i_json_start(&writer, stream);
  testudo_i_json_open_object(&writer, NULL);
  testudo_i_json_put_string(&writer, "file", summary->file);
  metrics_put_design(&writer, summary->design);
  metrics_put(&writer, &summary->metrics);
  testudo_i_json_close_object(&writer);
  fputc('\n', stream);
}

static testudo_status tell(const testudo_design *design, const char *file, const cli_arguments *arguments,
                           testudo_error *error)
{
  cli_summary summary = {.file = file, .design = design};
  testudo_status status = metrics_measure(&summary.metrics, design, error);
  if (status == TESTUDO_OK && cli_given(arguments, "json"))
    put_json(stdout, &summary);
  else if (status == TESTUDO_OK) {
    printf("%s\n", file);
    metrics_print_design(stdout, design);
    metrics_print(stdout, &summary.metrics, design);
  }
  metrics_free(&summary.metrics);
  return status;
}

static testudo_status run(const cli_arguments *arguments, testudo_error *error)
{
  cli_request request;
  memset(&request, 0, sizeof request);
  testudo_design *design = NULL;
  uint64_t checksum = 0;
  const char *file = cli_text(arguments, "output", NULL);
  testudo_status status = take_request(&request, arguments, error);
  if (status == TESTUDO_OK)
    status = make_design(&request, arguments, &design, error);
  if (status == TESTUDO_OK && file == NULL)
    status = testudo_i_design_put(design, stdout, &checksum, error);
  else if (status == TESTUDO_OK)
    status = testudo_design_write(design, file, error);
  if (status == TESTUDO_OK && file != NULL)
    status = tell(design, file, arguments, error);
  testudo_design_free(design);
  return status;
}

static const cli_option options[] = {
    {.name = "scheme", .value = "WORD", .kind = CLI_CHOICE, .choices = "uncoded partial",
     .planned = "ignore-stragglers gradient-code nested", .preset = "partial",
     .help = "What the server waits for: all workers (uncoded), or every chunk from --parts workers (partial)."},
    {.name = "assignment", .value = "WORD", .kind = CLI_CHOICE, .choices = "cyclic regular matrix:FILE",
     .planned = "frc bernoulli bibd expander pairwise best",
     .preset = "cyclic; scheme uncoded: every chunk on one worker",
     .help = "Who holds which chunk; FILE is Matrix Market coordinate or a CSV of 0 and 1, a line a worker."},
    {.name = "workers", .value = "m", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .help = "Number of workers."},
    {.name = "chunks", .value = "N", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_CHUNKS,
     .preset = "as many as workers", .help = "Number of data chunks."},
    {.name = "replication", .value = "d", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .help = "On how many workers every chunk lies."},
    {.name = "parts", .value = "l", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_PARTS, .preset = "1",
     .help = "Into how many equal parts the gradient is cut; a message has one part's length."},
    {.name = "order", .value = "WORD", .kind = CLI_CHOICE, .choices = "natural matching random",
     .planned = "rotated xor milp best", .preset = "natural for cyclic and uncoded, matching otherwise",
     .help = "In which order a worker goes through its chunks."},
    {.name = "name", .value = "TEXT", .kind = CLI_TEXT, .preset = "made from the sizes",
     .help = "Name of the design, kept in its file."},
    {.name = "output", .letter = 'o', .value = "FILE", .kind = CLI_OUTPUT, .preset = "standard output",
     .help = "Where the design goes; with it a summary is printed."},
    {.name = "wait", .value = "K", .kind = CLI_INTEGER, .unbuilt = true},
    {.name = "stragglers", .value = "s", .kind = CLI_INTEGER, .unbuilt = true},
    {.name = "tolerances", .value = "s0,s1,..", .kind = CLI_TEXT, .unbuilt = true},
    {.name = "improve-code", .value = "SECONDS", .kind = CLI_REAL, .unbuilt = true},
    {.name = "delay", .value = "LAW", .kind = CLI_TEXT, .unbuilt = true},
    {.name = "objective", .value = "WORD", .kind = CLI_TEXT, .unbuilt = true},
    {.name = NULL},
};

static const cli_option *const groups[] = {options, cli_common_options, NULL};

const cli_command command_design = {
    .name = "design", .operands = "", .summary = "Make a design: who holds which chunks, in which order, and the code.",
    .details = "The design file carries the command that made it and claims (Q_max and overlaps) that 'testudo check'"
               " proves again. The same command gives the same bytes.",
    .example = "testudo design --assignment cyclic --workers 12 --replication 3 --parts 2 -o design.json\n"
               "testudo design --assignment regular --workers 50 --chunks 200 --replication 4 --seed 7 -o design.json\n"
               "testudo design --scheme uncoded --workers 12 -o uncoded.json",
    .groups = groups, .run = run,
};
