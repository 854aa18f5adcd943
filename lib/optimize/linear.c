/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programmes put together row by row and solved by GLPK. */
#include "optimize/linear.h"

#include <math.h>

#include "base/error.h"

glp_prob *testudo_i_linear_start(void)
{
  glp_term_out(GLP_OFF);
  return glp_create_prob();
}

void testudo_i_linear_drop(glp_prob **problem)
{
  if (*problem != NULL)
    glp_delete_prob(*problem);
}

void testudo_i_terms_make(testudo_i_terms *terms, testudo_i_arena *arena, size_t most)
{
  *terms = (testudo_i_terms){.at = testudo_i_arena_alloc(arena, most + 1, sizeof *terms->at),
                             .factor = testudo_i_arena_alloc(arena, most + 1, sizeof *terms->factor)};
}

static int kind_of(double least, double most)
{
  if (least == most)
    return GLP_FX;
  return most == HUGE_VAL ? GLP_LO : least == -HUGE_VAL ? GLP_UP : GLP_DB;
}

void testudo_i_linear_row(glp_prob *problem, testudo_i_terms *terms, double least, double most)
{
  int row = glp_add_rows(problem, 1);
  glp_set_row_bnds(problem, row, kind_of(least, most), least, most);
  glp_set_mat_row(problem, row, terms->count, terms->at, terms->factor);
  terms->count = 0;
}

void testudo_i_linear_column(glp_prob *problem, testudo_i_terms *terms, double least, double most, double cost)
{
  int column = glp_add_cols(problem, 1);
  glp_set_col_bnds(problem, column, kind_of(least, most), least, most);
  glp_set_obj_coef(problem, column, cost);
  glp_set_mat_col(problem, column, terms->count, terms->at, terms->factor);
  terms->count = 0;
}

bool testudo_i_linear_solve(glp_prob *problem, int steps)
{
  glp_smcp how;
  glp_init_smcp(&how);
  how.msg_lev = GLP_MSG_OFF;
  how.it_lim = steps;
  return glp_simplex(problem, &how) == 0 && glp_get_status(problem) == GLP_OPT;
}

/* ---- branch and bound ---- */

typedef struct branching {
  const testudo_monitor *watch;
  int64_t nodes, explored;
  bool cut, stopped;
} branching;

static void at_node(glp_tree *tree, void *context)
{
  branching *b = context;
  b->explored += glp_ios_reason(tree) == GLP_ISELECT;
  b->stopped = b->stopped || testudo_i_stopped(b->watch, -1.0);
  b->cut = b->stopped || (b->nodes > 0 && b->explored > b->nodes);
  if (b->cut)
    glp_ios_terminate(tree);
}

testudo_i_branch_answer testudo_i_linear_branch(glp_prob *problem, const testudo_monitor *watch, int64_t nodes,
                                                bool *cut, bool *stopped)
{
  branching b = {.watch = watch, .nodes = nodes};
  glp_iocp how;
  glp_init_iocp(&how);
  how.msg_lev = GLP_MSG_OFF;
  how.presolve = GLP_ON;
  how.cb_func = at_node;
  how.cb_info = &b;
  int ended = glp_intopt(problem, &how), state = glp_mip_status(problem);
  *cut = b.cut;
  *stopped = b.stopped;
  if (ended == GLP_ENOPFS || (ended == 0 && state == GLP_NOFEAS))
    return TESTUDO_I_BRANCH_NONE;
  bool some = (ended == 0 || ended == GLP_ESTOP) && (state == GLP_OPT || state == GLP_FEAS);
  return some ? TESTUDO_I_BRANCH_FOUND : TESTUDO_I_BRANCH_UNDECIDED;
}
