/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo simulate */
#include "commands.h"

#include <math.h>

#include <testudo/rare.h>

#include "base/error.h"
#include "common/law.h"
#include "common/session.h"
#include "common/output.h"
#include "common/resume.h"
#include "option/reading.h"
#include "runtime/scheme/scheme.h"

/* How much earlier partial would have ended than a nested code. */
typedef struct gain_result {
  int64_t trials, only_partial;
  double mean, stderr_mean, sample_mean, equal;
  int mean_status;
  field_map quantiles;
} gain_result;

typedef struct combined_result {
  const char *decoder;
  int64_t count;
  const double *t, *mse;
} combined_result;

typedef struct rare_result {
  int64_t trials, count;
  const double *t, *p, *stderr_p, *low, *high, *union_bound;
} rare_result;

typedef struct simulate_result {
  law_result law;
  const latency_result *bounds; /* of the law, where they were asked for */
  double round_up;
  int rel_error_reached;         /* -1: not asked for */
  const gain_result *partial_gain;
  const testudo_decode_report *decode;
  const char *decoder;
  const combined_result *combined;
  const rare_result *rare;
  bool interrupted, out_of_time;
} simulate_result;

typedef struct cli_simulated {
  simulate_result result;
  cli_cluster cluster;
  testudo_simulation *simulation;
  testudo_partial_gain *gain;
  testudo_latency *latency;
  latency_result analyzed; /* with bounds */
  gain_result gained;
  work_result work;
  combined_result combined;
  rare_result rare;
  testudo_decoder decoder;
  resume_file kept;
  testudo_status saved;    /* of these, and why they were not: the result is written all the same */
  testudo_error unsaved;
  const testudo_monitor *bar;
  double limit;            /* seconds; 0: none */
  int64_t trials;
  bool decoded;
} cli_simulated;

/* ---- fields ---- */

static const field bounds_fields[] = {
    {FIELD(latency_result, lower), .unit = "s", .meaning = "lower bound of the mean"},
    {FIELD(latency_result, upper), .unit = "s", .meaning = "upper bound of the mean; null: none"},
    {.key = NULL},
};

static void gain_print(FILE *text, const void *result)
{
  const gain_result *gain = result;
  if (gain->mean_status == LAW_INFINITE)
    fields_line(text, "partial is", "earlier by a gain of infinite mean: the sample mean, %.9g s, says nothing;",
                gain->sample_mean);
  else if (isnan(gain->stderr_mean))
    fields_line(text, "partial is", "%.9g s earlier,", gain->mean);
  else
    fields_line(text, "partial is", "%.9g +- %.2g s earlier,", gain->mean, gain->stderr_mean);
  fprintf(text, " equal in %.4g of the trials\n", gain->equal);
}

static bool gain_has_line(const void *result)
{
  return ((const gain_result *)result)->trials > 0;
}

static const field gain_fields[] = {
    {FIELD(gain_result, trials), .meaning = "trials in which both end"},
    {FIELD_AS("only_partial_ends", gain_result, only_partial), .meaning = "trials in which partial alone ends"},
    {FIELD(gain_result, mean), .unit = "s", .when = gain_has_line, .phrase = gain_print,
     .meaning = "how much earlier partial ends on average"},
    {FIELD_ENUM("mean_status", gain_result, mean_status, law_words), .meaning = "what the mean is"},
    {FIELD_AS("stderr", gain_result, stderr_mean), .unit = "s", .meaning = "its standard error"},
    {FIELD(gain_result, sample_mean), .unit = "s", .meaning = "mean of the trials"},
    {FIELD(gain_result, equal), .meaning = "share of the trials in which both end at once"},
    {FIELD(gain_result, quantiles), .label = "gain, quantile", .unit = "s", .meaning = "quantiles of the gain"},
    {.key = NULL},
};

static const field combined_fields[] = {
    {FIELD(combined_result, decoder), .meaning = "the decoder"},
    {FIELD_LIST("t", combined_result, t, count), .label = "t", .unit = "s", .meaning = "deadlines"},
    {FIELD_LIST("mse", combined_result, mse, count), .label = "measured mse",
     .meaning = "mean of ||estimate - gradient||^2 / dim over real gradients"},
    {.key = NULL},
};

