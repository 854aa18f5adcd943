/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Linear and integer programmes: GLPK's settings, callback and answers in one place. It computes in floating point, so
   that what it says is a guess until own arithmetic has checked it. */
#ifndef TESTUDO_OPTIMIZE_LINEAR_H
#define TESTUDO_OPTIMIZE_LINEAR_H

#include <stdbool.h>
#include <stdint.h>

#include <glpk.h>

#include "base/arena.h"

/* What a search by branch and bound, or through all cases, has come to. */
typedef enum testudo_i_branch_answer {
  TESTUDO_I_BRANCH_FOUND,
  TESTUDO_I_BRANCH_NONE,
  TESTUDO_I_BRANCH_UNDECIDED, /* within the steps allowed, or stopped */
  TESTUDO_I_BRANCH_TOO_LARGE  /* to be tried */
} testudo_i_branch_answer;

/* An empty problem, and the end of one (TESTUDO_I_HELD). */
glp_prob *testudo_i_linear_start(void);
void testudo_i_linear_drop(glp_prob **problem);

/* The terms of a row or column while it is put together; at most as many as there is room for. */
typedef struct testudo_i_terms {
  int count;
  int *at;        /* [1 .. count], as GLPK counts */
  double *factor;
} testudo_i_terms;

void testudo_i_terms_make(testudo_i_terms *terms, testudo_i_arena *arena, size_t most);

static inline void testudo_i_terms_add(testudo_i_terms *terms, int at, double factor)
{
  terms->at[++terms->count] = at;
  terms->factor[terms->count] = factor;
}

/* Makes them a row between two limits (an infinite one is none), or a column that costs so much, and begins anew. */
void testudo_i_linear_row(glp_prob *problem, testudo_i_terms *terms, double least, double most);
void testudo_i_linear_column(glp_prob *problem, testudo_i_terms *terms, double least, double most, double cost);

/* The simplex method from the basis that is there, `steps` at most; does it end at an optimum? */
bool testudo_i_linear_solve(glp_prob *problem, int steps);

/* Branch and bound. nodes: the most that may be explored, 0: any number. A solution that was found before the end is
   FOUND, though *cut says that it ended early: at the nodes, or because `watch` asked to stop (*stopped). */
testudo_i_branch_answer testudo_i_linear_branch(glp_prob *problem, const testudo_monitor *watch, int64_t nodes,
                                                bool *cut, bool *stopped);

#endif
