/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measuring this machine: processes that compute chunk gradients side by side, and how long each chunk took them. */
#ifndef TESTUDO_TOOLS_MEASURE_H
#define TESTUDO_TOOLS_MEASURE_H

#include <stdbool.h>
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
  int32_t hosts;                     /* 0: this machine alone */
  double signal;                     /* seconds of a round trip to a worker and back; NAN: not measured */
  double message, message_stddev;    /* seconds that `dim` doubles from a worker take beside it */
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

/* ---- the same with ranks of MPI as workers (program testudo-mpi) ---- */

/* What cluster/rounds.h offers; rank 0 leads and holds the summary, worker j is rank j + 1. */
struct testudo_i_cluster;
struct testudo_i_cluster_rounds;
typedef struct measure_ranks {
  bool leads;
  int32_t workers, worker; /* all, and the number of this one; -1: rank 0, which is none */
  int32_t hosts;
  struct testudo_i_cluster *cluster;
  testudo_status (*lead)(struct testudo_i_cluster *cluster, const struct testudo_i_cluster_rounds *rounds,
                         testudo_error *error);
  testudo_status (*join)(struct testudo_i_cluster *cluster, const struct testudo_i_cluster_rounds *rounds,
                         testudo_error *error);
} measure_ranks;
extern const measure_ranks *measure_ranks_here; /* NULL: there are none, and workers are processes */

/* As measure_run, with rounds that a rank leads or joins; options->workers must be that of the ranks. `messages`: NULL,
   or the file for a trace (worker,iteration,seconds) of what the messages took. */
TESTUDO_CHECKED testudo_status measure_run_on_ranks(const measure_options *options, const char *messages,
                                                    const testudo_monitor *monitor, measure_summary *summary,
                                                    testudo_error *error);

#endif
