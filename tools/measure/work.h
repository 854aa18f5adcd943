/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is measured, wherever workers run: their chunks, the record of an iteration, and the trace. */
#ifndef TESTUDO_TOOLS_MEASURE_WORK_H
#define TESTUDO_TOOLS_MEASURE_WORK_H

#include "base/arena.h"
#include "measure/measure.h"

/* TESTUDO_ERROR_ARGUMENT: an option is out of range. */
TESTUDO_CHECKED testudo_status measure_check(const measure_options *o, testudo_error *error);

/* What a worker computes with. */
typedef struct measure_workload {
  testudo_i_arena arena;
  double *cells, *w, *gradient;
} measure_workload;

/* False without memory. */
bool measure_workload_make(const measure_options *o, int32_t worker, measure_workload *d);

/* Numbers of a record: for each chunk its seconds and the sum of its gradient. */
static inline size_t measure_record_length(const measure_options *o)
{
  return 2 * (size_t)o->chunks;
}

void measure_iteration(const measure_options *o, const measure_workload *d, double *record);

/* The mean of count >= 1 numbers, and their deviation, the sample's, divided by the count. */
double measure_mean(const double *x, int64_t count, double *stddev);

/* All times: worker, iteration, chunk. */
typedef struct measure_times {
  testudo_i_arena arena;
  double *seconds;
  double expected;  /* sum of the gradient of the last worker's last chunk, computed here */
  int32_t complete; /* iterations that every worker has finished */
} measure_times;

TESTUDO_CHECKED testudo_status measure_times_make(const measure_options *o, measure_times *times, testudo_error *error);

/* The record of a worker in an iteration (-1: the one before all others, which is only checked). TESTUDO_ERROR_SYSTEM
   where the last worker has computed something else than this process does. */
TESTUDO_CHECKED testudo_status measure_times_take(const measure_options *o, measure_times *times, int32_t worker,
                                                  int32_t iteration, const double *record, testudo_error *error);

/* `status`: how measuring ended. Writes the trace of the complete iterations and their summary where there are any,
   frees the times, and answers how it ended after all. */
TESTUDO_CHECKED testudo_status measure_times_finish(const measure_options *o, measure_times *times,
                                                    testudo_status status, measure_summary *summary,
                                                    testudo_error *error);

#endif
