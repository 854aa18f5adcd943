/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far the workers are at the times when eight trials are complete. */
#ifndef TESTUDO_SAMPLE_DONE_H
#define TESTUDO_SAMPLE_DONE_H

#include "sample/plan.h"

/* done[lane * workers + j]: how many steps of worker j count by t[lane], of eight trials side by side. */
void testudo_i_kernel_done(const testudo_i_plan *plan, const double *time, const double *t, int32_t *done);

#endif
