/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo validate */
#include "commands.h"

#include <math.h>

#include <testudo/validate.h>

#include "base/error.h"
#include "common/law.h"
#include "common/metrics.h"
#include "option/input.h"
#include "common/session.h"
#include "common/output.h"
#include "delay/model.h"
#include "option/reading.h"
#include "runtime/scheme/scheme.h"

enum { DECODE_TRIALS = 2000, DECODE_TRIALS_LEAST = 10, DEADLINES = 5 };

/* Places of all workers together that are decoded: some seconds. */
#define DECODE_PLACES 8e7

/* What the model says and what was measured; model: NAN where only low and high are known. */
typedef struct judged_result {
  const char *quantity;
  double model, model_low, model_high, replay, low, high, difference;
  int within;                    /* -1: cannot tell */
} judged_result;

/* The model against a replay of measured iterations. */
typedef struct against_result {
  const char *file, *method;
  int64_t iterations, workers, block;
  size_t rows;
  judged_result *row;
  int within;                    /* every one that is known; -1: cannot tell */
} against_result;

typedef struct validate_result {
  head_result head;
  testudo_validation tests;      /* its lists are lent; none where there is no law */
  const testudo_decode_report *decode;
  int agrees;                    /* -1: there is no law to compare with, or the trials do not tell */
  const char *why;               /* the reason */
  const against_result *against; /* NULL: no --replay */
  law_result analyze, simulate, replayed;
} validate_result;

