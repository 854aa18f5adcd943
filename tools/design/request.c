/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "design/request.h"

#include <string.h>

#include "base/error.h"
#include "optimize/best.h"
#include "design/family.h"

static testudo_status inapplicable(const char *option, const char *where, testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--%s does not apply to %s", option, where);
}

static testudo_status needed(const char *option, const char *where, testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--%s is missing: %s needs it", option, where);
}

bool request_assigns(const cli_request *request, const char *assignment)
{
  if (strcmp(assignment, "matrix") == 0)
    return strncmp(request->assignment, "matrix:", 7) == 0;
  return strcmp(request->assignment, assignment) == 0;
}

/* ---- which options a scheme has ---- */

typedef struct cli_scheme {
  const char *word;
  testudo_scheme scheme;
  const char *assignment; /* when none is given */
  const char *options;    /* of --parts, --stragglers, --wait, --tolerances, --sizes, --dim: those it has */
  const char *needs;      /* the one of them that has no default */
} cli_scheme;

static const cli_scheme schemes[] = {
    {"uncoded", TESTUDO_SCHEME_UNCODED, "uncoded", "", NULL},
    {"ignore-stragglers", TESTUDO_SCHEME_IGNORE_STRAGGLERS, "uncoded", "wait", "wait"},
    {"gradient-code", TESTUDO_SCHEME_GRADIENT_CODE, "cyclic", "stragglers", "stragglers"},
    {"nested", TESTUDO_SCHEME_NESTED, "cyclic", "tolerances", "tolerances"},
    {"partial", TESTUDO_SCHEME_PARTIAL, "cyclic", "parts", NULL},
    {"block", TESTUDO_SCHEME_BLOCK, "cyclic", "tolerances sizes dim", "tolerances"},
};

/* --parts 1 is what every scheme does. */
static bool says_nothing(const cli_arguments *arguments, const char *option)
{
  return !cli_given(arguments, option) || (strcmp(option, "parts") == 0 && cli_integer(arguments, option, 1) == 1);
}

static testudo_status check_scheme(const cli_scheme *scheme, const cli_arguments *arguments, testudo_error *error)
{
  static const char *const own[] = {"parts", "stragglers", "wait", "tolerances", "sizes", "dim"};
  char where[64];
  snprintf(where, sizeof where, "scheme %s", scheme->word);
  for (size_t k = 0; k < sizeof own / sizeof *own; k++)
    if (strstr(scheme->options, own[k]) == NULL && !says_nothing(arguments, own[k]))
      return inapplicable(own[k], where, error);
  bool chosen = scheme->scheme == TESTUDO_SCHEME_BLOCK && cli_given(arguments, "delay");
  if (scheme->needs != NULL && !chosen && !cli_given(arguments, scheme->needs))
    return needed(scheme->needs, where, error);
  return TESTUDO_OK;
}

/* A construction is built on one assignment. */
static testudo_status check_construction(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  if (request->construction == NULL)
    return TESTUDO_OK;
  if (request->scheme != TESTUDO_SCHEME_GRADIENT_CODE) {
    char where[64];
    snprintf(where, sizeof where, "scheme %s", testudo_scheme_name(request->scheme));
    return inapplicable("construction", where, error);
  }
  const char *assignment = strcmp(request->construction, "frc") == 0 ? "frc" : "cyclic";
  if (!cli_given(arguments, "assignment"))
    request->assignment = assignment;
  if (!request_assigns(request, assignment))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--construction %s is built on --assignment %s, not on %s",
                          request->construction, assignment, request->assignment);
  return TESTUDO_OK;
}

/* ---- sizes ---- */

/* A matrix file already says who holds what. */
static testudo_status check_matrix(const cli_arguments *arguments, testudo_error *error)
{
  static const char *const fixed[] = {"workers", "chunks", "replication"};
  for (size_t k = 0; k < sizeof fixed / sizeof *fixed; k++)
    if (cli_given(arguments, fixed[k]))
      return inapplicable(fixed[k], "--assignment matrix:FILE (the file tells it)", error);
  return TESTUDO_OK;
}

static testudo_status check_gradient_code(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  int32_t copies = request->stragglers + 1;
  if (request->stragglers >= request->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--stragglers: %d of %d workers; allowed: 0..%d",
                          request->stragglers, request->workers, request->workers - 1);
  if (cli_given(arguments, "replication") && request->replication != copies)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "--replication: %d, but a gradient code for %d stragglers has %d copies of every chunk",
                          request->replication, request->stragglers, copies);
  request->replication = copies;
  if (!request_assigns(request, "cyclic") && !request_assigns(request, "frc"))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "--assignment: scheme gradient-code is built on cyclic and frc, not on %s",
                          request->assignment);
  return TESTUDO_OK;
}

static testudo_status check_copies(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  bool own = request_assigns(request, "uncoded");
  if (own && cli_given(arguments, "replication") && request->replication != 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "--replication does not apply to scheme %s without --assignment (every chunk lies on one"
                          " worker)", testudo_scheme_name(request->scheme));
  if (request->scheme == TESTUDO_SCHEME_IGNORE_STRAGGLERS && !own)
    return inapplicable("assignment", "scheme ignore-stragglers (every chunk lies on one worker), but for matrix:FILE",
                        error);
  if (request->scheme == TESTUDO_SCHEME_GRADIENT_CODE)
    return check_gradient_code(request, arguments, error);
  if (request->scheme == TESTUDO_SCHEME_NESTED || request->scheme == TESTUDO_SCHEME_BLOCK)
    return request_check_tolerances(request, arguments, error);
  bool listed = request_assigns(request, "best") && cli_given(arguments, "replications");
  if (listed && cli_given(arguments, "replication"))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--replication and --replications exclude each other");
  bool told = own || listed || cli_given(arguments, "replication");
  return told ? TESTUDO_OK : needed("replication", request->assignment, error);
}

