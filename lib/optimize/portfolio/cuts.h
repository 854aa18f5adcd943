/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cuts of a share, chunks a worker, that a portfolio looks at. */
#ifndef TESTUDO_OPTIMIZE_PORTFOLIO_CUTS_H
#define TESTUDO_OPTIMIZE_PORTFOLIO_CUTS_H

#include <testudo/optimize.h>

static inline int32_t testudo_i_finest_cut(const testudo_portfolio_request *request)
{
  return request->chunks / request->workers;
}

/* Designs of different cuts can be compared where a share is one draw, however it is cut. Errors are counted in
   chunks. */
static inline int32_t testudo_i_coarsest_cut(const testudo_portfolio_request *request)
{
  const testudo_delay_model *model = request->model;
  bool comparable = model->unit == TESTUDO_UNIT_SHARE && model->structure == TESTUDO_STRUCTURE_SCALED &&
                    model->replay == NULL && request->objective.kind != TESTUDO_OBJECTIVE_MSE;
  if (request->load == 0 || request->coarsest <= 0 || request->chunks % request->workers != 0 || !comparable)
    return testudo_i_finest_cut(request);
  return (request->coarsest - 1) / request->workers + 1;
}

/* A finer cut is never worse but for an overhead that every chunk costs; then any may be best. */
static inline bool testudo_i_any_cut(const testudo_portfolio_request *request)
{
  return request->model->overhead > 0 && testudo_i_coarsest_cut(request) < testudo_i_finest_cut(request);
}

#endif
