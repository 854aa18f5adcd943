/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trials that encode and decode at T: is the progress decodable then and not before, and is the gradient right? */
#include "sample/decoding/decode.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "runtime/design.h"
#include "runtime/progress.h"
#include "runtime/scheme/scheme.h"
#include "sample/kernels/answer.h"
#include "sample/kernels/kernel.h"

double testudo_i_decode_share(const testudo_simulation_options *options)
{
  if (options->decode_trials == 0)
    return 1.0;
  /* A decoding trial touches every entry dim times and solves a small problem per chunk; a plain one costs about
     5 ns per entry at most. */
  double plain = 5.0 * (double)options->trials;
  double decode = (double)options->decode_trials * (2.0 * (double)options->dim + 500.0);
  return plain / (plain + decode);
}

/* ---- a trial at T ---- */

/* What the server credits the worker with at t: steps with C <= t, or < t when `before`. */
static int32_t decode_credit(const testudo_i_plan *plan, const double *time, int32_t worker, double t, bool before)
{
  int32_t steps = testudo_design_steps(plan->design, worker), done = 0;
  while (done < steps) {
    double c = testudo_i_time_of(plan, time, 1, 0, worker, done + 1);
    if (before ? !(c < t) : !(c <= t))
      break;
    done++;
  }
  return plan->report == TESTUDO_REPORT_WHOLE && done < steps ? 0 : done;
}

static testudo_status decode_mark(const testudo_i_plan *plan, testudo_i_decode_state *state, double t, bool before)
{
  for (int32_t j = 0; j < plan->design->workers; j++)
    TESTUDO_I_TRY(testudo_progress_mark(state->trip.progress, j,
                                        decode_credit(plan, state->workspace->time, j, t, before),
                                        &state->workspace->failure));
  return TESTUDO_OK;
}

/* Is it for its conditioning that the decoder refused this set of finished workers, decodable by rule? Judged by the
   condition number of the first so many of them as the rule needs; of a code without such rows by its amplification
   alone. Rare, so it may allocate. */
static testudo_status badly_conditioned(testudo_i_decode_state *state, bool *bad)
{
  const testudo_design *design = state->trip.design;
  double amplification, condition;
  bool of_chunks = testudo_design_matrix(design) != NULL; /* whose condition numbers cost no more */
  TESTUDO_I_TRY(testudo_amplification(state->trip.codec, state->trip.progress, &amplification,
                                      of_chunks ? &condition : NULL, &state->workspace->failure));
  *bad = !(amplification <= TESTUDO_MAX_AMPLIFICATION) || (of_chunks && condition > TESTUDO_MAX_AMPLIFICATION);
  if (*bad || design->scheme->row == NULL)
    return TESTUDO_OK;
  int32_t *finished = testudo_i_alloc((size_t)design->workers, sizeof *finished), count = 0;
  TESTUDO_I_TRY(testudo_i_memory_check(finished != NULL, &state->workspace->failure));
  for (int32_t j = 0; j < design->workers && count < testudo_i_rule_need(&state->trip.progress->rule, 0); j++)
    if (testudo_i_progress_finished(state->trip.progress, j))
      finished[count++] = j;
  testudo_status status = testudo_i_condition_of_rows(design, finished, count, &condition, &state->workspace->failure);
  *bad = status == TESTUDO_OK && condition > 1e9;
  free(finished);
  return status;
}

/* Decodable by rule: encode, decode, compare. *good is left alone where the gradient is right. */
static testudo_status decode_at_completion(const testudo_i_decoding *d, testudo_i_decode_state *state, int64_t trial,
                                           bool *good)
{
  double amplification = 1.0, missed;
  testudo_i_round_trip_draw(&state->trip, d->options->seed, trial);
  testudo_status status = testudo_i_round_trip_double(&state->trip, &missed, &state->workspace->failure);
  if (status == TESTUDO_OK)
    status = testudo_amplification(state->trip.codec, state->trip.progress, &amplification, NULL,
                                   &state->workspace->failure);
  if (status == TESTUDO_UNDECODABLE) {
    bool bad = false;
    status = badly_conditioned(state, &bad);
    state->report.refused += bad;
    *good = *good && bad;
    return status;
  }
  if (status == TESTUDO_ERROR_SYSTEM)
    return status;
  if (status != TESTUDO_OK) {
    *good = false;
    return TESTUDO_OK;
  }
  if (!(missed <= fmax(1e-9, 100.0 * DBL_EPSILON * amplification)))
    *good = false;
  state->report.max_rel_error = fmax(state->report.max_rel_error, missed);
  state->report.max_amplification = fmax(state->report.max_amplification, amplification);
  return TESTUDO_OK;
}

