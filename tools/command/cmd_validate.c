/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo validate */
#include "commands.h"

#include <math.h>

#include <testudo/validate.h>

#include "base/error.h"
#include "common/law.h"
#include "common/session.h"
#include "common/output.h"
#include "runtime/scheme/scheme.h"

#define FALSE_ALARM 1e-6
enum { DECODE_TRIALS = 2000, DEADLINES = 5 };

typedef struct validate_result {
  head_result head;
  size_t checks;
  const testudo_check *check;
  double false_alarm;
  const testudo_decode_report *decode;
  bool agrees;
  law_result analyze, simulate;
} validate_result;

typedef struct cli_validated {
  validate_result result;
  cli_cluster cluster;
  testudo_latency *latency;
  testudo_simulation *simulation;
  testudo_validation *validation;
  double deadline[DEADLINES]; /* used when --at is not given */
} cli_validated;

/* Does the scheme give the sum, or only an estimate of it? */
static bool decodes(const cli_validated *validated)
{
  return testudo_i_scheme_of(validated->cluster.design)->exact_gradient;
}

/* ---- fields ---- */

static bool is_one_number(const testudo_check *check)
{
  return check->analyzed_lower == check->analyzed_upper;
}

static bool is_interval(const void *result)
{
  return !is_one_number(result);
}

static double check_analyzed(const void *result)
{
  const testudo_check *check = result;
  return is_one_number(check) ? check->analyzed_lower : NAN;
}

static const char *const agree_words[] = {"DISAGREES", "holds"};

static const field test_fields[] = {
    {FIELD_CHARS("quantity", testudo_check, quantity), .label = "quantity", .meaning = "what was compared"},
    {FIELD_WORKED_OUT("analyzed", check_analyzed), .label = "analyzed", .meaning = "by analysis; null: bounded"},
    {FIELD(testudo_check, analyzed_lower), .label = "at least", .when = is_interval,
     .meaning = "lower bound by analysis"},
    {FIELD(testudo_check, analyzed_upper), .label = "at most", .when = is_interval,
     .meaning = "upper bound by analysis"},
    {FIELD(testudo_check, simulated), .label = "simulated", .meaning = "by simulation"},
    {FIELD_AS("z_or_p", testudo_check, p), .label = "p-value", .digits = 3, .meaning = "p-value of the difference"},
    {FIELD(testudo_check, holds), .label = "", .words = agree_words, .meaning = "does the simulation agree?"},
    {.key = NULL},
};

static const cli_validated *validated_of(const void *result)
{
  return result; /* its first member */
}

static void mean_print(FILE *text, const void *result)
{
  const validate_result *validate = result;
  const latency_result *latency = &validate->analyze.latency;
  fields_line(text, "method", "%s (%s)\n", latency->quantiles.value != NULL ? "exact" : "bounded", latency->method);
  fields_line(text, "trials", "%lld\n", (long long)validate->simulate.trials);
  fields_label(text, "mean");
  law_print_mean(text, latency, &validate->simulate.latency);
  fputs("\n\n", text);
}

/* What was not compared, or decoded only in part, must not hide behind "agree". */
static void verdict_print(FILE *text, const void *result)
{
  const cli_validated *validated = validated_of(result);
  const validate_result *validate = result;
  const testudo_decode_report *decode = &validated->simulation->decode;
  if (decodes(validated))
    decode_print(text, decode);
  else
    fputs("\nnothing to decode: the scheme's estimate is not the sum\n", text);
  if ((validate->analyze.error == NULL || validate->analyze.error->mse == NULL) && validated->cluster.time_count > 0)
    fputs("\nthe error at deadlines is simulated only: it was not compared\n", text);
  fprintf(text, "\n%s: analysis and simulation %s", validate->agrees ? "AGREE" : "DISAGREE",
          validate->agrees ? "agree" : "differ");
  if (decode->refused > 0)
    fprintf(text, ", but the decoder refused %lld of %lld decodable sets of workers as badly conditioned",
            (long long)decode->refused, (long long)decode->decodes);
  fprintf(text, " (%zu tests, overall false-alarm probability at most %.3g)\n", validate->checks,
          validate->false_alarm);
}

static const field validate_fields[] = {
    {FIELD_SAME(head_fields)},
    {FIELD_ROWS("tests", validate_result, check, checks, test_fields), .phrase = mean_print,
     .meaning = "what was compared"},
    {FIELD(validate_result, false_alarm), .meaning = "probability that any test fails though all is well, at most"},
    {FIELD_BEHIND("decode", validate_result, decode, decode_fields),
     .meaning = "what the real encoder and decoder did; null: nothing to decode"},
    {FIELD(validate_result, agrees), .when = field_always, .phrase = verdict_print, .meaning = "do all tests hold?"},
    {FIELD_INSIDE("analyze", validate_result, analyze, law_fields), .meaning = "as analyze gives it"},
    {FIELD_INSIDE("simulate", validate_result, simulate, law_fields), .meaning = "as simulate gives it"},
    {.key = NULL},
};

