/* SPDX-License-Identifier: GPL-3.0-or-later */
/* testudo sgd */
#include "commands.h"

#include <math.h>

#include "base/error.h"
#include "common/output.h"
#include "common/session.h"
#include "delay/delay_json.h"
#include "delay/model.h"
#include "option/reading.h"
#include "sgd/learn/learn.h"
#include "option/spec.h"
#include "sgd/sgd.h"

/* ---- cluster ---- */

/* --workers, or as many as the rates, the classes or the file of the model have. */
static testudo_status take_workers(cli_sgd *sgd, testudo_error *error)
{
  const cli_arguments *arguments = sgd->arguments;
  const cli_value *delay = cli_get(arguments, "delay"), *rates = cli_get(arguments, "rates");
  int64_t workers = cli_integer(arguments, "workers", 0), of_classes = 0;
  CLI_EACH_GIVEN(at, arguments, "class")
    of_classes += at->integer;
  if (workers == 0 && rates->given)
    workers = (int64_t)rates->count;
  if (workers == 0)
    workers = of_classes;
  if (workers == 0 && delay->terms != NULL)
    workers = delay->terms->workers;
  if (workers == 0 && delay->replay != NULL)
    workers = testudo_replay_workers(delay->replay);
  if (workers == 0)
    return cli_refuse(error, "--workers is missing");
  sgd->cluster.workers = (int32_t)workers;
  sgd->cluster.seed = (uint64_t)cli_integer(arguments, "seed", 1);
  return TESTUDO_OK;
}

/* --bandwidth makes a law of messages: dim floats take dim / bandwidth seconds. */
static testudo_status take_bandwidth(cli_sgd *sgd, testudo_error *error)
{
  const cli_arguments *arguments = sgd->arguments;
  sgd->result.bandwidth = cli_real(arguments, "bandwidth", NAN);
  if (!cli_given(arguments, "bandwidth"))
    return TESTUDO_OK;
  if (sgd->cluster.model.message != NULL)
    return cli_refuse(error, "--bandwidth and --message both say how long a message takes");
  if (sgd->runtime && !cli_given(arguments, "dim"))
    return cli_refuse(error, "--bandwidth with --runtime needs --dim, the floats of a message");
  char text[64];
  snprintf(text, sizeof text, "deterministic:%.17g", (double)sgd_dim(sgd) / sgd->result.bandwidth);
  TESTUDO_I_TRY(testudo_law_parse(text, &sgd->bandwidth, error));
  sgd->cluster.model.message = sgd->bandwidth;
  return TESTUDO_OK;
}

/* Chunks of different size in one comparison need a law of shares. */
static testudo_status check_units(const cli_sgd *sgd, testudo_error *error)
{
  double first = NAN;
  for (int32_t m = 0; m < sgd->methods && sgd->cluster.model.unit == TESTUDO_UNIT_CHUNK; m++) {
    const testudo_design *design = sgd->wanted[m].design;
    double share = design == NULL ? 1.0 / (double)sgd->result.blocks
                                  : (double)sgd->cluster.workers / testudo_design_chunks(design);
    if (isnan(first))
      first = share;
    else if (share != first)
      return cli_refuse(error, "the chunks of %s are %g of a worker's share of the data, those of %s %g: say with"
                        " --unit share that --delay is the time of a whole share", sgd->wanted[m].text, share,
                        sgd->wanted[0].text, first);
  }
  return TESTUDO_OK;
}

/* ---- defaults that need the data ---- */

static void complete_compressors(cli_sgd *sgd)
{
  size_t dim = sgd_dim(sgd);
  for (int32_t m = 0; m < sgd->methods; m++) {
    testudo_sgd_method *method = &sgd->wanted[m].method;
    if (!testudo_sgd_compresses(method->kind) || sgd->wanted[m].compressor)
      continue;
    bool biased = method->kind == TESTUDO_SGD_COCO_EF || method->kind == TESTUDO_SGD_COCO_NO_MEMORY;
    method->compressor = biased ? TESTUDO_COMPRESSOR_TOP_K : TESTUDO_COMPRESSOR_RANDOM_K;
    method->size = dim >= 10 ? dim / 10 : 1;
  }
}

