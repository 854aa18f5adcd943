/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Placements as flows: a unit goes from the source to a chunk, a domain, a worker, the sink. A placement exists
   exactly when a flow of all copies does, whole numbers come by themselves, and the potentials of a cheapest flow prove
   that nothing is cheaper. */
#ifndef TESTUDO_OPTIMIZE_PLACEMENT_FLOW_H
#define TESTUDO_OPTIMIZE_PLACEMENT_FLOW_H

#include <testudo/placement.h>

#include "optimize/search/search.h"

/* The largest cost of a place that is not forbidden; 0 where there are none. */
double testudo_i_largest_cost(const testudo_placement_limits *limits);

/* limits are checked already, and have at most TESTUDO_I_LIMIT_PLACES places (TESTUDO_ERROR_LIMIT). Finds a placement,
   one of least total cost when `cheapest`; rows ascend. *cost is its cost, *bound a proved lower bound of every
   placement (dual value, summed anew from the costs as given). TESTUDO_ERROR_ARGUMENT with the reason when there is
   none; TESTUDO_INTERRUPTED by the monitor. A placement alone: O(places sqrt(copies)) as a rule; the cheapest: a search
   of shortest paths for each different cost of a path. */
TESTUDO_CHECKED testudo_status testudo_i_place_by_flow(const testudo_placement_limits *limits, bool cheapest,
                                                       const testudo_monitor *monitor, testudo_assignment *assignment,
                                                       double *cost, double *bound, testudo_error *error);

#endif
