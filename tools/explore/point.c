/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One point: its design, made and measured as the commands would. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/analyze.h"
#include "base/error.h"
#include "base/memory.h"
#include "commands.h"
#include "common/metrics.h"
#include "design/made.h"
#include "designfile/write.h"
#include "explore/explore.h"
#include "runtime/design.h"
#include "runtime/scheme/scheme.h"

/* ---- the design ---- */

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

testudo_status point_design(const char *design_command, testudo_design **design, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  char *word[CLI_MOST_WORDS + 1];
  int count;
  *design = NULL;
  TESTUDO_I_TRY(cli_split_line(design_command, &arena, word, &count, error));
  return make_design(word + 2, count - 2, design, error);
}

/* Does the law decide the order? Then the design is made for the model of the point. */
static testudo_status asks_for_law(const explore_point *point, bool *asks, testudo_error *error)
{
  TESTUDO_I_HELD(cli_free) cli_arguments arguments = {0};
  TESTUDO_I_HELD(made_clear) cli_made made = {0};
  TESTUDO_I_TRY(cli_parse(&command_design, point->design_words, point->design_word, &arguments, error));
  TESTUDO_I_TRY(made_take(&made, &arguments, error));
  *asks = request_orders_by_law(&made.request);
  return TESTUDO_OK;
}

typedef struct design_words {
  char **word;
  int count;
} design_words;

static void append_words(design_words *to, char *const *word, int count)
{
  for (int k = 0; k < count; k++)
    to->word[to->count++] = word[k];
}

/* --rates is what arcs are cut by; the model's other terms are not the design's. */
static void append_rates(design_words *to, const explore_point *point)
{
  for (int k = 0; k + 1 < point->model_words; k++)
    if (strcmp(point->model_word[k], "--rates") == 0)
      append_words(to, point->model_word + k, 2);
}

/* The words of the command, with those of the model where the design is made for it, and with the seed where something
   is drawn: the commands refuse what would do nothing. */
static testudo_status point_make(const explore_point *point, testudo_design **design, const char **line,
                                 testudo_i_arena *arena, testudo_error *error)
{
  char seed[32], option[] = "--seed";
  bool asks;
  design_words words = {.word = testudo_i_arena_calloc(
                            arena, (size_t)(point->design_words + point->model_words + 3), sizeof(char *))};
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  snprintf(seed, sizeof seed, "%lld", (long long)point->seed);
  append_words(&words, point->design_word, point->design_words);
  testudo_status status = asks_for_law(point, &asks, error);
  if (status == TESTUDO_ERROR_ARGUMENT)
    append_rates(&words, point);
  else
    TESTUDO_I_TRY(status);
  if (status == TESTUDO_OK && asks)
    append_words(&words, point->model_word, point->model_words);
  int plain = words.count;
  if (point->seeded)
    append_words(&words, (char *[]){option, seed}, 2);
  status = make_design(words.word, words.count, design, error);
  if (status == TESTUDO_ERROR_ARGUMENT && point->seeded && strncmp(error->text, "--seed", 6) == 0) {
    words.count = plain;
    status = make_design(words.word, words.count, design, error);
  }
  TESTUDO_I_TRY(status);
  return grid_line("testudo design", words.word, words.count, arena, line, error);
}

/* ---- the row ---- */

static void fill_design(explore_row *row, const testudo_design *design)
{
  double share = (double)testudo_design_chunks(design) / testudo_design_workers(design);
  design_result about;
  design_fill(&about, design);
  row->design = (explore_design){.name = about.name, .scheme = about.scheme, .model = about.model,
                                 .workers = about.workers, .chunks = about.chunks, .parts = about.parts,
                                 .load = testudo_design_max_load(design) / share,
                                 .copies = (double)metrics_entries(design) / testudo_design_chunks(design)};
  memcpy(row->design.checksum, about.checksum, sizeof row->design.checksum);
}

static testudo_status fill_errors(explore_row *row, const cli_cluster *cluster, const cli_arguments *arguments,
                                  const error_result *found, testudo_i_arena *arena, testudo_error *error)
{
  size_t count = (size_t)cluster->time_count;
  if (count == 0)
    return TESTUDO_OK;
  double *value = testudo_i_arena_calloc(arena, count, sizeof *value);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  bool known = found != NULL && found->known > 0 && found->mse != NULL;
  for (size_t k = 0; k < count; k++)
    value[k] = known ? found->mse[k] : NAN;
  row->mse = (field_map){count, cli_get(arguments, "at")->item, value};
  row->mse_method = found == NULL ? NULL : found->method;
  return TESTUDO_OK;
}

static testudo_status write_row(const explore_row *row, explore_result *result, testudo_error *error)
{
  testudo_i_json_memory memory;
  TESTUDO_I_TRY(testudo_i_json_memory_begin(&memory, error));
  testudo_i_json_open_object(&memory.writer, NULL);
  fields_put(&memory.writer, explore_row_fields, row);
  testudo_i_json_close_object(&memory.writer);
  TESTUDO_I_TRY(testudo_i_json_memory_end(&memory, error));
  result->text = memory.text;
  result->state = POINT_DONE;
  return TESTUDO_OK;
}