static void complete_methods(cli_sgd *sgd)
{
  double end = sgd->times[sgd->time_count - 1];
  for (int32_t m = 0; m < sgd->methods; m++) {
    testudo_sgd_method *method = &sgd->wanted[m].method;
    if (isnan(method->step))
      method->step = 0.5 / sgd->constants.smooth;
    if (method->interval == 0.0)
      method->interval = end / 50.0;
    if (method->spread == 0.0)
      method->spread = method->step / 200.0;
    sgd->method[m] = *method;
  }
}

/* --time, or until --bits are spent, or 200 updates of full synchronous SGD. */
static testudo_status take_times(cli_sgd *sgd, testudo_error *error)
{
  sgd->time_count = cli_integer(sgd->arguments, "points", 101);
  double end = cli_real(sgd->arguments, "time", NAN);
  if (isnan(end) && sgd->result.choose == CHOOSE_COMPRESSION)
    TESTUDO_I_TRY(sgd_time_of_bits(sgd, &end, error));
  if (isnan(end)) {
    testudo_waiting_options options = sgd_waiting_options(sgd, TESTUDO_WAITING_K_SYNC, sgd->cluster.workers);
    options.updates = 4096;
    options.monitor = session_progress_start("timing", sgd->arguments);
    testudo_update_time found;
    TESTUDO_I_TRY(session_progress_end(testudo_update_time_find(&sgd->cluster.model, &options, &found, error)));
    if (!(found.mean > 0.0 && isfinite(found.mean)))
      return cli_refuse(error, "--time is missing: full synchronous SGD, whose 200 updates are the default, has no mean"
                        " time per update here");
    end = 200.0 * found.mean;
  }
  sgd->times = testudo_i_arena_alloc(&sgd->arena, (size_t)sgd->time_count, sizeof *sgd->times);
  TESTUDO_I_TRY(testudo_i_arena_check(&sgd->arena, error));
  for (int64_t k = 0; k < sgd->time_count; k++)
    sgd->times[k] = sgd->time_count == 1 ? end : end * (double)k / (double)(sgd->time_count - 1);
  return TESTUDO_OK;
}

/* ---- result ---- */

static sgd_band_result band_of(const testudo_sgd_summary *summary, testudo_sgd_quantity quantity, int64_t count)
{
  const testudo_sgd_band *band = &summary->band[quantity];
  bool known = summary->runs > 0 && !isnan(band->mean[count - 1]);
  return known ? (sgd_band_result){count, band->mean, band->low, band->high} : (sgd_band_result){0};
}

static testudo_status fill_runs(cli_sgd *sgd, int32_t m, testudo_error *error)
{
  sgd_method_result *row = &sgd->result.method[m];
  row->run = testudo_i_arena_calloc(&sgd->arena, (size_t)sgd->sgd->runs, sizeof *row->run);
  TESTUDO_I_TRY(testudo_i_arena_check(&sgd->arena, error));
  for (int32_t r = 0; r < sgd->sgd->runs; r++) {
    const testudo_sgd_run *run = &sgd->sgd->run[(int64_t)m * sgd->sgd->runs + r];
    if (!run->done)
      continue;
    sgd_run_result *at = &row->run[row->run_count++];
    *at = (sgd_run_result){.seed = (int64_t)sgd->cluster.seed + r, .updates = run->updates, .lost = run->lost,
                           .count = sgd->time_count, .failed = run->failed, .ended = run->ended, .stuck = run->stuck};
    for (int q = 0; q < TESTUDO_SGD_CURVES; q++) { /* no distance, no accuracy, .. */
      const double *curve = run->curve + q * sgd->time_count;
      at->curve[q] = isnan(curve[0]) ? NULL : curve;
    }
  }
  return TESTUDO_OK;
}

