/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of each scheme, and what it asks of them. */
#include "design/schemes.h"

#include <inttypes.h>

#include <testudo/block.h>

#include "base/error.h"

const char *const scheme_options[SCHEME_OPTIONS] = {"parts", "stragglers", "wait", "tolerances", "sizes", "dim",
                                                    "construction"};

/* ---- ignore-stragglers ---- */

static testudo_status check_ignoring(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  (void)arguments;
  if (request->assignment != ASSIGN_UNCODED)
    return cli_refuse(error, "--assignment does not apply to scheme ignore-stragglers (every chunk lies on one worker),"
                      " but for matrix:FILE");
  return TESTUDO_OK;
}

/* ---- gradient-code ---- */

/* With parts it is a scheme of its own, which the command line does not name. */
static const cli_scheme with_parts;

static testudo_status check_gradient_code(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  int32_t copies = request->stragglers + request->parts;
  if (request->parts > request->workers)
    return cli_refuse(error, "--parts: %d for %d workers; allowed: 1..%d", request->parts, request->workers,
                      request->workers);
  if (request->stragglers > request->workers - request->parts)
    return cli_refuse(error, "--stragglers: %d of %d workers; allowed: 0..%d%s", request->stragglers, request->workers,
                      request->workers - request->parts, request->parts > 1 ? " with so many --parts" : "");
  if (cli_given(arguments, "replication") && request->replication != copies)
    return cli_refuse(error, "--replication: %d, but a gradient code for %d stragglers%s has %d copies of every chunk",
                      request->replication, request->stragglers, request->parts > 1 ? " and so many parts" : "",
                      copies);
  request->replication = copies;
  if (request->assignment != ASSIGN_CYCLIC && request->assignment != ASSIGN_FRC)
    return cli_refuse(error, "--assignment: scheme gradient-code is built on cyclic and frc, not on %s",
                      request_assignment(request));
  if (request->parts == 1)
    return TESTUDO_OK;
  if (request->construction != CONSTRUCT_ANY)
    return cli_refuse(error, "--construction does not apply with --parts: there is one for gradient codes with parts");
  request->scheme = &with_parts;
  return TESTUDO_OK;
}

/* ---- nested and block: tolerances that increase, and of a block code the sizes of its blocks ---- */

static testudo_status check_tolerances(const cli_request *request, testudo_error *error)
{
  for (int32_t k = 0; k < request->tolerances; k++)
    if (request->tolerance[k] >= request->workers)
      return cli_refuse(error, "--tolerances: %d of %d workers; allowed: integers in 0..%d", request->tolerance[k],
                        request->workers, request->workers - 1);
  return TESTUDO_OK;
}

/* The supports are prefixes of the cyclic natural order, so nothing else is left to choose. */
static testudo_status check_circle(cli_request *request, const cli_arguments *arguments, int32_t most,
                                   testudo_error *error)
{
  const char *scheme = testudo_scheme_name(request->scheme->id);
  if (most >= 0 && cli_given(arguments, "replication") && request->replication != most + 1)
    return cli_refuse(error, "--replication: %d, but a %s code of largest tolerance %d has %d copies of every chunk",
                      request->replication, scheme, most, most + 1);
  request->replication = most < 0 ? 1 : most + 1;
  if (request->assignment != ASSIGN_CYCLIC)
    return cli_refuse(error, "--assignment: scheme %s is built on cyclic, not on %s", scheme,
                      request_assignment(request));
  if (request->order != ORDER_NATURAL)
    return cli_refuse(error, "--order: scheme %s needs the natural order, not %s", scheme,
                      cli_text(arguments, "order", ""));
  return TESTUDO_OK;
}

static testudo_status check_nested(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  TESTUDO_I_TRY(check_tolerances(request, error));
  return check_circle(request, arguments, request->tolerance[request->tolerances - 1], error);
}

static testudo_status check_sizes(const cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  const cli_value *sizes = cli_get(arguments, "sizes");
  int64_t sum = 0;
  if (!sizes->given)
    return cli_refuse(error, "--sizes is missing: scheme block needs it");
  if (sizes->count != (size_t)request->tolerances)
    return cli_refuse(error, "--sizes: %zu given, but --tolerances has %d", sizes->count, request->tolerances);
  for (size_t b = 0; b < sizes->count; b++)
    sum += request->size[b];
  if (sum < 1 || sum > TESTUDO_MAX_DIM)
    return cli_refuse(error, "--sizes: %" PRId64 " in all; allowed: 1..%" PRId64, sum, TESTUDO_MAX_DIM);
  if (request->dim != 0 && request->dim != sum)
    return cli_refuse(error, "--sizes: %" PRId64 " in all, but --dim is %" PRId64, sum, request->dim);
  return TESTUDO_OK;
}

static testudo_status check_block(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  TESTUDO_I_TRY(check_tolerances(request, error));
  if (request->search == SEARCH_BLOCKS)
    return check_circle(request, arguments, -1, error); /* the search chooses, of all tolerances or of some */
  TESTUDO_I_TRY(check_sizes(request, arguments, error));
  int32_t k = request->tolerances - 1;
  while (k > 0 && request->size[k] == 0) /* the largest tolerance that codes something */
    k--;
  return check_circle(request, arguments, request->tolerance[k], error);
}

static const cli_scheme with_parts = {.id = TESTUDO_SCHEME_GRADIENT_CODE_PARTS, .assignment = ASSIGN_CYCLIC,
                                      .options = SCHEME_STRAGGLERS | SCHEME_PARTS, .needs = SCHEME_STRAGGLERS,
                                      .square = "frc", .check = check_gradient_code};

static const cli_scheme schemes[] = {
    {.id = TESTUDO_SCHEME_UNCODED, .assignment = ASSIGN_UNCODED},
    {.id = TESTUDO_SCHEME_IGNORE_STRAGGLERS, .assignment = ASSIGN_UNCODED, .options = SCHEME_WAIT,
     .needs = SCHEME_WAIT, .check = check_ignoring},
    {.id = TESTUDO_SCHEME_GRADIENT_CODE, .assignment = ASSIGN_CYCLIC,
     .options = SCHEME_STRAGGLERS | SCHEME_PARTS | SCHEME_CONSTRUCTION, .needs = SCHEME_STRAGGLERS, .square = "frc",
     .check = check_gradient_code},
    {.id = TESTUDO_SCHEME_NESTED, .assignment = ASSIGN_CYCLIC, .options = SCHEME_TOLERANCES,
     .needs = SCHEME_TOLERANCES, .check = check_nested},
    {.id = TESTUDO_SCHEME_PARTIAL, .assignment = ASSIGN_CYCLIC, .options = SCHEME_PARTS},
    {.id = TESTUDO_SCHEME_BLOCK, .assignment = ASSIGN_CYCLIC,
     .options = SCHEME_TOLERANCES | SCHEME_SIZES | SCHEME_DIM, .needs = SCHEME_TOLERANCES, .check = check_block},
};

const cli_scheme *scheme_of_choice(int choice)
{
  return &schemes[choice];
}