static const field rare_fields[] = {
    {FIELD(rare_result, trials), .meaning = "trials at each time, in which some row is late"},
    {FIELD_LIST("t", rare_result, t, count), .label = "t", .unit = "s", .meaning = "the times of --rare"},
    {FIELD_LIST("p", rare_result, p, count), .label = "P(T > t)",
     .meaning = "P(T > t), iterations that never end among them"},
    {FIELD_LIST("stderr", rare_result, stderr_p, count), .label = "std error", .meaning = "its standard error"},
    {FIELD_LIST("low", rare_result, low, count), .label = "from", .meaning = "lower end of its 95 % interval"},
    {FIELD_LIST("high", rare_result, high, count), .label = "to", .meaning = "upper end of its 95 % interval"},
    {FIELD_LIST("union_bound", rare_result, union_bound, count), .label = "at most",
     .meaning = "P(T > t) is at most this for certain: the sum over the chunks, or whatever the scheme waits for"},
    {.key = NULL},
};

static const cli_simulated *simulated_of(const void *result)
{
  return result; /* its first member */
}

static void bounds_print(FILE *text, const void *result)
{
  fields_label(text, "mean");
  law_print_mean(text, simulated_of(result)->result.bounds, &simulated_of(result)->result.law.latency);
  fputc('\n', text);
}

static bool missed_rel_error(const void *result)
{
  return simulated_of(result)->result.rel_error_reached == 0;
}

static void rel_error_print(FILE *text, const void *result)
{
  const testudo_simulation *simulation = simulated_of(result)->simulation;
  fprintf(text, "\n--rel-error was not reached: %lld trials give the mean to within %.2g of it\n",
          (long long)simulation->trials, simulation->stderr_mean / simulation->mean);
}

static void rare_heading(FILE *text, const void *result)
{
  fprintf(text, "\nvery late iterations, by %lld trials at each time given that something is late (95 %% intervals)\n",
          (long long)simulated_of(result)->rare.trials);
}

static void gain_heading(FILE *text, const void *result)
{
  fprintf(text, "\nnested (a working model) beside partial(l=1) at equal load, on the same %lld trials\n",
          (long long)simulated_of(result)->gain->trials);
}

static void print_decode(FILE *text, const void *result)
{
  const cli_simulated *simulated = simulated_of(result);
  const testudo_decode_report *decode = &simulated->simulation->decode;
  if (simulated->result.combined == NULL) {
    decode_print(text, decode);
    return;
  }
  fprintf(text, "\nplain sums encoded and combined, %s decoding: %lld estimates, %lld failures\n",
          simulated->combined.decoder, (long long)decode->decodes, (long long)decode->failures);
  fprintf(text, "  largest distance from sum c_i g_i %.3g of the gradient, largest norm of the weights %.3g\n",
          decode->max_rel_error, decode->max_amplification);
}

static const field simulate_fields[] = {
    {FIELD_SAME(head_fields)},
    {FIELD_BEHIND("bounds", simulate_result, bounds, bounds_fields), .phrase = bounds_print,
     .meaning = "rigorous bounds of the mean, with --bounds and where no law is exact"},
    {FIELD(simulate_result, interrupted), .said = "interrupted: these numbers are of the trials that ran\n",
     .meaning = "was it interrupted? Then the numbers are of the trials that ran"},
    {FIELD(simulate_result, out_of_time), .said = "--time-limit: these numbers are of the trials that ran\n",
     .meaning = "did --time-limit end it? Then the numbers are of the trials that ran"},
    {FIELD_SAME(law_fields)},
    {FIELD_ANSWERED(simulate_result, rel_error_reached), .when = missed_rel_error, .phrase = rel_error_print,
     .meaning = "did the mean become as accurate as --rel-error asks? null: not asked"},
    {FIELD(simulate_result, round_up), .unit = "s", .meaning = "completion times are rounded up to multiples; 0: not"},
    {FIELD_BEHIND("partial_gain", simulate_result, partial_gain, gain_fields), .phrase = gain_heading,
     .meaning = "nested: what partial(l=1) would gain on the same trials"},
    {FIELD_BEHIND("rare", simulate_result, rare, rare_fields), .phrase = rare_heading, .columns = true,
     .meaning = "P(T > t) however small, with --rare"},
    {FIELD_BEHIND("decode", simulate_result, decode, decode_fields), .phrase = print_decode,
     .meaning = "what the real encoder and decoder did, with --decode"},
    {FIELD(simulate_result, decoder), .meaning = "--decoder, where it was given"},
    {FIELD_BEHIND("combined", simulate_result, combined, combined_fields), .columns = true, .label = "",
     .meaning = "plain sums encoded and combined at the deadlines"},
    {.key = NULL},
};

