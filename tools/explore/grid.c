/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options with several values each, and the points that they come to. */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "design/made.h"
#include "explore/explore.h"
#include "option/reading.h"

const cli_option explore_compute_options[] = {
    {.name = "compute", .value = "WORD", .kind = CLI_CHOICE, .choices = "analyze simulate optimize",
     .preset = "analyze", .heading = "What is computed",
     .help = "What is computed of every design under every delay model, as by the commands of these names; optimize:"
             " the design is searched from the sizes, until the search ends by itself, and then analyzed."},
    {.name = NULL},
};

const cli_option explore_search_options[] = {
    {.name = "objective", .value = "WORD", .kind = CLI_OBJECTIVE, .choices = CLI_OBJECTIVES, .heading = "Searches",
     .preset = "mean", .help = "optimize: what is made small, as in 'testudo optimize'."},
    {.name = "method", .value = "WORD", .kind = CLI_CHOICE, .choices = "best matching milp exhaustive local families",
     .preset = "best", .help = "optimize: how it is searched, as in 'testudo optimize'."},
    {.name = "tries", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 1e12, .preset = "as the method needs",
     .help = "optimize: number of restarts of a local search."},
    {.name = "max-load", .value = "s", .kind = CLI_REAL, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .help = "optimize: the most that a worker holds, in shares of the data, instead of --replication."},
    {.name = "mean-load", .value = "s", .kind = CLI_REAL, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .preset = "--max-load", .help = "optimize: with --max-load, what workers hold on average."},
    {.name = "min-copies", .value = "d", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .preset = "--parts", .help = "optimize: with --max-load, the fewest copies of a chunk."},
    {.name = "max-copies", .value = "d", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .preset = "as many as workers", .help = "optimize: with --max-load, the most copies of a chunk."},
    {.name = "effort", .value = "x", .kind = CLI_REAL, .least = 0.01, .most = 1000, .preset = "1",
     .help = "optimize: where chunks are finer than workers, moves of each search of a table, times the default."},
    {.name = NULL},
};

const char *const explore_computation_words[] = {
    [COMPUTE_ANALYZE] = "analyze", [COMPUTE_SIMULATE] = "simulate", [COMPUTE_OPTIMIZE] = "optimize", NULL};

/* Whose options are words of `testudo design`, and of the command that computes. */
static const cli_option *const design_tables[] = {design_scheme_options, request_options, granularity_options,
                                                  design_by_scheme_options, NULL};
static const cli_option *const model_tables[] = {cluster_model_options, NULL};
static const cli_option *const search_tables[] = {explore_search_options, NULL};
static const cli_option *const analyze_tables[] = {cli_reading_options, cluster_report_options, analysis_own_options,
                                                   NULL};
static const cli_option *const simulate_tables[] = {cli_reading_options, cluster_report_options,
                                                    simulation_trial_options, NULL};

const cli_option *const explore_listed[] = {
    explore_compute_options, explore_search_options, design_scheme_options, request_options, granularity_options,
    design_by_scheme_options, cluster_model_options, cli_seed_options, NULL};

enum { DEFAULT_TRIALS = 100000 };

/* ---- files ---- */

typedef struct explore_digest {
  const char *text, *file; /* the value that names the file, and the file; lent */
  uint64_t hash;
} explore_digest;

/* NULL: there is none. */
static const explore_digest *find_digest(const explore_grid *grid, const char *text)
{
  size_t k = 0;
  while (k < grid->digests && strcmp(grid->digest[k].text, text) != 0)
    k++;
  return k < grid->digests ? &grid->digest[k] : NULL;
}

/* The file that a value names, which decides the result by what is in it. */
static testudo_status add_digest(explore_grid *grid, const char *text, const char *file, testudo_error *error)
{
  uint64_t hash;
  if (find_digest(grid, text) != NULL)
    return TESTUDO_OK;
  TESTUDO_I_TRY(cli_hash_file(file, &hash, error));
  TESTUDO_I_TRY(TESTUDO_I_GROW(grid->digest, grid->digest_room, grid->digests + 1, error));
  grid->digest[grid->digests++] = (explore_digest){text, file, testudo_i_mix(hash)};
  return TESTUDO_OK;
}

