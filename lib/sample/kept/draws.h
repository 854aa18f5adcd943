/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trials that were drawn, kept with what their batches come to: so that a simulation can go on from them, and several
   processes can draw parts of one. What comes of them has the bytes of one run. */
#ifndef TESTUDO_SAMPLE_KEPT_DRAWS_H
#define TESTUDO_SAMPLE_KEPT_DRAWS_H

#include "sample/batch.h"

/* Parts of a simulation begin at multiples of so many trials, which is a multiple of every batch. */
enum { TESTUDO_I_DRAWS_STEP = 131072 };

typedef struct testudo_i_draws {
  int64_t first, trials;  /* first .. first + trials - 1 */
  int64_t batch, batches; /* trials per batch, of which the last may have fewer */
  int64_t time_count;
  double *tally;          /* per batch, as numbers */
  double *completion;     /* one per trial, HUGE_VAL where never */
  size_t tally_room, completion_room;
} testudo_i_draws;

void testudo_i_draws_clear(testudo_i_draws *draws); /* fine on a zeroed one */

/* The next batch: its tally, and the times of its trials. */
TESTUDO_CHECKED testudo_status testudo_i_draws_add(testudo_i_draws *draws, const testudo_i_tally *tally,
                                                   const double *completion, testudo_error *error);

/* Tally k into one that is made for as many deadlines. */
void testudo_i_draws_tally(const testudo_i_draws *draws, int64_t k, testudo_i_tally *tally);

/* The part of them that begins with trial `first`, TESTUDO_I_DRAWS_STEP trials or those that are left: lent. */
testudo_i_draws testudo_i_draws_part(const testudo_i_draws *draws, int64_t first);

/* As bytes of this machine's numbers (malloc), 8 per trial and a little more, and back. TESTUDO_ERROR_INPUT for bytes
   that are not those of draws. */
TESTUDO_CHECKED testudo_status testudo_i_draws_pack(const testudo_i_draws *draws, char **bytes, size_t *length,
                                                    testudo_error *error);
TESTUDO_CHECKED testudo_status testudo_i_draws_unpack(testudo_i_draws *draws, const char *bytes, size_t length,
                                                      testudo_error *error);

/* Draws trials first .. first + options->trials - 1 alone, first a multiple of TESTUDO_I_DRAWS_STEP; without
   rel_error, and nothing is decoded. TESTUDO_INTERRUPTED where the monitor stopped it. */
TESTUDO_CHECKED testudo_status testudo_i_draws_take(const testudo_design *design, const testudo_delay_model *model,
                                                    const testudo_simulation_options *options, int64_t first,
                                                    testudo_i_draws *draws, testudo_error *error);

/* testudo_simulate that begins with the `count` draws that are given, of consecutive trials from 0 of the same
   simulation; those of other batches are drawn again, and of a batch that was cut short too. `more`, unless NULL: all
   that it uses, from trial 0; where it is interrupted, those before the first batch that is missing. The work of draws
   that are given is not known: count_work is for count = 0. */
TESTUDO_CHECKED testudo_status testudo_i_draws_simulate(const testudo_design *design, const testudo_delay_model *model,
                                                        const testudo_simulation_options *options,
                                                        const testudo_i_draws *given, size_t count,
                                                        testudo_i_draws *more, testudo_simulation **simulation,
                                                        testudo_error *error);

#endif
