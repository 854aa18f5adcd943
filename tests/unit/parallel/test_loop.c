/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE 1 /* sched_setaffinity */
#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

#include "parallel/loop.h"

enum { MOST = 5000, THREADS = 7, CORES = 4096 };

typedef struct record {
  int visits[MOST];       /* each index is visited by one thread only */
  int32_t thread[MOST];
  int active[CORES];      /* a workspace must not be shared; 0 threads are as many as there are cores */
  int shared;
  int64_t failing[3];
  pthread_t caller;
  int steps, stop_at, foreign;
  double last;
} record;

static testudo_status visit(void *context, int32_t thread, int64_t index)
{
  record *r = context;
  if (thread < 0 || thread >= CORES)
    return TESTUDO_ERROR_ARGUMENT;
  if (r->active[thread] != 0)
    r->shared = 1;
  r->active[thread] = 1;
  r->visits[index]++;
  r->thread[index] = thread;
  volatile double burn = 1.0;
  for (int64_t k = 0; k < 50 + index * 7919 % 400; k++)
    burn = burn * 1.000001;
  r->active[thread] = 0;
  for (int k = 0; k < 3; k++)
    if (r->failing[k] == index)
      return k == 0 ? TESTUDO_ERROR_INPUT : k == 1 ? TESTUDO_ERROR_SYSTEM : TESTUDO_ERROR_LIMIT;
  return TESTUDO_OK;
}

static bool step(void *context, double fraction)
{
  record *r = context;
  if (!pthread_equal(pthread_self(), r->caller) || fraction < r->last || fraction > 1.0)
    r->foreign = 1;
  r->last = fraction;
  return __atomic_add_fetch(&r->steps, 1, __ATOMIC_RELEASE) != r->stop_at;
}

static record *fresh(void)
{
  static record r;
  r = (record){.failing = {-1, -1, -1}, .caller = pthread_self()};
  return &r;
}

static void every_index_is_visited_once(void **state)
{
  (void)state;
  for (int32_t threads = 0; threads <= THREADS; threads++)
    for (int64_t count = 0; count <= MOST; count = count * 3 + 1) {
      record *r = fresh();
      testudo_monitor monitor = {step, r};
      assert_ok(testudo_i_parallel_for(count, threads == 0 ? 1 : threads, visit, r, threads == 0 ? NULL : &monitor));
      for (int64_t k = 0; k < MOST; k++)
        assert_int_equal(r->visits[k], k < count);
      assert_false(r->shared);
      assert_false(r->foreign);
      assert_true(threads == 0 || count == 0 || r->steps <= count);
    }
}

/* What lies beyond a failed index is not started. A thread that has to wait for a processor just before it reports its
   error lets the others go on meanwhile, so on a busy machine not every round shows it; one alone always does. */
static void the_error_of_the_lowest_index_wins(void **state)
{
  (void)state;
  for (int32_t threads = 1; threads <= THREADS; threads++) {
    int short_rounds = 0;
    for (int round = 0; round < 20; round++) {
      record *r = fresh();
      r->failing[0] = 173 + round;
      r->failing[1] = 171 + round;
      r->failing[2] = 176 + round;
      assert_status(testudo_i_parallel_for(MOST, threads, visit, r, NULL), TESTUDO_ERROR_SYSTEM);
      int64_t visits = 0;
      for (int64_t k = 0; k < MOST; k++) {
        assert_true(k > 171 + round || r->visits[k] == 1);
        visits += r->visits[k];
      }
      short_rounds += visits <= 177 + round + threads;
    }
    assert_in_range(short_rounds, threads == 1 ? 20 : 1, 20);
  }
}

/* Only the calling thread asks the monitor; on a busy machine the others could finish before it has had a turn. */
static testudo_status visit_after_the_caller(void *context, int32_t thread, int64_t index)
{
  record *r = context;
  while (thread != 0 && __atomic_load_n(&r->steps, __ATOMIC_ACQUIRE) == 0)
    sched_yield();
  return visit(context, thread, index);
}

