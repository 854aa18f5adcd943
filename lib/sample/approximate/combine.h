/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trials of an approximate code that run the real runtime: plain sums, combined at every deadline. */
#ifndef TESTUDO_SAMPLE_COMBINE_H
#define TESTUDO_SAMPLE_COMBINE_H

#include "sample/plan.h"

/* Draws the first options->decode_trials (of `trials`) again; at each deadline the workers that have finished send
   their sums, and the estimate is compared with sum_i c_i g_i and with the gradient. Fills found->decode and
   combined_mse. `share`: where the monitor's fraction begins. */
TESTUDO_CHECKED testudo_status testudo_i_combine_run(const testudo_i_plan *plan,
                                                     const testudo_simulation_options *options, int64_t trials,
                                                     double share, testudo_simulation *found, bool *interrupted,
                                                     testudo_error *error);

#endif
