/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seconds per update: by law where there is one, by events where it is asked for. */
#include <math.h>

#include <testudo/exact.h>
#include <testudo/sample.h>

#include "base/error.h"
#include "common/session.h"
#include "delay/model.h"
#include "sgd/learn/iteration.h"
#include "sgd/learn/learn.h"
#include "sgd/sgd.h"

enum { TIMES_UPDATES = 65536, TIMES_TRIALS = 100000 };

static testudo_status keep_text(cli_sgd *sgd, const char *text, const char **kept, testudo_error *error)
{
  *kept = testudo_i_arena_text(&sgd->arena, text);
  return testudo_i_arena_check(&sgd->arena, error);
}

/* ---- rules of updates ---- */

/* Updates of the sync rules are alike from the first on: none is discarded. */
testudo_waiting_options sgd_waiting_options(const cli_sgd *sgd, testudo_update_rule rule, int32_t wait)
{
  return (testudo_waiting_options){
      .rule = rule, .workers = sgd->cluster.workers, .wait = wait, .blocks = (int32_t)sgd->result.blocks,
      .burn_in = testudo_i_rule_is_async(rule) ? 1000 : rule == TESTUDO_WAITING_LGC ? 100 : 0,
      .seed = sgd->cluster.seed, .threads = session_threads(sgd->arguments)};
}

static testudo_status find_rule_time(cli_sgd *sgd, const testudo_sgd_method *method, bool simulate,
                                     sgd_time_result *result, testudo_error *error)
{
  testudo_waiting_options options =
      sgd_waiting_options(sgd, testudo_i_sgd_rule(method), testudo_i_sgd_wait(method, sgd->cluster.workers));
  options.updates = simulate ? cli_integer(sgd->arguments, "updates", TIMES_UPDATES) : 0;
  options.always = simulate;
  options.monitor = session_progress_start("timing", sgd->arguments);
  testudo_update_time found;
  TESTUDO_I_TRY(session_progress_end(testudo_update_time_find(&sgd->cluster.model, &options, &found, error)));
  bool by_events = found.source == TESTUDO_WAITING_SIMULATED;
  result->status = by_events && isfinite(found.upper_bound) ? TESTUDO_WAITING_BOUND : found.source;
  bool exact = found.source == TESTUDO_WAITING_EXACT;
  result->predicted = exact ? found.mean : NAN;
  result->predicted_high = exact ? found.mean : found.upper_bound;
  result->predicted_low = exact ? found.mean : NAN;
  if (found.events.updates > 0) {
    result->simulated = found.events.mean;
    result->stderr_simulated = found.events.stderr_mean;
    result->fresh = found.events.fresh;
    result->staleness = found.events.staleness;
  } else if (isfinite(found.staleness)) {
    result->staleness = found.staleness;
  }
  result->fresh_low = found.fresh_lower;
  result->fresh_high = found.fresh_upper;
  return keep_text(sgd, found.method, &result->method, error);
}

/* Its K changes with the loss, or as a schedule says: the time lies between those of the least and the largest K. */
static testudo_status find_adaptive_time(cli_sgd *sgd, const testudo_sgd_method *method, bool simulate,
                                         sgd_time_result *result, testudo_error *error)
{
  const testudo_schedule *schedule = method->schedule;
  testudo_sgd_method end[2] = {*method, *method};
  sgd_time_result found[2];
  double seconds[2];
  end[1].wait = sgd->cluster.workers;
  if (schedule != NULL) {
    end[0].wait = testudo_schedule_waits(schedule)[0];
    end[1].wait = testudo_schedule_waits(schedule)[testudo_schedule_count(schedule) - 1];
  }
  for (int k = 0; k < 2; k++) {
    found[k] = *result;
    TESTUDO_I_TRY(find_rule_time(sgd, &end[k], simulate, &found[k], error));
    seconds[k] = isfinite(found[k].predicted) ? found[k].predicted : found[k].simulated;
  }
  result->predicted_high = found[1].predicted_high;
  result->status = isfinite(result->predicted_high) ? TESTUDO_WAITING_BOUND : TESTUDO_WAITING_UNKNOWN;
  char text[200];
  int written = snprintf(text, sizeof text, "K goes from %d to %d at most", (int)end[0].wait, (int)end[1].wait);
  if (isfinite(seconds[0]) && isfinite(seconds[1]))
    snprintf(text + written, sizeof text - (size_t)written, ": %.5g (%s) to %.5g s per update (%s)", seconds[0],
             sgd_source_words[found[0].status], seconds[1], sgd_source_words[found[1].status]);
  return keep_text(sgd, text, &result->method, error);
}

