/* SPDX-License-Identifier: GPL-3.0-or-later */
/* design --assignment best: an assignment that is searched, within limits (--objective overlap, cost). */
#ifndef TOOLS_OPTIMIZE_BEST_H
#define TOOLS_OPTIMIZE_BEST_H

#include "design/request.h"
#include "optimize/frame.h"

extern const cli_option best_options[]; /* --objective, --domains, .. */

/* Refuses those of best_options, and of the searches' and models' options, that do not apply to this request. */
TESTUDO_CHECKED testudo_status best_check(const cli_request *request, const cli_arguments *arguments,
                                          testudo_error *error);

/* What a search was asked, and has found. All zero: there was none. */
typedef struct best_search {
  bool ran;
  const char *objective; /* the user's text (lent) */
  search_frame frame;
  testudo_search_result result;
  testudo_placement_limits limits; /* of a placement; they own what they lend */
  double cost;                     /* of a placement, where costs were given; else NAN */
  int32_t domains;                 /* 0: none were given */
} best_search;

/* The assignment, rows in ascending order. Stopped, it is the best so far; where there is none yet, the status says
   what ended the search. Free whatever the answer. */
TESTUDO_CHECKED testudo_status best_assign(best_search *best, const cli_request *request,
                                           const cli_arguments *arguments, testudo_assignment *assignment,
                                           testudo_error *error);
void best_free(best_search *best);

/* After the design's provenance and claims are set: adds what was searched, and what of it can be proved again. */
TESTUDO_CHECKED testudo_status best_record(const best_search *best, testudo_design *design, testudo_error *error);

/* The member "search" of the object that is open, and its text; nothing where there was no search. */
void best_put(testudo_i_json_writer *writer, const best_search *best);
void best_print(FILE *stream, const best_search *best);

#endif
