/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo validate */
#include "commands.h"

#include <math.h>

#include <testudo/validate.h>

#include "base/error.h"
#include "common/analysis.h"
#include "common/session.h"
#include "common/simulation.h"
#include "runtime/scheme/scheme.h"

#define FALSE_ALARM 1e-6
enum { DECODE_TRIALS = 2000, DEADLINES = 5 };

typedef struct cli_validated {
  cli_cluster cluster;
  testudo_latency *latency;
  testudo_simulation *simulation;
  testudo_validation *validation;
  cli_analysis analysis;
  cli_simulated simulated;
  double deadline[DEADLINES]; /* used when --at is not given */
  double *bin;                /* exact probability of each bin of the histogram; NULL when only bounded */
  testudo_i_arena arena;
} cli_validated;

/* Does the scheme give the sum, or only an estimate of it? */
static bool decodes(const cli_validated *validated)
{
  return testudo_i_scheme_of(validated->cluster.design)->exact_gradient;
}

/* ---- output ---- */

static void put_tests(testudo_i_json_writer *writer, const testudo_validation *validation)
{
  testudo_i_json_open_array(writer, "tests");
  for (size_t k = 0; k < validation->checks; k++) {
    const testudo_check *check = &validation->check[k];
    bool exact = check->analyzed_lower == check->analyzed_upper;
    testudo_i_json_open_object(writer, NULL);
    testudo_i_json_put_string(writer, "quantity", check->quantity);
    testudo_i_json_put_real(writer, "analyzed", exact ? check->analyzed_lower : NAN);
    testudo_i_json_put_real(writer, "analyzed_lower", check->analyzed_lower);
    testudo_i_json_put_real(writer, "analyzed_upper", check->analyzed_upper);
    testudo_i_json_put_real(writer, "simulated", check->simulated);
    testudo_i_json_put_real(writer, "z_or_p", check->p);
    testudo_i_json_put_boolean(writer, "holds", check->holds);
    testudo_i_json_close_object(writer);
  }
  testudo_i_json_close_array(writer);
}

static void validate_put(testudo_i_json_writer *writer, const void *context)
{
  const cli_validated *validated = context;
  cluster_put(writer, &validated->cluster);
  put_tests(writer, validated->validation);
  testudo_i_json_put_real(writer, "false_alarm", validated->validation->false_alarm);
  decode_put(writer, &validated->simulation->decode, decodes(validated));
  testudo_i_json_put_boolean(writer, "agrees", validated->validation->agrees);
  testudo_i_json_open_object(writer, "analyze");
  analysis_put(writer, &validated->analysis);
  if (validated->bin != NULL)
    testudo_i_json_put_reals(writer, "histogram", validated->bin, (size_t)validated->simulated.histogram.bins);
  testudo_i_json_close_object(writer);
  testudo_i_json_open_object(writer, "simulate");
  simulated_put(writer, &validated->simulated);
  testudo_i_json_close_object(writer);
}

static void print_tests(FILE *stream, const testudo_validation *validation)
{
  fprintf(stream, "\n%-22s %-30s %-14s %-10s\n", "quantity", "analyzed", "simulated", "p-value");
  for (size_t k = 0; k < validation->checks; k++) {
    const testudo_check *check = &validation->check[k];
    char analyzed[64];
    if (check->analyzed_lower == check->analyzed_upper)
      snprintf(analyzed, sizeof analyzed, "%.9g", check->analyzed_lower);
    else
      snprintf(analyzed, sizeof analyzed, "[%.9g, %.9g]", check->analyzed_lower, check->analyzed_upper);
    fprintf(stream, "%-22s %-30s %-14.9g %-10.3g %s\n", check->quantity, analyzed, check->simulated, check->p,
            check->holds ? "holds" : "DISAGREES");
  }
}

/* What was not compared, or decoded only in part, must not hide behind "agree". */
static void print_verdict(FILE *stream, const cli_validated *validated)
{
  const testudo_decode_report *decode = &validated->simulation->decode;
  if (decodes(validated))
    decode_print(stream, decode);
  else
    fputs("\nnothing to decode: the scheme's estimate is not the sum\n", stream);
  if (!validated->analysis.has_error && validated->cluster.time_count > 0)
    fputs("\nthe error at deadlines is simulated only: it was not compared\n", stream);
  const testudo_validation *validation = validated->validation;
  fprintf(stream, "\n%s: analysis and simulation %s", validation->agrees ? "AGREE" : "DISAGREE",
          validation->agrees ? "agree" : "differ");
  if (decode->refused > 0)
    fprintf(stream, ", but the decoder refused %lld of %lld decodable sets of workers as badly conditioned",
            (long long)decode->refused, (long long)decode->decodes);
  fprintf(stream, " (%zu tests, false alarm at most %.3g in all)\n", validation->checks, validation->false_alarm);
}

static void validate_print(FILE *stream, const void *context)
{
  const cli_validated *validated = context;
  cluster_print(stream, &validated->cluster);
  fprintf(stream, "  %-14s%s (%s)\n", "method", validated->analysis.exact ? "exact" : "bounded",
          validated->analysis.method);
  fprintf(stream, "  %-14s%lld\n  %-14s", "trials", (long long)validated->simulation->trials, "mean");
  summary_print_mean(stream, &validated->analysis.summary, validated->simulation);
  fputc('\n', stream);
  print_tests(stream, validated->validation);
  print_verdict(stream, validated);
}

/* ---- work ---- */

