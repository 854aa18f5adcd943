/* SPDX-License-Identifier: BSD-3-Clause */
#include "runtime/combine/combiner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/sum.h"
#include "linalg/sparse.h"
#include "runtime/design.h"
#include "runtime/progress.h"
#include "runtime/weighted_sum.h"

/* LSQR stops when ||A'r|| <= tolerance ||A|| ||r||, which leaves the error too large by at most (tolerance ||A||
   ||r|| / least singular value)^2. */
#define TOLERANCE 1e-13

/* Random regular assignments take a few hundred steps at 200 chunks, a path of n workers about n. */
static int32_t step_limit(const testudo_design *design)
{
  int64_t limit = 1000 + 20 * ((int64_t)design->chunks + design->workers);
  return limit < 50000 ? (int32_t)limit : 50000;
}

bool testudo_i_is_graph_scheme(const testudo_design *design)
{
  return design->max_load <= 2;
}

static testudo_status check(const testudo_design *design, testudo_decoder decoder, testudo_error *error)
{
  if (design->scheme != TESTUDO_SCHEME_PARTIAL || design->parts != 1)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "plain sums of finished workers are combined for scheme partial of one part, not for scheme "
                          "%s of %d",
                          testudo_scheme_name(design->scheme), (int)design->parts);
  if (decoder != TESTUDO_DECODER_OPTIMAL && decoder != TESTUDO_DECODER_ONE_STEP &&
      decoder != TESTUDO_DECODER_COMPONENT)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                          "decoder: %d, but it is optimal (0), one-step (1) or component (2)", (int)decoder);
  if (decoder != TESTUDO_DECODER_COMPONENT || testudo_i_is_graph_scheme(design))
    return TESTUDO_OK;
  int32_t worker = 0;
  while (testudo_design_load(design, worker) <= 2)
    worker++;
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                        "decoder component needs a graph, in which a worker holds at most 2 chunks, but worker %d "
                        "holds %d",
                        (int)worker, (int)testudo_design_load(design, worker));
}

static testudo_status allocate(testudo_combiner *combiner, testudo_error *error)
{
  const testudo_design *design = combiner->design;
  size_t workers = (size_t)design->workers, chunks = (size_t)design->chunks;
  combiner->weight = testudo_i_calloc(workers, sizeof *combiner->weight);
  combiner->finished = testudo_i_alloc(workers, sizeof *combiner->finished);
  combiner->cover = testudo_i_alloc(chunks, sizeof *combiner->cover);
  combiner->input = testudo_i_alloc(workers, sizeof(void *));
  combiner->number = testudo_i_alloc(workers, sizeof(double));
  if (combiner->weight == NULL || combiner->finished == NULL || combiner->cover == NULL || combiner->input == NULL ||
      combiner->number == NULL)
    return testudo_i_fail_memory(error);
  if (combiner->decoder == TESTUDO_DECODER_COMPONENT)
    return testudo_i_forest_make(&combiner->forest, design, error);
  if (combiner->decoder != TESTUDO_DECODER_OPTIMAL)
    return TESTUDO_OK;
  combiner->ones = testudo_i_alloc(chunks, sizeof *combiner->ones);
  combiner->x = testudo_i_alloc(workers, sizeof *combiner->x);
  combiner->room = testudo_i_alloc(testudo_i_lsqr_room(design->chunks, design->workers), sizeof *combiner->room);
  if (combiner->ones == NULL || combiner->x == NULL || combiner->room == NULL)
    return testudo_i_fail_memory(error);
  for (size_t i = 0; i < chunks; i++)
    combiner->ones[i] = 1.0;
  return TESTUDO_OK;
}

testudo_status testudo_combiner_create(const testudo_design *design, testudo_decoder decoder,
                                       testudo_combiner **combiner, testudo_error *error)
{
  *combiner = NULL;
  testudo_status status = check(design, decoder, error);
  if (status != TESTUDO_OK)
    return status;
  testudo_combiner *made = testudo_i_calloc(1, sizeof *made);
  if (made == NULL)
    return testudo_i_fail_memory(error);
  made->design = design;
  made->decoder = decoder;
  made->limit = step_limit(design);
  for (int32_t j = 0; j < design->workers; j++)
    made->busy += testudo_design_load(design, j) > 0;
  status = allocate(made, error);
  if (status != TESTUDO_OK)
    testudo_combiner_free(made);
  else
    *combiner = made;
  return status;
}

void testudo_combiner_free(testudo_combiner *combiner)
{
  if (combiner == NULL)
    return;
  free(combiner->weight);
  free(combiner->finished);
  free(combiner->cover);
  free(combiner->ones);
  free(combiner->x);
  free(combiner->room);
  free(combiner->input);
  free(combiner->number);
  testudo_i_forest_clear(&combiner->forest);
  free(combiner);
}

const char *testudo_decoder_name(testudo_decoder decoder)
{
  static const char *const name[] = {"optimal", "one-step", "component"};
  return (unsigned)decoder < sizeof name / sizeof *name ? name[decoder] : "unknown";
}

