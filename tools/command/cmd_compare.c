/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo compare */
#include "commands.h"

#include "base/error.h"
#include "compare/compare.h"
#include "option/reading.h"
#include "plot/laws.h"
#include "common/output.h"

static testudo_status compare_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  cli_comparison *comparison = context;
  const char *picture = cli_text(arguments, "plot", NULL);
  TESTUDO_I_HELD(plot_close) cli_plot plot = {.path = NULL};
  if (picture != NULL) /* a name of no known kind is refused before the work */
    TESTUDO_I_TRY(plot_open(&plot, picture, -1, NULL, error));
  TESTUDO_I_TRY(compare_open(comparison, arguments, error));
  testudo_status found = session_progress_end(compare_measure(comparison, error));
  /* Interrupted: the finished rows are written. */
  if (found != TESTUDO_INTERRUPTED || comparison->measured == 0)
    TESTUDO_I_TRY(found);
  comparison->interrupted = comparison->measured < comparison->rows;
  TESTUDO_I_TRY(report_write(arguments, compare_fields, comparison, error));
  if (found != TESTUDO_OK || picture == NULL)
    return found;
  bool references = cli_choice(comparison->arguments, "references", 0) == 0;
  return draw_comparison(&plot, comparison, references, error);
}

static const cli_option own_options[] = {
    {.name = "trials", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 1e10,
     .preset = "100000; of a replay, its iterations", .heading = "Simulation",
     .help = "Number of trials per design. Of more than 10000000 memory does not grow any more: simulated quantiles are"
     " then within 2^-14 of themselves (sketch_error), which the intervals include."},
    {.name = "wait", .value = "K", .kind = CLI_INTEGER, .least = 1, .most = TESTUDO_MAX_WORKERS,
     .preset = "as many as each code waits for at worst",
     .help = "Number of workers that the reference ignore-stragglers waits for."},
    {.name = "ignore", .value = "mu,minimum", .kind = CLI_REALS, .least = 0, .most = 1e100,
     .help = "Add as a reference uncoded training that ignores whoever is not there after 1 + mu times the time of the"
             " fastest worker, but waits for the minimum number of workers; simulated."},
    {.name = "speculate", .value = "q", .kind = CLI_REAL, .ends = CLI_OPEN, .least = 0, .most = 1,
     .help = "Add as a reference uncoded training in which, when a share q of the workers has finished, these begin a"
             " second copy of the work of those that have not; simulated."},
    {.name = "dim", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 2147483647, .preset = "1",
     .help = "Length of the gradient, for the numbers that a worker must keep: its load times this."},
    {.name = "plot", .value = "FILE", .kind = CLI_OUTPUT, .hidden_command = true,
     .help = "Also draw the comparison; its name ends in .svg, .png, .pdf, .eps, .tex (pgfplots) or .csv (the data)."},
    {.name = "references", .value = "WORD", .kind = CLI_CHOICE, .choices = "all none", .preset = "all",
     .hidden_command = true, .help = "Whether the references are in the picture of --plot too; the table has them."},
    {.name = NULL},
};

static const cli_option *const groups[] = {cluster_model_options, cli_reading_options, cluster_report_options,
                                           analysis_own_options, own_options, report_options, cli_seed_options,
                                           cli_threads_options, cli_common_options, NULL};

const cli_command command_compare = {
    .name = "compare", .operands = "DESIGN.json..", .least_operands = 1, .most_operands = COMPARE_MOST_DESIGNS,
    .summary = "Compare designs under one delay model: time, work, error and numerical stability.",
    .details = "Every design is analysed as by 'testudo analyze' (exact, or between rigorous bounds) and simulated as"
               " by 'testudo simulate' with the same seed and trials. References are listed beside the designs:"
               " uncoded, ignore-stragglers (the first K workers; its estimate is not the gradient), and the perfectly"
               " balanced limit, which no assignment with the same loads beats; with --ignore and --speculate also"
               " uncoded training by these rules of waiting. What has no law is simulated, and said before working."
               " A replay runs its measured iterations for all designs alike and states 95 % intervals. Chunks"
               " computed: by all workers together until the iteration ends and they stop. Floats sent: in all messages"
               " that the decoder reads, in units of the gradient's length. Memory: of the worker that"
               " keeps most, sums or the gradients of its chunks (testudo/stream.h). Amplification: the worst of the"
               " first 1000 trials that are decoded (fewer where the design is large). When interrupted, the command"
               " prints the finished rows and exits with 130.",
    .example = "testudo compare uncoded.json classical.json partial.json --delay trace:trace.csv --at 0.5,1\n"
               "testudo compare a.json b.json --delay exp:1 -o comparison.json --plot comparison.png",
    .groups = groups, .result = compare_fields, .replays = true,
    .run = compare_run, .room = sizeof(cli_comparison), .clear = compare_free,
};
