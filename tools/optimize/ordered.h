/* SPDX-License-Identifier: GPL-3.0-or-later */
/* design --order best, milp: the order is searched. */
#ifndef TOOLS_OPTIMIZE_ORDERED_H
#define TOOLS_OPTIMIZE_ORDERED_H

#include "design/request.h"
#include "optimize/frame.h"
#include "optimize/latency.h"

/* What a search of the order was asked, and has found. All zero: there was none. */
typedef struct ordered_search {
  bool ran;
  const char *text; /* of the objective (lent) */
  testudo_objective objective;
  latency_request latency;
  search_frame frame;
  testudo_search_result result;
} ordered_search;

/* Is the order one that is searched? */
bool ordered_wanted(const cli_request *request);

/* Is it one that is searched under a delay law? */
bool ordered_delayed(const cli_request *request, const cli_arguments *arguments);

/* Do --objective and --delay suit --order? */
TESTUDO_CHECKED testudo_status ordered_check(const cli_request *request, const cli_arguments *arguments,
                                             testudo_error *error);

/* Replaces *design by one with the least objective that is found: Q_max at the design's parts, or under --delay. Free
   whatever the answer. */
TESTUDO_CHECKED testudo_status ordered_run(ordered_search *ordered, const cli_request *request,
                                           const cli_arguments *arguments, testudo_design **design,
                                           testudo_error *error);

/* After the design's provenance and claims are set: adds what was searched, under `key` of the provenance. */
TESTUDO_CHECKED testudo_status ordered_record(const ordered_search *ordered, const char *key, testudo_design *design,
                                              testudo_error *error);

/* The member "order_search" of the object that is open, and its text; nothing where there was no search. */
void ordered_put(testudo_i_json_writer *writer, const ordered_search *ordered);
void ordered_print(FILE *stream, const ordered_search *ordered, int32_t level);

#endif
