/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTUDO_OPTIMIZE_PORTFOLIO_BOUND_H
#define TESTUDO_OPTIMIZE_PORTFOLIO_BOUND_H

#include "optimize/latency/objective.h"

/* result->bound and ->proof, of all designs that the request allows, or, where these have no bound, of those with the
   loads of `better`; as they were where none is known. With rates none is, as loads are searched too. */
TESTUDO_CHECKED testudo_status testudo_i_portfolio_bound(const testudo_portfolio_request *request,
                                                         const testudo_i_goal *goal, const testudo_design *better,
                                                         uint64_t seed, testudo_search_result *result,
                                                         testudo_error *error);

#endif
