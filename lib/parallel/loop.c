/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one parallel loop: OpenMP's threads take indices in turn, and the lowest one that fails decides. */
#define _POSIX_C_SOURCE 200809L
#include "parallel/loop.h"

#include <stdatomic.h>
#include <unistd.h>

#ifdef _OPENMP
#include <omp.h>
#endif

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
#ifdef _OPENMP
  return omp_get_num_procs();
#else
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  return cores < 1 ? 1 : cores > 4096 ? 4096 : (int32_t)cores;
#endif
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

testudo_status testudo_i_parallel_for(int64_t count, int32_t threads,
                                      testudo_status (*body)(void *context, int32_t thread, int64_t index),
                                      void *context, const testudo_monitor *monitor)
{
  if (count <= 0)
    return TESTUDO_OK;
  loop l = {.count = count, .body = body, .context = context, .monitor = monitor, .failed = count * STATUSES};
#ifdef _OPENMP
  int32_t wanted = threads > 0 ? threads : testudo_i_cores();
  if (wanted > count)
    wanted = (int32_t)count;
  /* Thread 0 of the team is the caller itself. */
#pragma omp parallel num_threads(wanted)
  work(&l, omp_get_thread_num());
#else
  (void)threads;
  work(&l, 0);
#endif
  testudo_status status = (testudo_status)(l.failed % STATUSES);
  return status == TESTUDO_OK && l.stopped ? TESTUDO_INTERRUPTED : status;
}