typedef struct cli_validated {
  validate_result result;
  cli_cluster cluster;
  testudo_latency *latency;
  testudo_simulation *simulation;
  testudo_validation *validation;
  testudo_error why;
  testudo_replay *replay;
  testudo_simulation *measured;
  against_result against;
  int64_t trials;
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

static const char *const agree_words[] = {"DISAGREES", "holds", NULL};

static const field test_fields[] = {
    {FIELD_CHARS("quantity", testudo_check, quantity), .label = "quantity", .meaning = "what was compared"},
    {FIELD_WORKED_OUT("analyzed", check_analyzed), .label = "analyzed", .meaning = "by analysis; null: bounded"},
    {FIELD(testudo_check, analyzed_lower), .label = "at least", .when = is_interval,
     .meaning = "lower bound by analysis"},
    {FIELD(testudo_check, analyzed_upper), .label = "at most", .when = is_interval,
     .meaning = "upper bound by analysis"},
    {FIELD(testudo_check, simulated), .label = "simulated", .meaning = "by simulation"},
    {FIELD(testudo_check, z), .label = "z", .digits = 3,
     .meaning = "the difference in standard errors of the trials; null: a share of the trials, or no deviation"},
    {FIELD_AS("z_or_p", testudo_check, p), .label = "p-value", .digits = 3, .meaning = "p-value of the difference"},
    {FIELD_ANSWERED(testudo_check, holds), .label = "", .words = agree_words,
     .meaning = "does the simulation agree? null: the trials cannot tell"},
    {.key = NULL},
};

static const char *const within_words[] = {"OUTSIDE", "within", NULL};

static double percent_off(const void *result)
{
  return 100.0 * ((const judged_result *)result)->difference;
}

static bool is_range(const void *result)
{
  return isnan(((const judged_result *)result)->model);
}

static const field judged_fields[] = {
    {FIELD(judged_result, quantity), .label = "quantity", .meaning = "what is compared"},
    {FIELD(judged_result, model), .label = "model", .unit = "s", .digits = 6,
     .meaning = "what the model says; null: bounded, infinite or not known"},
    {FIELD(judged_result, model_low), .label = "at least", .unit = "s", .digits = 6, .when = is_range,
     .meaning = "lower end of what the model can be: a bound, two standard errors, or a 95 % interval of trials"},
    {FIELD(judged_result, model_high), .label = "at most", .unit = "s", .digits = 6, .when = is_range,
     .meaning = "upper end of it"},
    {FIELD(judged_result, replay), .label = "replay", .unit = "s", .digits = 6,
     .meaning = "what was measured; null: beyond what so few iterations can know"},
    {FIELD(judged_result, low), .label = "from", .unit = "s", .digits = 6,
     .meaning = "lower end of the replay's 95 % interval"},
    {FIELD(judged_result, high), .label = "to", .unit = "s", .digits = 6, .meaning = "upper end of it; null: none"},
    {FIELD_AS("relative_difference", judged_result, difference), .meaning = "model over replay, less 1"},
    {FIELD_WORKED_OUT("percent", percent_off), .label = "off by %", .digits = 3, .meaning = "the same in percent"},
    {FIELD_ANSWERED(judged_result, within), .label = "", .words = within_words,
     .meaning = "does the model lie within the replay's interval? null: cannot tell"},
    {.key = NULL},
};

static void judged_heading(FILE *text, const void *result)
{
  const against_result *against = ((const validate_result *)result)->against;
  fprintf(text, "\nthe model (%s) against the replay of %s (%lld iterations; 95 %% intervals by a bootstrap of blocks"
                " of %lld)\n", against->method, against->file, (long long)against->iterations,
          (long long)against->block);
}

static const field against_fields[] = {
    {FIELD(against_result, file), .meaning = "the trace, without folders"},
    {FIELD(against_result, iterations), .meaning = "iterations replayed"},
    {FIELD(against_result, workers), .meaning = "workers measured, of which the first are those of the design"},
    {FIELD(against_result, block), .meaning = "consecutive iterations in a block of the bootstrap"},
    {FIELD(against_result, method), .meaning = "how the model's numbers were found"},
    {FIELD_ROWS("rows", against_result, row, rows, judged_fields), .label = "", .lines = true,
     .meaning = "what was compared"},
    {FIELD_ANSWERED(against_result, within),
     .meaning = "does the model lie within every interval? null: cannot tell"},
    {.key = NULL},
};

static void mean_print(FILE *text, const void *result)
{
  const validate_result *validate = result;
  const latency_result *latency = &validate->analyze.latency;
  if (validate->why != NULL)
    fields_line(text, "method", "no law: %s\n", validate->why);
  else
    fields_line(text, "method", "%s (%s)\n", latency->quantiles.value != NULL ? "exact" : "bounded", latency->method);
  if (latency_is_replayed(&validate->simulate.latency))
    fields_line(text, "iterations", "%lld\n", (long long)validate->simulate.latency.iterations);
  if (validate->simulate.trials != validate->simulate.latency.iterations)
    fields_line(text, "trials", "%lld\n", (long long)validate->simulate.trials);
  fields_label(text, "mean");
  law_print_mean(text, latency, &validate->simulate.latency);
  fputs("\n\n", text);
}

/* Within an interval is no proof. */
static void print_against(FILE *text, const against_result *against)
{
  size_t known = 0, outside = 0;
  if (against == NULL)
    return;
  for (size_t k = 0; k < against->rows; k++) {
    known += isfinite(against->row[k].replay) || against->row[k].within >= 0;
    outside += against->row[k].within == 0;
  }
  if (against->within < 0)
    fputs("UNDECIDED: what the model and the replay know of it does not tell whether the model lies within the"
          " intervals\n", text);
  else if (outside > 0)
    fprintf(text, "OUTSIDE: the model misses %zu of %zu of the replay's 95 %% intervals, each of which misses a true"
                  " model in 5 of 100 cases\n", outside, known);
  else
    fprintf(text, "WITHIN: the model lies within the replay's 95 %% interval%s, which does not prove it\n",
            known == 1 ? "" : "s");
}

/* Did the decoder do what the rule of the scheme says it can? A set that it refused is one that the server waits
   beyond. */
static bool decoder_kept(const testudo_decode_report *decode)
{
  return decode->failures == 0 && decode->refused == 0;
}

/* No law: nothing is compared but with a replay; of a replay itself only the decoder is tested. */
static void print_without_law(FILE *text, const cli_validated *validated)
{
  const testudo_decode_report *decode = &validated->simulation->decode;
  bool replay = validated->cluster.model.replay != NULL;
  if (validated->result.against != NULL)
    print_against(text, validated->result.against);
  if (decodes(validated) && !decoder_kept(decode))
    fprintf(text, "\nFAILED: the decoder %s on the %s; nothing else was compared, for there is no law\n",
            decode->failures > 0 ? "failed" : "refused sets of workers that are decodable by rule",
            replay ? "replayed iterations" : "simulated trials");
  else if (validated->result.against != NULL)
    return;
  else if (replay && validated->result.agrees >= 0)
    fputs("\nDECODED: the decoder did not fail on the replayed iterations; nothing else was compared, for a replay has"
          " no law\n", text);
  else
    fprintf(text, "\nUNDECIDED: %s\n", replay ? "a replay has no law, and nothing was decoded"
                                              : "there is no law to compare the simulation with");
}

/* What the tests would have noticed, and what they did not look at. */
static void print_power(FILE *text, const validate_result *validate)
{
  fputc('\n', text);
  if (validate->tests.mean_untested != NULL)
    fprintf(text, "the mean was not tested: %s\n", validate->tests.mean_untested);
  if (validate->tests.deviation_untested != NULL)
    fprintf(text, "the deviation was not tested: %s\n", validate->tests.deviation_untested);
  if (validate->tests.detects_probability >= 1.0)
    return;
  fputs("noticed with probability 0.95: ", text);
  if (isfinite(validate->tests.detects_mean))
    fprintf(text, "a mean wrong by %.2g %%, ", 100.0 * validate->tests.detects_mean);
  fprintf(text, "a P(T<=t) wrong by %.2g\n", validate->tests.detects_probability);
}

static bool all_tests_hold(const validate_result *validate)
{
  bool hold = true;
  for (size_t k = 0; k < validate->tests.checks; k++)
    hold = hold && validate->tests.check[k].holds != 0;
  return hold;
}

/* What was not compared, or decoded only in part, must not hide behind "agree". */
static void verdict_print(FILE *text, const void *result)
{
  const cli_validated *validated = result; /* whose first member it is */
  const validate_result *validate = result;
  const testudo_decode_report *decode = &validated->simulation->decode;
  if (decodes(validated))
    decode_print(text, decode);
  else
    fputs("\nnothing to decode: the scheme's estimate is not the sum\n", text);
  if ((validate->analyze.error == NULL || validate->analyze.error->mse == NULL) && validated->cluster.time_count > 0)
    fputs("\nthe error at deadlines is simulated only: it was not compared\n", text);
  if (validate->why != NULL) {
    print_without_law(text, validated);
    return;
  }
  print_power(text, validate);
  static const char *const verdict[] = {"UNDECIDED: so few trials would not show a wrong number",
                                        "DISAGREE: analysis and simulation differ",
                                        "AGREE: analysis and simulation agree"};
  if (decode->refused > 0)
    fprintf(text, "\nDISAGREE: %sthe decoder refused %lld of %lld sets of workers that are decodable by rule",
            all_tests_hold(validate) ? "" : "analysis and simulation differ, and ", (long long)decode->refused,
            (long long)decode->decodes);
  else
    fprintf(text, "\n%s", verdict[1 + validated->validation->agrees]);
  fprintf(text, " (%zu tests, overall false-alarm probability at most %.3g)\n", validate->tests.checks,
          validate->tests.false_alarm);
  print_against(text, validate->against);
}

#define TEST(member) FIELD_AS(#member, validate_result, tests.member)

static const field validate_fields[] = {
    {FIELD_SAME(head_fields)},
    {FIELD_ROWS("tests", validate_result, tests.check, tests.checks, test_fields), .phrase = mean_print,
     .meaning = "what was compared"},
    {TEST(false_alarm), .meaning = "probability that any test fails though all is well, at most"},
    {TEST(detects_mean),
     .meaning = "least relative error of the mean that is noticed with probability 0.95; null: it is not tested"},
    {TEST(detects_probability), .meaning = "the same of P(T <= t), absolute"},
    {TEST(mean_untested), .meaning = "why the mean is not tested; null: it is, or there is no law"},
    {TEST(deviation_untested), .meaning = "the same of the standard deviation"},
    {FIELD_BEHIND("replay", validate_result, against, against_fields), .phrase = judged_heading,
     .meaning = "the model against the measured iterations of --replay; null: not asked"},
    {FIELD_BEHIND("decode", validate_result, decode, decode_fields),
     .meaning = "what the real encoder and decoder did; null: nothing to decode"},
    {FIELD_ANSWERED(validate_result, agrees), .when = field_always, .phrase = verdict_print,
     .meaning = "do all tests hold, and did the decoder neither fail nor refuse? null: undecided"},
    {FIELD(validate_result, why), .meaning = "why there is no law to compare with; null: there is one"},
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

/* Fewer of a design so large that it would take minutes. */
static int64_t decode_trials(const testudo_design *design, int64_t trials)
{
  double most = DECODE_PLACES / fmax(1.0, (double)metrics_entries(design));
  int64_t limit = (int64_t)fmin(DECODE_TRIALS, fmax(DECODE_TRIALS_LEAST, most));
  return trials < limit ? trials : limit;
}

static testudo_status validate_simulate(cli_validated *validated, const cli_arguments *arguments, testudo_error *error)
{
  const cli_cluster *cluster = &validated->cluster;
  const testudo_monitor *monitor = session_progress_start("simulating", arguments);
  testudo_simulation_options options = simulation_options(cluster, arguments, validated->trials, monitor);
  options.rel_error = cli_real(arguments, "rel-error", 0.0);
  options.decode_trials = decodes(validated) ? decode_trials(cluster->design, options.trials) : 0;
  options.dim = cli_integer(arguments, "dim", options.dim);
  TESTUDO_I_TRY(session_progress_end(
      testudo_simulate(cluster->design, &cluster->model, &options, &validated->simulation, error)));
  if (validated->simulation->interrupted)
    return TESTUDO_INTERRUPTED;
  law_result *law = &validated->result.simulate;
  TESTUDO_I_TRY(law_fill_simulation(law, cluster, validated->simulation, NULL, error));
  return law_fill_histogram(law, validated->simulation, error);
}

/* Without a law the simulation and the decoder still run: the answer is undecided. */
static testudo_status find_law(cli_validated *validated, const cli_arguments *arguments, testudo_error *error)
{
  cli_cluster *cluster = &validated->cluster;
  testudo_analysis_options options =
      analysis_options(cluster, arguments, session_progress_start("analysing", arguments));
  testudo_status status = TESTUDO_ERROR_LIMIT;
  if (cluster->model.replay != NULL)
    snprintf(validated->why.text, sizeof validated->why.text, "a replay has no law");
  else
    status = testudo_latency_create(cluster->design, &cluster->model, &options, &validated->latency, &validated->why);
  if (status == TESTUDO_ERROR_LIMIT) {
    validated->result.why = validated->why.text;
    law_fill_unknown(&validated->result.analyze, cluster);
    session_say(arguments, "there is no law to compare with: %s", validated->why.text);
    return session_progress_end(TESTUDO_OK);
  }
  if (status != TESTUDO_OK)
    return session_progress_end(testudo_i_fail(error, status, "%s", validated->why.text));
  /* The curve of the error is drawn before deadlines are chosen for the comparison. */
  TESTUDO_I_TRY(law_fill_analysis(&validated->result.analyze, cluster, validated->latency, error));
  return session_progress_end(choose_deadlines(validated, error));
}

static testudo_status compare_law(cli_validated *validated, const cli_arguments *arguments, testudo_error *error)
{
  const cli_cluster *cluster = &validated->cluster;
  validate_result *result = &validated->result;
  TESTUDO_I_TRY(fill_bins(validated, error));
  TESTUDO_I_TRY(testudo_validate(validated->latency, cluster->design, &cluster->model, validated->simulation,
                                 cluster->times, cluster->time_count, cli_real(arguments, "false-alarm", 1e-6),
                                 &validated->validation, error));
  result->tests = *validated->validation;
  result->agrees = result->tests.agrees;
  return TESTUDO_OK;
}

/* ---- against a replay ---- */

/* The same start-up, messages, signals and failures; what else the model says of workers is in the measured times. */
static testudo_delay_model replayed_model(const cli_validated *validated)
{
  const testudo_delay_model *model = &validated->cluster.model;
  return (testudo_delay_model){.replay = validated->replay, .unit = model->unit, .startup = model->startup,
                               .message = model->message, .signal = model->signal, .failures = model->failures,
                               .failed = model->failed, .fail_prob = model->fail_prob};
}

static testudo_status run_replay(cli_validated *validated, const cli_arguments *arguments, testudo_error *error)
{
  cli_cluster cluster = validated->cluster;
  cluster.model = replayed_model(validated);
  TESTUDO_I_TRY(testudo_delay_check(&cluster.model, cluster_workers(&cluster), error));
  int64_t iterations = testudo_replay_iterations(validated->replay);
  testudo_simulation_options options =
      simulation_options(&cluster, arguments, iterations, session_progress_start("replaying", arguments));
  options.time_count = 0;
  TESTUDO_I_TRY(session_progress_end(
      testudo_simulate(cluster.design, &cluster.model, &options, &validated->measured, error)));
  if (validated->measured->interrupted)
    return TESTUDO_INTERRUPTED;
  cluster.time_count = cluster.by_count = 0;
  testudo_status status = law_fill_simulation(&validated->result.replayed, &cluster, validated->measured, NULL, error);
  validated->result.replayed.head.cluster = &validated->cluster;
  return status;
}

/* What the model says of a quantile, or with q = 0 of the mean. */
static testudo_status ask_model(cli_validated *validated, double q, judged_result *row, testudo_error *error)
{
  const latency_result *analyzed = &validated->result.analyze.latency, *simulated = &validated->result.simulate.latency;
  const testudo_simulation *simulation = validated->simulation;
  bool never = validated->latency == NULL ? simulation->never == simulation->trials : analyzed->p_never >= 1.0;
  row->model = row->model_low = row->model_high = NAN;
  if (never) {
    row->model = row->model_low = row->model_high = HUGE_VAL;
    return TESTUDO_OK;
  }
  if (validated->latency == NULL && q > 0.0) {
    testudo_interval found = testudo_simulation_quantile_interval(simulation, q);
    row->model = found.value;
    row->model_low = found.low;
    row->model_high = found.high;
  } else if (validated->latency == NULL) {
    row->model = simulated->mean;
    row->model_low = simulated->mean - 2.0 * simulated->stderr_mean;
    row->model_high = simulated->mean + 2.0 * simulated->stderr_mean;
  } else if (q > 0.0) {
    TESTUDO_I_TRY(testudo_latency_quantile(validated->latency, q, &row->model_low, &row->model_high, error));
  } else if (analyzed->mean_status != LAW_INFINITE) {
    row->model_low = isfinite(analyzed->mean) ? analyzed->mean - analyzed->abs_error : analyzed->lower;
    row->model_high = isfinite(analyzed->mean) ? analyzed->mean + analyzed->abs_error : analyzed->upper;
    row->model = analyzed->mean;
  }
  /* Equal, or the brackets of a law with atoms. */
  if (isnan(row->model) && validated->latency != NULL && testudo_latency_is_exact(validated->latency))
    row->model = 0.5 * (row->model_low + row->model_high);
  return TESTUDO_OK;
}

/* The whole of what the model can be lies within the interval, or none of it does. */
static int judge_row(const judged_result *row)
{
  if (row->model_high < row->low || row->model_low > row->high)
    return 0;
  bool known = isfinite(row->replay) || row->low == HUGE_VAL; /* measured, or never ended */
  return known && row->model_low >= row->low && row->model_high <= row->high ? 1 : -1;
}

static testudo_status fill_judged(cli_validated *validated, testudo_error *error)
{
  against_result *against = &validated->against;
  law_result *law = &validated->result.replayed;
  const cli_value *wanted = validated->cluster.quantiles;
  const latency_result *measured = &law->latency;
  against->row = testudo_i_arena_calloc(&law->arena, wanted->count + 1, sizeof *against->row);
  TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
  against->rows = wanted->count + 1;
  int known = 0;
  against->within = 1;
  for (size_t k = 0; k < against->rows; k++) {
    judged_result *row = &against->row[k];
    double q = k == 0 ? 0.0 : wanted->reals[k - 1];
    char *name = testudo_i_arena_alloc(&law->arena, 64, 1);
    TESTUDO_I_TRY(testudo_i_arena_check(&law->arena, error));
    snprintf(name, 64, k == 0 ? "mean" : "quantile %.40s", k == 0 ? "" : wanted->item[k - 1]);
    row->quantity = name;
    TESTUDO_I_TRY(ask_model(validated, q, row, error));
    row->replay = k == 0 ? measured->mean : measured->quantiles.value[k - 1];
    row->low = k == 0 ? measured->mean_low : measured->quantiles_low.value[k - 1];
    row->high = k == 0 ? measured->mean_high : measured->quantiles_high.value[k - 1];
    if (validated->measured->never == validated->measured->trials)
      row->replay = row->low = row->high = HUGE_VAL;
    row->difference = row->model / row->replay - 1.0;
    row->within = judge_row(row);
    /* What so few iterations cannot know is no reason to doubt the rest. */
    if (row->within == 0 || (row->within < 0 && against->within > 0 && !isnan(row->replay)))
      against->within = row->within;
    known += row->within >= 0;
  }
  if (known == 0)
    against->within = -1;
  return TESTUDO_OK;
}

/* --replay: what the model predicts beside what was measured. */
static testudo_status judge(cli_validated *validated, testudo_error *error)
{
  validate_result *result = &validated->result;
  if (validated->replay == NULL)
    return TESTUDO_OK;
  validated->against = (against_result){
      .file = testudo_replay_text(validated->replay), .iterations = result->replayed.latency.iterations,
      .workers = testudo_replay_workers(validated->replay), .block = result->replayed.latency.block,
      .method = validated->latency == NULL ? "simulated" : testudo_latency_method(validated->latency)};
  TESTUDO_I_TRY(fill_judged(validated, error));
  result->against = &validated->against;
  /* A rejection stands; where the trials would not show a wrong number, a replay that agrees shows no more. */
  if (result->agrees > 0 || (result->agrees < 0 && (validated->latency == NULL || validated->against.within == 0)))
    result->agrees = validated->against.within;
  return TESTUDO_OK;
}

/* Before the longer work: what cannot be replayed is refused first. */
static testudo_status open_replay(cli_validated *validated, const cli_arguments *arguments, testudo_error *error)
{
  const char *path = cli_text(arguments, "replay", NULL);
  if (path == NULL)
    return TESTUDO_OK;
  if (validated->cluster.model.replay != NULL)
    return cli_refuse(error, "--replay tests a model, but --delay replay: is not a model; give a law with --delay");
  testudo_trace_options reading;
  TESTUDO_I_TRY(cli_reading(arguments, &reading, error));
  testudo_status status = testudo_i_replay_read_as(path, &reading, &validated->replay, error);
  TESTUDO_I_TRY(input_explain(status, path, INPUT_TRACE, error));
  return run_replay(validated, arguments, error);
}

static testudo_status validate_measure(cli_validated *validated, const cli_arguments *arguments, testudo_error *error)
{
  TESTUDO_I_TRY(find_law(validated, arguments, error));
  TESTUDO_I_TRY(validate_simulate(validated, arguments, error));
  static testudo_check none; /* a list without tests */
  validated->result.agrees = -1;
  validated->result.tests = (testudo_validation){
      .check = &none, .false_alarm = NAN, .detects_mean = NAN, .detects_probability = NAN};
  validated->result.decode = decodes(validated) ? &validated->simulation->decode : NULL;
  const testudo_decode_report *decode = &validated->simulation->decode;
  if (validated->latency != NULL)
    TESTUDO_I_TRY(compare_law(validated, arguments, error));
  else if (!decoder_kept(decode))
    validated->result.agrees = 0;
  else if (validated->cluster.model.replay != NULL && decode->decodes > 0)
    validated->result.agrees = 1;
  return judge(validated, error);
}

static testudo_status validate_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  cli_validated *validated = context;
  TESTUDO_I_TRY(cluster_open(&validated->cluster, arguments, error));
  TESTUDO_I_TRY(simulation_take_trials(&validated->cluster, arguments, &validated->trials, error));
  TESTUDO_I_TRY(open_replay(validated, arguments, error));
  TESTUDO_I_TRY(validate_measure(validated, arguments, error));
  head_fill(&validated->result.head, &validated->cluster);
  TESTUDO_I_TRY(report_write(arguments, validate_fields, validated, error));
  if (validated->result.agrees < 0)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "undecided: %s",
                          validated->validation != NULL && validated->validation->agrees < 0
                              ? "so few trials would not show a wrong number; add trials"
                          : validated->replay != NULL ? "the replay's intervals do not tell"
                                                      : "there is no law to compare the simulation with");
  return validated->result.agrees ? TESTUDO_OK : SESSION_CLAIM_FAILED;
}

