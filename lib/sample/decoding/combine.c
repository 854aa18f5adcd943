/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trials of approximate decoders: plain sums, combined at every deadline, against what the weights promise. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "runtime/design.h"
#include "sample/decoding/decode.h"

/* Those that finish by t and have not been marked send their message. */
static testudo_status combine_messages(const testudo_i_plan *plan, testudo_i_decode_state *state, double t)
{
  testudo_progress *progress = state->trip.progress;
  for (int32_t j = 0; j < plan->design->workers; j++) {
    int32_t load = testudo_design_load(plan->design, j);
    if (load == 0 || testudo_progress_done(progress, j) == load ||
        !(testudo_i_time_of(plan, state->workspace->time, 1, 0, j, load) <= t))
      continue;
    TESTUDO_I_TRY(testudo_progress_mark(progress, j, load, &state->workspace->failure));
    TESTUDO_I_TRY(testudo_i_round_trip_send(&state->trip, j, &state->workspace->failure));
  }
  return TESTUDO_OK;
}

/* promised = sum_i c_i g_i, chunk by chunk; answers ||weights||. */
static double promised_norm(const testudo_i_plan *plan, testudo_i_decode_state *state)
{
  const testudo_design *design = plan->design;
  size_t dim = state->trip.dim;
  bool one_step = plan->decoder == TESTUDO_DECODER_ONE_STEP;
  double square = 0.0;
  memset(state->promised, 0, dim * sizeof *state->promised);
  for (int32_t i = 0; i < design->chunks; i++) {
    double c = 0.0;
    int32_t copies = testudo_design_replication(design, i);
    for (int32_t h = 0; h < copies; h++)
      c += state->weight[testudo_design_holders(design, i)[h]];
    c = one_step ? c / copies : c;
    for (size_t k = 0; k < dim; k++)
      state->promised[k] += c * state->trip.gradient[(size_t)i * dim + k];
  }
  for (int32_t j = 0; j < design->workers; j++)
    square += state->weight[j] * state->weight[j];
  return sqrt(square);
}

static double combined_distance(const double *x, const double *y, size_t dim)
{
  double square = 0.0;
  for (size_t k = 0; k < dim; k++)
    square += (x[k] - (y == NULL ? 0.0 : y[k])) * (x[k] - (y == NULL ? 0.0 : y[k]));
  return sqrt(square);
}

static testudo_status combine_at_deadline(const testudo_i_plan *plan, testudo_i_decode_state *state, double *square)
{
  testudo_i_round_trip *trip = &state->trip;
  TESTUDO_I_TRY(testudo_decode_weights(trip->codec, trip->progress, 0, state->weight, &state->workspace->failure));
  TESTUDO_I_TRY(testudo_decode_approximate_double(trip->codec, trip->progress, (const double *const *)trip->of_worker,
                                                  trip->dim, trip->decoded, &state->workspace->failure));
  double norm = promised_norm(plan, state), off = combined_distance(trip->decoded, state->promised, trip->dim);
  double missed = off == 0.0 ? 0.0 : off / combined_distance(trip->sum, NULL, trip->dim);
  state->report.decodes++;
  state->report.failures += !(missed <= fmax(1e-9, 100.0 * DBL_EPSILON * norm));
  state->report.max_rel_error = fmax(state->report.max_rel_error, missed);
  state->report.max_amplification = fmax(state->report.max_amplification, norm);
  off = combined_distance(trip->decoded, trip->sum, trip->dim);
  *square = off * off / (double)trip->dim;
  return TESTUDO_OK;
}

testudo_status testudo_i_combine_trial(void *decoding, int32_t thread, int64_t trial)
{
  testudo_i_decoding *d = decoding;
  const testudo_i_plan *plan = d->plan;
  testudo_i_decode_state *state = &d->state[thread];
  int64_t deadlines = plan->time_count;
  testudo_i_draw_base(plan, d->options->seed, trial, &state->workspace->failures, state->workspace->time);
  testudo_i_round_trip_draw(&state->trip, d->options->seed, trial);
  for (int64_t k = 0; k < deadlines; k++) {
    /* Deadlines need not increase. */
    if (k == 0 || plan->times[k] < plan->times[k - 1])
      testudo_progress_reset(state->trip.progress);
    TESTUDO_I_TRY(combine_messages(plan, state, plan->times[k]));
    TESTUDO_I_TRY(combine_at_deadline(plan, state, &d->square[trial * deadlines + k]));
  }
  return TESTUDO_OK;
}
