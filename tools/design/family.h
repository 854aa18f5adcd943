/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `testudo design --assignment` bernoulli, graph, expander, bibd, pairwise: families for approximate codes. */
#ifndef TOOLS_DESIGN_FAMILY_H
#define TOOLS_DESIGN_FAMILY_H

#include <stdio.h>

#include <testudo/approximate.h>
#include <testudo/designfile.h>

#include "design/request.h"
#include "json/write.h"

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

/* What the summary tells of it: spectrum, and how far it is from pairwise balanced. */
typedef struct cli_family {
  bool has_spectrum, has_balance;
  testudo_spectrum spectrum;
  double imbalance, imbalance_root;
} cli_family;

TESTUDO_CHECKED testudo_status family_measure(cli_family *family, const cli_request *request,
                                              const testudo_design *design, testudo_error *error);

/* Members "spectrum" and "balance", and their text; nothing for other assignments. */
void family_put(testudo_i_json_writer *writer, const cli_family *family);
void family_print(FILE *stream, const cli_family *family);

#endif
