/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points as jobs of threads, or of ranks of MPI: a point is one, or where its trials are many as many as these have
   parts, and then whoever brings the last part makes the row of all. */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "explore/explore.h"
#include "parallel/lock.h"
#include "parallel/loop.h"

/* The parts of a point that have come in. */
typedef struct gathered {
  testudo_i_draws *part; /* NULL: the point is one job */
  int32_t parts, left;   /* left: jobs that have not come in */
  double seconds;
} gathered;

typedef struct work {
  explore_run *run;
  const int64_t *todo;    /* indices of points */
  explore_result *result; /* one per point of todo */
  int64_t jobs;
  int64_t *job;           /* index of the point * EXPLORE_MOST_PARTS + part */
  int64_t *point_of;      /* which of todo it is of */
  size_t job_room, point_room;
  gathered *parts;        /* one per point of todo */
  testudo_i_lock lock;    /* of the results and parts of points with several jobs */
} work;

static void work_clear(work *w)
{
  for (int64_t k = 0; w->parts != NULL && k < w->run->todo; k++) {
    for (int32_t p = 0; w->parts[k].part != NULL && p < w->parts[k].parts; p++)
      testudo_i_draws_clear(&w->parts[k].part[p]);
    free(w->parts[k].part);
  }
  free(w->parts);
  free(w->job);
  free(w->point_of);
}

/* ---- what the store keeps ---- */

/* Draws of the trials from `first` on; none where there are none, or none that can be read. */
static testudo_status load_draws(const work *w, const char *key, int64_t first, testudo_i_draws *draws,
                                 testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) char *bytes = NULL;
  size_t length;
  testudo_error damaged;
  *draws = (testudo_i_draws){.trials = 0};
  if (w->run->store == NULL)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_i_store_kept(w->run->store, key, testudo_version(), first, &bytes, &length, error));
  if (bytes == NULL)
    return TESTUDO_OK;
  testudo_status status = testudo_i_draws_unpack(draws, bytes, length, &damaged);
  return status == TESTUDO_ERROR_INPUT ? TESTUDO_OK : status;
}

typedef struct draws_list {
  testudo_i_draws *draws;
  size_t count, room;
} draws_list;

static void clear_list(draws_list *list)
{
  for (size_t k = 0; k < list->count; k++)
    testudo_i_draws_clear(&list->draws[k]);
  free(list->draws);
}

/* All that are kept of a point that is one job, in turn. */
static testudo_status load_list(const work *w, const explore_point *point, draws_list *list, testudo_error *error)
{
  for (int64_t first = 0; point->trials > first; first += TESTUDO_I_DRAWS_STEP) {
    TESTUDO_I_TRY(TESTUDO_I_GROW(list->draws, list->room, list->count + 1, error));
    testudo_i_draws *draws = &list->draws[list->count];
    TESTUDO_I_TRY(load_draws(w, point->key, first, draws, error));
    if (draws->trials == 0)
      return TESTUDO_OK;
    list->count++;
  }
  return TESTUDO_OK;
}

/* Those that the store does not have, part by part. */
static testudo_status keep_draws(const work *w, const explore_point *point, const testudo_i_draws *draws,
                                 testudo_error *error)
{
  testudo_i_store *store = w->run->store;
  int64_t end = draws->first + draws->trials;
  if (store == NULL || w->run->drop_draws)
    return TESTUDO_OK;
  for (int64_t first = draws->first; first < end; first += TESTUDO_I_DRAWS_STEP) {
    TESTUDO_I_HELD(testudo_i_free_held) char *bytes = NULL;
    testudo_i_draws part = testudo_i_draws_part(draws, first);
    int64_t there;
    size_t length;
    TESTUDO_I_TRY(testudo_i_store_kept_trials(store, point->key, testudo_version(), first, &there, error));
    if (there >= part.trials)
      continue;
    TESTUDO_I_TRY(testudo_i_draws_pack(&part, &bytes, &length, error));
    TESTUDO_I_TRY(testudo_i_store_keep(store, point->key, testudo_version(), first, part.trials, bytes, length,
                                       error));
  }
  return TESTUDO_OK;
}