testudo_status testudo_combiner_coefficients(const testudo_combiner *combiner, int32_t worker, double *coefficients,
                                             testudo_error *error)
{
  const testudo_design *design = combiner->design;
  if (worker < 0 || worker >= design->workers)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "worker %d, but workers are 0..%d", (int)worker,
                          (int)design->workers - 1);
  const int32_t *chunk = testudo_design_order(design, worker);
  for (int32_t k = 0; k < testudo_design_load(design, worker); k++)
    coefficients[k] =
        combiner->decoder == TESTUDO_DECODER_ONE_STEP ? 1.0 / testudo_design_replication(design, chunk[k]) : 1.0;
  return TESTUDO_OK;
}

/* ---- weights ---- */

/* m / |S| for all, m the workers that hold anything: chunk i then has the coefficient (m / |S|) |U_i| / d_i, of mean 1
   over the sets of that size. */
static void solve_one_step(testudo_combiner *combiner, const int32_t *finished, int32_t count)
{
  const testudo_design *design = combiner->design;
  double by = (double)combiner->busy / (count == 0 ? 1 : count);
  testudo_i_sum error = {0.0, 0.0};
  memset(combiner->cover, 0, (size_t)design->chunks * sizeof *combiner->cover);
  for (int32_t k = 0; k < count; k++) {
    combiner->weight[finished[k]] = by;
    for (int64_t e = design->row[finished[k]]; e < design->row[finished[k] + 1]; e++)
      combiner->cover[design->order[e]] += 1.0;
  }
  for (int32_t i = 0; i < design->chunks; i++) {
    double missed = by * combiner->cover[i] / testudo_design_replication(design, i) - 1.0;
    testudo_i_sum_add(&error, missed * missed);
  }
  combiner->error = testudo_i_sum_value(&error);
}

static testudo_status solve_optimal(testudo_combiner *combiner, const int32_t *finished, int32_t count,
                                    testudo_error *error)
{
  const testudo_design *design = combiner->design;
  const testudo_i_sparse a = {.rows = design->chunks, .first = design->row, .last = design->row + 1,
                              .index = design->order, .use = finished, .columns = count};
  bool converged;
  testudo_i_lsqr(&a, combiner->ones, TOLERANCE, combiner->limit, combiner->x, &combiner->error, &converged,
                 combiner->room);
  if (!converged)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "the least squares over %d finished workers did not converge in %d steps", (int)count,
                          (int)combiner->limit);
  for (int32_t k = 0; k < count; k++)
    combiner->weight[finished[k]] = combiner->x[k];
  return TESTUDO_OK;
}

testudo_status testudo_i_combine_set(testudo_combiner *combiner, const int32_t *finished, int32_t count,
                                     testudo_error *error)
{
  testudo_status status = TESTUDO_OK;
  combiner->found = false;
  memset(combiner->weight, 0, (size_t)combiner->design->workers * sizeof *combiner->weight);
  if (combiner->decoder == TESTUDO_DECODER_COMPONENT)
    combiner->error = testudo_i_forest_solve(&combiner->forest, combiner->design, finished, count, combiner->weight);
  else if (combiner->decoder == TESTUDO_DECODER_ONE_STEP)
    solve_one_step(combiner, finished, count);
  else
    status = solve_optimal(combiner, finished, count, error);
  /* What is left of 1 in rounding is no error. */
  if (combiner->error < 1e-12 * combiner->design->chunks)
    combiner->error = 0.0;
  return status;
}

testudo_status testudo_combiner_weights(testudo_combiner *combiner, const testudo_progress *progress,
                                        const double **weights, double *combined_error, testudo_error *error)
{
  const testudo_design *design = combiner->design;
  if (progress->design != design)
    return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "the progress and the combiner are of different designs");
  if (!combiner->found || combiner->fingerprint != progress->fingerprint) {
    int32_t count = 0;
    for (int32_t j = 0; j < design->workers; j++)
      if (progress->done[j] > 0 && progress->done[j] == testudo_design_load(design, j))
        combiner->finished[count++] = j;
    testudo_status status = testudo_i_combine_set(combiner, combiner->finished, count, error);
    if (status != TESTUDO_OK)
      return status;
    combiner->found = true;
    combiner->fingerprint = progress->fingerprint;
  }
  if (weights != NULL)
    *weights = combiner->weight;
  if (combined_error != NULL)
    *combined_error = combiner->error;
  return TESTUDO_OK;
}

/* ---- messages ---- */

static testudo_status fail_missing(int32_t worker, testudo_error *error)
{
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT, "messages[%d] is missing, but that worker has finished",
                        (int)worker);
}

#define NUMBER double
#define NAME(name) name##_double
#include "runtime/combine/combine_body.inc"
#undef NUMBER
#undef NAME

#define NUMBER float
#define NAME(name) name##_float
#include "runtime/combine/combine_body.inc"
#undef NUMBER
#undef NAME