/* A law that is misspelled is a mistake, not a point that is skipped. */
static testudo_status check_law(const cli_option *option, const cli_value *value, testudo_error *error)
{
  testudo_law *law = NULL;
  if (value->law_text == NULL || value->file != NULL)
    return TESTUDO_OK;
  testudo_status status = testudo_law_parse(value->law_text, &law, error);
  testudo_law_free(law);
  if (status == TESTUDO_ERROR_ARGUMENT) {
    char dashed[64];
    snprintf(dashed, sizeof dashed, "--%s", option->name);
    testudo_i_error_prefix(error, dashed);
  }
  return status;
}

static testudo_status take_value(explore_grid *grid, const cli_option *option, const char *text, testudo_error *error)
{
  cli_value value = {.given = true};
  if (strcmp(text, "none") == 0 || option->kind == CLI_FLAG)
    return TESTUDO_OK;
  TESTUDO_I_TRY(cli_parse_value(option, text, &value, &grid->arena, error));
  TESTUDO_I_TRY(check_law(option, &value, error));
  if (value.file == NULL)
    return TESTUDO_OK;
  if (cli_is_standard(value.file))
    return cli_refuse(error, "--%s: standard input can be read once, and every point reads it; name a file",
                      option->name);
  return add_digest(grid, text, value.file, error);
}

static testudo_status take_values(explore_grid *grid, testudo_error *error)
{
  const cli_arguments *arguments = grid->arguments;
  for (size_t k = 0; k < arguments->options; k++) {
    const cli_option *option = arguments->option[k];
    bool listed = cli_takes_list(arguments->command, option);
    for (size_t n = 0; listed && n < arguments->value[k].count; n++)
      TESTUDO_I_TRY(take_value(grid, option, arguments->value[k].item[n], error));
    if (!listed && (cli_is_in(model_tables, option) || cli_is_in(design_tables, option)))
      CLI_EACH_VALUE(value, &arguments->value[k])
        if (value->given && value->text != NULL)
          TESTUDO_I_TRY(take_value(grid, option, value->text, error));
  }
  return TESTUDO_OK;
}

/* ---- axes ---- */

testudo_status grid_take(explore_grid *grid, const cli_arguments *arguments, testudo_error *error)
{
  grid->arguments = arguments;
  grid->points = 1;
  grid->axis = testudo_i_arena_calloc(&grid->arena, arguments->options + 1, sizeof *grid->axis);
  TESTUDO_I_TRY(testudo_i_arena_check(&grid->arena, error));
  if (!cli_given(arguments, "delay"))
    return cli_refuse(error, "--delay LAW is missing, for example --delay exp:1");
  if (cli_given(arguments, "improve-code"))
    return cli_refuse(error, "--improve-code: a search limited by seconds differs from run to run, but the design of"
                      " a row must be the same when it is made again; give --improve-tries");
  for (size_t k = 0; k < arguments->options; k++) {
    const cli_value *value = &arguments->value[k];
    if (!value->given || !cli_takes_list(arguments->command, arguments->option[k]))
      continue;
    grid->axis[grid->axes++] = (explore_axis){arguments->option[k], value->item, value->count};
    if (grid->points > EXPLORE_MOST_POINTS / (int64_t)value->count)
      return cli_refuse(error, "more than %d points, which is the limit", (int)EXPLORE_MOST_POINTS);
    grid->points *= (int64_t)value->count;
  }
  return take_values(grid, error);
}

void grid_clear(explore_grid *grid)
{
  free(grid->digest);
  testudo_i_arena_clear(&grid->arena);
}

/* ---- words ---- */

void words_begin(explore_words *words, int room, testudo_i_arena *arena)
{
  *words = (explore_words){.room = room, .arena = arena};
  words->word = testudo_i_arena_calloc(arena, (size_t)room + 1, sizeof *words->word);
}

static void add_word(explore_words *words, const char *text)
{
  char *copy = testudo_i_arena_text(words->arena, text);
  if (words->word != NULL && copy != NULL && words->count < words->room)
    words->word[words->count++] = copy;
}

void words_add(explore_words *words, char *const *word, int count)
{
  for (int k = 0; k < count; k++)
    add_word(words, word[k]);
}

static void add_option(explore_words *list, const cli_option *option, const char *text)
{
  size_t room = strlen(option->name) + 3;
  char *dashed = testudo_i_arena_alloc(list->arena, room, 1);
  if (dashed == NULL)
    return;
  snprintf(dashed, room, "--%s", option->name);
  add_word(list, dashed);
  if (option->kind != CLI_FLAG)
    add_word(list, text);
}

