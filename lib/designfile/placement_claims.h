/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims that carry what they speak of: the domains of the workers, the loads allowed. */
#ifndef TESTUDO_DESIGNFILE_PLACEMENT_CLAIMS_H
#define TESTUDO_DESIGNFILE_PLACEMENT_CLAIMS_H

#include <testudo/design.h>

#include "designfile/claims.h"

bool testudo_i_is_placement_claim(const char *metric);

/* Measures the claim again: NAN where the design is not one that the claim speaks of.
   TESTUDO_ERROR_INPUT for members that are missing or wrong. */
TESTUDO_CHECKED testudo_status testudo_i_measure_placement_claim(const testudo_i_claim_item *item, const char *metric,
                                                                 double *found);

#endif
