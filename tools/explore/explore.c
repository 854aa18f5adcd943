/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo explore */
#define _POSIX_C_SOURCE 200809L
#include "commands.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "common/output.h"
#include "design/made.h"
#include "explore/explore.h"
#include "explore/sweep.h"
#include "option/reading.h"
#include "option/spec.h"

typedef struct merged_result {
  const char *file;
  int64_t added;
} merged_result;

typedef struct cli_explore {
  explore_run run;
  cli_arguments *spec;       /* one per file, or none */
  size_t specs;
  const char *command, *version, *store;
  merged_result *merged;
  size_t merges;
  bool ran;
  explore_preview preview;   /* of --dry-run */
  testudo_i_store_counts counts;
  explore_rows rows;         /* of --export */
  testudo_i_arena arena;
} cli_explore;

/* ---- the result ---- */

static const field merged_fields[] = {
    {FIELD(merged_result, file), .label = "merged", .meaning = "the store that was merged"},
    {FIELD(merged_result, added), .label = "rows added", .meaning = "rows that were new"},
    {.key = NULL},
};

static void print_merged(FILE *text, const void *result)
{
  const cli_explore *e = result;
  for (size_t k = 0; k < e->merges; k++)
    fprintf(text, "%s: %" PRId64 " rows added\n", e->merged[k].file, e->merged[k].added);
}

static void print_run(FILE *text, const void *result)
{
  const cli_explore *e = result;
  if (e->preview.point != NULL)
    preview_print(text, &e->preview, &e->run);
  if (e->ran)
    explore_print_counts(text, &e->run);
}

static void print_counts(FILE *text, const void *result)
{
  const cli_explore *e = result;
  if (e->preview.point != NULL)
    return;
  fprintf(text, "%s: %" PRId64 " points, %" PRId64 " finished, %" PRId64 " given up, %.4g s of work", e->store,
          e->counts.points, e->counts.finished, e->counts.unfinished, e->counts.seconds);
  if (e->counts.drawn > 0)
    fprintf(text, ", %.3g MB of draws", (double)e->counts.drawn / 1e6);
  fputc('\n', text);
}

static const field count_fields[] = {
    {FIELD(testudo_i_store_counts, points), .meaning = "points in the store"},
    {FIELD(testudo_i_store_counts, finished), .meaning = "of them with a result"},
    {FIELD(testudo_i_store_counts, unfinished), .meaning = "of them given up after --point-limit"},
    {FIELD(testudo_i_store_counts, rows), .meaning = "rows: points computed again with more trials have more"},
    {FIELD(testudo_i_store_counts, seconds), .unit = "s", .meaning = "that all rows took, each on one thread"},
    {FIELD(testudo_i_store_counts, drawn), .unit = "B", .meaning = "draws that are kept for more trials"},
    {.key = NULL},
};

static const field explore_fields[] = {
    {FIELD(cli_explore, command), .phrase = print_merged, .meaning = "the command that made the result"},
    {FIELD(cli_explore, version), .phrase = print_run, .meaning = "the version of the program"},
    {FIELD_ROWS("merged", cli_explore, merged, merges, merged_fields), .meaning = "stores that were merged"},
    {FIELD_SAME_INSIDE(cli_explore, run, explore_count_fields)},
    {FIELD_ROWS("missing", cli_explore, preview.point, preview.points, preview_point_fields),
     .meaning = "with --dry-run, the points that would be computed"},
    {FIELD_INSIDE("cost", cli_explore, preview, preview_cost_fields),
     .meaning = "with --dry-run, what they would take"},
    {FIELD_ROWS("skipped", cli_explore, run.reason, run.reasons, explore_reason_fields),
     .meaning = "why points were skipped, most frequent first"},
    {FIELD(cli_explore, store), .phrase = print_counts, .meaning = "the store"},
    {FIELD_INSIDE("stored", cli_explore, counts, count_fields), .meaning = "what it has now"},
    {.key = NULL},
};

const field explore_export_fields[] = {
    {FIELD(cli_explore, version), .meaning = "the version of the program"},
    {FIELD_ROWS("points", cli_explore, rows.row, rows.count, explore_row_fields), .meaning = "in the order of keys"},
    {.key = NULL},
};

static const field export_csv[] = {
    {FIELD_ROWS("", cli_explore, rows.row, rows.count, explore_row_fields), .meaning = "in the order of keys"},
    {.key = NULL},
};

/* ---- what is asked ---- */

