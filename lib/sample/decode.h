/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trials that run the real runtime: signals, coefficients, messages, decoding. */
#ifndef TESTUDO_SAMPLE_DECODE_H
#define TESTUDO_SAMPLE_DECODE_H

#include "sample/plan.h"

/* Can the runtime decode this scheme exactly? TESTUDO_ERROR_ARGUMENT when decoding is asked for and it cannot. */
TESTUDO_CHECKED testudo_status testudo_i_decode_check(const testudo_i_plan *plan,
                                                      const testudo_simulation_options *options,
                                                      testudo_error *error);

/* Chunk gradients of iid N(0,1) numbers (dim a chunk), and their sum, of a trial. */
void testudo_i_draw_gradients(const testudo_design *design, uint64_t seed, int64_t trial, size_t dim, double *gradient,
                              double *sum);

/* The rough share of the plain trials in the whole work, in (0,1]: for the monitor's fraction. */
double testudo_i_decode_share(const testudo_i_plan *plan, const testudo_simulation_options *options);

/* Draws the first options->decode_trials (of `trials`) again, plainly, and decodes each at its T. completion[r] is the
   T that the engine found: a different one is a failure, and so is a progress object that does not turn decodable
   exactly at T. */
TESTUDO_CHECKED testudo_status testudo_i_decode_run(const testudo_i_plan *plan,
                                                    const testudo_simulation_options *options,
                                                    const double *completion, int64_t trials, double share,
                                                    testudo_decode_report *report, bool *interrupted,
                                                    testudo_error *error);

#endif
