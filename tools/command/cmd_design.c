/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "commands.h"

#include <stdlib.h>

#include <testudo/code.h>
#include <testudo/designfile.h>

#include "base/error.h"
#include "common/metrics.h"
#include "common/session.h"
#include "design/family.h"
#include "design/improve.h"
#include "design/plan.h"
#include "design/request.h"
#include "designfile/write.h"
#include "optimize/best.h"
#include "optimize/ordered.h"

/* What went into the design beyond the request. */
typedef struct cli_found {
  best_search best;
  cli_plan plan;
  ordered_search ordered;
  testudo_improvement improved;
} cli_found;

static testudo_status make_assignment(const cli_request *request, const cli_arguments *arguments, best_search *best,
                                      testudo_assignment *assignment, testudo_error *error)
{
  if (!request_assigns(request, "best") && !request_assigns(request, "arcs"))
    return request_assign(request, arguments, assignment, error);
  testudo_status status = best_assign(best, request, arguments, assignment, error);
  return status == TESTUDO_OK ? request_put_in_order(request, arguments, assignment, error) : status;
}

static testudo_status make_design(const cli_request *request, const cli_arguments *arguments, testudo_design **design,
                                  cli_found *found, testudo_error *error)
{
  testudo_assignment assignment = {0, 0, NULL, NULL};
  testudo_status status = make_assignment(request, arguments, &found->best, &assignment, error);
  if (status == TESTUDO_OK)
    status = request_create(request, arguments, &assignment, design, error);
  if (status == TESTUDO_OK)
    status = ordered_run(&found->ordered, request, arguments, design, error);
  testudo_assignment_free(&assignment);
  if (status != TESTUDO_OK)
    return status;
  char *command = cli_normalised(arguments);
  status = command == NULL ? testudo_i_fail_memory(error)
                           : testudo_design_set_provenance(*design, command, request->seed, error);
  free(command);
  if (status == TESTUDO_OK)
    status = plan_record(&found->plan, *design, error);
  if (status == TESTUDO_OK)
    status = improve_design(*design, arguments, &found->improved, error);
  if (status == TESTUDO_OK)
    status = testudo_design_claim_family(*design, family_claims(request), error);
  if (status == TESTUDO_OK)
    status = best_record(&found->best, *design, error);
  return status == TESTUDO_OK
             ? ordered_record(&found->ordered, found->best.ran ? "order_search" : "search", *design, error)
             : status;
}

/* ---- the summary ---- */

typedef struct cli_summary {
  const char *file;
  const testudo_design *design;
  const cli_found *found;
  cli_metrics metrics;
  cli_family family;
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
  family_put(&writer, &summary->family);
  plan_put(&writer, &summary->found->plan);
  if (summary->found->improved.tries > 0)
    improve_put(&writer, "improved", &summary->found->improved);
  best_put(&writer, &summary->found->best);
  ordered_put(&writer, &summary->found->ordered);
  testudo_i_json_close_object(&writer);
  fputc('\n', stream);
}

static testudo_status tell(const testudo_design *design, const cli_request *request, const char *file,
                           const cli_found *found, const cli_arguments *arguments, testudo_error *error)
{
  cli_summary summary = {.file = file, .design = design, .found = found};
  testudo_status status = metrics_measure(&summary.metrics, design, error);
  if (status == TESTUDO_OK)
    status = family_measure(&summary.family, request, design, error);
  if (status == TESTUDO_OK && cli_given(arguments, "json"))
    put_json(stdout, &summary);
  else if (status == TESTUDO_OK) {
    printf("%s\n", file);
    metrics_print_design(stdout, design);
    metrics_print(stdout, &summary.metrics, design);
    family_print(stdout, &summary.family);
    plan_print(stdout, &found->plan);
    if (found->improved.tries > 0)
      improve_print(stdout, &found->improved);
    best_print(stdout, &found->best);
    ordered_print(stdout, &found->ordered, testudo_design_parts(design));
  }
  metrics_free(&summary.metrics);
  return status;
}

