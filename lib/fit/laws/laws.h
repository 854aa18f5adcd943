/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws fitted to times that are taken as independent draws of one law (docs/theory/fitting.md#laws). */
#ifndef TESTUDO_FIT_LAWS_LAWS_H
#define TESTUDO_FIT_LAWS_LAWS_H

#include <testudo/fit.h>

typedef struct testudo_i_fit_samples {
  const double *exact; /* ascending, seconds */
  int64_t exacts;      /* at least 1 */
  const double *least; /* ascending: times that were at least that, their ends were not seen */
  int64_t censored;
} testudo_i_fit_samples;

typedef struct testudo_i_fit_effort {
  int32_t resamples;              /* of the bootstrap, at most; 0: 199; negative: none, p-values are then NAN */
  uint64_t seed;
  int32_t threads;                /* 0: all cores; never changes a result */
  const testudo_monitor *monitor; /* NULL: never stopped; otherwise asked several times per second */
} testudo_i_fit_effort;

/* The laws of the families of docs/theory/fitting.md#laws by maximum likelihood, censored times included, the best
   first (malloc; freed with free). Families whose parameters leave the range of their law, and those that turn out to
   be a simpler one, are left out. TESTUDO_ERROR_INPUT where none remains; TESTUDO_INTERRUPTED by the monitor. */
TESTUDO_CHECKED testudo_status testudo_i_fit_laws(const testudo_i_fit_samples *samples,
                                                  const testudo_i_fit_effort *effort, testudo_fit_model **model,
                                                  size_t *models, testudo_error *error);

/* What models are ranked by, the smallest first: BIC, and what starts and second parts are charged beyond it
   (docs/theory/fitting.md#which-law-is-best). */
double testudo_i_fit_charge(const testudo_fit_model *model, double n);

#endif
