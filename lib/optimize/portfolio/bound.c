/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What no design of a request can be better than. */
#include "optimize/portfolio/bound.h"

#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "optimize/portfolio/cuts.h"
#include "optimize/search/search.h"
#include "runtime/design.h"

/* Where others may hold more, a design in which all workers hold what one may hold bounds them too: perfectly balanced
   it is as fast as any of them. */
static testudo_status fullest_design(const testudo_portfolio_request *request, int32_t chunks, uint64_t seed,
                                     testudo_design **fullest, testudo_error *error)
{
  TESTUDO_I_HELD(testudo_assignment_free) testudo_assignment ring = {0};
  int32_t copies = (int32_t)ceil(fmax(request->load, request->most_load) * (1 - 1e-12));
  TESTUDO_I_TRY(testudo_assignment_ring(request->workers, chunks, copies, &ring, error));
  return testudo_i_search_design(&ring, request->parts, seed, "fullest", fullest, error);
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
  double most = floor(fmax(request->load, request->most_load) * request->chunks / request->workers * (1 + 1e-12));
  bool fullest = request->load == 0 || (better->chunks == request->chunks &&
                                        (double)better->row[better->workers] >= most * request->workers);
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