static void the_monitor_stops_the_loop(void **state)
{
  (void)state;
  record *r = fresh();
  testudo_monitor monitor = {step, r};
  r->stop_at = 20;
  assert_status(testudo_i_parallel_for(MOST, 1, visit, r, &monitor), TESTUDO_INTERRUPTED);
  assert_int_equal(r->steps, 20);
  for (int64_t k = 0; k < MOST; k++)
    assert_int_equal(r->visits[k], k < 20);
  r = fresh();
  r->stop_at = 1;
  assert_status(testudo_i_parallel_for(MOST, 3, visit_after_the_caller, r, &monitor), TESTUDO_INTERRUPTED);
  assert_int_equal(r->steps, 1);
  assert_int_equal(r->visits[MOST - 1], 0);
}

static void an_error_outranks_a_stop(void **state)
{
  (void)state;
  record *r = fresh();
  testudo_monitor monitor = {step, r};
  r->stop_at = 5;
  r->failing[0] = 4;
  assert_status(testudo_i_parallel_for(MOST, 1, visit, r, &monitor), TESTUDO_ERROR_INPUT);
}

static void there_is_a_core(void **state)
{
  (void)state;
  assert_in_range(testudo_i_cores(), 1, 1 << 20);
  record *r = fresh();
  assert_ok(testudo_i_parallel_for(3, 0, visit, r, NULL));
  assert_int_equal(r->visits[0] + r->visits[1] + r->visits[2], 3);
}

#ifdef __linux__
/* As a batch system hands them out. */
static void the_cores_are_those_of_the_process(void **state)
{
  (void)state;
  cpu_set_t before, one;
  assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
  assert_int_equal(testudo_i_cores(), CPU_COUNT(&before));
  CPU_ZERO(&one);
  for (int k = 0; k < CPU_SETSIZE && CPU_COUNT(&one) == 0; k++)
    if (CPU_ISSET(k, &before))
      CPU_SET(k, &one);
  assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
  int32_t cores = testudo_i_cores();
  assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
  assert_int_equal(cores, 1);
}
#endif

/* Sanitizers reserve terabytes of address space. clang says so in another way. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#endif

#ifndef SANITIZED
/* Address space for so many more bytes than the process has now; gives back the limits that held before. */
static struct rlimit leave_room(size_t bytes)
{
  FILE *file = fopen("/proc/self/statm", "r");
  unsigned long pages = 0;
  struct rlimit before, now;
  assert_non_null(file);
  assert_int_equal(fscanf(file, "%lu", &pages), 1);
  fclose(file);
  assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
  now = before;
  now.rlim_cur = (rlim_t)pages * 4096 + bytes;
  assert_int_equal(setrlimit(RLIMIT_AS, &now), 0);
  return before;
}

/* A thread takes some megabytes of address space for its stack: of 200, 0 to 40 MiB have room for a few at most. The
   system keeps stacks of threads that have ended, so that it may be some more than that. */
static void fewer_threads_do_the_same_work(void **state)
{
  (void)state;
  for (size_t megabytes = 0; megabytes <= 40; megabytes += 10) {
    record *r = fresh();
    struct rlimit before = leave_room(megabytes << 20);
    int32_t found = testudo_i_threads_to_be_had(200);
    testudo_status status = testudo_i_parallel_for(MOST, 200, visit, r, NULL);
    assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
    assert_ok(status);
    assert_in_range(found, 1, 100);
    for (int64_t k = 0; k < MOST; k++)
      assert_int_equal(r->visits[k], 1);
  }
  assert_int_equal(testudo_i_threads_to_be_had(1), 1);
  assert_int_equal(testudo_i_threads_to_be_had(20), 20);
}
#endif

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_index_is_visited_once),
      cmocka_unit_test(the_error_of_the_lowest_index_wins),
      cmocka_unit_test(the_monitor_stops_the_loop),
      cmocka_unit_test(an_error_outranks_a_stop),
      cmocka_unit_test(there_is_a_core),
#ifdef __linux__
      cmocka_unit_test(the_cores_are_those_of_the_process),
#endif
#ifndef SANITIZED
      cmocka_unit_test(fewer_threads_do_the_same_work),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
