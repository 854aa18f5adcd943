/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTUDO_ASSESS_TRUST_MEASURE_H
#define TESTUDO_ASSESS_TRUST_MEASURE_H

#include <stdbool.h>

#include <testudo/trust.h>

/* testudo_trust_measure, with or without decoding: without, the errors stay 0. */
TESTUDO_CHECKED testudo_status testudo_i_trust_survey(const testudo_design *design, int64_t samples, uint64_t seed,
                                                      bool decodes, const testudo_monitor *monitor,
                                                      testudo_trust *trust, testudo_error *error);

#endif