/* ---- work ---- */

/* The times stand as the rule gives them, although the decoder would not have ended there. */
static void warn_of_refused(const cli_simulated *simulated, const cli_arguments *arguments)
{
  const testudo_decode_report *decode = &simulated->simulation->decode;
  if (decode->refused > 0)
    session_say(arguments, "the decoder refused %lld of %lld trials that are decodable by rule: T is too early in them;"
                           " see testudo check", (long long)decode->refused, (long long)decode->decodes);
}

/* The progress bar's step, and the time limit's. */
static bool simulate_step(void *context, double fraction)
{
  cli_simulated *simulated = context;
  fraction = session_part(simulated->limit, fraction);
  simulated->result.out_of_time = session_out_of_time(simulated->limit);
  return simulated->bar->step(simulated->bar->context, fraction) && !simulated->result.out_of_time;
}

static testudo_status fail_without_trials(const cli_simulated *simulated, testudo_status status, testudo_error *error)
{
  if (status == TESTUDO_INTERRUPTED && simulated->result.out_of_time && !session_stopped())
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "--time-limit: no trials were done in %g s", simulated->limit);
  return status;
}

/* Draws that a file has, and those that are left; whatever ended them, the file has them too. */
static testudo_status draw_trials(cli_simulated *simulated, const testudo_simulation_options *options,
                                  const cli_arguments *arguments, testudo_error *error)
{
  const cli_cluster *cluster = &simulated->cluster;
  resume_file *kept = &simulated->kept;
  TESTUDO_I_TRY(resume_open(kept, cluster, arguments, options, error));
  testudo_status status = testudo_i_draws_simulate(cluster->design, &cluster->model, options, &kept->given,
                                                   kept->given.trials > 0, kept->path != NULL ? &kept->all : NULL,
                                                   &simulated->simulation, error);
  TESTUDO_I_TRY(fail_without_trials(simulated, session_progress_end(status), error));
  simulated->saved = resume_save(kept, &simulated->unsaved);
  return TESTUDO_OK;
}

static testudo_status simulate_trials(cli_simulated *simulated, const cli_arguments *arguments, testudo_error *error)
{
  const cli_cluster *cluster = &simulated->cluster;
  simulate_result *result = &simulated->result;
  const testudo_monitor monitor = {simulate_step, simulated};
  testudo_simulation_options options = simulation_options(cluster, arguments, simulated->trials, &monitor);
  simulated->bar = session_progress_start("simulating", arguments);
  options.rel_error = cli_real(arguments, "rel-error", 0.0);
  options.round_up = result->round_up = cli_real(arguments, "round-up", 0.0);
  options.decode_trials = simulated->decoded ? options.trials : 0;
  options.dim = cli_integer(arguments, "dim", options.dim);
  options.decoder = cli_given(arguments, "decoder") ? simulated->decoder : TESTUDO_DECODER_EXACT;
  options.combine = cli_given(arguments, "decoder") && simulated->decoded;
  TESTUDO_I_TRY(draw_trials(simulated, &options, arguments, error));
  result->interrupted = simulated->simulation->interrupted && session_stopped();
  /* Out of time is who has fewer trials, or decoded fewer, than were asked for. */
  result->out_of_time = simulated->simulation->interrupted && !result->interrupted &&
                        (simulated->simulation->trials < options.trials || simulated->decoded);
  result->rel_error_reached = -1;
  if (options.rel_error > 0.0)
    result->rel_error_reached = simulated->simulation->stderr_mean <= options.rel_error * simulated->simulation->mean;
  return law_fill_simulation(&result->law, cluster, simulated->simulation, NULL, error);
}

