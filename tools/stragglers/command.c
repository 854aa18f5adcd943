/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo stragglers */
#include "commands.h"

#include "base/error.h"
#include "common/session.h"
#include "report/output.h"
#include "stragglers/stragglers.h"

static testudo_status stragglers_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  TESTUDO_I_TRY(stragglers_open(context, arguments, error));
  testudo_status found = session_progress_end(stragglers_measure(context, error));
  if (found == TESTUDO_OK || found == TESTUDO_INTERRUPTED)
    TESTUDO_I_TRY(report_write(arguments, stragglers_fields, context, error));
  return found;
}

static const cli_option options[] = {
    {.name = "stragglers", .value = "s1,s2,..", .kind = CLI_INTEGERS, .increasing = true, .least = 0,
     .most = TESTUDO_MAX_WORKERS,
     .help = "Numbers of workers, increasing, that have not finished when the server decodes."},
    {.name = "straggler-prob", .value = "p1,p2,..", .kind = CLI_REALS, .least = 0, .most = 1,
     .help = "Also the exact mean error of one-step decoding where each worker straggles independently with this"
             " probability."},
    {.name = "decoder", .value = "WORD", .kind = CLI_CHOICE, .choices = "optimal one-step both", .preset = "both",
     .help = "The least error that any weights of the finished workers leave (optimal: least squares, by components"
             " where a worker holds two chunks at most), one common weight (one-step), or both."},
    {.name = "samples", .value = "n", .kind = CLI_INTEGER, .least = 2, .most = 1e9, .preset = "1000",
     .help = "Random sets looked at; ten times as many in the search for worse ones, and all sets where there are no"
             " more than that."},
    {.name = NULL},
};

static const cli_option *const groups[] = {options, report_options, cli_seed_options, cli_common_options, NULL};

const cli_command command_stragglers = {
    .name = "stragglers", .operands = "DESIGN.json..", .least_operands = 1, .most_operands = STRAGGLERS_MOST_DESIGNS,
    .summary = "Error of approximate decoding by the number of stragglers: mean, worst, bound.",
    .details = "A design of scheme partial with one part is read as an approximate gradient code: a worker that has"
               " finished sends the sum of its chunks' gradients, and the server weights the sums it has. The error is"
               " sum_i (c_i - 1)^2 over the chunks, c_i the coefficient that chunk i gets. Mean: over all sets of that"
               " many stragglers, exact for one-step decoding and where all sets are looked at. Worst: exact where all"
               " sets are looked at, otherwise the worst that sampling and exchanging stragglers found, a lower bound."
               " Where no sample left anything, an upper limit of the mean stands beside it, at false alarm 1e-6."
               " Bound: no set leaves more, by the second singular value. Aligned: the mean square of sum_i (c_i - 1),"
               " which counts instead where all chunks have the same gradient. The numbers depend on the seed and the"
               " samples only.",
    .example = "testudo stragglers graph.json --stragglers 1,2,4,8\n"
               "testudo stragglers plane.json bernoulli.json --stragglers 1,2,4,8,16 -o stragglers.json\n"
               "testudo plot stragglers.json -o stragglers.svg",
    .groups = groups, .result = stragglers_fields, .run = stragglers_run, .room = sizeof(cli_stragglers), .clear = stragglers_free,
};