static void validate_clear(void *context)
{
  cli_validated *validated = context;
  testudo_i_arena_clear(&validated->result.analyze.arena);
  testudo_i_arena_clear(&validated->result.simulate.arena);
  testudo_i_arena_clear(&validated->result.replayed.arena);
  testudo_simulation_free(validated->measured);
  testudo_replay_free(validated->replay);
  testudo_validation_free(validated->validation);
  testudo_simulation_free(validated->simulation);
  testudo_latency_free(validated->latency);
  cluster_close(&validated->cluster);
}

static const cli_option own_options[] = {
    {.name = "false-alarm", .value = "p", .kind = CLI_REAL, .ends = CLI_OPEN, .least = 0, .most = 1, .preset = "1e-6",
     .help = "Probability, at most, that any test of analysis against simulation fails though all is well."},
    {.name = "replay", .value = "FILE.csv", .kind = CLI_FILE,
     .help = "Test the model of --delay against these measured iterations, run again as they were: its mean and"
             " quantiles beside those of the replay with their 95 % intervals."},
    {.name = "dim", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 16777216,
     .preset = "16, of designs of over 100000 chunks 1",
     .help = "Length of the chunk gradients to encode and decode."},
    {.name = NULL},
};

static const cli_option *const groups[] = {cluster_model_options, cli_reading_options, cluster_report_options,
                                           analysis_own_options, simulation_trial_options, own_options,
                                           report_options, cli_seed_options, cli_threads_options, cli_common_options,
                                           NULL};