static testudo_status take_shard(explore_run *run, const cli_arguments *arguments, testudo_error *error)
{
  const char *text = cli_text(arguments, "shard", "1/1"), *slash = strchr(text, '/');
  char *end;
  run->shard = slash == NULL ? 0 : strtoll(text, &end, 10);
  bool good = slash != NULL && end == slash && slash[1] >= '0' && slash[1] <= '9';
  run->shards = good ? strtoll(slash + 1, &end, 10) : 0;
  if (!good || *end != '\0' || run->shard < 1 || run->shards < run->shard || run->shards > 1000000)
    return cli_refuse(error, "--shard: '%s' is not a shard; wanted: i/n with 1 <= i <= n, for example 2/8", text);
  return TESTUDO_OK;
}

/* Is any axis given on the command line itself? */
static bool has_axes(const cli_arguments *arguments)
{
  for (size_t k = 0; k < arguments->options; k++)
    if (arguments->value[k].given && cli_takes_list(arguments->command, arguments->option[k]))
      return true;
  return false;
}

/* What says how to run is said on the command line: a file of points that did so would be surprising. */
static testudo_status check_members(const cli_arguments *spec, testudo_error *error)
{
  static const char *const names[] = {"store",  "shard", "merge", "drop-draws", "dry-run", "status",
                                      "export", "json",  "quiet", "version"};
  for (size_t k = 0; k < sizeof names / sizeof *names; k++)
    if (cli_get(spec, names[k])->place != NULL)
      return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: %s: it says how to run; give it on the command line",
                            spec->file, names[k]);
  return TESTUDO_OK;
}

/* The export would take the place of a store, or of what SQLite keeps beside it. */
static testudo_status check_export(const cli_explore *e, const cli_arguments *arguments, testudo_error *error)
{
  const char *export = cli_text(arguments, "export", "-");
  if (cli_is_standard(export))
    return TESTUDO_OK;
  static const char *const ending[] = {"", "-wal", "-shm", "-explore"};
  for (size_t k = 0; e->store != NULL && k < sizeof ending / sizeof *ending; k++) {
    char beside[4096];
    snprintf(beside, sizeof beside, "%s%s", e->store, ending[k]);
    if (cli_same_file(beside, export))
      return cli_refuse(error, "--export: %s is the store or one of the files beside it; give another name", export);
  }
  CLI_EACH_GIVEN(merge, arguments, "merge")
    if (cli_same_file(merge->text, export))
      return cli_refuse(error, "--export: %s is a store that is merged; give another name", export);
  return TESTUDO_OK;
}

/* All stores that are to be merged, before anything is done: they must be there and whole, and not the store itself. */
static testudo_status check_merges(const cli_explore *e, const cli_arguments *arguments, testudo_error *error)
{
  CLI_EACH_GIVEN(at, arguments, "merge") {
    TESTUDO_I_HELD(testudo_i_store_drop) testudo_i_store *store = NULL;
    if (e->store != NULL && cli_same_file(e->store, at->text))
      return cli_refuse(error, "--merge: %s is the store itself", at->text);
    TESTUDO_I_TRY(testudo_i_store_open(at->text, TESTUDO_I_STORE_READ, &store, error));
    TESTUDO_I_TRY(testudo_i_store_verify(store, error));
  }
  return TESTUDO_OK;
}

static testudo_status take_grids(cli_explore *e, const cli_arguments *arguments, testudo_error *error)
{
  size_t count = arguments->operands;
  e->spec = testudo_i_arena_calloc(&e->arena, count + 1, sizeof *e->spec);
  e->run.grid = testudo_i_arena_calloc(&e->arena, count + 1, sizeof *e->run.grid);
  TESTUDO_I_TRY(testudo_i_arena_check(&e->arena, error));
  for (; e->specs < count; ) {
    cli_arguments *spec = &e->spec[e->specs++];
    TESTUDO_I_TRY(cli_read_spec(arguments, arguments->operand[e->specs - 1], NULL, &e->arena, spec, error));
    e->run.grids = e->specs;
    TESTUDO_I_TRY(check_members(spec, error));
    TESTUDO_I_TRY(cli_name_place(spec, grid_take(&e->run.grid[e->specs - 1], spec, error), error));
  }
  if (count > 0)
    return TESTUDO_OK;
  e->run.grids = 1;
  return grid_take(e->run.grid, arguments, error);
}

static testudo_status take_run(cli_explore *e, const cli_arguments *arguments, testudo_error *error)
{
  /* Budgets and conditions of one file hold for all of its points, so they are asked of the first. */
  TESTUDO_I_TRY(take_grids(e, arguments, error));
  const cli_arguments *first = e->specs > 0 ? &e->spec[0] : arguments;
  for (size_t k = 1; k < e->specs; k++)
    if (strcmp(cli_text(&e->spec[k], "where", ""), cli_text(first, "where", "")) != 0 ||
        cli_real(&e->spec[k], "point-limit", 0.0) != cli_real(first, "point-limit", 0.0))
      return cli_refuse(error, "%s: where and point-limit differ from those of %s; explore them one after the other",
                        arguments->operand[k], arguments->operand[0]);
  return run_take_limits(&e->run, first, error);
}

