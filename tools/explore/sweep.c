/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo sweep */
#include "commands.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "common/output.h"
#include "design/made.h"
#include "explore/explore.h"
#include "explore/sweep.h"
#include "option/reading.h"

typedef struct cli_sweep {
  explore_run run;
  explore_grid grid;
  const char *command, *version;
} cli_sweep;

static void print_rows(FILE *text, const void *result)
{
  const cli_sweep *sweep = result;
  rows_print(text, sweep->run.rows.row, sweep->run.rows.count);
}

void run_print_reasons(FILE *text, const explore_run *run)
{
  for (size_t k = 0; k < run->reasons; k++)
    fprintf(text, "  %6" PRId64 "  %s\n", run->reason[k].count, run->reason[k].text);
}

void explore_print_counts(FILE *text, const explore_run *run)
{
  fprintf(text, "%" PRId64 " points: %" PRId64 " computed", run->points, run->done);
  const struct {
    int64_t count;
    const char *what;
  } more[] = {{run->there, "there already"}, {run->repeated, "the same as others"},
              {run->skipped, "skipped, which the commands refuse"}, {run->outside, "outside of --where"},
              {run->unfinished, "given up after --point-limit"},
              {run->given_up, "given up before"}, {run->left, "left"}};
  for (size_t k = 0; k < sizeof more / sizeof *more; k++)
    if (more[k].count > 0)
      fprintf(text, ", %" PRId64 " %s", more[k].count, more[k].what);
  if (run->shards > 1)
    fprintf(text, "; shard %" PRId64 " of %" PRId64 ", which has %" PRId64, run->shard, run->shards, run->mine);
  fputc('\n', text);
  run_print_reasons(text, run);
}

static void print_counts(FILE *text, const void *result)
{
  explore_print_counts(text, &((const cli_sweep *)result)->run);
}

const field explore_count_fields[] = {
    {FIELD_AS("asked", explore_run, points), .meaning = "points that the options come to"},
    {FIELD(explore_run, done), .meaning = "points that were computed"},
    {FIELD(explore_run, there), .meaning = "points that the store had"},
    {FIELD(explore_run, repeated), .meaning = "points that are the same as others"},
    {FIELD(explore_run, outside), .meaning = "points that --where leaves out"},
    {FIELD(explore_run, unfinished), .meaning = "points that took longer than --point-limit"},
    {FIELD(explore_run, given_up), .meaning = "points that were given up before, with as much time"},
    {FIELD(explore_run, mine), .meaning = "different points of this shard"},
    {FIELD(explore_run, left), .meaning = "points that were not reached"},
    {FIELD(explore_run, interrupted), .meaning = "was it interrupted?"},
    {FIELD_AS("skipped_points", explore_run, skipped), .meaning = "points that the commands refuse"},
    {.key = NULL},
};

static const field skipped_fields[] = {
    {FIELD_ROWS("skipped", explore_run, reason, reasons, explore_reason_fields), .meaning = "why, most frequent first"},
    {.key = NULL},
};

static const field sweep_fields[] = {
    {FIELD(cli_sweep, command), .phrase = print_counts, .meaning = "the command that made the result"},
    {FIELD(cli_sweep, version), .meaning = "the version of the program"},
    {FIELD_ROWS("points", cli_sweep, run.rows.row, run.rows.count, explore_row_fields), .phrase = print_rows,
     .meaning = "the points that were computed, the first option changing least often"},
    {FIELD_SAME_INSIDE(cli_sweep, run, explore_count_fields)},
    {FIELD_SAME_INSIDE(cli_sweep, run, skipped_fields)},
    {.key = NULL},
};

/* A file of lines has its points alone. */
static const field csv_fields[] = {
    {FIELD_ROWS("", cli_sweep, run.rows.row, run.rows.count, explore_row_fields), .meaning = "the points"},
    {.key = NULL},
};