/* Of a run with a store: the draws, and the row, or that there is none. */
static testudo_status keep(const work *w, const explore_point *point, explore_result *result, testudo_error *error)
{
  explore_run *run = w->run;
  bool done = result->state == POINT_DONE;
  if (run->store == NULL || (!done && result->state != POINT_UNFINISHED))
    return TESTUDO_OK;
  if (done)
    TESTUDO_I_TRY(keep_draws(w, point, &result->draws, error));
  const testudo_i_store_row row = {
      .key = point->key, .computation = explore_computation_words[point->computation], .design = point->design,
      .command = point->command, .parameters = result->parameters, .version = testudo_version(), .seed = point->seed,
      .trials = point->trials, .limit = done ? 0.0 : run->point_limit, .result = result->text,
      .seconds = result->seconds};
  testudo_status status = testudo_i_store_add(run->store, &row, error);
  free(result->text);
  result->text = NULL;
  return status;
}

/* ---- one job, on any thread or rank ---- */

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
  double limit = w->work->run->point_limit;
  w->out_of_time = limit > 0.0 && testudo_i_seconds_now() - w->began > limit;
  return !w->out_of_time && !session_out_of_time(w->work->run->limit) && !session_stopped() &&
         !testudo_i_stopped(w->outer, -1.0);
}

static testudo_status compute_point(const work *w, const explore_point *point, int32_t part, explore_result *result,
                                    testudo_error *error)
{
  TESTUDO_I_HELD(clear_list) draws_list list = {.count = 0};
  explore_task task = {.where = &w->run->where, .part = point->parts > 1 ? part : -1};
  if (task.part < 0)
    TESTUDO_I_TRY(load_list(w, point, &list, error));
  task.given = list.draws;
  task.count = list.count;
  return point_compute(point, &task, result, error);
}

/* What a status of a job comes to: errors of the point's own are its result, POINT_FAILED. TESTUDO_INTERRUPTED where
   all is to stop. */
static testudo_status settle(const watch *watched, testudo_status status, explore_result *result,
                             const testudo_error *error)
{
  if (status == TESTUDO_INTERRUPTED && !watched->out_of_time)
    return session_stopped() || testudo_i_stopped(watched->outer, -1.0) ? status : TESTUDO_OK; /* out of time */
  if (status == TESTUDO_INTERRUPTED) {
    result->state = POINT_UNFINISHED;
    result->seconds = testudo_i_seconds_now() - watched->began;
  } else if (status != TESTUDO_OK) {
    result->state = POINT_FAILED;
    result->status = status;
    snprintf(result->reason, sizeof result->reason, "%.199s", error->text);
  }
  return TESTUDO_OK;
}

static testudo_status compute(const work *w, int64_t job, const testudo_monitor *outer, explore_result *result)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  testudo_error error = {.text = ""};
  watch watched = {.work = w, .outer = outer, .began = testudo_i_seconds_now()};
  const testudo_monitor monitor = {.step = watch_step, .context = &watched};
  explore_point point;
  if (session_out_of_time(w->run->limit))
    return TESTUDO_OK; /* left */
  testudo_status status = run_point(w->run, job / EXPLORE_MOST_PARTS, &point, &arena, &error);
  session_watch_thread(&monitor);
  if (status == TESTUDO_OK)
    status = compute_point(w, &point, (int32_t)(job % EXPLORE_MOST_PARTS), result, &error);
  session_watch_thread(NULL);
  return settle(&watched, status, result, &error);
}

/* ---- what came of it ---- */

