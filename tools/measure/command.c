/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo measure */
#include "commands.h"

#include <math.h>

#include "base/error.h"
#include "common/session.h"
#include "measure/measure.h"
#include "parallel/loop.h"
#include "common/output.h"

enum { WORKERS_AT_LEAST = 2, CHUNKS = 4, ITERATIONS = 50, ROWS = 2000, DIM = 100 };

typedef struct cli_measured {
  measure_options options;
  measure_summary summary;
} cli_measured;

static void measure_print(FILE *text, const void *result)
{
  const cli_measured *measured = result;
  const measure_summary *summary = &measured->summary;
  fprintf(text, "%s: %lld chunk times of %d workers, measured\n", measured->options.output, (long long)summary->rows,
          measured->options.workers);
  fprintf(text, "  mean %.6g s, standard deviation %.3g s, least %.6g s, most %.6g s\n", summary->mean,
          summary->stddev, summary->least, summary->most);
  if (summary->hosts > 0)
    fprintf(text, "  workers on %d host%s; a round trip %.3g s, %lld doubles from a worker %.3g s beside it (standard"
            " deviation %.3g s)\n", (int)summary->hosts,
            summary->hosts == 1 ? "" : "s", summary->signal, (long long)measured->options.dim,
            summary->message, summary->message_stddev);
}

static const field measure_fields[] = {
    {FIELD_AS("file", cli_measured, options.output), .phrase = measure_print, .meaning = "the trace that was written"},
    {FIELD_AS("rows", cli_measured, summary.rows), .meaning = "chunk times measured"},
    {FIELD_AS("mean", cli_measured, summary.mean), .unit = "s", .meaning = "their mean"},
    {FIELD_AS("stddev", cli_measured, summary.stddev), .unit = "s", .meaning = "their standard deviation"},
    {FIELD_AS("least", cli_measured, summary.least), .unit = "s", .meaning = "the least"},
    {FIELD_AS("most", cli_measured, summary.most), .unit = "s", .meaning = "the largest"},
    {FIELD_AS("hosts", cli_measured, summary.hosts), .meaning = "machines on which ranks of MPI are; 0: no ranks"},
    {FIELD_AS("signal", cli_measured, summary.signal), .unit = "s",
     .meaning = "mean round trip to a worker and back, of ranks of MPI"},
    {FIELD_AS("message", cli_measured, summary.message), .unit = "s",
     .meaning = "mean time that a gradient from a worker takes beside it, of ranks of MPI"},
    {FIELD_AS("message_stddev", cli_measured, summary.message_stddev), .unit = "s",
     .meaning = "its standard deviation"},
    {.key = NULL},
};

static testudo_status check_ranks(const cli_arguments *arguments, const measure_options *o, testudo_error *error)
{
  if (measure_ranks_here == NULL && cli_text(arguments, "messages", NULL) != NULL)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--messages applies to 'testudo-mpi measure' only: processes"
                          " of one machine send no messages");
  if (measure_ranks_here != NULL && measure_ranks_here->workers < 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "rank 0 is not a worker: at least two ranks are needed");
  if (measure_ranks_here != NULL && o->workers != measure_ranks_here->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--workers is %d, but there are %d ranks beside rank 0",
                          (int)o->workers, (int)measure_ranks_here->workers);
  return TESTUDO_OK;
}

static testudo_status measure_command(const cli_arguments *arguments, void *context, testudo_error *error)
{
  cli_measured *measured = context;
  int32_t cores = testudo_i_cores();
  int32_t usual = measure_ranks_here != NULL ? measure_ranks_here->workers
                                             : cores > WORKERS_AT_LEAST ? cores : WORKERS_AT_LEAST;
  measured->options = (measure_options){
      .workers = (int32_t)cli_integer(arguments, "workers", usual),
      .chunks = (int32_t)cli_integer(arguments, "chunks", CHUNKS),
      .iterations = (int32_t)cli_integer(arguments, "iterations", ITERATIONS),
      .rows = cli_integer(arguments, "rows", ROWS),
      .dim = cli_integer(arguments, "dim", DIM),
      .seed = (uint64_t)cli_integer(arguments, "seed", 1),
      .output = cli_text(arguments, "output", NULL),
  };
  measured->summary = (measure_summary){.signal = NAN, .message = NAN, .message_stddev = NAN};
  TESTUDO_I_TRY(check_ranks(arguments, &measured->options, error));
  const testudo_monitor *monitor = session_progress_start("measuring", arguments);
  testudo_status status = session_progress_end(
      measure_ranks_here == NULL ? measure_run(&measured->options, monitor, &measured->summary, error)
                                 : measure_run_on_ranks(&measured->options, cli_text(arguments, "messages", NULL),
                                                        monitor, &measured->summary, error));
  bool done = status == TESTUDO_OK || status == TESTUDO_INTERRUPTED;
  if (measure_ranks_here != NULL && !measure_ranks_here->leads)
    return status;
  if (done && !cli_is_standard(measured->options.output) && measured->summary.rows > 0)
    report_show(arguments, measure_fields, measured);
  return status;
}

static const cli_option options[] = {
    {.name = "workers", .value = "w", .kind = CLI_INTEGER, .least = 1, .most = MEASURE_MOST_WORKERS,
     .preset = "number of cores, at least 2", .help = "Number of worker processes."},
    {.name = "chunks", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = MEASURE_MOST_CHUNKS, .preset = "4",
     .help = "Chunks per worker and iteration."},
    {.name = "rows", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 1e9, .preset = "2000",
     .help = "Rows of each chunk's least-squares problem."},
    {.name = "dim", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 1e9, .preset = "100",
     .help = "Columns of that problem, which is the length of the gradient."},
    {.name = "iterations", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = MEASURE_MOST_ITERATIONS,
     .preset = "50", .help = "Number of iterations; all workers start each one together."},
    {.name = "output", .letter = 'o', .value = "FILE", .kind = CLI_OUTPUT, .preset = "standard output",
     .help = "Output file for the trace; a summary is then printed on standard output."},
    {.name = "messages", .value = "FILE", .kind = CLI_OUTPUT,
     .help = "Of testudo-mpi measure: output file for a trace of what the messages took, worker,iteration,seconds, for"
             " --message trace:FILE."},
    {.name = NULL},
};

static const cli_option *const groups[] = {options, cli_seed_options, cli_common_options, NULL};

const cli_command command_measure = {
    .name = "measure", .operands = "", .summary = "Measure this machine: processes that compute real chunk gradients.",
    .details = "Each worker is a process that computes the gradients of its chunks one after another while the others"
               " compete for the cores. The trace has the columns worker,iteration,chunk,seconds; seconds is the time"
               " of that chunk alone. Times differ from run to run: the seed determines the data only. When"
               " interrupted, the command writes the complete iterations and exits with 130.\n\n'testudo-mpi measure',"
               " under mpirun, measures a cluster: the workers are the ranks but rank 0, and between iterations it also"
               " times a round trip to each worker (--signal of the delay model) and the way of --dim doubles from it"
               " (--message).",
    .example = "testudo measure --workers 8 --chunks 4 --iterations 100 -o trace.csv\n"
               "testudo analyze design.json --delay trace:trace.csv\n"
               "mpirun -n 9 testudo-mpi measure --iterations 100 -o trace.csv --messages messages.csv",
    .groups = groups, .result = measure_fields, .makes = "trace", .run = measure_command, .room = sizeof(cli_measured),
};
