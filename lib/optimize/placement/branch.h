/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is there a placement whose overlaps are all at most `aim`? For small sizes: by trying all, or by branch and bound. */
#ifndef TESTUDO_OPTIMIZE_PLACEMENT_BRANCH_H
#define TESTUDO_OPTIMIZE_PLACEMENT_BRANCH_H

#include <testudo/placement.h>

#include "optimize/search.h"

typedef enum testudo_i_branch_answer {
  TESTUDO_I_BRANCH_FOUND,
  TESTUDO_I_BRANCH_NONE,
  TESTUDO_I_BRANCH_UNDECIDED  /* too large */
} testudo_i_branch_answer;

/* Tries all placements up to names, in whole numbers: "none" is a proof. FOUND fills *placement, its arrays are there.
   So many steps are made at most whatever the clock; the monitor may end it sooner (TESTUDO_INTERRUPTED). */
TESTUDO_CHECKED testudo_status testudo_i_enumerate_overlap(const testudo_placement_limits *limits,
                                                           const unsigned char *forbidden, int32_t aim,
                                                           const testudo_monitor *monitor,
                                                           testudo_i_branch_answer *answer,
                                                           testudo_assignment *placement, testudo_error *error);

/* Sizes worth a try: variables of pairs of workers and chunks. */
bool testudo_i_branch_is_small(const testudo_placement_limits *limits);

/* The same by GLPK, a limited number of nodes; its "none" is the word of floating-point arithmetic. */
TESTUDO_CHECKED testudo_status testudo_i_branch_overlap(const testudo_placement_limits *limits,
                                                        const unsigned char *forbidden, int32_t aim,
                                                        const testudo_monitor *monitor,
                                                        testudo_i_branch_answer *answer,
                                                        testudo_assignment *placement, testudo_error *error);

#endif
