/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo table */
#include "commands.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "best/row.h"
#include "common/cluster.h"
#include "common/output.h"
#include "table/table.h"

static const char preset_path[] = "designs/table.jsonl";

/* ---- what is asked for ---- */

/* In the order of table_verb. */
static const cli_verb verbs[] = {
    {"check", "Compute everything again that the rows say", "[TABLE.jsonl]"},
    {"add", "Put a better design into its cell", "DESIGN.json"},
    {"show", "Print rows", "[TABLE.jsonl]"},
    {"fill", "Search every cell of a grid", "[TABLE.jsonl]"},
    {"settle", "Spread what rows say of other cells", "[TABLE.jsonl]"},
};

static bool table_verb_at(size_t k, cli_verb *verb)
{
  bool is_one = k < sizeof verbs / sizeof *verbs;
  if (is_one)
    *verb = verbs[k];
  return is_one;
}

static testudo_status check_options(const cli_table *t, testudo_error *error)
{
  bool check = t->verb == TABLE_CHECK, add = t->verb == TABLE_ADD, show = t->verb == TABLE_SHOW;
  bool fill = t->verb == TABLE_FILL, settle = t->verb == TABLE_SETTLE;
  const cli_rule rule[] = {
      {check, {"sample"}, "'table check'"},
      {add, {"table", "max-copies", "min-copies", "method", "trials"}, "'table add'"},
      {add || fill, {"by"}, "'table add' and 'table fill'"},
      {add || fill || settle, {"date"}, "'table add', 'table fill' and 'table settle'"},
      {show, {"output"}, "'table show'"},
      {fill, {"time-limit", "tries"}, "'table fill'"},
      {!add, {"workers", "granularity", "parts"}, "'table check', 'table show', 'table fill' and 'table settle'"},
      {!show, {"seed", "threads"}, "'table check', 'table add', 'table fill' and 'table settle'"},
      {!check || cli_given(t->arguments, "sample"), {"seed"}, "--sample in 'table check'"},
  };
  TESTUDO_I_TRY(cli_check_rules(t->arguments, rule, sizeof rule / sizeof *rule, error));
  if (add && t->arguments->operands != 2)
    return cli_refuse(error, "table add takes one file: testudo table add DESIGN.json --delay LAW");
  return TESTUDO_OK;
}

/* The table of this folder, or for those that only read, the one that is installed. */
static const char *find_table(const cli_table *t)
{
  bool reads = t->verb == TABLE_CHECK || t->verb == TABLE_SHOW;
  if (t->verb == TABLE_ADD)
    return cli_text(t->arguments, "table", preset_path);
  if (t->arguments->operands > 1)
    return t->arguments->operand[1];
  return reads && access(preset_path, F_OK) != 0 ? TESTUDO_DESIGNS "/table.jsonl" : preset_path;
}

/* designs/table.jsonl has its files in designs/table/. */
static testudo_status take_path(cli_table *t, testudo_error *error)
{
  t->path = find_table(t);
  if (cli_is_standard(t->path))
    return cli_refuse(error, "a table of designs has files beside it and is not read from standard input");
  size_t length = strlen(t->path), ending = strlen(".jsonl");
  if (length <= ending || strcmp(t->path + length - ending, ".jsonl") != 0)
    return cli_refuse(error, "%s: the name of a table of designs ends in .jsonl", t->path);
  t->file = cli_basename(t->path);
  t->folder = testudo_i_arena_alloc(&t->arena, length + 2, 1);
  TESTUDO_I_TRY(testudo_i_arena_check(&t->arena, error));
  snprintf(t->folder, length + 2, "%.*s/", (int)(length - ending), t->path);
  return TESTUDO_OK;
}

/* --delay, and what belongs to it, as rows have it: of any number of workers. */
static testudo_status take_filter(cli_table *t, testudo_error *error)
{
  char *text;
  const cli_value *objective = cli_get(t->arguments, "objective");
  if (objective->given && objective->objective.kind != TESTUDO_OBJECTIVE_MEAN &&
      objective->objective.kind != TESTUDO_OBJECTIVE_QUANTILE)
    return cli_refuse(error, "--objective: in a table of designs it is mean or quantile:q");
  if (!cli_given(t->arguments, "delay") || t->verb == TABLE_ADD)
    return TESTUDO_OK;
  t->cluster = testudo_i_arena_calloc(&t->arena, 1, sizeof *t->cluster);
  TESTUDO_I_TRY(testudo_i_arena_check(&t->arena, error));
  t->cluster->workers = TESTUDO_MAX_WORKERS;
  TESTUDO_I_TRY(cluster_take_model(t->cluster, t->arguments, error));
  t->filter_model = &t->cluster->model;
  TESTUDO_I_TRY(testudo_i_best_delay_text(t->filter_model, &text, error));
  t->filter_delay = table_text(t, "%s", text);
  free(text);
  return testudo_i_arena_check(&t->arena, error);
}

