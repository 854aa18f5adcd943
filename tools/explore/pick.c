/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo pick */
#include "commands.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "common/output.h"
#include "design/made.h"
#include "explore/explore.h"
#include "explore/sweep.h"
#include "runtime/design.h"

typedef struct cli_pick {
  const char *command, *version, *within_text, *minimize, *pareto[2];
  explore_within within;
  explore_rows rows;
  explore_row *picked; /* in one piece */
  size_t count;
  int64_t points, met, unknown; /* unknown: a number that is asked for is not known */
  testudo_i_arena arena;
} cli_pick;

static void print_heading(FILE *text, const void *result)
{
  const cli_pick *pick = result;
  fprintf(text, "%" PRId64 " points, %" PRId64 " %s", pick->points, pick->met,
          pick->within_text == NULL ? "with the numbers that are asked for" : "within ");
  fputs(pick->within_text == NULL ? "" : pick->within_text, text);
  if (pick->unknown > 0)
    fprintf(text, ", %" PRId64 " left out, of which a number is not known", pick->unknown);
  fputc('\n', text);
}

static void print_picked(FILE *text, const void *result)
{
  const cli_pick *pick = result;
  const char *const name[] = {pick->minimize, pick->pareto[0], pick->pareto[1]};
  for (size_t k = 0; k < pick->count; k++) {
    for (size_t n = 0; n < 3; n++)
      if (name[n] != NULL)
        fprintf(text, "  %s %.9g", name[n], within_number(name[n], &pick->picked[k]));
    fputc('\n', text);
    rows_print(text, &pick->picked[k], 1);
    fprintf(text, "  %s, delay %s\n", pick->picked[k].design_command, pick->picked[k].delay);
  }
}

static const field pick_fields[] = {
    {FIELD(cli_pick, command), .phrase = print_heading, .meaning = "the command that made the result"},
    {FIELD(cli_pick, version), .meaning = "the version of the program"},
    {FIELD(cli_pick, points), .meaning = "points in the store that have a result"},
    {FIELD(cli_pick, met), .meaning = "points that meet --within, with all numbers known that are asked for"},
    {FIELD(cli_pick, unknown), .meaning = "points that are left out because such a number is not known"},
    {FIELD_ROWS("picked", cli_pick, picked, count, explore_row_fields), .phrase = print_picked,
     .meaning = "the point that is least, or those that no other beats in both"},
    {.key = NULL},
};

static const field pick_csv[] = {
    {FIELD_ROWS("", cli_pick, picked, count, explore_row_fields), .meaning = "the points"},
    {.key = NULL},
};

/* ---- choosing ---- */

/* A point with its two numbers; minimising one, both are that one. */
typedef struct candidate {
  size_t at;
  double first, second;
} candidate;

/* Equal numbers in the order of keys, so that the choice is the same whatever the store was filled by. */
static int by_numbers(const void *a, const void *b)
{
  const candidate *left = a, *right = b;
  if (left->first != right->first)
    return left->first < right->first ? -1 : 1;
  if (left->second != right->second)
    return left->second < right->second ? -1 : 1;
  return (left->at > right->at) - (left->at < right->at);
}

static size_t list_candidates(cli_pick *pick, candidate *list)
{
  const char *first = pick->minimize != NULL ? pick->minimize : pick->pareto[0];
  const char *second = pick->minimize != NULL ? pick->minimize : pick->pareto[1];
  size_t count = 0;
  for (size_t k = 0; k < pick->rows.count; k++) {
    const explore_row *row = &pick->rows.row[k];
    bool unknown;
    if (!within_met(&pick->within, row, &unknown)) {
      pick->unknown += unknown;
      continue;
    }
    candidate c = {k, within_number(first, row), within_number(second, row)};
    if (isnan(c.first) || isnan(c.second))
      pick->unknown++;
    else
      list[count++] = c;
  }
  return count;
}

/* In the order of the first number, a point is beaten unless its second is less than all before. */
static size_t keep_front(candidate *list, size_t count)
{
  size_t kept = 0;
  for (size_t k = 0; k < count; k++)
    if (kept == 0 || list[k].second < list[kept - 1].second)
      list[kept++] = list[k];
  return kept;
}

