/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing designs, and the claims they carry. */
#ifndef TESTUDO_DESIGNFILE_H
#define TESTUDO_DESIGNFILE_H

#include <stddef.h>
#include <stdint.h>

#include <testudo/design.h>
#include <testudo/placement.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writes version 1 with its checksum, aside and then renamed. The design's checksum is updated to the one written. */
TESTUDO_CHECKED testudo_status testudo_design_write(testudo_design *design, const char *path, testudo_error *error);

/* provenance = {"tool":"testudo","version":..,"command":command,"seed":seed}; no time, host or path belongs in it. */
TESTUDO_CHECKED testudo_status testudo_design_set_provenance(testudo_design *design, const char *command,
                                                             uint64_t seed, testudo_error *error);

/* claims = q_max for l = 1..parts, row_sum_max at l = parts, max_overlap: as measured now. */
TESTUDO_CHECKED testudo_status testudo_design_claim(testudo_design *design, testudo_error *error);

/* The same, and what families for approximate codes claim (docs/theory/approximate.md): second_singular_value
   (centred_norm where loads or replication differ) and
   spectral_gap, and pairwise_imbalance, as testudo_spectrum_measure and testudo_balance_measure find them, to ten
   digits; proved again, they hold to a relative 1e-6. */
typedef enum testudo_family_claims {
  TESTUDO_CLAIM_NOTHING_MORE,
  TESTUDO_CLAIM_SPECTRUM,
  TESTUDO_CLAIM_BALANCE /* and the spectrum */
} testudo_family_claims;

TESTUDO_CHECKED testudo_status testudo_design_claim_family(testudo_design *design, testudo_family_claims family,
                                                           testudo_error *error);

/* Adds to the claims, once they are made: the most copies of a chunk in a domain of the limits (where they have
   domains), and, when bound_too, the bound of testudo_overlap_bound. Costs are not written. */
TESTUDO_CHECKED testudo_status testudo_design_claim_placement(testudo_design *design,
                                                              const testudo_placement_limits *limits, bool bound_too,
                                                              testudo_error *error);

/* Adds those claims of a placement that `from` carries and that hold for the design too: of one in another order,
   all. */
TESTUDO_CHECKED testudo_status testudo_design_carry_placement(testudo_design *design, const testudo_design *from,
                                                              testudo_error *error);

/* One claim, proved again. */
typedef struct testudo_claim {
  char metric[32];
  int32_t level;       /* l for q_max and row_sum_max, else 0 */
  double claimed, found;
  bool known;          /* false: a metric this version cannot prove; holds is then false */
  bool holds;
} testudo_claim;

/* Reads the design's claims and measures each again. *claims is malloc'd. TESTUDO_ERROR_INPUT when they are not a list
   of {"metric":..,"value":..}; `name` stands for the file in the sentence. Claims of searches are not known here:
   testudo_search_prove (optimize.h) proves them too. */
TESTUDO_CHECKED testudo_status testudo_design_prove(const testudo_design *design, const char *name,
                                                    testudo_claim **claims, size_t *count, testudo_error *error);

/* Reads a design whose checksum may be missing or wrong (everything else is checked), for resealing. */
TESTUDO_CHECKED testudo_status testudo_design_read_unsealed(const char *path, testudo_design **design,
                                                            testudo_error *error);

#ifdef __cplusplus
}
#endif
#endif
