/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Assignments for approximate codes: their sizes, their making, and what the summary says of them. */
#include "design/family.h"

#include "base/error.h"

/* Random assignments that an expander is the best of; chunks up to which the balance is measured. */
enum { TRIES = 8, MOST_CHUNKS = 20000 };

bool family_is(const cli_request *request)
{
  return request->assignment >= ASSIGN_BERNOULLI && request->assignment <= ASSIGN_PAIRWISE;
}

/* ---- sizes ---- */

testudo_status family_take_graph(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  int64_t degree = cli_integer(arguments, "replication", 0), workers = cli_integer(arguments, "workers", 0);
  int64_t chunks = cli_integer(arguments, "chunks", degree > 0 ? 2 * workers / degree : 0), edges = chunks * degree;
  if (cli_given(arguments, "granularity"))
    return cli_refuse(error, "--granularity does not apply to --assignment graph: workers are its edges, chunks its"
                      " nodes");
  if (degree == 0)
    return cli_refuse(error, "--replication is missing: graph needs it");
  if (workers == 0 && chunks == 0)
    return cli_refuse(error, "--chunks is missing: graph needs it, or --workers");
  if (workers != 0 && 2 * workers != edges)
    return cli_refuse(error, "--workers: %lld, but a graph of %lld chunks and degree %lld has %lld / 2 edges:"
                      " twice the workers must be chunks times degree", (long long)workers,
                      (long long)chunks, (long long)degree, (long long)edges);
  request->chunks = (int32_t)chunks;
  request->replication = (int32_t)degree;
  request->workers = (int32_t)(edges / 2 > TESTUDO_MAX_WORKERS ? TESTUDO_MAX_WORKERS : edges / 2);
  return TESTUDO_OK;
}

testudo_status family_take_copies(cli_request *request, const cli_arguments *arguments, testudo_error *error)
{
  const cli_value *copies = cli_get(arguments, "copies");
  if (cli_given(arguments, "replication"))
    return cli_refuse(error, "--copies and --replication exclude each other");
  bool counted = cli_given(arguments, "chunks") || cli_given(arguments, "granularity");
  if (counted && (size_t)request->chunks != copies->count)
    return cli_refuse(error, "--copies: %zu numbers for %d chunks", copies->count, request->chunks);
  for (size_t k = 0; k < copies->count; k++)
    if (copies->integers[k] > request->workers)
      return cli_refuse(error, "--copies: %d on %d workers; allowed: integers in 1..%d", copies->integers[k],
                        request->workers, request->workers);
  request->chunks = (int32_t)copies->count;
  request->copies = copies->integers;
  return TESTUDO_OK;
}

/* ---- making ---- */

static testudo_status make_pairwise(cli_request *request, const testudo_monitor *monitor,
                                    testudo_assignment *assignment, testudo_error *error)
{
  bool exact;
  int32_t *same = testudo_i_arena_alloc(&request->arena, (size_t)request->chunks, sizeof *same);
  TESTUDO_I_TRY(testudo_i_arena_check(&request->arena, error));
  for (int32_t i = 0; i < request->chunks; i++)
    same[i] = request->replication;
  const int32_t *copies = request->copies == NULL ? same : request->copies;
  return testudo_assignment_pairwise(request->workers, request->chunks, copies, request->seed, monitor, assignment,
                                     &exact, error);
}

testudo_status family_assign(cli_request *request, const testudo_monitor *monitor,
                             testudo_assignment *assignment, testudo_error *error)
{
  int32_t m = request->workers, n = request->chunks, d = request->replication;
  switch (request->assignment) {
  case ASSIGN_BERNOULLI:
    return testudo_assignment_bernoulli(m, n, d, request->parts, request->seed, assignment, error);
  case ASSIGN_BIBD:
    return testudo_assignment_bibd(m, n, d, assignment, error);
  case ASSIGN_GRAPH:
    return testudo_assignment_graph(n, d, request->seed, monitor, assignment, error);
  case ASSIGN_EXPANDER:
    return testudo_assignment_expander(m, n, d, request->seed, TRIES, monitor, assignment, error);
  default:
    return make_pairwise(request, monitor, assignment, error);
  }
}

