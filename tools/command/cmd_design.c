/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo design */
#include "commands.h"

#include <inttypes.h>
#include <math.h>

#include <testudo/code.h>
#include <testudo/designfile.h>

#include "base/error.h"
#include "common/cluster.h"
#include "common/head.h"
#include "common/metrics.h"
#include "common/session.h"
#include "design/family.h"
#include "design/made.h"
#include "common/output.h"
#include "trust/report.h"

/* Loads of arcs: the linear programme, what whole numbers cost, and why there is nothing sooner. */
typedef struct makespan_result {
  double value, linear_programme;
  int64_t copies, copies_sooner;
} makespan_result;

typedef struct cli_designed {
  const char *file; /* NULL: standard output */
  cli_made made;
  /* What the summary says of it. */
  design_result about;
  cli_metrics metrics;
  cli_family family;
  const testudo_improvement *improved; /* NULL: nothing was tried */
  makespan_result arcs;
  const makespan_result *makespan;     /* of assignment arcs, else NULL */
  const testudo_code_check *tested;    /* of a code of the user's own, else NULL */
  double draft_time;                   /* of order draft under a law, else NAN */
} cli_designed;

static testudo_status design_make(cli_designed *d, const cli_arguments *arguments, testudo_error *error)
{
  const cli_request *request = &d->made.request;
  TESTUDO_I_TRY(made_by_arguments(&d->made, arguments, error));
  d->improved = d->made.improvement.tries > 0 ? &d->made.improvement : NULL;
  d->draft_time = request->draft_time > 0 ? request->draft_time : NAN;
  d->tested = request->tested.sets > 0 ? &request->tested : NULL;
  return TESTUDO_OK;
}

/* ---- the summary ---- */

static void design_heading(FILE *text, const void *result)
{
  const cli_designed *d = result;
  fprintf(text, "%s\n", d->file);
  design_print(text, d->made.design);
}

static void makespan_print(FILE *text, const void *result)
{
  const makespan_result *makespan = result;
  fields_line(text, "makespan", "%.9g times of one chunk at rate 1; loads that are not whole would take %.9g\n",
              makespan->value, makespan->linear_programme);
  fields_line(text, "", "optimal: before that the workers finish at most %" PRId64 " of %" PRId64 " copies\n",
              makespan->copies_sooner, makespan->copies);
}

static const field makespan_fields[] = {
    {FIELD(makespan_result, value), .phrase = makespan_print, .meaning = "time until all copies are done, in times of"
     " one chunk at rate 1"},
    {FIELD(makespan_result, linear_programme), .meaning = "the same for loads that need not be whole: a lower bound"},
    {FIELD(makespan_result, copies), .meaning = "copies of all chunks"},
    {FIELD(makespan_result, copies_sooner), .meaning = "copies that can be done before: too few, so it is optimal"},
    {.key = NULL},
};

static const field designed_fields[] = {
    {FIELD(cli_designed, file), .phrase = design_heading, .meaning = "the design file that was written"},
    {FIELD_INSIDE("design", cli_designed, about, design_fields), .meaning = "the design"},
    {FIELD_SAME_INSIDE(cli_designed, metrics, metrics_fields)},
    {FIELD_SAME_INSIDE(cli_designed, family, family_fields)},
    {FIELD_BEHIND("improved", cli_designed, improved, improve_fields), .label = "",
     .meaning = "coefficients that were drawn again, with --improve-code or --improve-tries"},
    {FIELD_BEHIND("code_check", cli_designed, tested, code_check_fields), .label = "",
     .meaning = "do the coefficients of --code decode? null: no such code, or too large to test"},
    {FIELD(cli_designed, draft_time), .label = "draft looks at", .unit = "s",
     .meaning = "the late time at which order draft asks what is still undone; null: no law decides the order"},
    {FIELD_BEHIND("makespan", cli_designed, makespan, makespan_fields), .label = "", .meaning = "of assignment arcs"},
    {.key = NULL},
};