/* The nested code waits for one of the s + 1 workers it cannot do without, s the largest tolerance, while partial has
   ended: those are s + 1 workers that are no arc, of which there are some where 1 <= s <= n - 3. */
static bool gain_is_infinite(const cli_cluster *cluster)
{
  int32_t blocking = testudo_design_max_load(cluster->design);
  return blocking >= 2 && blocking <= testudo_design_workers(cluster->design) - 2 &&
         cluster_tail_index(cluster) <= 1.0;
}

static testudo_status fill_gain(cli_simulated *simulated, testudo_error *error)
{
  static char *shown[] = {"0.5", "0.9", "0.99"};
  static const double at[] = {0.5, 0.9, 0.99};
  enum { SHOWN = sizeof at / sizeof *at };
  const testudo_partial_gain *gain = simulated->gain;
  bool infinite = gain_is_infinite(&simulated->cluster);
  bool spread = !infinite && simulated->cluster.model.replay == NULL;
  double *quantile = testudo_i_arena_calloc(&simulated->result.law.arena, SHOWN, sizeof *quantile);
  TESTUDO_I_TRY(testudo_i_arena_check(&simulated->result.law.arena, error));
  for (size_t k = 0; k < SHOWN; k++)
    quantile[k] = testudo_partial_gain_quantile(gain, at[k]);
  simulated->gained = (gain_result){
      .trials = gain->count, .only_partial = gain->only_partial, .mean = infinite ? NAN : gain->mean,
      .stderr_mean = spread ? gain->mean_stderr : NAN, .sample_mean = gain->mean, .equal = gain->equal,
      .mean_status = infinite ? LAW_INFINITE : isfinite(gain->mean) ? LAW_SIMULATED : LAW_UNKNOWN,
      .quantiles = {SHOWN, shown, quantile}};
  simulated->result.partial_gain = &simulated->gained;
  return TESTUDO_OK;
}

/* A nested code's costs, and its gain by partial, of the trials that ran, or of as many of them as are kept: drawn once
   more, so not of a long simulation that goes on from a file. */
static testudo_status measure_nested(cli_simulated *simulated, const cli_arguments *arguments, testudo_error *error)
{
  const cli_cluster *cluster = &simulated->cluster;
  testudo_i_arena *arena = &simulated->result.law.arena;
  if (!testudo_i_scheme_of(cluster->design)->beside_partial || simulated->simulation->interrupted ||
      simulated->kept.path != NULL)
    return TESTUDO_OK;
  int32_t workers = testudo_design_workers(cluster->design);
  testudo_work work;
  int64_t ran = simulated->simulation->trials;
  testudo_simulation_options options = simulation_options(
      cluster, arguments, ran < TESTUDO_SKETCHED_BEYOND ? ran : TESTUDO_SKETCHED_BEYOND, NULL);
  options.worker_chunks = testudo_i_arena_calloc(arena, (size_t)workers, sizeof(double));
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  TESTUDO_I_TRY(testudo_simulate_partial_gain(cluster->design, &cluster->model, &options, &simulated->gain, error));
  TESTUDO_I_TRY(testudo_simulate_work(cluster->design, &cluster->model, &options, &work, error));
  simulated->work = work_of(&work, cluster, options.worker_chunks);
  simulated->result.law.work = &simulated->work;
  return fill_gain(simulated, error);
}

/* --decoder, which weights plain sums. */
static testudo_status take_decoder(cli_simulated *simulated, const cli_arguments *arguments, testudo_error *error)
{
  const cli_cluster *cluster = &simulated->cluster;
  simulated->decoded = cli_given(arguments, "decode");
  simulated->decoder = (testudo_decoder)(TESTUDO_DECODER_OPTIMAL + cli_choice(arguments, "decoder", 0));
  if (!cli_given(arguments, "decoder"))
    return TESTUDO_OK;
  simulated->result.decoder = testudo_decoder_name(simulated->decoder);
  if (!testudo_i_takes_plain_sums(cluster->design) ||
      testudo_design_parts(cluster->design) != 1 || cluster->report != TESTUDO_REPORT_WHOLE)
    return cli_refuse(error, "--decoder applies only to scheme partial with one part and --report whole");
  if (cluster->time_count == 0)
    return cli_refuse(error, "--decoder applies to the error at deadlines only: add --at t1,t2,..");
  return TESTUDO_OK;
}

