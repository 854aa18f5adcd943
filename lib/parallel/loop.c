/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _POSIX_C_SOURCE 200809L
#include "parallel/loop.h"

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
  /* Shared by the threads, read and written atomically. */
  int64_t next, done;
  int64_t failed;    /* lowest index with an error, or count: nothing beyond it is started */
  int stopped;
  testudo_status status; /* of index `failed`, written in a critical section */
} loop;

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
#ifdef _OPENMP
#pragma omp critical(testudo_i_parallel_failure)
#endif
  {
    int64_t failed;
#ifdef _OPENMP
#pragma omp atomic read
#endif
    failed = l->failed;
    if (index < failed) {
      l->status = status;
#ifdef _OPENMP
#pragma omp atomic write
#endif
      l->failed = index;
    }
  }
}

/* The next index to work on, or count when there is nothing left. Indices are given out in ascending order, and one
   below a failed index is always finished: so the lowest failing index does not depend on the threads' pace. */
static int64_t take(loop *l)
{
  int64_t index, failed;
  int stopped;
#ifdef _OPENMP
#pragma omp atomic capture
#endif
  index = l->next++;
#ifdef _OPENMP
#pragma omp atomic read
#endif
  failed = l->failed;
#ifdef _OPENMP
#pragma omp atomic read
#endif
  stopped = l->stopped;
  return index < failed && !stopped ? index : l->count;
}

static void watch(loop *l)
{
  int64_t done;
#ifdef _OPENMP
#pragma omp atomic read
#endif
  done = l->done;
  if (!testudo_i_stopped(l->monitor, (double)done / (double)l->count))
    return;
#ifdef _OPENMP
#pragma omp atomic write
#endif
  l->stopped = 1;
}

static void work(loop *l, int32_t thread)
{
  for (int64_t index; (index = take(l)) < l->count;) {
    testudo_status status = l->body(l->context, thread, index);
    if (status != TESTUDO_OK)
      keep_failure(l, index, status);
#ifdef _OPENMP
#pragma omp atomic
#endif
    l->done++;
    if (thread == 0)
      watch(l);
  }
}

testudo_status testudo_i_parallel_for(int64_t count, int32_t threads,
                                      testudo_status (*body)(void *context, int32_t thread, int64_t index),
                                      void *context, const testudo_monitor *monitor)
{
  if (count <= 0)
    return TESTUDO_OK;
  loop l = {.count = count, .body = body, .context = context, .monitor = monitor, .failed = count,
            .status = TESTUDO_OK};
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
  return l.status == TESTUDO_OK && l.stopped ? TESTUDO_INTERRUPTED : l.status;
}
