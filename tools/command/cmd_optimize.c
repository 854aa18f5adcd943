/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo optimize */
#include "commands.h"

#include <math.h>

#include "base/error.h"
#include "common/head.h"
#include "optimize/optimize.h"
#include "common/output.h"
#include "option/reading.h"

/* ---- output ---- */

static void print_objective(FILE *stream, const cli_optimized *o)
{
  fprintf(stream, "objective %s", o->objective_text);
  if (o->objective.kind == TESTUDO_OBJECTIVE_Q_MAX)
    fprintf(stream, ", level %d", o->objective.level);
  if (o->objective.kind == TESTUDO_OBJECTIVE_PRICED)
    fprintf(stream, ": the mean, %.6g s a share computed, %.6g s a gradient sent", o->objective.chunk_price,
            o->objective.vector_price);
  if (o->cluster.model.law != NULL) {
    delay_result delay;
    delay_fill(&delay, &o->cluster);
    fprintf(stream, ", delay ");
    delay_print(stream, &delay);
  }
  fputc('\n', stream);
}

static void optimize_print(FILE *text, const void *result)
{
  const cli_optimized *o = result;
  design_print(text, optimize_found(o));
  print_objective(text, o);
  if (o->plan != NULL) {
    plan_print(text, o->plan, o->unmade);
    return;
  }
  if (o->search == SEARCH_FAMILIES)
    families_print(text, &o->portfolio);
  bool seconds = o->objective.kind == TESTUDO_OBJECTIVE_MEAN || o->objective.kind == TESTUDO_OBJECTIVE_QUANTILE ||
                 o->objective.kind == TESTUDO_OBJECTIVE_PRICED;
  search_print(text, &o->result, seconds ? " s" : "");
  if (o->placement.domains > 0)
    fields_line(text, "domains", "%d, no two copies of a chunk in one\n", (int)o->placement.domains);
  if (isfinite(o->placement.cost) && o->objective.kind != TESTUDO_OBJECTIVE_COST)
    fields_line(text, "cost", "%.9g\n", o->placement.cost);
}

static const field optimize_fields[] = {
    {FIELD_AS("objective", cli_optimized, objective_text), .phrase = optimize_print, .meaning = "what was minimised"},
    {FIELD_INSIDE("design", cli_optimized, about, design_fields), .meaning = "the design that was found"},
    {FIELD_BEHIND("delay", cli_optimized, delayed, delay_fields), .meaning = "the delay model that was assumed"},
    {FIELD_SAME_INSIDE(cli_optimized, result, search_fields)},
    {FIELD_AS("domains", cli_optimized, placement.domains), .meaning = "domains that hold at most one copy of a chunk"},
    {FIELD_AS("cost", cli_optimized, placement.cost), .meaning = "sum of the costs, where they were given"},
    {FIELD_ROWS("tried", cli_optimized, portfolio.entry, portfolio.entries, tried_fields),
     .meaning = "the families that were tried"},
    {FIELD_AS("tried_best", cli_optimized, portfolio.best), .meaning = "index of the best of them"},
    {FIELD_BEHIND("blocks", cli_optimized, plan, plan_fields), .meaning = "how block sizes were chosen"},
    {FIELD(cli_optimized, seconds), .unit = "s", .meaning = "that the search took; in no file"},
    {.key = NULL},
};

static void optimize_fill(cli_optimized *o)
{
  design_fill(&o->about, optimize_found(o));
  if (o->cluster.model.law != NULL) {
    delay_fill(&o->delay, &o->cluster);
    o->delayed = &o->delay;
  }
  o->seconds = search_seconds(&o->frame);
  if (o->search != SEARCH_PLACEMENT || o->placement.limits.cost == NULL)
    o->placement.cost = NAN;
  if (o->placement.domains == 0)
    o->placement.domains = -1;
  if (o->search != SEARCH_FAMILIES)
    o->portfolio.best = -1;
}

static testudo_status optimize_write(cli_optimized *o, testudo_error *error)
{
  const char *file = cli_text(o->arguments, "output", NULL);
  if (file != NULL && !o->unmade)
    TESTUDO_I_TRY(session_put_design(optimize_found(o), file, error));
  optimize_fill(o);
  if (file == NULL || !cli_is_standard(file))
    report_show(o->arguments, optimize_fields, o);
  return TESTUDO_OK;
}

static testudo_status optimize_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  cli_optimized *o = context;
  TESTUDO_I_TRY(optimize_find(o, arguments, error));
  TESTUDO_I_TRY(optimize_write(o, error));
  TESTUDO_I_TRY(blocks_exit(o, error));
  return search_exit(&o->frame, &o->result, error);
}

static const cli_option output_options[] = {
    {.name = "output", .letter = 'o', .value = "FILE", .kind = CLI_OUTPUT, .heading = "Output",
     .help = "Output file for the better design; it may be the file that is read."},
    {.name = NULL},
};

static const cli_option *const groups[] = {optimize_goal_options, request_options, granularity_options,
                                           search_options, cluster_model_options, cli_reading_options,
                                           optimize_own_options, output_options, cli_seed_options,
                                           cli_threads_options, cli_common_options, NULL};

const cli_command command_optimize = {
    .name = "optimize", .operands = "[DESIGN.json]", .most_operands = 1,
    .summary = "Search for better orders, assignments and block sizes, from a design or from sizes.",
    .details = "With a design, the search starts from it; without one, from the sizes --workers, --chunks,"
               " --replication and --parts, and --order is then the order that a search of orders starts from, or that"
               " a placement is written in. What is searched: under a delay law, from sizes, all families and what lies"
               " between them; with a design, with --assignment or for qmax, orders; for overlap and cost, who holds"
               " which chunk; for scheme block, its tolerances and sizes.\n\nThe answer is optimal (nothing better"
               " exists, proved), feasible (the best found, with its distance to a proved bound where one is known), or"
               " undecided (exit 4). The design that is written is never worse than the one read, if that is within"
               " the limits, says in its provenance how it was found, and can be given to the command again to go on."
               " Ctrl-C writes the best so far and exits 130.",
    .example = "testudo optimize design.json --objective qmax -o better.json\n"
               "testudo optimize groups.json --delay exp:1 --method exhaustive -o better.json\n"
               "testudo optimize design.json --delay pareto:1,1.5 --objective quantile:0.99 --time-limit 60"
               " -o better.json\n"
               "testudo optimize --workers 24 --replication 4 --delay exp:1 -o fast.json\n"
               "testudo optimize --assignment frc --workers 24 --replication 4 --delay exp:1 -o fast.json\n"
               "testudo optimize --workers 24 --replication 8 --parts 3 --objective qmax -o ordered.json\n"
               "testudo optimize --workers 60 --replication 3 --objective overlap --domains racks.csv -o placed.json\n"
               "testudo optimize --scheme block --workers 12 --dim 10000 --delay shifted-exp:1,1 -o block.json\n"
               "testudo optimize --scheme block --workers 20 --dim 40000 --delay shifted-exp:1,0.1 --objective"
               " deadline:31.6228 -o block.json",
    .groups = groups, .result = optimize_fields, .makes = "design", .goes_on = true,
    .run = optimize_run, .room = sizeof(cli_optimized), .clear = optimize_clear,
};