static testudo_status choose(cli_pick *pick, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) candidate *list = testudo_i_calloc(pick->rows.count + 1, sizeof *list);
  TESTUDO_I_TRY(testudo_i_memory_check(list != NULL, error));
  size_t count = list_candidates(pick, list);
  pick->points = (int64_t)pick->rows.count;
  pick->met = (int64_t)count;
  if (count > 0)
    qsort(list, count, sizeof *list, by_numbers);
  pick->count = pick->minimize != NULL ? count > 0 : keep_front(list, count);
  pick->picked = testudo_i_arena_calloc(&pick->arena, pick->count + 1, sizeof *pick->picked);
  TESTUDO_I_TRY(testudo_i_arena_check(&pick->arena, error));
  for (size_t k = 0; k < pick->count; k++)
    pick->picked[k] = pick->rows.row[list[k].at];
  return TESTUDO_OK;
}

/* ---- the design of the winner ---- */

static testudo_status write_design(const cli_pick *pick, const char *path, testudo_error *error)
{
  const explore_row *row = &pick->picked[0];
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *design = NULL;
  design_result about;
  TESTUDO_I_TRY(point_design(row->design_command, &design, error));
  TESTUDO_I_TRY(made_seal(design, error));
  design_fill(&about, design);
  if (strcmp(about.checksum, row->design.checksum) != 0)
    return testudo_i_fail(error, TESTUDO_ERROR_INPUT, "%s: makes a design of checksum %s now, but the store's has %s:"
                          " another version of testudo, or another file, made it", row->design_command, about.checksum,
                          row->design.checksum);
  return session_put_design(design, path, error);
}

static testudo_status take_names(cli_pick *pick, const cli_arguments *arguments, testudo_error *error)
{
  const cli_value *pareto = cli_get(arguments, "pareto");
  pick->minimize = cli_text(arguments, "minimize", pareto->given ? NULL : "mean");
  if (cli_given(arguments, "minimize") && pareto->given)
    return cli_refuse(error, "--minimize and --pareto exclude each other");
  if (pick->minimize != NULL)
    return within_check_name("minimize", pick->minimize, error);
  const char *comma = strchr(pareto->text, ',');
  if (comma == NULL || strchr(comma + 1, ',') != NULL)
    return cli_refuse(error, "--pareto: '%s' is not two names; wanted: NAME,NAME, for example load,mean", pareto->text);
  char *first = testudo_i_arena_text(&pick->arena, pareto->text);
  TESTUDO_I_TRY(testudo_i_arena_check(&pick->arena, error));
  first[comma - pareto->text] = '\0';
  pick->pareto[0] = first;
  pick->pareto[1] = comma + 1;
  TESTUDO_I_TRY(within_check_name("pareto", pick->pareto[0], error));
  return within_check_name("pareto", pick->pareto[1], error);
}

/* Numbers under different models are no choice between designs; nor is the luck of trials beside exact numbers. */
static void warn_of_models(const cli_pick *pick, const cli_arguments *arguments)
{
  const char *first = NULL;
  bool analyzed = false, simulated = false;
  for (size_t k = 0; k < pick->rows.count; k++) {
    const explore_row *row = &pick->rows.row[k];
    bool unknown;
    if (!within_met(&pick->within, row, &unknown))
      continue;
    analyzed = analyzed || row->trials < 0;
    simulated = simulated || row->trials > 0;
    if (first != NULL && row->delay != NULL && strcmp(first, row->delay) != 0) {
      session_say(arguments, "the points are under several delay models (%s, %s), whose times are not comparable;"
                  " --within 'delay=..' chooses one", first, row->delay);
      return;
    }
    first = row->delay != NULL ? row->delay : first;
  }
  if (analyzed && simulated)
    session_say(arguments, "some numbers are simulated and may be least by luck; --within computation=analyze leaves"
                " them out");
}

