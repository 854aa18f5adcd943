/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo design */
#include "commands.h"

#include <testudo/code.h>
#include <testudo/designfile.h>

#include "base/error.h"
#include "common/head.h"
#include "common/metrics.h"
#include "common/session.h"
#include "design/family.h"
#include "design/improve.h"
#include "design/plan.h"
#include "design/request.h"
#include "designfile/write.h"
#include "optimize/best.h"
#include "optimize/ordered.h"

typedef struct cli_designed {
  const char *file; /* NULL: standard output */
  cli_request request;
  testudo_assignment assignment;
  testudo_design *design;
  /* What went into the design beyond the request. */
  best_search best;
  cli_plan plan;
  ordered_search ordered;
  testudo_improvement improved;
  /* What the summary tells of it. */
  cli_metrics metrics;
  cli_family family;
} cli_designed;

static testudo_status design_assign(cli_designed *d, const cli_arguments *arguments, testudo_error *error)
{
  if (!request_assigns(&d->request, "best") && !request_assigns(&d->request, "arcs"))
    return request_assign(&d->request, arguments, &d->assignment, error);
  TESTUDO_I_TRY(best_assign(&d->best, &d->request, arguments, &d->assignment, error));
  return request_put_in_order(&d->request, arguments, &d->assignment, error);
}

static testudo_status design_make(cli_designed *d, const cli_arguments *arguments, testudo_error *error)
{
  TESTUDO_I_TRY(design_assign(d, arguments, error));
  TESTUDO_I_TRY(request_create(&d->request, arguments, &d->assignment, &d->design, error));
  TESTUDO_I_TRY(ordered_run(&d->ordered, &d->request, arguments, &d->design, error));
  testudo_assignment_free(&d->assignment);
  TESTUDO_I_TRY(testudo_design_set_provenance(d->design, arguments->line, d->request.seed, error));
  TESTUDO_I_TRY(plan_record(&d->plan, d->design, error));
  TESTUDO_I_TRY(improve_design(d->design, arguments, &d->improved, error));
  TESTUDO_I_TRY(testudo_design_claim_family(d->design, family_claims(&d->request), error));
  TESTUDO_I_TRY(best_record(&d->best, d->design, error));
  return ordered_record(&d->ordered, d->best.ran ? "order_search" : "search", d->design, error);
}

/* ---- the summary ---- */

static void designed_put(testudo_i_json_writer *writer, const void *context)
{
  const cli_designed *d = context;
  testudo_i_json_put_string(writer, "file", d->file);
  design_put(writer, d->design);
  fields_put(writer, metrics_fields, &d->metrics);
  family_put(writer, &d->family);
  plan_put(writer, &d->plan);
  if (d->improved.tries > 0)
    improve_put(writer, "improved", &d->improved);
  best_put(writer, &d->best);
  ordered_put(writer, &d->ordered);
}

static void designed_print(FILE *stream, const void *context)
{
  const cli_designed *d = context;
  fprintf(stream, "%s\n", d->file);
  design_print(stream, d->design);
  fields_print(stream, metrics_fields, &d->metrics, 18);
  family_print(stream, &d->family);
  plan_print(stream, &d->plan);
  if (d->improved.tries > 0)
    improve_print(stream, &d->improved);
  best_print(stream, &d->best);
  ordered_print(stream, &d->ordered, testudo_design_parts(d->design));
}

static testudo_status design_write(cli_designed *d, const cli_arguments *arguments, testudo_error *error)
{
  uint64_t checksum = 0;
  d->file = cli_text(arguments, "output", NULL);
  if (d->file == NULL)
    return testudo_i_design_put(d->design, stdout, &checksum, error);
  TESTUDO_I_TRY(testudo_design_write(d->design, d->file, error));
  TESTUDO_I_TRY(metrics_measure(&d->metrics, d->design, error));
  TESTUDO_I_TRY(family_measure(&d->family, &d->request, d->design, error));
  session_tell(arguments, &(session_result){designed_put, designed_print, d});
  return TESTUDO_OK;
}

static testudo_status design_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  cli_designed *d = context;
  TESTUDO_I_TRY(request_take(&d->request, arguments, error));
  if (!cli_is_utf8(cli_text(arguments, "name", "")))
    return cli_refuse(error, "--name: not UTF-8, which a design file is");
  TESTUDO_I_TRY(best_check(&d->request, arguments, error));
  TESTUDO_I_TRY(plan_take(&d->plan, &d->request, arguments, error));
  TESTUDO_I_TRY(design_make(d, arguments, error));
  TESTUDO_I_TRY(design_write(d, arguments, error));
  if (d->improved.interrupted || d->plan.interrupted)
    return TESTUDO_INTERRUPTED;
  if (d->best.ran)
    TESTUDO_I_TRY(search_exit(&d->best.frame, &d->best.result, error));
  return d->ordered.ran ? search_exit(&d->ordered.frame, &d->ordered.result, error) : TESTUDO_OK;
}

static void design_clear(void *context)
{
  cli_designed *d = context;
  best_free(&d->best);
  latency_close(&d->ordered.latency);
  plan_free(&d->plan);
  testudo_i_arena_clear(&d->request.arena);
  metrics_free(&d->metrics);
  testudo_assignment_free(&d->assignment);
  testudo_design_free(d->design);
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
     .help = "Into how many equal parts the gradient is cut; a message has one part's length. Scheme gradient-code of"
             " more than one part is written as scheme gradient-code-parts, with s + l copies of every chunk."},
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
    .groups = groups, .writes = true, .run = design_run, .room = sizeof(cli_designed), .clear = design_clear,
};
