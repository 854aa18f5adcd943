/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measuring this machine: processes that compute chunk gradients side by side, and how long each chunk took them. */
#ifndef TESTUDO_TOOLS_MEASURE_H
#define TESTUDO_TOOLS_MEASURE_H

#include <stdint.h>

#include <testudo/status.h>

#define MEASURE_MOST_WORKERS 1024
#define MEASURE_MOST_CHUNKS 65536
#define MEASURE_MOST_ITERATIONS 10000000
#define MEASURE_MOST_CELLS ((int64_t)1 << 31) /* rows * dim of a chunk, and rows of the trace */

typedef struct measure_options {
  int32_t workers;     /* processes */
  int32_t chunks;      /* chunks of a worker in an iteration */
  int32_t iterations;
  int64_t rows, dim;   /* of one chunk's least-squares problem, in doubles */
  uint64_t seed;       /* of the data, not of the times */
  const char *output;  /* NULL or "-": stdout */
} measure_options;

typedef struct measure_summary {
  int64_t rows;                      /* written */
  double mean, stddev, least, most;  /* seconds per chunk; stddev is the sample's, divided by rows */
} measure_summary;

/* Every worker is a process with `chunks` chunks (X, y) of its own; in every iteration all start together and compute
   X^T (X w - y) chunk after chunk, competing for the cores. Each chunk is timed by the monotonic clock. The trace
   (worker,iteration,chunk,seconds, in that order of rows) is written at the end, aside and then renamed.
   Memory: 8 chunks rows dim bytes per worker. *summary may be NULL.

   TESTUDO_ERROR_ARGUMENT: an option out of range. TESTUDO_ERROR_SYSTEM: a worker died (the sentence names it and the
   signal), computed something else than this process does, or there is no memory or disk. TESTUDO_INTERRUPTED: the
   monitor asked to stop; the trace and *summary are of the iterations that were complete, and where none was, no trace
   is written and *summary is as it was. In every case no process is left behind. The monitor is asked at least
   ten times a second. Not for a program that already runs other threads (the processes are made by fork). */
TESTUDO_CHECKED testudo_status measure_run(const measure_options *options, const testudo_monitor *monitor,
                                           measure_summary *summary, testudo_error *error);

#endif