static testudo_status fill_method(cli_sgd *sgd, int32_t m, testudo_error *error)
{
  sgd_method_result *row = &sgd->result.method[m];
  const testudo_sgd_summary *summary = &sgd->sgd->summary[m];
  int64_t count = sgd->time_count, last = count - 1;
  row->runs = summary->runs;
  row->lost = summary->lost;
  row->failed = summary->failed;
  row->stuck = summary->stuck;
  row->count = count;
  row->time = sgd->times;
  row->update_time.simulated = summary->update_time;
  row->update_time.stderr_simulated = summary->update_time_stderr;
  if (row->update_time.status == TESTUDO_WAITING_UNKNOWN && isfinite(summary->update_time)) {
    row->update_time.status = TESTUDO_WAITING_SIMULATED;
    row->update_time.method = "simulated: mean over the runs; no law of it is known here";
  }
  row->loss = band_of(summary, TESTUDO_SGD_LOSS, count);
  row->distance = band_of(summary, TESTUDO_SGD_DISTANCE, count);
  row->accuracy = band_of(summary, TESTUDO_SGD_ACCURACY, count);
  row->gradient = band_of(summary, TESTUDO_SGD_GRADIENT, count);
  row->variance = isnan(summary->band[TESTUDO_SGD_VARIANCE].mean[0]) ? NULL : summary->band[TESTUDO_SGD_VARIANCE].mean;
  row->updates = summary->band[TESTUDO_SGD_UPDATES].mean;
  row->bits = summary->band[TESTUDO_SGD_BITS].mean;
  row->waits = summary->band[TESTUDO_SGD_WAIT].mean;
  row->last_loss = summary->band[TESTUDO_SGD_LOSS].mean[last];
  row->last_low = summary->band[TESTUDO_SGD_LOSS].low[last];
  row->last_high = summary->band[TESTUDO_SGD_LOSS].high[last];
  row->last_accuracy = summary->band[TESTUDO_SGD_ACCURACY].mean[last];
  row->last_updates = row->updates[last];
  row->last_bits = row->bits[last];
  row->time_to_target = isfinite(sgd->result.target)
                            ? testudo_sgd_time_to(sgd->sgd, sgd->times, m, sgd->result.target)
                            : NAN;
  row->bits_to_target = NAN;
  for (int64_t k = 0; k < count; k++)
    if (sgd->times[k] == row->time_to_target)
      row->bits_to_target = row->bits[k];
  return fill_runs(sgd, m, error);
}

/* Which method is ahead at each time. */
static testudo_status fill_best(cli_sgd *sgd, testudo_error *error)
{
  sgd_result *result = &sgd->result;
  int32_t *best = testudo_i_arena_alloc(&sgd->arena, (size_t)sgd->time_count, sizeof *best);
  TESTUDO_I_TRY(testudo_i_arena_check(&sgd->arena, error));
  for (int64_t k = 0; k < sgd->time_count; k++) {
    best[k] = -1;
    for (int32_t m = 0; m < sgd->methods; m++) {
      double loss = sgd->sgd->summary[m].band[TESTUDO_SGD_LOSS].mean[k];
      if (isfinite(loss) && (best[k] < 0 || loss < sgd->sgd->summary[best[k]].band[TESTUDO_SGD_LOSS].mean[k]))
        best[k] = m;
    }
  }
  result->best_index = best;
  result->best_count = (size_t)sgd->time_count;
  return TESTUDO_OK;
}

static testudo_status fill_result(cli_sgd *sgd, testudo_error *error)
{
  sgd_result *result = &sgd->result;
  result->method = testudo_i_arena_calloc(&sgd->arena, (size_t)sgd->methods, sizeof *result->method);
  TESTUDO_I_TRY(testudo_i_arena_check(&sgd->arena, error));
  result->methods = (size_t)sgd->methods;
  for (int32_t m = 0; m < sgd->methods; m++) {
    const sgd_wanted *wanted = &sgd->wanted[m];
    testudo_sgd_kind kind = wanted->method.kind;
    bool ours = kind == TESTUDO_SGD_LGC || kind == TESTUDO_SGD_NESTED || testudo_sgd_compresses(kind);
    result->method[m] = (sgd_method_result){
        .text = wanted->text, .kind = testudo_sgd_name(kind), .step = wanted->method.step,
        .design = wanted->file == NULL ? NULL : cli_basename(wanted->file),
        .wait = testudo_i_sgd_wait(&wanted->method, sgd->cluster.workers),
        .model = ours ? "working model" : NULL, .last_loss = NAN, .last_low = NAN, .last_high = NAN,
        .last_accuracy = NAN, .last_updates = NAN, .last_bits = NAN, .time_to_target = NAN, .bits_to_target = NAN,
        .bound_to_target = NAN, .last_bound = NAN, .assumed = {NAN, NAN, NAN, NAN, -1, -1, NAN, NAN, NAN, NAN},
        .compression = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN}};
  }
  return TESTUDO_OK;
}