static testudo_status fill_row(explore_row *row, const law_result *law, const cli_arguments *arguments,
                               explore_result *result, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  TESTUDO_I_HELD(testudo_i_free_held) char *delay = NULL;
  const cli_cluster *cluster = law->head.cluster;
  size_t length;
  FILE *stream = open_memstream(&delay, &length);
  TESTUDO_I_TRY(testudo_i_memory_check(stream != NULL, error));
  delay_print(stream, &law->head.delay);
  TESTUDO_I_TRY(testudo_i_memory_check(fclose(stream) == 0, error));
  row->delay = delay;
  row->report = (int)cluster->report;
  row->version = testudo_version();
  row->latency = law->latency;
  row->trials = law->trials > 0 ? law->trials : -1;
  row->seed = (int64_t)cluster->seed;
  TESTUDO_I_TRY(fill_errors(row, cluster, arguments, law->error, &arena, error));
  return write_row(row, result, error);
}

/* ---- computing ---- */

static testudo_status simulate_point(cli_analyzed *found, const cli_arguments *arguments,
                                     const testudo_monitor *monitor, testudo_error *error)
{
  const cli_cluster *cluster = &found->cluster;
  int64_t trials;
  TESTUDO_I_TRY(simulation_take_trials(cluster, arguments, &trials, error));
  testudo_simulation_options options = simulation_options(cluster, arguments, trials, monitor);
  options.rel_error = cli_real(arguments, "rel-error", 0.0);
  TESTUDO_I_TRY(testudo_simulate(cluster->design, &cluster->model, &options, &found->simulation, error));
  if (found->simulation->interrupted)
    return TESTUDO_INTERRUPTED;
  return law_fill_simulation(&found->law, cluster, found->simulation, NULL, error);
}

static testudo_status compute(const explore_point *point, testudo_design *design, explore_row *row,
                              explore_result *result, testudo_error *error)
{
  bool analyze = point->computation == COMPUTE_ANALYZE;
  TESTUDO_I_HELD(cli_free) cli_arguments arguments = {0};
  TESTUDO_I_HELD(analyzed_free) cli_analyzed found = {.cluster.design = design};
  const testudo_monitor *monitor = session_progress_start("", NULL);
  TESTUDO_I_TRY(cli_parse(analyze ? &command_analyze : &command_simulate, point->command_words, point->command_word,
                          &arguments, error));
  TESTUDO_I_TRY(cluster_take(&found.cluster, design, &arguments, error));
  if (analyze)
    TESTUDO_I_TRY(analyzed_law(&found, &arguments, false, monitor, error));
  else
    TESTUDO_I_TRY(simulate_point(&found, &arguments, monitor, error));
  return fill_row(row, &found.law, &arguments, result, error);
}

/* What a command refuses is no point; what it cannot do within its own limits neither. */
static testudo_status skip(testudo_status status, explore_result *result, const testudo_error *error)
{
  if (status != TESTUDO_ERROR_ARGUMENT && status != TESTUDO_ERROR_LIMIT)
    return status;
  result->state = POINT_SKIPPED;
  snprintf(result->reason, sizeof result->reason, "%.199s", error->text);
  return TESTUDO_OK;
}

static testudo_status put_parameters(const explore_point *point, explore_result *result, testudo_error *error)
{
  testudo_i_json_memory memory;
  const field_texts *texts = &point->parameters;
  TESTUDO_I_TRY(testudo_i_json_memory_begin(&memory, error));
  testudo_i_json_open_object(&memory.writer, NULL);
  for (size_t k = 0; k < texts->count; k++)
    if (texts->value[k] == NULL)
      testudo_i_json_put_null(&memory.writer, texts->key[k]);
    else
      testudo_i_json_put_string(&memory.writer, texts->key[k], texts->value[k]);
  testudo_i_json_close_object(&memory.writer);
  TESTUDO_I_TRY(testudo_i_json_memory_end(&memory, error));
  result->parameters = memory.text;
  return TESTUDO_OK;
}

/* Those of the row that are known before it is computed. */
static explore_row begin_row(const explore_point *point, const char *line)
{
  explore_row row = {.parameters = point->parameters, .key = point->key, .design_command = line,
                     .command = point->command, .report = -1, .trials = -1, .latency = latency_unknown()};
  row.computation = point->computation == COMPUTE_ANALYZE ? "analyze" : "simulate";
  return row;
}

testudo_status point_compute(const explore_point *point, const explore_within *where, explore_result *result,
                             testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  testudo_design *design = NULL;
  const char *line = NULL;
  bool unknown;
  double began = testudo_i_seconds_now();
  TESTUDO_I_TRY(put_parameters(point, result, error));
  testudo_status status = point_make(point, &design, &line, &arena, error);
  if (status != TESTUDO_OK)
    return skip(status, result, error);
  explore_row row = begin_row(point, line);
  status = made_seal(design, error);
  if (status != TESTUDO_OK) {
    testudo_design_free(design);
    return status;
  }
  fill_design(&row, design);
  if (where != NULL && !within_met(where, &row, &unknown)) {
    result->state = POINT_OUTSIDE;
    testudo_design_free(design);
    return TESTUDO_OK;
  }
  status = compute(point, design, &row, result, error);
  result->seconds = testudo_i_seconds_now() - began;
  return skip(status, result, error);
}
