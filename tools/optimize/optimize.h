/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `testudo optimize`: what is searched, from which design or which sizes, and what was found. */
#ifndef TOOLS_OPTIMIZE_H
#define TOOLS_OPTIMIZE_H

#include <testudo/block_search.h>

#include "common/head.h"
#include "design/request.h"
#include "optimize/frame.h"

/* --objective, --scheme, --level, .. before, and --domains, --samples, .. after the sizes and the delay model. */
extern const cli_option optimize_goal_options[], optimize_own_options[];

/* Placements within limits: the least overlap, or the least cost. */
typedef struct cli_placement {
  testudo_placement_limits limits; /* they own domain and cost */
  testudo_assignment start;        /* FILE's, where there is one that keeps the limits */
  double before, cost;             /* where costs were given: of the start, NAN without, and of what was found */
  int32_t domains;                 /* 0: none were given */
} cli_placement;

typedef struct cli_optimized {
  const cli_arguments *arguments;
  cli_search search;
  const char *objective_text;    /* the user's (lent) */
  testudo_objective objective;
  testudo_search_method method;
  cli_request request;           /* of what is made anew */
  testudo_design *design;        /* FILE, or that from which an order is searched; NULL: neither */
  testudo_design *better;        /* NULL: `design`, which nothing was better than */
  cli_cluster cluster;           /* the delay model; no design in it */
  testudo_latency_goal goal;     /* of objectives under it */
  search_frame frame;
  testudo_search_result result;
  cli_placement placement;
  testudo_portfolio portfolio;
  testudo_block_plan *plan;
  bool unmade;                   /* the code of the plan was not made: `better` has its shape alone, for the result */
  /* What the result says besides. */
  design_result about;
  delay_result delay;
  const delay_result *delayed;   /* NULL: none was given */
  double seconds;
  testudo_i_arena arena;         /* of the lists */
} cli_optimized;

/* Of a zeroed one: reads the options and FILE, refuses what does not go together, searches, and gives the design that
   was found its provenance and claims. Stopped, that is the best so far. Clear whatever the answer. */
TESTUDO_CHECKED testudo_status optimize_find(cli_optimized *o, const cli_arguments *arguments, testudo_error *error);
testudo_design *optimize_found(const cli_optimized *o); /* lent */

/* Its first step. */
TESTUDO_CHECKED testudo_status optimize_take(cli_optimized *o, const cli_arguments *arguments, testudo_error *error);
TESTUDO_CHECKED testudo_status placement_take(cli_optimized *o, testudo_error *error); /* its part for placements */
void optimize_clear(void *context);

/* Each searches, and sets `better`. Stopped, that is the best so far; where there is none yet, the status says what
   ended the search. */
TESTUDO_CHECKED testudo_status optimize_placement(cli_optimized *o, testudo_error *error);
TESTUDO_CHECKED testudo_status optimize_blocks(cli_optimized *o, testudo_error *error);

/* Of a testudo_portfolio_entry and of a testudo_block_plan, and their text. */
extern const field tried_fields[], plan_fields[];
void families_print(FILE *stream, const testudo_portfolio *portfolio);
void plan_print(FILE *stream, const testudo_block_plan *found, bool all); /* all: tolerances and sizes too */

/* Where the code of a plan was not made, the sentence that says so; TESTUDO_OK otherwise. */
TESTUDO_CHECKED testudo_status blocks_exit(const cli_optimized *o, testudo_error *error);

#endif