/* Those of the tables: axes, and then what is the same in every point. */
static void add_options(explore_words *list, const explore_grid *grid, const char *const *item,
                        const cli_option *const *tables)
{
  const cli_arguments *arguments = grid->arguments;
  for (size_t a = 0; a < grid->axes; a++)
    if (cli_is_in(tables, grid->axis[a].option) && item[a] != NULL)
      add_option(list, grid->axis[a].option, item[a]);
  for (size_t k = 0; k < arguments->options; k++) {
    const cli_option *option = arguments->option[k];
    if (!cli_is_in(tables, option) || cli_takes_list(arguments->command, option))
      continue;
    CLI_EACH_VALUE(value, &arguments->value[k])
      if (value->given)
        add_option(list, option, value->text);
  }
}

testudo_status grid_line(const char *head, const explore_words *words, const char **line, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) char *text = NULL;
  size_t length;
  FILE *stream = open_memstream(&text, &length);
  TESTUDO_I_TRY(testudo_i_memory_check(stream != NULL, error));
  fputs(head, stream);
  cli_put_words(stream, (const char *const *)words->word, (size_t)words->count);
  TESTUDO_I_TRY(testudo_i_memory_check(fclose(stream) == 0, error));
  *line = testudo_i_arena_text(words->arena, text);
  return testudo_i_arena_check(words->arena, error);
}

/* ---- points ---- */

static explore_computation computation_of(const char *word)
{
  return (explore_computation)testudo_i_find_word(explore_computation_words, word);
}

/* The odometer: the last axis turns fastest. */
static void read_items(const explore_grid *grid, int64_t number, const char **item)
{
  for (size_t a = grid->axes; a-- > 0; number /= (int64_t)grid->axis[a].count) {
    const char *text = grid->axis[a].item[number % (int64_t)grid->axis[a].count];
    item[a] = strcmp(text, "none") == 0 && !grid->axis[a].option->may_be_none ? NULL : text;
  }
}

/* Options that are the same in all points, but for the number of trials: their texts, several of one with blanks
   between. */
static size_t add_fixed_parameters(const explore_grid *grid, const char **key, const char **value, size_t count,
                                   testudo_i_arena *arena)
{
  static const cli_option *const shown[] = {cli_reading_options, cluster_report_options, analysis_own_options,
                                           cluster_model_options, request_options, NULL};
  const cli_arguments *arguments = grid->arguments;
  for (size_t k = 0; k < arguments->options; k++) {
    const cli_option *option = arguments->option[k];
    const cli_value *first = &arguments->value[k];
    if (!first->given || cli_takes_list(arguments->command, option) || !cli_is_in(shown, option))
      continue;
    size_t room = 4;
    for (const cli_value *at = first; at != NULL; at = at->more)
      room += at->text == NULL ? 0 : strlen(at->text) + 1;
    char *text = testudo_i_arena_calloc(arena, room, 1);
    if (text == NULL)
      return count;
    if (option->kind == CLI_FLAG)
      memcpy(text, "yes", 4);
    else
      for (const cli_value *at = first; at != NULL; at = at->more)
        snprintf(text + strlen(text), room - strlen(text), "%s%s", at == first ? "" : " ", at->text);
    key[count] = option->name;
    value[count++] = text;
  }
  return count;
}

static testudo_status take_parameters(const explore_grid *grid, const char *const *item, explore_point *point,
                                      testudo_i_arena *arena, testudo_error *error)
{
  size_t room = grid->axes + grid->arguments->options + 1, count = 0;
  const char **key = testudo_i_arena_calloc(arena, room, sizeof *key);
  const char **value = testudo_i_arena_calloc(arena, room, sizeof *value);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  for (size_t a = 0; a < grid->axes; a++) {
    if (grid->axis[a].option == explore_compute_options)
      continue;
    key[count] = grid->axis[a].option->name;
    value[count++] = item[a];
  }
  count = add_fixed_parameters(grid, key, value, count, arena);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  point->parameters = (field_texts){count, key, value};
  return TESTUDO_OK;
}

/* "trace:dir/a.csv" without its folder, and what is in the file. */
static void put_key_word(FILE *stream, const explore_grid *grid, const char *word)
{
  const explore_digest *digest = find_digest(grid, word);
  if (digest == NULL) {
    fprintf(stream, "%s\n", word);
    return;
  }
  int head = (int)(strlen(word) - strlen(digest->file));
  fprintf(stream, "%.*s%s %016" PRIx64 "\n", head, word, cli_basename(digest->file), digest->hash);
}

