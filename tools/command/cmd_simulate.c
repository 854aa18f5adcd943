/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "common/analysis.h"
#include "common/session.h"
#include "common/simulation.h"

/* Bounds of larger designs would cost more than the simulation. */
enum { MOST_ENTRIES = 100000 };

typedef struct cli_told {
  cli_simulated simulated;
  testudo_summary summary;
  bool bounded; /* the summary holds bounds of the mean */
} cli_told;

static void put_bounds(testudo_i_json_writer *writer, const cli_told *told)
{
  if (!told->bounded) {
    testudo_i_json_put_null(writer, "bounds");
    return;
  }
  testudo_i_json_open_object(writer, "bounds");
  testudo_i_json_put_real(writer, "lower", told->summary.lower);
  testudo_i_json_put_real(writer, "upper", told->summary.upper);
  testudo_i_json_close_object(writer);
}

static void put_json(FILE *stream, void *context)
{
  const cli_told *told = context;
  const cli_simulated *simulated = &told->simulated;
  testudo_i_json_writer writer;
  testudo_i_json_start(&writer, stream);
  testudo_i_json_open_object(&writer, NULL);
  cluster_put(&writer, simulated->cluster);
  simulated_put(&writer, simulated);
  put_bounds(&writer, told);
  testudo_i_json_put_real(&writer, "round_up", simulated->round_up);
  nested_put(&writer, simulated);
  decode_put(&writer, &simulated->simulation->decode, simulated->decoded);
  if (simulated->decoder != TESTUDO_DECODER_OPTIMAL)
    testudo_i_json_put_string(&writer, "decoder", testudo_decoder_name(simulated->decoder));
  combined_put(&writer, simulated);
  testudo_i_json_put_boolean(&writer, "interrupted", simulated->simulation->interrupted);
  testudo_i_json_close_object(&writer);
  fputc('\n', stream);
}

static void put_text(FILE *stream, void *context)
{
  const cli_told *told = context;
  const cli_simulated *simulated = &told->simulated;
  cluster_print(stream, simulated->cluster);
  if (told->bounded) {
    fprintf(stream, "  %-14s", "mean");
    summary_print_mean(stream, &told->summary, simulated->simulation);
    fputc('\n', stream);
  }
  if (simulated->simulation->interrupted)
    fputs("interrupted: what follows is of the trials that ran\n", stream);
  simulated_print(stream, simulated);
  nested_print(stream, simulated);
  if (simulated->simulation->combined_mse != NULL)
    combined_print(stream, simulated);
  else if (simulated->decoded)
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
  options.decoder = simulated->decoder;
  options.combine = cli_given(arguments, "decoder") && simulated->decoded;
  testudo_status status = testudo_simulate(cluster->design, &cluster->model, &options, simulation, error);
  session_progress_end(&progress);
  simulated->simulation = *simulation;
  return status;
}

/* A nested code's costs, and its gain by partial, of the trials that ran. */
static testudo_status measure_nested(cli_simulated *simulated, testudo_partial_gain **gain, double **worker_chunks,
                                     const cli_arguments *arguments, testudo_error *error)
{
  const cli_cluster *cluster = simulated->cluster;
  if (testudo_design_scheme(cluster->design) != TESTUDO_SCHEME_NESTED || simulated->simulation->interrupted)
    return TESTUDO_OK;
  testudo_simulation_options options = simulation_options(cluster, arguments, NULL);
  options.trials = simulated->simulation->trials;
  *worker_chunks = testudo_i_calloc((size_t)testudo_design_workers(cluster->design), sizeof **worker_chunks);
  if (*worker_chunks == NULL)
    return testudo_i_fail_memory(error);
  options.worker_chunks = simulated->worker_chunks = *worker_chunks;
  testudo_status status = testudo_simulate_partial_gain(cluster->design, &cluster->model, &options, gain, error);
  if (status == TESTUDO_OK)
    status = testudo_simulate_work(cluster->design, &cluster->model, &options, &simulated->work, error);
  simulated->gain = *gain;
  return status;
}

/* --decoder, which is of plain sums. */
static testudo_status take_decoder(cli_simulated *simulated, const cli_arguments *arguments, testudo_error *error)
{
  const cli_cluster *cluster = simulated->cluster;
  const char *word = cli_text(arguments, "decoder", "optimal");
  simulated->decoder = strcmp(word, "one-step") == 0    ? TESTUDO_DECODER_ONE_STEP
                       : strcmp(word, "component") == 0 ? TESTUDO_DECODER_COMPONENT
                                                        : TESTUDO_DECODER_OPTIMAL;
  if (!cli_given(arguments, "decoder"))
    return TESTUDO_OK;
  if (testudo_design_scheme(cluster->design) != TESTUDO_SCHEME_PARTIAL ||
      testudo_design_parts(cluster->design) != 1 || cluster->report != TESTUDO_REPORT_WHOLE)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "--decoder applies to scheme partial of one part with --report whole only");
  if (cluster->time_count == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "--decoder is of the error at deadlines: add --at t1,t2,..");
  return TESTUDO_OK;
}

