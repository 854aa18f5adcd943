/* SPDX-License-Identifier: GPL-3.0-or-later */
/* x[j][i] = 1: worker j holds chunk i. y[j,k][i] >= x[j][i] + x[k][i] - 1, the y of a pair of workers sum to no more
   than the aim; pairs of one domain share nothing anyway. Workers with the same loads, domain and forbidden places are
   interchangeable, so the first chunks of each, read as a binary number, may be asked to fall. */
#include "optimize/placement/branch.h"

#include <glpk.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"

/* Chunks of the binary number. */
enum { ORDERED = 12 };

typedef struct branching {
  testudo_i_arena arena;
  const testudo_placement_limits *limits;
  const unsigned char *forbidden;
  glp_prob *problem;
  int *index;        /* of a row; from 1, as GLPK wants it */
  double *value;
  const testudo_monitor *monitor;
  int nodes;
  bool interrupted, limited;
} branching;

static bool one_domain(const testudo_placement_limits *limits, int32_t j, int32_t k)
{
  return limits->domain != NULL && limits->domain[j] == limits->domain[k];
}

/* Sizes worth a try: variables of pairs of workers and chunks. */
static bool is_small(const testudo_placement_limits *limits)
{
  int64_t pairs = 0;
  if ((int64_t)limits->workers * limits->workers > 2 * (int64_t)TESTUDO_I_LIMIT_BRANCH_SHARES)
    return false;
  for (int32_t j = 0; j < limits->workers; j++)
    for (int32_t k = j + 1; k < limits->workers; k++)
      pairs += !one_domain(limits, j, k);
  return pairs * limits->chunks <= TESTUDO_I_LIMIT_BRANCH_SHARES;
}

static int x_of(const branching *b, int32_t worker, int32_t chunk)
{
  return worker * b->limits->chunks + chunk + 1;
}

static void put_row(branching *b, int count, int kind, double least, double most)
{
  int row = glp_add_rows(b->problem, 1);
  glp_set_row_bnds(b->problem, row, kind, least, most);
  glp_set_mat_row(b->problem, row, count, b->index, b->value);
}

static void put_entry(branching *b, int *count, int column, double value)
{
  b->index[++*count] = column;
  b->value[*count] = value;
}

static void put_places(branching *b)
{
  const testudo_placement_limits *limits = b->limits;
  glp_add_cols(b->problem, limits->workers * limits->chunks);
  for (int32_t j = 0; j < limits->workers; j++)
    for (int32_t i = 0; i < limits->chunks; i++) {
      glp_set_col_kind(b->problem, x_of(b, j, i), GLP_BV);
      if (b->forbidden != NULL && b->forbidden[j * limits->chunks + i] != 0)
        glp_set_col_bnds(b->problem, x_of(b, j, i), GLP_FX, 0.0, 0.0);
    }
  for (int32_t i = 0; i < limits->chunks; i++) {
    int count = 0;
    for (int32_t j = 0; j < limits->workers; j++)
      put_entry(b, &count, x_of(b, j, i), 1.0);
    put_row(b, count, GLP_FX, limits->replication[i], limits->replication[i]);
  }
  for (int32_t j = 0; j < limits->workers; j++) {
    int count = 0;
    for (int32_t i = 0; i < limits->chunks; i++)
      put_entry(b, &count, x_of(b, j, i), 1.0);
    put_row(b, count, limits->least[j] == limits->most[j] ? GLP_FX : GLP_DB, limits->least[j], limits->most[j]);
  }
}

static void put_domains(branching *b)
{
  const testudo_placement_limits *limits = b->limits;
  for (int32_t d = 0; limits->domain != NULL && d < limits->workers; d++)
    for (int32_t i = 0; i < limits->chunks; i++) {
      int count = 0;
      for (int32_t j = 0; j < limits->workers; j++)
        if (limits->domain[j] == d)
          put_entry(b, &count, x_of(b, j, i), 1.0);
      if (count > 1)
        put_row(b, count, GLP_UP, 0.0, 1.0);
    }
}

static void put_overlaps(branching *b, int32_t aim)
{
  const testudo_placement_limits *limits = b->limits;
  for (int32_t j = 0; j < limits->workers; j++)
    for (int32_t k = j + 1; k < limits->workers; k++) {
      if (one_domain(limits, j, k))
        continue;
      int first = glp_add_cols(b->problem, limits->chunks), count = 0;
      for (int32_t i = 0; i < limits->chunks; i++) {
        glp_set_col_bnds(b->problem, first + i, GLP_DB, 0.0, 1.0);
        count = 0;
        put_entry(b, &count, x_of(b, j, i), 1.0);
        put_entry(b, &count, x_of(b, k, i), 1.0);
        put_entry(b, &count, first + i, -1.0);
        put_row(b, count, GLP_UP, 0.0, 1.0);
      }
      count = 0;
      for (int32_t i = 0; i < limits->chunks; i++)
        put_entry(b, &count, first + i, 1.0);
      put_row(b, count, GLP_UP, 0.0, aim);
    }
}

