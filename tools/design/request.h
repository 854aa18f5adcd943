/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `testudo design` is asked for: which options belong together, and their defaults. */
#ifndef TOOLS_DESIGN_REQUEST_H
#define TOOLS_DESIGN_REQUEST_H

#include <stdint.h>

#include <testudo/code.h>

#include "option/option.h"

typedef struct cli_request {
  testudo_scheme scheme;
  const char *assignment; /* a word of --assignment, or "uncoded": every chunk on one worker */
  const char *order;
  const char *construction; /* NULL: what the assignment has */
  int32_t workers, chunks, replication; /* 0: the matrix file tells */
  int32_t parts, stragglers, wait;
  const double *tolerance; /* of nested and block, whole numbers, increasing (lent) */
  int32_t tolerances;
  const double *size;      /* of block, whole numbers, as many (lent) */
  const double *copies; /* --copies of pairwise, one a chunk, whole numbers (lent); NULL: replication for all */
  uint64_t seed;
} cli_request;

/* TESTUDO_ERROR_ARGUMENT with one sentence for options that conflict or do not apply. */
TESTUDO_CHECKED testudo_status request_take(cli_request *request, const cli_arguments *arguments,
                                            testudo_error *error);

/* The rules of --tolerances, --sizes and --dim of schemes nested and block; sets the replication. */
TESTUDO_CHECKED testudo_status request_check_tolerances(cli_request *request, const cli_arguments *arguments,
                                                        testudo_error *error);

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