/* ---- work ---- */

static testudo_status merge_all(cli_explore *e, const cli_arguments *arguments, testudo_error *error)
{
  CLI_EACH_GIVEN(at, arguments, "merge")
    e->merges++;
  e->merged = testudo_i_arena_calloc(&e->arena, e->merges + 1, sizeof *e->merged);
  TESTUDO_I_TRY(testudo_i_arena_check(&e->arena, error));
  e->merges = 0;
  CLI_EACH_GIVEN(at, arguments, "merge") {
    merged_result *merged = &e->merged[e->merges++];
    merged->file = at->text;
    TESTUDO_I_TRY(testudo_i_store_merge(e->run.store, at->text, &merged->added, error));
  }
  return TESTUDO_OK;
}

static testudo_status take_row(void *context, const testudo_i_store_row *row, testudo_error *error)
{
  testudo_status status = row->result == NULL ? TESTUDO_OK : rows_add(context, row->result, error);
  if (status == TESTUDO_ERROR_INPUT) {
    char where[64];
    snprintf(where, sizeof where, "the store's point %.32s", row->key);
    testudo_i_error_prefix(error, where);
  }
  return status;
}

testudo_status explore_read_store(testudo_i_store *store, explore_rows *rows, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_store_walk(store, true, take_row, rows, error));
  return rows_align(rows, error);
}

static testudo_status finish(cli_explore *e, const cli_arguments *arguments, testudo_status done, testudo_error *error)
{
  TESTUDO_I_TRY(testudo_i_store_count(e->run.store, &e->counts, error));
  if (cli_given(arguments, "export")) {
    TESTUDO_I_TRY(explore_read_store(e->run.store, &e->rows, error));
    TESTUDO_I_TRY(report_save(cli_text(arguments, "export", "-"), explore_export_fields, export_csv, e, error));
  }
  if (!cli_given(arguments, "export") || !cli_is_standard(cli_text(arguments, "export", "-")))
    report_show(arguments, explore_fields, e);
  if (done == TESTUDO_INTERRUPTED || !e->ran)
    return done;
  return explore_exit(&e->run, error);
}

static testudo_status open_store(cli_explore *e, bool write, testudo_error *error)
{
  testudo_i_store_mode mode = write ? TESTUDO_I_STORE_WRITE : TESTUDO_I_STORE_READ;
  if (e->store == NULL)
    return cli_refuse(error, "--store is missing: where the points are kept, for example --store results.sqlite");
  return testudo_i_store_open(e->store, mode, &e->run.store, error);
}

static testudo_status check_asked(const cli_arguments *arguments, bool points, testudo_error *error)
{
  bool merges = cli_given(arguments, "merge"), dry = cli_given(arguments, "dry-run");
  if (!points && !merges && !cli_given(arguments, "export") && !cli_given(arguments, "status"))
    return cli_refuse(error, "explore: nothing to do; give SPEC.json or options, --merge, --export or --status");
  if (cli_given(arguments, "json") && cli_given(arguments, "export") &&
      cli_is_standard(cli_text(arguments, "export", "-")))
    return cli_refuse(error, "--json: standard output already carries the export; name a file for it with --export"
                      " FILE");
  if (dry && cli_given(arguments, "export"))
    return cli_refuse(error, "--dry-run and --export exclude each other");
  if (dry && merges)
    return cli_refuse(error, "--dry-run and --merge exclude each other");
  if (dry && !points)
    return cli_refuse(error, "--dry-run lists points; give SPEC.json or options");
  return TESTUDO_OK;
}

static testudo_status explore_work(cli_explore *e, const cli_arguments *arguments, testudo_error *error)
{
  bool points = arguments->operands > 0 || has_axes(arguments), merges = cli_given(arguments, "merge");
  bool dry = cli_given(arguments, "dry-run");
  testudo_status done = TESTUDO_OK;
  TESTUDO_I_TRY(check_asked(arguments, points, error));
  if (points)
    TESTUDO_I_TRY(take_run(e, arguments, error));
  if (explore_ranks_here != NULL && !explore_ranks_here->leads)
    return points && !dry ? run_serve(&e->run, error) : TESTUDO_OK;
  TESTUDO_I_TRY(check_export(e, arguments, error));
  TESTUDO_I_TRY(check_merges(e, arguments, error));
  if (!dry || (e->store != NULL && access(e->store, F_OK) == 0))
    TESTUDO_I_TRY(open_store(e, !dry && (points || merges), error));
  if (dry) {
    if (e->run.store != NULL)
      TESTUDO_I_TRY(testudo_i_store_count(e->run.store, &e->counts, error));
    TESTUDO_I_TRY(preview_take(&e->preview, &e->run, &e->arena, error));
    report_show(arguments, explore_fields, e);
    return TESTUDO_OK;
  }
  if (points)
    TESTUDO_I_TRY(testudo_i_store_claim(e->run.store, error));
  TESTUDO_I_TRY(merge_all(e, arguments, error));
  if (points) {
    e->ran = true;
    done = run_points(&e->run, error);
    if (done != TESTUDO_OK && done != TESTUDO_INTERRUPTED)
      return done;
  }
  return finish(e, arguments, done, error);
}