static void put_symmetry(branching *b)
{
  int32_t chunks = b->limits->chunks < ORDERED ? b->limits->chunks : ORDERED;
  for (int32_t k = 1; k < b->limits->workers; k++) {
    int32_t j = k - 1;
    while (j >= 0 && !testudo_i_workers_are_alike(b->limits, b->forbidden, j, k))
      j--;
    int count = 0;
    for (int32_t i = 0; j >= 0 && i < chunks; i++) {
      put_entry(b, &count, x_of(b, j, i), (double)(1 << (chunks - 1 - i)));
      put_entry(b, &count, x_of(b, k, i), -(double)(1 << (chunks - 1 - i)));
    }
    if (count > 0)
      put_row(b, count, GLP_LO, 0.0, 0.0);
  }
}

static void at_node(glp_tree *tree, void *context)
{
  branching *b = context;
  if (glp_ios_reason(tree) != GLP_ISELECT)
    return;
  b->limited = ++b->nodes > TESTUDO_I_LIMIT_BRANCH_NODES;
  b->interrupted = testudo_i_stopped(b->monitor, -1.0);
  if (b->limited || b->interrupted)
    glp_ios_terminate(tree);
}

/* The solver's word is taken for "none", but not for "found": the rules are checked by the caller. */
static testudo_i_branch_answer solve_overlap(branching *b)
{
  glp_iocp control;
  glp_init_iocp(&control);
  control.presolve = GLP_ON;
  control.msg_lev = GLP_MSG_OFF;
  control.cb_func = at_node;
  control.cb_info = b;
  int failed = glp_intopt(b->problem, &control);
  if (failed == GLP_ENOPFS)
    return TESTUDO_I_BRANCH_NONE;
  if (failed != 0 || b->interrupted || b->limited)
    return TESTUDO_I_BRANCH_UNDECIDED;
  int status = glp_mip_status(b->problem);
  return status == GLP_OPT || status == GLP_FEAS ? TESTUDO_I_BRANCH_FOUND
         : status == GLP_NOFEAS                 ? TESTUDO_I_BRANCH_NONE
                                                : TESTUDO_I_BRANCH_UNDECIDED;
}

static void take_solution(const branching *b, testudo_assignment *placement)
{
  int64_t entries = 0, room = 0;
  for (int32_t i = 0; i < b->limits->chunks; i++)
    room += b->limits->replication[i];
  for (int32_t j = 0; j < b->limits->workers; j++) {
    for (int32_t i = 0; i < b->limits->chunks; i++)
      if (glp_mip_col_val(b->problem, x_of(b, j, i)) > 0.5 && entries < room)
        placement->chunk[entries++] = i;
    placement->row[j + 1] = entries;
  }
}

testudo_status testudo_i_branch_overlap(const testudo_i_overlap_question *question, testudo_i_branch_answer *answer,
                                        testudo_error *error)
{
  const testudo_placement_limits *limits = question->limits;
  branching b = {.limits = limits, .forbidden = question->forbidden, .monitor = question->monitor};
  *answer = TESTUDO_I_BRANCH_UNDECIDED;
  if (!is_small(limits))
    return TESTUDO_OK;
  size_t longest = (size_t)limits->workers + 2 * (size_t)limits->chunks + 2 * ORDERED + 4;
  b.index = testudo_i_arena_alloc(&b.arena, longest, sizeof *b.index);
  b.value = testudo_i_arena_alloc(&b.arena, longest, sizeof *b.value);
  testudo_status status = testudo_i_arena_check(&b.arena, error);
  if (status == TESTUDO_OK) {
    glp_term_out(GLP_OFF);
    b.problem = glp_create_prob();
    put_places(&b);
    put_domains(&b);
    put_overlaps(&b, question->aim);
    put_symmetry(&b);
    *answer = solve_overlap(&b);
    if (b.interrupted)
      status = testudo_i_fail(error, TESTUDO_INTERRUPTED, "interrupted");
    else if (*answer == TESTUDO_I_BRANCH_FOUND)
      take_solution(&b, question->placement);
    glp_delete_prob(b.problem);
    glp_free_env();
  }
  testudo_i_arena_clear(&b.arena);
  return status;
}
