/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What design is asked for: which options belong together, their defaults, and what the sizes must be. */
#include "design/request.h"

#include <string.h>

#include "base/error.h"
#include "design/family.h"
#include "design/plan.h"
#include "design/schemes.h"
#include "optimize/best.h"
#include "runtime/scheme/scheme.h"

static testudo_status inapplicable(const char *option, const char *where, testudo_error *error)
{
  return cli_refuse(error, "--%s does not apply to %s", option, where);
}

static testudo_status needed(const char *option, const char *where, testudo_error *error)
{
  return cli_refuse(error, "--%s is missing: %s needs it", option, where);
}

bool request_assigns(const cli_request *request, const char *assignment)
{
  if (strcmp(assignment, "matrix") == 0)
    return strncmp(request->assignment, "matrix:", 7) == 0;
  return strcmp(request->assignment, assignment) == 0;
}

bool request_is_free(const cli_request *request)
{
  return testudo_i_scheme_by_id(request->scheme->id)->order_matters;
}

static const char *word_of(const cli_request *request)
{
  return testudo_scheme_name(request->scheme->id);
}

/* ---- which options a scheme has ---- */

/* --parts 1 is what every scheme does. */
static bool says_nothing(const cli_arguments *arguments, const char *option)
{
  return !cli_given(arguments, option) || (strcmp(option, "parts") == 0 && cli_integer(arguments, option, 1) == 1);
}

static testudo_status check_scheme(const cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  const cli_scheme *scheme = request->scheme;
  static const char *const own[] = {"parts", "stragglers", "wait", "tolerances", "sizes", "dim"};
  char where[64];
  snprintf(where, sizeof where, "scheme %s", word_of(request));
  for (size_t k = 0; k < sizeof own / sizeof *own; k++)
    if (strstr(scheme->options, own[k]) == NULL && !says_nothing(arguments, own[k]))
      return inapplicable(own[k], where, error);
  if (scheme->needs != NULL && !plan_wanted(request, arguments) && !cli_given(arguments, scheme->needs))
    return needed(scheme->needs, where, error);
  return TESTUDO_OK;
}