static testudo_status run(const cli_arguments *arguments, testudo_error *error)
{
  cli_request request;
  testudo_design *design = NULL;
  cli_found found = {.improved = {.tries = 0}};
  uint64_t checksum = 0;
  const char *file = cli_text(arguments, "output", NULL);
  testudo_status status = request_take(&request, arguments, error);
  if (status == TESTUDO_OK && !cli_is_utf8(cli_text(arguments, "name", "")))
    status = testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--name: not UTF-8, which a design file is");
  if (status == TESTUDO_OK)
    status = best_check(&request, arguments, error);
  if (status == TESTUDO_OK)
    status = plan_take(&found.plan, &request, arguments, error);
  if (status == TESTUDO_OK)
    status = make_design(&request, arguments, &design, &found, error);
  if (status == TESTUDO_OK && file == NULL)
    status = testudo_i_design_put(design, stdout, &checksum, error);
  else if (status == TESTUDO_OK)
    status = testudo_design_write(design, file, error);
  if (status == TESTUDO_OK && file != NULL)
    status = tell(design, &request, file, &found, arguments, error);
  if (status == TESTUDO_OK && (found.improved.interrupted || found.plan.interrupted))
    status = TESTUDO_INTERRUPTED;
  if (status == TESTUDO_OK && found.best.ran)
    status = search_exit(&found.best.frame, &found.best.result, error);
  if (status == TESTUDO_OK && found.ordered.ran)
    status = search_exit(&found.ordered.frame, &found.ordered.result, error);
  best_free(&found.best);
  ordered_free(&found.ordered);
  plan_free(&found.plan);
  testudo_design_free(design);
  return status;
}

static const cli_option options[] = {
    {.name = "scheme", .value = "WORD", .kind = CLI_CHOICE,
     .choices = "uncoded ignore-stragglers gradient-code nested partial block", .preset = "partial",
     .help = "What the server waits for: all workers (uncoded), the first --wait of them (ignore-stragglers), all but"
             " --stragglers of them (gradient-code), the first of --tolerances that enough workers reach (nested, a"
             " working model), every chunk from --parts workers (partial), or all but s of them block by block of the"
             " gradient's coordinates, s being that block's of --tolerances (block, a working model)."},
    {.name = "assignment", .value = "WORD", .kind = CLI_CHOICE,
     .choices = "cyclic frc regular bernoulli graph expander bibd pairwise arcs best matrix:FILE",
     .preset = "cyclic; schemes uncoded and ignore-stragglers: every chunk on one worker",
     .help = "Who holds which chunk: neighbours on a circle (cyclic), groups of workers that hold the same (frc), a"
             " random graph of equal degrees (regular). For approximate codes: each chunk on each worker with"
             " probability d/m, drawn again where a chunk gets fewer than --parts (bernoulli); the edges of a random"
             " d-regular graph of N chunks, two chunks a worker and Nd/2 workers (graph); the best of 8 regular ones"
             " by its second singular value (expander); every two chunks together equally often, where such a design"
             " is known (bibd); every two together on d d'/m workers, or as nearly as a search gets (pairwise). Arcs of"
             " a circle, longer for faster workers (arcs, with --rates). What a search for --objective finds (best)."
             " FILE is Matrix Market coordinate or a CSV of 0 and 1, a line a worker."},
    {.name = "workers", .value = "m", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .help = "Number of workers."},
    {.name = "chunks", .value = "N", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_CHUNKS,
     .preset = "as many as workers", .help = "Number of data chunks."},
    {.name = "replication", .value = "d", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .preset = "gradient-code: s + 1", .help = "On how many workers every chunk lies."},
    {.name = "copies", .value = "d0,d1,..", .kind = CLI_REALS, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .help = "For pairwise: on how many workers each chunk lies, a number a chunk, instead of --replication."},
    {.name = "parts", .value = "l", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_PARTS, .preset = "1",
     .help = "Into how many equal parts the gradient is cut; a message has one part's length."},
    {.name = "stragglers", .value = "s", .kind = CLI_INTEGER, .least = 0, .most = TESTUDO_MAX_WORKERS,
     .help = "How many workers a gradient code does without."},
    {.name = "tolerances", .value = "s0,s1,..", .kind = CLI_REALS, .least = 0, .most = TESTUDO_MAX_WORKERS,
     .help = "How many workers a nested code does without, any increasing list: for a tolerance s, s + 1 chunks of"
             " all workers but s are enough. Of a block code, how many each block does without. The largest sets the"
             " load."},
    {.name = "sizes", .value = "n0,n1,..", .kind = CLI_REALS, .least = 0, .most = 2147483647,
     .help = "How many coordinates each block of a block code has, one number a tolerance; a block of 0 is left out."},
    {.name = "dim", .value = "d", .kind = CLI_INTEGER, .least = 1, .most = 2147483647, .preset = "the sum of --sizes",
     .help = "Length of the gradient that the sizes of a block code are stated for; for other lengths they scale."},
    {.name = "construction", .value = "WORD", .kind = CLI_CHOICE, .choices = "cyclic cyclic-mds frc",
     .preset = "frc for groups, otherwise cyclic",
     .help = "Coefficients of a gradient code: random on neighbours (cyclic), of a cyclic MDS code (cyclic-mds: better"
             " conditioned, needs m - s odd), or all one on groups (frc). It implies the assignment."},
    {.name = "wait", .value = "K", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .help = "How many workers ignore-stragglers waits for."},
    {.name = "order", .value = "WORD", .kind = CLI_CHOICE, .choices = "natural matching random rotated xor milp best",
     .preset = "natural for cyclic, frc and uncoded, matching otherwise",
     .help = "In which order a worker goes through its chunks; rotated and xor are Latin squares inside the groups of"
             " frc; best and milp search for --objective, by what suits the problem or by an integer programme."},
    {.name = "name", .value = "TEXT", .kind = CLI_TEXT, .preset = "made from the sizes",
     .help = "Name of the design, kept in its file."},
    {.name = "output", .letter = 'o', .value = "FILE", .kind = CLI_OUTPUT, .preset = "standard output",
     .help = "Where the design goes; with it a summary is printed."},
    {.name = "improve-code", .value = "SECONDS", .kind = CLI_REAL, .ends = CLI_OPEN_BELOW, .least = 0, .most = 1e7,
     .help = "Draw random coefficients again for so long and keep those whose largest amplification, over sampled and"
             " searched straggler sets, is least; Ctrl-C keeps the best so far."},
    {.name = "improve-tries", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 1e12,
     .help = "The same for n draws: the same seed and n give the same bytes."},
    {.name = NULL},
};