/* ---- work ---- */

static testudo_status sgd_prepare(cli_sgd *sgd, testudo_error *error)
{
  const cli_arguments *arguments = sgd->arguments;
  sgd_result *result = &sgd->result;
  sgd->runtime = cli_given(arguments, "runtime");
  TESTUDO_I_TRY(take_workers(sgd, error));
  if (!cli_given(arguments, "delay"))
    return cli_refuse(error, "--delay is missing");
  TESTUDO_I_TRY(cluster_take_model(&sgd->cluster, arguments, error));
  result->command = arguments->line;
  result->version = testudo_version();
  result->seed = (int64_t)sgd->cluster.seed;
  result->workers = sgd->cluster.workers;
  result->blocks = cli_integer(arguments, "blocks", 1);
  result->batch = cli_integer(arguments, "batch", 0);
  result->target = cli_real(arguments, "target", NAN);
  result->bits = cli_real(arguments, "bits", NAN);
  result->choose = cli_choice(arguments, "choose", -1);
  delay_fill(&result->delay, &sgd->cluster);
  static const char *const of_losses[] = {
      "target", "choose", "bits", "resume", "gamma", "time", "points", "runs", "data", "label", "loss", "ridge",
      "standardise",
      "bias", "schedule-output", "schedule-by", "samples", "features", "classes", "condition", "noise", "label-skew",
      "feature-shift", "batch"};
  for (size_t k = 0; k < sizeof of_losses / sizeof *of_losses && sgd->runtime; k++)
    if (cli_given(arguments, of_losses[k]))
      return cli_refuse(error, "--runtime computes times only; --%s applies to learning", of_losses[k]);
  if (cli_given(arguments, "dim") && !sgd->runtime)
    return cli_refuse(error, "--dim applies to --runtime only");
  result->data = (sgd_data_result){.ridge = NAN, .label_skew = NAN, .feature_shift = NAN, .optimum = NAN,
                                   .start_loss = NAN, .smoothness = NAN, .convexity = NAN, .variance = NAN};
  if (!sgd->runtime)
    TESTUDO_I_TRY(sgd_take_data(sgd, error));
  TESTUDO_I_TRY(take_bandwidth(sgd, error));
  TESTUDO_I_TRY(sgd_take_methods(sgd, error));
  TESTUDO_I_TRY(sgd_spread_choices(sgd, error));
  complete_compressors(sgd);
  return check_units(sgd, error);
}

static testudo_status sgd_train(cli_sgd *sgd, testudo_error *error)
{
  const cli_arguments *arguments = sgd->arguments;
  TESTUDO_I_TRY(take_times(sgd, error));
  complete_methods(sgd);
  TESTUDO_I_TRY(sgd_write_schedule(sgd, error));
  TESTUDO_I_TRY(fill_result(sgd, error));
  sgd->result.time = sgd->times;
  sgd->result.count = sgd->time_count;
  testudo_sgd_setting setting = {sgd->problem, &sgd->cluster.model, sgd->cluster.workers, sgd->first,
                                 (int32_t)sgd->result.batch, (int32_t)sgd->result.blocks, NULL, sgd->optimum};
  testudo_sgd_options options = {.times = sgd->times, .time_count = sgd->time_count, .seed = sgd->cluster.seed,
                                 .updates = cli_integer(arguments, "updates", 0),
                                 .bits = cli_real(arguments, "bits", 0.0),
                                 .runs = (int32_t)cli_integer(arguments, "runs", 5),
                                 .threads = session_threads(arguments)};
  if (cli_given(arguments, "resume"))
    TESTUDO_I_TRY(sgd_take_earlier(sgd, cli_get(arguments, "resume")->file, error));
  TESTUDO_I_TRY(sgd_find_times(sgd, false, error));
  TESTUDO_I_TRY(sgd_assume(sgd, error));
  options.monitor = session_progress_start("training", arguments);
  testudo_status trained = session_progress_end(
      testudo_sgd_simulate(&setting, sgd->method, sgd->methods, &options, sgd->known, &sgd->sgd, error));
  if (sgd->sgd == NULL)
    return trained;
  sgd->result.interrupted = sgd->sgd->interrupted;
  for (int32_t m = 0; m < sgd->methods; m++)
    TESTUDO_I_TRY(fill_method(sgd, m, error));
  TESTUDO_I_TRY(sgd_find_bounds(sgd, error));
  TESTUDO_I_TRY(fill_best(sgd, error));
  TESTUDO_I_TRY(sgd_make_choice(sgd, error));
  return trained;
}

