/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one parallel loop: the only home of threads. */
#ifndef TESTUDO_PARALLEL_LOOP_H
#define TESTUDO_PARALLEL_LOOP_H

#include <stdint.h>

#include <testudo/status.h>

/* Runs body(context, thread, index) for index 0..count-1 on up to `threads` threads (0: all cores), each index once, in
   no fixed order; thread in 0..threads-1 names the workspace to use. Where fewer threads can be started, those do it
   all. The first status that is not OK (of the lowest index) is returned and stops the loop. The monitor is called from
   the calling thread. Sentences: the caller collects them in its context. */
TESTUDO_CHECKED testudo_status testudo_i_parallel_for(int64_t count, int32_t threads,
                                                      testudo_status (*body)(void *context, int32_t thread,
                                                                             int64_t index),
                                                      void *context, const testudo_monitor *monitor);

/* Those that this process may run on: a batch system may have given it a few of the machine's. */
int32_t testudo_i_cores(void);

/* How many of `wanted` >= 1 threads, the caller being one, can run at the same time: by starting them. */
int32_t testudo_i_threads_to_be_had(int32_t wanted);

#endif