const cli_command command_validate = {
    .name = "validate", .operands = "DESIGN.json", .least_operands = 1, .most_operands = 1,
    .summary = "Analyse, simulate and decode a design, and test whether the results agree.",
    .details = "Tests P(T<=t) at nine quantiles, P(never), mean and standard deviation where the law has the"
               " moments for it and no heavier tail than the trials can bear, and the error at the times of --at (by"
               " default, at a few times across the law). Tests against bounds are one-sided. The real encoder and"
               " decoder run on the first 2000 trials; of a design whose workers hold more than 40000 chunks together,"
               " copies counted, on fewer, down to 10. Exits with 1 if any test fails, or the decoder fails or refuses"
               " a trial that the rule of the scheme calls decodable, and with 4 where nothing is decided: there is no"
               " law to compare with (the simulation and the decoder still run), or so few trials that a mean wrong by"
               " 25 % or a P(T<=t) wrong by 0.25 may go unnoticed. With --replay, the model's prediction (simulated"
               " where there is no law) stands beside measured iterations, with the model's start-up, messages,"
               " signals and failures; exits with 1 also where the model lies outside an interval, and with 4 where"
               " bounds or few iterations cannot tell. With --delay replay:FILE.csv the decoder alone is tested.",
    .example = "testudo validate design.json --delay exp:1\n"
               "testudo validate design.json --delay shifted-exp:0.5,1 --failed 2 --json -o validation.json\n"
               "testudo validate design.json --delay trace:trace.csv --replay trace.csv",
    .groups = groups, .result = validate_fields, .replays = true,
    .run = validate_run, .room = sizeof(cli_validated), .clear = validate_clear,
};