/* The row of a point whose parts are all there; those that were there before are the store's. */
static testudo_status conclude(const work *w, int64_t k, const explore_point *point, testudo_error *error)
{
  gathered *parts = &w->parts[k];
  explore_result *result = &w->result[k];
  watch watched = {.work = w, .began = testudo_i_seconds_now()};
  const testudo_monitor monitor = {.step = watch_step, .context = &watched};
  const explore_task task = {.where = &w->run->where, .given = parts->part, .count = (size_t)parts->parts,
                             .joined = true, .part = -1};
  for (int32_t p = 0; p < parts->parts; p++)
    if (parts->part[p].trials == 0)
      TESTUDO_I_TRY(load_draws(w, point->key, (int64_t)p * TESTUDO_I_DRAWS_STEP, &parts->part[p], error));
  result->seconds = parts->seconds;
  session_watch_thread(&monitor);
  testudo_status status = point_compute(point, &task, result, error);
  session_watch_thread(NULL);
  for (int32_t p = 0; p < parts->parts; p++)
    testudo_i_draws_clear(&parts->part[p]);
  TESTUDO_I_TRY(settle(&watched, status, result, error));
  return result->state == POINT_FAILED ? testudo_i_fail(error, result->status, "%s", result->reason) : TESTUDO_OK;
}

/* Hands one part over. *decided: the point's result is known now; *last: all parts are there. */
static void gather_part(work *w, int64_t k, int32_t part, explore_result *result, bool *decided, bool *last)
{
  gathered *parts = &w->parts[k];
  testudo_i_lock_take(&w->lock);
  bool open = w->result[k].state == POINT_LEFT && result->state != POINT_LEFT;
  *last = false;
  if (open) {
    parts->seconds += result->seconds;
    bool drawn = result->state == POINT_PART;
    bool over = w->run->point_limit > 0.0 && parts->seconds > w->run->point_limit && parts->left > 1;
    *last = drawn && --parts->left == 0;
    if (drawn) {
      parts->part[part] = result->draws;
      result->draws = (testudo_i_draws){.trials = 0};
      result->state = over ? POINT_UNFINISHED : POINT_LEFT;
    }
  }
  *decided = open && result->state != POINT_LEFT;
  if (*decided) {
    w->result[k] = *result;
    w->result[k].seconds = parts->seconds;
    *result = (explore_result){.state = POINT_LEFT};
  }
  testudo_i_lock_give(&w->lock);
}

static testudo_status take_part(work *w, int64_t k, int32_t part, const explore_point *point, explore_result *result,
                                testudo_error *error)
{
  bool decided, last;
  if (result->state == POINT_PART && result->draws.trials > 0)
    TESTUDO_I_TRY(keep_draws(w, point, &result->draws, error));
  gather_part(w, k, part, result, &decided, &last);
  if (last)
    TESTUDO_I_TRY(conclude(w, k, point, error));
  return last || decided ? keep(w, point, &w->result[k], error) : TESTUDO_OK;
}

/* The result of job j, which is taken over. */
static testudo_status take(work *w, int64_t j, explore_result *result, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  int64_t k = w->point_of[j];
  explore_point point;
  if (result->state == POINT_FAILED)
    return testudo_i_fail(error, result->status, "%s", result->reason);
  TESTUDO_I_TRY(run_point(w->run, w->todo[k], &point, &arena, error));
  if (w->parts[k].part != NULL)
    return take_part(w, k, (int32_t)(w->job[j] % EXPLORE_MOST_PARTS), &point, result, error);
  w->result[k] = *result;
  *result = (explore_result){.state = POINT_LEFT};
  testudo_status status = keep(w, &point, &w->result[k], error);
  free(w->result[k].parameters);
  w->result[k].parameters = NULL;
  testudo_i_draws_clear(&w->result[k].draws);
  return status;
}

static void note_failure(work *w, int64_t k, const testudo_error *error)
{
  testudo_i_lock_take(&w->lock);
  w->result[k].state = POINT_FAILED;
  snprintf(w->result[k].reason, sizeof w->result[k].reason, "%.199s", error->text);
  testudo_i_lock_give(&w->lock);
}

