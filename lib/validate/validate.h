/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTUDO_VALIDATE_VALIDATE_H
#define TESTUDO_VALIDATE_VALIDATE_H

#include <testudo/validate.h>

/* testudo_validate of what `summary` states of the law, which may be wrong; NULL: what the law itself says. */
TESTUDO_CHECKED testudo_status testudo_i_validate_stated(testudo_latency *latency, const testudo_summary *summary,
                                                         const testudo_design *design,
                                                         const testudo_delay_model *model,
                                                         const testudo_simulation *simulation, const double *times,
                                                         int64_t time_count, double false_alarm,
                                                         testudo_validation **validation, testudo_error *error);

#endif
