/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers of sample.h for one pair: completion times, errors at deadlines, decoding, work. */
#include <math.h>
#include <stdio.h>

#include <testudo/sample.h>

#include "identity/numbers.h"

#define TRIALS 1000
#define ORDER_STATISTICS 20
/* Real decoding is slow; and of the others one that is no multiple of the lanes. */
#define DECODE_TRIALS 40
#define ODD_TRIALS 203
#define DIM 10
#define SEED 20240529

static testudo_simulation_options usual(const pair *of, int64_t trials)
{
  return (testudo_simulation_options){.report = of->report,
                                      .trials = trials,
                                      .seed = SEED,
                                      .threads = 1,
                                      .dim = DIM,
                                      .decoder = TESTUDO_DECODER_EXACT};
}

static const char *in(char *room, size_t size, const char *section, const char *name)
{
  snprintf(room, size, "%s.%s", section, name);
  return room;
}

/* Ascending values: all of them, or 20 from the least to the largest. */
static void put_sorted(const pair *of, const char *quantity, const double *value, int64_t count, bool all)
{
  if (all || count <= ORDER_STATISTICS) {
    for (int64_t k = 0; k < count; k++)
      put_number(of, quantity, k, value[k]);
    return;
  }
  for (int64_t k = 0; k < ORDER_STATISTICS; k++) {
    int64_t at = k * (count - 1) / (ORDER_STATISTICS - 1);
    put_number(of, quantity, at, value[at]);
  }
}

static void put_deadlines(const pair *of, const char *section, const testudo_simulation *found)
{
  char name[64];
  for (int64_t k = 0; k < found->time_count; k++) {
    put_number(of, in(name, sizeof name, section, "mse"), k, found->mse[k]);
    put_number(of, in(name, sizeof name, section, "mse_stderr"), k, found->mse_stderr[k]);
    put_number(of, in(name, sizeof name, section, "mean_norm"), k, found->mean_norm[k]);
    put_number(of, in(name, sizeof name, section, "mean_norm_stderr"), k, found->mean_norm_stderr[k]);
    put_number(of, in(name, sizeof name, section, "error_max"), k, found->error_max[k]);
    put_number(of, in(name, sizeof name, section, "error_trials"), k, (double)found->error_trials[k]);
    if (found->combined_mse != NULL)
      put_number(of, in(name, sizeof name, section, "combined_mse"), k, found->combined_mse[k]);
  }
}

static void put_decode(const pair *of, const char *section, const testudo_decode_report *decode)
{
  char name[64];
  put_count(of, in(name, sizeof name, section, "decodes"), decode->decodes);
  put_count(of, in(name, sizeof name, section, "failures"), decode->failures);
  put_count(of, in(name, sizeof name, section, "undecodable"), decode->undecodable);
  put_count(of, in(name, sizeof name, section, "refused"), decode->refused);
  put_number(of, in(name, sizeof name, section, "max_amplification"), -1, decode->max_amplification);
  put_number(of, in(name, sizeof name, section, "max_rel_error"), -1, decode->max_rel_error);
}

static void simulate(const pair *of, const char *section, const testudo_simulation_options *options, bool all)
{
  char name[64];
  testudo_simulation *found = NULL;
  testudo_status status = testudo_simulate(of->design, &of->model, options, &found, NULL);
  if (!put_status(of, in(name, sizeof name, section, "status"), status))
    return;
  put_count(of, in(name, sizeof name, section, "trials"), found->trials);
  put_count(of, in(name, sizeof name, section, "never"), found->never);
  put_number(of, in(name, sizeof name, section, "mean"), -1, found->mean);
  put_number(of, in(name, sizeof name, section, "stderr"), -1, found->stderr_mean);
  put_number(of, in(name, sizeof name, section, "stddev"), -1, found->stddev);
  if (options->trials == TRIALS)
    put_sorted(of, in(name, sizeof name, section, "completion"), found->completion, found->trials - found->never, all);
  put_deadlines(of, section, found);
  if (options->decode_trials > 0)
    put_decode(of, section, &found->decode);
  testudo_simulation_free(found);
}

/* Plain sums, weighted by each decoder: approximate codes. For other designs the refusal is what is written. */
static void combine(const pair *of)
{
  static const testudo_decoder decoder[] = {TESTUDO_DECODER_OPTIMAL, TESTUDO_DECODER_ONE_STEP,
                                            TESTUDO_DECODER_COMPONENT};
  if (of->report != TESTUDO_REPORT_WHOLE || testudo_design_scheme(of->design) != TESTUDO_SCHEME_PARTIAL)
    return;
  for (int k = 0; k < 3; k++) {
    char section[64];
    testudo_simulation_options options = usual(of, DECODE_TRIALS);
    options.times = of->times;
    options.time_count = of->time_count;
    options.decoder = decoder[k];
    options.decode_trials = DECODE_TRIALS;
    options.combine = true;
    simulate(of, in(section, sizeof section, "combine", testudo_decoder_name(decoder[k])), &options, false);
  }
}

static void put_work(const pair *of)
{
  testudo_simulation_options options = usual(of, TRIALS);
  testudo_work work;
  if (!put_status(of, "work.status", testudo_simulate_work(of->design, &of->model, &options, &work, NULL)))
    return;
  put_count(of, "work.never", work.never);
  put_number(of, "work.chunks", -1, work.chunks);
  put_number(of, "work.chunks_stderr", -1, work.chunks_stderr);
  put_number(of, "work.messages", -1, work.messages);
  put_number(of, "work.messages_stderr", -1, work.messages_stderr);
}

/* Nested codes: what partial would gain on the same draws. */
static void put_gain(const pair *of, bool all)
{
  testudo_simulation_options options = usual(of, TRIALS);
  testudo_partial_gain *gain = NULL;
  if (testudo_design_scheme(of->design) != TESTUDO_SCHEME_NESTED ||
      !put_status(of, "gain.status", testudo_simulate_partial_gain(of->design, &of->model, &options, &gain, NULL)))
    return;
  put_count(of, "gain.never", gain->never);
  put_count(of, "gain.only_partial", gain->only_partial);
  put_number(of, "gain.mean", -1, gain->mean);
  put_number(of, "gain.mean_stderr", -1, gain->mean_stderr);
  put_number(of, "gain.equal", -1, gain->equal);
  put_sorted(of, "gain.gain", gain->gain, gain->count, all);
  testudo_partial_gain_free(gain);
}

void put_simulation(const pair *of, bool all)
{
  testudo_simulation_options options = usual(of, TRIALS);
  simulate(of, "simulated", &options, all);
  options = usual(of, TRIALS);
  options.times = of->times;
  options.time_count = of->time_count;
  simulate(of, "deadlines", &options, all);
  options = usual(of, ODD_TRIALS);
  options.round_up = .25;
  simulate(of, "rounded", &options, false);
  options = usual(of, DECODE_TRIALS);
  options.decode_trials = DECODE_TRIALS;
  simulate(of, "decode", &options, false);
  combine(of);
  put_work(of);
  put_gain(of, all);
}
