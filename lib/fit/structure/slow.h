/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workers that turn slow for a while (docs/theory/structure.md#slow-spells). */
#ifndef TESTUDO_FIT_STRUCTURE_SLOW_H
#define TESTUDO_FIT_STRUCTURE_SLOW_H

#include "fit/structure/workers.h"

typedef struct testudo_i_slow_states {
  bool found;                   /* is what follows known? */
  testudo_slow_state state;
  double begin_error, end_error, factor_error;  /* standard errors; of the factor that of its logarithm */
  double *slow;                 /* P(slow | all times) of each cell, 0 of an empty one (arena) */
} testudo_i_slow_states;

/* Two states of every worker from iteration to iteration, log times normal about one mean in each with one variance: a
   hidden Markov model by EM (Baum and Welch) from several starts. Only where the workers' memory is 4 standard errors
   above 0; found where it gains three parameters' worth of BIC, slow times are at least TESTUDO_I_NAMED_FACTOR times
   as long and two deviations away, and states last: 1 - begin - end > 0.1. O(starts * rounds * cells). */
TESTUDO_CHECKED testudo_status testudo_i_slow_states_of(const testudo_i_cells *cells,
                                                        const testudo_i_components *log,
                                                        const testudo_i_workers *workers, testudo_i_arena *arena,
                                                        testudo_i_slow_states *found, testudo_error *error);

#endif
