/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one parallel loop: threads take indices in turn, and the lowest one that fails decides. */
#define _GNU_SOURCE 1 /* sched_getaffinity */
#include "parallel/loop.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"

typedef struct loop {
  int64_t count;
  testudo_status (*body)(void *context, int32_t thread, int64_t index);
  void *context;
  const testudo_monitor *monitor;
  _Atomic int64_t next, done;
  _Atomic int64_t failed;  /* the lowest index with an error times STATUSES, plus its status; count times STATUSES
                              without one: nothing beyond it is started */
  atomic_bool stopped;
} loop;

enum { STATUSES = 256 };

int32_t testudo_i_cores(void)
{
#ifdef __linux__
  cpu_set_t mine;
  if (sched_getaffinity(0, sizeof mine, &mine) == 0)
    return CPU_COUNT(&mine);
#endif
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  return cores < 1 ? 1 : cores > 4096 ? 4096 : (int32_t)cores;
}

static void keep_failure(loop *l, int64_t index, testudo_status status)
{
  int64_t mine = index * STATUSES + (int64_t)status, failed = atomic_load(&l->failed);
  while (mine < failed && !atomic_compare_exchange_weak(&l->failed, &failed, mine))
    continue;
}

/* The next index to work on, or count when there is nothing left. Indices are given out in ascending order, and one
   below a failed index is always finished: so the lowest failing index does not depend on the threads' pace. */
static int64_t next_index(loop *l)
{
  int64_t index = atomic_fetch_add(&l->next, 1);
  return index < atomic_load(&l->failed) / STATUSES && !atomic_load(&l->stopped) ? index : l->count;
}

static void work(loop *l, int32_t thread)
{
  for (int64_t index; (index = next_index(l)) < l->count;) {
    testudo_status status = l->body(l->context, thread, index);
    if (status != TESTUDO_OK)
      keep_failure(l, index, status);
    int64_t done = atomic_fetch_add(&l->done, 1) + 1;
    if (thread == 0 && testudo_i_stopped(l->monitor, (double)done / (double)l->count))
      atomic_store(&l->stopped, true);
  }
}

/* ---- threads ---- */

/* One besides the caller. */
typedef struct helper {
  pthread_t thread;
  int32_t number; /* from 1 */
  void *shared;   /* by the team */
} helper;

static void *help(void *context)
{
  helper *h = context;
  work(h->shared, h->number);
  return NULL;
}

/* Starts up to `wanted` threads, as many as the system has memory and leave for; *started is how many. The rest of the
   work is done by those that are there. */
static helper *start(void *(*run)(void *), void *shared, int32_t wanted, int32_t *started)
{
  helper *team = wanted > 0 ? calloc((size_t)wanted, sizeof *team) : NULL;
  for (*started = 0; team != NULL && *started < wanted; ++*started) {
    helper *next = &team[*started];
    *next = (helper){.number = *started + 1, .shared = shared};
    if (pthread_create(&next->thread, NULL, run, next) != 0)
      break;
  }
  return team;
}

static void finish(helper *team, int32_t started)
{
  for (int32_t k = 0; k < started; k++)
    pthread_join(team[k].thread, NULL);
  free(team);
}

testudo_status testudo_i_parallel_for(int64_t count, int32_t threads,
                                      testudo_status (*body)(void *context, int32_t thread, int64_t index),
                                      void *context, const testudo_monitor *monitor)
{
  if (count <= 0)
    return TESTUDO_OK;
  loop l = {.count = count, .body = body, .context = context, .monitor = monitor, .failed = count * STATUSES};
  int32_t wanted = threads > 0 ? threads : testudo_i_cores(), started;
  if (wanted > count)
    wanted = (int32_t)count;
  helper *team = start(help, &l, wanted - 1, &started);
  work(&l, 0);
  finish(team, started);
  testudo_status status = (testudo_status)(l.failed % STATUSES);
  return status == TESTUDO_OK && l.stopped ? TESTUDO_INTERRUPTED : status;
}

/* Waits for the whole team to have been started. */
static void *wait_at_gate(void *context)
{
  pthread_mutex_t *gate = ((helper *)context)->shared;
  pthread_mutex_lock(gate);
  pthread_mutex_unlock(gate);
  return NULL;
}

int32_t testudo_i_threads_to_be_had(int32_t wanted)
{
  pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
  int32_t started;
  pthread_mutex_lock(&gate);
  helper *team = start(wait_at_gate, &gate, wanted - 1, &started);
  pthread_mutex_unlock(&gate);
  finish(team, started);
  pthread_mutex_destroy(&gate);
  return started + 1;
}
