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
    {FIELD_CHARS("reason", explore_reason, text), .label = "skipped because",
     .meaning = "what the command says, of the first such point: others may have other numbers"},
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

static void count_points(explore_run *run)
{
  run->points = 0;
  for (size_t g = 0; g < run->grids; g++)
    run->points += run->grid[g].points;
}

testudo_status run_take_limits(explore_run *run, explore_within *where, const cli_arguments *arguments,
                               testudo_error *error)
{
  run->limit = cli_real(arguments, "time-limit", 0.0);
  run->point_limit = cli_real(arguments, "point-limit", 0.0);
  if (!cli_given(arguments, "where"))
    return TESTUDO_OK;
  run->where = where;
  return within_take(where, "where", cli_text(arguments, "where", ""), true, error);
}

static bool is_out(double limit, double began)
{
  return limit > 0.0 && testudo_i_seconds_now() - began > limit;
}

/* ---- one point, on any thread ---- */

typedef struct watch {
  const work *work;
  const testudo_monitor *outer; /* NULL: none */
  double began;
  bool out_of_time; /* of the point */
} watch;

static bool watch_step(void *context, double fraction)
{
  watch *w = context;
  (void)fraction;
  w->out_of_time = is_out(w->work->run->point_limit, w->began);
  return !w->out_of_time && !is_out(w->work->run->limit, w->work->began) && !session_stopped() &&
         !testudo_i_stopped(w->outer, -1.0);
}

/* Of a run with a store: the row, or that there is none. */
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

/* Errors of the point's own are its result: POINT_FAILED. TESTUDO_INTERRUPTED where all is to stop. */
static testudo_status compute(const work *w, int64_t index, const testudo_monitor *outer, explore_result *result)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  testudo_error error = {.text = ""};
  watch watched = {.work = w, .outer = outer, .began = testudo_i_seconds_now()};
  const testudo_monitor monitor = {.step = watch_step, .context = &watched};
  explore_point point;
  if (is_out(w->run->limit, w->began))
    return TESTUDO_OK; /* left */
  testudo_status status = run_point(w->run, index, &point, &arena, &error);
  session_watch_thread(&monitor);
  if (status == TESTUDO_OK)
    status = point_compute(&point, w->run->where, result, &error);
  session_watch_thread(NULL);
  if (status == TESTUDO_INTERRUPTED && !watched.out_of_time)
    return session_stopped() || testudo_i_stopped(outer, -1.0) ? status : TESTUDO_OK; /* the time of all is over */
  if (status == TESTUDO_INTERRUPTED) {
    result->state = POINT_UNFINISHED;
    result->seconds = testudo_i_seconds_now() - watched.began;
  } else if (status != TESTUDO_OK) {
    result->state = POINT_FAILED;
    result->status = status;
    snprintf(result->reason, sizeof result->reason, "%.199s", error.text);
  }
  return TESTUDO_OK;
}

/* What was computed, here or elsewhere, as the k-th of todo. */
static testudo_status take(const work *w, int64_t k, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  explore_result *result = &w->result[k];
  explore_point point;
  if (result->state == POINT_FAILED)
    return testudo_i_fail(error, result->status, "%s", result->reason);
  TESTUDO_I_TRY(run_point(w->run, w->todo[k], &point, &arena, error));
  testudo_status status = keep(w, &point, result, error);
  free(result->parameters);
  result->parameters = NULL;
  return status;
}

static testudo_status body(void *context, int32_t thread, int64_t k)
{
  const work *w = context;
  testudo_error error = {.text = ""};
  (void)thread;
  testudo_status status = compute(w, w->todo[k], NULL, &w->result[k]);
  if (status == TESTUDO_OK)
    status = take(w, k, &error);
  if (status != TESTUDO_OK && status != TESTUDO_INTERRUPTED) {
    w->result[k].state = POINT_FAILED;
    snprintf(w->result[k].reason, sizeof w->result[k].reason, "%.199s", error.text);
  }
  return status;
}

/* ---- on other ranks ---- */

const explore_ranks *explore_ranks_here;

/* A result as it is sent between ranks of one program: the struct, and the texts that it points to. */
static testudo_status compute_to_send(void *context, int64_t job, const testudo_monitor *monitor, char **bytes,
                                      size_t *length, testudo_error *error)
{
  explore_result result = {.state = POINT_LEFT};
  testudo_status status = compute(context, job, monitor, &result);
  size_t text = result.text == NULL ? 0 : strlen(result.text) + 1;
  size_t parameters = result.parameters == NULL ? 0 : strlen(result.parameters) + 1;
  char *made = status == TESTUDO_OK ? testudo_i_alloc(sizeof result + text + parameters, 1) : NULL;
  if (made != NULL) {
    memcpy(made, &result, sizeof result);
    if (text > 0)
      memcpy(made + sizeof result, result.text, text);
    if (parameters > 0)
      memcpy(made + sizeof result + text, result.parameters, parameters);
    *bytes = made;
    *length = sizeof result + text + parameters;
  }
  free(result.text);
  free(result.parameters);
  return status != TESTUDO_OK ? status : testudo_i_memory_check(made != NULL, error);
}

