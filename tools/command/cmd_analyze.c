/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo analyze */
#include "commands.h"

#include "analyze/analyze.h"
#include "base/error.h"
#include "common/output.h"
#include "option/reading.h"

static testudo_status analyze_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  cli_analyzed *analyzed = context;
  TESTUDO_I_TRY(cluster_open(&analyzed->cluster, arguments, error));
  const testudo_monitor *monitor = session_progress_start("analysing", arguments);
  bool curves = !report_is_text(arguments);
  TESTUDO_I_TRY(analyzed_law(analyzed, arguments, curves, monitor, error));
  testudo_analysis_options options = analysis_options(&analyzed->cluster, arguments, monitor);
  if (!curves)
    TESTUDO_I_TRY(law_fill_chances(&analyzed->law, &analyzed->cluster, &options, error));
  TESTUDO_I_TRY(session_progress_end(analyzed_nested(analyzed, arguments, monitor, error)));
  return report_write(arguments, law_whole_fields, &analyzed->law, error);
}

static const cli_option own_options[] = {
    {.name = "work", .kind = CLI_FLAG,
     .help = "Also the chunks computed until the iteration is complete, as always of nested codes: exact where the law"
             " allows it, otherwise simulated."},
    {.name = NULL},
};

static const cli_option *const groups[] = {cluster_model_options, cli_reading_options, cluster_report_options,
                                           cluster_by_options, analysis_own_options, own_options, report_options,
                                           cli_seed_options, cli_threads_options, cli_common_options, NULL};

const cli_command command_analyze = {
    .name = "analyze", .operands = "DESIGN.json", .least_operands = 1, .most_operands = 1,
    .summary = "Exact or bounded law of the completion time, and the error at deadlines, of a design.",
    .details = "Exact where a law is known: schemes that wait for a number of workers, and partial codes with one"
               " order that all workers share on a ring, or whose workers, eliminated one after the other, leave no"
               " more than --max-states states. Otherwise rigorous lower and upper"
               " bounds; the output says which. A law that needs more than --max-states (nested codes whose workers"
               " have different rates) or too much time is simulated with 100000 trials (fewer, down to 1000, where"
               " trials times workers times load exceeds 1e9). For nested codes the result also has the chunks"
               " computed and the signals sent, exact where the law is, and with --at the error of the best nested"
               " combination (simulated, 1000 trials) beside that of the partial decoder on the same progress (exact)."
               " With failures, the mean is conditional on the iteration ending; quantiles are those of the"
               " unconditional law. The error is an error of coefficients: it equals E||ghat-g||^2 per unit of"
               " chunk-gradient energy when chunk gradients are uncorrelated with equal norm. Without --at the JSON"
               " result has the error on a grid of times; with it also the error's distribution, where that is known.",
    .example = "testudo analyze design.json --delay exp:1 --at 1,2,4 --quantiles 0.5,0.99\n"
               "testudo analyze design.json --delay trace:trace.csv --fail-prob 0.01 --json -o analysis.json",
    .groups = groups, .result = law_whole_fields,
    .run = analyze_run, .room = sizeof(cli_analyzed), .clear = analyzed_free,
};