/* ---- designs ---- */

static testudo_report report_of(const testudo_sgd_method *method)
{
  return method->kind == TESTUDO_SGD_GRADIENT_CODE ? TESTUDO_REPORT_WHOLE : TESTUDO_REPORT_CHUNK;
}

/* Messages that compression shortens are of no law here: only a model without messages has the law of the design. */
static bool has_design_law(const cli_sgd *sgd, const testudo_sgd_method *method)
{
  return !testudo_i_sgd_sums(method->kind) && method->kind != TESTUDO_SGD_PARTIAL_DEADLINE &&
         sgd->cluster.model.replay == NULL;
}

static testudo_status find_design_law(cli_sgd *sgd, const testudo_sgd_method *method, sgd_time_result *result,
                                      testudo_error *error)
{
  testudo_analysis_options options = {.report = report_of(method), .max_states = 200000, .rel_error = 1e-9,
                                      .monitor = session_progress_start("analysing", sgd->arguments)};
  testudo_latency *latency = NULL;
  testudo_error why;
  testudo_status status = session_progress_end(
      testudo_latency_create(method->design, &sgd->cluster.model, &options, &latency, &why));
  if (status == TESTUDO_ERROR_ARGUMENT || status == TESTUDO_ERROR_LIMIT)
    return keep_text(sgd, why.text, &result->method, error);
  if (status != TESTUDO_OK) {
    if (error != NULL)
      *error = why;
    return status;
  }
  testudo_summary summary;
  status = testudo_latency_summary(latency, &summary, error);
  if (status == TESTUDO_OK) {
    bool exact = testudo_latency_is_exact(latency);
    result->status = summary.status == TESTUDO_MEAN_INFINITE ? TESTUDO_WAITING_INFINITE
                     : exact                                 ? TESTUDO_WAITING_EXACT
                                                             : TESTUDO_WAITING_BOUND;
    result->predicted = exact ? summary.mean : NAN;
    result->predicted_low = exact ? summary.mean : summary.lower;
    result->predicted_high = exact ? summary.mean : summary.upper;
    status = keep_text(sgd, testudo_latency_method(latency), &result->method, error);
  }
  testudo_latency_free(latency);
  return status;
}

static testudo_status simulate_design(cli_sgd *sgd, const testudo_sgd_method *method, sgd_time_result *result,
                                      testudo_error *error)
{
  testudo_simulation_options options = {.report = report_of(method), .trials = cli_integer(sgd->arguments, "updates",
                                                                                TIMES_TRIALS),
                                        .seed = sgd->cluster.seed,
                                        .threads = session_threads(sgd->arguments),
                                        .monitor = session_progress_start("timing", sgd->arguments)};
  testudo_simulation *simulation = NULL;
  TESTUDO_I_TRY(session_progress_end(
      testudo_simulate(method->design, &sgd->cluster.model, &options, &simulation, error)));
  result->simulated = simulation->mean;
  result->stderr_simulated = simulation->stderr_mean;
  testudo_simulation_free(simulation);
  return TESTUDO_OK;
}

/* The first K workers of equal loads are those of k-sync with as many blocks, if a chunk takes as long there: a draw of
   its own, or an equal part of a share that is cut into no more. Of messages those of whole vectors. */
static bool has_sum_law(const cli_sgd *sgd, const testudo_sgd_method *method)
{
  const testudo_delay_model *model = &sgd->cluster.model;
  int32_t workers = sgd->cluster.workers, load = testudo_design_max_load(method->design);
  bool law = testudo_i_sgd_sums(method->kind) && method->wait > 0 && model->replay == NULL &&
             (model->message == NULL || method->kind == TESTUDO_SGD_STOCHASTIC_CODE);
  for (int32_t j = 0; j < workers && law; j++)
    law = testudo_design_load(method->design, j) == load;
  return law && (model->unit == TESTUDO_UNIT_CHUNK || testudo_design_chunks(method->design) == workers * load);
}

