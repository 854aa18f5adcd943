/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo simulate */
#include "commands.h"

#include <math.h>

#include "base/error.h"
#include "common/analysis.h"
#include "common/metrics.h"
#include "common/session.h"
#include "common/simulation.h"
#include "runtime/scheme/scheme.h"

/* Bounds of larger designs would cost more than the simulation. */
enum { MOST_ENTRIES = 100000 };

typedef struct cli_told {
  cli_cluster cluster;
  testudo_simulation *simulation;
  testudo_partial_gain *gain;
  testudo_latency *latency;
  cli_simulated simulated;
  testudo_summary summary;
  bool bounded; /* the summary holds bounds of the mean */
  testudo_i_arena arena;
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

static void simulate_put(testudo_i_json_writer *writer, const void *context)
{
  const cli_told *told = context;
  const cli_simulated *simulated = &told->simulated;
  cluster_put(writer, simulated->cluster);
  simulated_put(writer, simulated);
  put_bounds(writer, told);
  testudo_i_json_put_real(writer, "round_up", simulated->round_up);
  nested_put(writer, simulated);
  decode_put(writer, &simulated->simulation->decode, simulated->decoded);
  if (simulated->decoder != TESTUDO_DECODER_OPTIMAL)
    testudo_i_json_put_string(writer, "decoder", testudo_decoder_name(simulated->decoder));
  combined_put(writer, simulated);
  testudo_i_json_put_boolean(writer, "interrupted", simulated->simulation->interrupted);
}

static void simulate_print(FILE *stream, const void *context)
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

static testudo_status simulate_trials(cli_told *told, const cli_arguments *arguments, testudo_error *error)
{
  const cli_cluster *cluster = &told->cluster;
  cli_simulated *simulated = &told->simulated;
  testudo_simulation_options options =
      simulation_options(cluster, arguments, session_progress_start("simulating", arguments));
  options.rel_error = cli_real(arguments, "rel-error", 0.0);
  options.round_up = simulated->round_up = cli_real(arguments, "round-up", 0.0);
  simulated->decoded = cli_given(arguments, "decode");
  options.decode_trials = simulated->decoded ? options.trials : 0;
  options.dim = cli_integer(arguments, "dim", 16);
  options.decoder = cli_given(arguments, "decoder") ? simulated->decoder : TESTUDO_DECODER_EXACT;
  options.combine = cli_given(arguments, "decoder") && simulated->decoded;
  TESTUDO_I_TRY(session_progress_end(
      testudo_simulate(cluster->design, &cluster->model, &options, &told->simulation, error)));
  simulated->simulation = told->simulation;
  return TESTUDO_OK;
}

/* A nested code's costs, and its gain by partial, of the trials that ran. */
static testudo_status measure_nested(cli_told *told, const cli_arguments *arguments, testudo_error *error)
{
  const cli_cluster *cluster = &told->cluster;
  cli_simulated *simulated = &told->simulated;
  if (!testudo_i_scheme_of(cluster->design)->beside_partial || simulated->simulation->interrupted)
    return TESTUDO_OK;
  testudo_simulation_options options = simulation_options(cluster, arguments, NULL);
  options.trials = simulated->simulation->trials;
  options.worker_chunks = simulated->worker_chunks =
      testudo_i_arena_calloc(&told->arena, (size_t)testudo_design_workers(cluster->design), sizeof(double));
  TESTUDO_I_TRY(testudo_i_arena_check(&told->arena, error));
  TESTUDO_I_TRY(testudo_simulate_partial_gain(cluster->design, &cluster->model, &options, &told->gain, error));
  simulated->gain = told->gain;
  return testudo_simulate_work(cluster->design, &cluster->model, &options, &simulated->work, error);
}

/* --decoder, which is of plain sums. */
static testudo_status take_decoder(cli_simulated *simulated, const cli_arguments *arguments, testudo_error *error)
{
  const cli_cluster *cluster = simulated->cluster;
  simulated->decoder = (testudo_decoder)(TESTUDO_DECODER_OPTIMAL + cli_choice(arguments, "decoder", 0));
  if (!cli_given(arguments, "decoder"))
    return TESTUDO_OK;
  if (!testudo_i_takes_plain_sums(cluster->design) ||
      testudo_design_parts(cluster->design) != 1 || cluster->report != TESTUDO_REPORT_WHOLE)
    return cli_refuse(error, "--decoder applies to scheme partial of one part with --report whole only");
  if (cluster->time_count == 0)
    return cli_refuse(error, "--decoder is of the error at deadlines: add --at t1,t2,..");
  return TESTUDO_OK;
}

/* Where no law is exact, the bounds say how far to trust the simulation. A model without bounds is no mistake here. */
static testudo_status find_bounds(cli_told *told, const cli_arguments *arguments, testudo_error *error)
{
  const cli_cluster *cluster = &told->cluster;
  testudo_analysis_options options = {.report = cluster->report, .max_states = 200000, .rel_error = 1e-6,
                                      .monitor = session_progress_start("bounding", arguments)};
  TESTUDO_I_TRY(testudo_latency_create(cluster->design, &cluster->model, &options, &told->latency, error));
  if (testudo_latency_is_exact(told->latency))
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_latency_summary(told->latency, &told->summary, error));
  told->bounded = true;
  return TESTUDO_OK;
}