static testudo_status pick_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  cli_pick *pick = context;
  const char *output = cli_text(arguments, "output", NULL);
  TESTUDO_I_HELD(testudo_i_store_drop) testudo_i_store *store = NULL;
  pick->command = arguments->line;
  pick->version = testudo_version();
  pick->within_text = cli_text(arguments, "within", NULL);
  TESTUDO_I_TRY(take_names(pick, arguments, error));
  if (pick->within_text != NULL)
    TESTUDO_I_TRY(within_take(&pick->within, "within", pick->within_text, false, error));
  TESTUDO_I_TRY(testudo_i_store_open(arguments->operand[0], TESTUDO_I_STORE_READ, &store, error));
  TESTUDO_I_TRY(explore_read_store(store, &pick->rows, error));
  TESTUDO_I_TRY(within_check_options(&pick->within, "within", pick->rows.row, pick->rows.count, error));
  const bool least = pick->minimize != NULL;
  const char *first = least ? pick->minimize : pick->pareto[0], *second = least ? "" : pick->pareto[1];
  TESTUDO_I_TRY(within_check_key(least ? "minimize" : "pareto", first, pick->rows.row, pick->rows.count, error));
  TESTUDO_I_TRY(within_check_key("pareto", second, pick->rows.row, pick->rows.count, error));
  TESTUDO_I_TRY(choose(pick, error));
  warn_of_models(pick, arguments);
  if (pick->minimize == NULL && output != NULL)
    TESTUDO_I_TRY(report_save(output, pick_fields, pick_csv, pick, error));
  else if (pick->count > 0 && output != NULL)
    TESTUDO_I_TRY(write_design(pick, output, error));
  if (output == NULL || !cli_is_standard(output))
    report_show(arguments, pick_fields, pick);
  if (pick->count > 0)
    return TESTUDO_OK;
  if (pick->within_text != NULL && pick->unknown == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "%s: no point is within the conditions", arguments->operand[0]);
  if (pick->met == 0 && pick->unknown > 0)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "%s: no point is known to be within the conditions: %lld do not"
                          " have a number that they ask for", arguments->operand[0], (long long)pick->unknown);
  return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "%s: of no point %sall is known: %s%s%s", arguments->operand[0],
                        pick->within_text != NULL ? "within the conditions " : "", first, least ? "" : " and ",
                        second);
}

static void pick_clear(void *context)
{
  cli_pick *pick = context;
  rows_clear(&pick->rows);
  within_clear(&pick->within);
  testudo_i_arena_clear(&pick->arena);
}

static const cli_option own_options[] = {
    {.name = "within", .value = "CONDITIONS", .kind = CLI_TEXT, .heading = "What everybody needs",
     .help = "Conditions, a comma between, the signs < <= > >= = !=: for example load<=4,p99<=2,scheme=partial. Names:"
             " workers chunks parts load copies floats memory scheme computation mean stderr lower upper stddev"
             " p_never over_ideal trials, p99 for the quantile 0.99, mse:t for the error at deadline t, and options of"
             " the points: delay=exp:1. Where a value has commas of its own, put ; between conditions. A point of which"
             " such a number is not known does not meet the condition, and is counted."},
    {.name = "minimize", .value = "NAME", .kind = CLI_TEXT, .preset = "mean",
     .help = "The number that is to be least."},
    {.name = "pareto", .value = "NAME,NAME", .kind = CLI_TEXT,
     .help = "Instead, all points that no other beats in both numbers: load,mean for one."},
    {.name = "output", .letter = 'o', .value = "FILE", .kind = CLI_OUTPUT,
     .help = "Write the design of the point that is picked; with --pareto, the points as CSV (.csv) or JSON."},
    {.name = NULL},
};

static const cli_option *const groups[] = {own_options, cli_common_options, NULL};

const cli_command command_pick = {
    .name = "pick", .operands = "STORE", .least_operands = 1, .most_operands = 1,
    .summary = "The best point of a store within limits, as a design file; or the front of two numbers.",
    .details = "Of points that were computed with several numbers of trials the row of most counts. Bounded means are"
               " not known as numbers: conditions on lower and upper are met by them. Of equal points the first by its"
               " key is picked. The design is made again by its command and must have the checksum that the store"
               " remembers. Exits with 4 where no point is within the conditions.",
    .example = "testudo pick results.sqlite --within 'load<=4,p99<=2' --minimize mean -o design.json\n"
               "testudo pick results.sqlite --pareto load,mean -o front.csv",
    .groups = groups, .result = pick_fields, .makes = "design", .run = pick_run, .room = sizeof(cli_pick),
    .clear = pick_clear,
};
