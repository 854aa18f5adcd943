/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A binary heap of arrivals. The sync rules fill it anew every update and take the first K off it. */
#include "sgd/clock/events.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/memory.h"

#define MOST_WAIT (1 << 30)

typedef struct arrival {
  double time;
  int32_t worker;
} arrival;

/* The task that a worker is at; of k-async also the last one of a worker that idles. */
typedef struct event_worker {
  int64_t task, read; /* its index, and the version that it read */
} event_worker;

/* Of lgc: the task of this round. */
typedef struct lgc_worker {
  double begun;       /* its absolute time */
  double owed_end;    /* when the owed blocks of the last round are done; meaningful while owed > 0 */
  double message;
  int32_t owed;       /* blocks of the last round */
  int32_t done;       /* blocks of this round, when it ends */
} lgc_worker;

struct testudo_i_events {
  testudo_i_arena arena;
  testudo_i_tasks *tasks;
  testudo_update_rule rule;
  int32_t wait, workers, blocks;
  int64_t version;
  double time;
  bool never, begun;
  arrival *heap;
  int32_t in_heap;
  event_worker *worker;
  lgc_worker *lgc;
  double *finished;   /* blocks; of lgc blocks per worker */
  testudo_i_part *part;
  size_t parts, room;
};

/* ---- the heap ---- */

static bool arrival_is_before(const arrival *a, const arrival *b)
{
  return a->time < b->time || (a->time == b->time && a->worker < b->worker);
}

/* Puts `moved` into the hole `at`, or further down. */
static void sink_arrival(arrival *heap, int32_t count, int32_t at, arrival moved)
{
  for (;;) {
    int64_t child = 2 * (int64_t)at + 1;
    if (child >= count)
      break;
    if (child + 1 < count && arrival_is_before(&heap[child + 1], &heap[child]))
      child++;
    if (!arrival_is_before(&heap[child], &moved))
      break;
    heap[at] = heap[child];
    at = (int32_t)child;
  }
  heap[at] = moved;
}

static void raise_arrival(arrival *heap, int32_t at, arrival moved)
{
  while (at > 0 && arrival_is_before(&moved, &heap[(at - 1) / 2])) {
    heap[at] = heap[(at - 1) / 2];
    at = (at - 1) / 2;
  }
  heap[at] = moved;
}

static void order_heap(testudo_i_events *events)
{
  for (int32_t at = events->in_heap / 2 - 1; at >= 0; at--)
    sink_arrival(events->heap, events->in_heap, at, events->heap[at]);
}

static arrival take_first(testudo_i_events *events)
{
  arrival first = events->heap[0], last = events->heap[--events->in_heap];
  if (events->in_heap > 0)
    sink_arrival(events->heap, events->in_heap, 0, last);
  return first;
}

/* ---- tasks ---- */

/* When the push of a task that begins at `from` is in. */
static arrival arrival_of(testudo_i_events *events, int32_t worker, double from)
{
  double message;
  testudo_i_tasks_draw(events->tasks, worker, events->worker[worker].task, events->blocks, events->finished, &message);
  return (arrival){from + (events->finished[events->blocks - 1] + message), worker};
}

/* All workers begin a task now, at the newest parameters. */
static void begin_all(testudo_i_events *events)
{
  for (int32_t j = 0; j < events->workers; j++) {
    events->worker[j].read = events->version;
    events->heap[j] = arrival_of(events, j, events->time);
  }
  events->in_heap = events->workers;
  order_heap(events);
}

static void next_task(testudo_i_events *events, int32_t worker, int64_t read)
{
  events->worker[worker].task++;
  events->worker[worker].read = read;
}

static testudo_status push_part(testudo_i_events *events, testudo_i_part part, testudo_error *error)
{
  TESTUDO_I_TRY(TESTUDO_I_GROW(events->part, events->room, events->parts + 1, error));
  events->part[events->parts++] = part;
  return TESTUDO_OK;
}

/* The gradient of a whole task. */
static testudo_status push_task(testudo_i_events *events, const arrival *in, testudo_error *error)
{
  const event_worker *worker = &events->worker[in->worker];
  return push_part(events, (testudo_i_part){in->worker, 0, events->blocks, worker->task, worker->read, in->time},
                   error);
}

/* ---- updates of the four rules ---- */

/* The first K workers that are in. */
static testudo_status push_first(testudo_i_events *events, testudo_error *error)
{
  for (int32_t k = 0; k < events->wait; k++) {
    arrival in = take_first(events);
    TESTUDO_I_TRY(push_task(events, &in, error));
    events->time = in.time;
  }
  return TESTUDO_OK;
}

/* The first K workers; all begin anew. */
static testudo_status next_k_sync(testudo_i_events *events, testudo_error *error)
{
  begin_all(events);
  TESTUDO_I_TRY(push_first(events, error));
  for (int32_t j = 0; j < events->workers; j++)
    events->worker[j].task++;
  return TESTUDO_OK;
}