/* Of the words what decides the result. The number of trials is left out: more of them say more of the same. */
static testudo_status make_key(const explore_grid *grid, explore_point *point, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) char *text = NULL;
  size_t length;
  FILE *stream = open_memstream(&text, &length);
  TESTUDO_I_TRY(testudo_i_memory_check(stream != NULL, error));
  for (int k = 0; k < point->design_words.count; k++)
    put_key_word(stream, grid, point->design_words.word[k]);
  fprintf(stream, "%d\n", (int)point->computation);
  for (int k = 1; k < point->command_words.count; k++)
    if (strcmp(point->command_words.word[k], "--trials") == 0)
      k++;
    else
      put_key_word(stream, grid, point->command_words.word[k]);
  TESTUDO_I_TRY(testudo_i_memory_check(fclose(stream) == 0, error));
  testudo_i_store_key(text, length, point->key);
  return TESTUDO_OK;
}

/* Is the objective of a search one of time? */
static bool is_timed(const explore_grid *grid, const char *const *item)
{
  static const char *const others[] = {"qmax", "overlap", "cost", NULL};
  for (size_t a = 0; a < grid->axes; a++)
    if (grid->axis[a].option == explore_search_options && testudo_i_find_word(others, item[a]) >= 0)
      return false;
  return true;
}

/* The words of the command that makes the design, of the model alone, and of the command that measures. */
static testudo_status take_words(const explore_grid *grid, const char *const *item, explore_point *point,
                                 testudo_i_arena *arena, testudo_error *error)
{
  static const cli_option *const seed_tables[] = {cli_seed_options, NULL};
  bool simulate = point->computation == COMPUTE_SIMULATE, optimize = point->computation == COMPUTE_OPTIMIZE;
  explore_words *design = &point->design_words, *model = &point->model_words, *command = &point->command_words;
  int room = 2 * (int)(grid->arguments->options + 64) + 64;
  words_begin(design, room, arena);
  words_begin(model, room, arena);
  words_begin(command, room, arena);
  add_options(design, grid, item, design_tables);
  add_options(model, grid, item, model_tables);
  add_word(command, "design.json");
  words_add(command, model->word, model->count);
  if (optimize) {
    add_options(design, grid, item, search_tables);
    if (is_timed(grid, item)) /* the others refuse a delay law */
      words_add(design, model->word, model->count);
  }
  add_options(command, grid, item, simulate ? simulate_tables : analyze_tables);
  add_options(command, grid, item, seed_tables);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  TESTUDO_I_TRY(grid_line(optimize ? "testudo optimize" : "testudo design", design, &point->design, error));
  return grid_line(simulate ? "testudo simulate" : "testudo analyze", command, &point->command, error);
}

/* Long simulations are drawn in parts, but where a rule says when to stop. */
static void take_trials(const explore_grid *grid, explore_point *point)
{
  point->parts = 1;
  if (point->computation != COMPUTE_SIMULATE)
    return;
  point->trials = cli_integer(grid->arguments, "trials", DEFAULT_TRIALS);
  if (!cli_given(grid->arguments, "rel-error"))
    point->parts = (int32_t)((point->trials - 1) / TESTUDO_I_DRAWS_STEP) + 1;
}

testudo_status grid_point(const explore_grid *grid, int64_t number, explore_point *point, testudo_i_arena *arena,
                          testudo_error *error)
{
  const char **item = testudo_i_arena_calloc(arena, grid->axes + 1, sizeof *item);
  *point = (explore_point){.seed = 1};
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  read_items(grid, number, item);
  for (size_t a = 0; a < grid->axes; a++) {
    if (grid->axis[a].option == explore_compute_options && item[a] != NULL)
      point->computation = computation_of(item[a]);
    if (grid->axis[a].option == cli_seed_options && item[a] != NULL) {
      point->seeded = true;
      point->seed = strtoll(item[a], NULL, 10);
    }
  }
  take_trials(grid, point);
  TESTUDO_I_TRY(take_parameters(grid, item, point, arena, error));
  TESTUDO_I_TRY(take_words(grid, item, point, arena, error));
  return make_key(grid, point, error);
}
