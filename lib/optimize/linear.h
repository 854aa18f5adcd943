/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Linear and integer programmes: the one door to GLPK. It computes in floating point, so that what it says is a guess
   until own arithmetic has checked it.

   GLPK ends the process where memory runs out. Here that comes back instead: after it the programme is dead, calls do
   nothing and answer 0, and testudo_i_linear_check says so. GLPK's memory is one pool a thread, all of which goes with
   a dead programme, so a thread has at most one programme at a time. */
#ifndef TESTUDO_OPTIMIZE_LINEAR_H
#define TESTUDO_OPTIMIZE_LINEAR_H

#include <stdbool.h>
#include <stdint.h>

#include <testudo/status.h>

#include "base/arena.h"

/* What a search by branch and bound, or through all cases, has come to. */
typedef enum testudo_i_branch_answer {
  TESTUDO_I_BRANCH_FOUND,
  TESTUDO_I_BRANCH_NONE,
  TESTUDO_I_BRANCH_UNDECIDED, /* within the steps allowed, or stopped */
  TESTUDO_I_BRANCH_TOO_LARGE  /* to be tried */
} testudo_i_branch_answer;

/* A programme; {0} before it is started. Rows and columns count from 1. */
typedef struct testudo_i_linear {
  struct glp_prob *problem;
  bool dead;
} testudo_i_linear;

/* An empty programme, and the end of one, whatever has become of it (TESTUDO_I_HELD). */
void testudo_i_linear_start(testudo_i_linear *linear, bool maximise);
void testudo_i_linear_drop(testudo_i_linear *linear);

/* TESTUDO_ERROR_SYSTEM when the programme is dead. */
TESTUDO_CHECKED testudo_status testudo_i_linear_check(const testudo_i_linear *linear, testudo_error *error);

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

/* ---- putting it together ---- */

/* `count` more rows without limits, or columns fixed at 0 that cost nothing; gives the first one's number. */
int testudo_i_linear_add_rows(testudo_i_linear *linear, int count);
int testudo_i_linear_add_columns(testudo_i_linear *linear, int count);

/* Between two limits; an infinite one is none. */
void testudo_i_linear_limit_row(testudo_i_linear *linear, int row, double least, double most);
void testudo_i_linear_limit_column(testudo_i_linear *linear, int column, double least, double most);
void testudo_i_linear_cost(testudo_i_linear *linear, int column, double cost);

/* 0 or 1. */
void testudo_i_linear_binary(testudo_i_linear *linear, int column);

/* Makes the terms those of a row that is there, and begins anew. */
void testudo_i_linear_set_row(testudo_i_linear *linear, int row, testudo_i_terms *terms);

/* Makes them a new row between two limits, or a new column from 0 up that costs so much, and begins anew. */
void testudo_i_linear_row(testudo_i_linear *linear, testudo_i_terms *terms, double least, double most);
void testudo_i_linear_column(testudo_i_linear *linear, testudo_i_terms *terms, double most, double cost);

/* The basis to begin with has this column in it, and this row at its lower limit. */
void testudo_i_linear_begin_at(testudo_i_linear *linear, int column, int row);

int testudo_i_linear_rows(const testudo_i_linear *linear);
int testudo_i_linear_columns(const testudo_i_linear *linear);

/* ---- solving it ---- */

/* The simplex method from the basis that is there, `steps` at most; does it end at an optimum? */
bool testudo_i_linear_solve(testudo_i_linear *linear, int steps);

/* The same by the dual method, for so long: *late says that time ran out, and it goes on where it was when called
   again. Otherwise *code is GLPK's where there is no optimum. */
bool testudo_i_linear_solve_dual(testudo_i_linear *linear, int milliseconds, bool *late, int *code);

/* Of the last solution. */
double testudo_i_linear_objective(const testudo_i_linear *linear);
double testudo_i_linear_value(const testudo_i_linear *linear, int column);
double testudo_i_linear_price(const testudo_i_linear *linear, int row);

/* Branch and bound. nodes: the most that may be explored, 0: any number. A solution that was found before the end is
   FOUND, though *cut says that it ended early: at the nodes, or because `watch` asked to stop (*stopped). */
testudo_i_branch_answer testudo_i_linear_branch(testudo_i_linear *linear, const testudo_monitor *watch, int64_t nodes,
                                                bool *cut, bool *stopped);

/* Is this binary column 1 in the solution that it found? */
bool testudo_i_linear_chosen(const testudo_i_linear *linear, int column);

#endif
