/* SPDX-License-Identifier: GPL-3.0-or-later */
/* P-values of distances of a law whose numbers were fitted to the same rows, by parametric bootstrap. */
#ifndef TESTUDO_FIT_LAWS_BOOTSTRAP_H
#define TESTUDO_FIT_LAWS_BOOTSTRAP_H

#include "fit/laws/distance.h"

/* Fills ks_p and ad_p of a fitted model. */
TESTUDO_CHECKED testudo_status testudo_i_fit_bootstrap(const testudo_i_fit_family *family, const double *number,
                                                       const testudo_i_fit_samples *samples,
                                                       const testudo_i_fit_effort *effort, testudo_fit_model *model,
                                                       testudo_error *error);

#endif
