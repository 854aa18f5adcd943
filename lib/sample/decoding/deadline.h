/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error at deadlines where it is a least squares over the workers that have finished all their chunks
   (docs/theory/gradient-codes.md#stopping-at-a-deadline-the-approximate-original-code): min_x ||A_S x - 1||^2 with the
   0/1 assignment, or what another decoder of plain sums leaves (approximate decoders), or with the code's own
   coefficients: asked of the runtime's decoders. */
#ifndef TESTUDO_SAMPLE_DEADLINE_H
#define TESTUDO_SAMPLE_DEADLINE_H

#include <testudo/runtime.h>

#include "sample/plan.h"

/* What one thread needs; empty when the plan has no least squares. */
typedef struct testudo_i_solver {
  testudo_codec *codec;
  testudo_progress *progress;
} testudo_i_solver;

TESTUDO_CHECKED testudo_status testudo_i_solver_make(testudo_i_solver *solver, const testudo_i_plan *plan,
                                                     testudo_error *error);
void testudo_i_solver_clear(testudo_i_solver *solver); /* fine on a zeroed solver */

/* deadline_error[k * 8 + lane] for the plan's deadlines, from the slot times of one of eight trials side by side. An
   error under 1e-12 N is rounding and given as 0; so is that of a gradient code which is decodable by rule.
   TESTUDO_ERROR_LIMIT when a least squares does not converge. */
TESTUDO_CHECKED testudo_status testudo_i_deadline_errors(const testudo_i_plan *plan, const double *time, int lane,
                                                         testudo_i_solver *solver, double *deadline_error,
                                                         testudo_error *error);

#endif
