/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programmes put together row by row and solved by GLPK, each call within a guard that catches its end. */
#include "optimize/linear.h"

#include <math.h>
#include <setjmp.h>

#include <glpk.h>

#include "base/error.h"

/* ---- the guard ---- */

static void leap(void *place)
{
  longjmp(*(jmp_buf *)place, 1);
}

/* What GLPK would print. */
static int swallow(void *info, const char *text)
{
  (void)info;
  (void)text;
  return 1;
}

/* Runs a statement of GLPK's on a live programme. Nothing that it changes is read after a leap but `dead`. */
#define GUARDED(linear, statement)   \
  do {                               \
    jmp_buf place;                   \
    if ((linear)->dead)              \
      break;                         \
    if (setjmp(place) == 0) {        \
      glp_error_hook(leap, &place);  \
      statement;                     \
      glp_error_hook(NULL, NULL);    \
    } else                           \
      (linear)->dead = true;         \
  } while (0)

void testudo_i_linear_start(testudo_i_linear *linear, bool maximise)
{
  /* 2 and 3: there is no memory for its pool, or it does not run on this machine. */
  *linear = (testudo_i_linear){.dead = glp_init_env() > 1};
  GUARDED(linear, glp_term_out(GLP_OFF); glp_term_hook(swallow, NULL); linear->problem = glp_create_prob();
          glp_set_obj_dir(linear->problem, maximise ? GLP_MAX : GLP_MIN));
}

void testudo_i_linear_drop(testudo_i_linear *linear)
{
  if (linear->dead)
    glp_free_env();
  else if (linear->problem != NULL)
    glp_delete_prob(linear->problem);
  *linear = (testudo_i_linear){0};
}

testudo_status testudo_i_linear_check(const testudo_i_linear *linear, testudo_error *error)
{
  return linear->dead ? testudo_i_fail_memory(error) : TESTUDO_OK;
}

/* ---- putting it together ---- */

void testudo_i_terms_make(testudo_i_terms *terms, testudo_i_arena *arena, size_t most)
{
  *terms = (testudo_i_terms){.at = testudo_i_arena_alloc(arena, most + 1, sizeof *terms->at),
                             .factor = testudo_i_arena_alloc(arena, most + 1, sizeof *terms->factor)};
}

static int kind_of(double least, double most)
{
  if (least == most)
    return GLP_FX;
  if (most == HUGE_VAL)
    return least == -HUGE_VAL ? GLP_FR : GLP_LO;
  return least == -HUGE_VAL ? GLP_UP : GLP_DB;
}

int testudo_i_linear_add_rows(testudo_i_linear *linear, int count)
{
  int first = testudo_i_linear_rows(linear) + 1;
  GUARDED(linear, glp_add_rows(linear->problem, count));
  return first;
}

int testudo_i_linear_add_columns(testudo_i_linear *linear, int count)
{
  int first = testudo_i_linear_columns(linear) + 1;
  GUARDED(linear, glp_add_cols(linear->problem, count));
  return first;
}

void testudo_i_linear_limit_row(testudo_i_linear *linear, int row, double least, double most)
{
  GUARDED(linear, glp_set_row_bnds(linear->problem, row, kind_of(least, most), least, most));
}

void testudo_i_linear_limit_column(testudo_i_linear *linear, int column, double least, double most)
{
  GUARDED(linear, glp_set_col_bnds(linear->problem, column, kind_of(least, most), least, most));
}

void testudo_i_linear_cost(testudo_i_linear *linear, int column, double cost)
{
  GUARDED(linear, glp_set_obj_coef(linear->problem, column, cost));
}

void testudo_i_linear_binary(testudo_i_linear *linear, int column)
{
  GUARDED(linear, glp_set_col_kind(linear->problem, column, GLP_BV));
}

void testudo_i_linear_set_row(testudo_i_linear *linear, int row, testudo_i_terms *terms)
{
  GUARDED(linear, glp_set_mat_row(linear->problem, row, terms->count, terms->at, terms->factor));
  terms->count = 0;
}