static void fill_decode(cli_simulated *simulated)
{
  const testudo_simulation *simulation = simulated->simulation;
  if (simulated->decoded)
    simulated->result.decode = &simulation->decode;
  if (simulation->combined_mse == NULL)
    return;
  simulated->combined = (combined_result){.decoder = testudo_decoder_name(simulated->decoder),
                                          .count = simulation->time_count, .t = simulated->cluster.times,
                                          .mse = simulation->combined_mse};
  simulated->result.combined = &simulated->combined;
}

/* What knows of the law more than its trials. */
static testudo_status check_law_options(const cli_cluster *cluster, const cli_arguments *arguments,
                                        testudo_error *error)
{
  bool bounds = cli_given(arguments, "bounds");
  const char *name = bounds ? "bounds" : "rare";
  if (!cli_given(arguments, name))
    return TESTUDO_OK;
  if (cli_given(arguments, "round-up"))
    return cli_refuse(error, "--%s does not apply to times that are rounded up (--round-up)", name);
  if (cluster->model.replay != NULL)
    return cli_refuse(error, "--%s does not apply to a replay, %s", name,
                      bounds ? "whose workers are not independent"
                             : "which has only the iterations that were measured");
  return TESTUDO_OK;
}

/* Where no law is exact, the bounds say how far to trust the simulation. They can cost far more than it, so that they
   are asked for. A model without bounds is no mistake here. */
static testudo_status find_bounds(cli_simulated *simulated, const cli_arguments *arguments, testudo_error *error)
{
  const cli_cluster *cluster = &simulated->cluster;
  testudo_analysis_options options = {.report = cluster->report, .max_states = 200000, .rel_error = 1e-6,
                                      .monitor = session_progress_start("bounding", arguments)};
  TESTUDO_I_TRY(testudo_latency_create(cluster->design, &cluster->model, &options, &simulated->latency, error));
  if (testudo_latency_is_exact(simulated->latency))
    return TESTUDO_OK;
  TESTUDO_I_TRY(law_fill_summary(&simulated->analyzed, cluster, simulated->latency, error));
  simulated->result.bounds = &simulated->analyzed;
  return TESTUDO_OK;
}

static testudo_rare_options rare_options(const cli_simulated *simulated, const cli_arguments *arguments)
{
  return (testudo_rare_options){.report = simulated->cluster.report, .trials = simulated->trials,
                                .seed = simulated->cluster.seed, .threads = session_threads(arguments)};
}

/* Before the trials: what is refused is refused at once. */
static testudo_status check_rare_model(const cli_simulated *simulated, const cli_arguments *arguments,
                                       testudo_error *error)
{
  const cli_cluster *cluster = &simulated->cluster;
  const testudo_rare_options options = rare_options(simulated, arguments);
  if (cli_get(arguments, "rare")->count == 0)
    return TESTUDO_OK;
  return testudo_rare_tail(cluster->design, &cluster->model, &options, NULL, 0, NULL, error);
}