/* ---- work ---- */

/* Without --at the error is compared at a few times across the law, where there is one to compare with. */
static testudo_status choose_deadlines(cli_validated *validated, testudo_error *error)
{
  cli_cluster *cluster = &validated->cluster;
  const error_result *known = validated->result.analyze.error;
  if (cluster->time_count > 0 || known == NULL || known->mse == NULL)
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
  law_result *law = &validated->result.simulate;
  histogram_result *histogram = (histogram_result *)law->histogram;
  if (!testudo_latency_is_exact(validated->latency) || histogram->bins == 0)
    return TESTUDO_OK;
  histogram->probability = testudo_i_arena_calloc(&law->arena, (size_t)histogram->bins, sizeof(double));
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  double before = 0.0, lower, upper;
  for (int64_t k = 0; k <= histogram->bins; k++) {
    TESTUDO_I_TRY(testudo_latency_cdf(validated->latency, histogram->edge[k], &lower, &upper, error));
    /* The first bin is closed on the left. */
    if (k > 0)
      histogram->probability[k - 1] = lower - before;
    before = k == 0 ? 0.0 : lower;
  }
  return TESTUDO_OK;
}

static testudo_status validate_simulate(cli_validated *validated, const cli_arguments *arguments, testudo_error *error)
{
  const cli_cluster *cluster = &validated->cluster;
  const testudo_monitor *monitor = session_progress_start("simulating", arguments);
  testudo_simulation_options options = simulation_options(cluster, arguments, simulation_trials(arguments), monitor);
  options.rel_error = cli_real(arguments, "rel-error", 0.0);
  options.decode_trials = options.trials < DECODE_TRIALS ? options.trials : DECODE_TRIALS;
  if (!decodes(validated))
    options.decode_trials = 0;
  options.dim = cli_integer(arguments, "dim", 16);
  TESTUDO_I_TRY(session_progress_end(
      testudo_simulate(cluster->design, &cluster->model, &options, &validated->simulation, error)));
  if (validated->simulation->interrupted)
    return TESTUDO_INTERRUPTED;
  law_result *law = &validated->result.simulate;
  TESTUDO_I_TRY(law_fill_simulation(law, cluster, validated->simulation, NULL, error));
  return law_fill_histogram(law, validated->simulation, error);
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
  TESTUDO_I_TRY(law_fill_analysis(&validated->result.analyze, cluster, validated->latency, error));
  TESTUDO_I_TRY(session_progress_end(choose_deadlines(validated, error)));
  TESTUDO_I_TRY(validate_simulate(validated, arguments, error));
  TESTUDO_I_TRY(fill_bins(validated, error));
  TESTUDO_I_TRY(testudo_validate(validated->latency, cluster->design, &cluster->model, validated->simulation,
                                 cluster->times, cluster->time_count, FALSE_ALARM, &validated->validation, error));
  const testudo_validation *validation = validated->validation;
  validate_result *result = &validated->result;
  result->checks = validation->checks;
  result->check = validation->check;
  result->false_alarm = validation->false_alarm;
  result->agrees = validation->agrees;
  result->decode = decodes(validated) ? &validated->simulation->decode : NULL;
  return TESTUDO_OK;
}

static testudo_status validate_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  cli_validated *validated = context;
  TESTUDO_I_TRY(cluster_open(&validated->cluster, arguments, error));
  TESTUDO_I_TRY(validate_measure(validated, arguments, error));
  head_fill(&validated->result.head, &validated->cluster);
  TESTUDO_I_TRY(report_write(arguments, validate_fields, validated, error));
  return validated->result.agrees ? TESTUDO_OK : SESSION_CLAIM_FAILED;
}

static void validate_clear(void *context)
{
  cli_validated *validated = context;
  law_clear(&validated->result.analyze);
  law_clear(&validated->result.simulate);
  testudo_validation_free(validated->validation);
  testudo_simulation_free(validated->simulation);
  testudo_latency_free(validated->latency);
  cluster_close(&validated->cluster);
}

static const cli_option own_options[] = {
    {.name = "dim", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 16777216, .preset = "16",
     .help = "Length of the chunk gradients to encode and decode."},
    {.name = NULL},
};

static const cli_option *const groups[] = {cluster_model_options, cluster_report_options, analysis_own_options,
                                           simulation_trial_options, own_options, report_options,
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
    .groups = groups, .result = validate_fields,
    .run = validate_run, .room = sizeof(cli_validated), .clear = validate_clear,
};