static const cli_option *const groups[] = {options, plan_options, best_options, search_options, cli_common_options,
                                           NULL};

const cli_command command_design = {
    .name = "design", .operands = "", .summary = "Make a design: who holds which chunks, in which order, and the code.",
    .details = "The design file carries the command that made it and claims (Q_max and overlaps) that 'testudo check'"
               " proves again. The same command gives the same bytes.",
    .example = "testudo design --assignment cyclic --workers 12 --replication 3 --parts 2 -o design.json\n"
               "testudo design --assignment regular --workers 50 --chunks 200 --replication 4 --seed 7 -o design.json\n"
               "testudo design --assignment frc --workers 12 --replication 4 --order xor -o groups.json\n"
               "testudo design --assignment bibd --workers 13 --replication 4 -o plane.json\n"
               "testudo design --assignment graph --chunks 20 --replication 3 -o graph.json\n"
               "testudo design --scheme gradient-code --workers 12 --stragglers 2 -o classical.json\n"
               "testudo design --scheme nested --workers 12 --tolerances 0,1,3 -o nested.json\n"
               "testudo design --scheme block --workers 12 --tolerances 0,2,5 --sizes 300,500,200 -o block.json\n"
               "testudo design --scheme block --workers 12 --dim 10000 --delay shifted-exp:1,1 -o block.json\n"
               "testudo design --scheme gradient-code --workers 24 --stragglers 4 --improve-tries 50 -o better.json\n"
               "testudo design --scheme ignore-stragglers --workers 12 --wait 10 -o impatient.json\n"
               "testudo design --scheme uncoded --workers 12 -o uncoded.json\n"
               "testudo design --assignment best --workers 60 --replication 3 --domains racks.csv -o placed.json\n"
               "testudo design --workers 24 --replication 8 --parts 3 --order best -o ordered.json\n"
               "testudo design --assignment arcs --workers 4 --replication 2 --rates 1,2,2,3 -o uneven.json\n"
               "testudo design --assignment best --workers 24 --replication 4 --delay exp:1 -o fast.json\n"
               "testudo design --assignment frc --workers 24 --replication 4 --order best --delay exp:1 -o fast.json",
    .groups = groups, .writes = true, .run = run,
};