static bool is_decided(work *w, int64_t k)
{
  testudo_i_lock_take(&w->lock);
  bool decided = w->result[k].state != POINT_LEFT;
  testudo_i_lock_give(&w->lock);
  return decided;
}

static bool is_wanted(void *context, int64_t j)
{
  work *w = context;
  return !is_decided(w, w->point_of[j]);
}

static testudo_status body(void *context, int32_t thread, int64_t j)
{
  work *w = context;
  int64_t k = w->point_of[j];
  TESTUDO_I_HELD(result_clear) explore_result result = {.state = POINT_LEFT};
  testudo_error error = {.text = ""};
  (void)thread;
  if (is_decided(w, k))
    return TESTUDO_OK;
  testudo_status status = compute(w, w->job[j], NULL, &result);
  if (status == TESTUDO_OK)
    status = take(w, j, &result, &error);
  if (status != TESTUDO_OK && status != TESTUDO_INTERRUPTED)
    note_failure(w, k, &error);
  return status;
}

/* ---- on other ranks ---- */

const explore_ranks *explore_ranks_here;

/* What of a result is sent behind it between ranks of one program. */
enum { TEXT, PARAMETERS, DRAWS, BEHIND };
typedef struct sent {
  explore_result result;
  size_t length[BEHIND]; /* 0: not there */
} sent;

static testudo_status pack_result(const explore_result *result, char **bytes, size_t *length, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_free_held) char *draws = NULL;
  sent head = {.result = *result};
  if (result->draws.trials > 0)
    TESTUDO_I_TRY(testudo_i_draws_pack(&result->draws, &draws, &head.length[DRAWS], error));
  const char *const behind[BEHIND] = {result->text, result->parameters, draws};
  *length = sizeof head;
  for (int k = 0; k < BEHIND; k++) {
    if (k != DRAWS && behind[k] != NULL)
      head.length[k] = strlen(behind[k]) + 1;
    *length += head.length[k];
  }
  *bytes = testudo_i_alloc(*length, 1);
  TESTUDO_I_TRY(testudo_i_memory_check(*bytes != NULL, error));
  memcpy(*bytes, &head, sizeof head);
  char *at = *bytes + sizeof head;
  for (int k = 0; k < BEHIND; k++) {
    if (head.length[k] > 0)
      memcpy(at, behind[k], head.length[k]);
    at += head.length[k];
  }
  return TESTUDO_OK;
}

static testudo_status unpack_result(explore_result *result, const char *bytes, size_t length, testudo_error *error)
{
  sent head;
  if (length < sizeof head)
    return testudo_i_fail(error, TESTUDO_ERROR_SYSTEM, "a rank sent %zu bytes, which are not a result", length);
  memcpy(&head, bytes, sizeof head);
  *result = head.result;
  result->draws = (testudo_i_draws){.trials = 0};
  const char *at = bytes + sizeof head;
  char **const text[DRAWS] = {&result->text, &result->parameters};
  bool whole = true;
  for (int k = 0; k < DRAWS; k++) {
    *text[k] = head.length[k] > 0 ? testudo_i_copy_string(at) : NULL;
    whole = whole && (*text[k] != NULL || head.length[k] == 0);
    at += head.length[k];
  }
  TESTUDO_I_TRY(testudo_i_memory_check(whole, error));
  return head.length[DRAWS] > 0 ? testudo_i_draws_unpack(&result->draws, at, head.length[DRAWS], error) : TESTUDO_OK;
}

static testudo_status compute_to_send(void *context, int64_t job, const testudo_monitor *monitor, char **bytes,
                                      size_t *length, testudo_error *error)
{
  enum { MOST_BYTES = 1 << 30 }; /* of a message; the draws of a point that is one job may be left out */
  TESTUDO_I_HELD(result_clear) explore_result result = {.state = POINT_LEFT};
  TESTUDO_I_TRY(compute(context, job, monitor, &result));
  if (result.state == POINT_DONE && result.draws.trials > MOST_BYTES / 64)
    testudo_i_draws_clear(&result.draws);
  return pack_result(&result, bytes, length, error);
}

