/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measuring a cluster: the workers are ranks of MPI. Rank 0 holds the times, the others compute. */
#include "cluster/rounds.h"

#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/sum.h"
#include "measure/work.h"

const measure_ranks *measure_ranks_here;

typedef struct ranks {
  const measure_options *o;
  measure_workload workload; /* of a worker */
  measure_times times;       /* of rank 0, and what follows */
  double *message;           /* seconds, iteration after iteration, worker after worker */
  testudo_i_sum signal;
} ranks;

static void compute(void *context, double *record)
{
  ranks *r = context;
  measure_iteration(r->o, &r->workload, record);
}

static testudo_status take(void *context, int32_t worker, int32_t round, const double *record, testudo_error *error)
{
  ranks *r = context;
  return measure_times_take(r->o, &r->times, worker, round, record, error);
}

static void timed(void *context, int32_t worker, int32_t round, double signal, double message)
{
  ranks *r = context;
  if (round < 0)
    return;
  testudo_i_sum_add(&r->signal, signal);
  r->message[(size_t)round * (size_t)r->o->workers + (size_t)worker] = message;
  if (worker == r->o->workers - 1)
    r->times.complete = round + 1;
}

static void summarize_messages(const ranks *r, int64_t count, measure_summary *summary)
{
  summary->hosts = measure_ranks_here->hosts;
  summary->signal = testudo_i_sum_value(&r->signal) / (double)count;
  summary->message = measure_mean(r->message, count, &summary->message_stddev);
}

static testudo_status write_messages(const ranks *r, const char *path, testudo_error *error)
{
  testudo_i_output output;
  TESTUDO_I_TRY(testudo_i_output_open(&output, path, error));
  fputs("worker,iteration,seconds\n", output.stream);
  for (int32_t i = 0; i < r->times.complete; i++)
    for (int32_t j = 0; j < r->o->workers; j++)
      fprintf(output.stream, "%d,%d,%.9g\n", (int)j, (int)i,
              fmax(r->message[(size_t)i * (size_t)r->o->workers + (size_t)j], 1e-9));
  return testudo_i_output_commit(&output, error);
}

static testudo_status run_worker(ranks *r, const testudo_i_cluster_rounds *rounds, testudo_error *error)
{
  testudo_status status = measure_workload_make(r->o, measure_ranks_here->worker, &r->workload)
                              ? measure_ranks_here->join(measure_ranks_here->cluster, rounds, error)
                              : testudo_i_fail_memory(error);
  testudo_i_arena_clear(&r->workload.arena);
  return status;
}

testudo_status measure_run_on_ranks(const measure_options *options, const char *messages,
                                    const testudo_monitor *monitor, measure_summary *summary, testudo_error *error)
{
  TESTUDO_I_TRY(measure_check(options, error));
  ranks r = {.o = options, .signal = {0.0, 0.0}};
  const testudo_i_cluster_rounds rounds = {.rounds = options->iterations, .numbers = measure_record_length(options),
                                           .vector = (size_t)options->dim, .compute = compute, .take = take,
                                           .timed = timed, .context = &r, .monitor = monitor};
  if (!measure_ranks_here->leads)
    return run_worker(&r, &rounds, error);
  testudo_status status = measure_times_make(options, &r.times, error);
  size_t room = (size_t)options->iterations * (size_t)options->workers;
  TESTUDO_I_HELD(testudo_i_free_held) double *message = testudo_i_calloc(room, sizeof *message);
  r.message = message;
  if (status == TESTUDO_OK)
    status = testudo_i_memory_check(message != NULL, error);
  if (status == TESTUDO_OK)
    status = measure_ranks_here->lead(measure_ranks_here->cluster, &rounds, error);
  if (r.times.complete > 0) {
    summarize_messages(&r, (int64_t)r.times.complete * options->workers, summary);
    if (messages != NULL && (status == TESTUDO_OK || status == TESTUDO_INTERRUPTED)) {
      testudo_status written = write_messages(&r, messages, error);
      status = written == TESTUDO_OK ? status : written;
    }
  }
  return measure_times_finish(options, &r.times, status, summary, error);
}
