/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The design that is asked for, by its sizes and the names of families: what the options of `testudo design`, and of
   `testudo optimize` without a file, come to. Nothing behind it looks at options again. */
#ifndef TOOLS_DESIGN_REQUEST_H
#define TOOLS_DESIGN_REQUEST_H

#include <stdint.h>

#include <testudo/code.h>
#include <testudo/trust.h>

#include "option/option.h"
#include "runtime/scheme/scheme.h"

extern const cli_option request_options[];     /* --assignment, --order, --workers, .. */
extern const cli_option granularity_options[]; /* --granularity, beside --chunks */

/* In the order of --assignment; the rest has no word. */
typedef enum cli_assignment {
  ASSIGN_CYCLIC,
  ASSIGN_FRC,
  ASSIGN_REGULAR,
  ASSIGN_BERNOULLI,
  ASSIGN_GRAPH,
  ASSIGN_EXPANDER,
  ASSIGN_BIBD,
  ASSIGN_PAIRWISE,
  ASSIGN_ARCS,
  ASSIGN_MATRIX,   /* of assignment_file */
  ASSIGN_UNCODED,  /* every chunk on one worker */
  ASSIGN_BY_ORDER, /* as order_file says */
  ASSIGN_SEARCHED
} cli_assignment;

/* In the order of --order. */
typedef enum cli_order {
  ORDER_NATURAL,
  ORDER_MATCHING,
  ORDER_RANDOM,
  ORDER_ROTATED,
  ORDER_XOR,
  ORDER_STEAL, /* from here to ORDER_SLOTS: by blocks, slot_order */
  ORDER_BACK,
  ORDER_STEAL_XOR,
  ORDER_BACK_XOR,
  ORDER_MIRROR,
  ORDER_STAIRCASE,
  ORDER_DRAFT,
  ORDER_DRAFT_AT,
  ORDER_TWINS,
  ORDER_SHORT,
  ORDER_UNEVEN,
  ORDER_SLOTS, /* of slots_file */
  ORDER_FILE,  /* of order_file */
  ORDER_SEARCHED
} cli_order;

/* In the order of --construction. */

/* What is left to a search. */
typedef enum cli_search { SEARCH_NOTHING, SEARCH_ORDER, SEARCH_PLACEMENT, SEARCH_FAMILIES, SEARCH_BLOCKS } cli_search;

typedef struct cli_request {
  const struct cli_scheme *scheme; /* design/schemes.h */
  cli_search search;
  cli_assignment assignment;
  cli_order order;
  testudo_i_construction construction;
  const char *assignment_file, *order_file, *slots_file, *name; /* lent; name NULL: made from the sizes */
  const char *code_file;    /* a gradient code of the user's own; lent, NULL: none */
  bool ordered;             /* an order was asked for */
  testudo_slot_order slot_order; /* of an order by blocks; without its law. Its name is lent, or lies in the arena */
  double draft_time;        /* of draft, seconds; 0: none was given, or, when it is made without a law, none is used */
  bool transposed;          /* rows of that file, or of the assignment's, are chunks */
  int32_t workers, chunks, replication; /* 0: as in the file */
  int32_t parts, stragglers, wait;
  const int32_t *tolerance; /* of nested and block, increasing */
  int32_t tolerances;
  const int64_t *size;      /* of block, as many */
  int64_t dim;              /* of block; 0: the sum of the sizes */
  const int32_t *copies; /* of pairwise, one per chunk (lent); NULL: replication for all */
  const double *rates;  /* of arcs, one per worker (lent) */
  testudo_makespan makespan; /* of the arcs that were made; value 0: there are none */
  testudo_code_check tested; /* of the code_file */
  uint64_t seed;
  bool unwatched;       /* made whatever signal has come: it takes no time, and a search was stopped before */
  testudo_i_arena arena; /* of size, unless a search has chosen it, and loads */
} cli_request;

/* Of a request that is zeroed but for scheme and search. TESTUDO_ERROR_ARGUMENT with one sentence for options that
   conflict or do not apply. Free whatever the answer. */
TESTUDO_CHECKED testudo_status request_take(cli_request *request, const cli_arguments *arguments,
                                            testudo_error *error);

/* Is the order one by blocks, and one that a delay law decides? */
bool request_orders_by_blocks(const cli_request *request);
bool request_orders_by_law(const cli_request *request);

/* Refuses a seed where nothing is drawn. */
TESTUDO_CHECKED testudo_status request_check_seed(const cli_request *request, const cli_arguments *arguments,
                                                  testudo_error *error);

/* "--assignment", as people write it. */
const char *request_assignment(const cli_request *request);

/* The design that is asked for: its assignment (of arcs also the makespan), order, code and name. */
TESTUDO_CHECKED testudo_status request_make(cli_request *request, const cli_arguments *arguments,
                                            testudo_design **design, testudo_error *error);

/* ---- orders by blocks (order.c): their words, the order when none is named, and their making ---- */

/* "twins:short:8:draft:4.5" and the like, as --order has it: fills slot_order and draft_time. */
TESTUDO_CHECKED testudo_status order_take_word(cli_request *request, const char *word, testudo_error *error);

/* Of a request whose sizes are known: the order of chunks finer than workers where none was asked for. */
TESTUDO_CHECKED testudo_status order_take_preset(cli_request *request, testudo_error *error);

/* Puts the assignment into it, or makes that anew where the order decides who holds what. Draft goes by --delay. */
TESTUDO_CHECKED testudo_status order_by_blocks(cli_request *request, const cli_arguments *arguments,
                                               testudo_assignment *assignment, testudo_error *error);

/* ---- the order asked for, and the design ---- */

/* The same of an assignment that is there: the order asked for (in_any_case: though a stop was asked for) .. */
TESTUDO_CHECKED testudo_status request_put_in_order(cli_request *request, const cli_arguments *arguments,
                                                    bool in_any_case, testudo_assignment *assignment,
                                                    testudo_error *error);

/* .. and the design, with its name, over it. */
TESTUDO_CHECKED testudo_status request_create(const cli_request *request, const cli_arguments *arguments,
                                              const testudo_assignment *assignment, testudo_design **design,
                                              testudo_error *error);

#endif