static testudo_status measure_rare(cli_simulated *simulated, const cli_arguments *arguments, testudo_error *error)
{
  enum { COLUMNS = 6 };
  const cli_cluster *cluster = &simulated->cluster;
  testudo_i_arena *arena = &simulated->result.law.arena;
  size_t count = cli_get(arguments, "rare")->count;
  const double *times = cli_get(arguments, "rare")->reals;
  if (count == 0)
    return TESTUDO_OK;
  testudo_rare *found = testudo_i_arena_calloc(arena, count, sizeof *found);
  double *column = testudo_i_arena_calloc(arena, count, COLUMNS * sizeof *column);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  testudo_rare_options options = rare_options(simulated, arguments);
  options.monitor = session_progress_start("rare tails", arguments);
  testudo_status status = session_progress_end(
      testudo_rare_tail(cluster->design, &cluster->model, &options, times, count, found, error));
  simulated->result.interrupted = status == TESTUDO_INTERRUPTED;
  TESTUDO_I_TRY(status);
  for (size_t k = 0; k < count; k++) {
    const double value[COLUMNS] = {found[k].t,   found[k].p,    found[k].stderr_p,
                                   found[k].low, found[k].high, found[k].union_bound};
    for (size_t c = 0; c < COLUMNS; c++)
      column[c * count + k] = value[c];
  }
  simulated->rare = (rare_result){.trials = options.trials, .count = (int64_t)count, .t = column,
                                  .p = column + count, .stderr_p = column + 2 * count, .low = column + 3 * count,
                                  .high = column + 4 * count, .union_bound = column + 5 * count};
  simulated->result.rare = &simulated->rare;
  return TESTUDO_OK;
}

static testudo_status simulate_measure(cli_simulated *simulated, const cli_arguments *arguments, testudo_error *error)
{
  TESTUDO_I_TRY(check_rare_model(simulated, arguments, error));
  TESTUDO_I_TRY(simulate_trials(simulated, arguments, error));
  TESTUDO_I_TRY(measure_nested(simulated, arguments, error));
  fill_decode(simulated);
  TESTUDO_I_TRY(law_fill_histogram(&simulated->result.law, simulated->simulation, error));
  /* Whoever interrupts wants no more work, but what there is. */
  if (simulated->result.interrupted)
    return TESTUDO_INTERRUPTED;
  if (simulated->result.out_of_time)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "--time-limit: %lld of %lld trials were done in %g s%s",
                          (long long)simulated->simulation->trials, (long long)simulated->trials, simulated->limit,
                          simulated->kept.path != NULL ? "; the same command goes on" : "");
  TESTUDO_I_TRY(measure_rare(simulated, arguments, error));
  if (!cli_given(arguments, "bounds"))
    return TESTUDO_OK;
  testudo_status status = session_progress_end(find_bounds(simulated, arguments, error));
  return status == TESTUDO_ERROR_ARGUMENT || status == TESTUDO_ERROR_LIMIT ? TESTUDO_OK : status;
}

static testudo_status simulate_run(const cli_arguments *arguments, void *context, testudo_error *error)
{
  cli_simulated *simulated = context;
  if (cli_given(arguments, "dim") && !cli_given(arguments, "decode"))
    return cli_refuse(error, "--dim requires --decode");
  TESTUDO_I_TRY(cluster_open(&simulated->cluster, arguments, error));
  TESTUDO_I_TRY(check_law_options(&simulated->cluster, arguments, error));
  TESTUDO_I_TRY(take_decoder(simulated, arguments, error));
  TESTUDO_I_TRY(simulation_take_trials(&simulated->cluster, arguments, &simulated->trials, error));
  simulated->limit = cli_real(arguments, "time-limit", 0.0);
  testudo_status found = simulate_measure(simulated, arguments, error);
  bool stopped = found == TESTUDO_INTERRUPTED || (found == TESTUDO_ERROR_LIMIT && simulated->result.out_of_time);
  if (!stopped || simulated->simulation == NULL)
    TESTUDO_I_TRY(found);
  TESTUDO_I_TRY(report_write(arguments, simulate_fields, simulated, error));
  warn_of_refused(simulated, arguments);
  if (simulated->saved != TESTUDO_OK) {
    *error = simulated->unsaved;
    return simulated->saved;
  }
  if (found == TESTUDO_OK && simulated->result.rel_error_reached == 0)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT, "--rel-error was not reached in %lld trials; raise --trials",
                          (long long)simulated->simulation->trials);
  return found;
}

static void simulate_clear(void *context)
{
  cli_simulated *simulated = context;
  resume_clear(&simulated->kept);
  testudo_i_arena_clear(&simulated->result.law.arena);
  testudo_latency_free(simulated->latency);
  testudo_partial_gain_free(simulated->gain);
  testudo_simulation_free(simulated->simulation);
  cluster_close(&simulated->cluster);
}

