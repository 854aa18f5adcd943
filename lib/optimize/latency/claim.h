/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims of exact objectives, which carry the delay model they speak of:
   {"metric":"latency_mean" | "latency_quantile" | "expected_error" | "late_probability", "value", "law", "structure",
   .. (the other members of delay/delay_json.h that are not the default), "at" (the quantile, or the deadline)}. */
#ifndef TESTUDO_OPTIMIZE_LATENCY_CLAIM_H
#define TESTUDO_OPTIMIZE_LATENCY_CLAIM_H

#include "designfile/claims.h"

/* Measures it again: claim->found NAN where no law of this design is exact. The claim holds to a relative 1e-6. A law
   that names a file is refused: a design that is checked must not make the program read others. TESTUDO_ERROR_INPUT
   for members that are missing or wrong. */
TESTUDO_CHECKED testudo_status testudo_i_prove_latency(const testudo_i_claim_item *item, const testudo_monitor *monitor,
                                                       testudo_claim *claim);

#endif
