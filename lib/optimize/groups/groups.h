/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders inside repetition groups, by the exact law of the groups (docs/theory/latency.md#repetition-groups,
   docs/theory/search-latency.md#what-is-searched). */
#ifndef TESTUDO_OPTIMIZE_GROUPS_GROUPS_H
#define TESTUDO_OPTIMIZE_GROUPS_GROUPS_H

#include "optimize/latency/shared.h"

/* Can all Latin tables (exhaustive), or tables at all, be searched? Groups that share no chunk; tables few enough to
   hold and to list: `why` (160 characters) says what is in the way. */
TESTUDO_CHECKED testudo_status testudo_i_groups_apply(const testudo_i_goal *goal, const testudo_design *design,
                                                      bool exhaustive, bool *applies, char *why,
                                                      testudo_error *error);

/* Exhaustive: every table where those are at most 20000 (up to four workers of four chunks), otherwise every Latin
   square, or rectangle of fewer workers than chunks; up to rows and columns, the same in all groups; complete where
   all groups are alike. Otherwise: annealing over all tables, Latin or not, with `tries` restarts (0: 12) from the
   order given, the rotated and the XOR square and random rows, each ended by a descent over all exchanges of two
   places. The same for any number of threads. Stopped: the best so far. */
TESTUDO_CHECKED testudo_status testudo_i_groups_search(const testudo_i_goal *goal, const testudo_design *design,
                                                       bool exhaustive, const testudo_search_options *options,
                                                       testudo_i_found *found, testudo_error *error);

#endif