/* Without --at the error is compared at a few times across the law, where there is one to compare with. */
static testudo_status choose_deadlines(cli_validated *validated, testudo_error *error)
{
  cli_cluster *cluster = &validated->cluster;
  if (cluster->time_count > 0 || !validated->analysis.has_error)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_latency_grid(validated->latency, DEADLINES, validated->deadline, error));
  int64_t count = 0;
  for (int k = 0; k < DEADLINES; k++)
    if (isfinite(validated->deadline[k]) && (count == 0 || validated->deadline[k] > validated->deadline[count - 1]))
      validated->deadline[count++] = validated->deadline[k];
  cluster->times = validated->deadline;
  cluster->time_count = count;
  return TESTUDO_OK;
}

/* The exact counterpart of the histogram, so that a plot can lay one over the other. */
static testudo_status fill_bins(cli_validated *validated, testudo_error *error)
{
  const cli_histogram *histogram = &validated->simulated.histogram;
  if (!validated->analysis.exact)
    return TESTUDO_OK;
  validated->bin = testudo_i_arena_calloc(&validated->arena, (size_t)histogram->bins, sizeof *validated->bin);
  TESTUDO_I_TRY(testudo_i_arena_check(&validated->arena, error));
  double before = 0.0, lower, upper;
  for (int32_t k = 0; k <= histogram->bins && histogram->bins > 0; k++) {
    TESTUDO_I_TRY(testudo_latency_cdf(validated->latency, histogram->edge[k], &lower, &upper, error));
    /* The first bin is closed on the left. */
    if (k > 0)
      validated->bin[k - 1] = lower - before;
    before = k == 0 ? 0.0 : lower;
  }
  return TESTUDO_OK;
}

static testudo_status validate_simulate(cli_validated *validated, const cli_arguments *arguments, testudo_error *error)
{
  const cli_cluster *cluster = &validated->cluster;
  testudo_simulation_options options =
      simulation_options(cluster, arguments, session_progress_start("simulating", arguments));
  options.rel_error = cli_real(arguments, "rel-error", 0.0);
  options.decode_trials = options.trials < DECODE_TRIALS ? options.trials : DECODE_TRIALS;
  if (!decodes(validated))
    options.decode_trials = 0;
  options.dim = cli_integer(arguments, "dim", 16);
  TESTUDO_I_TRY(session_progress_end(
      testudo_simulate(cluster->design, &cluster->model, &options, &validated->simulation, error)));
  if (validated->simulation->interrupted)
    return TESTUDO_INTERRUPTED;
  validated->simulated = (cli_simulated){.cluster = cluster, .simulation = validated->simulation};
  return histogram_make(&validated->simulated.histogram, validated->simulation, error);
}

static testudo_status validate_measure(cli_validated *validated, const cli_arguments *arguments, testudo_error *error)
{
  cli_cluster *cluster = &validated->cluster;
  testudo_analysis_options options =
      analysis_options(cluster, arguments, session_progress_start("analysing", arguments));
  testudo_status status = testudo_latency_create(cluster->design, &cluster->model, &options, &validated->latency,
                                                 error);
  if (status == TESTUDO_ERROR_LIMIT)
    testudo_i_error_prefix(error, "validate compares a law with a simulation, but this law is not available");
  TESTUDO_I_TRY(status);
  /* The curve of the error is drawn before deadlines are chosen for the comparison. */
  TESTUDO_I_TRY(analysis_make(&validated->analysis, cluster, validated->latency, error));
  TESTUDO_I_TRY(session_progress_end(choose_deadlines(validated, error)));
  TESTUDO_I_TRY(validate_simulate(validated, arguments, error));
  TESTUDO_I_TRY(fill_bins(validated, error));
  return testudo_validate(validated->latency, cluster->design, &cluster->model, validated->simulation, cluster->times,
                          cluster->time_count, FALSE_ALARM, &validated->validation, error);
}

static testudo_status validate_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  cli_validated *validated = context;
  TESTUDO_I_TRY(cluster_open(&validated->cluster, arguments, error));
  TESTUDO_I_TRY(validate_measure(validated, arguments, error));
  TESTUDO_I_TRY(session_write(arguments, &(session_result){validate_put, validate_print, validated}, error));
  return validated->validation->agrees ? TESTUDO_OK : SESSION_CLAIM_FAILED;
}

static void validate_clear(void *context)
{
  cli_validated *validated = context;
  testudo_i_arena_clear(&validated->simulated.histogram.arena);
  testudo_validation_free(validated->validation);
  testudo_simulation_free(validated->simulation);
  testudo_i_arena_clear(&validated->analysis.arena);
  testudo_latency_free(validated->latency);
  cluster_close(&validated->cluster);
  testudo_i_arena_clear(&validated->arena);
}

static const cli_option own_options[] = {
    {.name = "dim", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 16777216, .preset = "16",
     .help = "Length of the chunk gradients to encode and decode."},
    {.name = NULL},
};

static const cli_option *const groups[] = {cluster_model_options, cluster_report_options, analysis_own_options,
                                           simulation_trial_options, own_options, session_result_options,
                                           cli_seed_options, cli_threads_options, cli_common_options, NULL};

const cli_command command_validate = {
    .name = "validate", .operands = "DESIGN.json", .least_operands = 1, .most_operands = 1,
    .summary = "Analyse, simulate and decode a design, and test whether the results agree.",
    .details = "Tests P(T<=t) at nine quantiles, P(never), the mean where its variance is finite, and the error at the"
               " times of --at (by default, at a few times across the law). Tests against bounds are one-sided. The"
               " real encoder and decoder run on the first 2000 trials. The overall false-alarm probability of all"
               " tests is at most 1e-6. Exits with 1 if any test fails.",
    .example = "testudo validate design.json --delay exp:1\n"
               "testudo validate design.json --delay shifted-exp:0.5,1 --failed 2 --json -o validation.json",
    .groups = groups, .run = validate_run, .room = sizeof(cli_validated), .clear = validate_clear,
};