testudo_status explore_exit(const explore_run *run, testudo_error *error)
{
  if (run->interrupted)
    return TESTUDO_INTERRUPTED;
  if (run->done + run->there + run->unfinished + run->given_up + run->left + run->outside == 0 && run->skipped > 0)
    return cli_refuse(error, "no point is left: all %" PRId64 " are refused, first because: %s", run->skipped,
                      run->reason[0].text);
  if (run->out_of_time)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "--time-limit: %" PRId64 " points were not reached", run->left);
  if (run->unfinished + run->given_up > 0)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "--point-limit: %" PRId64 " points took longer",
                          run->unfinished + run->given_up);
  return TESTUDO_OK;
}

static testudo_status sweep_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  cli_sweep *sweep = context;
  explore_run *run = &sweep->run;
  const char *output = cli_text(arguments, "output", "");
  size_t length = strlen(output);
  if (length > 7 && strcmp(output + length - 7, ".sqlite") == 0)
    return cli_refuse(error, "-o: a store is written by the same options of 'testudo explore', with --store %.200s",
                      output);
  TESTUDO_I_TRY(grid_take(&sweep->grid, arguments, error));
  *run = (explore_run){.arguments = arguments, .grid = &sweep->grid, .grids = 1, .shard = 1, .shards = 1};
  TESTUDO_I_TRY(run_take_limits(run, arguments, error));
  testudo_status status = run_points(run, error);
  if (status != TESTUDO_OK && status != TESTUDO_INTERRUPTED)
    return status;
  sweep->command = arguments->line;
  sweep->version = testudo_version();
  TESTUDO_I_TRY(rows_align(&run->rows, error));
  if (run->rows.count > 0 || run->skipped == 0)
    TESTUDO_I_TRY(report_write_both(arguments, sweep_fields, csv_fields, sweep, error));
  return explore_exit(run, error);
}

static void sweep_clear(void *context)
{
  cli_sweep *sweep = context;
  run_clear(&sweep->run);
  grid_clear(&sweep->grid);
}

static const cli_option *const groups[] = {
    explore_compute_options, explore_search_options, design_scheme_options, request_options, granularity_options,
    design_by_scheme_options,
    cluster_model_options, cli_reading_options, cluster_report_options, analysis_own_options, simulation_trial_options,
    explore_limit_options, report_options, cli_seed_options, cli_threads_options,
    cli_common_options, NULL};

const cli_command command_sweep = {
    .name = "sweep", .operands = "", .summary = "Curves: every combination of lists and ranges of options, computed.",
    .details = "Options of 'testudo design' and of the delay model take lists and ranges here: --workers 12..200:4 is"
               " 12, 16, .., 200, --replication 1..8 is 1, 2, .., 8, --rates and laws, which have commas of their own,"
               " are repeated: --delay exp:1 --delay gamma:2,0.5. 'none' stands for the option left out. Every"
               " combination is a point: its design is made as by 'testudo design', or searched as by 'testudo"
               " optimize', and measured as by 'testudo analyze' or 'testudo simulate', with these options and no"
               " others. Combinations that these commands refuse are"
               " skipped and counted, with the reasons. Where a delay law decides an order (draft), the design is made"
               " for the law of its point. Points are computed on --threads threads, one on each, and the number of"
               " threads changes nothing. Interrupted, the points that are done are written. A CSV file has a line per"
               " point: options, design, delay model in words, latency.",
    .example = "testudo sweep --workers 12..48:12 --replication 1..4 --delay exp:1 -o curve.csv\n"
               "testudo sweep --workers 24 --scheme partial,gradient-code --replication 2..4 --compute analyze,simulate"
               " --trials 10000 --delay exp:1 --delay lognormal:0,1 -o points.json",
    .groups = groups, .result = sweep_fields, .replays = true, .lists = explore_listed, .run = sweep_run,
    .room = sizeof(cli_sweep), .clear = sweep_clear,
};