/* A construction is built on one assignment. */
static testudo_status check_construction(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  if (request->construction == NULL)
    return TESTUDO_OK;
  if (!request->scheme->constructs) {
    char where[64];
    snprintf(where, sizeof where, "scheme %s", word_of(request));
    return inapplicable("construction", where, error);
  }
  const char *assignment = strcmp(request->construction, "frc") == 0 ? "frc" : "cyclic";
  if (!cli_given(arguments, "assignment"))
    request->assignment = assignment;
  if (!request_assigns(request, assignment))
    return cli_refuse(error, "--construction %s is built on --assignment %s, not on %s", request->construction,
                      assignment, request->assignment);
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

static testudo_status check_copies(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  bool own = request_assigns(request, "uncoded");
  if (own && cli_given(arguments, "replication") && request->replication != 1)
    return cli_refuse(error, "--replication does not apply to scheme %s without --assignment (every chunk lies on one"
                      " worker)", word_of(request));
  if (request->scheme->check != NULL)
    TESTUDO_I_TRY(request->scheme->check(request, arguments, error));
  if (request->scheme->check != NULL && !own)
    return TESTUDO_OK;
  bool listed = request_assigns(request, "best") && cli_given(arguments, "replications");
  if (listed && cli_given(arguments, "replication"))
    return cli_refuse(error, "--replication and --replications exclude each other");
  bool told = own || listed || cli_given(arguments, "replication");
  return told ? TESTUDO_OK : needed("replication", request->assignment, error);
}

/* What an assignment asks of the three sizes. */
static testudo_status check_shape(const cli_request *request, testudo_error *error)
{
  if (request_assigns(request, "cyclic") && request->chunks != request->workers)
    return cli_refuse(error, "--assignment cyclic needs as many chunks as workers, but there are %d and %d;"
                      " --assignment %s does not", request->chunks, request->workers,
                      request->scheme->square != NULL ? request->scheme->square : "regular");
  if (request_assigns(request, "uncoded"))
    return request->workers <= request->chunks
               ? TESTUDO_OK
               : cli_refuse(error, "--chunks: %d, but %d workers need at least one each", request->chunks,
                            request->workers);
  if (request->replication > request->workers)
    return cli_refuse(error, "--replication: %d copies on %d workers; allowed: 1..%d", request->replication,
                      request->workers, request->workers);
  if (!request_assigns(request, "frc"))
    return TESTUDO_OK;
  if (request->workers % request->replication != 0)
    return cli_refuse(error, "--assignment frc puts workers in groups of one size, but %d workers are no whole number"
                      " of groups of %d", request->workers, request->replication);
  int32_t groups = request->workers / request->replication;
  if (request->chunks % groups != 0)
    return cli_refuse(error, "--assignment frc shares the chunks out evenly, but %d chunks are not a multiple of its %d"
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
  TESTUDO_I_TRY(check_copies(request, arguments, error));
  TESTUDO_I_TRY(check_shape(request, error));
  if (request->wait > request->workers)
    return cli_refuse(error, "--wait: %d of %d workers; allowed: 1..%d", request->wait, request->workers,
                      request->workers);
  return TESTUDO_OK;
}

/* The Latin orders permute groups of workers that hold the same chunks. */
static testudo_status check_order(const cli_request *request, testudo_error *error)
{
  bool rotated = strcmp(request->order, "rotated") == 0, xored = strcmp(request->order, "xor") == 0;
  if ((!rotated && !xored) || request_assigns(request, "matrix"))
    return TESTUDO_OK;
  if (!request_assigns(request, "frc"))
    return cli_refuse(error, "--order %s needs workers in groups that hold the same chunks: --assignment frc",
                      request->order);
  int32_t load = request->chunks / (request->workers / request->replication);
  if (xored && (load & (load - 1)) != 0)
    return cli_refuse(error, "--order xor needs a power of two of chunks a group, but there are %d; --order rotated"
                      " does not", load);
  return TESTUDO_OK;
}

/* --tolerances and --sizes, cut to whole numbers: those that are none are refused later. */
static testudo_status request_take_lists(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  const cli_value *tolerances = cli_get(arguments, "tolerances"), *sizes = cli_get(arguments, "sizes");
  int32_t *tolerance = testudo_i_arena_alloc(&request->arena, tolerances->count, sizeof *tolerance);
  int64_t *size = testudo_i_arena_alloc(&request->arena, sizes->count, sizeof *size);
  TESTUDO_I_TRY(testudo_i_arena_check(&request->arena, error));
  for (size_t k = 0; k < tolerances->count; k++)
    tolerance[k] = (int32_t)tolerances->reals[k];
  for (size_t b = 0; b < sizes->count; b++)
    size[b] = (int64_t)sizes->reals[b];
  request->tolerance = tolerance;
  request->tolerances = (int32_t)tolerances->count;
  request->size = size;
  return TESTUDO_OK;
}

testudo_status request_take(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  const char *word = cli_text(arguments, "scheme", "partial");
  request->scheme = scheme_of_word(word);
  request->assignment = cli_text(arguments, "assignment", request->scheme->assignment);
  request->construction = cli_text(arguments, "construction", NULL);
  bool matching = request_assigns(request, "regular") || request_assigns(request, "matrix") || family_is(request) ||
                  request_assigns(request, "best") || request_assigns(request, "arcs");
  request->order = cli_text(arguments, "order",
                            best_is_timed(arguments) ? "searched" : matching ? "matching" : "natural");
  request->parts = (int32_t)cli_integer(arguments, "parts", 1);
  request->stragglers = (int32_t)cli_integer(arguments, "stragglers", 0);
  request->wait = (int32_t)cli_integer(arguments, "wait", 0);
  request->seed = (uint64_t)cli_integer(arguments, "seed", 1);
  TESTUDO_I_TRY(request_take_lists(request, arguments, error));
  TESTUDO_I_TRY(check_scheme(request, arguments, error));
  TESTUDO_I_TRY(check_construction(request, arguments, error));
  if (family_is(request) && !request_is_free(request))
    return cli_refuse(error, "--assignment %s is for scheme partial (approximate codes: --parts 1, --report whole),"
                      " not for scheme %s", request->assignment, word);
  TESTUDO_I_TRY(check_sizes(request, arguments, error));
  return check_order(request, error);
}