static bool is_small(const testudo_design *design)
{
  int64_t entries = 0;
  for (int32_t j = 0; j < testudo_design_workers(design) && entries <= MOST_ENTRIES; j++)
    entries += testudo_design_load(design, j);
  return entries <= MOST_ENTRIES;
}

/* Where no law is exact, the bounds say how far to trust the simulation. A model without bounds is no mistake here. */
static testudo_status bound(cli_told *told, const cli_arguments *arguments, testudo_error *error)
{
  const cli_cluster *cluster = told->simulated.cluster;
  if (!is_small(cluster->design) || told->simulated.round_up > 0.0)
    return TESTUDO_OK;
  session_progress progress;
  testudo_latency *latency = NULL;
  session_progress_start(&progress, "bounding", arguments);
  testudo_analysis_options options = {.report = cluster->report, .max_states = 200000, .rel_error = 1e-6,
                                      .monitor = &progress.monitor};
  testudo_status status = testudo_latency_create(cluster->design, &cluster->model, &options, &latency, error);
  bool wanted = status == TESTUDO_OK && !testudo_latency_is_exact(latency);
  if (wanted)
    status = testudo_latency_summary(latency, &told->summary, error);
  told->bounded = wanted && status == TESTUDO_OK;
  session_progress_end(&progress);
  testudo_latency_free(latency);
  return status == TESTUDO_ERROR_ARGUMENT || status == TESTUDO_ERROR_LIMIT ? TESTUDO_OK : status;
}

static testudo_status run(const cli_arguments *arguments, testudo_error *error)
{
  cli_cluster cluster;
  cli_told told;
  testudo_simulation *simulation = NULL;
  testudo_partial_gain *gain = NULL;
  double *worker_chunks = NULL;
  memset(&told, 0, sizeof told);
  told.simulated.cluster = &cluster;
  if (cli_given(arguments, "dim") && !cli_given(arguments, "decode"))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--dim applies with --decode only");
  testudo_status status = cluster_open(&cluster, arguments, error);
  if (status == TESTUDO_OK)
    status = take_decoder(&told.simulated, arguments, error);
  if (status == TESTUDO_OK)
    status = simulate(&told.simulated, &simulation, &cluster, arguments, error);
  if (status == TESTUDO_OK)
    status = measure_nested(&told.simulated, &gain, &worker_chunks, arguments, error);
  if (status == TESTUDO_OK)
    status = histogram_make(&told.simulated.histogram, simulation, error);
  /* Whoever interrupts wants no more work, but what there is. */
  if (status == TESTUDO_OK && !simulation->interrupted)
    status = bound(&told, arguments, error);
  bool stopped = status == TESTUDO_INTERRUPTED && simulation != NULL;
  if (status == TESTUDO_OK || stopped)
    status = session_write(arguments, &(session_result){put_json, put_text, &told}, error);
  if (status == TESTUDO_OK && (stopped || simulation->interrupted))
    status = TESTUDO_INTERRUPTED;
  histogram_free(&told.simulated.histogram);
  testudo_partial_gain_free(gain);
  free(worker_chunks);
  testudo_simulation_free(simulation);
  cluster_close(&cluster);
  return status;
}

static const cli_option own_options[] = {
    {.name = "decode", .kind = CLI_FLAG,
     .help = "Run the real encoder and decoder on every trial and compare with the true gradient."},
    {.name = "decoder", .value = "WORD", .kind = CLI_CHOICE, .choices = "optimal one-step component",
     .preset = "optimal",
     .help = "Of approximate codes (scheme partial, one part, --report whole): how the plain sums of the workers that"
             " have finished are weighted at the deadlines --at. With --decode, real sums are encoded and combined"
             " there."},
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
    .details = "Beside the simulated mean of a design without an exact law stand rigorous bounds of it, unless the"
               " design has more than 100000 entries or --round-up is given. The numbers depend on the seed and the"
               " number of trials only, never on the number of threads. Interrupted, the command writes the result of"
               " the trials that ran and exits 130. An undecodable trial is one that never ends; a failure is a trial"
               " that is decodable by rule, yet the decoder refused it or missed max(1e-9, 100 eps amplification)."
               " Sets of workers that a gradient code's decoder refused for their conditioning are counted apart.",
    .example = "testudo simulate design.json --delay exp:1 --trials 1000000 --at 1,2,4\n"
               "testudo simulate design.json --delay exp:1 --trials 1000 --decode --dim 64 --json",
    .groups = groups, .writes = true, .run = run,
};
