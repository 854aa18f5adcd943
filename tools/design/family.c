/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Assignments for approximate codes: their sizes, their making, and what is told of them. */
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
  if (cli_given(arguments, "chunks") && (size_t)request->chunks != copies->count)
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

/* ---- telling ---- */

testudo_status family_measure(cli_family *family, const cli_request *request, const testudo_design *design,
                              testudo_error *error)
{
  testudo_family_claims claims = family_claims(request);
  *family = (cli_family){.has_spectrum = claims != TESTUDO_CLAIM_NOTHING_MORE,
                         .has_balance = claims == TESTUDO_CLAIM_BALANCE};
  if (family->has_spectrum)
    TESTUDO_I_TRY(testudo_spectrum_measure(design, &family->spectrum, error));
  if (family->has_balance)
    TESTUDO_I_TRY(testudo_balance_measure(design, &family->imbalance, &family->imbalance_root, error));
  return TESTUDO_OK;
}

void family_put(testudo_i_json_writer *writer, const cli_family *family)
{
  const testudo_spectrum *spectrum = &family->spectrum;
  if (family->has_spectrum) {
    testudo_i_json_open_object(writer, "spectrum");
    testudo_i_json_put_boolean(writer, "regular", spectrum->regular);
    testudo_i_json_put_real(writer, "first", spectrum->first);
    testudo_i_json_put_real(writer, "second", spectrum->second);
    testudo_i_json_put_real(writer, "second_upper", spectrum->second_upper);
    testudo_i_json_put_real(writer, "fails", spectrum->fails);
    testudo_i_json_put_real(writer, "gap", spectrum->gap);
    testudo_i_json_put_real(writer, "ramanujan", spectrum->ramanujan);
    testudo_i_json_close_object(writer);
  }
  if (family->has_balance) {
    testudo_i_json_open_object(writer, "balance");
    testudo_i_json_put_boolean(writer, "exact", family->imbalance < 1e-9);
    testudo_i_json_put_real(writer, "imbalance", family->imbalance);
    testudo_i_json_put_real(writer, "imbalance_root_mean_square", family->imbalance_root);
    testudo_i_json_close_object(writer);
  }
}

void family_print(FILE *stream, const cli_family *family)
{
  const testudo_spectrum *spectrum = &family->spectrum;
  if (family->has_spectrum) {
    fprintf(stream, "  %-14s%.6g = %.6g - %.6g, %s", "spectral gap", spectrum->gap, spectrum->first, spectrum->second,
            spectrum->regular ? "largest less second singular value" : "largest singular value less ||A (I - 11'/m)||");
    if (spectrum->regular)
      fprintf(stream, " (large random ones: %.6g)\n", spectrum->ramanujan);
    else
      fputs(" (not regular)\n", stream);
  }
  if (family->has_balance && family->imbalance < 1e-9)
    fprintf(stream, "  %-14sexact: every two chunks together on d d'/m workers\n", "pairwise");
  else if (family->has_balance)
    fprintf(stream, "  %-14snearly: off d d'/m workers by at most %.4g, root mean square %.4g\n", "pairwise",
            family->imbalance, family->imbalance_root);
}