/* The first K mini-batches at the same parameters. */
static testudo_status next_k_batch_sync(testudo_i_events *events, testudo_error *error)
{
  begin_all(events);
  for (int32_t k = 0; k < events->wait && events->heap[0].time < HUGE_VAL; k++) {
    arrival in = events->heap[0];
    TESTUDO_I_TRY(push_task(events, &in, error));
    events->time = in.time;
    if (k + 1 == events->wait)
      break;
    events->worker[in.worker].task++;
    sink_arrival(events->heap, events->in_heap, 0, arrival_of(events, in.worker, in.time));
  }
  if ((int64_t)events->parts < events->wait)
    events->time = HUGE_VAL;
  for (int32_t j = 0; j < events->workers; j++)
    events->worker[j].task++;
  return TESTUDO_OK;
}

/* Who pushed idles until the update, and begins at its parameters. */
static testudo_status next_k_async(testudo_i_events *events, testudo_error *error)
{
  if (!events->begun)
    begin_all(events);
  TESTUDO_I_TRY(push_first(events, error));
  for (size_t k = 0; k < events->parts; k++) {
    int32_t worker = events->part[k].worker;
    next_task(events, worker, events->version + 1);
    raise_arrival(events->heap, events->in_heap, arrival_of(events, worker, events->time));
    events->in_heap++;
  }
  return TESTUDO_OK;
}

/* Who pushed reads what is there then: what its own push makes, if it is the K-th. */
static testudo_status next_k_batch_async(testudo_i_events *events, testudo_error *error)
{
  if (!events->begun)
    begin_all(events);
  for (int32_t k = 0; k < events->wait; k++) {
    arrival in = events->heap[0];
    TESTUDO_I_TRY(push_task(events, &in, error));
    events->time = in.time;
    next_task(events, in.worker, events->version + (k + 1 == events->wait));
    sink_arrival(events->heap, events->in_heap, 0, arrival_of(events, in.worker, in.time));
  }
  return TESTUDO_OK;
}

/* ---- live gradient compensation ---- */

/* Every worker's task of this round, behind what it owes of the last; when the round ends. */
static double begin_round(testudo_i_events *events)
{
  double end = 0.0;
  for (int32_t j = 0; j < events->workers; j++) {
    lgc_worker *worker = &events->lgc[j];
    double *finished = events->finished + (int64_t)j * events->blocks;
    worker->begun = events->time;
    if (worker->owed > 0) {
      worker->begun = fmax(worker->begun, worker->owed_end);
      end = fmax(end, worker->owed_end);
    }
    testudo_i_tasks_draw(events->tasks, j, events->version, events->blocks, finished, &worker->message);
    events->heap[j] = (arrival){worker->begun + finished[events->blocks - 1], j};
  }
  events->in_heap = events->workers;
  order_heap(events);
  for (int32_t k = 0; k < events->wait; k++)
    end = fmax(end, take_first(events).time);
  return end;
}

/* How many blocks of this round are done by its end: their times ascend. */
static int32_t blocks_done(const testudo_i_events *events, int32_t j, double end)
{
  const double *finished = events->finished + (int64_t)j * events->blocks;
  int32_t low = 0, high = events->blocks;
  while (low < high) {
    int32_t middle = low + (high - low) / 2;
    if (events->lgc[j].begun + finished[middle] <= end)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* Whoever has done something sends one message when the round has ended; owed blocks go on meanwhile. */
static testudo_status next_lgc(testudo_i_events *events, testudo_error *error)
{
  int32_t b = events->blocks;
  double end = begin_round(events), last = 0.0;
  double sent = end + testudo_i_tasks_model(events->tasks)->signal;
  int64_t version = events->version;
  for (int32_t j = 0; j < events->workers; j++) {
    lgc_worker *worker = &events->lgc[j];
    double in = sent + worker->message;
    int32_t done = blocks_done(events, j, end);
    if (worker->owed > 0)
      TESTUDO_I_TRY(push_part(events, (testudo_i_part){j, b - worker->owed, worker->owed, version - 1, version - 1, in},
                              error));
    if (done > 0)
      TESTUDO_I_TRY(push_part(events, (testudo_i_part){j, 0, done, version, version, in}, error));
    if (worker->owed > 0 || done > 0)
      last = fmax(last, worker->message);
    worker->owed = b - done;
    worker->owed_end = worker->begun + events->finished[(int64_t)j * b + b - 1];
  }
  events->time = sent + last;
  return TESTUDO_OK;
}

/* ---- any rule ---- */

testudo_status testudo_i_events_next(testudo_i_events *events, testudo_i_update *update, testudo_error *error)
{
  static testudo_status (*const next[])(testudo_i_events *, testudo_error *) = {
      next_k_sync, next_k_batch_sync, next_k_async, next_k_batch_async, next_lgc};
  events->parts = 0;
  if (!events->never)
    TESTUDO_I_TRY(next[events->rule](events, error));
  events->begun = true;
  events->never = events->never || !(events->time < HUGE_VAL);
  if (events->never)
    return testudo_i_fail(error, TESTUDO_UNDECODABLE,
                          "update %lld never comes: failed workers leave fewer than the %d gradients it waits for",
                          (long long)events->version + 1, (int)events->wait);
  events->version++;
  *update = (testudo_i_update){events->version, events->time, (int32_t)events->parts, events->part};
  return TESTUDO_OK;
}

int64_t testudo_i_events_reads(const testudo_i_events *events, int32_t worker)
{
  return events->worker[worker].read;
}

static int32_t most_wait(const testudo_i_events *events)
{
  bool batches = events->rule == TESTUDO_WAITING_K_BATCH_SYNC || events->rule == TESTUDO_WAITING_K_BATCH_ASYNC;
  return batches ? MOST_WAIT : events->workers;
}

int32_t testudo_i_events_wait(testudo_i_events *events, int32_t wait)
{
  int32_t most = most_wait(events);
  return events->wait = wait < 1 ? 1 : wait > most ? most : wait;
}

/* ---- what goes together ---- */

static testudo_status check_failing(const testudo_i_events *events, testudo_error *error)
{
  const testudo_delay_model *model = testudo_i_tasks_model(events->tasks);
  const char *name = testudo_update_rule_name(events->rule);
  const char *why = NULL;
  if (events->rule == TESTUDO_WAITING_K_ASYNC || events->rule == TESTUDO_WAITING_K_BATCH_ASYNC)
    why = "nobody stops a task there, so that a worker that fails is lost for good, and in the end all are";
  else if (events->rule == TESTUDO_WAITING_LGC)
    why = "a round ends when nobody owes a block of the last, and who fails owes it forever";
  if (why != NULL && testudo_i_tasks_may_fail(model))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "rule %s does not support failures: %s", name, why);
  if (events->rule == TESTUDO_WAITING_K_BATCH_SYNC && model->failures == TESTUDO_FAILURES_EXACTLY && model->failed > 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "rule %s does not support exactly %d failed workers: its workers are at different numbers "
                          "of tasks, so that there is no iteration of which they fail; give each a probability",
                          name, (int)model->failed);
  if (model->domain_factor != NULL && events->rule != TESTUDO_WAITING_K_SYNC && events->rule != TESTUDO_WAITING_LGC)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "rule %s does not support factors of domains: they slow an iteration of all workers, and "
                          "here every worker has its own",
                          name);
  return TESTUDO_OK;
}

