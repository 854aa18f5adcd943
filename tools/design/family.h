/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `testudo design --assignment` bernoulli, graph, expander, bibd, pairwise: families for approximate codes. */
#ifndef TOOLS_DESIGN_FAMILY_H
#define TOOLS_DESIGN_FAMILY_H

#include <testudo/approximate.h>
#include <testudo/designfile.h>

#include "design/request.h"
#include "report/field.h"

bool family_is(const cli_request *request);

/* Sizes of a graph: workers are chunks * replication / 2, so two of the three tell the third. */
TESTUDO_CHECKED testudo_status family_take_graph(cli_request *request, const cli_arguments *arguments,
                                                 testudo_error *error);
/* --copies, after workers: chunks are as many as there are numbers. */
TESTUDO_CHECKED testudo_status family_take_copies(cli_request *request, const cli_arguments *arguments,
                                                  testudo_error *error);

TESTUDO_CHECKED testudo_status family_assign(cli_request *request, const testudo_monitor *monitor,
                                             testudo_assignment *assignment, testudo_error *error);

/* What its design file claims besides. */
testudo_family_claims family_claims(const cli_request *request);

/* What the summary says of it: spectrum, and how far it is from pairwise balanced; NULL for other assignments. */
typedef struct cli_balance {
  bool exact;
  double imbalance, root;
  int32_t workers; /* m: all, those that hold nothing too */
} cli_balance;

typedef struct cli_family {
  const testudo_spectrum *spectrum;
  const cli_balance *balance;
  testudo_spectrum measured;
  cli_balance balanced;
} cli_family;

/* Of a zeroed family. */
TESTUDO_CHECKED testudo_status family_measure(cli_family *family, const cli_request *request,
                                              const testudo_design *design, testudo_error *error);

extern const field family_fields[]; /* of a cli_family */

#endif