static testudo_status open_table(cli_table *t, testudo_error *error)
{
  bool makes = t->verb == TABLE_ADD || t->verb == TABLE_FILL;
  bool there = access(t->path, F_OK) == 0;
  if (makes && !there)
    return testudo_best_create(&t->table, error);
  if (!there && t->arguments->operands == 1)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "table: there is no %s here, and no %s, where an installed"
                          " testudo has it; give the file: testudo table %s FILE.jsonl. The sources of testudo have"
                          " one in designs/, and 'testudo table fill FILE.jsonl' makes one", preset_path, t->path,
                          t->verb_word);
  return testudo_best_read(t->path, &t->table, error);
}

static testudo_status table_open(cli_table *t, const cli_arguments *arguments, testudo_error *error)
{
  t->arguments = arguments;
  t->verb = (table_verb)arguments->verb;
  t->verb_word = verbs[t->verb].name;
  t->cells = t->checked = t->failed = t->tried = t->improved = t->left = t->bounded = -1;
  t->options = (testudo_best_options){.trials = cli_integer(arguments, "trials", 0),
                                      .seed = (uint64_t)cli_integer(arguments, "seed", 1),
                                      .threads = session_threads(arguments)};
  TESTUDO_I_TRY(check_options(t, error));
  TESTUDO_I_TRY(take_path(t, error));
  TESTUDO_I_TRY(take_filter(t, error));
  t->options.monitor = session_progress_start("reading", arguments);
  return session_progress_end(open_table(t, error));
}

static testudo_status table_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  static testudo_status (*const does[])(cli_table *, testudo_error *) = {
      [TABLE_CHECK] = table_check, [TABLE_ADD] = table_add, [TABLE_SHOW] = table_show, [TABLE_FILL] = table_fill,
      [TABLE_SETTLE] = table_settle};
  cli_table *t = context;
  TESTUDO_I_TRY(table_open(t, arguments, error));
  if (t->verb == TABLE_SHOW) {
    t->cells = (int64_t)testudo_best_rows(t->table);
    return table_show(t, error);
  }
  testudo_status status = does[t->verb](t, error);
  bool done = status == TESTUDO_OK || status == SESSION_CLAIM_FAILED || status == TESTUDO_INTERRUPTED ||
              (status == TESTUDO_ERROR_LIMIT && t->verdict != NULL);
  t->cells = (int64_t)testudo_best_rows(t->table);
  if (done)
    report_show(arguments, table_fields, t);
  return status;
}

static void table_clear(void *context)
{
  cli_table *t = context;
  if (t->cluster != NULL)
    cluster_close(t->cluster);
  testudo_best_free(t->table);
  testudo_i_arena_clear(&t->arena);
}

