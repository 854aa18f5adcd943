/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scheme partial: sets of exactly `parts` holders of a chunk, the fewest that decode it. */
#ifndef TESTUDO_ASSESS_TRUST_HOLDERS_H
#define TESTUDO_ASSESS_TRUST_HOLDERS_H

#include "assess/trust/probe.h"

typedef struct testudo_i_trust_visitor {
  void (*visit)(void *context, const testudo_i_probe_numbers *numbers);
  bool (*stopped)(void *context, double fraction); /* asked now and then */
  void *context;
} testudo_i_trust_visitor;

/* Shows the visitor `steps` such sets, or all there are where they are no more (*exhaustive): the other holders stop
   before the chunk, everybody else is done. Otherwise it climbs from random sets, exchanging one holder at a time.
   TESTUDO_INTERRUPTED when stopped. *visited counts. */
TESTUDO_CHECKED testudo_status testudo_i_trust_holders(testudo_i_probe *probe, uint64_t seed, int64_t steps,
                                                       const testudo_i_trust_visitor *visitor, int64_t *visited,
                                                       bool *exhaustive, testudo_error *error);

/* testudo_code_verify of scheme partial with several parts: does every set of l holders of a chunk decode it? */
TESTUDO_CHECKED testudo_status testudo_i_verify_holders(const testudo_design *design, const testudo_monitor *monitor,
                                                        testudo_code_check *check, testudo_error *error);

#endif