static const cli_option own_options[] = {
    {.name = "time-limit", .value = "s", .kind = CLI_REAL, .ends = CLI_OPEN_BELOW, .least = 0, .most = 1e7,
     .preset = "none", .hidden_command = true,
     .help = "Seconds of the whole run after which the trials stop; the result is of those that ran, and the exit code"
             " is 4."},
    {.name = "resume", .value = "FILE", .kind = CLI_OUTPUT,
     .help = "Keep the draws in FILE, 8 bytes per trial, 16 in memory, and go on from those that it has: the same"
             " command again, after Ctrl-C, --time-limit or with more trials, draws only what is missing and gives the"
             " numbers of one run. Other --quantiles and --by cost no draws. Scheme nested has no work and gain then."},
    {.name = "round-up", .value = "STEP", .kind = CLI_REAL, .ends = CLI_OPEN_BELOW, .least = 0, .most = HUGE_VAL,
     .help = "Round every completion time up to a multiple of STEP seconds."},
    {.name = "bounds", .kind = CLI_FLAG,
     .help = "Print rigorous bounds beside the simulated mean if the design has no exact law (see analyze). They may"
             " take longer than the trials."},
    {.name = "rare", .value = "t1,t2,..", .kind = CLI_REALS, .increasing = true, .least = 0, .most = HUGE_VAL,
     .help = "Also P(T > t) at these times, however small, to 1e-300: --trials draws at each, given that some chunk is"
             " late. Not for scheme nested, nor where the model has no law of a worker's progress."},
    {.name = "decode", .kind = CLI_FLAG,
     .help = "Run the real encoder and decoder on every trial and compare with the true gradient."},
    {.name = "decoder", .value = "WORD", .kind = CLI_CHOICE, .choices = "optimal one-step component",
     .preset = "optimal",
     .help = "For approximate codes (scheme partial, one part, --report whole): how the server weights the plain sums"
             " of the finished workers at the deadlines --at. With --decode, real sums are encoded and combined."},
    {.name = "dim", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 16777216,
     .preset = "16, of designs of over 100000 chunks 1",
     .help = "Length of the chunk gradients drawn for --decode."},
    {.name = NULL},
};

static const cli_option *const groups[] = {cluster_model_options, cli_reading_options, cluster_report_options,
                                           cluster_by_options, simulation_trial_options, own_options, report_options,
                                           cli_seed_options, cli_threads_options, cli_common_options, NULL};

const cli_command command_simulate = {
    .name = "simulate", .operands = "DESIGN.json", .least_operands = 1, .most_operands = 1,
    .summary = "Completion time and error of a design by Monte Carlo.",
    .details = "The numbers depend on the seed and the number of"
               " trials, never on the number of threads. Quantiles have 95 % intervals, by order statistics; those with"
               " fewer than three trials expected beyond them are not known (null). What no trial showed has an upper"
               " limit with confidence 0.95. Of more than 10000000 trials a sketch of their times is kept, with"
               " --resume 16 bytes of each besides and with --decode 8; work and gain of scheme nested are of the first"
               " 10000000. Exits with 4 where --rel-error was not reached within --trials. When"
               " interrupted, the command writes the result of the completed trials and exits with 130. An undecodable"
               " trial is one that never ends. A failure is a trial that the rule of the scheme calls decodable,"
               " although the decoder refused it or its relative error exceeds max(1e-9, 100 eps amplification)."
               " Trials that the decoder refused because their workers' coefficients are singular or badly conditioned"
               " are counted separately, with a warning: T is too early in them. A replay runs its measured"
               " iterations, each once, and states 95 % intervals by a bootstrap of blocks of consecutive iterations:"
               " they are not independent trials.",
    .example = "testudo simulate design.json --delay exp:1 --trials 1000000 --at 1,2,4\n"
               "testudo simulate design.json --delay exp:1 --trials 1000 --decode --dim 64 --json",
    .groups = groups, .result = simulate_fields, .replays = true,
    .run = simulate_run, .room = sizeof(cli_simulated), .clear = simulate_clear,
};
