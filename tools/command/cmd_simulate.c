/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "commands.h"

#include <string.h>

#include "base/error.h"
#include "common/session.h"
#include "common/simulation.h"

static void put_json(FILE *stream, void *context)
{
  const cli_simulated *simulated = context;
  testudo_i_json_writer writer;
  testudo_i_json_start(&writer, stream);
  testudo_i_json_open_object(&writer, NULL);
  cluster_put(&writer, simulated->cluster);
  simulated_put(&writer, simulated);
  testudo_i_json_put_real(&writer, "round_up", simulated->round_up);
  decode_put(&writer, &simulated->simulation->decode, simulated->decoded);
  testudo_i_json_put_boolean(&writer, "interrupted", simulated->simulation->interrupted);
  testudo_i_json_close_object(&writer);
  fputc('\n', stream);
}

static void put_text(FILE *stream, void *context)
{
  const cli_simulated *simulated = context;
  cluster_print(stream, simulated->cluster);
  if (simulated->simulation->interrupted)
    fputs("interrupted: what follows is of the trials that ran\n", stream);
  simulated_print(stream, simulated);
  if (simulated->decoded)
    decode_print(stream, &simulated->simulation->decode);
}

static testudo_status simulate(cli_simulated *simulated, testudo_simulation **simulation, const cli_cluster *cluster,
                               const cli_arguments *arguments, testudo_error *error)
{
  session_progress progress;
  session_progress_start(&progress, "simulating", arguments);
  testudo_simulation_options options = simulation_options(cluster, arguments, &progress.monitor);
  options.rel_error = cli_real(arguments, "rel-error", 0.0);
  options.round_up = simulated->round_up = cli_real(arguments, "round-up", 0.0);
  simulated->decoded = cli_given(arguments, "decode");
  options.decode_trials = simulated->decoded ? options.trials : 0;
  options.dim = cli_integer(arguments, "dim", 16);
  testudo_status status = testudo_simulate(cluster->design, &cluster->model, &options, simulation, error);
  session_progress_end(&progress);
  simulated->simulation = *simulation;
  return status;
}

static testudo_status run(const cli_arguments *arguments, testudo_error *error)
{
  cli_cluster cluster;
  cli_simulated simulated = {.cluster = &cluster};
  testudo_simulation *simulation = NULL;
  if (cli_given(arguments, "dim") && !cli_given(arguments, "decode"))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--dim applies with --decode only");
  testudo_status status = cluster_open(&cluster, arguments, error);
  if (status == TESTUDO_OK)
    status = simulate(&simulated, &simulation, &cluster, arguments, error);
  if (status == TESTUDO_OK)
    status = histogram_make(&simulated.histogram, simulation, error);
  if (status == TESTUDO_OK)
    status = session_write(arguments, &(session_result){put_json, put_text, &simulated}, error);
  if (status == TESTUDO_OK && simulation->interrupted)
    status = TESTUDO_INTERRUPTED;
  histogram_free(&simulated.histogram);
  testudo_simulation_free(simulation);
  cluster_close(&cluster);
  return status;
}

static const cli_option own_options[] = {
    {.name = "decode", .kind = CLI_FLAG,
     .help = "Run the real encoder and decoder on every trial and compare with the true gradient."},
    {.name = "dim", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 16777216, .preset = "16",
     .help = "Length of the chunk gradients drawn for --decode."},
    {.name = "output", .letter = 'o', .value = "FILE", .kind = CLI_OUTPUT, .help = "Write the result as JSON to FILE."},
    {.name = NULL},
};

static const cli_option *const groups[] = {cluster_model_options, cluster_report_options, simulation_trial_options,
                                           own_options, cli_common_options, NULL};

const cli_command command_simulate = {
    .name = "simulate", .operands = "FILE", .least_operands = 1, .most_operands = 1,
    .summary = "Completion time and error of a design by Monte Carlo.",
    .details = "The numbers depend on the seed and the number of trials only, never on the number of threads."
               " Interrupted, the command writes the result of the trials that ran and exits 130. An undecodable"
               " trial is one that never ends; a failure is a trial that is decodable by rule, yet the decoder"
               " refused it or missed max(1e-9, 100 eps amplification).",
    .example = "testudo simulate design.json --delay exp:1 --trials 1000000 --at 1,2,4\n"
               "testudo simulate design.json --delay exp:1 --trials 1000 --decode --dim 64 --json",
    .groups = groups, .run = run,
};