static testudo_status sgd_work(cli_sgd *sgd, testudo_error *error)
{
  testudo_status done = TESTUDO_OK;
  TESTUDO_I_TRY(sgd_prepare(sgd, error));
  if (sgd->runtime) {
    TESTUDO_I_TRY(fill_result(sgd, error));
    done = sgd_find_times(sgd, true, error);
    sgd->result.interrupted = done == TESTUDO_INTERRUPTED;
    if (!sgd->result.interrupted || sgd->result.method[0].update_time.method == NULL)
      TESTUDO_I_TRY(done);
  } else {
    done = sgd_train(sgd, error);
    if (done != TESTUDO_INTERRUPTED || sgd->sgd == NULL)
      TESTUDO_I_TRY(done);
  }
  TESTUDO_I_TRY(report_write(sgd->arguments, sgd_fields, sgd, error));
  return done;
}

/* SPEC.json, whose options are checked where options are. */
static testudo_status read_spec(cli_sgd *sgd, const cli_arguments *given, testudo_error *error)
{
  sgd->arguments = given;
  if (given->operands == 0)
    return TESTUDO_OK;
  TESTUDO_I_TRY(cli_read_spec(given, given->operand[0], "method", &sgd->arena, &sgd->spec, error));
  sgd->arguments = &sgd->spec;
  return cli_name_place(sgd->arguments, cli_check_outputs(sgd->arguments, error), error);
}

static testudo_status sgd_run(const cli_arguments *given, void *context, testudo_error *error)
{
  cli_sgd *sgd = context;
  TESTUDO_I_TRY(read_spec(sgd, given, error));
  testudo_status status = sgd_work(sgd, error);
  if (status == TESTUDO_ERROR_ARGUMENT)
    cli_name_option(sgd->arguments, error);
  return cli_name_place(sgd->arguments, status, error);
}

static void sgd_clear(void *context)
{
  cli_sgd *sgd = context;
  testudo_sgd_free(sgd->sgd);
  for (int32_t m = 0; m < sgd->methods; m++) {
    testudo_design_free(sgd->wanted[m].design);
    testudo_schedule_free(sgd->wanted[m].schedule);
  }
  testudo_problem_free(sgd->problem);
  testudo_data_free(sgd->data);
  testudo_law_free(sgd->bandwidth);
  testudo_i_json_free(sgd->earlier);
  cluster_close(&sgd->cluster);
  if (sgd->spec.command != NULL)
    cli_free(&sgd->spec);
  testudo_i_arena_clear(&sgd->arena);
}

/* ---- options ---- */

static const cli_option own_options[] = {
    {.name = "workers", .value = "P", .kind = CLI_INTEGER, .least = 1, .most = 1000000,
     .preset = "of --rates, --class, the delay file or the replay", .heading = "Cluster", .help = "Number of workers."},
    {.name = "bandwidth", .value = "x", .kind = CLI_REAL, .ends = CLI_OPEN_BELOW, .least = 0, .most = 1e100,
     .help = "Floats per second that a worker sends, so that compression matters; instead of --message."},
    {.name = NULL},
};

