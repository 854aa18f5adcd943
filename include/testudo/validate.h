/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does the simulation agree with the analysis? The comparison of sample.h with exact.h. */
#ifndef TESTUDO_VALIDATE_H
#define TESTUDO_VALIDATE_H

#include <stddef.h>
#include <stdint.h>

#include <testudo/exact.h>
#include <testudo/sample.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct testudo_check {
  char quantity[64];        /* "P(T<=1.25)", "P(never)", "mean", "mse(3)" */
  double analyzed_lower, analyzed_upper; /* equal when exact */
  double simulated;
  double p;                 /* p-value (an upper bound of it) under the analysis */
  bool holds;               /* p >= false alarm / number of checks */
} testudo_check;

typedef struct testudo_validation {
  testudo_check *check;
  size_t checks;
  double false_alarm;       /* family-wise */
  bool agrees;              /* all hold, no decode failure */
} testudo_validation;

/* P(T<=t) at nine quantiles (0.1 .. 0.9 of the law given finite) and P(never) by exact binomial tests (one-sided
   against bounds); the mean where it is exact and the variance finite, by Bernstein's inequality; at the simulation's
   deadlines the expected error, by bounds that hold for rare errors too, and for scheme partial the chance of any, by
   the binomial test. No p-value rests on a normal approximation: the false alarm is what it says at every sample size.
   `latency` must be of the same design and model as the simulation, and that be made without round_up; `times` are the
   simulation's deadlines. TESTUDO_ERROR_ARGUMENT when their number differs or false_alarm is not in (0,1). The caller
   frees *validation. */
TESTUDO_CHECKED testudo_status testudo_validate(testudo_latency *latency, const testudo_design *design,
                                                const testudo_delay_model *model,
                                                const testudo_simulation *simulation, const double *times,
                                                int64_t time_count, double false_alarm,
                                                testudo_validation **validation, testudo_error *error);
void testudo_validation_free(testudo_validation *validation);

#ifdef __cplusplus
}
#endif
#endif
