/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All points of some grids, as many at a time as there are threads. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "explore/explore.h"
#include "parallel/loop.h"

const cli_option explore_where_options[] = {
    {.name = "where", .value = "CONDITIONS", .kind = CLI_TEXT,
     .help = "Leave out designs that do not meet these, before they are measured: for example load<=4,chunks>100."
             " Names: workers, chunks, parts, load (shares of the data of the worker that holds most), copies,"
             " scheme."},
    {.name = NULL},
};

const cli_option explore_budget_options[] = {
    {.name = "time-limit", .value = "SECONDS", .kind = CLI_REAL, .ends = CLI_OPEN_BELOW, .least = 0, .most = 1e9,
     .hidden_command = true, .heading = "Budget",
     .help = "Stop after this time; what is done by then is written, and the exit code is 4."},
    {.name = "point-limit", .value = "SECONDS", .kind = CLI_REAL, .ends = CLI_OPEN_BELOW, .least = 0, .most = 1e9,
     .hidden_command = true, .help = "Give a point up after this time, and go on with the next."},
    {.name = NULL},
};

const field explore_reason_fields[] = {
    {FIELD(explore_reason, count), .label = "points", .meaning = "points that were skipped for this reason"},
    {FIELD_CHARS("reason", explore_reason, text), .label = "skipped because", .meaning = "what the command says"},
    {.key = NULL},
};

/* Where a point stands: the grid and its number there. */
typedef struct place {
  char key[TESTUDO_I_STORE_KEY + 1];
  int64_t index; /* in all grids */
} place;

typedef struct work {
  explore_run *run;
  int64_t *todo;          /* indices of points */
  explore_result *result; /* one per point of todo */
  double began;
} work;

testudo_status run_point(const explore_run *run, int64_t index, explore_point *point, testudo_i_arena *arena,
                         testudo_error *error)
{
  size_t g = 0;
  for (; index >= run->grid[g].points; g++)
    index -= run->grid[g].points;
  return grid_point(&run->grid[g], index, point, arena, error);
}

/* ---- one point, on any thread ---- */

typedef struct watch {
  const work *work;
  double began;
  bool out_of_time; /* of the point */
} watch;

static bool is_out(double limit, double began)
{
  return limit > 0.0 && testudo_i_seconds_now() - began > limit;
}

static bool watch_step(void *context, double fraction)
{
  watch *w = context;
  (void)fraction;
  w->out_of_time = is_out(w->work->run->point_limit, w->began);
  return !w->out_of_time && !is_out(w->work->run->limit, w->work->began) && !session_stopped();
}

static testudo_status keep(const work *w, const explore_point *point, explore_result *result, testudo_error *error)
{
  explore_run *run = w->run;
  if (run->store == NULL || (result->state != POINT_DONE && result->state != POINT_UNFINISHED))
    return TESTUDO_OK;
  bool done = result->state == POINT_DONE;
  const testudo_i_store_row row = {
      .key = point->key, .computation = point->computation == COMPUTE_ANALYZE ? "analyze" : "simulate",
      .design = point->design, .command = point->command, .parameters = result->parameters,
      .version = testudo_version(), .seed = point->seed, .trials = point->trials,
      .limit = done ? 0.0 : run->point_limit, .result = result->text, .seconds = result->seconds};
  testudo_status status = testudo_i_store_add(run->store, &row, error);
  free(result->text);
  result->text = NULL;
  return status;
}

static testudo_status compute(const work *w, int64_t index, explore_result *result, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  watch watched = {.work = w, .began = testudo_i_seconds_now()};
  const testudo_monitor monitor = {.step = watch_step, .context = &watched};
  explore_point point;
  TESTUDO_I_TRY(run_point(w->run, index, &point, &arena, error));
  session_watch_thread(&monitor);
  testudo_status status = point_compute(&point, w->run->where, result, error);
  session_watch_thread(NULL);
  if (status == TESTUDO_INTERRUPTED && session_stopped())
    return status;
  if (status == TESTUDO_INTERRUPTED) {
    if (watched.out_of_time) {
      result->state = POINT_UNFINISHED;
      result->seconds = testudo_i_seconds_now() - watched.began;
    }
    status = TESTUDO_OK; /* the rest of the time is over, or the next point's turn */
  }
  if (status == TESTUDO_OK)
    status = keep(w, &point, result, error);
  free(result->parameters);
  result->parameters = NULL;
  return status;
}

static testudo_status body(void *context, int32_t thread, int64_t k)
{
  const work *w = context;
  explore_result *result = &w->result[k];
  testudo_error error = {.text = ""};
  (void)thread;
  if (is_out(w->run->limit, w->began))
    return TESTUDO_OK;
  result->status = compute(w, w->todo[k], result, &error);
  if (result->status != TESTUDO_OK && result->status != TESTUDO_INTERRUPTED) {
    result->state = POINT_FAILED;
    snprintf(result->reason, sizeof result->reason, "%.199s", error.text);
  }
  return result->status;
}

/* ---- what there is to do ---- */

static int by_key(const void *a, const void *b)
{
  const place *left = a, *right = b;
  int order = strcmp(left->key, right->key);
  return order != 0 ? order : (left->index > right->index) - (left->index < right->index);
}

static int by_index(const void *a, const void *b)
{
  const place *left = a, *right = b;
  return (left->index > right->index) - (left->index < right->index);
}

