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

/* ---- schemes for a number of stragglers, the largest of several ---- */

/* Those with tolerances are prefixes of the cyclic natural order, so nothing else is left to choose. */
static testudo_status check_built(cli_request *request, const cli_arguments *arguments, int32_t stragglers,
                                  testudo_error *error)
{
  const char *scheme = testudo_scheme_name(request->scheme->id);
  bool circle = request->scheme->options & SCHEME_TOLERANCES;
  int32_t copies = stragglers + request->parts;
  if (cli_given(arguments, "replication") && request->replication != copies)
    return cli_refuse(error, "--replication: %d, but scheme %s has %d copies of every chunk for %d stragglers%s",
                      request->replication, scheme, copies, stragglers,
                      request->parts > 1 ? " and so many parts" : "");
  request->replication = copies;
  if (request->assignment != ASSIGN_CYCLIC && (circle || request->assignment != ASSIGN_FRC))
    return cli_refuse(error, "--assignment: scheme %s needs cyclic%s, not %s", scheme,
                      circle ? "" : ", frc or matrix:FILE", request_assignment(request));
  if (circle && request->order != ORDER_NATURAL)
    return cli_refuse(error, "--order: scheme %s needs the natural order, not %s", scheme,
                      cli_text(arguments, "order", ""));
  return TESTUDO_OK;
}

/* With parts it is a scheme of its own, which the command line does not name. */
static const cli_scheme with_parts;

static testudo_status check_gradient_code(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  if (request->parts > request->workers)
    return cli_refuse(error, "--parts: %d for %d workers; allowed: 1..%d", request->parts, request->workers,
                      request->workers);
  if (request->stragglers < 0)
    return cli_refuse(error, "--replication: %d for %d parts; allowed: %d..%d",
                      request->stragglers + request->parts, request->parts, request->parts, request->workers);
  if (request->stragglers > request->workers - request->parts && !cli_given(arguments, "stragglers"))
    return cli_refuse(error, "--replication: %d copies on %d workers; allowed: %d..%d",
                      request->stragglers + request->parts, request->workers, request->parts, request->workers);
  if (request->stragglers > request->workers - request->parts)
    return cli_refuse(error, "--stragglers: %d of %d workers; allowed: 0..%d%s", request->stragglers, request->workers,
                      request->workers - request->parts, request->parts > 1 ? " with so many --parts" : "");
  TESTUDO_I_TRY(check_built(request, arguments, request->stragglers, error));
  if (request->parts == 1)
    return TESTUDO_OK;
  if (request->construction != TESTUDO_I_NO_CONSTRUCTION)
    return cli_refuse(error, "--construction does not apply with --parts: there is one for gradient codes with parts");
  request->scheme = &with_parts;
  return TESTUDO_OK;
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

static testudo_status check_tolerances(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  int32_t last = request->tolerances - 1;
  for (int32_t k = 0; k <= last; k++)
    if (request->tolerance[k] >= request->workers)
      return cli_refuse(error, "--tolerances: %d of %d workers; allowed: integers in 0..%d", request->tolerance[k],
                        request->workers, request->workers - 1);
  if (request->search == SEARCH_BLOCKS)
    return check_built(request, arguments, 0, error); /* the search chooses, of all tolerances or of some */
  if (request->scheme->options & SCHEME_SIZES)
    TESTUDO_I_TRY(check_sizes(request, arguments, error));
  while (last > 0 && request->scheme->options & SCHEME_SIZES && request->size[last] == 0)
    last--; /* the largest tolerance that codes something */
  return check_built(request, arguments, request->tolerance[last], error);
}

static const cli_scheme with_parts = {.id = TESTUDO_SCHEME_GRADIENT_CODE_PARTS, .assignment = ASSIGN_CYCLIC,
                                      .options = SCHEME_STRAGGLERS | SCHEME_PARTS, .needs = SCHEME_STRAGGLERS,
                                      .square = "frc", .check = check_gradient_code};

const cli_scheme scheme_of_choice[] = {
    {.id = TESTUDO_SCHEME_UNCODED, .assignment = ASSIGN_UNCODED},
    {.id = TESTUDO_SCHEME_IGNORE_STRAGGLERS, .assignment = ASSIGN_UNCODED, .options = SCHEME_WAIT,
     .needs = SCHEME_WAIT, .check = check_ignoring},
    {.id = TESTUDO_SCHEME_GRADIENT_CODE, .assignment = ASSIGN_CYCLIC,
     .options = SCHEME_STRAGGLERS | SCHEME_PARTS | SCHEME_CONSTRUCTION, .needs = SCHEME_STRAGGLERS, .square = "frc",
     .check = check_gradient_code},
    {.id = TESTUDO_SCHEME_NESTED, .assignment = ASSIGN_CYCLIC, .options = SCHEME_TOLERANCES,
     .needs = SCHEME_TOLERANCES, .check = check_tolerances},
    {.id = TESTUDO_SCHEME_PARTIAL, .assignment = ASSIGN_CYCLIC, .options = SCHEME_PARTS},
    {.id = TESTUDO_SCHEME_BLOCK, .assignment = ASSIGN_CYCLIC,
     .options = SCHEME_TOLERANCES | SCHEME_SIZES | SCHEME_DIM, .needs = SCHEME_TOLERANCES, .check = check_tolerances},
};
