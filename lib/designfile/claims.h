/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims of modules that stand above this one. */
#ifndef TESTUDO_DESIGNFILE_CLAIMS_H
#define TESTUDO_DESIGNFILE_CLAIMS_H

#include <testudo/designfile.h>

#include "json/read.h"

/* A claim of a design as its file has it; sentences call it "claims[3]". */
typedef struct testudo_i_claim_item {
  const testudo_design *design;
  testudo_i_json_at at;
} testudo_i_claim_item;

/* Called for a claim whose metric this module does not know: claim->metric and claimed are set. Where it can prove it,
   it sets known, found and holds, and level if there is one. */
typedef struct testudo_i_prover {
  testudo_status (*prove)(void *context, const testudo_i_claim_item *item, testudo_claim *claim);
  void *context;
} testudo_i_prover;

/* testudo_design_prove with what `prover` (may be NULL) knows besides. */
TESTUDO_CHECKED testudo_status testudo_i_design_prove_with(const testudo_design *design, const char *name,
                                                           const testudo_i_prover *prover, testudo_claim **claims,
                                                           size_t *count, testudo_error *error);

/* Adds a claim, a compact JSON object, behind those that the design has. */
TESTUDO_CHECKED testudo_status testudo_i_design_add_claim(testudo_design *design, const char *text,
                                                          testudo_error *error);

#endif