/* All that is told. */
static testudo_status simulate_measure(cli_told *told, const cli_arguments *arguments, testudo_error *error)
{
  TESTUDO_I_TRY(simulate_trials(told, arguments, error));
  TESTUDO_I_TRY(measure_nested(told, arguments, error));
  TESTUDO_I_TRY(histogram_make(&told->simulated.histogram, told->simulation, error));
  /* Whoever interrupts wants no more work, but what there is. */
  if (told->simulation->interrupted)
    return TESTUDO_INTERRUPTED;
  if (metrics_entries(told->cluster.design) > MOST_ENTRIES || told->simulated.round_up > 0.0)
    return TESTUDO_OK;
  testudo_status status = session_progress_end(find_bounds(told, arguments, error));
  return status == TESTUDO_ERROR_ARGUMENT || status == TESTUDO_ERROR_LIMIT ? TESTUDO_OK : status;
}

static testudo_status simulate_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  cli_told *told = context;
  told->simulated.cluster = &told->cluster;
  if (cli_given(arguments, "dim") && !cli_given(arguments, "decode"))
    return cli_refuse(error, "--dim applies with --decode only");
  TESTUDO_I_TRY(cluster_open(&told->cluster, arguments, error));
  TESTUDO_I_TRY(take_decoder(&told->simulated, arguments, error));
  testudo_status found = simulate_measure(told, arguments, error);
  if (found != TESTUDO_INTERRUPTED || told->simulation == NULL)
    TESTUDO_I_TRY(found);
  TESTUDO_I_TRY(session_write(arguments, &(session_result){simulate_put, simulate_print, told}, error));
  return found;
}

static void simulate_clear(void *context)
{
  cli_told *told = context;
  testudo_i_arena_clear(&told->simulated.histogram.arena);
  testudo_latency_free(told->latency);
  testudo_partial_gain_free(told->gain);
  testudo_simulation_free(told->simulation);
  testudo_i_arena_clear(&told->arena);
  cluster_close(&told->cluster);
}

static const cli_option own_options[] = {
    {.name = "round-up", .value = "STEP", .kind = CLI_REAL, .ends = CLI_OPEN_BELOW, .least = 0, .most = HUGE_VAL,
     .help = "Round every completion time up to a multiple of STEP seconds."},
    {.name = "decode", .kind = CLI_FLAG,
     .help = "Run the real encoder and decoder on every trial and compare with the true gradient."},
    {.name = "decoder", .value = "WORD", .kind = CLI_CHOICE, .choices = "optimal one-step component",
     .preset = "optimal",
     .help = "Of approximate codes (scheme partial, one part, --report whole): how the plain sums of the workers that"
             " have finished are weighted at the deadlines --at. With --decode, real sums are encoded and combined"
             " there."},
    {.name = "dim", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 16777216, .preset = "16",
     .help = "Length of the chunk gradients drawn for --decode."},
    {.name = NULL},
};

static const cli_option *const groups[] = {cluster_model_options, cluster_report_options, simulation_trial_options,
                                           own_options, session_result_options, cli_seed_options, cli_threads_options,
                                           cli_common_options, NULL};

const cli_command command_simulate = {
    .name = "simulate", .operands = "DESIGN.json", .least_operands = 1, .most_operands = 1,
    .summary = "Completion time and error of a design by Monte Carlo.",
    .details = "Beside the simulated mean of a design without an exact law stand rigorous bounds of it, unless the"
               " design has more than 100000 entries or --round-up is given. The numbers depend on the seed and the"
               " number of trials only, never on the number of threads. Interrupted, the command writes the result of"
               " the trials that ran and exits 130. An undecodable trial is one that never ends; a failure is a trial"
               " that is decodable by rule, yet the decoder refused it or missed max(1e-9, 100 eps amplification)."
               " Sets of workers that a gradient code's decoder refused for their conditioning are counted apart.",
    .example = "testudo simulate design.json --delay exp:1 --trials 1000000 --at 1,2,4\n"
               "testudo simulate design.json --delay exp:1 --trials 1000 --decode --dim 64 --json",
    .groups = groups, .run = simulate_run, .room = sizeof(cli_told), .clear = simulate_clear,
};