static testudo_status explore_main(const cli_arguments *arguments, void *context, testudo_error *error)
{
  cli_explore *e = context;
  e->command = arguments->line;
  e->version = testudo_version();
  e->store = cli_text(arguments, "store", NULL);
  e->run.arguments = arguments;
  e->preview.seconds = NAN;
  e->run.drop_draws = cli_given(arguments, "drop-draws");
  TESTUDO_I_TRY(take_shard(&e->run, arguments, error));
  return explore_work(e, arguments, error);
}

static void explore_clear(void *context)
{
  cli_explore *e = context;
  run_clear(&e->run);
  for (size_t k = 0; k < e->run.grids; k++)
    grid_clear(&e->run.grid[k]);
  for (size_t k = 0; k < e->specs; k++)
    if (e->spec[k].command != NULL)
      cli_free(&e->spec[k]);
  rows_clear(&e->rows);
  testudo_i_arena_clear(&e->arena);
}

static const cli_option own_options[] = {
    {.name = "store", .value = "FILE", .kind = CLI_TEXT, .hidden_command = true, .heading = "The store",
     .help = "An SQLite database, made where it is not there: a row per point, added when the point is done and never"
             " changed. A process that is killed loses the points in flight; started again, it does what is missing."},
    {.name = "shard", .value = "i/n", .kind = CLI_TEXT, .hidden_command = true, .preset = "1/1",
     .help = "Compute every n-th point alone, from the i-th, on one of n machines with a store each; --merge brings"
             " them together, and any n gives the same rows."},
    {.name = "merge", .value = "FILE", .kind = CLI_TEXT, .repeated = true, .hidden_command = true,
     .help = "Add the rows of another store. Repeat it for several."},
    {.name = "drop-draws", .kind = CLI_FLAG, .hidden_command = true,
     .help = "Do not keep the times that simulations draw, 8 bytes per trial; more --trials then draw all of them"
             " again."},
    {.name = "dry-run", .kind = CLI_FLAG, .hidden_command = true,
     .help = "List the points that are missing, and say how long they would take, by some that are computed for two"
             " seconds in all and thrown away."},
    {.name = "status", .kind = CLI_FLAG, .hidden_command = true, .help = "Say what the store has; it may be written"
     " meanwhile."},
    {.name = "export", .value = "FILE", .kind = CLI_OUTPUT, .hidden_command = true,
     .help = "Write all points of the store to a file: as CSV where its name ends in .csv, otherwise as JSON."},
    {.name = NULL},
};

static const cli_option *const groups[] = {
    own_options, explore_compute_options, explore_search_options, design_scheme_options, request_options,
    granularity_options, design_by_scheme_options, cluster_model_options, cli_reading_options,
    cluster_report_options, analysis_own_options,
    simulation_trial_options, explore_limit_options, cli_seed_options, cli_threads_options,
    cli_common_options, NULL};

const cli_command command_explore = {
    .name = "explore", .operands = "[SPEC.json..]", .least_operands = 0, .most_operands = EXPLORE_MOST_SPECS,
    .summary = "Compute the points of a sweep into a store, on many machines, stopped and resumed at will.",
    .details = "A SPEC.json is an object whose members are the options of this command without dashes:"
               " {\"workers\": \"12..48:12\", \"replication\": [1, 2, 3], \"delay\": [\"exp:1\", \"trace:t.csv\"],"
               " \"where\": \"load<=4\"}; lists and ranges as in 'testudo sweep'. What is given on the command line"
               " stands above the file. A point's key is a hash of everything that decides its result, files by what is"
               " in them: not of threads, shards, time or the number of trials. A run with more --trials adds to those"
               " that the store keeps, and the row of most trials counts; the earlier one stays. A point that"
               " took longer than --point-limit is kept as given up, and tried again where it is allowed more time."
               " One process explores into a store at a time; others may read it meanwhile. 'testudo pick' chooses from"
               " a store. The tables of the database are described in docs/store.md.",
    .example = "testudo explore spec.json --store results.sqlite\n"
               "testudo explore spec.json --store part2.sqlite --shard 2/8\n"
               "testudo explore --store results.sqlite --merge part1.sqlite --merge part2.sqlite --export all.csv",
    .groups = groups, .result = explore_fields, .replays = true, .lists = explore_listed, .run = explore_main,
    .room = sizeof(cli_explore), .clear = explore_clear,
};