static testudo_status find_sum_law(cli_sgd *sgd, const testudo_sgd_method *method, sgd_time_result *result,
                                   testudo_error *error)
{
  testudo_waiting_options options = sgd_waiting_options(sgd, TESTUDO_WAITING_K_SYNC, method->wait);
  options.blocks = testudo_design_max_load(method->design);
  options.monitor = session_progress_start("timing", sgd->arguments);
  testudo_update_time found;
  TESTUDO_I_TRY(session_progress_end(testudo_update_time_find(&sgd->cluster.model, &options, &found, error)));
  if (found.source == TESTUDO_WAITING_INFINITE)
    result->status = TESTUDO_WAITING_INFINITE;
  if (found.source != TESTUDO_WAITING_EXACT)
    return keep_text(sgd, "no law of this method is supported", &result->method, error);
  result->status = TESTUDO_WAITING_EXACT;
  result->predicted = result->predicted_low = result->predicted_high = found.mean;
  return keep_text(sgd, found.method, &result->method, error);
}

/* What part of a full vector a message is; 1 where messages take no time. */
static testudo_status share_of(const cli_sgd *sgd, const sgd_wanted *wanted, double *share, testudo_error *error)
{
  const testudo_sgd_method *method = &wanted->method;
  *share = 1.0;
  if (!testudo_sgd_compresses(method->kind) || sgd->cluster.model.message == NULL)
    return TESTUDO_OK;
  if (!cli_given(sgd->arguments, "dim"))
    return cli_refuse(error, "--runtime of %s needs --dim, the numbers of a gradient: what is sent of them takes time",
                      wanted->text);
  double bits;
  TESTUDO_I_TRY(sgd_message_bits(sgd, method, &bits, error));
  *share = bits / (32.0 * (double)sgd_dim(sgd));
  return TESTUDO_OK;
}

/* Iterations one after the other, without gradients. */
static testudo_status time_iterations(cli_sgd *sgd, const sgd_wanted *wanted, sgd_time_result *result,
                                      testudo_error *error)
{
  testudo_i_timing_options options = {.updates = cli_integer(sgd->arguments, "updates", TIMES_UPDATES),
                                      .seed = sgd->cluster.seed,
                                      .threads = session_threads(sgd->arguments)};
  testudo_i_timing found;
  TESTUDO_I_TRY(testudo_i_timing_check(&wanted->method, &sgd->cluster.model, sgd->cluster.workers, error));
  TESTUDO_I_TRY(share_of(sgd, wanted, &options.share, error));
  options.monitor = session_progress_start("timing", sgd->arguments);
  TESTUDO_I_TRY(session_progress_end(testudo_i_iteration_measure(&wanted->method, &sgd->cluster.model,
                                                                 sgd->cluster.workers, &options, &found, error)));
  result->simulated = found.mean;
  result->stderr_simulated = found.stderr_mean;
  if (result->status != TESTUDO_WAITING_UNKNOWN)
    return TESTUDO_OK;
  result->status = TESTUDO_WAITING_SIMULATED;
  char text[160];
  int written = snprintf(text, sizeof text, "simulated: %lld iterations in 16 chains; no law of this method is"
                         " supported", (long long)found.updates);
  if (found.lost > 0)
    snprintf(text + written, sizeof text - (size_t)written, "; nothing decoded in %lld", (long long)found.lost);
  return keep_text(sgd, text, &result->method, error);
}

/* ---- all ---- */

testudo_status sgd_find_times(cli_sgd *sgd, bool simulate, testudo_error *error)
{
  for (int32_t m = 0; m < sgd->methods; m++)
    sgd->result.method[m].update_time =
        (sgd_time_result){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, TESTUDO_WAITING_UNKNOWN, NULL};
  for (int32_t m = 0; m < sgd->methods; m++) {
    const testudo_sgd_method *method = &sgd->wanted[m].method;
    sgd_time_result *result = &sgd->result.method[m].update_time;
    if (method->kind == TESTUDO_SGD_ADASYNC) {
      TESTUDO_I_TRY(find_adaptive_time(sgd, method, simulate, result, error));
    } else if (!testudo_sgd_runs_design(method->kind)) {
      TESTUDO_I_TRY(find_rule_time(sgd, method, simulate, result, error));
    } else if (has_design_law(sgd, method)) {
      TESTUDO_I_TRY(find_design_law(sgd, method, result, error));
      if (simulate)
        TESTUDO_I_TRY(simulate_design(sgd, method, result, error));
    } else {
      result->method = "no law of this method is supported";
      if (has_sum_law(sgd, method))
        TESTUDO_I_TRY(find_sum_law(sgd, method, result, error));
      if (simulate)
        TESTUDO_I_TRY(time_iterations(sgd, &sgd->wanted[m], result, error));
    }
  }
  return TESTUDO_OK;
}
