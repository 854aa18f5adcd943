/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims that carry what they speak of: the domains of the workers, the loads allowed. */
#ifndef TESTUDO_DESIGNFILE_PLACEMENT_CLAIMS_H
#define TESTUDO_DESIGNFILE_PLACEMENT_CLAIMS_H

#include <testudo/design.h>

#include "designfile/claims.h"

typedef enum testudo_i_placement_metric { TESTUDO_I_DOMAIN_COPIES, TESTUDO_I_OVERLAP_BOUND } testudo_i_placement_metric;

/* -1: it is none of them. */
int testudo_i_placement_metric_of(const char *metric);

/* Measures the claim again: NAN where the design is not one that the claim speaks of.
   TESTUDO_ERROR_INPUT for members that are missing or wrong. */
TESTUDO_CHECKED testudo_status testudo_i_measure_placement_claim(const testudo_i_claim_item *item,
                                                                 testudo_i_placement_metric metric, double *found);

#endif