static testudo_status take_sent(void *context, int64_t k, const char *bytes, size_t length, testudo_error *error)
{
  const work *w = context;
  explore_result *result = &w->result[k];
  if (length < sizeof *result)
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "a rank sent %zu bytes, which are no result", length);
  memcpy(result, bytes, sizeof *result);
  const char *at = bytes + sizeof *result;
  if (result->text != NULL) {
    result->text = testudo_i_copy_string(at);
    at += strlen(at) + 1;
  }
  if (result->parameters != NULL)
    result->parameters = testudo_i_copy_string(at);
  return take(w, k, error);
}

testudo_status run_serve(explore_run *run, testudo_error *error)
{
  work w = {.run = run, .began = testudo_i_seconds_now()};
  const testudo_monitor *monitor = session_progress_start("exploring", run->arguments);
  count_points(run);
  return session_progress_end(explore_ranks_here->serve(explore_ranks_here->cluster, compute_to_send, &w, monitor,
                                                        error));
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
  double began = testudo_i_seconds_now();
  for (int64_t index = 0; index < run->points; index++) {
    TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
    explore_point point;
    if (index % 512 == 0 && (session_stopped() || is_out(run->limit, began)))
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

static testudo_status is_there(explore_run *run, int64_t index, bool *there, bool *given_up, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  explore_point point;
  *there = *given_up = false;
  if (run->store == NULL)
    return TESTUDO_OK;
  TESTUDO_I_TRY(run_point(run, index, &point, &arena, error));
  bool finished;
  TESTUDO_I_TRY(testudo_i_store_has(run->store, point.key, point.trials, run->point_limit, there, error));
  TESTUDO_I_TRY(testudo_i_store_has(run->store, point.key, point.trials, 0.0, &finished, error));
  *given_up = *there && !finished;
  return TESTUDO_OK;
}

static testudo_status list_todo(explore_run *run, int64_t *todo, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) place *list = testudo_i_calloc((size_t)run->points + 1, sizeof *list);
  TESTUDO_I_TRY(testudo_i_memory_check(list != NULL, error));
  TESTUDO_I_TRY(list_places(run, list, error));
  for (int64_t k = 0; k < run->points - run->repeated; k++) {
    bool there, given_up;
    if (k % run->shards != run->shard - 1)
      continue;
    if (k % 512 == 0 && session_stopped())
      return TESTUDO_INTERRUPTED;
    run->mine++;
    TESTUDO_I_TRY(is_there(run, list[k].index, &there, &given_up, error));
    run->there += there && !given_up;
    run->given_up += there && given_up;
    if (!there)
      todo[run->todo++] = list[k].index;
  }
  return TESTUDO_OK;
}

testudo_status run_list(explore_run *run, int64_t **todo, testudo_error *error)
{
  count_points(run);
  *todo = testudo_i_calloc((size_t)run->points + 1, sizeof **todo);
  TESTUDO_I_TRY(testudo_i_memory_check(*todo != NULL, error));
  return list_todo(run, *todo, error);
}

/* ---- what became of it ---- */

/* Do two sentences differ in their numbers alone? */
static bool are_alike(const char *a, const char *b)
{
  static const char digits[] = "0123456789";
  while (*a != '\0' && *b != '\0') {
    size_t left = strspn(a, digits), right = strspn(b, digits);
    if ((left > 0) != (right > 0) || (left == 0 && *a != *b))
      return false;
    a += left > 0 ? left : 1;
    b += right > 0 ? right : 1;
  }
  return *a == *b;
}

/* One reason for all sentences that differ in numbers: the first of them. */
static testudo_status add_reason(explore_run *run, const char *text, testudo_error *error)
{
  size_t k = 0;
  while (k < run->reasons && !are_alike(run->reason[k].text, text))
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
  testudo_status listed = run_list(run, &todo, error);
  if (listed == TESTUDO_INTERRUPTED) { /* before any point was begun */
    run->todo = 0;
    run->left = run->points;
    run->interrupted = session_stopped();
    run->out_of_time = !run->interrupted;
    return run->interrupted ? listed : TESTUDO_OK;
  }
  TESTUDO_I_TRY(listed);
  TESTUDO_I_HELD(testudo_i_free_held) explore_result *result = testudo_i_calloc((size_t)run->todo + 1, sizeof *result);
  TESTUDO_I_TRY(testudo_i_memory_check(result != NULL, error));
  w.todo = todo;
  w.result = result;
  int32_t threads = session_threads(run->arguments);
  const testudo_monitor *monitor = session_progress_start("exploring", run->arguments);
  const testudo_i_cluster_jobs jobs = {.job = todo, .count = run->todo, .compute = compute_to_send, .take = take_sent,
                                       .context = &w, .monitor = monitor};
  testudo_status status = explore_ranks_here == NULL
                              ? testudo_i_parallel_for(run->todo, threads, body, &w, monitor)
                              : explore_ranks_here->hand_out(explore_ranks_here->cluster, &jobs, error);
  return sum_up(run, result, session_progress_end(status), error);
}

void run_clear(explore_run *run)
{
  rows_clear(&run->rows);
  free(run->reason);
  testudo_i_store_close(run->store);
}