void testudo_i_linear_row(testudo_i_linear *linear, testudo_i_terms *terms, double least, double most)
{
  int row = testudo_i_linear_add_rows(linear, 1);
  testudo_i_linear_limit_row(linear, row, least, most);
  testudo_i_linear_set_row(linear, row, terms);
}

void testudo_i_linear_column(testudo_i_linear *linear, testudo_i_terms *terms, double most, double cost)
{
  int column = testudo_i_linear_add_columns(linear, 1);
  testudo_i_linear_limit_column(linear, column, 0.0, most);
  testudo_i_linear_cost(linear, column, cost);
  GUARDED(linear, glp_set_mat_col(linear->problem, column, terms->count, terms->at, terms->factor));
  terms->count = 0;
}

void testudo_i_linear_begin_at(testudo_i_linear *linear, int column, int row)
{
  GUARDED(linear, glp_set_col_stat(linear->problem, column, GLP_BS);
          glp_set_row_stat(linear->problem, row, GLP_NL));
}

/* ---- what needs no memory ---- */

int testudo_i_linear_rows(const testudo_i_linear *linear)
{
  return linear->dead ? 0 : glp_get_num_rows(linear->problem);
}

int testudo_i_linear_columns(const testudo_i_linear *linear)
{
  return linear->dead ? 0 : glp_get_num_cols(linear->problem);
}

double testudo_i_linear_objective(const testudo_i_linear *linear)
{
  return linear->dead ? 0.0 : glp_get_obj_val(linear->problem);
}

double testudo_i_linear_value(const testudo_i_linear *linear, int column)
{
  return linear->dead ? 0.0 : glp_get_col_prim(linear->problem, column);
}

double testudo_i_linear_price(const testudo_i_linear *linear, int row)
{
  return linear->dead ? 0.0 : glp_get_row_dual(linear->problem, row);
}

bool testudo_i_linear_chosen(const testudo_i_linear *linear, int column)
{
  return !linear->dead && glp_mip_col_val(linear->problem, column) > 0.5;
}

/* ---- solving it ---- */

static bool run_simplex(testudo_i_linear *linear, const glp_smcp *how, volatile int *code)
{
  GUARDED(linear, *code = glp_simplex(linear->problem, how));
  return !linear->dead && *code == 0 && glp_get_status(linear->problem) == GLP_OPT;
}

bool testudo_i_linear_solve(testudo_i_linear *linear, int steps)
{
  glp_smcp how;
  volatile int code = 0;
  glp_init_smcp(&how);
  how.msg_lev = GLP_MSG_OFF;
  how.it_lim = steps;
  return run_simplex(linear, &how, &code);
}

bool testudo_i_linear_solve_dual(testudo_i_linear *linear, int milliseconds, bool *late, int *code)
{
  glp_smcp how;
  volatile int ended = 0;
  glp_init_smcp(&how);
  how.msg_lev = GLP_MSG_OFF;
  how.meth = GLP_DUALP;
  how.tm_lim = milliseconds;
  bool optimal = run_simplex(linear, &how, &ended);
  *late = ended == GLP_ETMLIM;
  *code = ended;
  return optimal;
}

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

testudo_i_branch_answer testudo_i_linear_branch(testudo_i_linear *linear, const testudo_monitor *watch, int64_t nodes,
                                                bool *cut, bool *stopped)
{
  branching b = {.watch = watch, .nodes = nodes};
  volatile int ended = 0;
  glp_iocp how;
  glp_init_iocp(&how);
  how.msg_lev = GLP_MSG_OFF;
  how.presolve = GLP_ON;
  how.cb_func = at_node;
  how.cb_info = &b;
  GUARDED(linear, ended = glp_intopt(linear->problem, &how));
  *cut = b.cut;
  *stopped = b.stopped;
  if (linear->dead)
    return TESTUDO_I_BRANCH_UNDECIDED;
  int state = glp_mip_status(linear->problem);
  if (ended == GLP_ENOPFS || (ended == 0 && state == GLP_NOFEAS))
    return TESTUDO_I_BRANCH_NONE;
  bool some = (ended == 0 || ended == GLP_ESTOP) && (state == GLP_OPT || state == GLP_FEAS);
  return some ? TESTUDO_I_BRANCH_FOUND : TESTUDO_I_BRANCH_UNDECIDED;
}