static const cli_option run_options[] = {
    {.name = "runtime", .kind = CLI_FLAG, .heading = "Run",
     .help = "Times per update, staleness and the share of fresh gradients alone; no data."},
    {.name = "dim", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 2147483647,
     .help = "With --runtime: the numbers of a gradient, for --bandwidth and for what coco-* sends."},
    {.name = "time", .value = "SECONDS", .kind = CLI_REAL, .ends = CLI_OPEN_BELOW, .least = 0, .most = 1e100,
     .preset = "200 updates of sync", .help = "Length of every run, in seconds of the cluster."},
    {.name = "points", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 100000, .preset = "101",
     .help = "Times, in equal steps, at which the curves are recorded."},
    {.name = "updates", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 1e12,
     .help = "At most so many updates per run; with --runtime, how many are simulated (65536; trials of designs"
             " 100000)."},
    {.name = "runs", .value = "n", .kind = CLI_INTEGER, .least = 1, .most = 10000, .preset = "5",
     .help = "Runs of every method, of seeds one after the other; intervals are 95 % ones of their mean."},
    {.name = "target", .value = "LOSS", .kind = CLI_REAL, .least = -1e300, .most = 1e300,
     .help = "Report when the mean loss is at most this for good."},
    {.name = "gamma", .value = "x", .kind = CLI_REAL, .least = 0, .most = 1,
     .help = "How far gradients at stale parameters are from those at fresh ones, as the bound of k-async and"
             " k-batch-async assumes: E||grad F(w_j) - grad F(w_tau)||^2 <= x E||grad F(w_j)||^2."},
    {.name = "schedule-output", .value = "FILE.json", .kind = CLI_OUTPUT,
     .help = "Write the schedule of the first method adasync that its bound leads to, K by K, for --schedule and the"
             " runtime library."},
    {.name = "schedule-by", .value = "WORD", .kind = CLI_CHOICE, .choices = "loss time", .preset = "loss",
     .help = "What that schedule is looked up by."},
    {.name = "bits", .value = "B", .kind = CLI_REAL, .ends = CLI_OPEN_BELOW, .least = 0, .most = 1e300,
     .help = "At most so many bits arrive per run: it ends before the update that would bring more."},
    {.name = "choose", .value = "WORD", .kind = CLI_CHOICE, .choices = "wait compression",
     .help = "wait: run every K from 1 to the workers of the methods given, and name the one that reaches --target"
             " first, or without has the least loss at the end of --time, as run and by the bounds. compression:"
             " of coco-ef, find copies (up to --copies), compressor and"
             " its size for --bits by the variance formula, run them beside others, and name the one of least loss."},
    {.name = "resume", .value = "FILE.json", .kind = CLI_FILE, .hidden_command = true,
     .help = "A result of the same command, perhaps interrupted or of fewer runs: its runs are taken over."},
    {.name = NULL},
};

static const cli_option *const groups[] = {own_options, cluster_model_options, cli_reading_options,
                                           sgd_method_options, sgd_data_options, run_options, report_options,
                                           cli_seed_options, cli_threads_options, cli_common_options, NULL};

const cli_command command_sgd = {
    .name = "sgd", .operands = "[SPEC.json]", .least_operands = 0, .most_operands = 1,
    .summary = "Error against time of distributed SGD: wait for fewer, go stale, compensate, code or compress.",
    .details = "A simulated cluster draws the times from the delay model; the gradients are computed on real or"
               " synthetic data, and codes are encoded and decoded by the runtime library. All methods share the draws."
               " SPEC.json has the options as members (names without dashes), and \"methods\": an array of METHOD"
               " texts, or of objects with the member method and its keys; options given beside it stand above it."
               "\n\nThe time per update by law is exact, a bound or unknown, and stands beside the simulated one."
               " Error bounds are given where their assumptions hold; for the rest the output says why not. When"
               " interrupted, the command writes what the completed runs show, and --resume goes on from there.",
    .example = "testudo sgd --workers 8 --delay exp:1 --method sync,k-sync:4,k-batch-async:4,lgc:4 --runtime\n"
               "testudo sgd --workers 8 --delay exp:1 --method sync,k-sync:6,partial,coco-ef --batch 8 -o result.json\n"
               "testudo plot result.json -o result.svg\n"
               "testudo sgd --workers 16 --delay exp:1 --unit share --method coco-ef:13 --choose compression"
               " --bits 1e6",
    .groups = groups, .result = sgd_fields, .replays = true,
    .run = sgd_run, .room = sizeof(cli_sgd), .clear = sgd_clear,
};
