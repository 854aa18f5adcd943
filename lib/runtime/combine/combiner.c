/* SPDX-License-Identifier: BSD-3-Clause */
/* The approximate decoders: weights by LSQR, in one step, or by a spanning forest. */
#include "runtime/combine/combiner.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/sum.h"
#include "linalg/sparse.h"
#include "runtime/design.h"
#include "runtime/progress.h"

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

static testudo_status check_graph(const testudo_design *design, testudo_error *error)
{
  if (testudo_i_is_graph_scheme(design))
    return TESTUDO_OK;
  int32_t worker = 0;
  while (testudo_design_load(design, worker) <= 2)
    worker++;
  return testudo_i_fail(error, TESTUDO_ERROR_ARGUMENT,
                        "decoder component needs a graph, in which a worker holds at most 2 chunks, but worker %d "
                        "holds %d",
                        (int)worker, (int)testudo_design_load(design, worker));
}

testudo_i_combiner *testudo_i_combiner_of(const testudo_codec *codec)
{
  return codec->state;
}

static testudo_status combiner_open(testudo_codec *codec, testudo_error *error)
{
  const testudo_design *design = codec->design;
  testudo_i_arena *arena = &codec->arena;
  size_t workers = (size_t)design->workers, chunks = (size_t)design->chunks;
  if (codec->decoder == TESTUDO_DECODER_COMPONENT)
    TESTUDO_I_TRY(check_graph(design, error));
  testudo_i_combiner *combiner = codec->state = testudo_i_arena_calloc(arena, 1, sizeof *combiner);
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  combiner->design = design;
  combiner->decoder = codec->decoder;
  combiner->limit = step_limit(design);
  combiner->tolerance = TOLERANCE;
  combiner->busy = testudo_i_design_busy(design);
  combiner->weight = testudo_i_arena_calloc(arena, workers, sizeof *combiner->weight);
  combiner->finished = testudo_i_arena_alloc(arena, workers, sizeof *combiner->finished);
  combiner->cover = testudo_i_arena_alloc(arena, chunks, sizeof *combiner->cover);
  if (codec->decoder == TESTUDO_DECODER_OPTIMAL) {
    combiner->right = testudo_i_arena_alloc(arena, chunks, sizeof *combiner->right);
    combiner->x = testudo_i_arena_alloc(arena, workers, sizeof *combiner->x);
    combiner->room =
        testudo_i_arena_alloc(arena, testudo_i_lsqr_room(design->chunks, design->workers), sizeof *combiner->room);
  }
  TESTUDO_I_TRY(testudo_i_arena_check(arena, error));
  return codec->decoder == TESTUDO_DECODER_COMPONENT ? testudo_i_forest_init(&combiner->forest, arena, design, error)
                                                     : TESTUDO_OK;
}

/* ---- weights ---- */

/* m / |S| for all, m the workers that hold anything: chunk i then has the coefficient (m / |S|) |U_i| / d_i, of mean 1
   over the sets of that size. */
static void solve_one_step(testudo_i_combiner *combiner, const int32_t *finished, int32_t count)
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

/* What is left of 1 by the weights that it begins with, of these workers. */
static void leave_right(testudo_i_combiner *combiner, const int32_t *finished, int32_t count)
{
  const testudo_design *design = combiner->design;
  for (int32_t i = 0; i < design->chunks; i++)
    combiner->right[i] = 1.0;
  for (int32_t k = 0; combiner->from != NULL && k < count; k++)
    for (int64_t e = design->row[finished[k]]; e < design->row[finished[k] + 1]; e++)
      combiner->right[design->order[e]] -= combiner->from[finished[k]];
}