static const cli_option options[] = {
    {.name = "workers", .value = "m1,m2,..", .kind = CLI_INTEGERS, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .heading = "Cells", .help = "Cells of so many workers only."},
    {.name = "load", .value = "L1,L2,..", .kind = CLI_REALS, .ends = CLI_OPEN_BELOW, .least = 0, .most = 1e6,
     .help = "Cells in which a worker holds at most so many shares. add: the cell of the design; preset: its largest"
             " load, rounded up to a whole share."},
    {.name = "granularity", .value = "c1,c2,..", .kind = CLI_INTEGERS, .least = 1, .most = TESTUDO_MAX_CHUNKS,
     .help = "Cells of so many chunks per share."},
    {.name = "parts", .value = "l1,l2,..", .kind = CLI_INTEGERS, .least = 1, .most = TESTUDO_MAX_PARTS,
     .help = "Cells of so many parts of the gradient."},
    {.name = "objective", .value = "WORD", .kind = CLI_OBJECTIVE, .choices = CLI_OBJECTIVES,
     .preset = "all; add: mean", .help = "Cells of this objective: mean or quantile:q."},
    {.name = "max-copies", .value = "C", .kind = CLI_REAL, .least = 1, .most = 1e6, .heading = "Adding",
     .preset = "the load", .help = "The design's cell allows so many copies of a chunk on average."},
    {.name = "min-copies", .value = "C", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .preset = "the parts", .help = "The design's cell wants so many copies of every chunk."},
    {.name = "table", .value = "FILE.jsonl", .kind = CLI_FILE, .preset = preset_path,
     .help = "The table that the design is added to; made where it is missing."},
    {.name = "by", .value = "TEXT", .kind = CLI_TEXT, .preset = "not said; fill: testudo and its version",
     .help = "Who found the design."},
    {.name = "method", .value = "TEXT", .kind = CLI_TEXT, .preset = "not said", .help = "What found it."},
    {.name = "date", .value = "DAY", .kind = CLI_TEXT, .preset = "today", .help = "When: year-month-day."},
    {.name = "trials", .value = "n", .kind = CLI_INTEGER, .least = 1000, .most = 1e9,
     .preset = "400000, of large designs fewer", .help = "Trials of a value that no law gives exactly."},
    {.name = "sample", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 1e9, .heading = "Checking",
     .preset = "all", .help = "Rows that are checked, drawn by --seed."},
    {.name = "time-limit", .value = "s", .kind = CLI_REAL, .ends = CLI_OPEN_BELOW, .least = 0, .most = 1e7,
     .heading = "Filling", .preset = "none",
     .help = "Seconds after which filling stops; the cell that is being searched is left for the next time."},
    {.name = "tries", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 1e12, .preset = "as the search needs",
     .help = "Work of the search behind a cell: runs from each shape of a table of slots; where there are no such"
             " tables, steps between families."},
    {.name = "output", .letter = 'o', .value = "FILE", .kind = CLI_OUTPUT, .heading = "Showing",
     .help = "Write the rows to FILE: as JSON, or as its name ends in .csv, .md or .html, which is one page that needs"
             " no other file."},
    {.name = NULL},
};

static const cli_option *const groups[] = {options, cluster_model_options, cli_seed_options, cli_threads_options,
                                           cli_common_options, NULL};

const cli_command command_table = {
    .name = "table", .operands = "VERB [FILE]", .least_operands = 1, .most_operands = 2,
    .verb = table_verb_at,
    .summary = "The table of the best designs known: check it, add a better design, show it, fill it.",
    .details = "VERB is check, add, show, fill or settle; FILE is a table, NAME.jsonl, of add the design. Without FILE,"
               " the table is designs/table.jsonl, and where there is none, for check and show the one that is"
               " installed. A cell of the table is a number of workers, limits of load and copies, a granularity,"
               " parts, a delay model and an objective; its row holds the fastest design known, its value as an"
               " interval, and a lower bound."
               "\n\ncheck [TABLE] makes or reads every design and computes again everything that its row says,"
               " and looks whether another row implies a better one; exit 1 where a row does not hold, exit 3 where"
               " the file is no table: a member that no row has, a date that is no day, rows out of order."
               "\n\nadd DESIGN.json --delay LAW puts a"
               " design into its cell if it is better than what is there, which becomes the previous record; an equal"
               " or worse one is refused with the reason (exit 1), one that trials cannot tell from it too (exit 4)."
               "\n\nshow [TABLE] prints the rows that --workers, --load, --delay and so on select.\n\nfill [TABLE]"
               " tries the named constructions and a search in every cell of a grid (4 to 200 workers, loads of 2 to 8,"
               " up to 8 chunks per share, up to 3 parts, five delay models, mean and 0.99 quantile), or of that which"
               " --workers, --load, --delay and so on give instead, and adds what is better. It makes the table where"
               " it is missing. Interrupted or out of time, it keeps the cells that are done, and the same command goes"
               " on with the others; with another --seed or other --tries it goes through all again.\n\nsettle [TABLE]"
               " puts into the cells of the table what its records imply for them: a design keeps a larger limit too,"
               " and cut into finer chunks it is no slower. It proves the bounds again, and keeps those that are"
               " better; where they come from going through all designs of a small cell, the best of these takes its"
               " place.",
    .example = "testudo table show --workers 24 --load 4 --parts 1\n"
               "testudo table show -o table.html\n"
               "testudo table check --sample 10\n"
               "testudo table add better.json --delay exp:1 --unit share --by 'A. Reader'\n"
               "testudo table fill own.jsonl --workers 20 --load 3 --delay lognormal:0,0.5 --unit share\n"
               "testudo table fill --time-limit 3600\n"
               "testudo table settle",
    .groups = groups, .result = table_fields, .makes = "rows", .run = table_run, .room = sizeof(cli_table),
    .clear = table_clear,
};
