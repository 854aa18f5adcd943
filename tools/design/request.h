/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `testudo design` is asked for: which options belong together, and their defaults. */
#ifndef TOOLS_DESIGN_REQUEST_H
#define TOOLS_DESIGN_REQUEST_H

#include <stdint.h>

#include <testudo/code.h>

#include "option/option.h"

typedef struct cli_request {
  const struct cli_scheme *scheme; /* design/schemes.h */
  const char *assignment; /* a word of --assignment, or "uncoded": every chunk on one worker */
  const char *order;
  const char *construction; /* NULL: what the assignment has */
  int32_t workers, chunks, replication; /* 0: the matrix file tells */
  int32_t parts, stragglers, wait;
  const int32_t *tolerance; /* of nested and block, increasing */
  int32_t tolerances;
  const int64_t *size;      /* of block, as many */
  const double *copies; /* --copies of pairwise, one per chunk, whole numbers (lent); NULL: replication for all */
  uint64_t seed;
  testudo_i_arena arena; /* of tolerance and size, unless a search has chosen them */
} cli_request;

/* Of a zeroed request. TESTUDO_ERROR_ARGUMENT with one sentence for options that conflict or do not apply. Free
   whatever the answer. */
TESTUDO_CHECKED testudo_status request_take(cli_request *request, const cli_arguments *arguments,
                                            testudo_error *error);

/* Is it for scheme partial, whose assignment and orders are free? */
bool request_is_free(const cli_request *request);

/* Is this its assignment? "matrix" stands for every matrix:FILE. */
bool request_assigns(const cli_request *request, const char *assignment);

/* The assignment, in the order asked for. */
TESTUDO_CHECKED testudo_status request_assign(const cli_request *request, const cli_arguments *arguments,
                                              testudo_assignment *assignment, testudo_error *error);

/* The order asked for, of an assignment that is there. */
TESTUDO_CHECKED testudo_status request_put_in_order(const cli_request *request, const cli_arguments *arguments,
                                                    testudo_assignment *assignment, testudo_error *error);

/* The design, with its name, over that assignment. */
TESTUDO_CHECKED testudo_status request_create(const cli_request *request, const cli_arguments *arguments,
                                              const testudo_assignment *assignment, testudo_design **design,
                                              testudo_error *error);

#endif
