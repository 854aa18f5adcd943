/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A lock for little: what is done under it takes microseconds, and whoever waits looks again after as little. */
#ifndef TESTUDO_PARALLEL_LOCK_H
#define TESTUDO_PARALLEL_LOCK_H

#include <stdatomic.h>
#include <time.h>

typedef atomic_flag testudo_i_lock; /* ATOMIC_FLAG_INIT: free */

static inline void testudo_i_rest_for(long microseconds) /* less than a second */
{
  const struct timespec time = {.tv_nsec = 1000 * microseconds};
  nanosleep(&time, NULL);
}

static inline void testudo_i_rest(void)
{
  testudo_i_rest_for(50);
}

static inline void testudo_i_lock_take(testudo_i_lock *lock)
{
  while (atomic_flag_test_and_set_explicit(lock, memory_order_acquire))
    testudo_i_rest();
}

static inline void testudo_i_lock_give(testudo_i_lock *lock)
{
  atomic_flag_clear_explicit(lock, memory_order_release);
}

#endif