static testudo_status decode_trial(void *context, int32_t thread, int64_t trial)
{
  testudo_i_decoding *d = context;
  testudo_i_decode_state *state = &d->state[thread];
  testudo_progress *progress = state->trip.progress;
  double t, answered, step = d->options->round_up;
  testudo_i_draw_base(d->plan, d->options->seed, trial, &state->workspace->failures, state->workspace->time);
  testudo_i_kernel_base(d->plan, state->workspace->time, &t, state->workspace->error, state->workspace->room);
  answered = testudo_i_answer_time(d->plan, state->workspace->time, 1, 0, t);
  bool good = (step > 0.0 ? testudo_i_round_up(answered, step) : answered) == d->completion[trial];
  testudo_progress_reset(progress);
  TESTUDO_I_TRY(decode_mark(d->plan, state, t, true));
  if (t > 0.0 && testudo_progress_decodable(progress))
    good = false;
  if (isinf(t))
    state->report.undecodable++;
  else {
    state->report.decodes++;
    TESTUDO_I_TRY(decode_mark(d->plan, state, t, false));
    if (testudo_progress_decodable(progress))
      TESTUDO_I_TRY(decode_at_completion(d, state, trial, &good));
    else
      good = false;
  }
  state->report.failures += !good;
  return TESTUDO_OK;
}

/* ---- all trials ---- */

static bool step_decode(void *context, double fraction)
{
  const testudo_i_decoding *d = context;
  double share = testudo_i_decode_share(d->options);
  return !testudo_i_stopped(d->options->monitor, share + (1.0 - share) * fmax(fraction, 0.0));
}

static void merge_report(testudo_decode_report *into, const testudo_decode_report *part)
{
  into->decodes += part->decodes;
  into->failures += part->failures;
  into->undecodable += part->undecodable;
  into->refused += part->refused;
  into->max_rel_error = fmax(into->max_rel_error, part->max_rel_error);
  into->max_amplification = fmax(into->max_amplification, part->max_amplification);
}

/* Sums in the order of the trials, whatever thread ran them. */
static testudo_status conclude_combined(const testudo_i_decoding *d, int64_t count, testudo_simulation *found,
                                        testudo_error *error)
{
  int64_t deadlines = d->plan->time_count;
  found->combined_mse = testudo_i_calloc((size_t)deadlines, sizeof *found->combined_mse);
  TESTUDO_I_TRY(testudo_i_memory_check(found->combined_mse != NULL, error));
  for (int64_t trial = 0; trial < count; trial++)
    for (int64_t k = 0; k < deadlines; k++)
      found->combined_mse[k] += d->square[trial * deadlines + k] / (double)count;
  return TESTUDO_OK;
}

static testudo_status decode_states(testudo_i_decoding *d, testudo_i_team *team, testudo_error *error)
{
  const testudo_simulation_options *options = d->options;
  testudo_decoder decoder = TESTUDO_DECODER_EXACT;
  if (options->combine)
    decoder = d->plan->decoder == TESTUDO_DECODER_EXACT ? TESTUDO_DECODER_OPTIMAL : d->plan->decoder;
  for (int32_t k = 0; k < team->threads; k++) {
    testudo_i_decode_state *state = &d->state[k];
    state->workspace = &team->workspace[k];
    if (options->combine) {
      state->weight = testudo_i_arena_alloc(&team->arena, (size_t)d->plan->design->workers, sizeof(double));
      state->promised = testudo_i_arena_alloc(&team->arena, (size_t)options->dim, sizeof(double));
      TESTUDO_I_TRY(testudo_i_arena_check(&team->arena, error));
    }
    TESTUDO_I_TRY(
        testudo_i_round_trip_open(&state->trip, d->plan->design, decoder, (size_t)options->dim, false, error));
  }
  return TESTUDO_OK;
}

static testudo_status decode_all(testudo_i_decoding *d, testudo_i_team *team, int64_t count, testudo_simulation *found,
                                 bool *interrupted, testudo_error *error)
{
  bool combine = d->options->combine;
  const testudo_monitor monitor = {.step = step_decode, .context = d};
  TESTUDO_I_TRY(decode_states(d, team, error));
  TESTUDO_I_TRY(testudo_i_team_run(team, count, combine ? testudo_i_combine_trial : decode_trial, d, &monitor,
                                   interrupted, error));
  for (int32_t k = 0; k < team->threads; k++)
    merge_report(&found->decode, &d->state[k].report);
  return combine && !*interrupted ? conclude_combined(d, count, found, error) : TESTUDO_OK;
}

testudo_status testudo_i_decode_run(testudo_i_team *team, const double *completion, int64_t trials,
                                    testudo_simulation *found, bool *interrupted, testudo_error *error)
{
  const testudo_simulation_options *options = team->options;
  int64_t count = options->decode_trials < trials ? options->decode_trials : trials;
  testudo_i_decoding d = {.plan = &team->plan, .options = options, .completion = completion};
  d.state = testudo_i_arena_calloc(&team->arena, (size_t)team->threads, sizeof *d.state);
  if (options->combine)
    d.square = testudo_i_arena_calloc(&team->arena, (size_t)count, (size_t)team->plan.time_count * sizeof *d.square);
  TESTUDO_I_TRY(testudo_i_arena_check(&team->arena, error));
  testudo_status status = decode_all(&d, team, count, found, interrupted, error);
  for (int32_t k = 0; k < team->threads; k++)
    testudo_i_round_trip_close(&d.state[k].trip);
  return status;
}