/* Every point's key: of all shards, so that of two that are the same each shard leaves out the same one. */
static testudo_status list_places(explore_run *run, place *list, testudo_error *error)
{
  for (int64_t index = 0; index < run->points; index++) {
    TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
    explore_point point;
    if (index % 4096 == 0 && session_stopped())
      return TESTUDO_INTERRUPTED;
    TESTUDO_I_TRY(run_point(run, index, &point, &arena, error));
    memcpy(list[index].key, point.key, sizeof point.key);
    list[index].index = index;
  }
  qsort(list, (size_t)run->points, sizeof *list, by_key);
  int64_t kept = 0;
  for (int64_t k = 0; k < run->points; k++)
    if (k == 0 || strcmp(list[k].key, list[k - 1].key) != 0)
      list[kept++] = list[k];
  run->repeated = run->points - kept;
  qsort(list, (size_t)kept, sizeof *list, by_index);
  return TESTUDO_OK;
}

static testudo_status is_there(explore_run *run, int64_t index, bool *there, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  explore_point point;
  *there = false;
  if (run->store == NULL)
    return TESTUDO_OK;
  TESTUDO_I_TRY(run_point(run, index, &point, &arena, error));
  return testudo_i_store_has(run->store, point.key, point.trials, run->point_limit, there, error);
}

static testudo_status list_todo(explore_run *run, int64_t *todo, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) place *list = testudo_i_calloc((size_t)run->points + 1, sizeof *list);
  TESTUDO_I_TRY(testudo_i_memory_check(list != NULL, error));
  TESTUDO_I_TRY(list_places(run, list, error));
  for (int64_t k = 0; k < run->points - run->repeated; k++) {
    bool there;
    if (k % run->shards != run->shard - 1)
      continue;
    if (k % 4096 == 0 && session_stopped())
      return TESTUDO_INTERRUPTED;
    TESTUDO_I_TRY(is_there(run, list[k].index, &there, error));
    run->there += there;
    if (!there)
      todo[run->todo++] = list[k].index;
  }
  return TESTUDO_OK;
}

testudo_status run_list(explore_run *run, int64_t **todo, testudo_error *error)
{
  run->points = 0;
  for (size_t g = 0; g < run->grids; g++)
    run->points += run->grid[g].points;
  *todo = testudo_i_calloc((size_t)run->points + 1, sizeof **todo);
  TESTUDO_I_TRY(testudo_i_memory_check(*todo != NULL, error));
  return list_todo(run, *todo, error);
}

/* ---- what became of it ---- */

static testudo_status add_reason(explore_run *run, const char *text, testudo_error *error)
{
  size_t k = 0;
  while (k < run->reasons && strcmp(run->reason[k].text, text) != 0)
    k++;
  if (k == run->reasons) {
    if (testudo_i_grow((void **)&run->reason, &run->reason_room, run->reasons + 1, sizeof *run->reason) != 0)
      return testudo_i_fail_memory(error);
    run->reason[run->reasons] = (explore_reason){.count = 0};
    memcpy(run->reason[run->reasons++].text, text, sizeof run->reason->text);
  }
  run->reason[k].count++;
  return TESTUDO_OK;
}

static testudo_status gather(explore_run *run, explore_result *result, testudo_error *error)
{
  int64_t left = 0;
  for (int64_t k = 0; k < run->todo; k++) {
    run->done += result[k].state == POINT_DONE;
    run->outside += result[k].state == POINT_OUTSIDE;
    run->unfinished += result[k].state == POINT_UNFINISHED;
    run->skipped += result[k].state == POINT_SKIPPED;
    left += result[k].state == POINT_LEFT;
    if (result[k].state == POINT_SKIPPED)
      TESTUDO_I_TRY(add_reason(run, result[k].reason, error));
    if (result[k].state == POINT_DONE && run->store == NULL)
      TESTUDO_I_TRY(rows_add(&run->rows, result[k].text, error));
  }
  run->left = left;
  return TESTUDO_OK;
}

static int by_count(const void *a, const void *b)
{
  const explore_reason *left = a, *right = b;
  int more = (left->count < right->count) - (left->count > right->count);
  return more != 0 ? more : strcmp(left->text, right->text);
}

static testudo_status sum_up(explore_run *run, explore_result *result, testudo_status status, testudo_error *error)
{
  testudo_status gathered = gather(run, result, error);
  for (int64_t k = 0; k < run->todo && status != TESTUDO_OK && status != TESTUDO_INTERRUPTED; k++)
    if (result[k].state == POINT_FAILED) {
      (void)testudo_i_fail(error, status, "%s", result[k].reason);
      break;
    }
  for (int64_t k = 0; k < run->todo; k++) {
    free(result[k].text);
    free(result[k].parameters);
  }
  if (run->reason == NULL) /* none is a list too */
    run->reason = testudo_i_calloc(1, sizeof *run->reason);
  if (run->reasons > 0)
    qsort(run->reason, run->reasons, sizeof *run->reason, by_count);
  run->interrupted = status == TESTUDO_INTERRUPTED;
  run->out_of_time = status == TESTUDO_OK && run->left > 0;
  return status != TESTUDO_OK ? status : gathered;
}

testudo_status run_points(explore_run *run, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) int64_t *todo = NULL;
  work w = {.run = run, .began = testudo_i_seconds_now()};
  TESTUDO_I_TRY(run_list(run, &todo, error));
  TESTUDO_I_HELD(testudo_i_free_held) explore_result *result = testudo_i_calloc((size_t)run->todo + 1, sizeof *result);
  TESTUDO_I_TRY(testudo_i_memory_check(result != NULL, error));
  w.todo = todo;
  w.result = result;
  int32_t threads = session_threads(run->arguments);
  const testudo_monitor *monitor = session_progress_start("exploring", run->arguments);
  testudo_status status = session_progress_end(testudo_i_parallel_for(run->todo, threads, body, &w, monitor));
  return sum_up(run, result, status, error);
}

void run_clear(explore_run *run)
{
  rows_clear(&run->rows);
  free(run->reason);
  testudo_i_store_close(run->store);
}