static testudo_status check_events(const testudo_i_events *events, testudo_error *error)
{
  if (events->rule < TESTUDO_WAITING_K_SYNC || events->rule > TESTUDO_WAITING_LGC)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "unknown rule of updates %d; rules have the numbers 0..4",
                          (int)events->rule);
  int32_t most = most_wait(events);
  if (events->wait < 1 || events->wait > most)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "rule %s waits for %d, but it can wait for 1..%d of %d workers",
                          testudo_update_rule_name(events->rule), (int)events->wait, (int)most, (int)events->workers);
  int32_t blocks = testudo_i_tasks_blocks(events->tasks);
  if (events->blocks < 1 || events->blocks > blocks)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "%d blocks per mini-batch, but the tasks have up to %d",
                          (int)events->blocks, (int)blocks);
  return check_failing(events, error);
}

static testudo_status lay_events(testudo_i_events *events, testudo_error *error)
{
  TESTUDO_I_TRY(check_events(events, error));
  size_t workers = (size_t)events->workers;
  bool lgc = events->rule == TESTUDO_WAITING_LGC;
  events->heap = testudo_i_arena_alloc(&events->arena, workers, sizeof *events->heap);
  events->worker = testudo_i_arena_calloc(&events->arena, workers, sizeof *events->worker);
  events->lgc = testudo_i_arena_calloc(&events->arena, lgc ? workers : 0, sizeof *events->lgc);
  events->finished = testudo_i_arena_alloc(&events->arena, (lgc ? workers : 1) * (size_t)events->blocks,
                                           sizeof *events->finished);
  return testudo_i_arena_check(&events->arena, error);
}

testudo_status testudo_i_events_create(testudo_i_tasks *tasks, testudo_update_rule rule, int32_t wait, int32_t blocks,
                                       testudo_i_events **events, testudo_error *error)
{
  *events = NULL;
  testudo_i_events *made = testudo_i_calloc(1, sizeof *made);
  TESTUDO_I_TRY(testudo_i_memory_check(made != NULL, error));
  *made = (testudo_i_events){.tasks = tasks, .rule = rule, .wait = wait, .blocks = blocks,
                             .workers = testudo_i_tasks_workers(tasks)};
  TESTUDO_I_HAND_OVER(lay_events(made, error), made, testudo_i_events_free, events);
}

void testudo_i_events_free(testudo_i_events *events)
{
  if (events == NULL)
    return;
  free(events->part);
  testudo_i_arena_clear(&events->arena);
  free(events);
}

const char *testudo_update_rule_name(testudo_update_rule rule)
{
  static const char *const name[] = {"k-sync", "k-batch-sync", "k-async", "k-batch-async", "lgc"};
  return rule >= TESTUDO_WAITING_K_SYNC && rule <= TESTUDO_WAITING_LGC ? name[rule] : "?";
}
