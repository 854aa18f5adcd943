/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far the workers are at the times when eight trials are complete. */
#ifndef TESTUDO_SAMPLE_DONE_H
#define TESTUDO_SAMPLE_DONE_H

#include "sample/plan.h"

/* done[lane * workers + j]: how many steps of worker j count by t[lane], of eight trials side by side. */
void testudo_i_kernel_done(const testudo_i_plan *plan, const double *time, const double *t, int32_t *done);

/* Their sums alone, 8 numbers each: steps that count, and the workers of which all steps do (whole), or some do. False,
   with nothing done, for plans whose steps are no chunks or are on their way for a while, and of long orders. */
bool testudo_i_kernel_sums(const testudo_i_plan *plan, const double *time, const double *t, bool whole,
                           double *chunks, double *messages);

#endif
