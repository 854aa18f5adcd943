/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo stragglers */
#include "commands.h"

#include "base/error.h"
#include "common/session.h"
#include "common/output.h"
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
     .help = "Numbers of stragglers, increasing: workers that have not finished when the server decodes."},
    {.name = "straggler-prob", .value = "p1,p2,..", .kind = CLI_REALS, .least = 0, .most = 1,
     .help = "Also the exact mean error of one-step decoding where each worker straggles independently with this"
             " probability."},
    {.name = "decoder", .value = "WORD", .kind = CLI_CHOICE, .choices = "optimal one-step both", .preset = "both",
     .help = "optimal: weights with the least error (least squares; by components where each worker holds at most two"
             " chunks). one-step: one common weight. both: one table for each."},
    {.name = "samples", .value = "n", .kind = CLI_INTEGER, .least = 2, .most = 1e9, .preset = "1000",
     .help = "Number of random straggler sets; the search for worse sets tries ten times as many, or all sets if there"
             " are no more than that."},
    {.name = NULL},
};

static const cli_option *const groups[] = {options, report_options, cli_seed_options, cli_common_options, NULL};

const cli_command command_stragglers = {
    .name = "stragglers", .operands = "DESIGN.json..", .least_operands = 1, .most_operands = STRAGGLERS_MOST_DESIGNS,
    .summary = "Error of approximate decoding against the number of stragglers: mean, worst case, bound.",
    .details = "A design of scheme partial with one part is used as an approximate gradient code: a finished worker"
               " sends the sum of its chunks' gradients, and the server weights the sums that it has. The error is"
               " sum_i (c_i - 1)^2 over the chunks, where c_i is the coefficient of chunk i. Mean: over all sets of"
               " that many stragglers; exact for one-step decoding and where all sets are tried. Worst: exact where"
               " all sets are tried, otherwise the largest that sampling and exchanging stragglers found, which is a"
               " lower bound. If no sampled set has an error, an upper limit of the mean is given (false-alarm"
               " probability 1e-6). Bound: no set has a larger error, by the second singular value. Aligned: the mean"
               " square of sum_i (c_i - 1), which is the relevant error if all chunks have the same gradient. The"
               " numbers depend on the seed and the samples only.",
    .example = "testudo stragglers graph.json --stragglers 1,2,4,8\n"
               "testudo stragglers plane.json bernoulli.json --stragglers 1,2,4,8,16 -o stragglers.json\n"
               "testudo plot stragglers.json -o stragglers.svg",
    .groups = groups, .result = stragglers_fields,
    .run = stragglers_run, .room = sizeof(cli_stragglers), .clear = stragglers_free,
};
