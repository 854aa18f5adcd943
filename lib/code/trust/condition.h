/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Condition numbers of the rows at hand of a gradient code. */
#ifndef TESTUDO_CODE_TRUST_CONDITION_H
#define TESTUDO_CODE_TRUST_CONDITION_H

#include "code/trust/rig.h"

/* Of how many of the samples it is measured: 0 where it is too dear, where the scheme has no such rows, and for
   repetition, whose rows are equal. */
int64_t testudo_i_trust_conditions(const testudo_design *design, int64_t samples);

/* The 2-norm condition number of B_F: largest over smallest singular value of the rows of token[s ..], HUGE_VAL where
   they are dependent. */
TESTUDO_CHECKED testudo_status testudo_i_trust_condition(const testudo_i_trust_rig *rig, double *condition,
                                                         testudo_error *error);

#endif
