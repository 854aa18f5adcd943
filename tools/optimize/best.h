/* SPDX-License-Identifier: GPL-3.0-or-later */
/* design --assignment best: an assignment that is searched, within limits (--objective overlap, cost) or among the
   families under a delay law (mean, quantile:q, mse:t); and --assignment arcs, whose loads fit the workers' rates. */
#ifndef TOOLS_OPTIMIZE_BEST_H
#define TOOLS_OPTIMIZE_BEST_H

#include "common/cluster.h"
#include "design/request.h"
#include "optimize/frame.h"

extern const cli_option best_options[]; /* --objective, --domains, .. */

/* Is --assignment best asked for under a delay law? It then brings its own order. */
bool best_is_timed(const cli_arguments *arguments);

/* Refuses those of best_options, and of the searches' and models' options, that do not apply to this request. */
TESTUDO_CHECKED testudo_status best_check(const cli_request *request, const cli_arguments *arguments,
                                          testudo_error *error);

/* What a search was asked, and has found. All zero: there was none. */
typedef struct best_search {
  bool ran;
  const char *objective; /* the user's text (lent) */
  search_frame frame;
  testudo_search_result result;
  testudo_placement_limits limits; /* of a placement; they own domain and cost */
  testudo_assignment start;        /* of a placement that goes on from --start */
  double cost;                     /* of a placement, where costs were given; else NAN */
  int32_t domains;                 /* 0: none were given */
  cli_cluster cluster;             /* under a delay law: the model, and what was tried */
  testudo_portfolio portfolio;
  testudo_design *from, *found;    /* of the portfolio: --start, and the best design */
  testudo_makespan makespan;       /* of arcs; value 0: there were none */
  int64_t copies;
  testudo_i_arena arena;           /* of the lists */
} best_search;

/* The assignment of best or arcs; rows ascend, or are in the order that was found. Stopped, it is the best so far;
   where there is none yet, the status says what ended the search. Free whatever the answer. */
TESTUDO_CHECKED testudo_status best_assign(best_search *best, const cli_request *request,
                                           const cli_arguments *arguments, testudo_assignment *assignment,
                                           testudo_error *error);
void best_free(best_search *best);

/* The part of best_assign under a delay law, and what is told of it. */
TESTUDO_CHECKED testudo_status best_assign_timed(best_search *best, const cli_request *request,
                                                 const cli_arguments *arguments, testudo_assignment *assignment,
                                                 testudo_error *error);
void best_put_tried(testudo_i_json_writer *writer, const testudo_portfolio *portfolio);
void best_print_tried(FILE *stream, const testudo_portfolio *portfolio);

/* After the design's provenance and claims are set: adds what was searched, and what of it can be proved again. */
TESTUDO_CHECKED testudo_status best_record(const best_search *best, testudo_design *design, testudo_error *error);

/* The member "search" of the object that is open, and its text; nothing where there was no search. */
void best_put(testudo_i_json_writer *writer, const best_search *best);
void best_print(FILE *stream, const best_search *best);

#endif
