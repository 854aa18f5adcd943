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
  char quantity[64];        /* "P(T<=1.25)", "P(never)", "mean", "deviation", "mse(3)" */
  double analyzed_lower, analyzed_upper; /* equal when exact */
  double simulated;
  double z;                 /* of mean, deviation and mse: how far off, in standard errors of the trials; or NAN */
  double p;                 /* p-value under the analysis */
  int holds;                /* 1; 0: p < false alarm / number of checks; -1: the trials cannot tell */
} testudo_check;

/* What a validation must be able to notice, or its answer is that the trials cannot tell. */
#define TESTUDO_VALIDATE_DETECTS 0.25

typedef struct testudo_validation {
  testudo_check *check;
  size_t checks;
  double false_alarm;       /* family-wise */
  double detects_mean;      /* the least relative error of the analysed mean that is noticed with probability 0.95; NAN:
                               the mean is not tested */
  const char *mean_untested, *deviation_untested; /* why not, in words; NULL: tested */
  double detects_probability; /* the same of P(T<=t), absolute, where it is hardest to notice */
  int agrees;               /* 1: all hold, and the decoder neither failed nor refused a trial that is decodable by
                               rule; 0; -1: none is rejected, but one of the two above is over TESTUDO_VALIDATE_DETECTS,
                               so that it says nothing */
} testudo_validation;

/* P(T<=t) at nine quantiles (0.1 .. 0.9 of the law given T finite) and P(never) by exact binomial tests; the mean and
   the deviation, where the law has the moments that they need (order 2 and 4, testudo_tail_index) and no heavier tail
   than so many trials can bear, by how far off such a mean of trials may be under the analysed law
   (docs/theory/trials.md#tests-of-mean-and-deviation); at the simulation's deadlines the expected error, by the normal
   law where the trials allow it and by bounds that hold for rare errors where not, and for schemes that give the sum
   the chance of any, by the binomial test. What the analysis only bounds,
   or states with an error over a tenth of the trials' standard error, is an interval, and is tested from outside. Means
   of bounded laws are tested where P(never) is known; deviations where they are.
   `latency` must be of the same design and model as the simulation, and that be made without round_up; `times` are the
   simulation's deadlines. TESTUDO_ERROR_ARGUMENT when their number differs or false_alarm is not in (0,1). The caller
   frees *validation. Cost: about that of testudo_latency_summary. */
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