testudo_family_claims family_claims(const cli_request *request)
{
  if (!family_is(request))
    return TESTUDO_CLAIM_NOTHING_MORE;
  return request->assignment == ASSIGN_PAIRWISE && request->chunks <= MOST_CHUNKS ? TESTUDO_CLAIM_BALANCE
                                                                                : TESTUDO_CLAIM_SPECTRUM;
}

/* ---- the summary ---- */

testudo_status family_measure(cli_family *family, const cli_request *request, const testudo_design *design,
                              testudo_error *error)
{
  testudo_family_claims claims = family_claims(request);
  if (claims == TESTUDO_CLAIM_NOTHING_MORE)
    return TESTUDO_OK;
  TESTUDO_I_TRY(testudo_spectrum_measure(design, &family->measured, error));
  family->spectrum = &family->measured;
  if (claims != TESTUDO_CLAIM_BALANCE)
    return TESTUDO_OK;
  cli_balance *balance = &family->balanced;
  TESTUDO_I_TRY(testudo_balance_measure(design, &balance->imbalance, &balance->root, error));
  balance->exact = balance->imbalance < 1e-9;
  balance->workers = testudo_design_workers(design);
  family->balance = balance;
  return TESTUDO_OK;
}

static void spectrum_print(FILE *text, const void *result)
{
  const testudo_spectrum *spectrum = result;
  fields_line(text, "spectral gap", "%.6g = %.6g - %.6g, %s", spectrum->gap, spectrum->first, spectrum->second,
              spectrum->regular ? "largest less second singular value"
                                : "largest singular value less ||A (I - 11'/m)||, m the workers with"
                                  " chunks");
  if (spectrum->regular)
    fprintf(text, " (large random ones: %.6g)\n", spectrum->ramanujan);
  else
    fputs(" (not regular)\n", text);
}

static void balance_print(FILE *text, const void *result)
{
  const cli_balance *balance = result;
  if (balance->exact)
    fields_line(text, "pairwise", "exact: every two chunks together on d d'/m workers, m = %d\n", balance->workers);
  else
    fields_line(text, "pairwise", "least imbalance found: off d d'/m workers, m = %d, by at most %.4g, root mean square"
                " %.4g\n", balance->workers, balance->imbalance, balance->root);
}

static const field spectrum_fields[] = {
    {FIELD(testudo_spectrum, regular), .phrase = spectrum_print,
     .meaning = "are all loads and all replications alike?"},
    {FIELD(testudo_spectrum, first), .meaning = "largest singular value of the assignment"},
    {FIELD(testudo_spectrum, second), .meaning = "second one; not regular: ||A (I - 11'/m)||, m the workers"
     " with chunks"},
    {FIELD(testudo_spectrum, second_upper), .meaning = "upper bound of it"},
    {FIELD(testudo_spectrum, fails), .meaning = "probability that the bound is wrong, at most"},
    {FIELD(testudo_spectrum, gap), .meaning = "first less second"},
    {FIELD(testudo_spectrum, ramanujan), .meaning = "the gap of large random regular assignments"},
    {.key = NULL},
};

static const field balance_fields[] = {
    {FIELD(cli_balance, exact), .phrase = balance_print, .meaning = "do every two chunks lie together equally often?"},
    {FIELD(cli_balance, imbalance), .unit = "workers", .meaning = "largest distance from it"},
    {FIELD_AS("imbalance_root_mean_square", cli_balance, root), .unit = "workers", .meaning = "its root mean square"},
    {.key = NULL},
};

const field family_fields[] = {
    {FIELD_BEHIND("spectrum", cli_family, spectrum, spectrum_fields), .label = "",
     .meaning = "of assignments for approximate codes"},
    {FIELD_BEHIND("balance", cli_family, balance, balance_fields), .label = "", .meaning = "of assignment pairwise"},
    {.key = NULL},
};
