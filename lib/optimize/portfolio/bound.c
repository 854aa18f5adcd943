/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What no design of a request can be better than. */
#include "optimize/portfolio/bound.h"

#include <math.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/error.h"
#include "optimize/portfolio/cuts.h"
#include "optimize/portfolio/pool.h"
#include "optimize/search/search.h"
#include "runtime/design.h"

static int32_t most_held(const testudo_portfolio_request *request, int32_t chunks)
{
  return testudo_i_chunks_of(fmax(request->load, request->most_load), (double)chunks / request->workers);
}

/* Where others may hold more, a design in which all workers hold what one may hold bounds them too: perfectly balanced
   it is as fast as any of them. The worker after another goes on where that one ends. */
static testudo_status fullest_design(const testudo_portfolio_request *request, int32_t chunks, uint64_t seed,
                                     testudo_design **fullest, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment arcs = {0};
  TESTUDO_I_HELD(testudo_i_arena_clear) testudo_i_arena arena = {0};
  size_t workers = (size_t)request->workers;
  int32_t *loads = testudo_i_arena_alloc(&arena, workers, sizeof *loads);
  int32_t *around = testudo_i_arena_alloc(&arena, workers, sizeof *around);
  TESTUDO_I_TRY(testudo_i_arena_check(&arena, error));
  for (size_t j = 0; j < workers; j++) {
    loads[j] = most_held(request, chunks);
    around[j] = (int32_t)j;
  }
  TESTUDO_I_TRY(testudo_i_arcs_assign(request->workers, chunks, loads, around, &arcs, error));
  return testudo_i_search_design(&arcs, request->parts, seed, "fullest", fullest, error);
}

/* The least of all cuts that were looked at. */
static testudo_status bound_cuts(const testudo_portfolio_request *request, const testudo_i_goal *goal, uint64_t seed,
                                 testudo_search_result *result, testudo_error *error)
{
  double least = HUGE_VAL;
  char by[sizeof result->proof];
  for (int32_t cut = testudo_i_coarsest_cut(request); cut <= testudo_i_finest_cut(request); cut++) {
    TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *fullest = NULL;
    double of_cut;
    TESTUDO_I_TRY(fullest_design(request, cut * request->workers, seed, &fullest, error));
    TESTUDO_I_TRY(testudo_i_goal_bound(goal, fullest, &of_cut, by, error));
    if (by[0] == '\0')
      return TESTUDO_OK;
    least = fmin(least, of_cut);
  }
  result->bound = least;
  snprintf(result->proof, sizeof result->proof, "%.41s of workers of load %.4g, of any cut", by,
           fmax(request->load, request->most_load));
  return TESTUDO_OK;
}

static testudo_status bound_loads(const testudo_portfolio_request *request, const testudo_i_goal *goal,
                                  const testudo_design *better, testudo_search_result *result, testudo_error *error)
{
  const testudo_objective *objective = &request->objective;
  bool priced = objective->kind == TESTUDO_OBJECTIVE_PRICED;
  char by[sizeof result->proof];
  TESTUDO_I_TRY(testudo_i_goal_bound(goal, better, &result->bound, by, error));
  if (by[0] == '\0')
    return TESTUDO_OK;
  if (priced)
    result->bound += objective->chunk_price * request->workers * request->parts +
                     objective->vector_price * better->chunks / testudo_design_max_load(better);
  snprintf(result->proof, sizeof result->proof, "%.50s of the same loads%s", by,
           priced ? ", every chunk once a part" : "");
  return TESTUDO_OK;
}

static testudo_status bound_fullest(const testudo_portfolio_request *request, const testudo_i_goal *goal,
                                    uint64_t seed, testudo_search_result *result, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_i_design_drop) testudo_design *fullest = NULL;
  char by[sizeof result->proof];
  TESTUDO_I_TRY(fullest_design(request, request->chunks, seed, &fullest, error));
  TESTUDO_I_TRY(testudo_i_goal_bound(goal, fullest, &result->bound, by, error));
  if (by[0] != '\0')
    snprintf(result->proof, sizeof result->proof, "%.50s of workers that all hold %d chunks", by,
             (int)testudo_design_max_load(fullest));
  return TESTUDO_OK;
}

testudo_status testudo_i_portfolio_bound(const testudo_portfolio_request *request, const testudo_i_goal *goal,
                                         const testudo_design *better, uint64_t seed, testudo_search_result *result,
                                         testudo_error *error)
{
  testudo_objective_kind kind = request->objective.kind;
  bool balanced = kind != TESTUDO_OBJECTIVE_PRICED && kind != TESTUDO_OBJECTIVE_MSE;
  int64_t most = (int64_t)most_held(request, request->chunks) * request->workers;
  bool fullest = request->load == 0 || (better->chunks == request->chunks && better->row[better->workers] >= most);
  testudo_status status = TESTUDO_OK;
  if (request->model->rates != NULL || (request->start != NULL && request->load == 0))
    return TESTUDO_OK;
  if (balanced && testudo_i_any_cut(request))
    status = bound_cuts(request, goal, seed, result, error);
  else if (fullest)
    status = bound_loads(request, goal, better, result, error);
  else if (balanced)
    status = bound_fullest(request, goal, seed, result, error);
  return status == TESTUDO_ERROR_LIMIT ? TESTUDO_OK : status; /* of a law that can only be simulated none is known */
}