static testudo_status solve_optimal(testudo_i_combiner *combiner, const int32_t *finished, int32_t count,
                                    testudo_error *error)
{
  const testudo_design *design = combiner->design;
  testudo_i_sparse a = {.rows = design->chunks, .first = design->row, .last = design->row + 1,
                        .index = design->order, .use = finished, .columns = count};
  bool converged, most = 2 * (int64_t)count >= design->workers; /* few columns are less than all rows */
  if (most) {
    a.row = design->chunk_row;
    a.column = design->holder;
    a.all = design->workers;
  }
  leave_right(combiner, finished, count);
  testudo_i_lsqr(&a, combiner->right, (testudo_i_stop){combiner->tolerance, combiner->enough, combiner->limit},
                 combiner->x, &combiner->error, &converged, combiner->room);
  if (!converged)
    return testudo_i_fail(error, TESTUDO_ERROR_LIMIT,
                          "the least squares over %d finished workers did not converge in %d steps", (int)count,
                          (int)combiner->limit);
  for (int32_t k = 0; k < count; k++)
    combiner->weight[finished[k]] = combiner->x[most ? finished[k] : k] +
                                    (combiner->from != NULL ? combiner->from[finished[k]] : 0.0);
  return TESTUDO_OK;
}

testudo_status testudo_i_combine_set(testudo_i_combiner *combiner, const int32_t *finished, int32_t count,
                                     testudo_error *error)
{
  testudo_status status = TESTUDO_OK;
  combiner->epoch = 0;
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

static testudo_status combiner_settle(testudo_codec *codec, const testudo_progress *progress, int32_t stripe,
                                      bool exact, testudo_error *error)
{
  (void)stripe;
  testudo_i_combiner *combiner = testudo_i_combiner_of(codec);
  if (combiner->epoch != codec->epoch) {
    int32_t count = 0;
    for (int32_t j = 0; j < codec->design->workers; j++)
      if (testudo_i_progress_worked(progress, j))
        combiner->finished[count++] = j;
    TESTUDO_I_TRY(testudo_i_combine_set(combiner, combiner->finished, count, error));
    combiner->epoch = codec->epoch;
  }
  codec->decode_error = combiner->error;
  if (!exact || combiner->error == 0.0)
    return TESTUDO_OK;
  return testudo_i_fail(error, TESTUDO_UNDECODABLE,
                        "decoder %s leaves an error of %.6g chunks: only an approximation can be decoded",
                        testudo_decoder_name(combiner->decoder), combiner->error);
}

static const double *combiner_weights(const testudo_codec *codec, int32_t part)
{
  (void)part;
  return testudo_i_combiner_of(codec)->weight;
}

/* The coefficients are 1, and for one-step 1 / d_i, d_i the copies of chunk i, so that every c_i has mean 1 over the
   sets of finished workers of one size. */
static testudo_status combiner_request(testudo_codec *codec, const testudo_progress *progress,
                                       testudo_request *request, testudo_error *error)
{
  (void)error;
  const testudo_design *design = codec->design;
  if (!testudo_i_progress_worked(progress, request->worker))
    return TESTUDO_OK;
  const int32_t *chunk = testudo_design_order(design, request->worker);
  testudo_i_request_shape(request, 1, testudo_design_load(design, request->worker));
  for (size_t k = 0; k < request->count; k++)
    request->coefficient[k] =
        codec->decoder == TESTUDO_DECODER_ONE_STEP ? 1.0 / testudo_design_replication(design, chunk[k]) : 1.0;
  return TESTUDO_OK;
}

static testudo_status combiner_amplification(testudo_codec *codec, const testudo_progress *progress,
                                             double *amplification, double *condition, testudo_error *error)
{
  (void)progress;
  (void)condition;
  (void)error;
  double square = 0.0;
  for (int32_t j = 0; j < codec->design->workers; j++)
    square += testudo_i_combiner_of(codec)->weight[j] * testudo_i_combiner_of(codec)->weight[j];
  *amplification = sqrt(square);
  return TESTUDO_OK;
}

const testudo_i_codec_class testudo_i_codec_of_combiner = {
    .open = combiner_open,
    .settle = combiner_settle,
    .reads = testudo_i_reads_finished,
    .weights = combiner_weights,
    .request = combiner_request,
    .amplification = combiner_amplification,
    .finds_error = true,
    .fixed = true,
    .estimates = true,
};
