/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all benches have: clocks, and an end where there is nothing to measure. Included first. */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <testudo/status.h>

static inline double bench_seconds(clockid_t clock_)
{
  struct timespec at;
  clock_gettime(clock_, &at);
  return (double)at.tv_sec + 1e-9 * (double)at.tv_nsec;
}

static inline double bench_wall(void)
{
  return bench_seconds(CLOCK_MONOTONIC);
}

/* Of the processor, all threads of this process together. */
static inline double bench_processor(void)
{
  return bench_seconds(CLOCK_PROCESS_CPUTIME_ID);
}

static inline void bench_require(bool holds, const char *what)
{
  if (holds)
    return;
  fprintf(stderr, "bench: %s\n", what);
  exit(5);
}

static inline void bench_must(testudo_status status, const testudo_error *error)
{
  bench_require(status == TESTUDO_OK, error->text);
}

#endif
