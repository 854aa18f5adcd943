/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The design of a point, made as the commands would. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "commands.h"
#include "design/made.h"
#include "explore/explore.h"
#include "optimize/optimize.h"

static testudo_status make_design(char *const *word, int count, testudo_design **design, testudo_error *error)
{
  TESTUDO_I_HELD(cli_free) cli_arguments arguments = {0};
  TESTUDO_I_HELD(made_clear) cli_made made = {0};
  TESTUDO_I_TRY(cli_parse(&command_design, count, word, &arguments, error));
  TESTUDO_I_TRY(made_by_arguments(&made, &arguments, error));
  *design = made.design;
  made.design = NULL;
  return TESTUDO_OK;
}

/* By a search that ends by itself, on one thread: the same words give the same design. */
static testudo_status search_design(char *const *word, int count, testudo_design **design, explore_row *row,
                                    testudo_i_arena *arena, testudo_error *error)
{
  TESTUDO_I_HELD(cli_free) cli_arguments arguments = {0};
  TESTUDO_I_HELD(optimize_clear) cli_optimized o = {.objective_text = NULL};
  TESTUDO_I_TRY(cli_parse(&command_optimize, count, word, &arguments, error));
  TESTUDO_I_TRY(optimize_find(&o, &arguments, error));
  if (o.frame.interrupted)
    return TESTUDO_INTERRUPTED;
  TESTUDO_I_TRY(blocks_exit(&o, error));
  TESTUDO_I_TRY(search_exit(&o.frame, &o.result, error));
  if (row != NULL) {
    row->search = (explore_search){.objective = testudo_i_arena_text(arena, o.objective_text),
                                   .method = testudo_i_arena_text(arena, o.result.method), .value = o.result.after,
                                   .value_stderr = o.result.after_stderr, .bound = o.result.bound,
                                   .answer = (int)o.result.answer};
    TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  }
  *design = optimize_found(&o);
  *(o.better != NULL ? &o.better : &o.design) = NULL;
  return TESTUDO_OK;
}

testudo_status point_design(const char *design_command, testudo_design **design, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  char *word[CLI_MOST_WORDS + 1];
  int count;
  *design = NULL;
  TESTUDO_I_TRY(cli_split_line(design_command, &arena, word, &count, error));
  return strcmp(word[1], "optimize") == 0 ? search_design(word + 2, count - 2, design, NULL, &arena, error)
                                          : make_design(word + 2, count - 2, design, error);
}

/* Does the law decide the order? Then the design is made for the model of the point. */
static testudo_status asks_for_law(const explore_point *point, bool *asks, testudo_error *error)
{
  TESTUDO_I_HELD(cli_free) cli_arguments arguments = {0};
  TESTUDO_I_HELD(made_clear) cli_made made = {0};
  TESTUDO_I_TRY(cli_parse(&command_design, point->design_words.count, point->design_words.word, &arguments,
                          error));
  TESTUDO_I_TRY(made_take(&made, &arguments, error));
  *asks = request_orders_by_law(&made.request);
  return TESTUDO_OK;
}

/* --rates is what arcs are cut by; the model's other terms are not the design's. */
static void add_rates(explore_words *to, const explore_words *model)
{
  for (int k = 0; k + 1 < model->count; k++)
    if (strcmp(model->word[k], "--rates") == 0)
      words_add(to, model->word + k, 2);
}

/* Makes it of the words, and with the seed where something is drawn: the commands refuse what would do nothing. */
static testudo_status make_seeded(const explore_point *point, explore_words *words, testudo_design **design,
                                  explore_row *row, testudo_i_arena *arena, testudo_error *error)
{
  char seed[32], option[] = "--seed";
  int plain = words->count;
  snprintf(seed, sizeof seed, "%lld", (long long)point->seed);
  for (int with = point->seeded; with >= 0; with--) {
    words->count = plain;
    if (with)
      words_add(words, (char *[]){option, seed}, 2);
    TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
    testudo_status status = point->computation == COMPUTE_OPTIMIZE
                                ? search_design(words->word, words->count, design, row, arena, error)
                                : make_design(words->word, words->count, design, error);
    if (!with || status != TESTUDO_ERROR_ARGUMENT || strncmp(error->text, "--seed", 6) != 0) {
      TESTUDO_I_TRY(status);
      break;
    }
  }
  return grid_line(point->computation == COMPUTE_OPTIMIZE ? "testudo optimize" : "testudo design", words,
                   &row->design_command, error);
}

/* The words of the command, with those of the model where the design is made for it. */
testudo_status point_make(const explore_point *point, testudo_design **design, explore_row *row,
                          testudo_i_arena *arena, testudo_error *error)
{
  bool asks = false;
  const explore_words *design_words = &point->design_words, *model = &point->model_words;
  explore_words words;
  words_begin(&words, design_words->count + model->count + 2, arena);
  words_add(&words, design_words->word, design_words->count);
  if (point->computation == COMPUTE_OPTIMIZE)
    return make_seeded(point, &words, design, row, arena, error);
  testudo_status status = asks_for_law(point, &asks, error);
  if (status == TESTUDO_ERROR_ARGUMENT)
    add_rates(&words, model);
  else
    TESTUDO_I_TRY(status);
  if (status == TESTUDO_OK && asks)
    words_add(&words, model->word, model->count);
  return make_seeded(point, &words, design, row, arena, error);
}

testudo_status point_check(const explore_point *point, testudo_error *error)
{
  TESTUDO_I_HELD(cli_free) cli_arguments design = {0}, command = {0};
  bool optimize = point->computation == COMPUTE_OPTIMIZE, simulate = point->computation == COMPUTE_SIMULATE;
  bool asks;
  TESTUDO_I_TRY(cli_parse(optimize ? &command_optimize : &command_design, point->design_words.count,
                          point->design_words.word, &design, error));
  TESTUDO_I_TRY(cli_parse(simulate ? &command_simulate : &command_analyze, point->command_words.count,
                          point->command_words.word, &command, error));
  return optimize ? TESTUDO_OK : asks_for_law(point, &asks, error);
}
