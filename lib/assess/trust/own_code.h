/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gradient codes whose coefficients come from somebody else: any straggler set may be one that does not decode. */
#ifndef TESTUDO_ASSESS_OWN_CODE_H
#define TESTUDO_ASSESS_OWN_CODE_H

#include <testudo/trust.h>

/* Of scheme gradient-code, and no construction that this library has. */
bool testudo_i_is_own_code(const testudo_design *design);

/* testudo_code_verify of such a code. */
TESTUDO_CHECKED testudo_status testudo_i_verify_own_code(const testudo_design *design, const testudo_monitor *monitor,
                                                         testudo_code_check *check, testudo_error *error);

#endif
