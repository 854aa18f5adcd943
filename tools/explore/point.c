/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One point, measured as the commands would. */
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
#include "explore/explore.h"
#include "runtime/design.h"

/* ---- the row ---- */

static void fill_design(explore_row *row, const testudo_design *design)
{
  double share = (double)testudo_design_chunks(design) / testudo_design_workers(design);
  design_result about;
  design_fill(&about, design);
  row->design = (explore_design){.name = about.name, .scheme = about.scheme, .model = about.model,
                                 .workers = about.workers, .chunks = about.chunks, .parts = about.parts,
                                 .load = testudo_design_max_load(design) / share,
                                 .copies = (double)metrics_entries(design) / testudo_design_chunks(design),
                                 .floats = metrics_floats(design), .memory = metrics_memory(design)};
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

/* What a point's simulation is asked for; the options lend from the cluster. */
static testudo_status take_simulation(const cli_analyzed *found, const cli_arguments *arguments,
                                      const testudo_monitor *monitor, testudo_simulation_options *options,
                                      testudo_error *error)
{
  const cli_cluster *cluster = &found->cluster;
  int64_t trials;
  TESTUDO_I_TRY(simulation_take_trials(cluster, arguments, &trials, error));
  *options = simulation_options(cluster, arguments, trials, monitor);
  options->rel_error = cli_real(arguments, "rel-error", 0.0);
  return TESTUDO_OK;
}

static testudo_status simulate_point(cli_analyzed *found, const cli_arguments *arguments, const explore_task *task,
                                     explore_result *result, const testudo_monitor *monitor, testudo_error *error)
{
  testudo_simulation_options options;
  TESTUDO_I_TRY(take_simulation(found, arguments, monitor, &options, error));
  TESTUDO_I_TRY(testudo_i_draws_simulate(found->cluster.design, &found->cluster.model, &options, task->given,
                                         task->count, task->joined ? NULL : &result->draws, &found->simulation,
                                         error));
  if (found->simulation->interrupted)
    return TESTUDO_INTERRUPTED;
  return law_fill_simulation(&found->law, &found->cluster, found->simulation, NULL, error);
}

/* The part may lie behind the last trial: a replay runs its iterations once, however many trials are asked for. */
static testudo_status draw_part(const cli_analyzed *found, const cli_arguments *arguments, const explore_task *task,
                                explore_result *result, const testudo_monitor *monitor, testudo_error *error)
{
  testudo_simulation_options options;
  int64_t first = (int64_t)task->part * TESTUDO_I_DRAWS_STEP;
  TESTUDO_I_TRY(take_simulation(found, arguments, monitor, &options, error));
  options.trials -= first;
  if (options.trials > TESTUDO_I_DRAWS_STEP)
    options.trials = TESTUDO_I_DRAWS_STEP;
  result->state = POINT_PART;
  return options.trials < 1 ? TESTUDO_OK
                            : testudo_i_draws_take(found->cluster.design, &found->cluster.model, &options, first,
                                                   &result->draws, error);
}

/* Takes the design over. */
static testudo_status compute(const explore_point *point, testudo_design *design, const explore_task *task,
                              explore_row *row, explore_result *result, testudo_error *error)
{
  bool simulate = point->computation == COMPUTE_SIMULATE;
  TESTUDO_I_HELD(cli_free) cli_arguments arguments = {0};
  TESTUDO_I_HELD(analyzed_free) cli_analyzed found = {.cluster.design = design};
  const testudo_monitor *monitor = session_progress_start("", NULL);
  TESTUDO_I_TRY(cli_parse(simulate ? &command_simulate : &command_analyze, point->command_words.count,
                          point->command_words.word, &arguments, error));
  TESTUDO_I_TRY(cluster_take(&found.cluster, design, &arguments, error));
  if (task->part >= 0)
    return draw_part(&found, &arguments, task, result, monitor, error);
  if (simulate)
    TESTUDO_I_TRY(simulate_point(&found, &arguments, task, result, monitor, error));
  else
    TESTUDO_I_TRY(analyzed_law(&found, &arguments, false, monitor, error));
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
  TESTUDO_I_TRY(testudo_i_json_memory_begin(&memory, error));
  fields_put_texts(&memory.writer, NULL, &point->parameters);
  TESTUDO_I_TRY(testudo_i_json_memory_end(&memory, error));
  result->parameters = memory.text;
  return TESTUDO_OK;
}

/* Those of the row that are known before it is computed. */
static explore_row begin_row(const explore_point *point)
{
  explore_row row = {.parameters = point->parameters, .key = point->key, .command = point->command, .report = -1,
                     .trials = -1, .latency = latency_unknown(),
                     .search = {.value = NAN, .value_stderr = NAN, .bound = NAN, .answer = -1}};
  row.computation = explore_computation_words[point->computation];
  return row;
}

/* The point's design, unless `where` leaves it out: then *design is NULL. */
static testudo_status begin(const explore_point *point, const explore_task *task, explore_row *row,
                            explore_result *result, testudo_design **design, testudo_i_arena *arena,
                            testudo_error *error)
{
  bool unknown;
  *design = NULL;
  *row = begin_row(point);
  TESTUDO_I_TRY(put_parameters(point, result, error));
  TESTUDO_I_TRY(point_make(point, design, row, arena, error));
  testudo_status status = made_seal(*design, error);
  if (status == TESTUDO_OK)
    fill_design(row, *design);
  bool outside = status == TESTUDO_OK && !within_met(task->where, row, &unknown);
  if (outside)
    result->state = POINT_OUTSIDE;
  if (status != TESTUDO_OK || outside) {
    testudo_design_free(*design);
    *design = NULL;
  }
  return status;
}

testudo_status point_compute(const explore_point *point, const explore_task *task, explore_result *result,
                             testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  testudo_design *design;
  explore_row row;
  double began = testudo_i_seconds_now();
  testudo_status status = begin(point, task, &row, result, &design, &arena, error);
  if (status == TESTUDO_OK && design != NULL)
    status = compute(point, design, task, &row, result, error);
  result->seconds += testudo_i_seconds_now() - began;
  return skip(status, result, error);
}

void result_clear(explore_result *result)
{
  free(result->text);
  free(result->parameters);
  testudo_i_draws_clear(&result->draws);
  result->text = result->parameters = NULL;
}