static void design_fill_arcs(cli_designed *d)
{
  const cli_request *request = &d->made.request;
  if (request->makespan.value <= 0.0)
    return;
  d->arcs = (makespan_result){.value = request->makespan.value, .linear_programme = request->makespan.bound,
                              .copies = (int64_t)request->chunks * request->replication,
                              .copies_sooner = request->makespan.sooner};
  d->makespan = &d->arcs;
}

static testudo_status design_write(cli_designed *d, const cli_arguments *arguments, testudo_error *error)
{
  d->file = cli_text(arguments, "output", NULL);
  TESTUDO_I_TRY(session_put_design(d->made.design, d->file, error));
  if (cli_is_standard(d->file))
    return TESTUDO_OK;
  TESTUDO_I_TRY(metrics_measure(&d->metrics, d->made.design, error));
  TESTUDO_I_TRY(family_measure(&d->family, &d->made.request, d->made.design, error));
  design_fill(&d->about, d->made.design);
  design_fill_arcs(d);
  report_show(arguments, designed_fields, d);
  return TESTUDO_OK;
}

static testudo_status design_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  cli_designed *d = context;
  TESTUDO_I_TRY(design_make(d, arguments, error));
  TESTUDO_I_TRY(design_write(d, arguments, error));
  return d->made.improvement.interrupted ? TESTUDO_INTERRUPTED : TESTUDO_OK;
}

static void design_clear(void *context)
{
  cli_designed *d = context;
  made_clear(&d->made);
  metrics_free(&d->metrics);
}

static const cli_option output_options[] = {
    {.name = "output", .letter = 'o', .value = "FILE", .kind = CLI_OUTPUT, .preset = "standard output",
     .heading = "Output", .help = "Output file for the design; a summary is then printed on standard output."},
    {.name = "name", .value = "TEXT", .kind = CLI_TEXT, .preset = "made from the sizes",
     .help = "Name of the design, kept in its file."},
    {.name = NULL},
};

static const cli_option *const groups[] = {
    design_scheme_options, request_options, granularity_options, design_by_scheme_options, cluster_model_options,
    output_options, cli_seed_options, cli_common_options, NULL};

const cli_command command_design = {
    .name = "design", .operands = "", .summary = "Make a design: who holds which chunks, in which order, and the code.",
    .details = "Makes members of named families, and designs of your own assignments and orders; 'testudo optimize'"
               " searches for better ones. The design file carries the command that made it and claims (Q_max and"
               " overlaps) that 'testudo check' proves again. The same command gives the same bytes.",
    .example = "testudo design --assignment cyclic --workers 12 --replication 3 --parts 2 -o design.json\n"
               "testudo design --assignment regular --workers 50 --chunks 200 --replication 4 --seed 7 -o design.json\n"
               "testudo design --assignment frc --workers 12 --replication 4 --order xor -o groups.json\n"
               "testudo design --assignment matrix:holds.csv --order file:orders.csv -o own.json\n"
               "testudo design --code matrix:weights.csv --stragglers 2 -o own.json\n"
               "testudo design --assignment bibd --workers 13 --replication 4 -o plane.json\n"
               "testudo design --assignment graph --chunks 20 --replication 3 -o graph.json\n"
               "testudo design --assignment arcs --workers 4 --replication 2 --rates 1,2,2,3 -o uneven.json\n"
               "testudo design --scheme gradient-code --workers 12 --stragglers 2 -o classical.json\n"
               "testudo design --scheme gradient-code --workers 24 --stragglers 4 --improve-tries 50 -o better.json\n"
               "testudo design --scheme nested --workers 12 --tolerances 0,1,3 -o nested.json\n"
               "testudo design --scheme block --workers 12 --tolerances 0,2,5 --sizes 300,500,200 -o block.json\n"
               "testudo design --scheme ignore-stragglers --workers 12 --wait 10 -o impatient.json\n"
               "testudo design --scheme uncoded --workers 12 -o uncoded.json",
    .groups = groups, .result = designed_fields, .makes = "design", .also = &command_optimize, .run = design_run,
    .room = sizeof(cli_designed), .clear = design_clear,
};