/* What an assignment asks of the three sizes. */
static testudo_status check_shape(const cli_request *request, testudo_error *error)
{
  if (request_assigns(request, "cyclic") && request->chunks != request->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "--assignment cyclic needs as many chunks as workers, but there are %d and %d;"
                          " --assignment %s does not", request->chunks, request->workers,
                          request->scheme == TESTUDO_SCHEME_GRADIENT_CODE ? "frc" : "regular");
  if (request_assigns(request, "uncoded"))
    return request->workers <= request->chunks
               ? TESTUDO_OK
               : testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--chunks: %d, but %d workers need at least one each",
                                request->chunks, request->workers);
  if (request->replication > request->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--replication: %d copies on %d workers; allowed: 1..%d",
                          request->replication, request->workers, request->workers);
  if (!request_assigns(request, "frc"))
    return TESTUDO_OK;
  if (request->workers % request->replication != 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "--assignment frc puts workers in groups of one size, but %d workers are no whole number of"
                          " groups of %d", request->workers, request->replication);
  int32_t groups = request->workers / request->replication;
  if (request->chunks % groups != 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "--assignment frc shares the chunks out evenly, but %d chunks are not a multiple of its %d"
                          " groups", request->chunks, groups);
  return TESTUDO_OK;
}

static testudo_status check_sizes(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  if (cli_given(arguments, "copies") && !request_assigns(request, "pairwise"))
    return inapplicable("copies", "assignments but pairwise", error);
  if (request_assigns(request, "matrix"))
    return check_matrix(arguments, error);
  if (request_assigns(request, "graph"))
    return family_take_graph(request, arguments, error);
  if (!cli_given(arguments, "workers"))
    return needed("workers", "a design", error);
  request->workers = (int32_t)cli_integer(arguments, "workers", 0);
  request->chunks = (int32_t)cli_integer(arguments, "chunks", request->workers);
  request->replication = (int32_t)cli_integer(arguments, "replication", 1);
  if (cli_given(arguments, "copies"))
    return family_take_copies(request, arguments, error);
  testudo_status status = check_copies(request, arguments, error);
  if (status == TESTUDO_OK)
    status = check_shape(request, error);
  if (status == TESTUDO_OK && request->wait > request->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "--wait: %d of %d workers; allowed: 1..%d", request->wait,
                          request->workers, request->workers);
  return status;
}

/* The Latin orders permute groups of workers that hold the same chunks. */
static testudo_status check_order(const cli_request *request, testudo_error *error)
{
  bool rotated = strcmp(request->order, "rotated") == 0, xored = strcmp(request->order, "xor") == 0;
  if ((!rotated && !xored) || request_assigns(request, "matrix"))
    return TESTUDO_OK;
  if (!request_assigns(request, "frc"))
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "--order %s needs workers in groups that hold the same chunks: --assignment frc",
                          request->order);
  int32_t load = request->chunks / (request->workers / request->replication);
  if (xored && (load & (load - 1)) != 0)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "--order xor needs a power of two of chunks a group, but there are %d; --order rotated does"
                          " not", load);
  return TESTUDO_OK;
}

testudo_status request_take(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  const char *word = cli_text(arguments, "scheme", "partial");
  const cli_scheme *scheme = schemes;
  while (strcmp(scheme->word, word) != 0)
    scheme++; /* the option's own list is this one */
  memset(request, 0, sizeof *request);
  request->scheme = scheme->scheme;
  request->assignment = cli_text(arguments, "assignment", scheme->assignment);
  request->construction = cli_text(arguments, "construction", NULL);
  bool matching = request_assigns(request, "regular") || request_assigns(request, "matrix") || family_is(request) ||
                  request_assigns(request, "best") || request_assigns(request, "arcs");
  request->order = cli_text(arguments, "order",
                            best_is_timed(arguments) ? "searched" : matching ? "matching" : "natural");
  request->parts = (int32_t)cli_integer(arguments, "parts", 1);
  request->stragglers = (int32_t)cli_integer(arguments, "stragglers", 0);
  request->wait = (int32_t)cli_integer(arguments, "wait", 0);
  const cli_value *tolerances = cli_get(arguments, "tolerances");
  request->tolerance = tolerances->reals;
  request->tolerances = (int32_t)tolerances->count;
  request->size = cli_get(arguments, "sizes")->reals;
  request->seed = (uint64_t)cli_integer(arguments, "seed", 1);
  testudo_status status = check_scheme(scheme, arguments, error);
  if (status == TESTUDO_OK)
    status = check_construction(request, arguments, error);
  if (status == TESTUDO_OK && family_is(request) && request->scheme != TESTUDO_SCHEME_PARTIAL)
    status = testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                            "--assignment %s is for scheme partial (approximate codes: --parts 1, --report whole), not"
                            " for scheme %s", request->assignment, word);
  if (status == TESTUDO_OK)
    status = check_sizes(request, arguments, error);
  return status == TESTUDO_OK ? check_order(request, error) : status;
}