static testudo_status take_sent(void *context, int64_t j, const char *bytes, size_t length, testudo_error *error)
{
  TESTUDO_I_HELD(result_clear) explore_result result = {.state = POINT_LEFT};
  TESTUDO_I_TRY(unpack_result(&result, bytes, length, error));
  return take(context, j, &result, error);
}

testudo_status run_serve(explore_run *run, testudo_error *error)
{
  work w = {.run = run};
  const testudo_monitor *monitor = session_progress_start("exploring", run->arguments);
  run_count_points(run);
  return session_progress_end(explore_ranks_here->serve(explore_ranks_here->cluster, compute_to_send, &w, monitor,
                                                        error));
}

/* ---- all of them ---- */

/* The jobs of one point: those of its parts that the store has not, and the last in any case, which brings the row. */
static testudo_status list_jobs(work *w, int64_t k, const explore_point *point, testudo_error *error)
{
  gathered *parts = &w->parts[k];
  if (point->parts > 1) {
    parts->part = testudo_i_calloc((size_t)point->parts, sizeof *parts->part);
    TESTUDO_I_TRY(testudo_i_memory_check(parts->part != NULL, error));
    parts->parts = point->parts;
  }
  for (int32_t part = 0; part < point->parts; part++) {
    int64_t there = 0;
    if (w->run->store != NULL && part + 1 < point->parts)
      TESTUDO_I_TRY(testudo_i_store_kept_trials(w->run->store, point->key, testudo_version(),
                                                (int64_t)part * TESTUDO_I_DRAWS_STEP, &there, error));
    if (there == TESTUDO_I_DRAWS_STEP)
      continue;
    size_t wanted = (size_t)w->jobs + 1;
    TESTUDO_I_TRY(TESTUDO_I_GROW(w->job, w->job_room, wanted, error));
    TESTUDO_I_TRY(TESTUDO_I_GROW(w->point_of, w->point_room, wanted, error));
    w->job[w->jobs] = w->todo[k] * EXPLORE_MOST_PARTS + part;
    w->point_of[w->jobs++] = k;
    parts->left++;
  }
  return TESTUDO_OK;
}

static testudo_status list_all(work *w, testudo_error *error)
{
  w->parts = testudo_i_calloc((size_t)w->run->todo + 1, sizeof *w->parts);
  TESTUDO_I_TRY(testudo_i_memory_check(w->parts != NULL, error));
  for (int64_t k = 0; k < w->run->todo; k++) {
    TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
    explore_point point;
    TESTUDO_I_TRY(run_point(w->run, w->todo[k], &point, &arena, error));
    TESTUDO_I_TRY(list_jobs(w, k, &point, error));
  }
  return TESTUDO_OK;
}

testudo_status jobs_run(explore_run *run, const int64_t *todo, explore_result *result, testudo_error *error)
{
  TESTUDO_I_HELD(work_clear) work w = {.run = run, .todo = todo, .result = result, .lock = ATOMIC_FLAG_INIT};
  TESTUDO_I_TRY(list_all(&w, error));
  int32_t threads = session_threads(run->arguments);
  const testudo_monitor *monitor = session_progress_start("exploring", run->arguments);
  const testudo_i_cluster_jobs jobs = {.job = w.job, .count = w.jobs, .compute = compute_to_send, .take = take_sent,
                                       .wanted = is_wanted, .context = &w, .monitor = monitor};
  return session_progress_end(explore_ranks_here == NULL
                                  ? testudo_i_parallel_for(w.jobs, threads, body, &w, monitor)
                                  : explore_ranks_here->hand_out(explore_ranks_here->cluster, &jobs, error));
}
