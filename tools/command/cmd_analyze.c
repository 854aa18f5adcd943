/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "commands.h"

#include <string.h>

#include "common/analysis.h"
#include "common/session.h"

static void put_json(FILE *stream, void *context)
{
  const cli_analysis *analysis = context;
  testudo_i_json_writer writer;
  testudo_i_json_start(&writer, stream);
  testudo_i_json_open_object(&writer, NULL);
  cluster_put(&writer, analysis->cluster);
  analysis_put(&writer, analysis);
  testudo_i_json_close_object(&writer);
  fputc('\n', stream);
}

static void put_text(FILE *stream, void *context)
{
  const cli_analysis *analysis = context;
  cluster_print(stream, analysis->cluster);
  analysis_print(stream, analysis);
}

static testudo_status run(const cli_arguments *arguments, testudo_error *error)
{
  cli_cluster cluster;
  cli_analysis analysis;
  testudo_latency *latency = NULL;
  session_progress progress;
  memset(&analysis, 0, sizeof analysis);
  session_progress_start(&progress, "analysing", arguments);
  testudo_status status = cluster_open(&cluster, arguments, error);
  if (status == TESTUDO_OK) {
    testudo_analysis_options options = analysis_options(&cluster, arguments, &progress.monitor);
    status = testudo_latency_create(cluster.design, &cluster.model, &options, &latency, error);
  }
  if (status == TESTUDO_OK)
    status = analysis_make(&analysis, &cluster, latency, error);
  session_progress_end(&progress);
  if (status == TESTUDO_OK)
    status = session_write(arguments, &(session_result){put_json, put_text, &analysis}, error);
  analysis_free(&analysis);
  testudo_latency_free(latency);
  cluster_close(&cluster);
  return status;
}

static const cli_option own_options[] = {
    {.name = "output", .letter = 'o', .value = "FILE", .kind = CLI_OUTPUT, .help = "Write the result as JSON to FILE."},
    {.name = NULL},
};

static const cli_option *const groups[] = {cluster_model_options, cluster_report_options, analysis_own_options,
                                           own_options, cli_common_options, NULL};

const cli_command command_analyze = {
    .name = "analyze", .operands = "FILE", .least_operands = 1, .most_operands = 1,
    .summary = "Exact or bounded law of the completion time, and the error at deadlines, of a design.",
    .details = "Exact where a law is known (order statistics; partial codes on a cyclic assignment in natural order),"
               " otherwise between two rigorous bounds; the output says which. With failures the mean is given that"
               " the iteration ends, and quantiles are of the unconditional law. The error is in coefficients: it is"
               " E||ghat-g||^2 per unit of chunk-gradient energy when chunk gradients are uncorrelated with equal"
               " norm. Without --at the JSON result holds the error on a grid of times.",
    .example = "testudo analyze design.json --delay exp:1 --at 1,2,4 --quantiles 0.5,0.99\n"
               "testudo analyze design.json --delay trace:trace.csv --fail-prob 0.01 --json -o analysis.json",
    .groups = groups, .writes = true, .run = run,
};
