/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is there a placement whose overlaps are all at most `aim`? For small sizes: by trying all, or by branch and bound. */
#ifndef TESTUDO_OPTIMIZE_PLACEMENT_BRANCH_H
#define TESTUDO_OPTIMIZE_PLACEMENT_BRANCH_H

#include <testudo/placement.h>

#include "optimize/linear.h"
#include "optimize/search/search.h"

/* Is there one with overlaps of at most `aim`? FOUND fills *placement, its arrays are there. */
typedef struct testudo_i_overlap_question {
  const testudo_placement_limits *limits;
  const unsigned char *forbidden; /* worker after worker, a byte a chunk; NULL: none is */
  int32_t aim;
  const testudo_monitor *monitor;
  testudo_assignment *placement;
} testudo_i_overlap_question;

/* Tries all placements up to names, in whole numbers: "none" is a proof. So many steps are made at most whatever the
   clock; the monitor may end it sooner (TESTUDO_INTERRUPTED). */
TESTUDO_CHECKED testudo_status testudo_i_enumerate_overlap(const testudo_i_overlap_question *question,
                                                           testudo_i_branch_answer *answer, testudo_error *error);

/* Workers that any placement may exchange: the same loads, domain and forbidden places. */
bool testudo_i_workers_are_alike(const testudo_placement_limits *limits, const unsigned char *forbidden, int32_t j,
                                 int32_t k);

/* The same by GLPK, a limited number of nodes; its "none" is the word of floating-point arithmetic. */
TESTUDO_CHECKED testudo_status testudo_i_branch_overlap(const testudo_i_overlap_question *question,
                                                        testudo_i_branch_answer *answer, testudo_error *error);

#endif
