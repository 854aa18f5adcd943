/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trials with the real encoder and decoder: exactly at T, or approximately at every deadline. */
#ifndef TESTUDO_SAMPLE_DECODE_H
#define TESTUDO_SAMPLE_DECODE_H

#include "assess/round_trip.h"
#include "sample/team.h"

/* The share of the plain trials in the whole work, for the monitor. */
double testudo_i_decode_share(const testudo_simulation_options *options);

/* The first decode_trials of the trials. completion: their T as the engine drew them. Fills found->decode and, with
   options->combine, found->combined_mse. */
TESTUDO_CHECKED testudo_status testudo_i_decode_run(testudo_i_team *team, const double *completion, int64_t trials,
                                                    testudo_simulation *found, bool *interrupted,
                                                    testudo_error *error);

/* ---- between decode.c and combine.c ---- */

/* What one thread has beside its workspace. */
typedef struct testudo_i_decode_state {
  testudo_i_workspace *workspace;
  testudo_i_round_trip trip;
  double *weight, *promised;            /* combine: one per worker; dim */
  testudo_decode_report report;
} testudo_i_decode_state;

typedef struct testudo_i_decoding {
  const testudo_i_plan *plan;
  const testudo_simulation_options *options;
  const double *completion;
  testudo_i_decode_state *state; /* one per thread */
  double *square;                /* combine, one per trial and deadline: ||estimate - gradient||^2 / dim */
} testudo_i_decoding;

/* One trial that sends plain sums and is combined at every deadline. */
TESTUDO_CHECKED testudo_status testudo_i_combine_trial(void *decoding, int32_t thread, int64_t trial);

#endif
